/* SPDX-License-Identifier: MIT */
/*
 * review - one job from its first step to the published report, on the loop.
 *
 * Steps whose needs are met run at the same time; code runs on the thread pool, model calls on
 * lib/model. After each step a checkpoint goes to the store, and a review that starts again
 * takes up there. Ends once, by on_done(), from the loop, which frees it.
 */
#pragma once

#include <jansson.h>
#include <uv.h>

#include "daemon/config.h"
#include "daemon/log.h"
#include "daemon/metrics.h"
#include "daemon/store_queue.h"
#include "lib/model/model.h"

#define REVIEW_NUM_CTX 4096 /* tokens, where neither persona nor pipeline says */

struct review;

struct review_env { /* borrowed; outlives every review */
	uv_loop_t *loop;
	struct store_queue *store;
	struct model *model;
	const struct config *config;
	const struct log *log;   /* NULL: nothing is logged */
	struct metrics *metrics; /* NULL: nothing is counted */
};

struct review_end {
	enum job_state state; /* succeeded, failed or cancelled */
	const char *verdict;  /* NULL unless succeeded */
	const char *report;   /* absolute path of the published folder, NULL unless succeeded */
	struct error error;   /* code 0 when there is none */
};

struct review_ops {
	/*
	 * event: "step" {id, stage, state running|done, wall_ms}, "call" {step, n, state, endpoint,
	 * tokens, tokens_per_s}, "progress" {step, done, total, what}. data is borrowed.
	 */
	void (*on_event)(void *arg, const char *event, const json_t *data);
	void (*on_done)(void *arg, const struct review_end *end);
};

/* job is copied. On failure on_done is never called. */
int review_start(struct review **ret, const struct review_env *env, const struct job *job,
                 const struct review_ops *ops, void *arg, struct error *err) MUST_USE;
void review_cancel(struct review *r); /* closes its calls; on_done says cancelled. Idempotent */
/* For shutdown: stop without ending the job; on_done says JOB_QUEUED, and it resumes later. */
void review_suspend(struct review *r);
