/* SPDX-License-Identifier: MIT */
#include "agents/analyst/moderated.h"

#include <errno.h>
#include <math.h>

#include "agents/analyst/polygamma.h"
#include "agents/analyst/statistics.h"

#define NORMAL       1.4826 /* turns a median absolute deviation into a standard deviation */
#define MEDIAN_ERROR 1.2533 /* sqrt(pi / 2): of the median, in standard errors of the mean */
#define FEW          .8 /* a MAD of few is too small by n / (n - .8): Croux and Rousseeuw 1992 */
#define MAD_DF       .5 /* of n - 1; by simulation: p < .001 comes out at .0007 to .0013, n >= 8 */

/* --- the prior ------------------------------------------------------------------------ */

/* Of log variances of series that are alike, 1 in 10,000 normal ones lies beyond 6 upwards. */
#define FENCE_ABOVE 6  /* quartile distances */
#define FENCE_BELOW 10 /* of few degrees of freedom the logarithm has a long tail here */
#define FENCE_LEAST 8  /* series; the quartiles of fewer say nothing */

struct logs {
	double *e; /* the logarithm of each variance less what its degrees of freedom take off */
	double *noise; /* what variance e has of them */
	double *df;
	size_t n;
};

static void take_logs(struct logs *ret, const double *variance, const double *df, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!(variance[i] > 0))
			continue;
		ret->df[ret->n] = df[i];
		ret->e[ret->n] = log(variance[i]) - digamma(df[i] / 2) + log(df[i] / 2);
		ret->noise[ret->n++] = trigamma(df[i] / 2);
	}
}

static void set_aside(struct logs *l, double *sorted)
{
	double middle, above, below;
	size_t n = 0;

	memcpy(sorted, l->e, l->n * sizeof *sorted);
	numbers_sort(sorted, l->n);
	middle = quantile(sorted, l->n, .5);
	above = middle + FENCE_ABOVE * (quantile(sorted, l->n, .75) - middle);
	below = middle - FENCE_BELOW * (middle - quantile(sorted, l->n, .25));
	for (size_t i = 0; i < l->n; i++) {
		if (l->e[i] > above || l->e[i] < below)
			continue;
		l->e[n] = l->e[i];
		l->df[n] = l->df[i];
		l->noise[n++] = l->noise[i];
	}
	l->n = n;
}

/* Smyth 2004, section 6.2: what the true variances differ by is what their logarithms do. */
static void match_moments(struct moderated_prior *p, double excess)
{
	p->df = HUGE_VAL;
	p->variance = exp(p->mean_log);
	if (excess > 0) {
		p->df = 2 * trigamma_inverse(excess);
		p->variance = exp(p->mean_log + digamma(p->df / 2) - log(p->df / 2));
	}
}

/* The error of the excess is that of a sample variance: by the fourth moment, as few df have it. */
static void take_moments(struct moderated_prior *p, const struct logs *l)
{
	double sd = stdev_of(l->e, l->n), n = (double)l->n, fourth = 0;

	p->mean_log = mean_of(l->e, l->n);
	for (size_t i = 0; i < l->n; i++)
		fourth += pow(l->e[i] - p->mean_log, 4) / n;
	p->excess = sd * sd - mean_of(l->noise, l->n);
	p->excess_error = sqrt(fmax(fourth - pow(sd, 4) * (n - 3) / (n - 1), 0) / n);
	match_moments(p, p->excess);
}

void moderated_prior_doubt(struct moderated_prior *p, double errors)
{
	if (p->df > 0)
		match_moments(p, p->excess + errors * p->excess_error);
}

int moderated_prior_of(struct moderated_prior *ret, const double *variance, const double *df,
                       size_t n)
{
	CLEANUP(freep) double *numbers = calloc(n + 1, 4 * sizeof *numbers);
	struct logs l = {.e = numbers, .noise = numbers + n, .df = numbers + 2 * n};
	struct moderated_prior p = {.variance = NO_NUMBER};

	if (!numbers)
		return -ENOMEM;
	take_logs(&l, variance, df, n);
	if (l.n >= FENCE_LEAST)
		set_aside(&l, numbers + 3 * n);
	p.used = l.n;
	p.outlying = n - l.n;
	for (size_t i = 0; i < l.n; i++)
		p.pooled += l.df[i];
	if (l.n >= MODERATED_LEAST)
		take_moments(&p, &l);
	*ret = p;
	return 0;
}

/* --- the test ------------------------------------------------------------------------- */

double moderated_variance(const struct moderated_prior *p, double variance, double df)
{
	if (!(p->df > 0))
		return df > 0 ? variance : NO_NUMBER;
	if (isinf(p->df) || !(df > 0))
		return p->variance;
	return (p->df * p->variance + df * variance) / (p->df + df);
}

/* A variance of 0 is an exact series: any deviation is one. */
static double in_errors(double deviation, double error)
{
	if (error > 0 || isnan(error))
		return deviation / error;
	return deviation > 0 || deviation < 0 ? copysign(HUGE_VAL, deviation) : 0;
}

struct moderated_test moderated_test(const struct moderated_prior *p, double deviation,
                                     double factor, double variance, double df)
{
	struct moderated_test t = {.variance = moderated_variance(p, variance, df),
	                           .df = fmin(p->df + df, fmax(p->pooled, df))};

	t.t = in_errors(deviation, sqrt(t.variance * factor));
	t.p = isnan(t.t) ? 1 : student_t_p(t.t, t.df);
	return t;
}

/* --- the common shift ----------------------------------------------------------------- */

#define COMMON_CLEAR 4 /* standard errors that a shift of few runs must be away, ... */
#define COMMON_LEAST 2 /* ... and minimal effects */

int common_shift_of(struct common_shift *ret, const double *r, size_t n)
{
	CLEANUP(freep) double *scratch = calloc(n, sizeof *scratch);
	struct common_shift c = {.n = n, .p = 1};

	if (!scratch)
		return -ENOMEM;
	memcpy(scratch, r, n * sizeof *r);
	numbers_sort(scratch, n);
	c.shift = quantile(scratch, n, .5);
	c.spread = NORMAL * mad_of(r, n, c.shift, scratch) * (double)n / ((double)n - FEW);
	c.error = MEDIAN_ERROR * c.spread / sqrt((double)n);
	if (n > 1)
		c.p = student_t_p(in_errors(c.shift, c.error), MAD_DF * ((double)n - 1));
	c.beyond = n >= COMMON_SHIFT_LEAST && c.p < COMMON_SHIFT_P;
	*ret = c;
	return 0;
}

double common_shift_limit(const struct common_shift *c, double min_effect)
{
	return fmax(expm1(COMMON_CLEAR * c->error), COMMON_LEAST * min_effect);
}
