/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "agents/analyst/drift.h"
#include "tests/unit/analyst/random.h"

#define MANY 120

static struct drift of(const double *x, size_t n)
{
	struct drift d;

	cr_assert_eq(drift_of(&d, x, n), 0);
	return d;
}

/* 100 + slope * i, and noise */
static void draw(double *x, size_t n, double slope, double sd, double r, uint64_t *state)
{
	random_noise(x, n, r, state);
	for (size_t i = 0; i < n; i++)
		x[i] = 100 + slope * (double)i + sd * x[i];
}

/* The vector of the statistics contract. */
Test(drift, of_a_straight_line)
{
	double x[40];
	struct drift d;

	for (size_t i = 0; i < 40; i++)
		x[i] = 100 + .5 * (double)i;
	d = of(x, 40);
	cr_expect_eq(d.s, 780);
	cr_expect_float_eq(d.variance, 22100. / 3, 1e-9);
	cr_expect_eq(d.slope, .5);
	cr_expect_eq(d.change, 19.5);
	cr_expect_eq(d.median, 109.75);
	cr_expect_eq(d.autocorrelation, 0);
	cr_expect_float_eq(d.z, 779 / sqrt(22100. / 3), 1e-12);
	cr_expect(drift_is_real(&d, .02));
	cr_expect(drift_is_real(&d, .17));
	cr_expect_not(drift_is_real(&d, .18));
}

/* What rounding leaves of a line is not taken for noise that lingers. */
Test(drift, of_a_straight_line_that_is_rounded)
{
	for (double slope = .1; slope < 7; slope *= 1.3) {
		double x[12];
		struct drift d;

		for (size_t i = 0; i < 12; i++)
			x[i] = 100. / 3 + slope * (double)i;
		d = of(x, 12);
		cr_expect_eq(d.autocorrelation, 0, "%g", slope);
		cr_expect_float_eq(d.slope, slope, 1e-12);
		cr_expect(drift_is_real(&d, .02), "%g", slope);
	}
}

/*
 * By hand: 1 2 2 3 3 3 has 15 pairs, 1 and 3 of them tied, all others rise: S = 11; its variance is
 * (6 * 5 * 17 - 2 * 1 * 9 - 3 * 2 * 11) / 18 = 426 / 18. The slopes begin 0 0 0 0 1/4 1/3 1/3 2/5;
 * the 8th is their median.
 */
Test(drift, of_numbers_with_ties)
{
	static const double x[] = {1, 2, 2, 3, 3, 3};
	struct drift d = of(x, 6);

	cr_expect_eq(d.s, 11);
	cr_expect_float_eq(d.variance, 426. / 18, 1e-12);
	cr_expect_float_eq(d.slope, .4, 1e-12);
	cr_expect_not(drift_is_real(&d, .02), "six are too few");
}

Test(drift, of_equal_numbers_is_none)
{
	static const double x[] = {.1, .1, .1, .1, .1, .1, .1, .1, .1, .1, .1, .1};
	struct drift d = of(x, ARRAY_LEN(x));

	cr_expect_eq(d.s, 0);
	cr_expect_eq(d.variance, 0);
	cr_expect_eq(d.slope, 0);
	cr_expect_eq(d.p, 1);
	cr_expect_not(drift_is_real(&d, 0));
}

Test(drift, of_two_numbers_is_their_difference)
{
	static const double x[] = {3, 5};
	struct drift d = of(x, 2);

	cr_expect_eq(d.slope, 2);
	cr_expect_eq(d.s, 1);
	cr_expect_eq(d.p, 1, "|S| - 1 is nothing");
}

Test(drift, turns_round_with_its_series_and_does_not_depend_on_the_unit)
{
	uint64_t state = 17;

	for (size_t k = 0; k < 50; k++) {
		double x[60], y[60], z[60];
		struct drift a, b, c;

		draw(x, 60, .1, 2, .3, &state);
		for (size_t i = 0; i < 60; i++) {
			y[i] = x[59 - i];
			z[i] = x[i] * 0x1p-12;
		}
		a = of(x, 60);
		b = of(y, 60);
		c = of(z, 60);
		cr_expect_eq(a.s, -b.s);
		cr_expect_eq(a.slope, -b.slope);
		cr_expect_eq(a.variance, b.variance);
		cr_expect_float_eq(a.z, -b.z, 1e-9);
		cr_expect_eq(a.slope, c.slope * 0x1p12);
		cr_expect_eq(a.p, c.p);
	}
}

/* Of 2000 series, how many drift, per thousand. */
static size_t drifting(size_t n, double slope, double r)
{
	uint64_t state = 424242;
	size_t found = 0;

	for (size_t k = 0; k < 2000; k++) {
		double x[MANY];
		struct drift d;

		draw(x, n, slope, 2, r, &state);
		d = of(x, n);
		found += drift_is_real(&d, .02);
	}
	return found / 2;
}

Test(drift, of_noise_is_rare_even_where_it_lingers)
{
	cr_expect_leq(drifting(20, 0, 0), 3);
	cr_expect_leq(drifting(60, 0, 0), 3);
	cr_expect_leq(drifting(60, 0, .5), 10);
	cr_expect_leq(drifting(60, 0, .8), 60);
}

/* 5 % in all, at a coefficient of variation of 2 % */
Test(drift, is_found_where_the_series_is_long_enough)
{
	size_t some = drifting(30, 5. / 29, 0), most = drifting(60, 5. / 59, 0);

	cr_expect(some > 350 && some < 600, "%zu", some);
	cr_expect_geq(most, 900, "%zu", most);
}
