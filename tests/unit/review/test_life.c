/* SPDX-License-Identifier: MIT */
/* One review from its start to each of its ends. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/unit/review/bench.h"

#define TURNS_MAX 2000 /* of the loop; a review of two files has some 20 */

Test(life, without_a_model_it_ends_once_with_a_whole_report)
{
	struct bench b;
	json_t *report;

	bench_init(&b);
	bench_review(&b, "nightly-review");
	cr_assert_eq(b.state, JOB_SUCCEEDED, "%s", b.error);
	cr_expect_str_eq(b.verdict, "cannot_tell");
	report = bench_report(&b);
	cr_expect_eq(json_array_size(json_object_get(report, "steps")), 3);
	cr_expect_eq(json_array_size(json_object_get(report, "calls")), 0);
	cr_expect_gt(json_array_size(json_object_get(report, "facts")), 0);
	json_decref(report);
	cr_expect_eq(bench_published(&b), 1);
	bench_done(&b);
}

/* Lets the loop turn n times. False when the review has ended before. */
static bool turn(struct bench *b, unsigned n)
{
	for (unsigned i = 0; i < n && !b->done; i++)
		(void)uv_run(&b->loop, UV_RUN_ONCE);
	return !b->done;
}

Test(life, cancelled_after_any_turn_of_the_loop_it_ends_once)
{
	struct bench b;
	unsigned n = 0;
	bool alive = true;

	bench_init(&b);
	for (; alive && n < TURNS_MAX; n++) {
		size_t published = bench_published(&b);

		bench_submit(&b, "nightly-review");
		bench_start(&b);
		alive = turn(&b, n);
		if (alive) {
			review_cancel(b.review);
			cr_expect_eq(b.done, 0, "on_done() ran inside review_cancel()");
			review_cancel(b.review);
		}
		bench_run(&b);
		/* Once it is being published, it is too late. */
		cr_expect(b.state == JOB_CANCELLED || b.state == JOB_SUCCEEDED, "turn %u: %s", n,
		          b.error);
		cr_expect_eq(bench_published(&b) - published, b.state == JOB_SUCCEEDED);
		cr_expect_str_eq(b.error, "");
	}
	cr_expect_gt(n, 5);
	cr_expect_eq(b.state, JOB_SUCCEEDED);
	bench_done(&b);
}

Test(life, suspended_after_any_turn_of_the_loop_it_resumes_and_ends_well)
{
	struct bench b;
	unsigned n = 0;
	bool alive = true;

	bench_init(&b);
	for (; alive && n < TURNS_MAX; n++) {
		bench_submit(&b, "nightly-review");
		bench_start(&b);
		alive = turn(&b, n);
		if (alive)
			review_suspend(b.review);
		bench_run(&b);
		if (b.state == JOB_QUEUED) {
			cr_expect_eq(bench_published(&b), n, "turn %u", n);
			bench_requeue(&b);
			bench_start(&b);
			bench_run(&b);
		}
		cr_assert_eq(b.state, JOB_SUCCEEDED, "turn %u: %s", n, b.error);
		cr_expect_eq(bench_published(&b), n + 1);
	}
	cr_expect_gt(n, 5);
	bench_done(&b);
}

Test(life, cancelled_from_its_own_event_it_ends_once)
{
	static const char *const steps[] = {"inventory", "analyse", "compose"};
	static const char *const states[] = {"running", "done"};

	for (size_t i = 0; i < ARRAY_LEN(steps) * ARRAY_LEN(states); i++) {
		struct bench b;

		bench_init(&b);
		b.at_step = steps[i / 2];
		b.at_state = states[i % 2];
		b.act = review_cancel;
		bench_review(&b, "nightly-review");
		cr_expect_eq(b.state, JOB_CANCELLED, "%s %s", b.at_step, b.at_state);
		cr_expect_eq(bench_published(&b), 0);
		bench_done(&b);
	}
}

Test(life, roots_that_are_gone_fail_it_with_their_name)
{
	struct bench b;

	bench_init(&b);
	(void)snprintf(b.artifacts, sizeof b.artifacts, "%s/gone", b.dir);
	bench_review(&b, "nightly-review");
	cr_expect_eq(b.state, JOB_FAILED);
	cr_expect(strstr(b.error, "/gone"), "%s", b.error);
	cr_expect_eq(bench_published(&b), 0);
	bench_done(&b);
}

Test(life, a_report_that_cannot_be_published_fails_it_with_the_path)
{
	struct bench b;

	bench_init(&b);
	bench_file(&b, ".", "file", "");
	free(b.config->reports);
	cr_assert_geq(asprintf(&b.config->reports, "%s/file/reports", b.dir), 0);
	bench_review(&b, "nightly-review");
	cr_expect_eq(b.state, JOB_FAILED);
	cr_expect(strstr(b.error, "/file/reports"), "%s", b.error);
	bench_done(&b);
}

Test(life, facts_that_do_not_fit_in_memory_fail_it_with_the_limit_to_raise)
{
	struct bench b;

	bench_init(&b);
	b.config->limits.memory_bytes = 12000;
	bench_review(&b, "nightly-review");
	cr_expect_eq(b.state, JOB_FAILED);
	cr_expect(strstr(b.error, "memory"), "%s", b.error);
	bench_done(&b);
}
