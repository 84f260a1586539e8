/* SPDX-License-Identifier: MIT */
/* suite_impl - what suite.c (all series) and suite_level.c (one of them) share. */
#pragma once

#include "agents/analyst/moderated.h"
#include "agents/analyst/suite.h"

/* What many series tell of the noise of each. */
struct suite_noise {
	struct moderated_prior prior;
	double tail; /* >= 1: by how much its extremes are farther out than those of a normal one */
	double autocorrelation; /* from run to run, of all together; >= 0 */
};

/* One series as it is judged. */
struct level_input {
	const double *y; /* logarithms, the common shift taken out; or relative to its median */
	size_t n;
	bool logarithms;
	int better;
	double min_effect;
	double alpha;                    /* of a change of level, after the number of series */
	const struct suite_noise *noise; /* NULL: its siblings tell nothing */
};

/* A stretch of one level: [first, end). */
struct level {
	size_t first, end;
	double center, p; /* p: of the change that it began with; NAN for the first one */
};

#define LEVELS_MAX 24 /* the latest ones; two years of nights have a dozen */

struct levels {
	struct level at[LEVELS_MAX];
	size_t n;
	double autocorrelation; /* of the series alone */
	struct level
		latest; /* the likeliest step of the latest runs, unless it holds; end 0: none */
};

/* Variance within its levels and the degrees of freedom of that. */
struct noise {
	double variance, df;
};

/* Deviations of the runs before `end` from their own levels; returns how many. */
size_t levels_residuals(const struct levels *l, const struct level_input *in, size_t end,
                        double *ret);
/* What lies between changes that one series alone would tell of. -ENOMEM. */
int levels_find(struct levels *ret, const struct level_input *in) MUST_USE;
/* Leaves those that hold against the number of series, given the noise; scratch holds 2 n numbers.
 */
void levels_hold(struct levels *l, const struct level_input *in, double *scratch);
/* Of the runs before `end`; scratch holds 2 n numbers. */
struct noise levels_noise(const struct levels *l, const struct level_input *in, size_t end,
                          double *scratch);
/* -ENOMEM. */
int level_judge(struct suite_verdict *ret, const struct level_input *in,
                const struct levels *l) MUST_USE;
