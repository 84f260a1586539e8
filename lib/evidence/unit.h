/* SPDX-License-Identifier: MIT */
/*
 * unit - units of measurement, by the spellings in which tools write them.
 *
 * Only units whose size nobody disputes turn into one another: KB and MB do not, because a KB is
 * 1,000 bytes to some tools and 1,024 to others.
 */
#pragma once

#include "lib/base/str.h"
#include "lib/evidence/table.h"

/* How many thousands may stand before what is counted: none, k, M, G, T. */
#define UNIT_SCALES 5

struct unit {
	const char *spelling; /* "msec", letter by letter */
	const char *name;     /* "ms": one for all spellings */
	const char *base;     /* "s": the name of what it turns into; equal bases, one dimension */
	double factor;        /* one of it in that base: 0.001 */
	bool counts;          /* so many things a second: "4.2k tok/s" is usual */
	struct cell_unit as[UNIT_SCALES]; /* of a cell: the spelling, and the factor of the scale */
};

/* NULL: no unit that is known. */
const struct unit *unit_find(struct str spelling);
/* All of them, from 0; NULL: behind the last. */
const struct unit *unit_at(size_t i);
