/* SPDX-License-Identifier: MIT */
/*
 * sse - cut a stream of server-sent events (WHATWG HTML, 9.2) into events, with a limit.
 *
 * Lines may end in LF, CRLF or CR. Comments, ids, names and unknown fields are skipped. Beyond the
 * standard, as servers have sent it: a line "error: TEXT" gives an event of its own, and a line
 * that begins with "{" counts as data (an answer that was not streamed).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"

struct sse {
	struct buf line; /* the line under way */
	struct buf data; /* the event under way, its lines joined by LF */
	bool has_data, after_cr;
};

#define SSE_INIT(max_bytes)                                              \
	{                                                                \
		.line = BUF_INIT(max_bytes), .data = BUF_INIT(max_bytes) \
	}

/* text is NUL-terminated and valid during the call. */
typedef int sse_fn(void *arg, bool is_error, const char *text, size_t len);

/* The first non-zero return of fn stops and is returned; -EMSGSIZE: too long; -ENOMEM. */
int sse_feed(struct sse *s, const char *bytes, size_t n, sse_fn *fn, void *arg) MUST_USE;

/* The stream has ended: what is left counts, as some proxies drop the last line end. */
int sse_end(struct sse *s, sse_fn *fn, void *arg) MUST_USE;

void sse_done(struct sse *s);
