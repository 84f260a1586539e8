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
	bool colour, quiet;
	size_t warnings, problems;
	const char *name, *where; /* of what the next sentences are; borrowed */
	json_t *checks;           /* all that was said */
};

/* For stdout; quiet: nothing is printed, it is only kept. */
void checkup_init(struct checkup *c, bool quiet);
void checkup_done(struct checkup *c);

/* A heading; both texts stay the caller's, where may be NULL. Foreign text is made harmless. */
void checkup_about(struct checkup *c, const char *name, const char *where);
void checkup_say(struct checkup *c, enum checkup_level level, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
/* The command that mends what was said last. */
void checkup_mend(struct checkup *c, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* GET /v1/endpoints?check=... */
void checkup_endpoints(struct checkup *c, const json_t *list);
