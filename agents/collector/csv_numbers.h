/* SPDX-License-Identifier: MIT */
/*
 * csv_numbers - the numbers of a MEASURED column while it grows, kept as lib/evidence/table.h says:
 * scaled to whole numbers while that can be, then as doubles.
 *
 * Whether it can be, and by which power of ten, depends on the numbers alone, not on their order.
 */
#pragma once

#include "lib/base/util.h"
#include "lib/evidence/table.h"

struct csv_numbers {
	int32_t *scaled; /* by 10^decimals; SCALED_NONE: no number */
	double *doubles; /* where this is not NULL, they are here; NAN: no number */
	unsigned decimals;
};

/*
 * Puts one behind n others, NAN for a cell that is no number. False: it does not suit the others,
 * and all must become doubles first.
 */
bool csv_numbers_put(struct csv_numbers *x, size_t n, double number) MUST_USE;
/* Moves n numbers to their room as doubles. */
void csv_numbers_widen(struct csv_numbers *x, size_t n, double *room);

static inline double csv_numbers_at(const struct csv_numbers *x, size_t i)
{
	return x->doubles ? x->doubles[i] : scaled_number(x->scaled[i], x->decimals);
}

/* Both are kept in the same way. */
static inline bool csv_numbers_alike(const struct csv_numbers *a, const struct csv_numbers *b)
{
	return a->doubles ? b->doubles != NULL : !b->doubles && a->decimals == b->decimals;
}
