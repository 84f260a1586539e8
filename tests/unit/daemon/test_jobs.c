/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "daemon/jobs.h"
#include "daemon/store_sql.h"
#include "lib/base/files.h"
#include "tests/unit/daemon/fake_review.h"
#include "tests/unit/daemon/talk.h"

/* A queue over a store of its own, with reviews that follow a script. */
struct bench {
	uv_loop_t loop;
	char dir[32];
	struct store *store;
	struct store_queue *queue;
	struct events *events;
	struct review_env review_env;
	struct config config;
	struct jobs *jobs;
	struct review *begun; /* the last one */
	bool started, stopped, closed;
	unsigned running_max;
};

struct answer {
	bool come;
	int status;
	bool existed;
	enum job_state state;
	char id[64];
	char error[512];
};

static int start_review(void *arg, void **ret, const struct job *job, const struct review_ops *ops,
                        void *ops_arg, struct error *err)
{
	struct bench *b = arg;
	struct review *r = NULL;
	int code = fake_review_start(&r, &b->review_env, job, ops, ops_arg, err);

	*ret = b->begun = r;
	return code;
}

static void cancel_review(void *arg, void *review)
{
	(void)arg;
	fake_review_cancel(review);
}

static void suspend_review(void *arg, void *review)
{
	(void)arg;
	fake_review_suspend(review);
}

static void on_started(void *arg, const struct error *err)
{
	cr_assert_eq(err->code, 0, "%s", err->text);
	((struct bench *)arg)->started = true;
}

static void on_change(void *arg)
{
	struct bench *b = arg;
	unsigned n = (unsigned)jobs_counts(b->jobs).by_state[JOB_RUNNING];

	if (n > b->running_max)
		b->running_max = n;
}

static void set_flag(void *arg)
{
	*(bool *)arg = true;
}

/* The store is one thread's at a time: a test looks at it while no queue has it. */
static void open_store(struct bench *b)
{
	struct error err = {0};
	char path[64];

	(void)snprintf(path, sizeof path, "%s/jobs.db", b->dir);
	cr_assert_eq(store_open(&b->store, path, &err), 0, "%s", err.text);
}

static void start(struct bench *b, uint64_t queued, uint64_t running)
{
	struct jobs_env env = {.loop = &b->loop,
	                       .runner = {start_review, cancel_review, suspend_review, b},
	                       .limits = {queued, running},
	                       .on_change = on_change,
	                       .on_change_arg = b};
	struct error err = {0};

	b->started = b->stopped = b->closed = false;
	open_store(b);
	cr_assert_eq(store_queue_new(&b->queue, &b->loop, b->store, &err), 0);
	cr_assert_eq(events_new(&b->events, &err), 0);
	b->config.reports = b->dir;
	b->review_env = (struct review_env){.loop = &b->loop, .config = &b->config};
	env.store = b->queue;
	env.events = b->events;
	cr_assert_eq(jobs_new(&b->jobs, &env, on_started, b, &err), 0);
	talk_run_until(&b->loop, &b->started);
}

static void stop(struct bench *b)
{
	jobs_stop(b->jobs, set_flag, &b->stopped);
	talk_run_until(&b->loop, &b->stopped);
	store_queue_close(b->queue, set_flag, &b->closed);
	talk_run_until(&b->loop, &b->closed);
	jobs_free_queue(b->jobs);
	events_free(b->events);
	store_close(b->store);
}

static void setup(struct bench *b, uint64_t queued, uint64_t running)
{
	*b = (struct bench){.dir = "/tmp/chimerad-jobs-XXXXXX"};
	cr_assert(mkdtemp(b->dir));
	cr_assert_eq(uv_loop_init(&b->loop), 0);
	start(b, queued, running);
}

static void finish(struct bench *b)
{
	struct error err = {0};

	stop(b);
	cr_expect_eq(uv_run(&b->loop, UV_RUN_DEFAULT), 0);
	cr_expect_eq(uv_loop_close(&b->loop), 0, "a handle was left open");
	cr_expect_eq(files_remove_tree(b->dir, &err), 0, "%s", err.text);
}

static void on_answer(void *arg, const struct jobs_result *r)
{
	struct answer *a = arg;

	a->come = true;
	a->status = r->status;
	a->existed = r->existed;
	(void)snprintf(a->error, sizeof a->error, "%s", r->error.text);
	if (r->status == 0 && r->n > 0) {
		a->state = r->jobs[0].state;
		(void)snprintf(a->id, sizeof a->id, "%s", r->jobs[0].id);
		if (r->jobs[0].error)
			(void)snprintf(a->error, sizeof a->error, "%s", r->jobs[0].error);
	}
}

static struct answer ask(struct bench *b, const struct jobs_query *q)
{
	struct answer a = {0};

	cr_assert_eq(jobs_ask(b->jobs, q, on_answer, &a), 0);
	cr_assert(!a.come, "never from inside jobs_ask()");
	talk_run_until(&b->loop, &a.come);
	return a;
}

static struct answer ask_id(struct bench *b, enum jobs_op op, const char *id)
{
	return ask(b, &(struct jobs_query){.op = op, .id = id});
}

static struct answer submit(struct bench *b, const char *script, const char *key)
{
	char pipeline[] = "nightly-review", request[] = "{\"paths\":[\"/a\"]}", machine[32] = "",
	     keys[32] = "";
	struct job job = {.pipeline = pipeline, .request = request};

	(void)snprintf(machine, sizeof machine, "%s", script ? script : "");
	(void)snprintf(keys, sizeof keys, "%s", key ? key : "");
	job.machine = script ? machine : NULL;
	job.key = key ? keys : NULL;
	return ask(b, &(struct jobs_query){.op = JOBS_ADD, .job = &job});
}

static struct answer wait_for(struct bench *b, const char *id, enum job_state state)
{
	uint64_t end = uv_hrtime() + UINT64_C(30) * 1000000000;
	struct answer a = {0};

	while (uv_hrtime() < end) {
		a = ask_id(b, JOBS_GET, id);
		cr_assert_eq(a.status, 0, "%s", a.error);
		if (a.state == state)
			return a;
		(void)uv_run(&b->loop, UV_RUN_ONCE);
	}
	cr_assert_fail("job %s is %s", id, job_state_name(a.state));
	return a;
}

Test(jobs, a_submitted_job_is_queued_run_and_ended)
{
	struct bench b;
	struct answer a;

	setup(&b, 10, 1);
	a = submit(&b, NULL, NULL);
	cr_assert_eq(a.status, 0, "%s", a.error);
	cr_expect_eq(a.state, JOB_QUEUED);
	(void)wait_for(&b, a.id, JOB_SUCCEEDED);
	cr_expect_eq(jobs_counts(b.jobs).by_state[JOB_SUCCEEDED], 1);
	cr_expect_eq(jobs_counts(b.jobs).by_state[JOB_QUEUED], 0);
	finish(&b);
}

Test(jobs, failures_say_why)
{
	struct bench b;
	struct answer a;

	setup(&b, 10, 2);
	a = submit(&b, "fails", NULL);
	a = wait_for(&b, a.id, JOB_FAILED);
	cr_expect(strstr(a.error, "disk full"), "%s", a.error);
	cr_expect(strstr(a.error, "507"));
	a = submit(&b, "refuses", NULL);
	a = wait_for(&b, a.id, JOB_FAILED);
	cr_expect(strstr(a.error, "no memory for a review"), "%s", a.error);
	finish(&b);
}

Test(jobs, no_more_run_at_once_than_allowed)
{
	struct bench b;
	struct answer a = {0};

	setup(&b, 10, 2);
	for (int i = 0; i < 6; i++)
		a = submit(&b, NULL, NULL);
	(void)wait_for(&b, a.id, JOB_SUCCEEDED);
	cr_expect_eq(b.running_max, 2);
	finish(&b);
}

Test(jobs, one_key_is_one_job)
{
	struct bench b;
	struct answer first, again, other;

	setup(&b, 10, 1);
	first = submit(&b, NULL, "k");
	again = submit(&b, NULL, "k");
	cr_expect(again.existed && !first.existed);
	cr_expect_str_eq(again.id, first.id);
	other = submit(&b, NULL, "l");
	cr_expect(strcmp(other.id, first.id) != 0);
	(void)wait_for(&b, other.id, JOB_SUCCEEDED);
	cr_expect_eq(jobs_counts(b.jobs).by_state[JOB_SUCCEEDED], 2);
	finish(&b);
}

Test(jobs, a_full_queue_refuses)
{
	struct bench b;
	struct answer a;

	setup(&b, 2, 1);
	a = submit(&b, "stays", NULL);
	(void)wait_for(&b, a.id, JOB_RUNNING);
	cr_expect_eq(submit(&b, NULL, NULL).status, 0);
	cr_expect_eq(submit(&b, NULL, NULL).status, 0);
	cr_expect_eq(submit(&b, NULL, NULL).status, -EAGAIN);
	finish(&b);
}

Test(jobs, cancelling_ends_a_queued_job_at_once_and_a_running_one_soon)
{
	struct bench b;
	struct answer running, queued, a;

	setup(&b, 10, 1);
	running = submit(&b, "stays", NULL);
	queued = submit(&b, "stays", NULL);
	(void)wait_for(&b, running.id, JOB_RUNNING);
	a = ask_id(&b, JOBS_CANCEL, queued.id);
	cr_expect_eq(a.status, 0, "%s", a.error);
	cr_expect_eq(a.state, JOB_CANCELLED);
	a = ask_id(&b, JOBS_CANCEL, running.id);
	cr_expect_eq(a.state, JOB_RUNNING);
	(void)wait_for(&b, running.id, JOB_CANCELLED);
	cr_expect_eq(ask_id(&b, JOBS_CANCEL, running.id).status, -EALREADY);
	cr_expect_eq(ask_id(&b, JOBS_CANCEL, "nothing").status, -ENOENT);
	finish(&b);
}

Test(jobs, only_an_ended_job_is_retried)
{
	struct bench b;
	struct answer first, second;

	setup(&b, 10, 1);
	first = submit(&b, "stays", "k");
	(void)wait_for(&b, first.id, JOB_RUNNING);
	cr_expect_eq(ask_id(&b, JOBS_RETRY, first.id).status, -EBUSY);
	cr_expect_eq(ask_id(&b, JOBS_CANCEL, first.id).status, 0);
	(void)wait_for(&b, first.id, JOB_CANCELLED);
	second = ask_id(&b, JOBS_RETRY, first.id);
	cr_expect_eq(second.status, 0, "%s", second.error);
	cr_expect(strcmp(second.id, first.id) != 0);
	(void)wait_for(&b, second.id, JOB_RUNNING);
	finish(&b);
}

Test(jobs, what_ran_when_the_daemon_stopped_runs_again_and_counts_no_crash)
{
	struct bench b;
	struct answer a, waiting;
	struct job job = {0};
	struct error err = {0};

	setup(&b, 10, 1);
	a = submit(&b, "stays", NULL);
	waiting = submit(&b, NULL, NULL);
	(void)wait_for(&b, a.id, JOB_RUNNING);
	stop(&b);
	start(&b, 10, 1);
	(void)wait_for(&b, a.id, JOB_RUNNING);
	cr_expect_eq(ask_id(&b, JOBS_GET, waiting.id).state, JOB_QUEUED);
	stop(&b);
	open_store(&b);
	cr_assert_eq(store_get(b.store, &job, a.id, &err), 0);
	cr_expect_eq(job.crashes, 0);
	job_done(&job);
	store_close(b.store);
	start(&b, 10, 1);
	finish(&b);
}

static void allow_writing(struct store *s, void *arg)
{
	(void)arg;
	cr_assert_eq(sqlite3_exec(s->db, "PRAGMA query_only = OFF", NULL, NULL, NULL), SQLITE_OK);
}

static void forbid_writing(struct store *s, void *arg)
{
	(void)arg;
	cr_assert_eq(sqlite3_exec(s->db, "PRAGMA query_only = ON", NULL, NULL, NULL), SQLITE_OK);
}

/* As on a disk that is full or gone. */
static void let_write(struct bench *b, bool allowed)
{
	bool done = false;

	cr_assert_eq(store_queue_run(b->queue, allowed ? allow_writing : forbid_writing, set_flag,
	                             &done),
	             0);
	talk_run_until(&b->loop, &done);
}

static void run_for(struct bench *b, uint64_t ms)
{
	uint64_t end = uv_hrtime() + ms * 1000000;

	while (uv_hrtime() < end) {
		(void)uv_run(&b->loop, UV_RUN_NOWAIT);
		usleep(1000);
	}
}

Test(jobs, an_end_that_the_store_does_not_take_waits_until_it_does)
{
	struct bench b;
	struct answer a, next;

	setup(&b, 10, 1);
	a = submit(&b, "stays", NULL);
	next = submit(&b, NULL, NULL);
	(void)wait_for(&b, a.id, JOB_RUNNING);
	let_write(&b, false);
	fake_review_cancel(b.begun);
	run_for(&b, 50);
	cr_expect_eq(ask_id(&b, JOBS_GET, a.id).state, JOB_RUNNING);
	cr_expect_eq(submit(&b, NULL, NULL).status, -EROFS);
	let_write(&b, true);
	(void)wait_for(&b, a.id, JOB_CANCELLED);
	(void)wait_for(&b, next.id, JOB_SUCCEEDED);
	finish(&b);
}

Test(jobs, one_that_cannot_be_taken_is_taken_when_it_can)
{
	struct bench b;
	struct answer a, next;

	setup(&b, 10, 1);
	a = submit(&b, "stays", NULL);
	next = submit(&b, NULL, NULL);
	(void)wait_for(&b, a.id, JOB_RUNNING);
	let_write(&b, false);
	jobs_set_limits(b.jobs, (struct jobs_limits){10, 2}); /* now there is room for it */
	run_for(&b, 50);
	cr_expect_eq(ask_id(&b, JOBS_GET, next.id).state, JOB_QUEUED);
	let_write(&b, true);
	(void)wait_for(&b, next.id, JOB_SUCCEEDED);
	finish(&b);
}

Test(jobs, what_could_not_be_stored_until_the_stop_runs_again)
{
	struct bench b;
	struct answer a;

	setup(&b, 10, 1);
	a = submit(&b, "stays", NULL);
	(void)wait_for(&b, a.id, JOB_RUNNING);
	let_write(&b, false);
	fake_review_cancel(b.begun);
	run_for(&b, 50);
	stop(&b);
	start(&b, 10, 1);
	(void)wait_for(&b, a.id, JOB_RUNNING);
	finish(&b);
}

/* As if the process had been killed while the oldest job ran. */
static void crash(struct bench *b, int times)
{
	struct error err = {0};

	for (int i = 0; i < times; i++) {
		struct job job = {0};

		cr_assert_eq(store_claim(b->store, &job, &err), 0, "%s", err.text);
		job_done(&job);
		cr_assert_geq(store_recover(b->store, &err), 0);
	}
}

static void stop_and_crash(struct bench *b, int times)
{
	stop(b);
	open_store(b);
	crash(b, times);
	store_close(b->store);
}

Test(jobs, a_job_fails_for_crashing_after_ten_times_only)
{
	struct bench b;
	struct answer a, next;

	setup(&b, 10, 1);
	a = submit(&b, "stays", NULL);
	next = submit(&b, NULL, NULL);
	stop_and_crash(&b, 9);
	start(&b, 10, 1);
	(void)wait_for(&b, a.id, JOB_RUNNING);
	stop_and_crash(&b, 1);
	start(&b, 10, 1);
	a = wait_for(&b, a.id, JOB_FAILED);
	cr_expect(strstr(a.error, "died 10 times"), "%s", a.error);
	(void)wait_for(&b, next.id, JOB_SUCCEEDED);
	finish(&b);
}

Test(jobs, a_job_that_crashed_runs_alone)
{
	struct bench b;
	struct answer a, next;

	setup(&b, 10, 4);
	a = submit(&b, "stays", NULL);
	stop_and_crash(&b, 1);
	start(&b, 10, 4);
	(void)wait_for(&b, a.id, JOB_RUNNING);
	next = submit(&b, NULL, NULL);
	for (int i = 0; i < 20; i++)
		cr_expect_eq(ask_id(&b, JOBS_GET, next.id).state, JOB_QUEUED);
	cr_expect_eq(ask_id(&b, JOBS_CANCEL, a.id).status, 0);
	(void)wait_for(&b, next.id, JOB_SUCCEEDED);
	finish(&b);
}

Test(jobs, nothing_is_accepted_while_stopping)
{
	struct bench b;
	struct answer a = {0};

	setup(&b, 10, 1);
	jobs_stop(b.jobs, set_flag, &b.stopped);
	cr_expect_eq(
		jobs_ask(b.jobs, &(struct jobs_query){.op = JOBS_LIST, .max = 1}, on_answer, &a),
		-ESHUTDOWN);
	talk_run_until(&b.loop, &b.stopped);
	store_queue_close(b.queue, set_flag, &b.closed);
	talk_run_until(&b.loop, &b.closed);
	jobs_free_queue(b.jobs);
	events_free(b.events);
	store_close(b.store);
	cr_expect_eq(uv_loop_close(&b.loop), 0);
}
