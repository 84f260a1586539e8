/* SPDX-License-Identifier: MIT */
/* store_sql - SQLite under the store: one connection, its statements, its errors. */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/store_notices.h"

#define STORE_KEY_MAX ((size_t)1 << 20) /* bytes of the key of a series or a finding */

struct store {
	sqlite3 *db;
	char *path; /* for messages */
	struct store_notices_settings notices;
	int64_t queued; /* jobs; negative: to be counted */
};

DEFINE_CLEANUP(sqlite3_stmt *, sqlite3_finalize)

/* Opens, checks and migrates. */
int sql_open(struct store *s, const char *path, struct error *err) MUST_USE;
/* A second connection that sees the file as it is at its first question, and changes nothing. */
int sql_open_reading(struct store *s, const char *path, struct error *err) MUST_USE;
/* An empty file that is there, without any of that. */
int sql_open_plain(struct store *s, const char *path, struct error *err) MUST_USE;
void sql_close(struct store *s);
/* Writes that the file is one of ours: a write like any other, even where it says so already. */
int sql_mark(const struct store *s, struct error *err) MUST_USE;

/* 0, or what sql_fail() makes of it. */
int sql_try(const struct store *s, int rc, struct error *err) MUST_USE;
/* -EBADMSG, "PATH: otherwise": a statement does not give this text. */
int sql_ask_text(const struct store *s, const char *text, const char *expected,
                 const char *otherwise, struct error *err) MUST_USE;

/* Turns a result of SQLite into a sentence that names the file; returns its negative errno. */
int sql_fail(const struct store *s, int rc, struct error *err);

/* One or several statements without values or rows. */
int sql_exec(const struct store *s, const char *text, struct error *err) MUST_USE;
int sql_prepare(const struct store *s, sqlite3_stmt **ret, const char *text,
                struct error *err) MUST_USE;
/* text NULL binds NULL. The text must outlive the statement. */
int sql_bind(const struct store *s, sqlite3_stmt *st, int n, const char *text,
             struct error *err) MUST_USE;
/* 1: a row is there; 0: done; negative: failed. */
int sql_step(const struct store *s, sqlite3_stmt *st, struct error *err) MUST_USE;

/* Runs a statement whose last binding gave `rc`, and puts it back to its start. */
int sql_run(const struct store *s, sqlite3_stmt *st, int rc, struct error *err) MUST_USE;
/* The same with one that gives one id. 1: it did; 0: it gave none. */
int sql_ask_id(const struct store *s, int64_t *ret, sqlite3_stmt *st, struct error *err) MUST_USE;

/* The text of a column in malloc'd memory, NULL for NULL. -EBADMSG: not such a text. */
int sql_text(const struct store *s, char **ret, sqlite3_stmt *st, int column, size_t max,
             struct error *err) MUST_USE;
int sql_int(const struct store *s, int64_t *ret, sqlite3_stmt *st, int column,
            struct error *err) MUST_USE;

/*
 * A transaction that takes the write lock at once: one that begins by reading can fail later with
 * SQLITE_BUSY_SNAPSHOT, for which no timeout waits. Rolled back unless sql_commit() was called.
 */
struct sql_transaction {
	const struct store *store; /* NULL: none is open */
	bool nested;               /* within a group (store.h): a savepoint */
};
int sql_begin(struct sql_transaction *t, const struct store *s, struct error *err) MUST_USE;
int sql_commit(struct sql_transaction *t, struct error *err) MUST_USE;
void sql_rollback(struct sql_transaction *t);
