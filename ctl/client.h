/* SPDX-License-Identifier: MIT */
/*
 * client - the daemon's HTTP API on its Unix socket.
 *
 * Blocking; one request at a time.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "ctl/command.h"
#include "ctl/sse.h"
#include "lib/base/buf.h"

struct client;

struct reply {
	long status; /* HTTP */
	char *body;  /* NUL-terminated */
	size_t len;
	json_t *json; /* the body, NULL when it is not JSON */
};
void reply_done(struct reply *r);

/*
 * Where the daemon listens: `given`, $CHIMERAD_SOCKET, the user's own if it is there, else the
 * system's. Fails when the path is too long for a socket.
 */
int client_find_socket(const char *given, char *ret, size_t size, struct error *err) MUST_USE;

int client_new(struct client **ret, const char *socket, struct error *err) MUST_USE;
/* To where ctl says. */
int client_open(struct client **ret, const struct ctl *ctl, struct error *err) MUST_USE;
void client_free(struct client *c);
DEFINE_CLEANUP(struct client *, client_free)

/*
 * One request; body and key (Idempotency-Key) may be NULL. Any HTTP status is a success here.
 * -ECONNREFUSED: nobody listens (no socket, or a stale one); -EACCES: not allowed to connect.
 */
int client_call(struct client *c, const char *method, const char *path, const json_t *body,
                const char *key, struct reply *ret, struct error *err) MUST_USE;

/*
 * GET into an open file. An answer of 400 and up goes to *ret_refused instead, whose status is 0
 * otherwise.
 */
int client_download(struct client *c, const char *path, int fd, struct reply *ret_refused,
                    struct error *err) MUST_USE;

struct client_stream {
	sse_fn *on_event;
	int (*on_tick)(void *arg); /* ten times a second */
	int (*on_wake)(void *arg); /* wake_fd is readable */
	int wake_fd;               /* -1: none */
	void *arg;
};

/*
 * Reads events until the stream ends (0) or a callback returns non-zero (that). -EPROTO: the
 * answer is no event stream; then *ret_status says what it was.
 */
int client_events(struct client *c, const char *path, const struct client_stream *stream,
                  long *ret_status, struct error *err) MUST_USE;

/*
 * "/v1/jobs/ID" + tail into ret. -EINVAL: an id has letters, digits and hyphens only.
 */
int client_job_path(char *ret, size_t size, const char *id, const char *tail,
                    struct error *err) MUST_USE;

/* As a part of a path, or of a query. */
void client_add_encoded(struct buf *b, const char *text);

/* The exit code for what a failed client_ function returned, after printing the error. */
int client_fail(const char *command, int r, const struct error *err);

/* The same for an answer of 400 and up: its problem's detail is the message. */
int client_refused(const char *command, const struct reply *r);

/*
 * Connects as ctl says and calls; prints what went wrong and returns a ctl_exit code, CTL_DONE
 * for an answer below 400.
 */
int client_simple(const struct ctl *ctl, const char *command, const char *method, const char *path,
                  struct reply *ret);
/* The same with a body; NULL: none. */
int client_request(const struct ctl *ctl, const char *command, const char *method, const char *path,
                   const json_t *body, struct reply *ret);
