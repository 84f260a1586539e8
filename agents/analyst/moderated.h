/* SPDX-License-Identifier: MIT */
/*
 * moderated - what a few values of one series cannot tell of its noise, many series together can.
 *
 * The variances of a family of series are taken as drawn about a common s0^2 with the weight of d0
 * degrees of freedom; each series' own variance is shrunk towards it (Smyth, Statistical
 * Applications in Genetics and Molecular Biology 3(1), 2004, article 3, doi 10.2202/1544-6115.1027,
 * section 6.2 for the moment estimate). A family is series of like noise: one suite, one machine,
 * one kind of metric, logarithms or relative deviations, not bare values of several units.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/util.h"

#define MODERATED_LEAST 3 /* series; of fewer there is no prior */

struct moderated_prior {
	double variance; /* s0^2; NAN where d0 is 0 */
	double df;       /* d0; 0: too few series to tell, inf: all have the same noise */
	size_t used;     /* series that it was estimated from */
	size_t outlying; /* series set aside: their variance is 0, or far from all others */
	double pooled;   /* degrees of freedom of those used; no test has more (as in limma) */
	double mean_log, excess, excess_error; /* what d0 was estimated from */
};

/*
 * Of n >= 0 residual variances, finite and not negative, with their degrees of freedom, each > 0.
 * Robust: series whose log variance lies more than 6 times as far above the median as the upper
 * quartile does, or 10 times as far below it as the lower one (a log variance has its long tail
 * there), are set aside before the moments are taken. Of many that are alike these are 1 in 1000.
 * -ENOMEM.
 */
int moderated_prior_of(struct moderated_prior *ret, const double *variance, const double *df,
                       size_t n) MUST_USE;

/*
 * Takes the true variances for more unlike than estimated, by so many standard errors of that
 * estimate; d0 becomes smaller. Of few series, or few degrees of freedom each, chance alone often
 * makes d0 inf, and then the noisier ones raise false alarms. Where nothing deviates, p < .001 came
 * out at most at .007 with 1 degree of freedom each and .0043 with 3; with a doubt of 1 at .003 and
 * .0024, of 2 at .0015 and .0019 (simulated: 20 to 200 series, true d0 of 4, 10 and inf).
 */
void moderated_prior_doubt(struct moderated_prior *p, double errors);

/* (d0 s0^2 + d s^2) / (d0 + d); d may be 0, for a series without a variance of its own. */
double moderated_variance(const struct moderated_prior *p, double variance, double df);

struct moderated_test {
	double variance; /* moderated */
	double df;       /* d0 + d, no more than pooled or d */
	double t, p;     /* two-sided */
};

/*
 * Of a deviation whose variance is `factor` times that of one value: 1 + 1 / n where it is that of
 * a new value from the mean of n. Without any degrees of freedom t is NAN and p is 1.
 */
struct moderated_test moderated_test(const struct moderated_prior *p, double deviation,
                                     double factor, double variance, double df);

/* --- what all series have in common -------------------------------------------------- */

#define COMMON_SHIFT_LEAST 8    /* series; of fewer none is called common */
#define COMMON_SHIFT_P     .001 /* below it is one */

struct common_shift {
	size_t n;
	double shift;  /* the median */
	double spread; /* 1.4826 MAD n / (n - .8): a standard deviation of one series about it */
	double error;  /* standard error of the median, 1.2533 spread / sqrt(n) */
	double p;      /* two-sided, by Student's t; as a MAD is unsure, of (n - 1) / 2 df */
	bool beyond;   /* beyond its own error: enough series, p below COMMON_SHIFT_P */
};

/* Of tonight's deviations of n >= 1 series from their levels. -ENOMEM. */
int common_shift_of(struct common_shift *ret, const double *r, size_t n) MUST_USE;

/*
 * Of logarithms, where too few runs tell how much a machine scatters: what is large and clear lies
 * beyond it, relative.
 */
double common_shift_limit(const struct common_shift *c, double min_effect);
