/* SPDX-License-Identifier: MIT */
/* store_case - a store of its own for each test of a file, and jobs in it. */
#pragma once

#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>

#include "daemon/store.h"
#include "lib/base/files.h"

static char dir[] = "/tmp/chimera-store-XXXXXX";
static char path[100];
static struct store *store;

static inline void reopen(void)
{
	struct error err = {0};

	store_close(TAKE(store));
	cr_assert_eq(store_open(&store, path, &err), 0, "%s", err.text);
}

static inline void make(void)
{
	cr_assert_not_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/jobs.sqlite", dir);
	reopen();
}

static inline void clear(void)
{
	struct error err = {0};

	store_close(store);
	cr_expect_eq(files_remove_tree(dir, &err), 0, "%s", err.text);
}

/* An id, or NULL for one of the store's own making. */
static inline struct job wanted(char *id)
{
	static char pipeline[] = "nightly-review", request[] = "{\"paths\":[\"/srv\"]}";

	return (struct job){.id = id, .pipeline = pipeline, .request = request};
}

static inline void add(const char *id)
{
	CLEANUP(freep) char *copy = strdup(id);
	CLEANUP(job_done) struct job got = {0};
	struct job job = wanted(copy);
	struct error err = {0};
	bool existed = true;

	cr_assert_eq(store_add(store, &got, &existed, &job, 1000, &err), 0, "%s", err.text);
	cr_expect_not(existed);
	cr_expect_str_eq(got.id, id);
}

/* What a job's row says, but for the texts. */
static inline struct job row(const char *id)
{
	CLEANUP(job_done) struct job got = {0};
	struct error err = {0};

	cr_assert_eq(store_get(store, &got, id, &err), 0, "%s", err.text);
	return (struct job){
		.state = got.state, .crashes = got.crashes, .started_at = got.started_at};
}

static inline void sql(const char *text)
{
	sqlite3 *db = NULL;
	char *message = NULL;

	store_close(TAKE(store));
	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	(void)sqlite3_exec(db, text, NULL, NULL, &message);
	cr_expect_null(message, "%s", message);
	cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}
