/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>

#include "agents/analyst/autocorrelation.h"
#include "agents/analyst/change_points.h"
#include "tests/unit/analyst/random.h"

#define MANY 400

static json_t *vectors(const char *name)
{
	const char *shared = getenv("CHIMERAD_SHARED");
	char path[4096];
	json_t *all;

	(void)snprintf(path, sizeof path, "%s/statistics/%s", shared ? shared : "", name);
	all = json_load_file(path, 0, NULL);
	if (!all)
		cr_skip_test("no reference vectors beside this checkout");
	return all;
}

static size_t numbers_of(const json_t *list, double *ret)
{
	size_t n = json_array_size(list);

	cr_assert_leq(n, MANY);
	for (size_t i = 0; i < n; i++)
		ret[i] = json_number_value(json_array_get(list, i));
	return n;
}

static struct change_points find(const double *x, size_t n, struct change_points_options options)
{
	struct change_points c;

	cr_assert_eq(change_points_find(&c, x, n, &options), 0);
	return c;
}

static void expect_near(const char *name, const char *what, double got, const json_t *wanted)
{
	double w = json_number_value(wanted);

	cr_expect(json_is_number(wanted) && fabs(got - w) <= 1e-10 * fabs(w),
	          "%s: %s is %.17g, not %.17g", name, what, got, w);
}

static void expect_indexes(const char *name, const struct change_points *c, const json_t *wanted)
{
	cr_assert(json_is_array(wanted), "%s", name);
	cr_expect_eq(c->n, json_array_size(wanted), "%s: %zu change points", name, c->n);
	for (size_t i = 0; i < c->n && i < json_array_size(wanted); i++)
		cr_expect_eq((json_int_t)c->at[i].index,
		             json_integer_value(json_array_get(wanted, i)), "%s: %zu", name,
		             c->at[i].index);
}

/* --- Apache Otava's own answers ------------------------------------------------------- */

static struct change_points_options options_of(const json_t *params)
{
	struct change_points_options o = CHANGE_POINTS_OTAVA;
	const json_t *window = json_object_get(params, "window_len");
	const json_t *p = json_object_get(params, "max_pvalue");

	o.window = window ? (size_t)json_integer_value(window) : o.window;
	o.max_p = p ? json_number_value(p) : o.max_p;
	o.min_magnitude = json_number_value(json_object_get(params, "min_magnitude"));
	return o;
}

static void expect_change(const char *name, const struct change_point *c, const json_t *wanted)
{
	double relative = c->before.mean > 0 ? c->after.mean / c->before.mean - 1 : 0;
	double rounding = 1e-10 * fabs(json_number_value(json_object_get(wanted, "rel")));

	expect_near(name, "qhat", c->qhat, json_object_get(wanted, "qhat"));
	expect_near(name, "p", c->p, json_object_get(wanted, "pvalue"));
	expect_near(name, "mean before", c->before.mean, json_object_get(wanted, "mean_1"));
	expect_near(name, "mean after", c->after.mean, json_object_get(wanted, "mean_2"));
	expect_near(name, "sd before", c->before.sd, json_object_get(wanted, "std_1"));
	expect_near(name, "sd after", c->after.sd, json_object_get(wanted, "std_2"));
	cr_expect_float_eq(relative, json_number_value(json_object_get(wanted, "rel")),
	                   1e-15 + rounding, "%s: %.17g", name, relative);
}

Test(change_points, equal_those_of_otava)
{
	json_t *all = vectors("otava_vectors.json"), *v;
	const char *name;
	size_t n_changes = 0;

	json_object_foreach (all, name, v) {
		double x[MANY];
		size_t n = numbers_of(json_object_get(v, "series"), x);
		const json_t *wanted = json_object_get(v, "change_points");
		struct change_points c = find(x, n, options_of(json_object_get(v, "params")));

		cr_expect_eq(c.n, json_array_size(wanted), "%s: %zu change points", name, c.n);
		for (size_t i = 0; i < c.n && i < json_array_size(wanted); i++, n_changes++) {
			const json_t *w = json_array_get(wanted, i);
			json_int_t index = json_integer_value(json_object_get(w, "index"));

			cr_expect_eq((json_int_t)c.at[i].index, index, "%s", name);
			expect_change(name, c.at + i, w);
		}
		change_points_done(&c);
	}
	cr_expect_geq(json_object_size(all), 18);
	cr_expect_geq(n_changes, 40);
	json_decref(all);
}

/* Of tests/tigerbeetle_test.py in Otava's sources, all but those of magnitude 0 and p .1 or more.
 */
static const struct published {
	double p, magnitude;
	size_t at[32];
} published[] = {
	{.001, 0, {15, 61, 71, 95, 117, 131, 142, 148, 192, 212, 260}},
	{.0001, 0, {71, 95, 117, 131, 142, 148, 192, 212}},
	{.00001, 0, {71, 95, 131, 192, 212}},
	{.01, 0, {15, 26, 61, 71, 95, 117, 131, 142, 148, 165, 169, 192, 212, 260}},
	{.01, .05, {15, 71}},
	{.05, .05, {15, 71}},
	{.1, .05, {10, 11, 15, 71, 363}},
	{.2, .05, {10, 11, 15, 71}},
	{.1, .01, {10,  11,  15,  28,  29,  35,  37,  48,  49,  61,  71,  95,  117, 131,
                   142, 148, 165, 169, 192, 206, 212, 260, 265, 268, 278, 282, 363}},
};

Test(change_points, equal_those_that_otava_publishes)
{
	json_t *all = vectors("otava_vectors.json");
	const json_t *v = json_object_get(all, "tigerbeetle_w50_p0.001");
	double x[MANY];
	size_t n = numbers_of(json_object_get(v, "series"), x);

	cr_assert_eq(n, 365);
	for (size_t k = 0; k < ARRAY_LEN(published); k++) {
		const struct published *w = published + k;
		struct change_points c = find(
			x, n,
			(struct change_points_options){
				.window = 30, .max_p = w->p, .min_magnitude = w->magnitude});

		for (size_t i = 0; i < c.n && i < ARRAY_LEN(w->at); i++)
			cr_expect_eq(c.at[i].index, w->at[i], "%zu: %zu", k, c.at[i].index);
		cr_expect(c.n > 0 && c.n < ARRAY_LEN(w->at) && w->at[c.n - 1] > 0 &&
		                  w->at[c.n] == 0,
		          "%zu: %zu change points", k, c.n);
		change_points_done(&c);
	}
	json_decref(all);
}

/* --- the gates ------------------------------------------------------------------------ */

static struct change_points_options gated_independent(void)
{
	struct change_points_options o = CHANGE_POINTS_GATED;

	o.autocorrelation = false;
	return o;
}

Test(change_points, pass_the_gates_as_the_reference_says)
{
	json_t *all = vectors("gated_vectors.json"), *otava = vectors("otava_vectors.json"), *v;
	const char *name;
	size_t tested = 0;

	json_object_foreach (all, name, v) {
		const json_t *series = json_object_get(v, "series");
		struct change_points c;
		double x[MANY];
		size_t n;

		if (!series)
			continue; /* the night's own verdict */
		if (json_is_string(series))
			series = json_object_get(json_object_get(otava, name), "series");
		n = numbers_of(series, x);
		cr_assert_gt(n, 0, "%s", name);
		c = find(x, n,
		         (struct change_points_options){.window = strstr(name, "w10") ? 10 : 50,
		                                        .max_p = strstr(name, "p1e-4") ? .0001
		                                                                       : .001});
		expect_indexes(name, &c, json_object_get(v, "otava"));
		change_points_done(&c);
		c = find(x, n, gated_independent());
		expect_indexes(name, &c, json_object_get(v, "gated"));
		change_points_done(&c);
		c = find(x, n, CHANGE_POINTS_GATED);
		expect_indexes(name, &c, json_object_get(v, "gated_rho"));
		change_points_done(&c);
		tested++;
	}
	cr_expect_geq(tested, 19);
	json_decref(all);
	json_decref(otava);
}

Test(change_points, say_how_large_and_how_sure_they_are)
{
	static const double x[] = {100, 101, 99,  100, 100, 101, 100, 101, 99,
	                           100, 101, 100, 105, 106, 105, 104, 106};
	struct change_points c = find(x, ARRAY_LEN(x), CHANGE_POINTS_GATED);

	cr_assert_eq(c.n, 1);
	cr_expect_eq(c.at[0].index, 12);
	cr_expect_eq(c.at[0].before.n, 12);
	cr_expect_eq(c.at[0].after.n, 5);
	cr_expect_eq(c.at[0].before.median, 100);
	cr_expect_eq(c.at[0].after.median, 105);
	cr_expect_eq(c.at[0].cles, 1);
	cr_expect_eq(c.at[0].shift, 5);
	cr_expect_float_eq(c.at[0].effect, .05, 1e-15);
	cr_expect_eq(c.at[0].p_autocorrelated, c.at[0].p, "r is negative here");
	cr_expect_eq(c.autocorrelation, 0);
	change_points_done(&c);
}

Test(change_points, of_each_gate_by_itself)
{
	static const double spike[] = {100, 101, 99,  100, 100, 101, 100,
	                               101, 99,  100, 101, 100, 112, 113};
	static const double small[] = {100, 100.1, 99.9, 100, 100, 100.1, 100, 100.1,
	                               101, 101.1, 101,  101, 101, 100.9, 101, 100.9};
	struct change_points_options o = gated_independent();
	struct change_points c = find(spike, ARRAY_LEN(spike), o);

	cr_expect_eq(c.n, 0, "two points are too few");
	o.min_segment = 2;
	c = find(spike, ARRAY_LEN(spike), o);
	cr_expect_eq(c.n, 1);
	change_points_done(&c);
	c = find(small, ARRAY_LEN(small), o);
	cr_expect_eq(c.n, 0, "one percent is too little");
	o.min_effect = .01;
	c = find(small, ARRAY_LEN(small), o);
	cr_expect_eq(c.n, 1);
	cr_expect(c.n == 1 && c.at[0].effect >= .01);
	change_points_done(&c);
}

/* --- properties ----------------------------------------------------------------------- */

/* Noise with this lag-1 autocorrelation, 2 % about 100, and a step of `step` at `at`. */
static void draw(double *x, size_t n, double r, size_t at, double step, uint64_t *state)
{
	random_noise(x, n, r, state);
	for (size_t i = 0; i < n; i++)
		x[i] = (100 + 2 * x[i]) * (i < at ? 1 : 1 + step);
}

/* A power of two: nothing is rounded that was not. */
Test(change_points, do_not_depend_on_the_unit)
{
	uint64_t state = 4711;
	size_t n_changes = 0;

	for (size_t k = 0; k < 200; k++) {
		double x[90], y[90];
		struct change_points a, b;

		draw(x, 90, 0, 40 + k % 30, .06, &state);
		for (size_t i = 0; i < 90; i++)
			y[i] = x[i] * 0x1p-20;
		a = find(x, 90, CHANGE_POINTS_GATED);
		b = find(y, 90, CHANGE_POINTS_GATED);
		cr_expect_eq(a.n, b.n);
		for (size_t i = 0; i < a.n && i < b.n; i++) {
			cr_expect_eq(a.at[i].index, b.at[i].index);
			cr_expect_eq(a.at[i].qhat, b.at[i].qhat * 0x1p20);
			cr_expect_eq(a.at[i].p, b.at[i].p);
			cr_expect_eq(a.at[i].effect, b.at[i].effect);
		}
		n_changes += a.n;
		change_points_done(&a);
		change_points_done(&b);
	}
	cr_expect_geq(n_changes, 190);
}

static bool is_only(const struct change_points *c, size_t at)
{
	return c->n == 1 && c->at[0].index == at;
}

/*
 * Q and the windows begin at the left, and the merge may keep the second of two candidates beside
 * each other: most are the same from behind, and none is lost.
 */
Test(change_points, of_a_clear_step_are_found_from_both_ends)
{
	uint64_t state = 815;
	size_t same = 0, lost = 0;

	for (size_t k = 0; k < 1000; k++) {
		double x[40], y[40];
		size_t at = 10 + k % 20;
		struct change_points a, b;

		draw(x, 40, 0, at, .5, &state);
		for (size_t i = 0; i < 40; i++)
			y[i] = x[39 - i];
		a = find(x, 40, gated_independent());
		b = find(y, 40, gated_independent());
		lost += a.n == 0 || b.n == 0;
		if (is_only(&a, at) && is_only(&b, 40 - at)) {
			cr_expect_float_eq(a.at[0].p, b.at[0].p, 1e-9 * a.at[0].p);
			cr_expect_eq(a.at[0].shift, -b.at[0].shift);
			same++;
		}
		change_points_done(&a);
		change_points_done(&b);
	}
	cr_expect_eq(lost, 0, "%zu lost", lost);
	cr_expect_geq(same, 950, "%zu are the same", same);
}

Test(change_points, of_equal_numbers_there_are_none)
{
	static const double values[] = {0, .1, 1. / 3, 1e300, -7e-310};
	double x[60];

	for (size_t k = 0; k < ARRAY_LEN(values); k++) {
		for (size_t n = 0; n <= 60; n++) {
			struct change_points c;

			for (size_t i = 0; i < n; i++)
				x[i] = values[k];
			c = find(x, n, CHANGE_POINTS_OTAVA);
			cr_expect_eq(c.n, 0, "%g: %zu", values[k], n);
			cr_expect_null(c.at);
		}
	}
}

Test(change_points, of_numbers_too_large_for_their_squares_do_no_harm)
{
	double x[30];
	struct change_points c;

	for (size_t i = 0; i < 30; i++)
		x[i] = (i % 7 < 3 ? -1 : 1) * 1.7e308;
	c = find(x, 30, CHANGE_POINTS_GATED);
	cr_expect_eq(c.n, 0);
	change_points_done(&c);
}

/* How many of 2000 series of noise alone have one, per thousand. */
static size_t false_alarms(double r, struct change_points_options o)
{
	uint64_t state = 20240229;
	size_t n = 0;

	for (size_t k = 0; k < 2000; k++) {
		double x[60];
		struct change_points c;

		draw(x, 60, r, 60, 0, &state);
		c = find(x, 60, o);
		n += c.n > 0;
		change_points_done(&c);
	}
	return n / 2;
}

Test(change_points, of_noise_alone_are_rare)
{
	cr_expect_leq(false_alarms(0, CHANGE_POINTS_GATED), 12);
	cr_expect_geq(false_alarms(0, CHANGE_POINTS_OTAVA), 20);
	cr_expect_leq(false_alarms(.5, CHANGE_POINTS_GATED), 60);
	cr_expect_geq(false_alarms(.5, gated_independent()), 100);
}

/* --- autocorrelation ------------------------------------------------------------------ */

Test(autocorrelation, of_few_residuals_by_hand)
{
	double e[] = {1, 2, -1, -2}, whole[] = {1, 2, -1, -2}, scratch[4];
	static const size_t start[] = {2};

	/* (2 + 2) / 10 = .4, and .4 + 2.2 / 4 = .95 is more than is believed */
	cr_expect_eq(autocorrelation_of(e, 4, start, 1, scratch), AUTOCORRELATION_MOST);
	/* (2 - 2 + 2) / 10 = .2, and .2 + 1.6 / 4 = .6 */
	cr_expect_float_eq(autocorrelation_of(whole, 4, NULL, 0, scratch), .6, 1e-12);
}

Test(autocorrelation, of_noise_is_none_and_one_outlier_does_not_make_it_so)
{
	uint64_t state = 99;
	double x[300], scratch[300], r;

	draw(x, 300, .6, 300, 0, &state);
	for (size_t i = 0; i < 300; i++)
		x[i] -= 100;
	x[150] = 1e6;
	r = autocorrelation_of(x, 300, NULL, 0, scratch);
	cr_expect(r > .45 && r < .75, "%g", r);
	draw(x, 300, 0, 300, 0, &state);
	for (size_t i = 0; i < 300; i++)
		x[i] -= 100;
	cr_expect_eq(autocorrelation_of(x, 300, NULL, 0, scratch), 0);
	cr_expect_eq(autocorrelation_of((double[]){0, 0, 0}, 3, NULL, 0, scratch), 0);
}
