/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>

#include "daemon/publish.h"
#include "daemon/store_history.h"
#include "daemon/store_retain.h"
#include "lib/base/files.h"
#include "tests/unit/daemon/store_bench.h"

#define DAY 86400
#define NOW (INT64_C(20000) * DAY)

static char dir[] = "/tmp/chimera-retain-XXXXXX";
static char path[100], reports[100];
static struct store *store;

static void open_store(void)
{
	struct error err = {0};

	cr_assert_eq(store_open(&store, path, &err), 0, "%s", err.text);
}

static void make(void)
{
	struct error err = {0};

	cr_assert_not_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/" STORE_FILE, dir);
	(void)snprintf(reports, sizeof reports, "%s/reports", dir);
	cr_assert_eq(files_make_dirs(reports, &err), 0, "%s", err.text);
	open_store();
}

static void clear(void)
{
	struct error err = {0};

	store_close(store);
	cr_expect_eq(files_remove_tree(dir, &err), 0, "%s", err.text);
}

TestSuite(store_retain, .init = make, .fini = clear);

static int64_t ask(const char *text)
{
	sqlite3 *db;
	sqlite3_stmt *st;
	int64_t ret;

	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_prepare_v2(db, text, -1, &st, NULL), SQLITE_OK, "%s", text);
	cr_assert_eq(sqlite3_step(st), SQLITE_ROW);
	ret = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	return ret;
}

static void publish(const char *id)
{
	const struct publish_file file = {.name = "report.json", .data = "{}", .len = 2};
	struct error err = {0};

	cr_assert_eq(publish_report(reports, id, &file, 1, &err), 0, "%s", err.text);
}

/* A review that ended so many days ago, on a baseline, and one fact of which stands on another. */
static void review(const char *id, int days, const char *baseline, const char *cited)
{
	CLEANUP(freep) char *text = NULL;
	const struct locator at = {.review = cited, .fact = 1};
	struct past past = {.review = baseline};
	struct fact fact = {.id = 1, .value = 5, .n = 1, .cells = &at, .n_cells = cited ? 1 : 0};
	struct history_point point = {"x.csv/ms", 1000 - days, 1, 7};
	struct dossier d = {
		.facts = &fact, .n_facts = 1, .history = &point, .n_history = 1, .past = &past};
	struct error err = {0};
	char late[200];

	store_bench_begin(store, id);
	cr_assert_eq(store_history_print(&text, "s", &d, &err), 0, "%s", err.text);
	cr_assert_eq(store_checkpoint(store, id, STORE_HISTORY_STEP, text, &err), 0, "%s",
	             err.text);
	publish(id);
	cr_assert_eq(store_finish(store, id, JOB_SUCCEEDED, NULL, "same", "/r", &err), 0, "%s",
	             err.text);
	(void)snprintf(late, sizeof late, "UPDATE job SET finished_at = %lld WHERE id = '%s'",
	               (long long)(NOW - days * (int64_t)DAY), id);
	store_bench_sql(path, late);
}

static struct store_retained retain(uint64_t days, uint64_t reviews)
{
	const struct retention_limits limits = {days, reviews};
	struct store_retained ret;
	struct error err = {0};

	cr_assert_eq(store_retain(store, &ret, &limits, reports, NOW, &err), 0, "%s", err.text);
	return ret;
}

static bool is_there(const char *id)
{
	CLEANUP(job_done) struct job job = {0};
	struct error err = {0};
	bool row = store_get(store, &job, id, &err) == 0;

	cr_expect_eq(row, publish_exists(reports, id), "%s: row and folder go together", id);
	return row;
}

Test(store_retain, what_is_beyond_the_limit_goes_with_its_folder)
{
	struct store_retained done;

	review("j-1", 50, NULL, NULL);
	review("j-2", 40, "j-1", NULL);
	review("j-3", 3, NULL, NULL);
	review("j-4", 2, "j-3", NULL);
	done = retain(30, 0);
	cr_expect_eq(done.removed.by_state[JOB_SUCCEEDED], 2);
	cr_expect_not(done.more);
	cr_expect_not(is_there("j-1"));
	cr_expect_not(is_there("j-2"));
	cr_expect(is_there("j-3"));
	cr_expect(is_there("j-4"));
	cr_expect_eq(ask("SELECT count(*) FROM point"), 4, "the trends keep their values");
	cr_expect_eq(ask("SELECT count(*) FROM removal"), 0);
}

Test(store_retain, what_a_kept_review_cites_stays)
{
	review("j-1", 60, NULL, NULL);
	review("j-2", 50, NULL, NULL);
	review("j-3", 40, NULL, NULL);
	review("j-4", 1, "j-3", "j-1");
	(void)retain(30, 0);
	cr_expect(is_there("j-1"), "its fact is cited");
	cr_expect_not(is_there("j-2"));
	cr_expect(is_there("j-3"), "it is the baseline");
	cr_expect(is_there("j-4"));
}

Test(store_retain, an_accepted_review_stays)
{
	CLEANUP(job_done) struct job job = {0};
	struct error err = {0};

	review("j-1", 60, NULL, NULL);
	review("j-2", 50, NULL, NULL);
	review("j-3", 1, NULL, NULL);
	cr_assert_eq(store_accept(store, &job, "j-1", &err), 0, "%s", err.text);
	(void)retain(30, 0);
	cr_expect(is_there("j-1"));
	cr_expect_not(is_there("j-2"));
}

Test(store_retain, while_a_review_runs_nothing_goes)
{
	review("j-1", 60, NULL, NULL);
	review("j-2", 1, NULL, NULL);
	store_bench_begin(store, "j-3");
	cr_expect_eq(retain(30, 0).removed.by_state[JOB_SUCCEEDED], 0);
	cr_expect(is_there("j-1"));
}

Test(store_retain, the_work_of_one_time_is_bounded)
{
	char id[16];
	struct store_retained first, second;

	for (int i = 0; i < 21; i++) {
		(void)snprintf(id, sizeof id, "j-%02d", i);
		review(id, 100 - i, NULL, NULL);
	}
	first = retain(0, 1);
	cr_expect_eq(first.removed.by_state[JOB_SUCCEEDED], 16);
	cr_expect(first.more);
	cr_expect_not(is_there("j-00"), "the oldest first");
	second = retain(0, 1);
	cr_expect_eq(second.removed.by_state[JOB_SUCCEEDED], 4);
	cr_expect_not(retain(0, 1).more);
	cr_expect(is_there("j-20"));
}

/* As after kill -9 between the transaction and the disk. */
Test(store_retain, a_folder_whose_job_has_gone_goes_at_the_next_start)
{
	publish("j-9");
	store_bench_sql(path, "INSERT INTO removal (job) VALUES ('j-9'), ('j-8')");
	(void)retain(0, 0);
	cr_expect_not(publish_exists(reports, "j-9"));
	cr_expect_eq(ask("SELECT count(*) FROM removal"), 0);
}

/* Two reviews that version 4 ended, of 60 days ago and of yesterday. */
static void begin_with_version_4(void)
{
	char rows[600];

	store_close(TAKE(store));
	cr_assert_eq(unlink(path), 0);
	store_bench_make(path, 4);
	(void)snprintf(rows, sizeof rows,
	               "INSERT INTO job (id, pipeline, request, state, submitted_at, finished_at)"
	               " VALUES ('j-1', 'p', '{}', 'succeeded', 1, %lld),"
	               " ('j-2', 'p', '{}', 'succeeded', 2, %lld);"
	               "INSERT INTO review (job, subject, finished_at) VALUES ('j-1', 's', 1),"
	               " ('j-2', 's', 2)",
	               (long long)(NOW - 60 * DAY), (long long)(NOW - DAY));
	store_bench_sql(path, rows);
	publish("j-1");
	publish("j-2");
	open_store();
}

Test(store_retain, reviews_of_an_older_version_keep_what_they_may_cite)
{
	begin_with_version_4();
	(void)retain(30, 0);
	cr_expect(is_there("j-1"), "nobody knows what j-2 cites");
	review("j-3", 0, "j-2", NULL);
	store_bench_sql(path, "UPDATE job SET finished_at = 0 WHERE id = 'j-2'");
	(void)retain(30, 0);
	cr_expect_not(is_there("j-1"));
	cr_expect(is_there("j-2"));
}
