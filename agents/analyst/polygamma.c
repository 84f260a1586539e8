/* SPDX-License-Identifier: MIT */
#include "agents/analyst/polygamma.h"

#include <math.h>
#include <stddef.h>

#include "lib/base/util.h"

#define FAR           10   /* from here the series below give what a double holds */
#define NEWTON_STEPS  50   /* it takes five or so */
#define NEWTON_ENOUGH 1e-8 /* relative step; the next one would be its square */
#define TINY          1e-6 /* trigamma(x) is 1 / (x - .5) from here, and 1 / x^2 beyond LARGE */
#define LARGE         1e7

/* c[0] + c[1] v + c[2] v^2 ... */
static double polynomial(const double *c, size_t n, double v)
{
	double sum = 0;

	while (n-- > 0)
		sum = sum * v + c[n];
	return sum;
}

double digamma(double x)
{
	static const double c[] = {1. / 12,   -1. / 120, 1. / 252,
	                           -1. / 240, 1. / 132,  -691. / 32760};
	double below = 0;

	for (; x < FAR; x++)
		below += 1 / x;
	return log(x) - 1 / (2 * x) - polynomial(c, ARRAY_LEN(c), 1 / (x * x)) / (x * x) - below;
}

double trigamma(double x)
{
	static const double c[] = {1. / 6, -1. / 30, 1. / 42, -1. / 30, 5. / 66, -691. / 2730};
	double below = 0;

	for (; x < FAR; x++)
		below += 1 / (x * x);
	return below + 1 / x + 1 / (2 * x * x) +
	       polynomial(c, ARRAY_LEN(c), 1 / (x * x)) / (x * x * x);
}

double tetragamma(double x)
{
	static const double c[] = {1. / 2, -1. / 6, 1. / 6, -3. / 10, 5. / 6, -691. / 210};
	double below = 0;

	for (; x < FAR; x++)
		below += 2 / (x * x * x);
	return -below - 1 / (x * x) - 1 / (x * x * x) -
	       polynomial(c, ARRAY_LEN(c), 1 / (x * x)) / (x * x * x * x);
}

/* 1 / trigamma is convex and nearly straight: from the left every step stays on the left. */
double trigamma_inverse(double y)
{
	double x = .5 + 1 / y;

	if (y > LARGE)
		return 1 / sqrt(y);
	for (int i = 0; i < NEWTON_STEPS && y > TINY; i++) {
		double value = trigamma(x), step = value * (1 - value / y) / tetragamma(x);

		x += step;
		if (fabs(step) < NEWTON_ENOUGH * x)
			return x;
	}
	return x;
}
