/* SPDX-License-Identifier: MIT */
/*
 * change_points - where the level of a series changes, and by how much.
 *
 * First the E-divisive means of Matteson and James (JASA 109, 2014; arXiv:1306.4933) with windows,
 * a t-test and a merge as Apache Otava does them (Fleming et al., "Hunter", ICPE 2023). Then gates,
 * which are more of the merge's rounds: while a change point fails one, the worst of that gate goes
 * and its neighbours are looked at again. A gate that is 0 or false is not asked.
 *
 * Points are those that are there, in the order of time; gaps between them are not seen. Nothing is
 * drawn at random.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/util.h"

struct change_points_options {
	size_t window;        /* points looked at at once, 2 or more */
	double max_p;         /* of the t-test: below it is a change */
	double min_magnitude; /* max(|m2 / m1 - 1|, |m1 / m2 - 1|) of the means must be above it */
	bool gated;           /* else none of the following is asked */
	size_t min_segment;   /* points on either side */
	double min_cles;      /* of CLES and 1 - CLES the larger, between the two sides */
	double min_effect;    /* of |effect|; .02: 2 % */
	bool autocorrelation; /* the t-test again, with sizes that allow for it */
};

/* Apache Otava's own answer: p and sides may be those of before its last neighbour went. */
#define CHANGE_POINTS_OTAVA ((struct change_points_options){.window = 50, .max_p = .001})
/* Ours. */
#define CHANGE_POINTS_GATED                                \
	((struct change_points_options){.window = 50,      \
	                                .max_p = .001,     \
	                                .gated = true,     \
	                                .min_segment = 3,  \
	                                .min_cles = .9,    \
	                                .min_effect = .02, \
	                                .autocorrelation = true})

/* From the change point before, or the start, to the next one, or the end. */
struct change_side {
	size_t n;
	double mean, median;
	double sd; /* divided by n, not n - 1 */
};

/* Medians, cles, shift and effect are NAN where no gates are asked. */
struct change_point {
	size_t index;            /* of the first point of the new level, from 1 */
	double qhat;             /* energy distance at its detection, in the unit of the series */
	double p;                /* two-sided, of the t-test between both sides */
	double p_autocorrelated; /* the same with effective sizes; p where they are not asked for */
	struct change_side before, after;
	double cles;   /* share of pairs in which the later one is larger, ties half */
	double shift;  /* Hodges and Lehmann's, of the differences, in the unit of the series */
	double effect; /* shift / |median before|; of a median of 0: inf with its sign, or 0 */
};

struct change_points {
	struct change_point *at; /* by index; owned, NULL where there is none */
	size_t n;
	double autocorrelation; /* what p_autocorrelated allows for; 0: none to speak of */
};

/* Of n >= 0 finite numbers. -ENOMEM. */
int change_points_find(struct change_points *ret, const double *x, size_t n,
                       const struct change_points_options *options) MUST_USE;
void change_points_done(struct change_points *c);
