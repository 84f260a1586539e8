/* SPDX-License-Identifier: MIT */
/* What the earlier runs of a series say: its center, its noise, and what lies beyond it. */
#include "agents/analyst/work.h"

#include <math.h>

#include "agents/analyst/statistics.h"

#define NORMAL 1.4826 /* turns a median absolute deviation into a standard deviation */

struct reference reference_of(const double *x, size_t n, double *scratch)
{
	struct reference r = {.n = n};
	double jumps;

	memcpy(scratch, x, n * sizeof *x);
	numbers_sort(scratch, n);
	r.center = quantile(scratch, n, .5);
	r.spread = NORMAL * mad_of(x, n, r.center, scratch);
	for (size_t i = 1; i < n; i++)
		scratch[i - 1] = fabs(x[i] - x[i - 1]);
	if (n < 2)
		return r;
	numbers_sort(scratch, n - 1);
	jumps = NORMAL * quantile(scratch, n - 1, .5) / M_SQRT2;
	r.spread = fmax(r.spread, jumps);
	return r;
}

double reference_limit(const struct reference *r, double t)
{
	return r->n < 2 ? HUGE_VAL : t * r->spread * sqrt(1 + 1 / (double)r->n);
}

bool deviates(const struct reference *r, double t, double x, double min_effect_pct)
{
	double least = min_effect_pct / 100 * fabs(r->center);

	return r->n >= REFERENCE_MIN_RUNS &&
	       fabs(x - r->center) > fmax(reference_limit(r, t), least);
}
