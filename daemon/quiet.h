/* SPDX-License-Identifier: MIT */
/*
 * quiet - waits until nothing on this machine would be disturbed by model calls: until no other
 * process holds a lock file, and no GPU is at work.
 *
 * Looks once a second. Once it is quiet the lock is held shared, so that a benchmark that waits for
 * it, as flock(1) does, begins when the calls are over.
 */
#pragma once

#include <uv.h>

#include "daemon/config.h"

struct quiet; /* lives on the loop, frees itself after done() */

/*
 * Called exactly once per successful quiet_start(), from the loop and never from inside
 * quiet_start() or quiet_cancel(). 0: lock is held, and the caller's to close (-1: there is none).
 * -ETIMEDOUT, -ECANCELED, or what was wrong: why is a sentence for the report.
 */
typedef void quiet_done_fn(void *arg, int status, int lock, const char *why);

bool quiet_is_wanted(const struct config *config);
/* On failure *ret is untouched and done is never called. config is borrowed for the call. */
int quiet_start(struct quiet **ret, uv_loop_t *loop, const struct config *config,
                quiet_done_fn *done, void *arg, struct error *err) MUST_USE;
void quiet_cancel(struct quiet *q); /* done() still reports. Idempotent. */

/* The highest number of a list of percentages, a line each, as nvidia-smi prints it; -EINVAL. */
int quiet_highest_pct(const char *text, size_t len) MUST_USE;
