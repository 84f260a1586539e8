/* SPDX-License-Identifier: MIT */
/*
 * talk - a client on the loop under test: sends bytes, keeps what comes back.
 */
#pragma once

#include <stdbool.h>
#include <uv.h>

#include "lib/base/buf.h"

struct talk {
	uv_loop_t *loop;
	uv_pipe_t pipe;
	uv_connect_t connecting;
	uv_timer_t alarm;
	struct buf got;
	bool connected, ended, closed, late;
	bool deaf; /* never reads */
	const char *path;
	char room[4096];
};

/* Aborts the test when nothing more is to be expected after 10 s. */
void talk_open(struct talk *t, uv_loop_t *loop, const char *path);
void talk_send(struct talk *t, const char *bytes);
/* Runs the loop until this text has come, or the other side has closed. */
bool talk_until(struct talk *t, const char *text);
/* Runs the loop until the other side has closed. Returns all that came. */
const char *talk_end(struct talk *t);
void talk_close(struct talk *t); /* runs the loop until it is closed */

/* One request on a connection of its own. Returns the status; the body goes to ret (may be NULL),
 * which the caller frees. */
unsigned talk_once(uv_loop_t *loop, const char *path, const char *method, const char *target,
                   const char *headers, const char *body, char **ret);

/* Runs the loop until *flag is set. */
void talk_run_until(uv_loop_t *loop, const bool *flag);
