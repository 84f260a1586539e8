/* SPDX-License-Identifier: MIT */
#include "agents/analyst/drift.h"

#include <errno.h>
#include <math.h>

#include "agents/analyst/autocorrelation.h"
#include "agents/analyst/statistics.h"

#define ROUNDING 1e-12 /* of the largest number: what is left of a straight line is no residual */

static double sign(double v)
{
	return (double)((v > 0) - (v < 0));
}

/* The median of the slopes over all pairs; *ret_s: how many rise less how many fall. */
static double slope_of(const double *x, size_t n, double *slopes, double *ret_s)
{
	size_t pairs = 0;
	double s = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++) {
			slopes[pairs++] = (x[k] - x[i]) / (double)(k - i);
			s += sign(x[k] - x[i]);
		}
	*ret_s = s;
	return numbers_quantile(slopes, pairs, .5);
}

static double kendall(double n)
{
	return n * (n - 1) * (2 * n + 5) / 18;
}

/* Of Kendall's S where the order is left to chance. */
static double variance_of(const double *sorted, size_t n)
{
	double variance = kendall((double)n);

	for (size_t i = 0, same; i < n; i += same) {
		for (same = 1; i + same < n && sorted[i + same] <= sorted[i]; same++)
			;
		variance -= kendall((double)same);
	}
	return variance;
}

/* What is left of x about the line with this slope. */
static void residuals_of(double *ret, const double *x, size_t n, double slope, double *scratch)
{
	double middle, most = 0;

	for (size_t i = 0; i < n; i++) {
		ret[i] = scratch[i] = x[i] - slope * (double)i;
		most = fmax(most, fabs(x[i]));
	}
	middle = numbers_quantile(scratch, n, .5);
	for (size_t i = 0; i < n; i++) {
		ret[i] -= middle;
		if (fabs(ret[i]) <= ROUNDING * most)
			ret[i] = 0;
	}
}

int drift_of(struct drift *ret, const double *x, size_t n)
{
	size_t pairs = n * (n - 1) / 2;
	CLEANUP(freep) double *slopes = calloc(pairs + 2 * n, sizeof *slopes);
	struct drift d = {.n = n};
	double *residual = slopes + pairs, *scratch = residual + n, r, error;

	if (!slopes)
		return -ENOMEM;
	memcpy(scratch, x, n * sizeof *x);
	numbers_sort(scratch, n);
	d.median = quantile(scratch, n, .5);
	d.variance = variance_of(scratch, n);
	d.slope = slope_of(x, n, slopes, &d.s);
	d.change = d.slope * (double)(n - 1);
	residuals_of(residual, x, n, d.slope, scratch);
	r = d.autocorrelation = autocorrelation_of(residual, n, NULL, 0, scratch);
	error = sqrt(d.variance * (1 + r) / (1 - r));
	d.z = error > 0 ? sign(d.s) * fmax(fabs(d.s) - 1, 0) / error : 0;
	d.p = erfc(fabs(d.z) / M_SQRT2);
	*ret = d;
	return 0;
}

bool drift_is_real(const struct drift *d, double min_effect)
{
	return d->n >= DRIFT_LEAST && d->p < DRIFT_P &&
	       fabs(d->change) >= min_effect * fabs(d->median);
}
