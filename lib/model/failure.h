/* SPDX-License-Identifier: MIT */
/*
 * failure - what went wrong with one try, and what to do about it.
 */
#pragma once

#include "lib/model/endpoint.h"
#include "lib/model/http.h"
#include "lib/model/wire.h"

enum failure_class {
	FAILURE_NONE,
	FAILURE_LATER,     /* the same again after a pause: busy, reset, stalled, crashed */
	FAILURE_AGAIN,     /* at once, with other dice: the server is well, the answer is not */
	FAILURE_SCHEMA,    /* at once, without the schema, which the server refuses */
	FAILURE_LOADING,   /* not yet: the server says that it is loading its model */
	FAILURE_ELSEWHERE, /* never at this endpoint */
	FAILURE_FINAL,     /* nowhere */
};

struct failure {
	enum failure_class class;
	int code;       /* negative errno */
	bool unhealthy; /* counts against the endpoint */
	char text[256]; /* one line */
};

/* Keeps the first: what follows a failure is its echo. */
void failure_set(struct failure *f, enum failure_class class, int code, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

/* From a transfer that did not end with a complete 2xx answer. model may be NULL. */
void failure_of_http(struct failure *f, const struct http_end *end, const struct endpoint *ep,
                     const char *model);

/* Nobody answered at ep. */
void failure_no_server(struct failure *f, const struct endpoint *ep, const char *why);

/* 503 of a llama-server that is starting. */
bool failure_is_loading(const struct http_end *end);
