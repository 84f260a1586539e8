/* SPDX-License-Identifier: MIT */
/*
 * edivisive - candidates for changes of level, as Apache Otava finds them, to the last bit.
 *
 * Energy distances of Matteson and James (arXiv:1306.4933) in windows of a series; a candidate
 * stays if a t-test between both sides does not speak against it. Sums run in Otava's order: where
 * two candidates are equally far, rounding decides as it does there.
 */
#pragma once

#include <stddef.h>

#include "lib/base/util.h"

/* What the t-test sees of one side. */
struct level {
	double n;        /* effective sizes need not be whole */
	double mean, sd; /* sd divided by n, not n - 1 */
};

/* Of n >= 1 numbers; equal ones have exactly their own mean and no deviation. */
struct level level_of(const double *x, size_t n);

/*
 * Student's t-test with a pooled variance, two-sided. As in Otava, deviations that were divided by
 * n are taken for such divided by n - 1. 1 where fewer than 3 points, or equal constants, say
 * nothing.
 */
double level_p(const struct level *a, const struct level *b);

/*
 * qhat[i] becomes > 0 where x[i] is the first point of a new level, else 0. Windows of `window`
 * >= 2 points; max_p is the threshold of this first pass. -ENOMEM.
 */
int edivisive_find(double *qhat, const double *x, size_t n, size_t window, double max_p) MUST_USE;
