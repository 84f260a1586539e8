/* SPDX-License-Identifier: MIT */
/* profile - what stands in one column of a view, as roles.c needs to know it. */
#pragma once

#include "agents/analyst/work.h"

#define PROFILE_ROWS     65536 /* of larger views, the first rows stand for all */
#define PROFILE_DISTINCT 1024  /* counted no further */
#define GRID_DISTINCT    64    /* a parameter of a sweep takes no more values */

struct profile {
	size_t rows; /* looked at: all but those that the reader passes over */
	size_t numbers, texts, bools, lists, empty;
	size_t distinct;          /* of non-empty cells, by text */
	size_t least, most;       /* how often the rarest and the commonest value stand */
	size_t chars, longest;    /* of texts */
	size_t quantities, times; /* texts such as "< 12.5 ms", and RFC 3339 times */
	size_t unclear;           /* texts such as "1,234" */
	struct unit_tally units;  /* of the numbers */
	bool integers, epochs,
		json;    /* all numbers are; all numbers could be; a text begins with { */
	bool star;       /* a member called "*" is in its pointer */
	uint32_t *codes; /* per row looked at, 0: empty; NULL unless 2..GRID_DISTINCT */
};

void profile_of(struct work *w, struct profile *ret, const struct view *v, size_t column);

/* Two columns that take all pairs of their values, each about equally often. */
bool profiles_cross(const struct profile *a, const struct profile *b, bool exactly);
