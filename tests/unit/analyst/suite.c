/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <math.h>

#include "agents/analyst/suite.h"

#define MOST_RUNS   64
#define MOST_SERIES 100

static struct {
	double x[MOST_SERIES][MOST_RUNS];
	uint32_t run[MOST_RUNS];
	struct suite_series series[MOST_SERIES];
	struct suite suite;
} t;

static void start(void)
{
	memset(&t, 0, sizeof t);
	for (uint32_t i = 0; i < MOST_RUNS; i++)
		t.run[i] = i;
}

TestSuite(suite, .init = start);

static void judge(size_t series, size_t runs)
{
	struct suite *list = &t.suite;

	for (size_t i = 0; i < series; i++)
		t.series[i] = (struct suite_series){
			.x = t.x[i], .run = t.run, .n = runs, .better = i % 2 ? -1 : 1};
	t.suite = (struct suite){
		.series = t.series, .n = series, .runs = runs, .min_effect = .02, .family = series};
	cr_assert_eq(suite_judge(&t.suite), 0);
	cr_assert_eq(suite_settle(&list, 1, .05), 0);
	suite_done(&t.suite);
}

static const struct suite_verdict *alone(const double *x, size_t n)
{
	memcpy(t.x[0], x, n * sizeof *x);
	judge(1, n);
	return &t.series[0].v;
}

#define NIGHTS 100, 101, 99, 100, 100, 101, 100, 101, 99, 100, 101, 100

Test(suite, a_night_is_judged_as_the_contract_says)
{
	cr_expect_eq(alone((double[]){NIGHTS, 104}, 13)->run.state, SUITE_STEADY);
	cr_expect_eq(alone((double[]){NIGHTS, 105}, 13)->run.state, SUITE_SUSPECTED);
	cr_expect_eq(t.series[0].v.run.turn, 1);
	cr_expect_eq(alone((double[]){NIGHTS, 95}, 13)->run.state, SUITE_SUSPECTED);
	cr_expect_eq(t.series[0].v.run.turn, -1);
	cr_expect_eq(t.series[0].v.run.since, 12);
	cr_expect_eq(t.series[0].v.references, 12);
}

Test(suite, seven_nights_are_too_few_to_judge_the_eighth)
{
	const struct suite_verdict *v = alone((double[]){100, 101, 99, 100, 100, 101, 100, 1000},
	                                      8);

	cr_expect(!v->tested);
	cr_expect_eq(v->run.state, SUITE_STEADY);
}

Test(suite, three_nights_in_a_row_are_no_accident)
{
	const struct suite_verdict *v = alone((double[]){NIGHTS, 80, 81, 79}, 15);
	const struct suite_change *c = v->level.state ? &v->level : &v->run;

	cr_expect_eq(c->state, SUITE_CONFIRMED);
	cr_expect_eq(c->since, 12);
	cr_expect_eq(c->before, 0);
	cr_expect_eq(c->turn, -1);
}

Test(suite, a_bad_night_that_is_over_was_a_spike)
{
	const struct suite_verdict *v = alone((double[]){NIGHTS, 80, 100}, 14);

	cr_expect_eq(v->run.state, SUITE_SPIKE);
	cr_expect_eq(v->run.since, 12);
	cr_expect_eq(v->level.state, SUITE_STEADY);
	cr_expect_eq(alone((double[]){NIGHTS, 80, 100, 101}, 15)->run.state, SUITE_STEADY);
}

Test(suite, a_loss_stays_open_until_it_is_made_up_for)
{
	cr_expect_eq(alone((double[]){NIGHTS, 80, 81, 79, 80, 80, 81, 79, 80, 80, 81, 80, 79, 80,
	                              80, 81, 79, 80},
	                   29)
	                     ->level.state,
	             SUITE_CONFIRMED);
	cr_expect_eq(t.series[0].v.level.since, 12);
	alone((double[]){NIGHTS, 80, 81, 79, 80, 80, 81, 79, 80, 100, 101, 100, 99}, 24);
	cr_expect_eq(t.series[0].v.level.state, SUITE_RECOVERED);
	cr_expect_eq(t.series[0].v.level.since, 12);
}

Test(suite, what_became_normal_is_held_against_the_best_there_was)
{
	const struct suite_verdict *v = alone(
		(double[]){NIGHTS, 95, 95, 96, 95, 94, 95, 95, 96, 90, 91, 90, 89, 90, 90, 91, 90},
		28);

	cr_expect_eq(v->level.state, SUITE_CONFIRMED);
	cr_expect_eq(v->level.before, 12);
	cr_expect_eq(v->level.since, 20);
	cr_expect_eq(v->best, 0);
	cr_expect_eq(v->best_end, 12);
}

/* Numbers that scatter by about one percent, the same in every life of this test. */
static double scatter(size_t series, size_t run)
{
	uint32_t h = (uint32_t)(series * 7919 + run * 104729 + 1);

	h = (h ^ (h >> 15)) * 2246822519u;
	h = (h ^ (h >> 13)) * 3266489917u;
	h ^= h >> 16;
	return 1 + .01 * (2 * (double)h / 4294967295.0 - 1) * sqrt(3);
}

static void fill(size_t series, size_t runs)
{
	for (size_t i = 0; i < series; i++)
		for (size_t k = 0; k < runs; k++)
			t.x[i][k] = (double)(10 * (i + 1)) * scatter(i, k);
}

/* Series 0, 2, 4 ... are better when higher, the others when lower. */
static void worsen(size_t i, size_t from, size_t runs, double by)
{
	for (size_t k = from; k < runs; k++)
		t.x[i][k] *= i % 2 ? 1 / (1 - by) : 1 - by;
}

Test(suite, many_series_tell_the_noise_that_a_few_nights_cannot)
{
	fill(40, 4);
	t.x[4][3] *= .8;
	judge(40, 4);
	cr_expect(t.series[4].v.tested);
	cr_expect_eq(t.series[4].v.run.state, SUITE_SUSPECTED);
	for (size_t i = 0; i < 40; i++)
		cr_expect(i == 4 || t.series[i].v.run.state == SUITE_STEADY, "series %zu", i);
}

Test(suite, it_takes_as_many_nights_before_as_after_to_be_sure)
{
	fill(40, 6);
	worsen(4, 1, 6, .2); /* or its first night was the odd one */
	judge(40, 6);
	cr_expect_eq(t.series[4].v.run.state, SUITE_SUSPECTED);
	cr_expect_eq(t.series[4].v.streak, 5);
	cr_expect_eq(t.series[4].v.references, 1);
	fill(40, 6);
	worsen(4, 3, 6, .2);
	judge(40, 6);
	cr_expect(t.series[4].v.run.state == SUITE_CONFIRMED ||
	          t.series[4].v.level.state == SUITE_CONFIRMED);
}

Test(suite, a_machine_that_slows_down_is_one_thing_and_what_deviates_another)
{
	size_t told = 0;

	fill(100, 30);
	for (size_t i = 0; i < 100; i++)
		worsen(i, 22, 30, i == 6 ? .2 : .08);
	judge(100, 30);
	cr_expect_eq(t.suite.common.level.state, SUITE_CONFIRMED);
	cr_expect_eq(t.suite.common.level.since, 22);
	cr_expect_eq(t.suite.common.level.turn, -1);
	for (size_t i = 0; i < 100; i++)
		told += t.series[i].v.level.state != SUITE_STEADY ||
		        t.series[i].v.run.state != SUITE_STEADY;
	cr_expect_eq(told, 1);
	cr_expect_eq(t.series[6].v.level.state, SUITE_CONFIRMED);
	cr_expect_eq(t.series[6].v.level.turn, -1);
}

Test(suite, what_does_not_move_with_the_machine_stays_as_it_is)
{
	fill(60, 30);
	for (size_t i = 0; i < 50; i++)
		worsen(i, 22, 30, .15);
	judge(60, 30);
	for (size_t i = 50; i < 60; i++)
		cr_expect_eq(t.series[i].v.level.state, SUITE_STEADY, "series %zu", i);
}

Test(suite, units_and_the_order_of_the_series_do_not_matter)
{
	struct suite_verdict before;

	fill(30, 20);
	worsen(2, 15, 20, .1);
	judge(30, 20);
	before = t.series[2].v;
	fill(30, 20);
	worsen(2, 15, 20, .1);
	for (size_t k = 0; k < 20; k++)
		t.x[2][k] *= 1024;
	judge(30, 20);
	cr_expect_eq(t.series[2].v.level.state, before.level.state);
	cr_expect_eq(t.series[2].v.level.since, before.level.since);
	cr_expect_float_eq(t.series[2].v.run.p, before.run.p, 1e-9);
}

Test(suite, zeros_and_negative_values_are_judged_too)
{
	const struct suite_verdict *v = alone((double[]){0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 11);

	cr_expect_eq(v->run.state, SUITE_STEADY);
	v = alone((double[]){-10, -10.1, -9.9, -10, -10, -10.1, -10, -10.1, -9.9, -10, -20}, 11);
	cr_expect_eq(v->run.state, SUITE_SUSPECTED);
	cr_expect_eq(v->run.turn, -1);
}

Test(suite, one_bad_night_among_many_series_is_over_when_it_is_over)
{
	fill(40, 30);
	t.x[4][27] *= .8;
	judge(40, 28);
	cr_expect_eq(t.series[4].v.run.state, SUITE_SUSPECTED);
	cr_expect_eq(t.series[4].v.level.state, SUITE_STEADY);
	judge(40, 29);
	cr_expect_eq(t.series[4].v.run.state, SUITE_SPIKE);
	cr_expect_eq(t.series[4].v.latest.state, SUITE_STEADY);
	judge(40, 30);
	cr_expect_eq(t.series[4].v.run.state, SUITE_STEADY);
	cr_expect_eq(t.series[4].v.level.state, SUITE_STEADY);
	cr_expect_eq(t.series[4].v.latest.state, SUITE_STEADY);
}

Test(suite, values_that_share_a_run_do_not_hide_what_is_common)
{
	struct suite *list = &t.suite;
	uint32_t twice[32];

	fill(30, 31);
	for (uint32_t k = 0; k < ARRAY_LEN(twice); k++) /* the first run was measured twice */
		twice[k] = k ? k - 1 : 0;
	for (size_t i = 0; i < 30; i++) {
		memmove(&t.x[i][1], &t.x[i][0], 31 * sizeof t.x[i][0]);
		worsen(i, 24, 32, .1);
		t.series[i] = (struct suite_series){
			.x = t.x[i], .run = twice, .n = 32, .better = i % 2 ? -1 : 1};
	}
	t.suite = (struct suite){
		.series = t.series, .n = 30, .runs = 31, .min_effect = .02, .family = 30};
	cr_assert_eq(suite_judge(&t.suite), 0);
	cr_assert_eq(suite_settle(&list, 1, .05), 0);
	suite_done(&t.suite);
	cr_expect_eq(t.suite.common.level.state, SUITE_CONFIRMED);
	cr_expect_eq(t.suite.common.level.since, 23);
}

Test(suite, the_level_of_a_quiet_run_begins_after_the_last_change)
{
	const struct suite_verdict *v = alone(
		(double[]){NIGHTS, 130, 131, 129, 130, 130, 131, 130, 131, 129, 130, 131, 130}, 24);

	cr_expect_eq(v->run.state, SUITE_STEADY);
	cr_expect_eq(v->run.before, 12);
	cr_expect_eq(v->references, 11);
}
