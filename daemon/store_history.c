/* SPDX-License-Identifier: MIT */
#include "daemon/store_history.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>

#include "daemon/store_history_impl.h"
#include "daemon/store_sql.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"

#define SUBJECT_BYTES (1 << 20) /* of all roots; a request is smaller */

char *store_history_subject(const struct job *job, const char *const *roots, size_t n_roots)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(SUBJECT_BYTES);

	if (job->subject) {
		buf_printf(&b, "subject %s", job->subject);
	} else {
		buf_printf(&b, "roots %s", job->pipeline);
		for (size_t i = 0; i < n_roots; i++)
			buf_printf(&b, "\n%s", roots[i]);
	}
	return b.failed ? NULL : strdup(buf_text(&b));
}

/* --- printing ----------------------------------------------------------------------- */

static json_t *point_json(const struct dossier *d, const struct history_point *p)
{
	const struct fact *f = dossier_fact(d, p->fact);

	return f ? json_pack("[I,f,I,I,I]", (json_int_t)p->time_s, f->value, (json_int_t)f->n,
	                     (json_int_t)p->fact, (json_int_t)p->content)
	         : NULL;
}

/* Points of one series stand one after the other. */
static json_t *series_json(const struct dossier *d)
{
	json_t *list = json_array(), *points = NULL;

	for (size_t i = 0; i < d->n_history; i++) {
		const struct history_point *p = &d->history[i];
		bool first = i == 0 || strcmp(p->series, p[-1].series) != 0;

		if (first) {
			points = json_array();
			(void)json_array_append_new(
				list, json_pack("[s%,O]", p->series, strlen(p->series), points));
			json_decref(points); /* the list has it */
		}
		if (p->fact && json_array_append_new(points, point_json(d, p)) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* The reviews that this one's report cites: its baseline, and those whose facts its own stand on.
 */
static json_t *cites_json(const struct dossier *d)
{
	json_t *cited = json_object(), *list = json_array();
	const char *job, *last = NULL;
	json_t *value;

	if (d->past && d->past->review)
		(void)json_object_set_new(cited, d->past->review, json_true());
	for (size_t i = 0; i < d->n_facts; i++) {
		for (size_t k = 0; k < d->facts[i].n_cells; k++) {
			const char *review = d->facts[i].cells[k].review;

			if (review && review != last)
				(void)json_object_set_new(cited, review, json_true());
			last = review ? review : last;
		}
	}
	json_object_foreach (cited, job, value)
		(void)json_array_append_new(list, json_string(job));
	json_decref(cited);
	return list;
}

/* For the list of all reviews: series compared; findings that tell of worse, better, gaps. */
static json_t *counts_json(const struct dossier *d)
{
	json_int_t worse = 0, better = 0, gaps = 0;

	for (size_t i = 0; i < d->n_findings; i++) {
		const struct finding *f = &d->findings[i];

		worse += finding_alarms(f) && dossier_way(d, f) < 0;
		better += finding_alarms(f) && dossier_way(d, f) > 0;
		gaps += f->kind == FINDING_GAP && f->severity != SEVERITY_INFO;
	}
	return json_pack("[I,I,I,I]", (json_int_t)d->compared.series, worse, better, gaps);
}

int store_history_print(char **ret, const char *subject, const struct dossier *d, struct error *err)
{
	json_t *o = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "subject", subject, "series",
	                      series_json(d), "conditions", store_conditions_json(d), "findings",
	                      store_findings_json(d), "cites", cites_json(d), "counts",
	                      counts_json(d));

	*ret = o ? json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
	json_decref(o);
	return *ret ? 0 : error_set(err, -ENOMEM, "out of memory");
}

/* --- writing ------------------------------------------------------------------------ */

struct writing {
	const struct store *store;
	int64_t review, series;
	sqlite3_stmt *seen, *point, *prune;
	struct error *err;
};

static void writing_done(struct writing *w)
{
	(void)sqlite3_finalize(w->seen);
	(void)sqlite3_finalize(w->point);
	(void)sqlite3_finalize(w->prune);
}

static int prepare(struct writing *w)
{
	static const char prune[] =
		"DELETE FROM point WHERE series = ?1 AND time <= (SELECT time FROM point"
		" WHERE series = ?1 ORDER BY time DESC LIMIT 1 OFFSET ?2)";
	int r = sql_prepare(w->store, &w->seen,
	                    "INSERT INTO series (subject, key, seen) VALUES (?1, ?2, ?3)"
	                    " ON CONFLICT (subject, key) DO UPDATE SET seen = excluded.seen"
	                    " RETURNING id",
	                    w->err);

	if (r == 0)
		r = sql_prepare(w->store, &w->point,
		                "INSERT INTO point (series, time, value, n, review, fact, content)"
		                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
		                " ON CONFLICT (series, time) DO UPDATE SET value = excluded.value,"
		                " n = excluded.n, review = excluded.review, fact = excluded.fact,"
		                " content = excluded.content",
		                w->err);
	return r == 0 ? sql_prepare(w->store, &w->prune, prune, w->err) : r;
}

/* Found or made, and marked as seen by this review. */
static int find_series(struct writing *w, const char *subject, const char *key)
{
	int r = sql_bind(w->store, w->seen, 1, subject, w->err);

	if (r == 0)
		r = sql_bind(w->store, w->seen, 2, key, w->err);
	if (r == 0 && sqlite3_bind_int64(w->seen, 3, w->review) != SQLITE_OK)
		r = sql_fail(w->store, SQLITE_ERROR, w->err);
	if (r == 0)
		r = sql_ask_id(w->store, &w->series, w->seen, w->err);
	return r < 0 ? r : 0;
}

static int add_point(struct writing *w, const json_t *point)
{
	const int at[] = {2, 4, 6, 7}, from[] = {0, 2, 3, 4};
	int rc = sqlite3_bind_int64(w->point, 1, w->series);

	for (size_t i = 0; rc == SQLITE_OK && i < ARRAY_LEN(at); i++)
		rc = sqlite3_bind_int64(w->point, at[i],
		                        json_integer_value(json_array_get(point, (size_t)from[i])));
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_double(w->point, 3, json_number_value(json_array_get(point, 1)));
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(w->point, 5, w->review);
	return sql_run(w->store, w->point, rc, w->err);
}

static int add_series(struct writing *w, const char *subject, const json_t *series)
{
	const char *key = json_string_value(json_array_get(series, 0));
	const json_t *point;
	size_t i;
	int rc, r = key ? find_series(w, subject, key) : 0;

	json_array_foreach (json_array_get(series, 1), i, point) {
		if (r == 0)
			r = add_point(w, point);
	}
	if (r < 0 || !key)
		return r;
	rc = sqlite3_bind_int64(w->prune, 1, w->series);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(w->prune, 2, PAST_RUNS_MAX);
	return sql_run(w->store, w->prune, rc, w->err);
}

static int add_review(struct writing *w, const char *job, const char *subject)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(w->store, &st,
	                    "INSERT INTO review (job, subject, finished_at)"
	                    " VALUES (?1, ?2, ?3) RETURNING id",
	                    w->err);

	if (r == 0)
		r = sql_bind(w->store, st, 1, job, w->err);
	if (r == 0)
		r = sql_bind(w->store, st, 2, subject, w->err);
	if (r == 0 && sqlite3_bind_int64(st, 3, clock_now_s()) != SQLITE_OK)
		r = sql_fail(w->store, SQLITE_ERROR, w->err);
	if (r == 0)
		r = sql_ask_id(w->store, &w->review, st, w->err);
	return r < 0 ? r : 0;
}

static int add_cite(struct writing *w, const char *job)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(w->store, &st,
	                    "INSERT OR IGNORE INTO cite (review, job) VALUES (?1, ?2)", w->err);

	if (r == 0 && sqlite3_bind_int64(st, 1, w->review) != SQLITE_OK)
		r = sql_fail(w->store, SQLITE_ERROR, w->err);
	if (r == 0)
		r = sql_bind(w->store, st, 2, job, w->err);
	return r == 0 ? sql_step(w->store, st, w->err) : r;
}

/* A text that lists none is of an older chimerad, and tells nothing of them. */
static int add_cites(struct writing *w, const json_t *cites)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	const json_t *job;
	size_t i;
	int r = 0;

	if (!json_is_array(cites))
		return 0;
	json_array_foreach (cites, i, job) {
		if (r == 0 && json_is_string(job))
			r = add_cite(w, json_string_value(job));
	}
	if (r == 0)
		r = sql_prepare(w->store, &st, "UPDATE review SET cites_known = 1 WHERE id = ?1",
		                w->err);
	return r == 0 ? sql_run(w->store, st, sqlite3_bind_int64(st, 1, w->review), w->err) : r;
}

static int add_counts(struct writing *w, const json_t *counts)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	const json_t *n;
	size_t i;
	int rc, r = sql_prepare(w->store, &st,
	                        "UPDATE review SET series = ?2, worse = ?3, better = ?4, gaps = ?5"
	                        " WHERE id = ?1",
	                        w->err);

	if (r < 0)
		return r;
	rc = sqlite3_bind_int64(st, 1, w->review);
	json_array_foreach (counts, i, n) {
		if (rc == SQLITE_OK && i < 4 && json_is_integer(n))
			rc = sqlite3_bind_int64(st, 2 + (int)i, json_integer_value(n));
	}
	return sql_run(w->store, st, rc, w->err);
}

int store_history_add(const struct store *s, const char *job, const char *text, struct error *err)
{
	CLEANUP(writing_done) struct writing w = {.store = s, .err = err};
	json_t *o = json_loads(text, 0, NULL);
	const char *subject = json_string_value(json_object_get(o, "subject"));
	const json_t *series;
	size_t i;
	int r = 0;

	if (subject) { /* else the text was damaged: that costs this run's points, and no job */
		r = prepare(&w);
		if (r == 0)
			r = add_review(&w, job, subject);
		json_array_foreach (json_object_get(o, "series"), i, series) {
			if (r == 0)
				r = add_series(&w, subject, series);
		}
		if (r == 0)
			r = store_conditions_keep(s, subject, o, err);
		if (r == 0)
			r = add_cites(&w, json_object_get(o, "cites"));
		if (r == 0)
			r = add_counts(&w, json_object_get(o, "counts"));
		if (r == 0)
			r = store_findings_keep(s, w.review, subject, o, err);
		if (r == 0)
			r = store_notices_keep(s, job, subject, o, err);
	}
	json_decref(o);
	return r;
}
