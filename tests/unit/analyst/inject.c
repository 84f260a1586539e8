/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <math.h>

#include "agents/analyst/inject.h"
#include "tests/unit/analyst/random.h"

#define SERIES_MAX 64
#define RUNS_MAX   40

/* One suite of series that stay where they are but for some noise. */
struct quiet {
	double x[SERIES_MAX][RUNS_MAX];
	uint32_t run[RUNS_MAX];
	struct suite_series series[SERIES_MAX];
	struct suite suite;
	struct suite *list;
};

static void quiet_make(struct quiet *q, size_t series, size_t runs, double noise)
{
	uint64_t state = 7;

	for (size_t i = 0; i < series; i++) {
		for (size_t k = 0; k < runs; k++) {
			q->run[k] = (uint32_t)k;
			q->x[i][k] = 100 * (1 + noise * random_normal(&state));
		}
		q->series[i] = (struct suite_series){
			.x = q->x[i], .run = q->run, .n = runs, .better = i % 2 ? 1 : -1};
	}
	q->suite = (struct suite){.series = q->series,
	                          .n = series,
	                          .runs = runs,
	                          .min_effect = .02,
	                          .family = series};
	q->list = &q->suite;
}

static struct inject_tally inject(struct quiet *q, double size)
{
	struct inject_tally t;

	cr_assert_eq(inject_steps(&t, &q->list, 1, size), 0);
	return t;
}

Test(inject, a_large_step_is_told_at_once_and_sure_after_three_runs)
{
	static struct quiet q;
	struct inject_tally t;

	quiet_make(&q, 30, 24, .005);
	t = inject(&q, .1);
	cr_expect_eq(t.series, 30);
	cr_expect_eq(t.too_short + t.undirected, 0);
	cr_expect_eq(t.after[0].n, 30);
	cr_expect_geq(t.after[0].told, 29);
	cr_expect_eq(t.after[0].confirmed, 0, "one run makes nothing sure: %zu",
	             t.after[0].confirmed);
	cr_expect_eq(t.after[2].confirmed, 30);
	cr_expect_eq(t.after[7].n, 30);
	cr_expect_eq(t.after[7].confirmed, 30);
	cr_expect_eq(t.after[1].n, 0, "nobody asks after two");
	cr_expect_eq(t.nights, 8 * 30);
	cr_expect_eq(t.suspected + t.confirmed, 0);
}

Test(inject, a_step_within_the_noise_is_not_told)
{
	static struct quiet q;
	struct inject_tally t;

	quiet_make(&q, 30, 24, .01);
	t = inject(&q, .003);
	cr_expect_eq(t.after[0].n, 30);
	cr_expect_leq(t.after[0].told + t.after[2].confirmed, 1);
}

Test(inject, of_many_series_each_takes_a_step_once)
{
	static struct quiet q;
	struct inject_tally t;

	quiet_make(&q, 50, 20, .005);
	t = inject(&q, .1);
	cr_expect_eq(t.after[0].n, 50);
	cr_expect_eq(t.after[7].n, 50);
	cr_expect_geq(t.after[7].confirmed, 49);
}

Test(inject, the_step_begins_in_the_ninth_run_where_there_are_few)
{
	static struct quiet q;
	struct inject_tally t;

	quiet_make(&q, 20, 11, .005);
	t = inject(&q, .2);
	cr_expect_eq(t.after[0].n, 20);
	cr_expect_eq(t.after[2].n, 20);
	cr_expect_eq(t.after[7].n, 0, "there are three runs with it");
	cr_expect_eq(t.nights, 3 * 20);
}

Test(inject, too_short_and_undirected_series_take_none)
{
	static struct quiet q;
	struct inject_tally t;

	quiet_make(&q, 20, 8, .005);
	t = inject(&q, .1);
	cr_expect_eq(t.too_short, 20);
	cr_expect_eq(t.after[0].n, 0);
	cr_expect_eq(t.nights, 0);
	quiet_make(&q, 20, 24, .005);
	q.series[3].better = 0;
	q.series[5].x += 12; /* it was measured first in the thirteenth run */
	q.series[5].run += 12;
	q.series[5].n -= 12;
	t = inject(&q, .1);
	cr_expect_eq(t.undirected, 1);
	cr_expect_eq(t.too_short, 1);
	cr_expect_eq(t.after[0].n, 18);
}

Test(inject, what_was_there_before_is_not_found_and_is_counted)
{
	static struct quiet q;
	struct inject_tally t;

	quiet_make(&q, 20, 30, .005);
	for (size_t k = 10; k < 30; k++)
		q.x[1][k] *= .7; /* up is better */
	t = inject(&q, .003);
	cr_expect_eq(t.confirmed, 1);
	cr_expect_leq(t.after[7].told, 1, "the old step is none of ours");
	cr_expect_leq(t.after[7].confirmed, 0);
}

Test(inject, suites_are_judged_together_and_stay_as_they_were)
{
	static struct quiet a, b;
	struct suite *list[] = {&a.suite, &b.suite};
	struct inject_tally t, again;
	double before;

	quiet_make(&a, 25, 24, .005);
	quiet_make(&b, 5, 10, .005);
	a.suite.family = b.suite.family = 30;
	before = a.x[0][23];
	cr_assert_eq(inject_steps(&t, list, 2, .1), 0);
	cr_assert_eq(inject_steps(&again, list, 2, .1), 0);
	cr_expect_eq(memcmp(&t, &again, sizeof t), 0);
	cr_expect_float_eq(a.x[0][23], before, 0);
	cr_expect_eq(t.series, 30);
	cr_expect_eq(t.after[0].n, 30);
	cr_expect_eq(t.after[2].n, 25);
	cr_expect_eq(t.nights, 8 * 25 + 2 * 5);
}
