/* SPDX-License-Identifier: MIT */
/* What is recomputed from the trials of models: figures, and the intervals of their medians. */
#include <stdio.h>

#include "ctl/verify_impl.h"

#define LEVEL 0.95 /* of an interval, where the runs are enough */
#define EXACT 1e-9

double verify_member(const json_t *object, const char *key)
{
	return verify_number_of(json_object_get(object, key));
}

bool verify_is_good(const json_t *call)
{
	return strcmp(verify_text(call, "answer"), "good") == 0;
}

/* Both are no number, or as near as arithmetic in another order comes. */
static bool same(double stated, double again)
{
	return isfinite(again) ? verify_close(stated, again, EXACT) : !isfinite(stated);
}

void verify_figure(struct verify *v, const json_t *in, const char *place, const char *key,
                   double again)
{
	double stated = verify_member(in, key);

	if (!same(stated, again))
		verify_wrong(v, "%s: %s is %s, its trials give %s", place, key,
		             verify_real(stated).text, verify_real(again).text);
}

/* The chance that a true median lies between the k-th smallest and the k-th largest, from 1. */
static double level_of(size_t n, size_t k)
{
	double tail = 0;

	for (size_t i = 0; i < k; i++)
		tail += exp(lgamma((double)n + 1) - lgamma((double)i + 1) -
		            lgamma((double)(n - i) + 1) - (double)n * M_LN2);
	return 1 - 2 * tail;
}

/* The narrowest interval of order statistics that is sure enough; of few runs the widest. */
static size_t order_of(size_t n)
{
	size_t k = 1;

	while (k + 1 <= n / 2 && level_of(n, k + 1) >= LEVEL)
		k++;
	return k;
}

void verify_interval(struct verify *v, const json_t *in, const char *place, const double *x,
                     size_t n)
{
	size_t k = order_of(n);

	verify_figure(v, in, place, "runs", (double)n);
	verify_figure(v, in, place, "low", n > 1 ? x[k - 1] : NO_NUMBER);
	verify_figure(v, in, place, "high", n > 1 ? x[n - k] : NO_NUMBER);
	verify_figure(v, in, place, "level_pct", n > 1 ? 100 * level_of(n, k) : NO_NUMBER);
}
