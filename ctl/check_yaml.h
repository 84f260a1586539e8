/* SPDX-License-Identifier: MIT */
/*
 * check_yaml - one file: which kind it is of, what is wrong with it, what it says in effect.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

/* By its name: no artifact is called so. */
bool check_is_yaml(const char *path);

/*
 * {path, kind, good, message (null), values [{key, value, line, column}] (with `values`, where it
 * is good; line and column null: the default)}. kind is configuration, pipeline, persona or
 * "scheduled review", null where the file cannot be read.
 */
json_t *check_yaml(const char *path, bool values);

/* For a person: what is good on standard output, what is wrong on standard error. */
void check_yaml_print(const json_t *file);
