/* SPDX-License-Identifier: MIT */
/*
 * daemon - the process put together on one loop: lock, store, queue, model, interface, socket.
 */
#pragma once

#include "daemon/log.h"
#include "daemon/review.h"
#include "daemon/settings.h"

struct daemon;

/* review.h, or what a test puts in its place. */
struct daemon_reviews {
	int (*start)(struct review **ret, const struct review_env *env, const struct job *job,
	             const struct review_ops *ops, void *arg, struct error *err);
	void (*cancel)(struct review *r);
	void (*suspend)(struct review *r);
};

struct daemon_options { /* borrowed until daemon_free() */
	struct settings_source settings;
	struct daemon_reviews reviews;
	const struct log *log;
	bool exit_with_stdin; /* stop when stdin ends; wait for the state instead of failing */
};

/*
 * Everything that can be wrong is found here; the rest is uv_run(loop), which returns after
 * daemon_stop() or a signal. On failure uv_run() has already been called as needed, and nothing
 * is left.
 */
int daemon_start(struct daemon **ret, uv_loop_t *loop, const struct daemon_options *options,
                 struct error *err) MUST_USE;

/* Takes no more jobs, suspends reviews, drains clients. Idempotent; a signal does the same. */
void daemon_stop(struct daemon *d);

/* After uv_run(). Returns 0, or the error of a daemon that stopped by itself. */
int daemon_free(struct daemon *d, struct error *err);
