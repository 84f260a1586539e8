/* SPDX-License-Identifier: MIT */
/* The review that others of its subject are compared with where their pipeline says so. */
#include <errno.h>

#include "daemon/store.h"
#include "daemon/store_sql.h"
#include "lib/base/clock.h"

static int run(const struct store *s, const char *query, const char *job, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(s, &st, query, err);

	if (r == 0)
		r = sql_bind(s, st, 1, job, err);
	if (r == 0 && sqlite3_bind_parameter_count(st) > 1 &&
	    sqlite3_bind_int64(st, 2, clock_now_s()) != SQLITE_OK)
		r = sql_fail(s, SQLITE_ERROR, err);
	if (r == 0)
		r = sql_step(s, st, err);
	return r < 0 ? r : sqlite3_changes(s->db);
}

int store_accept(struct store *s, struct job *ret, const char *id, struct error *err)
{
	CLEANUP(sql_rollback) struct sql_transaction t = {0};
	CLEANUP(job_done) struct job job = {0};
	int r = sql_begin(&t, s, err);

	if (r == 0)
		r = store_get(s, &job, id, err);
	if (r == 0)
		r = run(s,
		        "UPDATE review SET accepted_at = 0 WHERE accepted_at > 0 AND"
		        " subject = (SELECT subject FROM review WHERE job = ?1)",
		        job.id, err);
	if (r >= 0)
		r = run(s, "UPDATE review SET accepted_at = ?2 WHERE job = ?1", job.id, err);
	if (r == 0)
		return error_set(err, -EALREADY,
		                 "job %s is %s and has measured nothing: only a review that "
		                 "succeeded is accepted",
		                 job.id, job_state_name(job.state));
	if (r > 0)
		r = sql_commit(&t, err);
	if (r < 0)
		return r;
	*ret = job;
	job = (struct job){0};
	return 0;
}
