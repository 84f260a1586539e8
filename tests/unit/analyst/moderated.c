/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "agents/analyst/moderated.h"
#include "agents/analyst/polygamma.h"
#include "agents/analyst/statistics.h"
#include "tests/unit/analyst/random.h"

#define EULER 0.57721566490153286
#define ZETA3 1.20205690315959429
#define MANY  4000

/* --- the functions -------------------------------------------------------------------- */

Test(polygamma, at_points_with_a_closed_form)
{
	cr_expect_float_eq(digamma(1), -EULER, 1e-14);
	cr_expect_float_eq(digamma(.5), -EULER - 2 * M_LN2, 1e-14);
	cr_expect_float_eq(digamma(11), -EULER + 7381. / 2520, 1e-14);
	cr_expect_float_eq(trigamma(1), M_PI * M_PI / 6, 1e-14);
	cr_expect_float_eq(trigamma(.5), M_PI * M_PI / 2, 1e-14);
	cr_expect_float_eq(tetragamma(1), -2 * ZETA3, 1e-13);
	cr_expect_float_eq(tetragamma(.5), -14 * ZETA3, 1e-13);
}

/* Each is the derivative of the one before. */
Test(polygamma, one_is_the_slope_of_the_other)
{
	for (double x = .1; x < 100; x *= 1.7) {
		double h = x * 1e-4, first = (digamma(x + h) - digamma(x - h)) / (2 * h);
		double second = (trigamma(x + h) - trigamma(x - h)) / (2 * h);

		cr_expect_float_eq(first, trigamma(x), 1e-6 * trigamma(x), "%g", x);
		cr_expect_float_eq(second, tetragamma(x), -1e-6 * tetragamma(x), "%g", x);
	}
}

Test(polygamma, trigamma_and_back)
{
	for (double x = 1e-6; x < 1e9; x *= 3)
		cr_expect_float_eq(trigamma_inverse(trigamma(x)), x, 1e-6 * x, "%g", x);
}

Test(statistics, p_of_student_t_as_published)
{
	cr_expect_float_eq(student_t_p(2.228138852, 10), .05, 1e-10);
	cr_expect_float_eq(student_t_p(-63.65674116, 1), .01, 1e-11);
	cr_expect_float_eq(student_t_p(1.959963984540054, HUGE_VAL), .05, 1e-14);
	cr_expect_eq(student_t_p(0, 3), 1);
	cr_expect_eq(student_t_p(HUGE_VAL, 3), 0);
}

/* --- the prior ------------------------------------------------------------------------ */

static struct moderated_prior prior_of(const double *variance, const double *df, size_t n)
{
	struct moderated_prior p;

	cr_assert_eq(moderated_prior_of(&p, variance, df, n), 0);
	return p;
}

/*
 * By hand. With 2 degrees of freedom each, e = log s^2 + Euler's constant, and its noise is
 * trigamma(1) = pi^2 / 6. Log variances of -a, 0 and a have the variance a^2; of a^2 = pi^2 / 3
 * there remains pi^2 / 6, which is trigamma(1) again: d0 = 2. log s0^2 = Euler + digamma(1) - log 1
 * = 0.
 */
Test(moderated, of_three_series_by_hand)
{
	double a = M_PI / sqrt(3), small = exp(-a);
	const double variance[] = {small, 1, exp(a)}, df[] = {2, 2, 2};
	struct moderated_prior p = prior_of(variance, df, 3);
	struct moderated_test t = moderated_test(&p, 1.5, 1 + 1. / 3, small, 2);

	cr_expect_float_eq(p.df, 2, 1e-9);
	cr_expect_float_eq(p.variance, 1, 1e-9);
	cr_expect_eq(p.used, 3);
	cr_expect_eq(p.outlying, 0);
	cr_expect_eq(p.pooled, 6);
	cr_expect_float_eq(t.variance, (2 + 2 * small) / 4, 1e-9);
	cr_expect_float_eq(t.df, 4, 1e-9);
	cr_expect_float_eq(t.t, 1.5 / sqrt((1 + small) / 2 * 4 / 3), 1e-9);
	/* with 4 degrees of freedom P(|T| > t) = 1 - s (3 - s^2) / 2, s = t / sqrt(4 + t^2) */
	cr_expect_float_eq(
		t.p, 1 - t.t / sqrt(4 + t.t * t.t) * (3 - t.t * t.t / (4 + t.t * t.t)) / 2, 1e-9);
}

Test(moderated, series_with_the_same_variance_have_only_the_prior)
{
	const double variance[] = {4, 4, 4, 4}, df[] = {3, 3, 3, 3};
	struct moderated_prior p = prior_of(variance, df, 4);

	cr_expect(isinf(p.df));
	/* s0^2 is above: by the mean of its logarithm a variance of few is too small */
	cr_expect_float_eq(p.variance, 4 * exp(log(1.5) - digamma(1.5)), 1e-12);
	cr_expect_eq(moderated_variance(&p, 100, 3), p.variance);
	cr_expect_eq(moderated_test(&p, 1, 1, 100, 3).df, 12, "no more than all together have");
}

Test(moderated, two_series_have_no_prior)
{
	const double variance[] = {4, 9}, df[] = {3, 3};
	struct moderated_prior p = prior_of(variance, df, 2);
	struct moderated_test t = moderated_test(&p, 4, 1, 4, 10);

	cr_expect_eq(p.df, 0);
	cr_expect(isnan(p.variance));
	cr_expect_eq(t.variance, 4);
	cr_expect_eq(t.t, 2);
	cr_expect_float_eq(t.p, student_t_p(2, 10), 1e-15);
	t = moderated_test(&p, 4, 1, 0, 0);
	cr_expect(isnan(t.t));
	cr_expect_eq(t.p, 1, "nothing is known");
	cr_expect_eq(prior_of(NULL, NULL, 0).df, 0);
}

Test(moderated, of_an_exact_series_any_deviation_is_one)
{
	const double variance[] = {0, 0, 0, 0}, df[] = {3, 3, 3, 3};
	struct moderated_prior p = prior_of(variance, df, 4);

	cr_expect_eq(p.df, 0);
	cr_expect_eq(p.outlying, 4);
	cr_expect_eq(moderated_test(&p, -1e-9, 1, 0, 3).p, 0);
	cr_expect_eq(moderated_test(&p, 0, 1, 0, 3).p, 1);
}

/* A series without a variance of its own has the prior's. */
Test(moderated, lends_a_variance_to_a_new_series)
{
	const double variance[] = {1, 3, 9, 27, 4}, df[] = {9, 9, 9, 9, 9};
	struct moderated_prior p = prior_of(variance, df, 5);
	struct moderated_test t = moderated_test(&p, 5, 2, 0, 0);

	cr_expect(p.df > 0 && isfinite(p.df));
	cr_expect_eq(t.variance, p.variance);
	cr_expect_eq(t.df, p.df);
	cr_expect_float_eq(t.t, 5 / sqrt(2 * p.variance), 1e-12);
}

/* --- simulated families --------------------------------------------------------------- */

struct family {
	double sd[MANY], variance[MANY], df[MANY]; /* the true one, and what was measured of it */
};

/* Every `odd`-th series has 100 times the variance of the others; 0: none has. d0 = 0: inf */
static void draw(struct family *f, size_t n, unsigned df, unsigned d0, size_t odd, uint64_t *state)
{
	for (size_t i = 0; i < n; i++) {
		double v = d0 > 0 ? 4 * d0 / random_chi_square(d0, state) : 4;

		v *= odd > 0 && i % odd == 0 ? 100 : 1;
		f->sd[i] = sqrt(v);
		f->df[i] = df;
		f->variance[i] = v * random_chi_square(df, state) / df;
	}
}

Test(moderated, finds_what_a_family_was_drawn_from)
{
	static struct family f;
	uint64_t state = 2004;
	struct moderated_prior p;

	draw(&f, MANY, 7, 10, 0, &state);
	p = prior_of(f.variance, f.df, MANY);
	cr_expect(p.df > 8 && p.df < 12.5, "%g", p.df);
	cr_expect(p.variance > 3.8 && p.variance < 4.2, "%g", p.variance);
	cr_expect_leq(p.outlying, MANY / 500);
	draw(&f, MANY, 3, 4, 0, &state);
	p = prior_of(f.variance, f.df, MANY);
	cr_expect(p.df > 3.4 && p.df < 4.8, "%g", p.df);
	cr_expect(p.variance > 3.7 && p.variance < 4.3, "%g", p.variance);
	draw(&f, MANY, 7, 0, 0, &state);
	p = prior_of(f.variance, f.df, MANY);
	cr_expect_gt(p.df, 80, "%g", p.df);
	cr_expect(p.variance > 3.9 && p.variance < 4.1, "%g", p.variance);
}

/* With all of them in, 5 % of such series would make a d0 of 2 out of 10. */
Test(moderated, a_few_other_series_do_not_spoil_it)
{
	static struct family f;
	uint64_t state = 2016;
	struct moderated_prior p;

	draw(&f, MANY, 7, 10, 20, &state);
	p = prior_of(f.variance, f.df, MANY);
	cr_expect(p.df > 7.5 && p.df < 12.5, "%g", p.df);
	cr_expect(p.variance > 3.7 && p.variance < 4.3, "%g", p.variance);
	cr_expect(p.outlying > MANY / 25 && p.outlying < MANY / 15, "%zu", p.outlying);
}

/* Of 10,000 deviations of new values that are none, with p below `level`: of many families. */
static size_t alarms(size_t n, unsigned df, unsigned d0, double doubt, double level)
{
	static struct family f;
	uint64_t state = 77;
	size_t found = 0, tested = 0;

	while (tested < 40000) {
		double factor = 1 + 1. / (df + 1);
		struct moderated_prior p;

		draw(&f, n, df, d0, 0, &state);
		p = prior_of(f.variance, f.df, n);
		moderated_prior_doubt(&p, doubt);
		for (size_t i = 0; i < n; i++, tested++) {
			double off = f.sd[i] * sqrt(factor) * random_normal(&state);

			found += moderated_test(&p, off, factor, f.variance[i], df).p < level;
		}
	}
	return found / 4;
}

Test(moderated, false_alarms_are_as_many_as_they_say)
{
	size_t many = alarms(1000, 7, 10, 0, .01), few = alarms(200, 3, 4, 0, .01);
	size_t even = alarms(200, 7, 0, 0, .01), rare = alarms(200, 7, 10, 0, .001);

	cr_expect(many > 80 && many < 120, "%zu", many);
	cr_expect(few > 80 && few < 130, "%zu", few);
	cr_expect(even > 75 && even < 120, "%zu", even);
	cr_expect(rare > 4 && rare < 18, "%zu", rare);
}

Test(moderated, doubt_keeps_few_series_from_false_alarms)
{
	size_t sure = alarms(20, 1, 4, 0, .001), doubtful = alarms(20, 1, 4, 2, .001);

	cr_expect_geq(sure, 35, "%zu", sure);
	cr_expect_leq(doubtful, 25, "%zu", doubtful);
}

Test(moderated, doubt_makes_less_of_the_prior)
{
	static struct family f;
	uint64_t state = 5;
	struct moderated_prior p, doubted;

	draw(&f, 50, 5, 6, 0, &state);
	p = doubted = prior_of(f.variance, f.df, 50);
	moderated_prior_doubt(&doubted, 0);
	cr_expect_eq(doubted.df, p.df);
	moderated_prior_doubt(&doubted, 1);
	cr_expect(doubted.df > 0 && doubted.df < p.df, "%g, %g", doubted.df, p.df);
}

/* --- the common shift ----------------------------------------------------------------- */

static struct common_shift shift_of(const double *r, size_t n)
{
	struct common_shift c;

	cr_assert_eq(common_shift_of(&c, r, n), 0);
	return c;
}

/* The median of 1 .. 9 is 5, the MAD 2; 2 * 1.4826 * 9 / 8.2 = 3.2545 */
Test(common_shift, of_nine_series_by_hand)
{
	static const double r[] = {9, 1, 8, 2, 7, 3, 6, 4, 5};
	struct common_shift c = shift_of(r, 9);

	cr_expect_eq(c.shift, 5);
	cr_expect_float_eq(c.spread, 3.254487804878, 1e-12);
	cr_expect_float_eq(c.error, 1.2533 * 3.254487804878 / 3, 1e-12);
	cr_expect_float_eq(c.p, student_t_p(5 / c.error, 4), 1e-15);
	cr_expect_not(c.beyond);
}

/* Of 20,000 nights of n series, on how many do they move together; each by `shift` and noise of 1.
 */
static size_t shifted(size_t n, double shift)
{
	uint64_t state = 31337;
	size_t found = 0;

	for (size_t k = 0; k < 20000; k++) {
		double r[100];

		for (size_t i = 0; i < n; i++)
			r[i] = shift + random_normal(&state);
		found += shift_of(r, n).beyond;
	}
	return found;
}

Test(common_shift, is_rarely_seen_where_there_is_none)
{
	size_t few = shifted(8, 0), some = shifted(20, 0), many = shifted(100, 0);

	cr_expect(few >= 2 && few <= 35, "%zu", few);
	cr_expect(some >= 8 && some <= 40, "%zu", some);
	cr_expect(many >= 8 && many <= 40, "%zu", many);
	cr_expect_eq(shifted(COMMON_SHIFT_LEAST - 1, 9), 0, "too few to speak of");
	cr_expect_geq(shifted(100, 1), 19900);
}

Test(common_shift, of_some_series_is_not_one_of_all)
{
	double r[40];

	for (size_t i = 0; i < 40; i++)
		r[i] = (i % 3 == 0 ? 100 : 0) + (i % 2 > 0 ? 1 : -1) * (.1 + .01 * (double)i);
	cr_expect_not(shift_of(r, 40).beyond);
	for (size_t i = 0; i < 40; i++)
		r[i] += 5;
	cr_expect(shift_of(r, 40).beyond);
}

Test(common_shift, of_series_that_move_exactly_alike)
{
	static const double none[10] = {0}, one[] = {3};
	static const double all[] = {-.1, -.1, -.1, -.1, -.1, -.1, -.1, -.1, -.1};

	cr_expect_eq(shift_of(none, 10).p, 1);
	cr_expect_not(shift_of(none, 10).beyond);
	cr_expect_eq(shift_of(all, 9).p, 0);
	cr_expect(shift_of(all, 9).beyond);
	cr_expect_eq(shift_of(one, 1).p, 1);
}
