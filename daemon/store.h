/* SPDX-License-Identifier: MIT */
/*
 * store - jobs, their checkpoints and finished reviews in one SQLite file (WAL, synchronous FULL).
 *
 * Blocking; one writer at a time. The daemon calls it from one worker item in flight
 * (daemon/store_queue.h) and never from the loop. Strings in structs are malloc'd and freed by
 * the _done functions. Times are unix seconds, 0 where they have not come yet.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/error.h"

struct store;

#define STORE_FILE "chimerad.db" /* in the state's directory */

enum job_state { JOB_QUEUED, JOB_RUNNING, JOB_SUCCEEDED, JOB_FAILED, JOB_CANCELLED };
const char *job_state_name(enum job_state s);

struct job {
	char *id; /* "20261121-023000-4f2a9c": time and six random hex digits */
	char *pipeline, *subject, *machine; /* subject, machine may be NULL */
	char *request; /* the accepted JSON body, canonical: paths, model, endpoint, fresh,
	                  parameters ... */
	char *key;     /* Idempotency-Key or NULL */
	enum job_state state;
	char *step; /* the step at work, NULL before the first */
	int64_t submitted_at, started_at, finished_at;
	char *error;      /* problem JSON or NULL */
	char *verdict;    /* NULL until succeeded */
	char *report;     /* absolute path of the folder, NULL until succeeded */
	uint64_t crashes; /* starts of the daemon that this job was running at the end of, since it
	                     last got something done (store_checkpoint) */
};
void job_done(struct job *j);

/*
 * Creates what is missing, checks what is there (-EBADMSG: damaged, or another program's), brings
 * it to this version (-ENOTSUP: it is of a newer one). The directory exists. Codes that any
 * function here may also return: -ENOSPC, -ETIMEDOUT (held by another process), -EROFS, -EACCES,
 * -EBADMSG, -EIO, -ENOMEM.
 */
int store_open(struct store **ret, const char *path, struct error *err) MUST_USE;
void store_close(struct store *s);
DEFINE_CLEANUP(struct store *, store_close)

/*
 * What is done in a group is durable when store_group_end() has returned 0, and only then. Some
 * failures (a full disk) end a group within: it is not open any more, and nothing of it was done.
 */
int store_group_begin(struct store *s, struct error *err) MUST_USE;
bool store_group_is_open(const struct store *s);
int store_group_end(struct store *s, struct error *err) MUST_USE;

int store_probe(struct store *s, struct error *err) MUST_USE; /* writes what is there already */

/*
 * Adds a job durably, queued. Of `job` only id, pipeline, subject, machine, request, key and
 * submitted_at are read; id NULL is made here, submitted_at 0 is now. With a key that is known: the
 * same body gives the old job and *ret_existed true; another body -EEXIST (so does an id that is
 * taken). max_queued jobs already queued: -EAGAIN.
 */
int store_add(struct store *s, struct job *ret, bool *ret_existed, const struct job *job,
              uint64_t max_queued, struct error *err) MUST_USE;

/* id may be a unique prefix or "latest" (the last one submitted). -ENOENT; -ENOTUNIQ: several. */
int store_get(struct store *s, struct job *ret, const char *id, struct error *err) MUST_USE;

/* Newest first, at most max, those before job `after` (NULL: from the newest). */
int store_list(struct store *s, struct job **ret, size_t *ret_n, const char *after, size_t max,
               struct error *err) MUST_USE;
void jobs_free(struct job *jobs, size_t n);

/* How many jobs are in each state, and when the last one succeeded (0: none has). */
int store_count(struct store *s, uint64_t by_state[static JOB_CANCELLED + 1], int64_t *succeeded_at,
                struct error *err) MUST_USE;

/* The oldest queued job becomes running. -ENOENT: none. */
int store_claim(struct store *s, struct job *ret, struct error *err) MUST_USE;

/* At start: what was running is queued again, crashes + 1. Returns how many. */
int store_recover(struct store *s, struct error *err) MUST_USE;

/* Of a running job. -ENOENT: there is no such job; -EALREADY: it is not running. */
int store_set_step(struct store *s, const char *id, const char *step, struct error *err) MUST_USE;

/* For an orderly stop: a running job is queued again, without a crash. Nothing when it is not. */
int store_requeue(struct store *s, const char *id, struct error *err) MUST_USE;

/*
 * Ends a job and forgets its checkpoints; of one that succeeded, the runs that it measured become
 * history (store_history.h). error, verdict, report may be NULL. Does nothing when it has already
 * ended. -ENOENT: there is no such job.
 */
int store_finish(struct store *s, const char *id, enum job_state state, const char *error,
                 const char *verdict, const char *report, struct error *err) MUST_USE;

/*
 * The review of a job that succeeded becomes its subject's accepted one, in place of another. id as
 * in store_get(). -EALREADY: it has measured nothing.
 */
int store_accept(struct store *s, struct job *ret, const char *id, struct error *err) MUST_USE;

/* Cancels a queued job. -EALREADY: it has ended; -EBUSY: it is running (the runner cancels it). */
int store_cancel(struct store *s, const char *id, struct error *err) MUST_USE;

/*
 * What a finished step left behind, one text a step; saving it again replaces it. It is progress:
 * the job's crashes count from 0 again. -ENOENT, -EALREADY as in store_set_step().
 */
int store_checkpoint(struct store *s, const char *id, const char *step, const char *text,
                     struct error *err) MUST_USE;
/* *ret is NULL (and 0 returned) when there is none. Caller frees. */
int store_checkpoint_get(struct store *s, char **ret, const char *id, const char *step,
                         struct error *err) MUST_USE;
