/* SPDX-License-Identifier: MIT */
#include "tests/unit/daemon/store_bench.h"

#include <criterion/criterion.h>
#include <sqlite3.h>

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

const char store_bench_version_4[] =
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
	") STRICT;"
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
	" seen INTEGER NOT NULL DEFAULT 0,"
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
	") STRICT, WITHOUT ROWID;"
	"CREATE TABLE finding ("
	" subject TEXT NOT NULL,"
	" key TEXT NOT NULL,"
	" review INTEGER NOT NULL REFERENCES review (id),"
	" number INTEGER NOT NULL,"
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
	" until TEXT,"
	" made_at INTEGER NOT NULL,"
	" PRIMARY KEY (subject, key)"
	") STRICT;"
	"ALTER TABLE review ADD COLUMN accepted_at INTEGER NOT NULL DEFAULT 0;"
	"PRAGMA application_id = 1667787117; PRAGMA user_version = 4";
