/* SPDX-License-Identifier: MIT */
/*
 * jobs - the queue at work: accepts, starts, follows and ends jobs. Whatever it knows is in the
 * store first; in memory are only the reviews that run.
 *
 * A job whose last start never ended runs alone, so that a crash is surely its own; it fails for
 * crashing after 10 of them in one step.
 */
#pragma once

#include <uv.h>

#include "daemon/events.h"
#include "daemon/jobs_query.h"
#include "daemon/log.h"
#include "daemon/review.h"
#include "daemon/store_queue.h"

struct jobs;

/* How a review is run: review.h in the daemon, a script in tests. */
struct jobs_runner {
	/* As review_start(); *ret is what cancel and suspend are given until on_done(). */
	int (*start)(void *arg, void **ret, const struct job *job, const struct review_ops *ops,
	             void *ops_arg, struct error *err);
	void (*cancel)(void *arg, void *review);
	void (*suspend)(void *arg, void *review);
	void *arg;
};

struct jobs_limits {
	uint64_t queued, running;
};

struct jobs_env { /* borrowed until jobs_stop() has called back */
	uv_loop_t *loop;
	struct store_queue *store;
	struct events *events;
	const struct log *log;
	struct jobs_runner runner;
	struct jobs_limits limits;
	void (*on_change)(void *arg); /* how many jobs are queued or running changed; may be NULL */
	void *on_change_arg;
};

/* Takes up what the store holds: started() is called once it knows, with 0 or the error. */
int jobs_new(struct jobs **ret, const struct jobs_env *env,
             void (*started)(void *arg, const struct error *err), void *arg,
             struct error *err) MUST_USE;

/* Jobs by state. */
struct jobs_counts jobs_counts(const struct jobs *j);

/* So many that had ended are not in the store any more. */
void jobs_forget(struct jobs *j, const struct jobs_counts *removed);

void jobs_set_limits(struct jobs *j, struct jobs_limits limits);

/* done() is called exactly once, from the loop and never from inside jobs_ask(). */
typedef void jobs_done_fn(void *arg, const struct jobs_result *result);
/* -ESHUTDOWN after jobs_stop(), -ENOMEM; then done() is not called. */
int jobs_ask(struct jobs *j, const struct jobs_query *q, jobs_done_fn *done, void *arg) MUST_USE;

/* Starts nothing more and suspends what runs: it resumes at the next start. Once. */
void jobs_stop(struct jobs *j, void (*stopped)(void *arg), void *arg);
void jobs_free_queue(struct jobs *j); /* after stopped() and after the store queue has closed */
