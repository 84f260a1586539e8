/* SPDX-License-Identifier: MIT */
/*
 * child - run one external program, without a shell, on a text for its stdin, with a deadline.
 *
 *      start -> RUNNING --exit----------------------------> CLOSING -> done()
 *                  |  cancel, deadline, flood                  ^
 *                  +-> TERMINATING --exit----------------------+
 *                           |  grace over                      |
 *                           +-> KILLING --exit-----------------+
 */
#pragma once

#include <uv.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"

struct child; /* lives on the loop, frees itself after done() */

/*
 * Called exactly once per successful child_start(), always from the loop and never from inside
 * child_start() or child_cancel(). status is the exit code (0 to 255), or -ECANCELED, -ETIMEDOUT,
 * -EFBIG (more than output_max), -ENOMEM, or -EIO when it died by a signal that we did not send.
 * output is borrowed; its data may be taken.
 */
typedef void child_done_fn(void *arg, int status, struct buf *output);

struct child_spec {
	char *const
		*argv; /* borrowed for the call; argv[0] is looked for in env's PATH; NULL ends */
	char *const *env;  /* likewise */
	const char *input; /* copied */
	size_t input_len;
	size_t output_max;    /* bytes of its output that are kept; more is read, and lost */
	bool flood_ends;      /* more than that ends it: -EFBIG */
	bool stdout_only;     /* its errors are nobody's, else they are among its output */
	uint64_t deadline_ms; /* 0: none */
	uint64_t grace_ms;    /* between SIGTERM and SIGKILL; 0: killed at once */
};

/* On failure *ret is untouched and done is never called. */
int child_start(struct child **ret, uv_loop_t *loop, const struct child_spec *spec,
                child_done_fn *done, void *arg, struct error *err) MUST_USE;

/* Asks it to stop; done() still reports. Idempotent. */
void child_cancel(struct child *c);
