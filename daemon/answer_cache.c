/* SPDX-License-Identifier: MIT */
#include "daemon/answer_cache.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/cache_file.h"
#include "lib/base/clock.h"

#define DAYS_KEPT  90 /* after the last use */
#define DAY_S      86400
#define ANSWER_MAX ((size_t)1 << 20)
#define PAGES_MAX  "16384" /* of 16 KiB: what is more than 256 MiB is no cache of texts */

static const struct cache_layout layout = {
	"CREATE TABLE answer (key TEXT PRIMARY KEY, day INTEGER NOT NULL, text TEXT NOT NULL)"
	" STRICT, WITHOUT ROWID;"
	"CREATE INDEX answer_day ON answer (day);",
	1};

struct answer_cache {
	struct store sql;
};

/* --- what an answer depends on ----------------------------------------------- */

static void add_text(struct digest *d, const char *text)
{
	digest_add(d, text ? text : "", text ? strlen(text) + 1 : 1);
}

static void add_options(struct digest *d, const struct model_options *o)
{
	char text[512];

	(void)snprintf(text, sizeof text, "%a %a %a %a %lld %lld %lld %lld %lld", o->temperature,
	               o->top_p, o->min_p, o->repeat_penalty, (long long)o->top_k,
	               (long long)o->num_ctx, (long long)o->num_gpu, (long long)o->num_predict,
	               (long long)o->seed);
	add_text(d, text);
}

int answer_key(char ret[static DIGEST_TEXT_BYTES], const struct answer_question *q)
{
	CLEANUP(digest_freep) struct digest *d = digest_new();
	CLEANUP(freep) char *schema = json_dumps(q->schema, JSON_COMPACT);

	if (!d || !schema)
		return -ENOMEM;
	add_text(d, CHIMERAD_VERSION); /* another one checks otherwise */
	add_text(d, q->identity);
	if (q->agent)
		add_text(d, q->agent);
	add_text(d, q->system);
	add_text(d, q->user);
	add_text(d, schema);
	add_options(d, &q->options);
	digest_text(d, ret);
	return 0;
}

/* --- the file ---------------------------------------------------------------- */

int answer_cache_open(struct answer_cache **ret, const char *state, struct error *err)
{
	CLEANUP(answer_cache_closep) struct answer_cache *c = calloc(1, sizeof *c);
	size_t size = strlen(state) + sizeof "/" ANSWER_CACHE_FILE;
	int r;

	if (c)
		c->sql.path = malloc(size);
	if (!c || !c->sql.path)
		return error_set(err, -ENOMEM, "out of memory");
	(void)snprintf(c->sql.path, size, "%s/" ANSWER_CACHE_FILE, state);
	r = cache_file_open_anew(&c->sql, &layout, err);
	if (r == 0)
		r = sql_exec(&c->sql, "PRAGMA max_page_count = " PAGES_MAX, err);
	if (r == 0)
		*ret = TAKE(c);
	return r;
}

void answer_cache_close(struct answer_cache *c)
{
	if (!c)
		return;
	cache_file_close(&c->sql);
	free(c->sql.path);
	free(c);
}

static int64_t today(void)
{
	return clock_now_s() / DAY_S;
}

/* What is damaged is thrown away as a whole, and so is what is full. */
static int give_up(struct answer_cache *c, int r)
{
	if (r == -EBADMSG || r == -ENOSPC) {
		cache_file_close(&c->sql);
		cache_file_discard(c->sql.path);
	}
	return r;
}

static int touch(struct answer_cache *c, const char *key, struct error *err)
{
	const struct cache_value values[] = {{NULL, today()}, {key, 0}, {NULL, today()}};

	return cache_file_run(&c->sql, "UPDATE answer SET day = ? WHERE key = ? AND day != ?",
	                      values, ARRAY_LEN(values), err);
}

static int look_up(struct answer_cache *c, char **ret, const char *key, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(&c->sql, &st, "SELECT text FROM answer WHERE key = ?", err);

	if (r == 0)
		r = sql_bind(&c->sql, st, 1, key, err);
	if (r == 0)
		r = sql_step(&c->sql, st, err);
	if (r <= 0)
		return r;
	r = sql_text(&c->sql, ret, st, 0, ANSWER_MAX, err);
	return r < 0 ? r : 1;
}

int answer_cache_get(struct answer_cache *c, char **ret, const char *key, struct error *err)
{
	int r = c->sql.db ? look_up(c, ret, key, err) : 0;

	if (r > 0 && touch(c, key, err) < 0)
		return 1; /* a file that cannot be written is still good to read */
	return give_up(c, r);
}

int answer_cache_put(struct answer_cache *c, const char *key, const char *answer, struct error *err)
{
	const struct cache_value values[] = {{key, 0}, {NULL, today()}, {answer, 0}};
	const struct cache_value old = {NULL, today() - DAYS_KEPT};
	int r;

	if (!c->sql.db)
		return 0;
	r = cache_file_run(&c->sql,
	                   "INSERT OR REPLACE INTO answer (key, day, text) VALUES (?, ?, ?)",
	                   values, ARRAY_LEN(values), err);
	if (r == 0)
		r = cache_file_run(&c->sql, "DELETE FROM answer WHERE day < ?", &old, 1, err);
	return give_up(c, r);
}
