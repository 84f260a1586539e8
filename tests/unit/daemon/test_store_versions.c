/* SPDX-License-Identifier: MIT */
/* Stores that older programs left behind: each opens, and holds what it held. */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>

#include "daemon/store_findings.h"
#include "daemon/store_history.h"
#include "lib/base/files.h"
#include "tests/unit/daemon/store_bench.h"

/* A row of each table that a version brought along. */
static const char *const rows[] = {
	"INSERT INTO job (id, pipeline, request, submitted_at, finished_at, state)"
	" VALUES ('j-1', 'nightly-review', '{}', 1000, 1001, 'succeeded');",

	"INSERT INTO review (id, job, subject, finished_at) VALUES (1, 'j-1', 's', 1001);"
	"INSERT INTO series (id, subject, key, seen) VALUES (1, 's', 'a', 1);"
	"INSERT INTO point VALUES (1, 1000, 1.5, 5, 1, 7, 0);",

	"INSERT INTO finding VALUES ('s', 'regression:a', 1, 3, 'regression', 'high', 'confirmed',"
	" '2026-10-01', 'It fell.', -8.5);"
	"INSERT INTO ack VALUES ('s', 'regression:a', 'known', NULL, 1002);",

	"UPDATE review SET accepted_at = 1003;",

	"INSERT INTO cite VALUES (1, 'j-0');",

	"INSERT INTO source VALUES (1, 's', 'a');"
	"INSERT INTO condition VALUES (1, 1000, 'driver', '1.2');",

	"INSERT INTO notice (channel, job, body, made_at) VALUES ('webhook', 'j-1', '{}', 1004);",
};

static char dir[] = "/tmp/chimera-versions-XXXXXX";
static char path[100];
static struct arena *arena;

static void make(void)
{
	cr_assert_not_null(mkdtemp(dir));
	arena = arena_new(1 << 20);
	cr_assert_not_null(arena);
}

static void clear(void)
{
	struct error err = {0};

	arena_free(arena);
	cr_expect_eq(files_remove_tree(dir, &err), 0, "%s", err.text);
}

TestSuite(store_versions, .init = make, .fini = clear);

static void run_sql(sqlite3 *db, const char *text)
{
	char *message = NULL;

	(void)sqlite3_exec(db, text, NULL, NULL, &message);
	cr_assert_null(message, "%s", message);
}

static void make_old(size_t version)
{
	sqlite3 *db = NULL;

	(void)snprintf(path, sizeof path, "%s/%zu.sqlite", dir, version);
	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	for (size_t i = 0; i < version; i++) {
		run_sql(db, store_bench_versions[i]);
		run_sql(db, rows[i]);
	}
	cr_assert_eq(sqlite3_close(db), SQLITE_OK);
	store_bench_mark(path, version);
}

/* One text out of the file, in the arena. */
static const char *ask(const char *query)
{
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;
	const char *ret = NULL;

	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_prepare_v2(db, query, -1, &st, NULL), SQLITE_OK);
	if (sqlite3_step(st) == SQLITE_ROW)
		ret = arena_strdup(arena, (const char *)sqlite3_column_text(st, 0));
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	cr_assert_not_null(ret);
	return ret;
}

static const char *schema(void)
{
	return ask("SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_schema"
	           " WHERE sql IS NOT NULL ORDER BY name)");
}

static void migrate(size_t version)
{
	CLEANUP(store_closep) struct store *store = NULL;
	struct error err = {0};

	make_old(version);
	cr_assert_eq(store_open(&store, path, &err), 0, "%zu: %s", version, err.text);
}

Test(store_versions, each_becomes_what_a_new_one_is)
{
	const char *newest;

	migrate(0);
	newest = schema();
	for (size_t v = 1; v <= STORE_BENCH_VERSIONS; v++) {
		migrate(v);
		cr_expect_str_eq(schema(), newest, "version %zu", v);
		cr_expect_str_eq(ask("PRAGMA user_version"), "8");
		cr_expect_str_eq(ask("SELECT id || finished_at FROM job"), "j-11001");
	}
}

/* What the next review learns of such a store. */
static void expect_past(size_t version)
{
	CLEANUP(history_reader_closep) struct history_reader *h = NULL;
	struct past_condition *conditions = NULL;
	struct past_point *points = NULL;
	struct past_ack *acks = NULL;
	const struct past *past;
	struct error err = {0};
	size_t n = 99;

	cr_assert_eq(history_reader_open(&h, path, "s", dir, NULL, &err), 0, "%s", err.text);
	past = history_reader_past(h);
	cr_assert_eq(past->points(past->arg, arena, "a", &points, &n), 0);
	cr_assert_eq(n, version > 1, "version %zu", version);
	cr_expect(!n || (points[0].time_s == 1000 && points[0].fact == 7));
	cr_assert_eq(past->acks(past->arg, arena, &acks, &n), 0);
	cr_expect_eq(n, version > 2, "version %zu", version);
	cr_assert_eq(past->conditions(past->arg, arena, "a", 1000, &conditions, &n), 0);
	cr_expect_eq(n, version > 5, "version %zu", version);
}

Test(store_versions, each_tells_the_next_review_what_it_knew)
{
	struct error err = {0};
	char folder[120];

	(void)snprintf(folder, sizeof folder, "%s/j-1", dir);
	cr_assert_eq(files_make_dirs(folder, &err), 0, "%s", err.text);
	cr_assert_eq(files_write(folder, "report.json", "{}", 2, &err), 0, "%s", err.text);
	for (size_t v = 1; v <= STORE_BENCH_VERSIONS; v++) {
		migrate(v);
		expect_past(v);
	}
}
