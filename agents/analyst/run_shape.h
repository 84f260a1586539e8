/* SPDX-License-Identifier: MIT */
/*
 * run_shape - what the repetitions of one run look like, in the order in which they were measured:
 * a first one that was cold, two modes, some that lie far off.
 *
 * Positive numbers are looked at as logarithms, in which the noise of times is nearly symmetric. A
 * rule of thumb (three scaled deviations) calls one run of five in fourteen cold that is not: each
 * p value here is exact for normal numbers, and the caller adjusts it for how many runs he looks
 * at.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/util.h"
#include "lib/evidence/fact.h"

#define RUN_SHAPE_LEAST 5    /* repetitions */
#define RUN_SHAPE_MOST  2000 /* more are samples of requests, which their percentiles describe */
#define RUN_SHAPE_MADS  3 /* scaled deviations of the others beyond which the first may be cold */

#define RUN_SHAPE_GAP 3 /* of two modes: the widest gap over the next */

struct run_shape {
	size_t n;
	/* The first against the others: Student's t of one value (Grubbs), worse only. */
	double cold_mads; /* how far it lies from their median, in scaled deviations */
	double cold_p;    /* one-sided; 1: it is not the worst of all */
	/* Of two modes, each of a fifth at least: the gap over the next largest; 0: one mode. */
	double gap;
	/* Rosner's (1983) generalised extreme Studentised deviates. */
	size_t n_outliers;
	double outlier_p; /* of the last of them */
	double shift;     /* what those, or the cold first one, do to the mean: share of it */
};

/*
 * Of n finite numbers, RUN_SHAPE_LEAST <= n <= RUN_SHAPE_MOST. alpha: beyond which p an outlier is
 * none. better: which way a cold start is worse; BETTER_NONE: there is none. -ENOMEM.
 */
int run_shape_of(struct run_shape *ret, const double *x, size_t n, enum better better,
                 double alpha) MUST_USE;
