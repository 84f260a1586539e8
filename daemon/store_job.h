/* SPDX-License-Identifier: MIT */
/* store_job - struct job in and out of rows; for store.c alone. */
#pragma once

#include "daemon/store.h"
#include "daemon/store_sql.h"

/* What every SELECT and RETURNING names, in the order of job_read(). */
#define JOB_COLUMNS                                                                             \
	"id, pipeline, subject, machine, request, key, state, step, submitted_at, started_at, " \
	"finished_at, error, verdict, report, crashes"

/* From the row that the statement stands on. On failure *ret is untouched. */
int job_read(const struct store *s, struct job *ret, sqlite3_stmt *st, struct error *err) MUST_USE;

/* Refuses what job_read() would. */
int job_check(const struct store *s, const struct job *job, struct error *err) MUST_USE;

/* "20261121-023000-4f2a9c"; false: the kernel gave no random bytes. */
#define JOB_ID_BYTES sizeof "20261121-023000-4f2a9c"
bool job_make_id(char ret[static JOB_ID_BYTES], int64_t now_s) MUST_USE;
