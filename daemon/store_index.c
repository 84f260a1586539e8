/* SPDX-License-Identifier: MIT */
#include "daemon/store_index.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>

#include "agents/writer/html_frame.h"
#include "daemon/index_page.h"
#include "daemon/store_sql.h"
#include "daemon/subject_json.h"
#include "lib/base/util.h"
#include "lib/evidence/past.h"

#define TEXT_MAX     4096
#define SERIES_TRIED "1000" /* of a subject; and findings whose series come first: 20 */

struct writing {
	const struct store *store;
	struct buf *out;
	const char *reports;
	sqlite3_stmt *subjects, *series, *points, *reviews;
	struct error *err;
};

static void writing_done(struct writing *w)
{
	(void)sqlite3_finalize(w->subjects);
	(void)sqlite3_finalize(w->series);
	(void)sqlite3_finalize(w->points);
	(void)sqlite3_finalize(w->reviews);
}

static int prepare(struct writing *w)
{
	static const char series[] =
		"WITH f AS MATERIALIZED (SELECT key FROM finding WHERE subject = ?2"
		"  ORDER BY number LIMIT 20)"
		" SELECT s.id, s.key, (SELECT count(*) FROM point p WHERE p.series = s.id) AS n,"
		" EXISTS (SELECT 1 FROM f WHERE instr(f.key,"
		"  substr(s.key, 1, instr(s.key || ' [', ' [') - 1))) AS open"
		" FROM (SELECT id, key FROM series WHERE seen = ?1 LIMIT " SERIES_TRIED ") s"
		" WHERE n > 2 ORDER BY open DESC, n DESC, s.key LIMIT ?3";
	/* The newest of both states by their index: sorting all would take as long as there are
	 * jobs. */
	static const char reviews[] =
		"SELECT j.id, j.pipeline, coalesce('subject ' || j.subject, r.subject),"
		" j.state, j.verdict, j.finished_at, r.series, r.worse, r.better, r.gaps"
		" FROM (SELECT * FROM (SELECT seq FROM job WHERE state = 'succeeded'"
		"   ORDER BY seq DESC LIMIT ?1)"
		"  UNION ALL SELECT * FROM (SELECT seq FROM job WHERE state = 'failed'"
		"   ORDER BY seq DESC LIMIT ?1) ORDER BY seq DESC LIMIT ?1) newest"
		" JOIN job j ON j.seq = newest.seq LEFT JOIN review r ON r.job = j.id"
		" ORDER BY j.seq DESC";
	int r = sql_prepare(
		w->store, &w->subjects,
		"SELECT max(id), subject FROM (SELECT id, subject FROM review"
		" ORDER BY id DESC LIMIT 500) GROUP BY subject ORDER BY 1 DESC LIMIT ?1",
		w->err);

	if (r == 0)
		r = sql_prepare(w->store, &w->series, series, w->err);
	if (r == 0)
		r = sql_prepare(w->store, &w->points,
		                "SELECT time, value FROM point WHERE series = ?1"
		                " ORDER BY time DESC LIMIT ?2",
		                w->err);
	return r == 0 ? sql_prepare(w->store, &w->reviews, reviews, w->err) : r;
}

static int bind_ints(struct writing *w, sqlite3_stmt *st, int first, int64_t a, int second,
                     int64_t b)
{
	int rc = sqlite3_bind_int64(st, first, a);

	if (rc == SQLITE_OK && second)
		rc = sqlite3_bind_int64(st, second, b);
	return rc == SQLITE_OK ? 0 : sql_fail(w->store, rc, w->err);
}

/* "subject nightly" and "roots PIPELINE\n/a\n/b" (store_history_subject()) as people say it. */
static const char *subject_in_words(char *subject)
{
	const char *name = subject_name(subject);
	char *roots = strchr(subject, '\n');

	if (name || !roots)
		return name ? name : subject;
	for (char *at = ++roots; *at; at++)
		*at = *at == '\n' ? ' ' : *at;
	return roots;
}

/* --- trends ------------------------------------------------------------------------- */

/* Oldest first. */
static int read_points(struct writing *w, struct index_trend *t,
                       double values[static PAST_RUNS_MAX], int64_t series)
{
	int r = bind_ints(w, w->points, 1, series, 2, PAST_RUNS_MAX);
	size_t at = PAST_RUNS_MAX;

	while (r == 0 && at && (r = sql_step(w->store, w->points, w->err)) == 1) {
		int64_t time = 0;
		double value = sqlite3_column_double(w->points, 1);

		r = sql_int(w->store, &time, w->points, 0, w->err);
		if (r < 0 || !isfinite(value))
			continue;
		t->last_s = at == PAST_RUNS_MAX ? time : t->last_s;
		t->first_s = time;
		values[--at] = value;
	}
	(void)sqlite3_reset(w->points);
	t->values = values + at;
	t->n = PAST_RUNS_MAX - at;
	return r < 0 ? r : 0;
}

static int write_trend(struct writing *w)
{
	CLEANUP(freep) char *key = NULL;
	double values[PAST_RUNS_MAX];
	struct index_trend t = {0};
	int64_t id = 0;
	int r = sql_int(w->store, &id, w->series, 0, w->err);

	if (r == 0)
		r = sql_text(w->store, &key, w->series, 1, STORE_KEY_MAX, w->err);
	if (r == 0)
		r = read_points(w, &t, values, id);
	t.series = key;
	if (r == 0 && key)
		index_page_trend(w->out, &t);
	return r;
}

static int write_subject(struct writing *w)
{
	CLEANUP(freep) char *subject = NULL;
	int64_t review = 0;
	bool begun = false;
	int r = sql_int(w->store, &review, w->subjects, 0, w->err);

	if (r == 0)
		r = sql_text(w->store, &subject, w->subjects, 1, STORE_KEY_MAX, w->err);
	if (r == 0)
		r = bind_ints(w, w->series, 1, review, 3, STORE_INDEX_SERIES);
	if (r == 0)
		r = sql_bind(w->store, w->series, 2, subject, w->err);
	while (r == 0 && subject && (r = sql_step(w->store, w->series, w->err)) == 1) {
		if (!begun)
			index_page_subject(w->out, subject_in_words(subject));
		begun = true;
		r = write_trend(w);
	}
	(void)sqlite3_reset(w->series);
	if (begun)
		index_page_subject_end(w->out);
	return r < 0 ? r : 0;
}

static int write_trends(struct writing *w)
{
	int r = bind_ints(w, w->subjects, 1, STORE_INDEX_SUBJECTS, 0, 0);

	while (r == 0 && (r = sql_step(w->store, w->subjects, w->err)) == 1)
		r = write_subject(w);
	return r < 0 ? r : 0;
}

/* --- reviews ------------------------------------------------------------------------ */

static bool has_file(const struct writing *w, const char *id, const char *file)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof path, "%s/%s/%s", w->reports, id, file);

	return n > 0 && n < (int)sizeof path && access(path, R_OK) == 0;
}

static int write_review(struct writing *w)
{
	char *texts[5] = {NULL}; /* id, pipeline, subject, state, verdict */
	struct index_review review = {0};
	int r = 0;

	for (int i = 0; r == 0 && i < (int)ARRAY_LEN(texts); i++)
		r = sql_text(w->store, &texts[i], w->reviews, i, STORE_KEY_MAX, w->err);
	if (r == 0)
		r = sql_int(w->store, &review.finished_s, w->reviews, 5, w->err);
	for (int i = 0; i < INDEX_COUNTS; i++)
		review.counts[i] = sqlite3_column_type(w->reviews, 6 + i) == SQLITE_INTEGER
		                           ? sqlite3_column_int64(w->reviews, 6 + i)
		                           : -1;
	review.id = texts[0];
	review.pipeline = texts[1];
	review.subject = texts[2] ? subject_in_words(texts[2]) : NULL;
	review.state = texts[3];
	review.verdict = texts[4];
	if (r == 0 && review.id && review.state) {
		review.file = has_file(w, review.id, "report.html") ? "report.html"
		              : has_file(w, review.id, "report.md") ? "report.md"
		                                                    : NULL;
		index_page_review(w->out, &review);
	}
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		free(texts[i]);
	return r;
}

static int write_reviews(struct writing *w, uint64_t all)
{
	uint64_t n = 0;
	int r = bind_ints(w, w->reviews, 1, STORE_INDEX_REVIEWS, 0, 0);

	while (r == 0 && (r = sql_step(w->store, w->reviews, w->err)) == 1) {
		if (n++ == 0)
			index_page_reviews(w->out);
		r = write_review(w);
	}
	index_page_reviews_end(w->out, (size_t)n, all > n ? all - n : 0);
	return r < 0 ? r : 0;
}

int store_index_write(const struct store *s, struct buf *ret, uint64_t reviews, const char *reports,
                      struct error *err)
{
	CLEANUP(writing_done)
	struct writing w = {.store = s, .out = ret, .reports = reports, .err = err};
	int r = prepare(&w);

	if (r == 0)
		r = index_page_begin(ret, err);
	if (r == 0)
		r = write_reviews(&w, reviews);
	if (r == 0)
		r = write_trends(&w);
	html_end(ret);
	if (r == 0 && ret->failed)
		r = error_set(err, -EFBIG, "index.html: larger than %zu bytes", ret->max);
	return r;
}
