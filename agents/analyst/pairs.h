/* SPDX-License-Identifier: MIT */
/*
 * pairs - each number of one sample against each of another, without a list of all the pairs.
 *
 * The median over them is Hodges and Lehmann's estimate of how far the second lies from the first.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct pairs {
	const double *x, *y; /* sorted; borrowed */
	size_t n1, n2;       /* >= 1 */
	bool ratio;          /* y / x, of positive numbers; else y - x */
};

/* The k-th smallest, from 1. */
double pairs_at(const struct pairs *p, double k);

/* Their median; of an even number of ratios the geometric mean of the middle two. */
double pairs_middle(const struct pairs *p);

/* Share of the pairs in which y is larger, ties half. */
double pairs_cles(const double *x, size_t n1, const double *y, size_t n2);
