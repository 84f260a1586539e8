/* SPDX-License-Identifier: MIT */
/* What a second life of a review takes up from the first, and what it must not. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/unit/review/bench.h"

/* The answer of a call that was made in the first life. */
#define ANSWER "{\"claims\":[{\"about\":[\"K1\"],\"text\":\"The failed rows deserve a look.\"}]}"

static void suspend_after_inventory(struct bench *b)
{
	bench_init(b);
	b->at_step = "inventory";
	b->at_state = "done";
	b->act = review_suspend;
	bench_review(b, "nightly-review");
	b->at_step = NULL;
	bench_requeue(b);
}

static char *checkpoint(struct bench *b, const char *step)
{
	struct error err = {0};
	char *text = NULL;

	cr_assert_eq(store_checkpoint_get(b->store, &text, b->id, step, &err), 0, "%s", err.text);
	return text;
}

/* Checkpoints can be written of running jobs alone, so the job is claimed for it. */
static void set_checkpoint(struct bench *b, const char *step, const char *text)
{
	struct job job = {0};
	struct error err = {0};

	cr_assert_eq(store_claim(b->store, &job, &err), 0, "%s", err.text);
	cr_assert_eq(store_checkpoint(b->store, b->id, step, text, &err), 0, "%s", err.text);
	cr_assert_eq(store_requeue(b->store, b->id, &err), 0, "%s", err.text);
	job_done(&job);
}

/* As if a model had answered the first question of the step in the first life. */
static void add_answer(struct bench *b, const char *step)
{
	char *text = checkpoint(b, step), *more;
	json_t *o;

	cr_assert(text, "no checkpoint of %s", step);
	o = json_loads(text, 0, NULL);
	cr_assert_eq(json_array_append_new(json_object_get(o, "answers"),
	                                   json_pack("{siss}", "ask", 0, "text", ANSWER)),
	             0);
	cr_assert_eq(json_array_append_new(
			     json_object_get(o, "records"),
			     json_pack("{ssss}", "endpoint", "first-life", "model", "gemma3")),
	             0);
	more = json_dumps(o, JSON_COMPACT);
	set_checkpoint(b, step, more);
	free(more);
	free(text);
	json_decref(o);
}

static size_t calls_in_second_life(struct bench *b)
{
	json_t *report;
	size_t n;

	bench_start(b);
	bench_run(b);
	cr_assert_eq(b->state, JOB_SUCCEEDED, "%s", b->error);
	report = bench_report(b);
	n = json_array_size(json_object_get(report, "calls"));
	json_decref(report);
	return n;
}

Test(resume, answers_of_the_first_life_are_used)
{
	struct bench b;

	suspend_after_inventory(&b);
	add_answer(&b, "inventory");
	cr_expect_eq(calls_in_second_life(&b), 1);
	bench_done(&b);
}

Test(resume, answers_about_artifacts_that_have_changed_are_not_used)
{
	struct bench b;

	suspend_after_inventory(&b);
	add_answer(&b, "inventory");
	bench_file(&b, "artifacts", "a.csv", "backend,time_ms,error\nx,1.6,\ny,2.5,\nz,0,oops\n");
	cr_expect_eq(calls_in_second_life(&b), 0);
	bench_done(&b);
}

Test(resume, answers_to_questions_that_a_new_configuration_puts_otherwise_are_not_used)
{
	struct config_rule *rule = calloc(1, sizeof *rule);
	struct bench b;

	bench_init(&b);
	b.at_step = "analyse";
	b.at_state = "done";
	b.act = review_suspend;
	bench_review(&b, "nightly-review");
	b.at_step = NULL;
	bench_requeue(&b);
	add_answer(&b, "analyse");
	rule->pattern = strdup("time_ms");
	rule->role = strdup("ignored");
	b.config->columns = rule;
	b.config->n_columns = 1;
	cr_expect_eq(calls_in_second_life(&b), 0);
	bench_done(&b);
}

Test(resume, damaged_checkpoints_cost_only_their_answers)
{
	static const char *const damaged[] = {"", "{", "[]", "{\"evidence\":1}",
	                                      "{\"evidence\":\"sha256:0\",\"started_at\":1,"
	                                      "\"wall_ms\":1,\"why\":\"\",\"answers\":[{\"ask\":-1,"
	                                      "\"text\":\"\"}],\"records\":[{}]}"};

	for (size_t i = 0; i < ARRAY_LEN(damaged); i++) {
		struct bench b;

		suspend_after_inventory(&b);
		set_checkpoint(&b, "inventory", damaged[i]);
		cr_expect_eq(calls_in_second_life(&b), 0, "%s", damaged[i]);
		bench_done(&b);
	}
}

Test(resume, answers_to_questions_that_are_no_more_are_passed_over)
{
	char text[512], evidence[128];
	struct bench b;
	char *saved;
	json_t *o;

	suspend_after_inventory(&b);
	saved = checkpoint(&b, "inventory");
	o = json_loads(saved, 0, NULL);
	(void)snprintf(evidence, sizeof evidence, "%s",
	               json_string_value(json_object_get(o, "evidence")));
	json_decref(o);
	free(saved);
	(void)snprintf(text, sizeof text,
	               "{\"evidence\":\"%s\",\"started_at\":1,\"wall_ms\":1,\"why\":\"\","
	               "\"answers\":[{\"ask\":4000000000,\"text\":\"{}\"},"
	               "{\"ask\":-1,\"text\":\"{}\"}],\"records\":[]}",
	               evidence);
	set_checkpoint(&b, "inventory", text);
	cr_expect_eq(calls_in_second_life(&b), 0);
	bench_done(&b);
}

Test(resume, what_was_published_before_the_crash_is_not_reviewed_again)
{
	struct bench b;
	char report[sizeof b.report];

	bench_init(&b);
	bench_review(&b, "nightly-review");
	cr_assert_eq(b.state, JOB_SUCCEEDED, "%s", b.error);
	(void)snprintf(report, sizeof report, "%s", b.report);
	/* The daemon dies before the store hears of it; until it is back, the roots go. */
	b.state = JOB_QUEUED;
	bench_requeue(&b);
	(void)snprintf(b.artifacts, sizeof b.artifacts, "%s/gone", b.dir);
	bench_start(&b);
	bench_run(&b);
	cr_assert_eq(b.state, JOB_SUCCEEDED, "%s", b.error);
	cr_expect_str_eq(b.report, report);
	cr_expect_str_eq(b.verdict, "cannot_tell");
	bench_done(&b);
}
