/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <math.h>

#include "ctl/verify_impl.h"

/* Expected values: numpy 1.24 and scipy 1.10 (see the formulas in the names). */
static void expect(enum statistic s, double wanted)
{
	double x[] = {4.0, 1.0, 3.5, 2.0, 10.0};
	double got = verify_statistic(s, x, 5);

	cr_expect(verify_close(got, wanted, 1e-12), "%s: %.17g, not %.17g", statistic_name(s), got,
	          wanted);
}

Test(verify_statistics, follow_their_definitions)
{
	expect(STAT_COUNT, 5);
	expect(STAT_SUM, 20.5);
	expect(STAT_MIN, 1);
	expect(STAT_MAX, 10);
	expect(STAT_MEAN, 4.1);
	expect(STAT_MEDIAN, 3.5);
	expect(STAT_P90, 7.6);
	expect(STAT_P95, 8.8);
	expect(STAT_P99, 9.76);
	expect(STAT_STDEV, sqrt(49.2 / 4));
	expect(STAT_CV, sqrt(49.2 / 4) / 4.1);
	expect(STAT_MAD, 1.5);
}

Test(verify_statistics, are_not_defined_for_too_few_numbers)
{
	double x[] = {1, 2};

	cr_expect(isnan(verify_statistic(STAT_MEDIAN, x, 0)));
	cr_expect(isnan(verify_statistic(STAT_STDEV, x, 1)));
	cr_expect(isnan(verify_statistic(STAT_VALUE, x, 2)));
	cr_expect_eq(verify_statistic(STAT_COUNT, x, 0), 0);
}

Test(verify_statistics, keep_the_sum_of_numbers_of_very_different_size)
{
	double x[] = {1e15, 0.25, -1e15, 0.25};

	cr_expect(verify_close(verify_statistic(STAT_SUM, x, 4), 0.5, 1e-9));
}

static void expect_two(enum statistic s, const double *x, size_t nx, const double *y, size_t ny,
                       double wanted)
{
	double a[16], b[16], got;
	bool known;

	memcpy(a, x, nx * sizeof *x);
	memcpy(b, y, ny * sizeof *y);
	got = verify_two_samples(s, a, nx, b, ny, &known);
	cr_expect(known && verify_close(got, wanted, 1e-9), "%s: %.17g, not %.17g",
	          statistic_name(s), got, wanted);
}

Test(verify_statistics, of_two_samples_match_published_vectors)
{
	static const double a[] = {2, 1, 3, 5}, b[] = {12, 11, 13, 15}, c[] = {0, 4, 6, 7};
	static const double d[] = {2, 2, 2, 2}, e[] = {1, 1, 1, 1, 1};

	expect_two(STAT_MANN_WHITNEY_P, a, 4, b, 4, 0.028571428571428571);
	expect_two(STAT_MANN_WHITNEY_P, a, 4, c, 4, 0.48571428571428571);
	expect_two(STAT_MANN_WHITNEY_P, a, 4, d, 4, 0.71428571428571429);
	expect_two(STAT_MANN_WHITNEY_P, a, 4, e, 5, 0.047619047619047616);
	expect_two(STAT_CLES, b, 4, a, 4, 1);
	expect_two(STAT_CLES, a, 4, a, 4, 0.5);
	expect_two(STAT_HODGES_LEHMANN, b, 4, a, 4, 10);
}

Test(verify_statistics, stay_a_probability_beyond_exact_counting)
{
	double x[40], y[40], p;
	bool known;

	for (size_t i = 0; i < 40; i++)
		x[i] = y[i] = (double)i;
	p = verify_two_samples(STAT_MANN_WHITNEY_P, x, 40, y, 40, &known);
	cr_expect(known && p >= 0.99 && p <= 1, "%g", p);
}

Test(verify_statistics, numbers_are_found_in_text)
{
	static const struct {
		const char *text;
		char decimal;
		double wanted;
	} all[] = {{"12 ms", '.', 12},
	           {"1,234.5", '.', 1234.5},
	           {"1.234,5", ',', 1234.5},
	           {"~ -3.5 %", '.', -3.5},
	           {"123.45 \xc2\xb1 0.67", '.', 123.45},
	           {"4.2k", '.', 4.2},
	           {"1e3", '.', 1000},
	           {".5", '.', 0.5},
	           {"2,5", ',', 2.5},
	           {"1,5", '.', 1},
	           {"5e", '.', 5}};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		cr_expect_eq(verify_number_in(all[i].text, all[i].decimal), all[i].wanted, "%s",
		             all[i].text);
	cr_expect(isnan(verify_number_in("nan", '.')));
	cr_expect(isnan(verify_number_in("", '.')));
}
