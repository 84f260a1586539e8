/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>

#include "daemon/store_queue.h"
#include "daemon/store_sql.h"
#include "lib/base/buf.h"
#include "lib/base/files.h"

static char dir[] = "/tmp/chimera-queue-XXXXXX";
static uv_loop_t loop;
static struct store *store;
static struct store_queue *queue;
static struct buf trace = BUF_INIT(10000);

static void make(void)
{
	struct error err = {0};
	char path[100];

	cr_assert_not_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/jobs.sqlite", dir);
	cr_assert_eq(uv_loop_init(&loop), 0);
	cr_assert_eq(store_open(&store, path, &err), 0, "%s", err.text);
	cr_assert_eq(store_queue_new(&queue, &loop, store, &err), 0, "%s", err.text);
}

static void clear(void)
{
	struct error err = {0};

	cr_expect_eq(uv_loop_close(&loop), 0, "nothing is left on the loop");
	store_close(store);
	cr_expect_eq(files_remove_tree(dir, &err), 0, "%s", err.text);
	buf_done(&trace);
}

TestSuite(store_queue, .init = make, .fini = clear);

static uv_thread_t loop_thread;
static int at_work; /* touched by one worker at a time, or the test fails */

static void on_closed(void *arg)
{
	buf_printf(&trace, "closed %s", (const char *)arg);
}

static void close_and_run(void)
{
	static char word[] = "for good";

	store_queue_close(queue, on_closed, word);
	cr_expect_null(strstr(buf_text(&trace), "closed"), "never from inside");
	store_queue_close(queue, on_closed, word);
	cr_expect_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
}

static void work(struct store *s, void *arg)
{
	const char *name = arg;
	uv_thread_t self = uv_thread_self();

	cr_expect_eq(s, store);
	cr_expect_not(uv_thread_equal(&self, &loop_thread), "%s", name);
	cr_expect_eq(at_work++, 0);
	uv_sleep(1);
	at_work--;
}

static void after(void *arg)
{
	uv_thread_t self = uv_thread_self();

	cr_expect(uv_thread_equal(&self, &loop_thread));
	buf_printf(&trace, "%s ", (const char *)arg);
}

Test(store_queue, work_is_done_in_order_one_at_a_time)
{
	char names[30][4];

	loop_thread = uv_thread_self();
	for (int i = 0; i < 30; i++) {
		(void)snprintf(names[i], sizeof names[i], "%d", i);
		cr_assert_eq(store_queue_run(queue, work, i == 7 ? NULL : after, names[i]), 0);
	}
	cr_expect_str_eq(buf_text(&trace), "", "nothing runs from inside store_queue_run()");
	close_and_run();
	cr_expect_str_eq(buf_text(&trace), "0 1 2 3 4 5 6 8 9 10 11 12 13 14 15 16 17 18 19 20 21 "
	                                   "22 23 24 25 26 27 28 29 closed for good");
}

static void after_more(void *arg)
{
	static char last[] = "last";

	after(arg);
	cr_assert_eq(store_queue_run(queue, work, after, last), 0);
}

Test(store_queue, what_comes_while_it_closes_is_still_done)
{
	static char first[] = "first", second[] = "second";

	loop_thread = uv_thread_self();
	cr_assert_eq(store_queue_run(queue, work, after_more, first), 0);
	cr_assert_eq(store_queue_run(queue, work, after_more, second), 0);
	close_and_run();
	cr_expect_str_eq(buf_text(&trace), "first second last last closed for good");
}

Test(store_queue, an_idle_one_closes_from_the_loop)
{
	close_and_run();
	cr_expect_str_eq(buf_text(&trace), "closed for good");
}

Test(store_queue, nobody_need_hear_of_the_end)
{
	store_queue_close(queue, NULL, NULL);
	cr_expect_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
	store_queue_close(NULL, NULL, NULL);
}

static void add_job(struct store *s, void *arg)
{
	static char pipeline[] = "p", request[] = "{}";
	struct job job = {.pipeline = pipeline, .request = request}, got = {0};
	struct error err = {0};
	bool existed;

	if (store_add(s, &got, &existed, &job, 100, &err) == 0)
		++*(int *)arg;
	job_done(&got);
}

Test(store_queue, jobs_are_stored_from_the_worker)
{
	int added = 0;

	for (int i = 0; i < 5; i++)
		cr_assert_eq(store_queue_run(queue, add_job, NULL, &added), 0);
	close_and_run();
	cr_expect_eq(added, 5);
}

/* --- together --------------------------------------------------------------------------- */

struct piece {
	char name[16];
	bool breaks, grouped; /* grouped: whether others became durable with it */
	int worked, undone;
};

static void piece_work(struct store *s, void *arg)
{
	struct piece *p = arg;
	struct error err = {0};
	int added = 0;

	p->worked++;
	p->grouped = store_group_is_open(s);
	add_job(s, &added);
	cr_expect_eq(added, 1);
	if (p->breaks && p->grouped) /* as SQLite does by itself when the disk is full */
		cr_assert_eq(sql_exec(s, "ROLLBACK", &err), 0, "%s", err.text);
}

static void piece_undo(void *arg)
{
	((struct piece *)arg)->undone++;
}

static void piece_after(void *arg)
{
	buf_printf(&trace, "%s ", ((struct piece *)arg)->name);
}

static struct piece *join_pieces(struct piece *pieces, int n)
{
	for (int i = 0; i < n; i++) {
		(void)snprintf(pieces[i].name, sizeof pieces[i].name, "%d", i);
		cr_assert_eq(
			store_queue_join(queue, piece_work, piece_undo, piece_after, &pieces[i]),
			0);
	}
	return pieces;
}

static uint64_t queued_jobs(void)
{
	uint64_t by_state[JOB_CANCELLED + 1] = {0};
	struct error err = {0};
	int64_t at;

	cr_assert_eq(store_count(store, by_state, &at, &err), 0, "%s", err.text);
	return by_state[JOB_QUEUED];
}

Test(store_queue, neighbours_become_durable_together_and_in_order)
{
	struct piece pieces[6] = {0}, alone = {.name = "alone"};

	(void)join_pieces(pieces, 3); /* the first is at work before the others come */
	cr_assert_eq(store_queue_run(queue, piece_work, piece_after, &alone), 0);
	(void)join_pieces(pieces + 3, 3);
	close_and_run();
	cr_expect_str_eq(buf_text(&trace), "0 1 2 alone 0 1 2 closed for good");
	cr_expect_not(alone.grouped, "who did not join shares with nobody");
	cr_expect(pieces[1].grouped && pieces[2].grouped && pieces[4].grouped);
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
		cr_expect(pieces[i].worked == 1 && pieces[i].undone == 0);
	cr_expect_eq(queued_jobs(), 7);
}

Test(store_queue, what_cannot_be_done_together_is_done_one_by_one)
{
	struct piece pieces[5] = {[2] = {.breaks = true}};

	(void)join_pieces(pieces, 5);
	close_and_run();
	cr_expect_str_eq(buf_text(&trace), "0 1 2 3 4 closed for good");
	for (size_t i = 1; i < ARRAY_LEN(pieces); i++) {
		bool was_in_it = i <= 2;

		cr_expect_not(pieces[i].grouped, "%zu", i);
		cr_expect_eq(pieces[i].worked, 1 + was_in_it, "%zu", i);
		cr_expect_eq(pieces[i].undone, was_in_it, "%zu", i);
	}
	cr_expect_eq(queued_jobs(), 5, "each is there once");
}
