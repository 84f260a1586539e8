/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <math.h>

#include "agents/analyst/statistics.h"
#include "agents/analyst/work.h"

static void expect_near(double got, double want, double within)
{
	cr_expect(fabs(got - want) <= within, "got %.12g, want %.12g", got, want);
}

Test(statistics, a_quantile_between_numbers_far_apart_is_a_number)
{
	double x[] = {-1.5e308, 1.5e308}, y[] = {1.5e308, -1.5e308};

	expect_near(quantile(x, 2, .5), 0, 0);
	expect_near(numbers_quantile(y, 2, .5), 0, 0);
	expect_near(quantile(x, 2, .25), -0.75e308, 1e293);
}

Test(statistics, quantiles_interpolate_as_R_type_7)
{
	const double x[] = {1, 2, 4, 8, 16};

	expect_near(quantile(x, 5, 0), 1, 0);
	expect_near(quantile(x, 5, .5), 4, 0);
	expect_near(quantile(x, 5, .95), 14.4, 1e-12);
	expect_near(quantile(x, 5, .9), 12.8, 1e-12);
	expect_near(quantile(x, 4, .5), 3, 0);
	expect_near(quantile(x, 1, .95), 1, 0);
	expect_near(quantile(x, 5, 1), 16, 0);
}

Test(statistics, a_summary_of_known_numbers)
{
	double x[] = {101.4, 102.0, 101.9, 102.3, 101.7};
	struct summary s = summary_of(x, 5);

	expect_near(s.median, 101.9, 0);
	expect_near(s.mean, 101.86, 1e-12);
	expect_near(s.stdev, 0.3361547262794320, 1e-12);
	expect_near(s.cv, 0.3361547262794320 / 101.86, 1e-15);
	expect_near(s.min, 101.4, 0);
	expect_near(s.max, 102.3, 0);
	expect_near(s.p95, 102.24, 1e-12);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * Numbers that repeat, numbers that hardly do, rising, falling, all alike, and such that every
 * 16th, which is what a sample of 16,384 would take, is not like the others.
 */
Test(statistics, selecting_finds_what_sorting_finds)
{
	static const unsigned sizes[] = {1, 2, 3, 4, 7, 26, 139, 1000, 16383, 16384, 40000};
	static double x[40000], sorted[40000];

	for (unsigned kind = 0; kind < 6; kind++) {
		for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
			unsigned n = sizes[s];

			for (unsigned i = 0; i < n; i++)
				x[i] = kind == 0   ? i * 7919 % 13
				       : kind == 1 ? i * 2654435761u % 100003
				       : kind == 2 ? i
				       : kind == 3 ? n - i
				       : kind == 4 ? 42
				                   : i % 16 * n + i * 7919 % n;
			memcpy(sorted, x, n * sizeof *x);
			qsort(sorted, n, sizeof *sorted, compare);
			for (double q = 0; q <= 1; q += .05)
				cr_assert_eq(numbers_quantile(x, n, q), quantile(sorted, n, q),
				             "%u of %u, %g", kind, n, q);
		}
	}
}

/* As one statistic after the other, to the last bit. */
Test(statistics, a_summary_of_many_is_that_of_each_statistic)
{
	static const unsigned sizes[] = {2, 16383, 16384, 40000};
	static double x[40000], sorted[40000];

	for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
		unsigned n = sizes[k];
		struct summary s;
		double mean, stdev;

		for (unsigned i = 0; i < n; i++)
			x[i] = (i * 2654435761u % 1000003 + 17) / 1000. - i % 7;
		memcpy(sorted, x, n * sizeof *x);
		qsort(sorted, n, sizeof *sorted, compare);
		mean = mean_of(x, n);
		stdev = stdev_of(x, n);
		s = summary_of(x, n);
		cr_assert_eq(s.mean, mean, "%u", n);
		cr_assert_eq(s.stdev, stdev, "%u", n);
		cr_assert_eq(s.min, sorted[0], "%u", n);
		cr_assert_eq(s.max, sorted[n - 1], "%u", n);
		cr_assert_eq(s.median, quantile(sorted, n, .5), "%u", n);
		cr_assert_eq(s.p95, quantile(sorted, n, .95), "%u", n);
	}
}

Test(statistics, one_number_has_no_deviation_and_a_mean_of_zero_no_variation)
{
	double one[] = {5}, two[] = {-1, 1};

	cr_expect(isnan(stdev_of(one, 1)));
	cr_expect(isnan(summary_of(two, 2).cv));
	expect_near(stdev_of(two, 2), M_SQRT2, 1e-15);
}

Test(statistics, sums_do_not_lose_small_numbers_beside_large_ones)
{
	double x[1001];

	x[0] = 1e16;
	for (int i = 1; i <= 1000; i++)
		x[i] = 1;
	expect_near(mean_of(x, 1001), (1e16 + 1000) / 1001, 1e-3);
	expect_near(stdev_of((const double[]){1e9 + 1, 1e9 + 2, 1e9 + 3}, 3), 1, 1e-9);
}

Test(statistics, numbers_that_overflow_come_out_as_not_finite)
{
	const double x[] = {-1.7e308, 1.7e308, 1.7e308};

	cr_expect(!isfinite(stdev_of(x, 3)));
}

Test(statistics, the_deviation_of_numbers_whose_squares_are_too_small_or_too_large)
{
	expect_near(stdev_of((const double[]){1e-300, 0}, 2) / 1e-300, M_SQRT1_2, 1e-15);
	expect_near(stdev_of((const double[]){1e300, 0}, 2) / 1e300, M_SQRT1_2, 1e-15);
}

Test(statistics, the_median_absolute_deviation_is_unscaled)
{
	const double x[] = {1, 1, 2, 2, 4, 6, 9};
	double scratch[7];

	expect_near(mad_of(x, 7, 2, scratch), 1, 0);
}

Test(statistics, the_incomplete_beta_function_at_known_points)
{
	expect_near(incomplete_beta(1, 1, .3), .3, 1e-14);
	expect_near(incomplete_beta(2, 3, .5), .6875, 1e-14);
	expect_near(incomplete_beta(.5, .5, .5), .5, 1e-14);
	expect_near(incomplete_beta(8, 10, .2), 0.010934315234099, 1e-12);
	expect_near(incomplete_beta(5, 2, 0), 0, 0);
	expect_near(incomplete_beta(5, 2, 1), 1, 0);
}

/* The vectors of the statistics contract: t_{n-1,.9995}. */
Test(statistics, quantiles_of_student_t_as_published)
{
	static const struct {
		int n;
		double t;
	} table[] = {{8, 5.4079}, {10, 4.7809}, {12, 4.4370}, {20, 3.8834}, {30, 3.6594}};

	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		expect_near(student_t_quantile(.9995, table[i].n - 1), table[i].t, 5e-5);
	expect_near(student_t_quantile(.975, 10), 2.228138852, 1e-8);
}
