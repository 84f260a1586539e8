/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>

#include "agents/analyst/two_sample.h"

#define MANY 64

static size_t numbers_of(const json_t *list, double *ret)
{
	size_t n = json_array_size(list);

	cr_assert_leq(n, MANY);
	for (size_t i = 0; i < n; i++)
		ret[i] = json_number_value(json_array_get(list, i));
	return n;
}

static void expect_near(const char *name, const char *what, double got, const json_t *wanted)
{
	double w = json_number_value(wanted);

	cr_expect(json_is_number(wanted) && fabs(got - w) <= 1e-9 * fmax(fabs(w), 1e-6),
	          "%s: %s is %.17g, not %.17g", name, what, got, w);
}

static struct two_sample compare(const json_t *vector)
{
	struct two_sample t;
	double base[MANY], new[MANY];
	size_t n1 = numbers_of(json_object_get(vector, "base"), base);
	size_t n2 = numbers_of(json_object_get(vector, "new"), new);

	cr_assert_eq(two_sample_compare(&t, base, n1, new, n2), 0);
	return t;
}

static json_t *vectors(void)
{
	const char *shared = getenv("CHIMERAD_SHARED");
	char path[4096];
	json_t *all;

	(void)snprintf(path, sizeof path, "%s/statistics/two_sample_vectors.json",
	               shared ? shared : "");
	all = json_load_file(path, 0, NULL);
	if (!all)
		cr_skip_test("no reference vectors beside this checkout");
	return all;
}

Test(two_sample, the_test_tells_all_but_the_ratio)
{
	double base[] = {3, 1, 4, 1, 5, 9}, new[] = {12, 6, 5, 13, 5}, again[] = {3, 1, 4, 1, 5, 9};
	struct two_sample whole, test;

	cr_assert_eq(two_sample_compare(&whole, base, 6, new, 5), 0);
	cr_assert_eq(two_sample_test(&test, again, 6, new, 5), 0);
	cr_expect_gt(whole.ratio, 1);
	cr_expect(isnan(test.ratio));
	test.ratio = whole.ratio;
	cr_expect_eq(memcmp(&test, &whole, sizeof test), 0);
}

Test(two_sample, follows_the_reference)
{
	json_t *all = vectors(), *v;
	size_t i, n = 0;

	json_array_foreach (json_object_get(all, "two_sample"), i, v) {
		const char *name = json_string_value(json_object_get(v, "name"));
		const json_t *ratio = json_object_get(v, "hl_ratio");
		struct two_sample t = compare(v);

		expect_near(name, "p", t.p, json_object_get(v, "p_exact_two_sided"));
		expect_near(name, "cles", t.cles, json_object_get(v, "cles_new_gt_base"));
		expect_near(name, "median", t.median1, json_object_get(v, "median_base"));
		if (json_is_array(ratio)) {
			expect_near(name, "ratio", t.ratio, json_array_get(ratio, 0));
			n++;
		}
		if (json_is_number(json_array_get(ratio, 1))) {
			expect_near(name, "low", t.low, json_array_get(ratio, 1));
			expect_near(name, "high", t.high, json_array_get(ratio, 2));
			expect_near(name, "confidence", t.confidence,
			            json_object_get(v, "hl_conf"));
		}
	}
	cr_expect_geq(n, 10);
	json_decref(all);
}

static struct two_sample of(const double *base, size_t n1, const double *new, size_t n2)
{
	struct two_sample t;
	double x[MANY], y[MANY];

	memcpy(x, base, n1 * sizeof *x);
	memcpy(y, new, n2 * sizeof *y);
	cr_assert_eq(two_sample_compare(&t, x, n1, y, n2), 0);
	return t;
}

#define OF(a, b) of(a, ARRAY_LEN(a), b, ARRAY_LEN(b))

Test(two_sample, three_against_three_can_never_be_tested)
{
	static const double base[] = {1, 1.01, 1.02}, slow[] = {2, 2.01, 2.02};
	struct two_sample t = OF(base, slow);

	cr_expect_float_eq(t.p_least, 0.1, 1e-12);
	cr_expect_eq(t.confidence, 0);
	cr_expect_eq(two_sample_judge(&t, t.p, .02), TWO_SAMPLE_UNTESTABLE);
}

Test(two_sample, a_change_must_be_likely_large_and_common)
{
	static const double base[] = {100, 101, 102, 103, 104}, same[] = {100, 101, 102, 103, 104};
	static const double slow[] = {120, 121, 122, 123, 124},
			    near[] = {99.9, 100.5, 101, 103.9, 105};
	static const double tight[] = {100, 100.1, 100.2, 100.3, 100.4, 100.5};
	static const double shifted[] = {101, 101.1, 101.2, 101.3, 101.4, 101.5};
	struct two_sample t = OF(base, slow);

	cr_expect_eq(two_sample_judge(&t, t.p, .02), TWO_SAMPLE_CHANGED);
	cr_expect_eq(two_sample_judge(&t, t.p, .18), TWO_SAMPLE_SIZE_UNCLEAR);
	cr_expect_eq(two_sample_judge(&t, .06, .02), TWO_SAMPLE_UNDECIDED);
	t = OF(base, same);
	cr_expect_eq(two_sample_judge(&t, t.p, .02), TWO_SAMPLE_UNDECIDED);
	cr_expect_eq(two_sample_judge(&t, t.p, .06), TWO_SAMPLE_EQUAL);
	t = OF(base, near);
	cr_expect_eq(two_sample_judge(&t, t.p, .02), TWO_SAMPLE_UNDECIDED);
	t = OF(tight, shifted);
	cr_expect_lt(t.p, .01);
	cr_expect_eq(two_sample_judge(&t, t.p, .02), TWO_SAMPLE_EQUAL,
	             "sure, and too small to matter");
}

/* 2 * P(U <= 0) = 2 / C(60, 30) is far below what the normal form says, which is what is used. */
Test(two_sample, many_numbers_are_tested_by_the_normal_form)
{
	double base[MANY], new[MANY];
	struct two_sample t;

	for (int i = 0; i < 30; i++) {
		base[i] = 100 + i;
		new[i] = 110.5 + i;
	}
	cr_assert_eq(two_sample_compare(&t, base, 30, new, 30), 0);
	/* 190 pairs in which new is smaller: z = (450 - 190 - 0.5) / sqrt(900 * 61 / 12) */
	cr_expect_float_eq(t.cles, 1 - 190. / 900, 1e-12);
	cr_expect_float_eq(t.p, erfc(259.5 / sqrt(900. * 61 / 12) / sqrt(2)), 1e-12);
	cr_expect_float_eq(t.confidence, .95, 0);
	cr_expect(t.low < t.ratio && t.ratio < t.high);
}

Test(two_sample, numbers_about_nothing_have_no_ratio)
{
	static const double zero[] = {0, 0, 0, 0, 0}, some[] = {1, 2, 1, 2, 1};
	static const double below[] = {-4, -5, -6, -7}, above[] = {-2, -2.5, -3, -3.5};
	struct two_sample t = OF(zero, some);

	cr_expect_not(isfinite(t.ratio));
	cr_expect_eq(two_sample_judge(&t, t.p, .02), TWO_SAMPLE_SIZE_UNCLEAR);
	t = OF(below, above);
	cr_expect_float_eq(t.ratio, 1 + 2.75 / 5.5, 1e-12, "%.17g", t.ratio);
}

Test(two_sample, many_p_values_are_adjusted)
{
	/* Benjamini and Hochberg 1995 */
	double p[] = {.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344,
	              .0459, .3240, .4262, .5719, .6528, .7590, 1};
	static const double adjusted[] = {.0015,          .003,           .0095, .035625, .0603,
	                                  .0638571428571, .0638571428571, .0645, .0765};
	double holm[] = {.04, .01, .03};

	cr_assert_eq(adjust_bh(p, ARRAY_LEN(p)), 0);
	for (size_t i = 0; i < ARRAY_LEN(adjusted); i++)
		cr_expect_float_eq(p[i], adjusted[i], 1e-9, "%zu: %.10g", i, p[i]);
	cr_expect_eq(p[14], 1);
	cr_assert_eq(adjust_holm(holm, 3), 0);
	cr_expect_float_eq(holm[0], .06, 1e-12);
	cr_expect_float_eq(holm[1], .03, 1e-12);
	cr_expect_float_eq(holm[2], .06, 1e-12);
}
