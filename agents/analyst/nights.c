/* SPDX-License-Identifier: MIT */
/*
 * Rows of one table that were measured on different days are runs of one series: a file that
 * grows by some rows every night. Each run is a view of its own, with the table's columns and
 * some of its rows. A test that ran past midnight stays one run, and so does a sweep that took
 * two days, of which no configuration was measured twice.
 */
#include "agents/analyst/work.h"

#define DAY_S      86400
#define MAX_NIGHTS 4096 /* of one table: eleven years */

struct timed {
	int64_t time_s;
	uint32_t row;
};

static int by_time(const void *x, const void *y)
{
	const struct timed *a = x, *b = y;

	if (a->time_s != b->time_s)
		return a->time_s < b->time_s ? -1 : 1;
	return a->row < b->row ? -1 : 1;
}

static int64_t day_of(int64_t s)
{
	return (s - (s % DAY_S + DAY_S) % DAY_S) / DAY_S;
}

bool is_other_night(int64_t before_s, int64_t s)
{
	return s - before_s >= NIGHT_QUIET_S && day_of(s) != day_of(before_s);
}

/* The rows by time; those that tell none go with the row before them. */
static struct timed *rows_by_time(struct work *w, const struct view *v)
{
	struct timed *rows = work_alloc(w, v->n_rows, sizeof *rows);
	int64_t t = v->time_s;

	for (size_t r = 0; rows && r < v->n_rows; r++) {
		(void)row_time(v, r, (size_t)v->time_column, &t);
		rows[r] = (struct timed){t, (uint32_t)r};
	}
	if (rows)
		qsort(rows, v->n_rows, sizeof *rows, by_time);
	return rows;
}

/* The run of each row, and when each run began. */
struct nights {
	uint32_t *of; /* by row */
	int64_t *begin_s;
	size_t n;
};

static bool divide(struct work *w, struct nights *ret, const struct view *v)
{
	struct timed *rows = rows_by_time(w, v);

	ret->of = work_alloc(w, v->n_rows, sizeof *ret->of);
	ret->begin_s = work_alloc(w, MAX_NIGHTS, sizeof *ret->begin_s);
	for (size_t i = 0; !w->failed && i < v->n_rows; i++) {
		if (i == 0 || is_other_night(rows[i - 1].time_s, rows[i].time_s)) {
			if (ret->n == MAX_NIGHTS)
				return false;
			ret->begin_s[ret->n++] = rows[i].time_s;
		}
		ret->of[rows[i].row] = (uint32_t)(ret->n - 1);
	}
	return !w->failed && ret->n > 1;
}

static bool is_repeated(const struct configurations *c, const struct nights *nights, size_t i)
{
	size_t n;
	const uint32_t *rows = configuration_rows(c, i, &n);

	for (size_t r = 1; r < n; r++)
		if (nights->of[rows[r]] != nights->of[rows[0]])
			return true;
	return false;
}

/* Most configurations were measured in more than one run. */
static bool are_repeated(struct work *w, struct view *v, const struct nights *nights)
{
	struct series s = {.views = &v, .n_views = 1};
	size_t n = 0;

	roles_assign(w, &s);
	if (w->failed || !s.n_metrics)
		return false;
	configurations_build(w, &s.configurations, v, s.keys, s.n_keys);
	for (size_t i = 0; !w->failed && i < s.configurations.n; i++)
		n += is_repeated(&s.configurations, nights, i);
	return n * 2 > s.configurations.n;
}

static void fill(const struct view *v, const struct nights *nights, struct view **ret)
{
	for (size_t r = 0; r < v->n_rows; r++) {
		struct view *night = ret[nights->of[r]];
		const struct view_row row = view_row(v, r);

		night->known[night->n_rows++] = row;
		night->n_failed += row.failed && row.fail_column >= 0;
		night->n_noted += row.failed && row.fail_column < 0;
	}
}

static struct view *night_of(struct work *w, const struct view *v, int64_t begin_s, size_t rows)
{
	struct view *ret = work_alloc(w, 1, sizeof *ret);

	if (!ret)
		return NULL;
	*ret = *v;
	ret->whole = v;
	ret->time_s = ret->run_s = begin_s;
	ret->n_rows = ret->n_failed = ret->n_noted = 0;
	ret->known = work_alloc(w, rows, sizeof *ret->known);
	return ret;
}

struct view **nights_of(struct work *w, struct view *v, size_t *ret_n)
{
	struct nights nights = {0};
	size_t *rows;
	struct view **ret;

	if (v->time_column < 0 || v->last_s - v->first_s < NIGHT_QUIET_S ||
	    v->artifact->format == FORMAT_MARKDOWN || !divide(w, &nights, v) ||
	    !are_repeated(w, v, &nights))
		return NULL;
	rows = work_alloc(w, nights.n, sizeof *rows);
	ret = work_alloc(w, nights.n, sizeof(struct view *));
	for (size_t r = 0; !w->failed && r < v->n_rows; r++)
		rows[nights.of[r]]++;
	for (size_t i = 0; !w->failed && i < nights.n; i++)
		ret[i] = night_of(w, v, nights.begin_s[i], rows[i]);
	if (w->failed)
		return NULL;
	fill(v, &nights, ret);
	*ret_n = nights.n;
	return ret;
}
