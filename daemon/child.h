/* SPDX-License-Identifier: MIT */
/*
 * child - run one external program, without a shell, on a text for its stdin, with a deadline.
 *
 *      start -> RUNNING --exit----------------------------> CLOSING -> done()
 *                  |  cancel, deadline                         ^
 *                  +-> TERMINATING --exit----------------------+
 *                           |  grace over                      |
 *                           +-> KILLING --exit-----------------+
 */
#pragma once

#include <uv.h>

#include "lib/base/error.h"

#define CHILD_OUTPUT_MAX 4096 /* bytes of stdout and stderr that are kept; more is read, and lost \
	                       */

struct child; /* lives on the loop, frees itself after done() */

/*
 * Called exactly once per successful child_start(), always from the loop and never from inside
 * child_start() or child_cancel(). status is the exit code (0 to 255), or -ECANCELED, -ETIMEDOUT,
 * or -EIO when it died by a signal that we did not send. output is borrowed, NUL-terminated.
 */
typedef void child_done_fn(void *arg, int status, const char *output);

struct child_spec {
	char *const *argv; /* borrowed for the call; argv[0] is an absolute path; NULL at the end */
	char *const *env;  /* likewise */
	const char *input; /* copied */
	size_t input_len;
	uint64_t deadline_ms; /* 0: none */
	uint64_t grace_ms;    /* between SIGTERM and SIGKILL */
};

/* On failure *ret is untouched and done is never called. */
int child_start(struct child **ret, uv_loop_t *loop, const struct child_spec *spec,
                child_done_fn *done, void *arg, struct error *err) MUST_USE;

/* Asks it to stop; done() still reports. Idempotent. */
void child_cancel(struct child *c);
