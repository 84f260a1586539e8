/* SPDX-License-Identifier: MIT */
#include "daemon/trends.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "agents/analyst/change_points.h"
#include "agents/analyst/statistics.h"
#include "daemon/store_sql.h"
#include "daemon/subject_json.h"
#include "daemon/time_json.h"
#include "lib/evidence/past.h"

struct point {
	int64_t time_s;
	double value;
};

/* One series as it is read. */
struct trend {
	struct point at[PAST_RUNS_MAX];
	size_t n;
	size_t first; /* of those that are listed */
};

struct reading {
	struct store store;
	const struct trends_query *query;
	sqlite3_stmt *series, *points;
	json_t *list;
	json_int_t omitted;
	uint64_t passed; /* series of this page and of those before */
	struct error *err;
};

static void reading_done(struct reading *r)
{
	(void)sqlite3_finalize(r->series);
	(void)sqlite3_finalize(r->points);
	sql_close(&r->store);
	json_decref(r->list);
}

/* --- points ------------------------------------------------------------------------- */

static int add_point(struct reading *r, struct trend *t, json_t *points)
{
	CLEANUP(freep) char *job = NULL;
	int64_t time = 0, n = 0, fact = 0;
	double value = sqlite3_column_double(r->points, 1);
	char id[24];
	int code = sql_int(&r->store, &time, r->points, 0, r->err);

	if (code == 0)
		code = sql_int(&r->store, &n, r->points, 2, r->err);
	if (code == 0)
		code = sql_text(&r->store, &job, r->points, 3, 128, r->err);
	if (code == 0)
		code = sql_int(&r->store, &fact, r->points, 4, r->err);
	if (code < 0 || !isfinite(value))
		return code;
	t->at[t->n++] = (struct point){time, value};
	if (time < r->query->since_s) {
		t->first = t->n;
		return 0;
	}
	(void)snprintf(id, sizeof id, "F%lld", (long long)fact);
	(void)json_array_append_new(points, json_pack("{s:o, s:f, s:I, s:s?, s:s}", "time",
	                                              time_json(time), "value", value, "n",
	                                              (json_int_t)n, "review", job, "fact", id));
	return 0;
}

/* The latest ones, oldest first. */
static int read_points(struct reading *r, struct trend *t, int64_t series, json_t *points)
{
	int code = sqlite3_bind_int64(r->points, 1, series) == SQLITE_OK
	                   ? 0
	                   : sql_fail(&r->store, SQLITE_ERROR, r->err);

	while (code == 0 && t->n < PAST_RUNS_MAX &&
	       (code = sql_step(&r->store, r->points, r->err)) == 1)
		code = add_point(r, t, points);
	(void)sqlite3_reset(r->points);
	return code < 0 ? code : 0;
}

/* --- changes ------------------------------------------------------------------------ */

static json_t *number(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

static json_t *change_json(const struct trend *t, const struct change_point *c)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "time", time_json(t->at[c->index].time_s),
	                 "before", number(c->before.median), "after", number(c->after.median),
	                 "effect_pct", number(100 * c->effect), "p", number(c->p_autocorrelated));
}

/* The median of the runs since the last change. */
static double level_of(const struct trend *t, size_t first)
{
	double x[PAST_RUNS_MAX];
	size_t n = t->n - first;

	for (size_t i = 0; i < n; i++)
		x[i] = t->at[first + i].value;
	return numbers_quantile(x, n, .5);
}

static int add_changes(struct reading *r, const struct trend *t, json_t *o)
{
	CLEANUP(change_points_done) struct change_points c = {0};
	json_t *changes = json_array();
	double x[PAST_RUNS_MAX];

	for (size_t i = 0; i < t->n; i++)
		x[i] = t->at[i].value;
	if (!changes || change_points_find(&c, x, t->n, &CHANGE_POINTS_GATED) < 0) {
		json_decref(changes);
		return error_set(r->err, -ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < c.n; i++)
		if (c.at[i].index >= t->first)
			(void)json_array_append_new(changes, change_json(t, &c.at[i]));
	(void)json_object_set_new(o, "level", number(level_of(t, c.n ? c.at[c.n - 1].index : 0)));
	return json_object_set_new(o, "changes", changes) < 0
	               ? error_set(r->err, -ENOMEM, "out of memory")
	               : 0;
}

/* --- series ------------------------------------------------------------------------- */

/* Between slashes, or before the unit, or all of it. */
static bool has_part(const char *key, const char *part)
{
	size_t n = strlen(part);

	for (const char *at = key; n && (at = strstr(at, part)); at++)
		if ((at == key || at[-1] == '/') &&
		    (!at[n] || at[n] == '/' || strncmp(at + n, " [", 2) == 0))
			return true;
	return false;
}

/* "tok/s" of "a.csv/tokens_s [tok/s]" */
static json_t *unit_of(const char *key)
{
	const char *at = NULL, *next = key;
	size_t n;

	while ((next = strstr(next, " [")))
		at = next++;
	n = at ? strlen(at + 2) : 0;
	return n > 1 && at[1 + n] == ']' ? json_stringn(at + 2, n - 1) : json_null();
}

static int add_series(struct reading *r, int64_t id, const char *subject, const char *key)
{
	CLEANUP(freep) struct trend *t = calloc(1, sizeof *t);
	json_t *o = json_object(), *points = json_array();
	int code = t && o && points ? read_points(r, t, id, points)
	                            : error_set(r->err, -ENOMEM, "out of memory");
	bool empty = code < 0 || t->first == t->n;

	if (!empty && subject_json(o, subject) < 0)
		code = error_set(r->err, -ENOMEM, "out of memory");
	if (!empty && code == 0)
		code = add_changes(r, t, o);
	if (empty || code < 0) {
		json_decref(points);
		json_decref(o);
		return code;
	}
	(void)json_object_set_new(o, "series", json_string(key));
	(void)json_object_set_new(o, "unit", unit_of(key));
	(void)json_object_set_new(o, "points", points);
	return json_array_append_new(r->list, o) < 0 ? error_set(r->err, -ENOMEM, "out of memory")
	                                             : 0;
}

/* The row at which the statement stands. */
static int read_series(struct reading *r)
{
	CLEANUP(freep) char *subject = NULL;
	CLEANUP(freep) char *key = NULL;
	int64_t id = 0;
	int code = sql_int(&r->store, &id, r->series, 0, r->err);

	if (code == 0)
		code = sql_text(&r->store, &subject, r->series, 1, STORE_KEY_MAX, r->err);
	if (code == 0)
		code = sql_text(&r->store, &key, r->series, 2, STORE_KEY_MAX, r->err);
	if (code < 0 || !subject || !key || (r->query->metric && !has_part(key, r->query->metric)))
		return code;
	if (json_array_size(r->list) == TRENDS_SERIES_MAX) {
		r->omitted++;
		return 0;
	}
	if (r->passed++ < r->query->after)
		return 0;
	return add_series(r, id, subject, key);
}

static int prepare(struct reading *r)
{
	const char *subject = r->query->subject;
	int code = sql_prepare(&r->store, &r->series,
	                       "SELECT id, subject, key FROM series"
	                       " WHERE ?1 IS NULL OR subject = 'subject ' || ?1"
	                       " ORDER BY seen DESC, subject, key",
	                       r->err);

	if (code == 0)
		code = sql_bind(&r->store, r->series, 1, subject, r->err);
	return code == 0 ? sql_prepare(&r->store, &r->points,
	                               "SELECT p.time, p.value, p.n, v.job, p.fact FROM point p"
	                               " JOIN review v ON v.id = p.review WHERE p.series = ?1"
	                               " ORDER BY p.time",
	                               r->err)
	                 : code;
}

int trends_find(json_t **ret, const char *store_path, const struct trends_query *q,
                struct error *err)
{
	CLEANUP(reading_done) struct reading r = {.query = q, .list = json_array(), .err = err};
	int code = sql_open_reading(&r.store, store_path, err);

	if (code == 0)
		code = prepare(&r);
	while (code == 0 && (code = sql_step(&r.store, r.series, err)) == 1)
		code = read_series(&r);
	if (code < 0)
		return code;
	*ret = json_pack("{s:O, s:I, s:o}", "series", r.list, "omitted", r.omitted, "next",
	                 r.omitted ? json_integer((json_int_t)r.passed) : json_null());
	return *ret ? 0 : error_set(err, -ENOMEM, "out of memory");
}
