/* SPDX-License-Identifier: MIT */
/* tune - what the command tune has beside a review: whose matrix it is, and the ranking. */
#pragma once

#include <stdio.h>

#include "ctl/client.h"

#define TUNE_KEY_BYTES 64

/* -EINVAL: the pipeline has no matrix. One that the daemon does not know is not judged here. */
int tune_check_pipeline(struct client *c, const char *pipeline, struct error *err) MUST_USE;

/* How the keys begin of jobs that measure this: `what` beside the body tells where, or is "". */
int tune_key_prefix(char ret[static TUNE_KEY_BYTES], const json_t *body, const char *what,
                    struct error *err) MUST_USE;
/* The key of a new one. */
void tune_key(char ret[static TUNE_KEY_BYTES], const char *prefix);
/* The job with such a key that has not ended, for the caller to free; NULL: there is none. */
int tune_find(char **ret, struct client *c, const char *prefix, struct error *err) MUST_USE;

/* Nothing where the review had no matrix. */
void tune_print(FILE *out, const json_t *report);
/* Why report.json has no ranking; NULL: it has one. */
const char *tune_why_not(const json_t *report);
