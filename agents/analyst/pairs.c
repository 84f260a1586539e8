/* SPDX-License-Identifier: MIT */
#include "agents/analyst/pairs.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "agents/analyst/statistics.h"

#define FEW 64 /* pairs: sorting them costs no more than one look at all numbers */

static double pair_value(const struct pairs *p, double x, double y)
{
	return p->ratio ? y / x : y - x;
}

/* Pairs of at most `limit`: the larger x, the more of the y. */
static double pairs_upto(const struct pairs *p, double limit)
{
	double n = 0;

	for (size_t i = 0, j = 0; i < p->n1; i++) {
		while (j < p->n2 && pair_value(p, p->x[i], p->y[j]) <= limit)
			j++;
		n += (double)j;
	}
	return n;
}

/* Doubles in order as integers in order, and back. */
static uint64_t key_of(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double value_of(uint64_t key)
{
	uint64_t bits = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
	double value;

	memcpy(&value, &bits, sizeof value);
	return value;
}

/* Those in (above, upto], which are few. */
static size_t gather(double *few, const struct pairs *p, double above, double upto)
{
	size_t n = 0;

	for (size_t i = 0, j = 0; i < p->n1; i++) {
		while (j < p->n2 && pair_value(p, p->x[i], p->y[j]) <= above)
			j++;
		for (size_t k = j; k < p->n2 && pair_value(p, p->x[i], p->y[k]) <= upto; k++)
			few[n++] = pair_value(p, p->x[i], p->y[k]);
	}
	numbers_sort(few, n);
	return n;
}

/* The least number with k pairs up to it: halves of all doubles, until it is one of a few. */
double pairs_at(const struct pairs *p, double k)
{
	uint64_t low = key_of(pair_value(p, p->x[p->n1 - 1], p->y[0])) - 2; /* below both zeros */
	uint64_t high = key_of(pair_value(p, p->x[0], p->y[p->n2 - 1]));
	double below = 0, upto = (double)p->n1 * (double)p->n2, few[FEW];

	while (upto - below > FEW && high - low > 1) {
		uint64_t middle = low + (high - low) / 2;
		double n = pairs_upto(p, value_of(middle));

		*(n >= k ? &high : &low) = middle;
		*(n >= k ? &upto : &below) = n;
	}
	if (upto - below > FEW)
		return value_of(high);
	(void)gather(few, p, value_of(low), value_of(high));
	return few[(size_t)(k - below) - 1];
}

double pairs_middle(const struct pairs *p)
{
	double n = (double)p->n1 * (double)p->n2, half = floor(n / 2), a, b;

	if (fmod(n, 2) > 0)
		return pairs_at(p, half + 1);
	a = pairs_at(p, half);
	b = pairs_at(p, half + 1);
	return p->ratio ? sqrt(a * b) : a + (b - a) / 2;
}

double pairs_cles(const double *x, size_t n1, const double *y, size_t n2)
{
	struct pairs p = {x, y, n1, n2, false};
	double fall = pairs_upto(&p, -DBL_TRUE_MIN), tie = pairs_upto(&p, 0) - fall;

	return 1 - (fall + tie / 2) / ((double)n1 * (double)n2);
}
