/* SPDX-License-Identifier: MIT */
#include "tests/unit/daemon/store_bench.h"

#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>

#define APPLICATION_ID 0x6368696d

void store_bench_begin(struct store *s, const char *id)
{
	static char pipeline[] = "nightly-review", request[] = "{\"paths\":[\"/srv\"]}";
	CLEANUP(freep) char *copy = strdup(id);
	CLEANUP(job_done) struct job got = {0};
	CLEANUP(job_done) struct job claimed = {0};
	struct job job = {.id = copy, .pipeline = pipeline, .request = request};
	struct error err = {0};
	bool existed;

	cr_assert_eq(store_add(s, &got, &existed, &job, 1000, &err), 0, "%s", err.text);
	cr_assert_eq(store_claim(s, &claimed, &err), 0, "%s", err.text);
}

void store_bench_sql(const char *path, const char *text)
{
	sqlite3 *db;
	char *why = NULL;

	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, text, NULL, NULL, &why), SQLITE_OK, "%s: %s", text, why);
	sqlite3_free(why);
	(void)sqlite3_close(db);
}

const char *const store_bench_versions[STORE_BENCH_VERSIONS] = {
	"CREATE TABLE job ("
	" seq INTEGER PRIMARY KEY,"
	" id TEXT NOT NULL UNIQUE,"
	" pipeline TEXT NOT NULL,"
	" subject TEXT,"
	" machine TEXT,"
	" request TEXT NOT NULL,"
	" key TEXT UNIQUE,"
	" state TEXT NOT NULL CHECK (state IN"
	"  ('queued', 'running', 'succeeded', 'failed', 'cancelled')),"
	" step TEXT,"
	" submitted_at INTEGER NOT NULL,"
	" started_at INTEGER NOT NULL DEFAULT 0,"
	" finished_at INTEGER NOT NULL DEFAULT 0,"
	" error TEXT,"
	" verdict TEXT,"
	" report TEXT,"
	" crashes INTEGER NOT NULL DEFAULT 0"
	") STRICT;"
	"CREATE INDEX job_state ON job (state, seq);"
	"CREATE TABLE checkpoint ("
	" job TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,"
	" step TEXT NOT NULL,"
	" text TEXT NOT NULL,"
	" PRIMARY KEY (job, step)"
	") STRICT;",

	/* One value a run of each series; `value` and `n` are those of a fact of the review. */
	"CREATE TABLE review ("
	" id INTEGER PRIMARY KEY,"
	" job TEXT NOT NULL UNIQUE,"
	" subject TEXT NOT NULL,"
	" finished_at INTEGER NOT NULL"
	") STRICT;"
	"CREATE INDEX review_subject ON review (subject, id);"
	"CREATE TABLE series ("
	" id INTEGER PRIMARY KEY,"
	" subject TEXT NOT NULL,"
	" key TEXT NOT NULL,"
	" seen INTEGER NOT NULL DEFAULT 0," /* the last review that measured it */
	" UNIQUE (subject, key)"
	") STRICT;"
	"CREATE INDEX series_seen ON series (seen);"
	"CREATE TABLE point ("
	" series INTEGER NOT NULL REFERENCES series (id),"
	" time INTEGER NOT NULL,"
	" value REAL NOT NULL,"
	" n INTEGER NOT NULL,"
	" review INTEGER NOT NULL REFERENCES review (id),"
	" fact INTEGER NOT NULL,"
	" content INTEGER NOT NULL,"
	" PRIMARY KEY (series, time)"
	") STRICT, WITHOUT ROWID;",

	/* What the last review of a subject found open, and what of it is acknowledged. */
	"CREATE TABLE finding ("
	" subject TEXT NOT NULL,"
	" key TEXT NOT NULL,"
	" review INTEGER NOT NULL REFERENCES review (id),"
	" number INTEGER NOT NULL," /* 3: K3 of its report */
	" kind TEXT NOT NULL,"
	" severity TEXT NOT NULL,"
	" state TEXT,"
	" since TEXT NOT NULL,"
	" text TEXT NOT NULL,"
	" effect REAL,"
	" PRIMARY KEY (subject, key)"
	") STRICT;"
	"CREATE INDEX finding_key ON finding (key);"
	"CREATE TABLE ack ("
	" subject TEXT NOT NULL,"
	" key TEXT NOT NULL,"
	" reason TEXT,"
	" until TEXT," /* the last day on which it holds */
	" made_at INTEGER NOT NULL,"
	" PRIMARY KEY (subject, key)"
	") STRICT;",

	/* Of one review of a subject at most it is not 0. */
	"ALTER TABLE review ADD COLUMN accepted_at INTEGER NOT NULL DEFAULT 0;",

	/* What reviews cite (of older ones that is not known), and reports whose job has gone. */
	"CREATE TABLE cite ("
	" review INTEGER NOT NULL REFERENCES review (id),"
	" job TEXT NOT NULL,"
	" PRIMARY KEY (review, job)"
	") STRICT, WITHOUT ROWID;"
	"ALTER TABLE review ADD COLUMN cites_known INTEGER NOT NULL DEFAULT 0;"
	"CREATE TABLE removal (job TEXT NOT NULL PRIMARY KEY) STRICT;",

	/* What was told of the runs of a table beside its series: a driver, a commit. */
	"CREATE TABLE source ("
	" id INTEGER PRIMARY KEY,"
	" subject TEXT NOT NULL,"
	" key TEXT NOT NULL,"
	" UNIQUE (subject, key)"
	") STRICT;"
	"CREATE TABLE condition ("
	" source INTEGER NOT NULL REFERENCES source (id),"
	" time INTEGER NOT NULL," /* as that of the points of the run */
	" name TEXT NOT NULL,"
	" text TEXT NOT NULL,"
	" PRIMARY KEY (source, time, name)"
	") STRICT, WITHOUT ROWID;",

	/* What was told of findings, and notices on their way. What is open now is no news. */
	"CREATE TABLE told ("
	" subject TEXT NOT NULL,"
	" key TEXT NOT NULL,"
	" level INTEGER NOT NULL," /* enum told_level */
	" kind TEXT NOT NULL,"
	" severity TEXT NOT NULL,"
	" state TEXT,"
	" since TEXT NOT NULL,"
	" text TEXT NOT NULL,"
	" PRIMARY KEY (subject, key)"
	") STRICT;"
	"INSERT INTO told SELECT subject, key, CASE state WHEN 'suspected' THEN 1"
	" WHEN 'acknowledged' THEN 3 ELSE 2 END, kind, severity, state, since, text FROM finding;"
	"CREATE TABLE notice ("
	" id INTEGER PRIMARY KEY,"
	" channel TEXT NOT NULL CHECK (channel IN ('webhook', 'command')),"
	" job TEXT NOT NULL,"
	" body TEXT NOT NULL,"
	" made_at INTEGER NOT NULL,"
	" state TEXT NOT NULL DEFAULT 'waiting'"
	"  CHECK (state IN ('waiting', 'delivered', 'given up')),"
	" tries INTEGER NOT NULL DEFAULT 0,"
	" next_ms INTEGER NOT NULL DEFAULT 0,"
	" finished_at INTEGER NOT NULL DEFAULT 0,"
	" error TEXT,"
	" UNIQUE (job, channel)"
	") STRICT;"
	"CREATE INDEX notice_due ON notice (channel, state, id);",
};

void store_bench_mark(const char *path, size_t version)
{
	char pragma[100];

	(void)snprintf(pragma, sizeof pragma,
	               "PRAGMA application_id = %d; PRAGMA user_version = %zu", APPLICATION_ID,
	               version);
	if (version)
		store_bench_sql(path, pragma);
}

void store_bench_make(const char *path, size_t version)
{
	for (size_t i = 0; i < version; i++)
		store_bench_sql(path, store_bench_versions[i]);
	store_bench_mark(path, version);
}
