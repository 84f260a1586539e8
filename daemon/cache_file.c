/* SPDX-License-Identifier: MIT */
#include "daemon/cache_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUSY_TIMEOUT_MS 1000 /* then another review is writing, and this one goes on */

static int user_version(const struct store *s, int64_t *ret, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(s, &st, "PRAGMA user_version", err);

	if (r == 0)
		r = sql_step(s, st, err);
	if (r > 0)
		*ret = sqlite3_column_int64(st, 0);
	return r < 0 ? r : 0;
}

static int open_db(struct store *s, struct error *err)
{
	CLEANUP(closep)
	int fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	int rc;

	if (fd < 0)
		return error_set(err, errno == ELOOP || errno == EISDIR ? -EBADMSG : -errno,
		                 "%s: %s", s->path, strerror(errno));
	(void)close(fd); /* SQLite locks by process: no descriptor of ours may be closed later */
	fd = -1;
	rc = sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK)
		return sql_fail(s, rc, err);
	(void)sqlite3_busy_timeout(s->db, BUSY_TIMEOUT_MS);
	(void)sqlite3_extended_result_codes(s->db, 1);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return sql_exec(s, "PRAGMA synchronous = OFF; PRAGMA cell_size_check = ON", err);
}

static int make(struct store *s, const struct cache_layout *layout, struct error *err)
{
	char mark[64];
	int r = sql_exec(s, "PRAGMA page_size = 16384; BEGIN IMMEDIATE", err);

	(void)snprintf(mark, sizeof mark, "PRAGMA user_version = %lld; COMMIT",
	               (long long)layout->version);
	if (r == 0)
		r = sql_exec(s, layout->sql, err);
	return r == 0 ? sql_exec(s, mark, err) : r;
}

int cache_file_open(struct store *s, const struct cache_layout *layout, struct error *err)
{
	int64_t version = 0;
	int r = open_db(s, err);

	if (r == 0)
		r = user_version(s, &version, err);
	if (r == 0 && version == 0)
		r = make(s, layout, err);
	else if (r == 0 && version != layout->version)
		r = error_set(err, -EBADMSG, "%s: of another version of this program", s->path);
	if (r < 0)
		cache_file_close(s);
	return r;
}

int cache_file_open_anew(struct store *s, const struct cache_layout *layout, struct error *err)
{
	int r = cache_file_open(s, layout, err);

	if (r != -EBADMSG)
		return r;
	cache_file_discard(s->path);
	return cache_file_open(s, layout, err);
}

void cache_file_close(struct store *s)
{
	(void)sqlite3_close(s->db);
	s->db = NULL;
}

void cache_file_discard(const char *path)
{
	char journal[PATH_MAX];

	(void)unlink(path);
	if (snprintf(journal, sizeof journal, "%s-journal", path) < (int)sizeof journal)
		(void)unlink(journal);
}

int cache_file_run(const struct store *s, const char *sql, const struct cache_value *values,
                   size_t n, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(s, &st, sql, err);

	for (size_t i = 0; i < n && r == 0; i++) {
		const struct cache_value *v = &values[i];
		int rc = v->text ? sqlite3_bind_text(st, (int)i + 1, v->text, -1, SQLITE_STATIC)
		                 : sqlite3_bind_int64(st, (int)i + 1, v->number);

		if (rc != SQLITE_OK)
			r = sql_fail(s, rc, err);
	}
	return r == 0 ? sql_step(s, st, err) : r;
}
