/* SPDX-License-Identifier: MIT */
#include "daemon/store_sql.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>

#include "lib/base/files.h"

#define APPLICATION_ID  0x6368696d /* "chim": tells a store from another program's database */
#define BUSY_TIMEOUT_MS 5000
#define LENGTH_MAX      (64 * 1024 * 1024) /* of a text or a row: a checkpoint is the largest */

/*
 * One text for each version of the file, run once, in one transaction with the new user_version.
 * Never edit one that was released: add the next.
 */
static const char *const migrations[] = {
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

	/* What a review compared and found; NULL: an older chimerad's. */
	"ALTER TABLE review ADD COLUMN series INTEGER;"
	"ALTER TABLE review ADD COLUMN worse INTEGER;"
	"ALTER TABLE review ADD COLUMN better INTEGER;"
	"ALTER TABLE review ADD COLUMN gaps INTEGER;",
};
#define VERSION ((int64_t)ARRAY_LEN(migrations))

static int errno_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -ETIMEDOUT; /* -EBUSY has a meaning of its own in store.h */
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EBADMSG;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_TOOBIG:
		return -EMSGSIZE;
	}
	return -EIO;
}

static const char *way_out(int code)
{
	switch (code) {
	case -ENOSPC:
		return "; free some space and try again";
	case -ETIMEDOUT:
		return "; another process holds it";
	case -EBADMSG:
		return "; move it away to begin with an empty one (reports are kept elsewhere), "
		       "or put a backup in its place";
	case -EROFS:
	case -EACCES:
		return "; the daemon's user must be able to write it and its directory";
	}
	return "";
}

int sql_fail(const struct store *s, int rc, struct error *err)
{
	int code = errno_of(rc);

	return error_set(err, code, "%s: %s%s", s->path,
	                 s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc), way_out(code));
}

int sql_try(const struct store *s, int rc, struct error *err)
{
	return rc == SQLITE_OK ? 0 : sql_fail(s, rc, err);
}

int sql_exec(const struct store *s, const char *text, struct error *err)
{
	return sql_try(s, sqlite3_exec(s->db, text, NULL, NULL, NULL), err);
}

int sql_prepare(const struct store *s, sqlite3_stmt **ret, const char *text, struct error *err)
{
	int rc = sqlite3_prepare_v2(s->db, text, -1, ret, NULL);

	return rc == SQLITE_OK ? 0 : sql_fail(s, rc, err);
}

int sql_bind(const struct store *s, sqlite3_stmt *st, int n, const char *text, struct error *err)
{
	int rc = text ? sqlite3_bind_text(st, n, text, -1, SQLITE_STATIC)
	              : sqlite3_bind_null(st, n);

	return rc == SQLITE_OK ? 0 : sql_fail(s, rc, err);
}

int sql_step(const struct store *s, sqlite3_stmt *st, struct error *err)
{
	int rc = sqlite3_step(st);

	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : sql_fail(s, rc, err);
}

static int fail_column(const struct store *s, sqlite3_stmt *st, int column, const char *what,
                       struct error *err)
{
	return error_set(err, -EBADMSG, "%s: column %s holds %s%s", s->path,
	                 sqlite3_column_name(st, column), what, way_out(-EBADMSG));
}

int sql_text(const struct store *s, char **ret, sqlite3_stmt *st, int column, size_t max,
             struct error *err)
{
	int type = sqlite3_column_type(st, column);
	const char *text = (const char *)sqlite3_column_text(st, column);
	size_t len = (size_t)sqlite3_column_bytes(st, column);
	char *copy;

	if (type == SQLITE_NULL) {
		*ret = NULL;
		return 0;
	}
	if (type != SQLITE_TEXT)
		return fail_column(s, st, column, "no text", err);
	if (len > max)
		return fail_column(s, st, column, "too long a text", err);
	copy = text ? strndup(text, len) : NULL;
	if (!copy)
		return error_set(err, -ENOMEM, "%s: out of memory", s->path);
	if (strlen(copy) != len) {
		free(copy);
		return fail_column(s, st, column, "a NUL byte", err);
	}
	*ret = copy;
	return 0;
}

int sql_int(const struct store *s, int64_t *ret, sqlite3_stmt *st, int column, struct error *err)
{
	if (sqlite3_column_type(st, column) != SQLITE_INTEGER)
		return fail_column(s, st, column, "no whole number", err);
	*ret = sqlite3_column_int64(st, column);
	return 0;
}

int sql_run(const struct store *s, sqlite3_stmt *st, int rc, struct error *err)
{
	int r = rc == SQLITE_OK ? sql_step(s, st, err) : sql_fail(s, rc, err);

	(void)sqlite3_reset(st);
	return r < 0 ? r : 0;
}

int sql_ask_id(const struct store *s, int64_t *ret, sqlite3_stmt *st, struct error *err)
{
	int r = sql_step(s, st, err);

	if (r == 1 && (r = sql_int(s, ret, st, 0, err)) == 0)
		r = 1;
	(void)sqlite3_reset(st);
	return r;
}

int sql_begin(struct sql_transaction *t, const struct store *s, struct error *err)
{
	bool nested = !sqlite3_get_autocommit(s->db);
	int r = sql_exec(s, nested ? "SAVEPOINT part" : "BEGIN IMMEDIATE", err);

	if (r == 0)
		*t = (struct sql_transaction){s, nested};
	return r;
}

int sql_commit(struct sql_transaction *t, struct error *err)
{
	int r = sql_exec(t->store, t->nested ? "RELEASE part" : "COMMIT", err);

	if (r == 0)
		t->store = NULL;
	return r;
}

void sql_rollback(struct sql_transaction *t)
{
	struct error ignored; /* a failure that matters has been told already */

	if (t->store && !sqlite3_get_autocommit(t->store->db))
		(void)!sql_exec(t->store, t->nested ? "ROLLBACK TO part; RELEASE part" : "ROLLBACK",
		                &ignored);
}

/* A statement that gives one value. */
static int ask_int(const struct store *s, const char *text, int64_t *ret, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(s, &st, text, err);

	if (r == 0)
		r = sql_step(s, st, err);
	if (r <= 0)
		return r < 0 ? r : error_set(err, -EIO, "%s: no answer to %s", s->path, text);
	return sql_int(s, ret, st, 0, err);
}

int sql_ask_text(const struct store *s, const char *text, const char *expected,
                 const char *otherwise, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(s, &st, text, err);
	const char *got;

	if (r == 0)
		r = sql_step(s, st, err);
	if (r < 0)
		return r;
	got = r == 1 ? (const char *)sqlite3_column_text(st, 0) : NULL;
	if (r == 1 && !got && sqlite3_column_type(st, 0) != SQLITE_NULL)
		return sql_fail(s, SQLITE_NOMEM, err);
	if (got && strcmp(got, expected) == 0)
		return 0;
	return error_set(err, -EBADMSG, "%s: %s%s", s->path, otherwise, way_out(-EBADMSG));
}

int sql_mark(const struct store *s, struct error *err)
{
	char pragma[64];

	(void)snprintf(pragma, sizeof pragma, "PRAGMA application_id = %d", APPLICATION_ID);
	return sql_exec(s, pragma, err);
}

static int migrate_one(const struct store *s, int64_t version, struct error *err)
{
	char pragma[96];
	int r = sql_exec(s, migrations[version], err);

	if (r == 0)
		r = sql_mark(s, err);
	(void)snprintf(pragma, sizeof pragma, "PRAGMA user_version = %lld", (long long)version + 1);
	return r < 0 ? r : sql_exec(s, pragma, err);
}

/* Is this file empty, or one of ours that this program understands? */
static int check_kind(const struct store *s, int64_t *ret_version, struct error *err)
{
	int64_t application = 0, tables = 0;
	int r = ask_int(s, "PRAGMA application_id", &application, err);

	if (r == 0)
		r = ask_int(s, "PRAGMA user_version", ret_version, err);
	if (r == 0)
		r = ask_int(s, "SELECT count(*) FROM sqlite_schema", &tables, err);
	if (r < 0)
		return r;
	if (application != APPLICATION_ID && (application || *ret_version || tables))
		return error_set(err, -EBADMSG, "%s: a database of another program; move it away",
		                 s->path);
	if (*ret_version > VERSION || *ret_version < 0)
		return error_set(err, -ENOTSUP,
		                 "%s: of version %lld, but this chimerad knows up to %lld; "
		                 "run the newer chimerad, or move the file away",
		                 s->path, (long long)*ret_version, (long long)VERSION);
	return 0;
}

static int migrate(const struct store *s, int64_t version, struct error *err)
{
	int r = 0;

	for (; r == 0 && version < VERSION; version++) {
		CLEANUP(sql_rollback) struct sql_transaction t = {0};

		r = sql_begin(&t, s, err);
		if (r == 0)
			r = migrate_one(s, version, err);
		if (r == 0)
			r = sql_commit(&t, err);
	}
	return r;
}

/* What holds for every connection. */
static void limit(const struct store *s)
{
	(void)sqlite3_busy_timeout(s->db, BUSY_TIMEOUT_MS);
	(void)sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, LENGTH_MAX);
	/* what a hostile file could bring along: we have neither triggers nor views */
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
}

static int configure(const struct store *s, struct error *err)
{
	limit(s);
	return sql_exec(s,
	                "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;"
	                "PRAGMA cache_size = -256;" /* KiB: the kernel has the rest of the file */
	                "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL",
	                err);
}

/*
 * SQLITE_OPEN_NOFOLLOW refuses a link anywhere in the path: the directories' links are ours to
 * follow, the file's own is not. Created here, so that nobody else may read what jobs are called.
 */
static int make_file(struct store *s, const char *path, struct error *err)
{
	CLEANUP(freep) char *head = strdup(path);
	CLEANUP(freep) char *tail = strdup(path);
	CLEANUP(freep) char *dir = head ? realpath(dirname(head), NULL) : NULL;
	CLEANUP(closep) int fd = -1;

	if (!head || !tail)
		return error_set(err, -ENOMEM, "%s: out of memory", path);
	if (!dir)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	if (asprintf(&s->path, "%s/%s", dir, basename(tail)) < 0) {
		s->path = NULL;
		return error_set(err, -ENOMEM, "%s: out of memory", path);
	}
	fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0)
		return error_set(err, -errno, "%s: %s", path,
		                 errno == ELOOP ? "is a symbolic link" : strerror(errno));
	return files_sync_dir(dir, err);
}

int sql_open(struct store *s, const char *path, struct error *err)
{
	int r = make_file(s, path, err);
	int64_t version = 0;
	int rc;

	s->queued = -1;
	if (r < 0)
		return r;
	rc = sqlite3_open_v2(s->path, &s->db,
	                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW |
	                             SQLITE_OPEN_EXRESCODE,
	                     NULL);
	if (rc != SQLITE_OK)
		return sql_fail(s, rc, err);
	r = configure(s, err);
	if (r == 0)
		r = sql_ask_text(s, "PRAGMA quick_check(1)", "ok", "damaged", err);
	if (r == 0)
		r = check_kind(s, &version, err); /* before the first change to it */
	if (r == 0)
		r = sql_ask_text(s, "PRAGMA journal_mode = WAL", "wal",
		                 "its file system cannot hold a write-ahead log", err);
	return r < 0 ? r : migrate(s, version, err);
}

static int open_with(struct store *s, const char *path, int flags, struct error *err)
{
	int r;

	s->path = strdup(path);
	if (!s->path)
		return error_set(err, -ENOMEM, "%s: out of memory", path);
	flags |= SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	r = sql_try(s, sqlite3_open_v2(path, &s->db, flags, NULL), err);
	if (r == 0)
		limit(s);
	return r;
}

int sql_open_plain(struct store *s, const char *path, struct error *err)
{
	return open_with(s, path, SQLITE_OPEN_READWRITE, err);
}

int sql_open_reading(struct store *s, const char *path, struct error *err)
{
	int r = open_with(s, path, SQLITE_OPEN_READONLY, err);

	if (r < 0)
		return r;
	return sql_exec(s, "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; BEGIN", err);
}

void sql_close(struct store *s)
{
	(void)sqlite3_close(s->db);
	s->db = NULL;
	free(TAKE(s->path));
}
