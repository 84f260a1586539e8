/* SPDX-License-Identifier: MIT */
#include "daemon/store_retain.h"

#include <errno.h>

#include "daemon/publish.h"
#include "daemon/store_sql.h"

#define REMOVED_MOST 16  /* jobs at a time, ... */
#define REMOVED_PART 100 /* ... or of many that part: choosing takes as long as there are */
#define JOBS_MOST    1000000
#define CITES_MOST   10000000
#define ID_MAX       128

struct ended { /* beside a retention_review */
	char *id;
	int64_t review; /* 0: none */
	int64_t state;  /* enum job_state */
};

/* All jobs that ended, and what their reviews cite. */
struct known {
	struct retention_review *reviews;
	struct ended *ended;
	size_t n, cap, n_reviews; /* those with a review come first, the newest first */
	struct retention_cite *cites;
	size_t n_cites, cap_cites;
};

static void known_done(struct known *k)
{
	for (size_t i = 0; i < k->n; i++)
		free(k->ended[i].id);
	free(k->ended);
	free(k->reviews);
	free(k->cites);
}

static size_t grown(size_t cap)
{
	return cap ? 2 * cap : 64;
}

static int make_room(const struct store *s, struct known *k, struct error *err)
{
	size_t cap = grown(k->cap);
	void *reviews, *ended;

	if (k->n < k->cap)
		return 0;
	if (k->n == JOBS_MOST)
		return error_set(err, -EOVERFLOW, "%s: too many jobs", s->path);
	reviews = reallocarray(k->reviews, cap, sizeof *k->reviews);
	if (reviews)
		k->reviews = reviews;
	ended = reallocarray(k->ended, cap, sizeof *k->ended);
	if (ended)
		k->ended = ended;
	if (!reviews || !ended)
		return error_set(err, -ENOMEM, "%s: out of memory", s->path);
	k->cap = cap;
	return 0;
}

static int read_job(const struct store *s, struct known *k, sqlite3_stmt *st, struct error *err)
{
	int64_t at[6] = {0};
	char *id = NULL;
	int r = make_room(s, k, err);

	for (int i = 0; r == 0 && i < (int)ARRAY_LEN(at); i++)
		r = sql_int(s, &at[i], st, 1 + i, err);
	if (r == 0)
		r = sql_text(s, &id, st, 0, ID_MAX, err);
	if (r < 0)
		return r;
	k->reviews[k->n] = (struct retention_review){.subject = at[0] ? (size_t)at[1] : 0,
	                                             .finished_at_s = at[2],
	                                             .accepted = at[3] > 0,
	                                             .cites_known = at[4] > 0};
	k->ended[k->n++] = (struct ended){id, at[0], at[5]};
	k->n_reviews += at[0] > 0;
	return 0;
}

static int read_jobs(const struct store *s, struct known *k, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(
		s, &st,
		"SELECT j.id, coalesce(r.id, 0), dense_rank() OVER (ORDER BY r.subject),"
		" j.finished_at, coalesce(r.accepted_at, 0), coalesce(r.cites_known, 1),"
		" CASE j.state WHEN 'succeeded' THEN 2 WHEN 'failed' THEN 3 ELSE 4 END"
		" FROM job j LEFT JOIN review r ON r.job = j.id"
		" WHERE j.state IN ('succeeded', 'failed', 'cancelled')"
		" ORDER BY r.id DESC, j.seq DESC",
		err);

	while (r == 0 && (r = sql_step(s, st, err)) == 1)
		r = read_job(s, k, st, err);
	return r;
}

/* By its number, among those that come first, the latest first. False: it is not there. */
static bool find_review(const struct known *k, int64_t review, size_t *ret)
{
	size_t lo = 0, hi = k->n_reviews;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (k->ended[mid].review > review)
			lo = mid + 1;
		else
			hi = mid;
	}
	*ret = lo;
	return lo < k->n_reviews && k->ended[lo].review == review;
}

static int add_cite(const struct store *s, struct known *k, struct retention_cite c,
                    struct error *err)
{
	size_t cap = grown(k->cap_cites);
	struct retention_cite *cites;

	if (k->n_cites == k->cap_cites) {
		cites = k->n_cites < CITES_MOST ? reallocarray(k->cites, cap, sizeof *cites) : NULL;
		if (!cites)
			return error_set(err, -ENOMEM, "%s: out of memory", s->path);
		k->cites = cites;
		k->cap_cites = cap;
	}
	k->cites[k->n_cites++] = c;
	return 0;
}

static int read_cites(const struct store *s, struct known *k, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(
		s, &st, "SELECT c.review, r.id FROM cite c JOIN review r ON r.job = c.job", err);

	while (r == 0 && (r = sql_step(s, st, err)) == 1) {
		int64_t by = 0, of = 0;
		struct retention_cite c;

		r = sql_int(s, &by, st, 0, err);
		if (r == 0)
			r = sql_int(s, &of, st, 1, err);
		if (r == 0 && find_review(k, by, &c.by) && find_review(k, of, &c.of))
			r = add_cite(s, k, c, err);
	}
	return r;
}

/* --- out of the store ----------------------------------------------------------------- */

static int run(const struct store *s, const char *query, const struct ended *e, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(s, &st, query, err);

	if (r == 0)
		r = sql_bind(s, st, 1, e->id, err);
	if (r == 0 && sqlite3_bind_parameter_count(st) > 1 &&
	    sqlite3_bind_int64(st, 2, e->review) != SQLITE_OK)
		r = sql_fail(s, SQLITE_ERROR, err);
	if (r == 0)
		r = sql_step(s, st, err);
	return r < 0 ? r : 0;
}

static int forget(const struct store *s, const struct ended *e, struct error *err)
{
	static const char *const queries[] = {
		"INSERT OR IGNORE INTO removal (job) VALUES (?1)",
		"DELETE FROM cite WHERE review = ?2 AND ?1 IS NOT NULL",
		"DELETE FROM job WHERE id = ?1"};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(queries); i++)
		r = run(s, queries[i], e, err);
	return r;
}

static int is_running(const struct store *s, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(s, &st, "SELECT 1 FROM job WHERE state = 'running' LIMIT 1", err);

	return r == 0 ? sql_step(s, st, err) : r;
}

/* The oldest of those that may go. */
static int forget_some(const struct store *s, struct store_retained *ret, const struct known *k,
                       const bool *remove, struct error *err)
{
	size_t most = k->n / REMOVED_PART, n = 0;
	int r = 0;

	most = most > REMOVED_MOST ? most : REMOVED_MOST;
	for (size_t i = k->n; r == 0 && i-- > 0;) {
		if (!remove[i])
			continue;
		if (n++ == most) {
			ret->more = true;
			return 0;
		}
		r = forget(s, &k->ended[i], err);
		ret->removed.by_state[k->ended[i].state]++;
	}
	return r;
}

static int choose(const struct store *s, struct store_retained *ret,
                  const struct retention_limits *limits, int64_t now_s, struct error *err)
{
	CLEANUP(known_done) struct known k = {0};
	CLEANUP(freep) bool *remove = NULL;
	int r = read_jobs(s, &k, err);

	if (r == 0)
		r = read_cites(s, &k, err);
	if (r < 0)
		return r;
	remove = calloc(k.n + 1, sizeof *remove);
	if (!remove ||
	    retention_choose(remove, k.reviews, k.n, k.cites, k.n_cites, limits, now_s) < 0)
		return error_set(err, -ENOMEM, "%s: out of memory", s->path);
	return forget_some(s, ret, &k, remove, err);
}

static int forget_jobs(const struct store *s, struct store_retained *ret,
                       const struct retention_limits *limits, int64_t now_s, struct error *err)
{
	CLEANUP(sql_rollback) struct sql_transaction t = {0};
	struct store_retained done = {0};
	int r = sql_begin(&t, s, err);

	if (r == 0)
		r = is_running(s, err);
	if (r != 0)
		return r < 0 ? r : 0;
	r = choose(s, &done, limits, now_s, err);
	if (r == 0)
		r = sql_commit(&t, err);
	if (r == 0)
		*ret = done;
	return r;
}

/* --- off the disk --------------------------------------------------------------------- */

/* The first one behind `after`; *ret stays NULL when there is none. */
static int next_removal(const struct store *s, char **ret, const char *after, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(s, &st, "SELECT job FROM removal WHERE job > ?1 ORDER BY job LIMIT 1",
	                    err);

	if (r == 0)
		r = sql_bind(s, st, 1, after, err);
	if (r == 0)
		r = sql_step(s, st, err);
	return r == 1 ? sql_text(s, ret, st, 0, ID_MAX, err) : r;
}

static int remove_one(const struct store *s, const char *job, const char *reports,
                      struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = publish_remove(reports, job, err);

	if (r == 0)
		r = sql_prepare(s, &st, "DELETE FROM removal WHERE job = ?1", err);
	if (r == 0)
		r = sql_bind(s, st, 1, job, err);
	return r == 0 ? sql_step(s, st, err) : r;
}

/* One that cannot be removed is told, and keeps no other. */
static int remove_folders(const struct store *s, struct store_retained *ret, const char *reports,
                          struct error *err)
{
	CLEANUP(freep) char *after = strdup("");
	struct error first = {0};

	for (int n = 0; after && n < REMOVED_MOST; n++) {
		struct error why = {0};
		char *job = NULL;
		int r = next_removal(s, &job, after, err);

		if (r < 0)
			return r;
		if (!job)
			break;
		free(after);
		after = job;
		if (remove_one(s, job, reports, &why) < 0 && first.code == 0)
			first = why;
		ret->more = n + 1 == REMOVED_MOST; /* perhaps */
	}
	if (!after)
		return error_set(err, -ENOMEM, "%s: out of memory", s->path);
	if (first.code < 0)
		*err = first;
	return first.code;
}

int store_retain(struct store *s, struct store_retained *ret, const struct retention_limits *limits,
                 const char *reports, int64_t now_s, struct error *err)
{
	int r;

	*ret = (struct store_retained){0};
	r = remove_folders(s, ret, reports, err); /* of the time before, or of an earlier life */
	if (r == 0 && (ret->more || !(limits->days || limits->reviews)))
		return 0;
	*err = (struct error){0}; /* it is met again below */
	r = 0;
	if (limits->days || limits->reviews)
		r = forget_jobs(s, ret, limits, now_s, err);
	return r == 0 ? remove_folders(s, ret, reports, err) : r;
}
