/* SPDX-License-Identifier: MIT */
/*
 * check_yaml - one file: which kind it is of, what is wrong with it, what it says in effect.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "daemon/config.h"
#include "lib/evidence/pipeline.h"

/* What pipelines and scheduled reviews may name, as far as it is known from here. */
struct check_known {
	struct config *config; /* the defaults where it cannot be read */
	const char **endpoints;
	struct pipeline_known known;
	const char *pipelines; /* a directory; NULL: not known */
	char no_personas[1024], no_endpoints[1024], no_pipelines[1024]; /* why not; "" */
};

/* From the configuration named, else the usual one, which may be absent or closed to us. */
int check_known_load(struct check_known *ret, const char *named, struct error *err) MUST_USE;
void check_known_done(struct check_known *k);

/* By its name: no artifact is called so. */
bool check_is_yaml(const char *path);

/*
 * {path, kind, good, message (null), notes [text], values [{key, value, line, column}] (with
 * `values`, where it is good; line and column null: the default)}. kind is configuration, pipeline,
 * persona or "scheduled review", null where the file cannot be read; notes say what of a good one
 * was not looked at.
 */
json_t *check_yaml(const char *path, bool values, const struct check_known *known);

/* For a person: what is good on standard output, what is wrong on standard error. */
void check_yaml_print(const json_t *file);
