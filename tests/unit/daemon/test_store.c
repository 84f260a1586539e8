/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/daemon/store_case.h"

TestSuite(store, .init = make, .fini = clear);

static void claim(const char *expected)
{
	CLEANUP(job_done) struct job got = {0};
	struct error err = {0};

	cr_assert_eq(store_claim(store, &got, &err), 0, "%s", err.text);
	cr_expect_str_eq(got.id, expected);
	cr_expect_eq(got.state, JOB_RUNNING);
	cr_expect_gt(got.started_at, 0);
}

static void checkpoint(const char *id, const char *step, const char *text)
{
	struct error err = {0};

	cr_expect_eq(store_checkpoint(store, id, step, text, &err), 0, "%s", err.text);
}

static void expect_checkpoint(const char *id, const char *step, const char *expected)
{
	CLEANUP(freep) char *text = NULL;
	struct error err = {0};

	cr_expect_eq(store_checkpoint_get(store, &text, id, step, &err), 0, "%s", err.text);
	if (expected)
		cr_expect_str_eq(text ? text : "nothing", expected);
	else
		cr_expect_null(text);
}

Test(store, an_empty_file_becomes_a_store_that_only_its_owner_reads)
{
	struct error err = {0};
	struct stat st;

	store_close(TAKE(store));
	cr_assert_eq(files_write(dir, "jobs.sqlite", "", 0, &err), 0);
	reopen();
	add("a");
	cr_expect_eq(row("a").state, JOB_QUEUED);
	cr_assert_eq(unlink(path), 0);
	store_close(TAKE(store));
	reopen();
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
}

Test(store, a_job_is_kept_as_it_was_given)
{
	static char pipeline[] = "p", subject[] = "s \"1\"", machine[] = "m", request[] = "{}",
		    key[] = "k";
	CLEANUP(job_done) struct job added = {0};
	CLEANUP(job_done) struct job got = {0};
	const struct job job = {.pipeline = pipeline,
	                        .subject = subject,
	                        .machine = machine,
	                        .request = request,
	                        .key = key,
	                        .submitted_at = 1795228200};
	struct error err = {0};
	bool existed = true;

	cr_assert_eq(store_add(store, &added, &existed, &job, 1, &err), 0, "%s", err.text);
	reopen();
	cr_assert_eq(store_get(store, &got, added.id, &err), 0, "%s", err.text);
	cr_expect_eq(strncmp(got.id, "20261121-023000-", 16), 0, "%s", got.id);
	cr_expect_eq(strlen(got.id), 22);
	cr_expect_eq(strspn(got.id + 16, "0123456789abcdef"), 6);
	cr_expect_str_eq(got.pipeline, "p");
	cr_expect_str_eq(got.subject, "s \"1\"");
	cr_expect_str_eq(got.machine, "m");
	cr_expect_str_eq(got.request, "{}");
	cr_expect_str_eq(got.key, "k");
	cr_expect_eq(got.submitted_at, 1795228200);
	cr_expect_eq(got.started_at + got.finished_at, 0);
	cr_expect_eq(got.state, JOB_QUEUED);
	cr_expect_eq(got.crashes, 0);
	cr_expect(!got.step && !got.error && !got.verdict && !got.report);
}

Test(store, the_same_key_and_body_give_the_old_job)
{
	static char key[] = "k1", other[] = "{\"paths\":[]}";
	CLEANUP(job_done) struct job first = {0};
	CLEANUP(job_done) struct job second = {0};
	struct job job = wanted(NULL);
	struct error err = {0};
	bool existed = true;

	job.key = key;
	cr_assert_eq(store_add(store, &first, &existed, &job, 1, &err), 0, "%s", err.text);
	cr_expect_not(existed);
	/* also while the queue is full */
	cr_assert_eq(store_add(store, &second, &existed, &job, 1, &err), 0, "%s", err.text);
	cr_expect(existed);
	cr_expect_str_eq(first.id, second.id);

	job.request = other;
	cr_expect_eq(store_add(store, &second, &existed, &job, 9, &err), -EEXIST);
	cr_expect_not_null(strstr(err.text, "Idempotency-Key \"k1\" belongs to job 2"), "%s",
	                   err.text);
	cr_expect_str_eq(first.id, second.id, "untouched on failure");
}

Test(store, a_full_queue_refuses)
{
	CLEANUP(job_done) struct job got = {0};
	struct job job = wanted(NULL);
	struct error err = {0};
	bool existed;

	add("a");
	add("b");
	cr_expect_eq(store_add(store, &got, &existed, &job, 2, &err), -EAGAIN);
	cr_expect_str_eq(err.text, "the queue is full: 2 jobs wait; try again later");
	claim("a");
	cr_expect_eq(store_add(store, &got, &existed, &job, 2, &err), 0, "%s", err.text);
}

Test(store, a_group_is_there_as_a_whole_or_not_at_all)
{
	struct error err = {0};
	uint64_t by_state[JOB_CANCELLED + 1] = {0};
	int64_t at;

	cr_assert_eq(store_group_begin(store, &err), 0, "%s", err.text);
	cr_expect(store_group_is_open(store));
	add("20261101-000000-000001");
	add("20261101-000000-000002");
	cr_assert_eq(store_group_end(store, &err), 0, "%s", err.text);
	cr_expect_not(store_group_is_open(store));

	cr_assert_eq(store_group_begin(store, &err), 0, "%s", err.text);
	add("20261101-000000-000003");
	reopen(); /* as a process that dies before the end */
	cr_assert_eq(store_count(store, by_state, &at, &err), 0, "%s", err.text);
	cr_expect_eq(by_state[JOB_QUEUED], 2);
	cr_expect_eq(store_group_end(store, &err), -EIO, "there is none");
}

Test(store, a_refusal_within_a_group_takes_back_nothing_but_itself)
{
	CLEANUP(job_done) struct job got = {0};
	struct job third = wanted(NULL);
	struct error err = {0};
	bool existed;

	cr_assert_eq(store_group_begin(store, &err), 0, "%s", err.text);
	add("20261101-000000-000001");
	add("20261101-000000-000002");
	cr_expect_eq(store_add(store, &got, &existed, &third, 2, &err), -EAGAIN);
	err = (struct error){0};
	cr_expect_eq(store_cancel(store, "20261101-000000-000001", &err), 0, "%s", err.text);
	cr_expect_eq(store_add(store, &got, &existed, &third, 2, &err), 0, "%s", err.text);
	cr_assert_eq(store_group_end(store, &err), 0, "%s", err.text);
	third = wanted(NULL);
	cr_expect_eq(store_add(store, &got, &existed, &third, 2, &err), -EAGAIN);
}

Test(store, texts_over_their_limit_and_taken_ids_are_refused)
{
	CLEANUP(job_done) struct job got = {0};
	CLEANUP(freep) char *huge = calloc(1, 2 << 20);
	static char id[] = "a";
	struct job job = wanted(id);
	struct error err = {0};
	bool existed;

	cr_assert_not_null(huge);
	memset(huge, 'x', (2 << 20) - 1);
	add("a");
	cr_expect_eq(store_add(store, &got, &existed, &job, 9, &err), -EEXIST);
	cr_expect_str_eq(err.text, "there is a job \"a\" already");
	job.id = NULL;
	job.request = huge;
	cr_expect_eq(store_add(store, &got, &existed, &job, 9, &err), -EMSGSIZE);
	cr_expect_str_eq(err.text, "request: over the limit of 1048576 bytes");
	job.request = NULL;
	cr_expect_eq(store_add(store, &got, &existed, &job, 9, &err), -EINVAL);
}

Test(store, a_beginning_finds_the_one_job_that_has_it)
{
	CLEANUP(job_done) struct job got = {0};
	struct error err = {0};

	cr_expect_eq(store_get(store, &got, "latest", &err), -ENOENT);
	add("20261121-1");
	add("20261121-12");
	add("20261120-3");
	cr_assert_eq(store_get(store, &got, "20261120", &err), 0, "%s", err.text);
	cr_expect_str_eq(got.id, "20261120-3");
	job_done(&got);
	cr_assert_eq(store_get(store, &got, "20261121-1", &err), 0, "all of an id is that id");
	cr_expect_str_eq(got.id, "20261121-1");
	job_done(&got);
	cr_assert_eq(store_get(store, &got, "latest", &err), 0, "%s", err.text);
	cr_expect_str_eq(got.id, "20261120-3", "the last submitted, not the last by name");
	cr_expect_eq(store_get(store, &got, "20261121", &err), -ENOTUNIQ);
	cr_expect_str_eq(err.text,
	                 "\"20261121\" is the beginning of several jobs, 20261121-1 among "
	                 "them; give more of the id");
	cr_expect_eq(store_get(store, &got, "2025", &err), -ENOENT);
	cr_expect_str_eq(err.text, "no job \"2025\": chimeractl list shows them");
	cr_expect_eq(store_get(store, &got, "", &err), -ENOENT);
	cr_expect_eq(store_get(store, &got, "' OR 1=1 --", &err), -ENOENT);
}

static void expect_list(const char *after, size_t max, const char *expected)
{
	struct job *jobs = NULL;
	struct error err = {0};
	char ids[200] = "";
	size_t n = 0;

	cr_assert_eq(store_list(store, &jobs, &n, after, max, &err), 0, "%s", err.text);
	for (size_t i = 0; i < n; i++)
		(void)snprintf(ids + strlen(ids), sizeof ids - strlen(ids), "%s ", jobs[i].id);
	cr_expect_str_eq(ids, expected);
	jobs_free(jobs, n);
}

Test(store, pages_go_from_the_newest_to_the_oldest)
{
	struct job *jobs = NULL;
	struct error err = {0};
	size_t n;

	expect_list(NULL, 50, "");
	add("c");
	add("a");
	add("d");
	add("b");
	expect_list(NULL, 50, "b d a c ");
	expect_list(NULL, 2, "b d ");
	expect_list("d", 2, "a c ");
	expect_list("a", 2, "c ");
	expect_list("c", 2, "");
	expect_list(NULL, 0, "");
	cr_expect_eq(store_list(store, &jobs, &n, "zz", 2, &err), -ENOENT);
}

Test(store, the_oldest_queued_job_is_claimed_once)
{
	CLEANUP(job_done) struct job got = {0};
	struct error err = {0};

	cr_expect_eq(store_claim(store, &got, &err), -ENOENT);
	add("b");
	add("a");
	claim("b");
	reopen();
	cr_expect_eq(row("b").state, JOB_RUNNING, "a claim is committed");
	claim("a");
	cr_expect_eq(store_claim(store, &got, &err), -ENOENT);
}

Test(store, what_was_running_is_queued_again_in_its_old_place)
{
	struct error err = {0};
	int64_t started_at;

	add("a");
	add("b");
	add("c");
	claim("a");
	claim("b");
	started_at = row("a").started_at;
	reopen();
	cr_expect_eq(store_recover(store, &err), 2, "%s", err.text);
	cr_expect_eq(store_recover(store, &err), 0, "%s", err.text);
	cr_expect_eq(row("a").crashes, 1);
	cr_expect_eq(row("c").crashes, 0);
	claim("a");
	cr_expect_eq(row("a").started_at, started_at);
	cr_expect_eq(row("a").crashes, 1);
}

Test(store, progress_forgives_the_crashes_before_it)
{
	struct error err = {0};

	add("a");
	claim("a");
	cr_expect_eq(store_recover(store, &err), 1);
	claim("a");
	cr_expect_eq(store_recover(store, &err), 1);
	claim("a");
	cr_expect_eq(store_set_step(store, "a", "analyse", &err), 0, "%s", err.text);
	cr_expect_eq(row("a").crashes, 2, "beginning is no progress");
	checkpoint("a", "analyse", "{}");
	cr_expect_eq(row("a").crashes, 0);
}

Test(store, an_orderly_stop_is_no_crash)
{
	struct error err = {0};

	add("a");
	claim("a");
	cr_expect_eq(store_requeue(store, "a", &err), 0, "%s", err.text);
	cr_expect_eq(row("a").state, JOB_QUEUED);
	cr_expect_eq(row("a").crashes, 0);
	claim("a");
	cr_assert_eq(store_finish(store, "a", JOB_FAILED, NULL, NULL, NULL, &err), 0);
	cr_expect_eq(store_requeue(store, "a", &err), 0, "%s", err.text);
	cr_expect_eq(row("a").state, JOB_FAILED);
}

Test(store, a_job_ends_once)
{
	CLEANUP(job_done) struct job got = {0};
	struct error err = {0};

	add("a");
	claim("a");
	cr_expect_eq(store_set_step(store, "a", "compose", &err), 0, "%s", err.text);
	cr_expect_eq(store_finish(store, "a", JOB_SUCCEEDED, NULL, "same", "/r/a", &err), 0, "%s",
	             err.text);
	cr_expect_eq(store_finish(store, "a", JOB_FAILED, "{}", NULL, NULL, &err), 0, "%s",
	             err.text);
	cr_assert_eq(store_get(store, &got, "a", &err), 0);
	cr_expect_eq(got.state, JOB_SUCCEEDED);
	cr_expect_str_eq(got.step, "compose");
	cr_expect_str_eq(got.verdict, "same");
	cr_expect_str_eq(got.report, "/r/a");
	cr_expect_null(got.error);
	cr_expect_geq(got.finished_at, got.started_at);
	cr_expect_eq(store_finish(store, "x", JOB_FAILED, NULL, NULL, NULL, &err), -ENOENT);
	cr_expect_eq(store_finish(store, "a", JOB_QUEUED, NULL, NULL, NULL, &err), -EINVAL);
	cr_expect_eq(store_set_step(store, "a", "x", &err), -EALREADY);
	cr_expect(strstr(err.text, "job a is succeeded: only one that waits or runs"), "%s",
	          err.text);
	cr_expect_eq(store_set_step(store, "x", "x", &err), -ENOENT);
}

Test(store, only_a_queued_job_is_cancelled_here)
{
	struct error err = {0};

	add("a");
	add("b");
	claim("a");
	cr_expect_eq(store_cancel(store, "a", &err), -EBUSY);
	cr_expect_eq(store_cancel(store, "b", &err), 0, "%s", err.text);
	cr_expect_eq(row("b").state, JOB_CANCELLED);
	cr_expect_eq(store_cancel(store, "b", &err), -EALREADY);
	cr_expect_eq(store_cancel(store, "c", &err), -ENOENT);
	cr_expect_str_eq(err.text, "no job \"c\": chimeractl list shows them");
}

Test(store, checkpoints_are_replaced_and_go_with_the_job)
{
	struct error err = {0};

	add("a");
	add("b");
	claim("a");
	claim("b");
	expect_checkpoint("a", "inventory", NULL);
	checkpoint("a", "inventory", "{\"n\":1}");
	checkpoint("a", "inventory", "{\"n\":2}");
	checkpoint("a", "analyse", "");
	checkpoint("b", "inventory", "other");
	reopen();
	expect_checkpoint("a", "inventory", "{\"n\":2}");
	expect_checkpoint("a", "analyse", "");
	cr_assert_eq(store_finish(store, "a", JOB_FAILED, "{}", NULL, NULL, &err), 0);
	expect_checkpoint("a", "inventory", NULL);
	expect_checkpoint("b", "inventory", "other");
	cr_expect_eq(store_checkpoint(store, "a", "x", "", &err), -EALREADY);
	cr_expect_eq(store_checkpoint(store, "x", "x", "", &err), -ENOENT);
}

Test(store, a_large_checkpoint_fits)
{
	CLEANUP(freep) char *text = malloc((32 << 20) + 1);

	cr_assert_not_null(text);
	memset(text, 'x', 32 << 20);
	text[32 << 20] = '\0';
	add("a");
	claim("a");
	checkpoint("a", "analyse", text);
	reopen();
	expect_checkpoint("a", "analyse", text);
}

/* A child that adds jobs, tells each id only once store_add() has returned, and kills itself. */
static void child(int out, int jobs)
{
	struct store *s = NULL;
	struct error err;

	if (store_open(&s, path, &err) < 0)
		_exit(1);
	for (int i = 0; i < jobs; i++) {
		struct job job = wanted(NULL), got = {0};
		bool existed;

		if (store_add(s, &got, &existed, &job, 1000, &err) < 0)
			_exit(1);
		if (i == 0) {
			job_done(&got);
			if (store_claim(s, &got, &err) < 0 ||
			    store_checkpoint(s, got.id, "inventory", "done", &err) < 0)
				_exit(1);
		}
		if (write(out, got.id, 22) != 22)
			_exit(1);
		job_done(&got);
	}
	(void)raise(SIGKILL);
}

Test(store, every_accepted_job_survives_kill_9)
{
	for (int jobs = 1; jobs <= 12; jobs++) {
		struct error err = {0};
		char id[23] = "";
		int pipes[2], status = 0, found = 0;
		pid_t pid;

		store_close(TAKE(store));
		cr_assert_eq(unlink(path), 0);
		cr_assert_eq(pipe(pipes), 0);
		pid = fork();
		cr_assert_geq(pid, 0);
		if (pid == 0)
			child(pipes[1], jobs);
		cr_assert_eq(close(pipes[1]), 0);
		cr_assert_eq(waitpid(pid, &status, 0), pid);
		cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

		reopen();
		cr_expect_eq(store_recover(store, &err), 1, "%s", err.text);
		for (; read(pipes[0], id, 22) == 22; found++) {
			cr_expect_eq(row(id).state, JOB_QUEUED, "%s", id);
			if (found == 0)
				expect_checkpoint(id, "inventory", "done");
		}
		cr_expect_eq(found, jobs);
		cr_assert_eq(close(pipes[0]), 0);
	}
}
