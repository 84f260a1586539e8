/* SPDX-License-Identifier: MIT */
#include "daemon/store.h"

#include <errno.h>
#include <stdio.h>

#include "daemon/store_history.h"
#include "daemon/store_history_impl.h"
#include "daemon/store_job.h"
#include "daemon/store_sql.h"
#include "lib/base/clock.h"

#define LIST_MAX       1000
#define CHECKPOINT_MAX ((size_t)48 * 1024 * 1024) /* below SQLite's limit of a row */
#define ID_TRIES       8 /* two jobs of one second have one chance in 16 million of one id */

/* A prefix's first and last possible id: U+10FFFF sorts behind all that an id can hold. */
#define PREFIX_RANGE "id >= ?1 AND id < ?1 || char(0x10ffff)"

int store_open(struct store **ret, const char *path, struct error *err)
{
	CLEANUP(store_closep) struct store *s = calloc(1, sizeof *s);
	int r;

	if (!s)
		return error_set(err, -ENOMEM, "%s: out of memory", path);
	r = sql_open(s, path, err);
	if (r < 0)
		return r;
	*ret = TAKE(s);
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	sql_close(s);
	free(s);
}

int store_group_begin(struct store *s, struct error *err)
{
	return sql_exec(s, "BEGIN IMMEDIATE", err);
}

bool store_group_is_open(const struct store *s)
{
	return !sqlite3_get_autocommit(s->db);
}

int store_group_end(struct store *s, struct error *err)
{
	struct sql_transaction t = {.store = s};
	int r = store_group_is_open(s) ? sql_commit(&t, err)
	                               : error_set(err, -EIO, "%s: rolled back", s->path);

	if (r < 0) {
		sql_rollback(&t);
		s->queued = -1;
	}
	return r;
}

int store_probe(struct store *s, struct error *err)
{
	return sql_mark(s, err);
}

static int fail_absent(const struct store *s, const char *id, struct error *err)
{
	(void)s;
	return error_set(err, -ENOENT, "no job \"%.64s\": chimeractl list shows them", id);
}

/* The one job that `where` finds with text as ?1. 1: found; 0: there is none. */
static int select_job(const struct store *s, struct job *ret, const char *query, const char *text,
                      struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(s, &st, query, err);

	if (r == 0 && text)
		r = sql_bind(s, st, 1, text, err);
	if (r == 0)
		r = sql_step(s, st, err);
	if (r == 1) {
		r = job_read(s, ret, st, err);
		return r < 0 ? r : 1;
	}
	return r;
}

/* Each submission asks: counted once, then kept. */
static int count_queued(struct store *s, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r;

	if (s->queued >= 0)
		return 0;
	r = sql_prepare(s, &st, "SELECT count(*) FROM job WHERE state = 'queued'", err);
	if (r == 0)
		r = sql_step(s, st, err);
	return r == 1 ? sql_int(s, &s->queued, st, 0, err) : r;
}

/* 1: added, *ret is it; 0: the id is taken. */
static int insert_job(const struct store *s, struct job *ret, const char *id, const struct job *job,
                      struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	const char *const texts[] = {id,           job->pipeline, job->subject,
	                             job->machine, job->request,  job->key};
	int64_t at = job->submitted_at ? job->submitted_at : clock_now_s();
	int r = sql_prepare(s, &st,
	                    "INSERT INTO job (id, pipeline, subject, machine, request, key,"
	                    " submitted_at, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'queued')"
	                    " ON CONFLICT (id) DO NOTHING RETURNING " JOB_COLUMNS,
	                    err);

	for (int i = 0; i < (int)ARRAY_LEN(texts) && r == 0; i++)
		r = sql_bind(s, st, i + 1, texts[i], err);
	if (r == 0 && sqlite3_bind_int64(st, 7, at) != SQLITE_OK)
		r = sql_fail(s, SQLITE_ERROR, err);
	if (r == 0)
		r = sql_step(s, st, err);
	if (r <= 0)
		return r;
	r = job_read(s, ret, st, err);
	return r < 0 ? r : 1;
}

static int insert_new(const struct store *s, struct job *ret, const struct job *job,
                      struct error *err)
{
	char id[JOB_ID_BYTES];
	int64_t at = job->submitted_at ? job->submitted_at : clock_now_s();

	for (int i = 0; i < (job->id ? 1 : ID_TRIES); i++) {
		int r;

		if (!job->id && !job_make_id(id, at))
			return error_set(err, -EIO, "%s: no random bytes for a job's id", s->path);
		r = insert_job(s, ret, job->id ? job->id : id, job, err);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	return error_set(err, -EEXIST, "there is a job \"%.64s\" already", job->id ? job->id : id);
}

/* 1: a job with this key is there and asks for the same. */
static int find_key(const struct store *s, struct job *ret, const struct job *job,
                    struct error *err)
{
	CLEANUP(job_done) struct job old = {0};
	int r;

	if (!job->key)
		return 0;
	r = select_job(s, &old, "SELECT " JOB_COLUMNS " FROM job WHERE key = ?1", job->key, err);
	if (r <= 0)
		return r;
	if (strcmp(old.request, job->request) != 0)
		return error_set(err, -EEXIST,
		                 "Idempotency-Key \"%.64s\" belongs to job %s, which asks for "
		                 "something else; use a new key",
		                 job->key, old.id);
	*ret = old;
	old = (struct job){0};
	return 1;
}

int store_add(struct store *s, struct job *ret, bool *ret_existed, const struct job *job,
              uint64_t max_queued, struct error *err)
{
	CLEANUP(sql_rollback) struct sql_transaction t = {0};
	CLEANUP(job_done) struct job added = {0};
	char no_id[] = "";
	struct job checked =
		*job; /* the id may be missing; all else must be fit to be read again */
	int r, found;

	checked.id = job->id ? job->id : no_id;
	r = job_check(s, &checked, err);
	if (r == 0)
		r = sql_begin(&t, s, err);
	if (r < 0)
		return r;
	found = find_key(s, &added, job, err);
	r = found < 0 ? found : found ? 0 : count_queued(s, err);
	if (r == 0 && !found && (uint64_t)s->queued >= max_queued)
		return error_set(err, -EAGAIN, "the queue is full: %llu jobs wait; try again later",
		                 (unsigned long long)s->queued);
	if (r == 0 && !found)
		r = insert_new(s, &added, job, err);
	if (r == 0)
		r = sql_commit(&t, err);
	if (r < 0)
		return r;
	s->queued += !found;
	*ret = added;
	added = (struct job){0};
	*ret_existed = found;
	return 0;
}

/* Two jobs that begin with prefix; an id that is all of it comes first. */
static int get_prefix(const struct store *s, struct job *ret, const char *prefix, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	CLEANUP(job_done) struct job j = {0};
	int r = sql_prepare(
		s, &st,
		"SELECT " JOB_COLUMNS " FROM job WHERE " PREFIX_RANGE " ORDER BY id LIMIT 2", err);

	if (r == 0)
		r = sql_bind(s, st, 1, prefix, err);
	if (r == 0)
		r = sql_step(s, st, err);
	if (r <= 0)
		return r < 0 ? r : fail_absent(s, prefix, err);
	r = job_read(s, &j, st, err);
	if (r == 0 && strcmp(j.id, prefix) != 0)
		r = sql_step(s, st, err);
	if (r == 1)
		return error_set(err, -ENOTUNIQ,
		                 "\"%.64s\" is the beginning of several jobs, %s among them; "
		                 "give more of the id",
		                 prefix, j.id);
	if (r < 0)
		return r;
	*ret = j;
	j = (struct job){0};
	return 0;
}

int store_get(struct store *s, struct job *ret, const char *id, struct error *err)
{
	int r;

	if (!*id)
		return error_set(err, -ENOENT, "no job without an id");
	if (strcmp(id, "latest") != 0)
		return get_prefix(s, ret, id, err);
	r = select_job(s, ret, "SELECT " JOB_COLUMNS " FROM job ORDER BY seq DESC LIMIT 1", NULL,
	               err);
	return r < 0    ? r
	       : r == 1 ? 0
	                : error_set(err, -ENOENT,
	                            "no job has been submitted yet: chimeractl submit PATH does");
}

/* *ret: larger than any when after is NULL. */
static int seq_of(const struct store *s, int64_t *ret, const char *after, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r;

	*ret = INT64_MAX;
	if (!after)
		return 0;
	r = sql_prepare(s, &st, "SELECT seq FROM job WHERE id = ?1", err);
	if (r == 0)
		r = sql_bind(s, st, 1, after, err);
	if (r == 0)
		r = sql_step(s, st, err);
	if (r == 1)
		return sql_int(s, ret, st, 0, err);
	return r < 0 ? r : fail_absent(s, after, err);
}

/* All rows of a statement, at most max. */
static int read_jobs(const struct store *s, struct job **ret, size_t *ret_n, sqlite3_stmt *st,
                     size_t max, struct error *err)
{
	struct job *jobs = calloc(max ? max : 1, sizeof *jobs);
	size_t n = 0;
	int r = 1;

	if (!jobs)
		return error_set(err, -ENOMEM, "%s: out of memory", s->path);
	while (r == 1 && n < max) {
		r = sql_step(s, st, err);
		if (r != 1)
			break;
		r = job_read(s, &jobs[n], st, err);
		if (r == 0) {
			n++;
			r = 1;
		}
	}
	if (r < 0) {
		jobs_free(jobs, n);
		return r;
	}
	*ret = jobs;
	*ret_n = n;
	return 0;
}

int store_list(struct store *s, struct job **ret, size_t *ret_n, const char *after, size_t max,
               struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int64_t before = 0;
	int r = seq_of(s, &before, after, err);

	max = max < LIST_MAX ? max : LIST_MAX;
	if (r == 0)
		r = sql_prepare(s, &st,
		                "SELECT " JOB_COLUMNS
		                " FROM job WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2",
		                err);
	if (r == 0 && (sqlite3_bind_int64(st, 1, before) != SQLITE_OK ||
	               sqlite3_bind_int64(st, 2, (int64_t)max) != SQLITE_OK))
		r = sql_fail(s, SQLITE_ERROR, err);
	return r < 0 ? r : read_jobs(s, ret, ret_n, st, max, err);
}

static int count_states(struct store *s, uint64_t by_state[static JOB_CANCELLED + 1],
                        struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(s, &st, "SELECT state, count(*) FROM job GROUP BY state", err);

	while (r >= 0 && (r = sql_step(s, st, err)) > 0) {
		const char *name = (const char *)sqlite3_column_text(st, 0);

		for (int i = 0; name && i <= JOB_CANCELLED; i++) {
			if (strcmp(name, job_state_name((enum job_state)i)) == 0)
				by_state[i] = (uint64_t)sqlite3_column_int64(st, 1);
		}
	}
	return r;
}

int store_count(struct store *s, uint64_t by_state[static JOB_CANCELLED + 1], int64_t *succeeded_at,
                struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = count_states(s, by_state, err);

	*succeeded_at = 0;
	if (r == 0)
		r = sql_prepare(s, &st,
		                "SELECT finished_at FROM job WHERE state = 'succeeded'"
		                " ORDER BY seq DESC LIMIT 1",
		                err);
	if (r == 0)
		r = sql_step(s, st, err);
	if (r > 0)
		*succeeded_at = sqlite3_column_int64(st, 0);
	return r < 0 ? r : 0;
}

int store_claim(struct store *s, struct job *ret, struct error *err)
{
	CLEANUP(sql_rollback) struct sql_transaction t = {0};
	CLEANUP(job_done) struct job j = {0};
	char query[512];
	int r = sql_begin(&t, s, err);

	if (r < 0)
		return r;
	(void)snprintf(query, sizeof query,
	               "UPDATE job SET state = 'running', started_at ="
	               " CASE started_at WHEN 0 THEN %lld ELSE started_at END"
	               " WHERE seq = (SELECT seq FROM job WHERE state = 'queued'"
	               " ORDER BY seq LIMIT 1) RETURNING " JOB_COLUMNS,
	               (long long)clock_now_s());
	r = select_job(s, &j, query, NULL, err);
	if (r <= 0)
		return r < 0 ? r : error_set(err, -ENOENT, "no job is queued");
	r = sql_commit(&t, err);
	if (r < 0)
		return r;
	s->queued -= s->queued > 0;
	*ret = j;
	j = (struct job){0};
	return 0;
}

/* One UPDATE, INSERT or DELETE over texts ?1 ...; returns how many rows it changed. */
static int change(const struct store *s, const char *query, const char *const *texts, int n,
                  struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(s, &st, query, err);

	for (int i = 0; i < n && r == 0; i++)
		r = sql_bind(s, st, i + 1, texts[i], err);
	if (r == 0)
		r = sql_step(s, st, err);
	return r < 0 ? r : sqlite3_changes(s->db);
}

int store_recover(struct store *s, struct error *err)
{
	s->queued = -1;
	return change(s,
	              "UPDATE job SET state = 'queued', crashes = crashes + 1"
	              " WHERE state = 'running'",
	              NULL, 0, err);
}

/* Why a change found no job in the state that it needs. */
static int fail_state(struct store *s, const char *id, struct error *err)
{
	CLEANUP(job_done) struct job j = {0};
	int r = select_job(s, &j, "SELECT " JOB_COLUMNS " FROM job WHERE id = ?1", id, err);

	if (r <= 0)
		return r < 0 ? r : fail_absent(s, id, err);
	return error_set(err, j.state == JOB_RUNNING ? -EBUSY : -EALREADY,
	                 "job %s is %s: only one that waits or runs is cancelled", j.id,
	                 job_state_name(j.state));
}

int store_set_step(struct store *s, const char *id, const char *step, struct error *err)
{
	const char *const texts[] = {id, step};
	int n = change(s, "UPDATE job SET step = ?2 WHERE id = ?1 AND state = 'running'", texts, 2,
	               err);

	return n < 0 ? n : n > 0 ? 0 : fail_state(s, id, err);
}

int store_requeue(struct store *s, const char *id, struct error *err)
{
	int n = change(s, "UPDATE job SET state = 'queued' WHERE id = ?1 AND state = 'running'",
	               &id, 1, err);

	s->queued = -1;
	return n < 0 ? n : 0;
}

static int drop_checkpoints(const struct store *s, const char *id, struct error *err)
{
	int n = change(s, "DELETE FROM checkpoint WHERE job = ?1", &id, 1, err);

	return n < 0 ? n : 0;
}

static int keep_history(struct store *s, const char *id, struct error *err)
{
	CLEANUP(freep) char *text = NULL;
	int r = store_checkpoint_get(s, &text, id, STORE_HISTORY_STEP, err);

	return r == 0 && text ? store_history_add(s, id, text, err) : r;
}

/* Ends a job that the condition of the query lets end. Returns how many that were. */
static int end_job(struct store *s, const char *query, const char *const *texts, int n,
                   bool succeeded, struct error *err)
{
	CLEANUP(sql_rollback) struct sql_transaction t = {0};
	int r = sql_begin(&t, s, err);
	int changed;

	s->queued = -1; /* perhaps it was */
	if (r < 0)
		return r;
	changed = change(s, query, texts, n, err);
	r = changed > 0 && succeeded ? keep_history(s, texts[0], err) : changed;
	if (r >= 0 && changed > 0)
		r = drop_checkpoints(s, texts[0], err);
	if (r == 0)
		r = sql_commit(&t, err);
	return r < 0 ? r : changed;
}

int store_finish(struct store *s, const char *id, enum job_state state, const char *error,
                 const char *verdict, const char *report, struct error *err)
{
	char now[24];
	const char *const texts[] = {id, job_state_name(state), error, verdict, report, now};
	int n;

	if (state == JOB_QUEUED || state == JOB_RUNNING)
		return error_set(err, -EINVAL, "a job cannot end as %s", job_state_name(state));
	(void)snprintf(now, sizeof now, "%lld", (long long)clock_now_s());
	n = end_job(s,
	            "UPDATE job SET state = ?2, error = ?3, verdict = ?4, report = ?5,"
	            " finished_at = CAST(?6 AS INTEGER)"
	            " WHERE id = ?1 AND state IN ('queued', 'running')",
	            texts, ARRAY_LEN(texts), state == JOB_SUCCEEDED, err);
	if (n == 0) {
		n = fail_state(s, id, err);
		return n == -EALREADY ? 0 : n;
	}
	return n < 0 ? n : 0;
}

int store_cancel(struct store *s, const char *id, struct error *err)
{
	char now[24];
	const char *const texts[] = {id, now};
	int n;

	(void)snprintf(now, sizeof now, "%lld", (long long)clock_now_s());
	n = end_job(s,
	            "UPDATE job SET state = 'cancelled', finished_at = CAST(?2 AS INTEGER)"
	            " WHERE id = ?1 AND state = 'queued'",
	            texts, ARRAY_LEN(texts), false, err);
	return n < 0 ? n : n > 0 ? 0 : fail_state(s, id, err);
}

int store_checkpoint(struct store *s, const char *id, const char *step, const char *text,
                     struct error *err)
{
	CLEANUP(sql_rollback) struct sql_transaction t = {0};
	const char *const texts[] = {id, step, text};
	int n, r;

	if (strnlen(text, CHECKPOINT_MAX + 1) > CHECKPOINT_MAX)
		return error_set(err, -EMSGSIZE, "checkpoint of step %.64s: over the limit of %zu",
		                 step, CHECKPOINT_MAX);
	r = sql_begin(&t, s, err);
	if (r < 0)
		return r;
	n = change(s, "UPDATE job SET crashes = 0 WHERE id = ?1 AND state = 'running'", &id, 1,
	           err);
	if (n <= 0)
		return n < 0 ? n : fail_state(s, id, err);
	n = change(s,
	           "INSERT INTO checkpoint (job, step, text) VALUES (?1, ?2, ?3)"
	           " ON CONFLICT (job, step) DO UPDATE SET text = excluded.text",
	           texts, ARRAY_LEN(texts), err);
	return n < 0 ? n : sql_commit(&t, err);
}

int store_checkpoint_get(struct store *s, char **ret, const char *id, const char *step,
                         struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	char *text = NULL;
	int r = sql_prepare(s, &st, "SELECT text FROM checkpoint WHERE job = ?1 AND step = ?2",
	                    err);

	if (r == 0)
		r = sql_bind(s, st, 1, id, err);
	if (r == 0)
		r = sql_bind(s, st, 2, step, err);
	if (r == 0)
		r = sql_step(s, st, err);
	if (r == 1)
		r = sql_text(s, &text, st, 0, CHECKPOINT_MAX, err);
	if (r < 0)
		return r;
	*ret = text;
	return 0;
}
