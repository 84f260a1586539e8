/* SPDX-License-Identifier: MIT */
/*
 * watch - follow one job to its end.
 */
#pragma once

#include "ctl/client.h"
#include "ctl/progress.h"

struct watch {
	struct client *client;
	struct progress *progress;
	int signal_fd;            /* of watch_signals() */
	bool (*alive)(void *arg); /* NULL: a daemon that goes away may come back */
	void *arg;
	int tries; /* its own: to reach the daemon again */
};

/*
 * From here on INT, TERM, HUP and WINCH are read from the returned descriptor. A child that is
 * started must have its mask emptied. watch_signals_end() gives them back to the kernel.
 */
int watch_signals(struct error *err) MUST_USE;
void watch_signals_end(int fd);

/*
 * 0: the job has ended and *ret_job (owned by the caller) is its last word. -EINTR: a person wants
 * to go; -ECANCELED: and the job shall end, too. Anything else: the error says it.
 */
int watch_job(const struct watch *w, const char *id, json_t **ret_job, struct error *err) MUST_USE;
