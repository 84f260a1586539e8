/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "daemon/publish.h"
#include "daemon/store_history.h"
#include "daemon/store_sql.h"
#include "lib/base/utf8.h"

/* Reviews by number, so that each is looked for on the disk once. */
struct known_review {
	int64_t id;
	const char *job; /* in the arena of the points; NULL: its folder is gone */
};

struct history_reader {
	struct store store; /* read only */
	struct past past;
	char *subject, *reports, *baseline, *against;
	int64_t baseline_id;
	sqlite3_stmt *points, *conditions, *review;
	struct known_review *reviews; /* the latest at the end */
	size_t n_reviews;
	struct arena *arena; /* of the names in `reviews` */
	struct error err;
};

#define NAMES_BYTES_MAX (16u << 20)
#define REASON_MAX      (1u << 16)
#define CONDITION_MAX   (1u << 16)
#define REVIEWS_MAX     100000 /* cited by the points of one subject */

void history_reader_close(struct history_reader *h)
{
	if (!h)
		return;
	(void)sqlite3_finalize(h->points);
	(void)sqlite3_finalize(h->conditions);
	(void)sqlite3_finalize(h->review);
	sql_close(&h->store);
	arena_free(h->arena);
	free(h->reviews);
	free(h->subject);
	free(h->reports);
	free(h->baseline);
	free(h->against);
	free(h);
}

static int add_known(struct history_reader *h, int64_t id, const char *job)
{
	struct known_review *to;

	if (h->n_reviews == REVIEWS_MAX)
		return error_set(&h->err, -EOVERFLOW, "the history cites too many reviews");
	if (!(h->n_reviews & (h->n_reviews - 1))) { /* capacities are powers of two */
		to = reallocarray(h->reviews, h->n_reviews ? 2 * h->n_reviews : 1, sizeof *to);
		if (!to)
			return error_set(&h->err, -ENOMEM, "out of memory");
		h->reviews = to;
	}
	h->reviews[h->n_reviews++] = (struct known_review){id, job};
	return 0;
}

static int look_up(struct history_reader *h, int64_t id)
{
	CLEANUP(freep) char *job = NULL;
	const char *kept = NULL;
	int r = sqlite3_bind_int64(h->review, 1, id) == SQLITE_OK
	                ? sql_step(&h->store, h->review, &h->err)
	                : sql_fail(&h->store, SQLITE_ERROR, &h->err);

	if (r == 1)
		r = sql_text(&h->store, &job, h->review, 0, 128, &h->err);
	(void)sqlite3_reset(h->review);
	if (r < 0)
		return r;
	if (job && publish_exists(h->reports, job) && !(kept = arena_strdup(h->arena, job)))
		return error_set(&h->err, -ENOMEM, "out of memory");
	return add_known(h, id, kept);
}

static int review_of(struct history_reader *h, int64_t id, const char **ret)
{
	for (int tries = 0; tries < 2; tries++) {
		for (size_t i = h->n_reviews; i-- > 0;) {
			if (h->reviews[i].id != id)
				continue;
			*ret = h->reviews[i].job;
			return 0;
		}
		if (look_up(h, id) < 0)
			break;
	}
	return h->err.code;
}

/* The row at which the statement stands. *ret_job NULL: that review is gone. */
static int read_point(struct history_reader *h, struct past_point *p)
{
	int64_t v[6] = {0};
	const int columns[] = {0, 2, 3, 4, 5};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(columns); i++)
		r = sql_int(&h->store, &v[columns[i]], h->points, columns[i], &h->err);
	if (r < 0)
		return r;
	if (v[2] < 0 || v[4] < 1 || v[4] > UINT32_MAX)
		return error_set(&h->err, -EBADMSG, "%s: damaged history", h->store.path);
	*p = (struct past_point){.time_s = v[0],
	                         .value = sqlite3_column_double(h->points, 1),
	                         .n = (uint64_t)v[2],
	                         .fact = (unsigned)v[4],
	                         .content = (uint64_t)v[5]};
	return review_of(h, v[3], &p->review);
}

/* Of the subject, which is ?1. */
static int prepare_one(struct history_reader *h, sqlite3_stmt **ret, const char *text)
{
	int r = sql_prepare(&h->store, ret, text, &h->err);

	return r == 0 ? sql_bind(&h->store, *ret, 1, h->subject, &h->err) : r;
}

/* They are asked for latest first, one a time: a damaged index gives them otherwise. */
static int check_order(struct history_reader *h, const struct past_point *list, size_t n)
{
	if (n && list[n].time_s >= list[n - 1].time_s)
		return error_set(&h->err, -EBADMSG, "%s: damaged history", h->store.path);
	return 0;
}

static int points(void *arg, struct arena *arena, const char *series, struct past_point **ret,
                  size_t *ret_n)
{
	struct history_reader *h = arg;
	struct past_point list[PAST_RUNS_MAX];
	size_t n = 0;
	int r = sql_bind(&h->store, h->points, 2, series, &h->err);

	while (r == 0 && n < PAST_RUNS_MAX && (r = sql_step(&h->store, h->points, &h->err)) == 1) {
		r = read_point(h, &list[n]);
		if (r == 0)
			r = check_order(h, list, n);
		n += r == 0 && list[n].review && isfinite(list[n].value);
	}
	(void)sqlite3_reset(h->points);
	*ret_n = n;
	if (r < 0 || n == 0)
		return r < 0 ? r : 0;
	*ret = arena_calloc(arena, n, sizeof **ret);
	if (!*ret)
		return error_set(&h->err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		(*ret)[i] = list[n - 1 - i];
	return 0;
}

static int read_key(struct history_reader *h, struct arena *arena, sqlite3_stmt *st,
                    const char **ret)
{
	CLEANUP(freep) char *key = NULL;
	int r = sql_text(&h->store, &key, st, 0, STORE_KEY_MAX, &h->err);

	if (r == 0 && !(*ret = arena_strdup(arena, key ? key : "")))
		r = error_set(&h->err, -ENOMEM, "out of memory");
	return r;
}

static int series(void *arg, struct arena *arena, const char ***ret, size_t *ret_n)
{
	struct history_reader *h = arg;
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	size_t cap = 0;
	int r = sql_prepare(&h->store, &st,
	                    "SELECT key FROM series WHERE seen = ?1 UNION SELECT s.key FROM point p"
	                    " JOIN series s ON s.id = p.series WHERE p.review = ?1",
	                    &h->err);

	*ret = NULL;
	*ret_n = 0;
	if (r == 0 && sqlite3_bind_int64(st, 1, h->baseline_id) != SQLITE_OK)
		r = sql_fail(&h->store, SQLITE_ERROR, &h->err);
	while (r == 0 && (r = sql_step(&h->store, st, &h->err)) == 1) {
		if (!arena_room(arena, ret, *ret_n, &cap, sizeof **ret))
			return error_set(&h->err, -ENOMEM, "out of memory");
		r = read_key(h, arena, st, &(*ret)[*ret_n]);
		*ret_n += r == 0;
	}
	return r;
}

/* A column as a text that every page can hold; NULL for NULL, and for what is no UTF-8. */
static int read_text(struct history_reader *h, struct arena *arena, sqlite3_stmt *st, int column,
                     size_t max, const char **ret)
{
	CLEANUP(freep) char *text = NULL;
	int r = sql_text(&h->store, &text, st, column, max, &h->err);
	size_t len = text ? strlen(text) : 0, n;

	for (size_t i = 0; i < len; i += n)
		if (!(n = utf8_length(text + i, len - i)))
			return 0;
	if (r == 0 && text && !(*ret = arena_strdup(arena, text)))
		r = error_set(&h->err, -ENOMEM, "out of memory");
	return r;
}

/* Of the row at which the statement stands. 1: it is whole; 0: it is not, and left out. */
typedef int read_fn(struct history_reader *h, struct arena *arena, sqlite3_stmt *st, void *to);

/* All rows that a query of the subject, which is ?1, gives. */
static int read_all(struct history_reader *h, struct arena *arena, const char *query, read_fn *read,
                    void *ret, size_t size, size_t *ret_n)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	char *list = NULL;
	size_t cap = 0, n = 0;
	int r = sql_prepare(&h->store, &st, query, &h->err);

	if (r == 0)
		r = sql_bind(&h->store, st, 1, h->subject, &h->err);
	while (r == 0 && (r = sql_step(&h->store, st, &h->err)) == 1) {
		if (!arena_room(arena, &list, n, &cap, size))
			return error_set(&h->err, -ENOMEM, "out of memory");
		r = read(h, arena, st, list + n * size);
		n += r == 1;
		r = r < 0 ? r : 0;
	}
	memcpy(ret, &list, sizeof list); /* a pointer to what it holds */
	*ret_n = n;
	return r;
}

static int read_ack(struct history_reader *h, struct arena *arena, sqlite3_stmt *st, void *to)
{
	struct past_ack *a = to;
	int r;

	*a = (struct past_ack){0};
	r = read_text(h, arena, st, 0, STORE_KEY_MAX, &a->key);
	if (r == 0)
		r = read_text(h, arena, st, 1, REASON_MAX, &a->reason);
	if (r == 0)
		r = read_text(h, arena, st, 2, sizeof "2026-12-24", &a->until);
	if (r == 0)
		r = read_text(h, arena, st, 3, sizeof "2026-12-24", &a->made);
	return r == 0 ? a->key != NULL : r;
}

static int acks(void *arg, struct arena *arena, struct past_ack **ret, size_t *ret_n)
{
	return read_all(arg, arena,
	                "SELECT key, reason, until, date(made_at, 'unixepoch') FROM ack"
	                " WHERE subject = ?1",
	                read_ack, ret, sizeof **ret, ret_n);
}

static int read_suspicion(struct history_reader *h, struct arena *arena, sqlite3_stmt *st, void *to)
{
	struct past_suspicion *s = to;
	int r;

	*s = (struct past_suspicion){0};
	r = read_text(h, arena, st, 0, STORE_KEY_MAX, &s->key);
	if (r == 0)
		r = read_text(h, arena, st, 1, sizeof "2026-12-24", &s->since);
	return r == 0 ? s->key && s->since : r;
}

static int suspicions(void *arg, struct arena *arena, struct past_suspicion **ret, size_t *ret_n)
{
	return read_all(arg, arena,
	                "SELECT key, since FROM finding WHERE subject = ?1 AND"
	                " state = 'suspected' ORDER BY key",
	                read_suspicion, ret, sizeof **ret, ret_n);
}

static int conditions(void *arg, struct arena *arena, const char *table, int64_t time_s,
                      struct past_condition **ret, size_t *ret_n)
{
	struct history_reader *h = arg;
	struct past_condition list[PAST_CONDITIONS_MAX] = {0};
	size_t n = 0;
	int r = sql_bind(&h->store, h->conditions, 2, table, &h->err);

	*ret_n = 0;
	if (r == 0 && sqlite3_bind_int64(h->conditions, 3, time_s) != SQLITE_OK)
		r = sql_fail(&h->store, SQLITE_ERROR, &h->err);
	while (r == 0 && n < ARRAY_LEN(list) &&
	       (r = sql_step(&h->store, h->conditions, &h->err)) == 1) {
		r = read_text(h, arena, h->conditions, 0, STORE_KEY_MAX, &list[n].name);
		if (r == 0)
			r = read_text(h, arena, h->conditions, 1, CONDITION_MAX, &list[n].text);
		n += r == 0 && list[n].name && list[n].text;
	}
	(void)sqlite3_reset(h->conditions);
	if (r < 0 || n == 0)
		return r < 0 ? r : 0;
	*ret = arena_calloc(arena, n, sizeof **ret);
	if (!*ret)
		return error_set(&h->err, -ENOMEM, "out of memory");
	memcpy(*ret, list, n * sizeof *list);
	*ret_n = n;
	return 0;
}

static int prepare(struct history_reader *h)
{
	int r = prepare_one(h, &h->points,
	                    "SELECT time, value, n, review, fact, content FROM point"
	                    " WHERE series = (SELECT id FROM series WHERE subject = ?1 AND"
	                    " key = ?2) ORDER BY time DESC");

	if (r == 0)
		r = prepare_one(h, &h->conditions,
		                "SELECT name, text FROM condition WHERE source = (SELECT id FROM"
		                " source WHERE subject = ?1 AND key = ?2) AND time = ?3"
		                " ORDER BY name");
	return r == 0 ? sql_prepare(&h->store, &h->review, "SELECT job FROM review WHERE id = ?1",
	                            &h->err)
	              : r;
}

/* ?2 is the id of a job; statements that do not name it are not given it. */
static const char *baseline_query(const char *against)
{
#define FROM_REVIEW "SELECT job, finished_at, id FROM review WHERE subject = ?1"
#define LATEST      " ORDER BY id DESC LIMIT 100"
	if (!against || strcmp(against, "previous") == 0)
		return FROM_REVIEW LATEST;
	if (strcmp(against, "accepted") == 0)
		return FROM_REVIEW " AND accepted_at > 0" LATEST;
	return FROM_REVIEW " AND job = ?2" LATEST;
#undef FROM_REVIEW
#undef LATEST
}

/* The last review of this subject that will do, and whose report is still there. */
static int find_baseline(struct history_reader *h)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = prepare_one(h, &st, baseline_query(h->against));

	if (r == 0 && sqlite3_bind_parameter_count(st) > 1)
		r = sql_bind(&h->store, st, 2, h->against, &h->err);
	while (r == 0 && !h->past.review && (r = sql_step(&h->store, st, &h->err)) == 1) {
		free(TAKE(h->baseline));
		r = sql_text(&h->store, &h->baseline, st, 0, 128, &h->err);
		if (r == 0)
			r = sql_int(&h->store, &h->past.finished_at_s, st, 1, &h->err);
		if (r == 0)
			r = sql_int(&h->store, &h->baseline_id, st, 2, &h->err);
		if (r == 0 && h->baseline && publish_exists(h->reports, h->baseline))
			h->past.review = h->baseline;
	}
	return r < 0 ? r : 0;
}

static int open_all(struct history_reader *h, const char *store_path)
{
	int r = sql_open_reading(&h->store, store_path, &h->err);

	if (r == 0)
		r = prepare(h);
	return r == 0 ? find_baseline(h) : r;
}

int history_reader_open(struct history_reader **ret, const char *store_path, const char *subject,
                        const char *reports, const char *against, struct error *err)
{
	CLEANUP(history_reader_closep) struct history_reader *h = calloc(1, sizeof *h);
	int r;

	if (!h)
		return error_set(err, -ENOMEM, "out of memory");
	h->subject = strdup(subject);
	h->reports = strdup(reports);
	h->arena = arena_new(NAMES_BYTES_MAX);
	h->past.against = against && strcmp(against, "history") != 0;
	if (h->past.against && !(h->against = strdup(against)))
		return error_set(err, -ENOMEM, "out of memory");
	h->past.points = points;
	h->past.series = series;
	h->past.acks = acks;
	h->past.suspicions = suspicions;
	h->past.conditions = conditions;
	h->past.arg = h;
	if (!h->subject || !h->reports || !h->arena)
		return error_set(err, -ENOMEM, "out of memory");
	r = open_all(h, store_path);
	if (r < 0) {
		*err = h->err;
		return r;
	}
	*ret = TAKE(h);
	return 0;
}

const struct past *history_reader_past(const struct history_reader *h)
{
	return &h->past;
}

const struct error *history_reader_error(const struct history_reader *h)
{
	return &h->err;
}
