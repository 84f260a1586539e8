/* SPDX-License-Identifier: MIT */
/*
 * drift - does a series go one way, slowly, without a step?
 *
 * Whether: Mann (1945) and Kendall's test on the order of all pairs, its variance corrected for
 * ties (Kendall, Rank Correlation Methods, 4th ed.) and inflated for autocorrelation of the
 * residuals by (1 + r) / (1 - r). How much: the slope of Theil (1950) and Sen (1968), the median
 * over all pairs. Time is the position in the series.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/util.h"

#define DRIFT_LEAST 10   /* points; fewer are never called a drift */
#define DRIFT_P     .001 /* below it is a drift */

struct drift {
	size_t n;
	double median;
	double slope;           /* unit of the series per point */
	double change;          /* slope over the whole length, unit of the series */
	double s;               /* pairs that rise less those that fall */
	double variance;        /* of s where nothing drifts, ties allowed for */
	double autocorrelation; /* of the residuals about the line; 0: none to speak of */
	double z, p;            /* two-sided, with the inflated variance; z has the sign of s */
};

/* Of n >= 2 finite numbers, in order of time. Takes 4 n^2 bytes and n^2 time. -ENOMEM. */
int drift_of(struct drift *ret, const double *x, size_t n) MUST_USE;

/* Long enough, beyond chance, and |change| of min_effect of the median or more (.02: 2 %). */
bool drift_is_real(const struct drift *d, double min_effect);
