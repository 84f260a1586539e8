/* SPDX-License-Identifier: MIT */
/*
 * sse - server-sent events out of a byte stream (the part of the HTML standard, 9.2.6, that the
 * daemon uses: event, data, comments).
 */
#pragma once

#include "lib/base/buf.h"
#include "lib/base/lines.h"

#define SSE_LINE_MAX (1024 * 1024)
#define SSE_NAME_MAX 32

/* event is "message" where the stream names none. Non-zero stops and is returned. */
typedef int sse_fn(void *arg, const char *event, const char *data);

struct sse {
	struct lines lines;
	char event[SSE_NAME_MAX];
	struct buf data;
	bool has_data;
	sse_fn *fn;
	void *arg;
};

#define SSE_INIT(callback, argument)                                                              \
	{                                                                                         \
		.lines = {.max = SSE_LINE_MAX}, .data = BUF_INIT(SSE_LINE_MAX), .fn = (callback), \
		.arg = (argument)                                                                 \
	}

/* -EMSGSIZE: a line or an event is too long. */
int sse_feed(struct sse *s, const char *bytes, size_t n) MUST_USE;
void sse_done(struct sse *s);
