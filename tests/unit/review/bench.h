/* SPDX-License-Identifier: MIT */
/*
 * bench - a loop, a real store and a small artifact tree in a directory of their own, and one
 * review over them with the personas and pipelines of the source tree and no model.
 */
#pragma once

#include "daemon/review.h"

struct bench {
	uv_loop_t loop;
	char dir[32], artifacts[64];
	struct config *config;
	struct store *store;
	struct store_queue *queue;
	struct review *review; /* NULL once it has ended */
	char id[64];
	/* What to do when this step is in that state; NULL: nothing. */
	const char *at_step, *at_state;
	void (*act)(struct review *r);
	/* How it ended. */
	unsigned done;
	enum job_state state;
	char verdict[32], report[4096], error[512];
};

void bench_init(struct bench *b);
void bench_file(const struct bench *b, const char *dir, const char *name, const char *text);
/* From now on pipelines are those that the test writes into DIR/pipelines. */
void bench_own_pipelines(struct bench *b);
void bench_submit(struct bench *b, const char *pipeline); /* adds the job to the store */
void bench_start(struct bench *b);                        /* claims the job and begins */
void bench_run(struct bench *b);                          /* until nothing is left to do */
void bench_review(struct bench *b, const char *pipeline); /* all three */
void bench_requeue(struct bench *b);                      /* after it was suspended */
json_t *bench_report(const struct bench *b);              /* report.json, to be freed */
size_t bench_published(const struct bench *b);            /* folders that ls would show */
void bench_done(struct bench *b); /* proves that nothing of it is left on the loop */
