/* SPDX-License-Identifier: MIT */
/*
 * http_conn - one client's connection: requests in, replies out, and what the client may cost.
 *
 * One request at a time; while it is answered the client's further bytes wait in the kernel. At
 * most HTTP_CONN_PIECE bytes are on their way to a client, and one who stops reading is closed.
 */
#pragma once

#include <uv.h>

#include "daemon/http.h"
#include "lib/base/error.h"

#define HTTP_CONN_PIECE ((size_t)64 << 10)

struct http_conn_limits {
	uint64_t request_ms; /* from the first byte (or the connection) to the whole request */
	uint64_t idle_ms;    /* between requests */
	uint64_t write_ms;   /* to take one piece */
};
#define HTTP_CONN_LIMITS            \
	{                           \
		10000, 60000, 30000 \
	}

struct http_conn; /* lives on the loop, frees itself after on_closed() */

struct http_conn_ops {
	/* Exactly one http_conn_reply() must follow, now or later, unless on_closed() comes first.
	 */
	void (*on_request)(void *arg, const struct http_request *request);
	void (*on_closed)(void *arg); /* the last call; c is gone when it returns */
};

/* Accepts from server. On failure nothing is called. */
int http_conn_accept(struct http_conn **ret, uv_stream_t *server,
                     const struct http_conn_limits *limits, const struct http_conn_ops *ops,
                     void *arg, struct error *err) MUST_USE;

/* Takes over what reply holds, also when the connection is already closing. */
void http_conn_reply(struct http_conn *c, struct http_reply *reply);

int http_conn_fd(const struct http_conn *c); /* -1 when it has none */

/* How long the daemon has been waiting for this client, 0 while the client waits for it. */
uint64_t http_conn_waiting_ms(const struct http_conn *c);

/* Closes at once when no request is in progress, else behind its reply. Idempotent. */
void http_conn_drain(struct http_conn *c);
void http_conn_close(struct http_conn *c); /* now. Idempotent */
