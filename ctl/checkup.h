/* SPDX-License-Identifier: MIT */
/*
 * checkup - what is well and what is not, a line each, with the way out of each problem.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/base/util.h"

enum checkup_level { CHECKUP_OK, CHECKUP_WARNING, CHECKUP_PROBLEM };

struct checkup {
	bool colour;
	size_t warnings, problems;
};

void checkup_init(struct checkup *c); /* for stdout */

/* A heading; foreign text is made harmless, here and below. */
void checkup_about(const char *name, const char *where);
void checkup_say(struct checkup *c, enum checkup_level level, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* One entry of GET /v1/endpoints?check=... */
void checkup_endpoint(struct checkup *c, const json_t *endpoint);
