/* SPDX-License-Identifier: MIT */
/*
 * http - requests to model servers on libcurl's multi interface, and their answers as they come.
 *
 * It counts nothing and retries nothing. No callback runs from inside a function of this header;
 * on_done() runs exactly once per successful http_start(), from the loop, and is the last thing
 * the call does.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "lib/base/error.h"
#include "lib/model/url.h"

struct http;
struct http_call;

struct http_end {
	/*
	 * 0: a complete 2xx answer. -EREMOTEIO: any other HTTP status. -ECONNREFUSED: no
	 * connection came about. -ECANCELED. -ETIMEDOUT: total_ms passed. Else: the connection
	 * failed under way.
	 */
	int status;
	long http_status; /* 0: none came */
	const char *body; /* beginning of an answer that is not 2xx, NUL-terminated */
	size_t body_len;
	const char *why; /* a few words, "" for 0 */
};

struct http_ops {
	/* Bytes of a 2xx answer, cut anywhere. Returning false ends the call with -ECANCELED. */
	bool (*on_body)(void *arg, const char *bytes, size_t len);
	void (*on_done)(void *arg, const struct http_end *end); /* end is borrowed */
};

struct http_request {
	const struct url *url;
	const char *path;           /* "/api/chat", goes behind the base of the url */
	const char *api_key;        /* NULL: none */
	const char *const *headers; /* more lines, "Name: value"; NULL at the end, or for none */
	const char *body;           /* copied; NULL: GET */
	size_t body_len;
	uint64_t connect_ms;
	uint64_t total_ms; /* 0: no limit */
};

int http_new(struct http **ret, uv_loop_t *loop, struct error *err) MUST_USE;

/* Cancels every call, then frees all once the loop has closed the handles. */
void http_close(struct http *h);

/* Not to be called from on_body(). */
int http_start(struct http_call **ret, struct http *h, const struct http_request *req,
               const struct http_ops *ops, void *arg, struct error *err) MUST_USE;

/* on_done() gets -ECANCELED; the connection is closed in the next turn of the loop. Idempotent. */
void http_cancel(struct http_call *call);
