/* SPDX-License-Identifier: MIT */
/*
 * review_trials - what is measured once all steps are done: the agents of a review, or the variants
 * of its matrix, on the first question of each step (agents/analyst/contest.h says in which order).
 *
 *   LOADING -> ASKING -> INSPECTING -> CHECKING -> SAVING -> LOADING ... -> ENDED
 *
 * Answers are never taken from the cache, nor kept there. Each trial leaves a checkpoint, so that a
 * review that is taken up again measures what is missing.
 */
#pragma once

#include "daemon/review_impl.h"
#include "lib/evidence/trials.h"

enum trials_state {
	TRIALS_LOADING,
	TRIALS_ASKING,
	TRIALS_INSPECTING,
	TRIALS_CHECKING,
	TRIALS_SAVING,
	TRIALS_ENDED,
};

/* One of those who are asked in a trial: its questions come one after the other. */
struct trial_lane {
	struct review_trials *trials;
	size_t at, question;     /* of plan.who, of the questions */
	bool failed;             /* an answer did not come */
	struct model_call *call; /* NULL: none under way */
};

/* How a server is asked to load its model. */
struct trial_load {
	char endpoint[64];
	int64_t num_ctx, num_gpu;
};

struct review_trials {
	struct review *review;
	enum trials_state state;
	struct review_step **steps; /* [who * n_questions + question], as the next one */
	const struct ask **asks;
	const struct option_set *sets; /* of each variant; NULL: who are agents */
	bool *dropped;
	bool equal_prompts;
	struct trials all; /* at is `done` */
	struct trial *done;
	size_t cap;
	struct trial_plan plan; /* of the one at hand */
	struct trial_lane lanes[AGENTS_MAX];
	size_t running;               /* lanes that have not ended */
	uint64_t since_ns, began_ns;  /* of them all; of the one at hand */
	struct model_record *records; /* [lane * n_questions + question] */
	struct checkpoint saved;
	bool restored;
	char *text; /* to and from the store */
	struct model_inspection *asked;
	struct ignored_option (*ignored)[IGNORED_MAX]; /* of each who */
	size_t *n_ignored;
	struct trial_load loads[AGENTS_MAX]; /* of the agents, as of their warm-ups */
	const char **failed;                 /* of each who, why the first call that failed did */
	uv_work_t work;
	struct error err;
};

/* Whether anything is to be measured: then it has begun, and ends in review_schedule(). */
bool review_trials_wanted(struct review *r);
bool review_trials_busy(const struct review *r); /* something of it is under way */
void review_trials_cancel(struct review *r);
void review_trials_done(struct review *r);
/* review_trial_data.c */
/* In a checkpoint: what the server has loaded. */
#define REVIEW_TRIALS_LOADED "context %lf, on the GPU %lf, layers %lf"
int review_trials_new(struct review *r) MUST_USE; /* fills review.trials; -ENOMEM */
/* The trial that `saved` holds goes to those that are done; on a worker. */
int review_trials_add(struct review_trials *t, struct error *err) MUST_USE;
/* What it comes to, in the arena; NULL: nothing was measured. On a worker. */
int review_trials_sweep(struct review *r, struct tuning **ret, struct error *err) MUST_USE;
int review_trials_contest(struct review *r, struct contest **ret, struct error *err) MUST_USE;
