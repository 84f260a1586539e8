/* SPDX-License-Identifier: MIT */
/*
 * summary - a report.json in a dozen lines.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

/* `folder` is where the report's files are. */
void summary_print(FILE *to, const json_t *report, const char *folder);

/* By its id; NULL: none. */
const json_t *summary_fact(const json_t *report, const char *id);

/* The sentence of a finding, with its figures put in. Borrowed by nobody: caller frees. */
char *summary_sentence(const json_t *report, const json_t *text);
