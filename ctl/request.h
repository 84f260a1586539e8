/* SPDX-License-Identifier: MIT */
/*
 * request - the body of POST /v1/jobs, out of what a command line says.
 */
#pragma once

#include <jansson.h>

#include "ctl/options.h"
#include "lib/base/digest.h"

struct request {
	const char *pipeline, *subject, *machine, *model, *endpoint; /* NULL: not said */
	bool fresh;
	struct option_texts parameters; /* "key=value" */
	const char *const *paths;       /* resolved here, unless: */
	bool paths_as_given;            /* absolute, and only the daemon need see them */
	size_t n_paths;
};

/* -ENOENT, -EACCES ...: a path that cannot be resolved; -EINVAL: a parameter without "=". */
int request_json(json_t **ret, const struct request *q, struct error *err) MUST_USE;
/* Of the body and what more tells requests apart. -ENOMEM. */
int request_digest(char ret[static DIGEST_TEXT_BYTES], const json_t *body,
                   const char *more) MUST_USE;
