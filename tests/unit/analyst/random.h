/* SPDX-License-Identifier: MIT */
/* random - numbers from a seed, the same on every machine, for simulations in tests. */
#pragma once

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* xorshift64 (Marsaglia 2003); a seed is not 0. In [0, 1). */
static inline double random_uniform(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (double)(*state >> 11) * 0x1p-53;
}

/* Box and Muller's transform */
static inline double random_normal(uint64_t *state)
{
	double radius = sqrt(-2 * log(1 - random_uniform(state)));

	return radius * cos(2 * M_PI * random_uniform(state));
}

/* Normal noise of variance 1 with this lag-1 autocorrelation. */
static inline void random_noise(double *x, size_t n, double r, uint64_t *state)
{
	double a = random_normal(state);

	for (size_t i = 0; i < n; i++) {
		x[i] = a;
		a = r * a + sqrt(1 - r * r) * random_normal(state);
	}
}

/* Sum of df squares of normal numbers. */
static inline double random_chi_square(unsigned df, uint64_t *state)
{
	double sum = 0;

	for (unsigned i = 0; i < df; i++) {
		double v = random_normal(state);

		sum += v * v;
	}
	return sum;
}
