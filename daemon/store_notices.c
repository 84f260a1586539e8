/* SPDX-License-Identifier: MIT */
#include "daemon/store_notices.h"

#include <errno.h>

#include "daemon/store_sql.h"

#define ID_MAX   128
#define BODY_MAX ((size_t)16 * 1024 * 1024)

const char *notice_channel_name(enum notice_channel c)
{
	static const char *const names[] = {"webhook", "command"};

	return names[c];
}

void notice_done(struct notice *n)
{
	free(n->id);
	free(n->body);
	*n = (struct notice){0};
}

int store_notices_start(struct store *s, const struct store_notices_settings *settings,
                        struct error *err)
{
	s->notices = *settings;
	return sql_exec(s, "UPDATE notice SET next_ms = 0 WHERE state = 'waiting' AND next_ms > 0",
	                err);
}

static int read_notice(const struct store *s, struct notice *ret, sqlite3_stmt *st,
                       struct error *err)
{
	CLEANUP(notice_done) struct notice n = {0};
	int r = sql_int(s, &n.row, st, 0, err);

	if (r == 0)
		r = sql_text(s, &n.id, st, 1, ID_MAX, err);
	if (r == 0)
		r = sql_text(s, &n.body, st, 2, BODY_MAX, err);
	if (r == 0)
		r = sql_int(s, &n.made_at, st, 3, err);
	if (r == 0)
		r = sql_int(s, &n.tries, st, 4, err);
	if (r < 0)
		return r;
	*ret = n;
	n = (struct notice){0};
	return 0;
}

/* Of those of a channel that wait: ?1 the channel, ?2 the time. 1: a row is there. */
static int ask(const struct store *s, sqlite3_stmt **st, const char *query,
               enum notice_channel channel, int64_t now_ms, struct error *err)
{
	int r = sql_prepare(s, st, query, err);

	if (r == 0)
		r = sql_bind(s, *st, 1, notice_channel_name(channel), err);
	if (r == 0 && sqlite3_bind_int64(*st, 2, now_ms) != SQLITE_OK)
		r = sql_fail(s, SQLITE_ERROR, err);
	return r == 0 ? sql_step(s, *st, err) : r;
}

int store_notices_next(struct store *s, struct notice *ret, int64_t *ret_next_ms,
                       enum notice_channel channel, int64_t now_ms, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *due = NULL;
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *later = NULL;
	int r = ask(s, &due,
	            "SELECT id, job, body, made_at, tries FROM notice WHERE channel = ?1 AND"
	            " state = 'waiting' AND next_ms <= ?2 ORDER BY id LIMIT 1",
	            channel, now_ms, err);

	*ret = (struct notice){0};
	*ret_next_ms = 0;
	if (r != 0)
		return r < 0 ? r : read_notice(s, ret, due, err);
	r = ask(s, &later,
	        "SELECT coalesce(min(next_ms), 0) FROM notice WHERE channel = ?1 AND"
	        " state = 'waiting' AND next_ms > ?2",
	        channel, now_ms, err);
	return r == 1 ? sql_int(s, ret_next_ms, later, 0, err) : r;
}

int store_notices_mark(struct store *s, int64_t row, const struct notice_outcome *o, int64_t now_ms,
                       struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	const char *state = o->delivered ? "delivered" : o->given_up ? "given up" : "waiting";
	bool finished = o->delivered || o->given_up;
	int r = sql_prepare(s, &st,
	                    "UPDATE notice SET state = ?2, tries = tries + 1, next_ms = ?3,"
	                    " error = ?4, finished_at = ?5 WHERE id = ?1 AND state = 'waiting'",
	                    err);

	if (r == 0)
		r = sql_bind(s, st, 2, state, err);
	if (r == 0)
		r = sql_bind(s, st, 4, o->delivered ? NULL : o->why, err);
	if (r == 0 && (sqlite3_bind_int64(st, 1, row) != SQLITE_OK ||
	               sqlite3_bind_int64(st, 3, finished ? 0 : o->next_ms) != SQLITE_OK ||
	               sqlite3_bind_int64(st, 5, finished ? now_ms / 1000 : 0) != SQLITE_OK))
		r = sql_fail(s, SQLITE_ERROR, err);
	return r == 0 ? sql_step(s, st, err) : r;
}
