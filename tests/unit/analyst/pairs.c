/* SPDX-License-Identifier: MIT */
#include "agents/analyst/pairs.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>

#include "agents/analyst/statistics.h"

#define MANY 120

/* Of few different values there are many ties, zeros among them. */
static void fill(double *x, size_t n, uint32_t seed, uint32_t different, double least)
{
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1664525 + 1013904223;
		x[i] = least + (seed >> 8) % different / 16.0;
	}
	numbers_sort(x, n);
}

static void expect_each(const struct pairs *p)
{
	static double all[MANY * MANY];
	size_t n = 0;

	for (size_t i = 0; i < p->n1; i++)
		for (size_t k = 0; k < p->n2; k++)
			all[n++] = p->ratio ? p->y[k] / p->x[i] : p->y[k] - p->x[i];
	numbers_sort(all, n);
	for (size_t k = 1; k <= n; k++) {
		double got = pairs_at(p, (double)k);

		cr_assert(got == all[k - 1], "%zu of %zu: %.17g, not %.17g", k, n, got, all[k - 1]);
	}
}

Test(pairs, each_is_where_a_list_of_all_has_it)
{
	static const struct {
		size_t n1, n2;
		uint32_t different;
	} sizes[] = {{1, 1, 5}, {1, 70, 1000}, {9, 7, 4}, {40, 60, 3}, {MANY, MANY, 100000}};
	double x[MANY], y[MANY];

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct pairs p = {x, y, sizes[i].n1, sizes[i].n2, false};

		fill(x, p.n1, 1, sizes[i].different, -1);
		fill(y, p.n2, 2, sizes[i].different, -1);
		expect_each(&p);
		fill(x, p.n1, 3, sizes[i].different, 1);
		fill(y, p.n2, 4, sizes[i].different, 1);
		p.ratio = true;
		expect_each(&p);
	}
}

Test(pairs, zeros_of_both_signs_are_equal)
{
	double x[MANY], y[MANY];
	struct pairs p = {x, y, MANY, MANY, false};

	for (size_t i = 0; i < MANY; i++) {
		x[i] = 0;
		y[i] = i % 2 ? 0 : -0.0;
	}
	expect_each(&p);
}
