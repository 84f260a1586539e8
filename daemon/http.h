/* SPDX-License-Identifier: MIT */
/*
 * http - a request and a reply as data: what the connection and the interface share.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <strings.h>
#include <time.h>

#include "daemon/source.h"
#include "lib/base/util.h"

#define HTTP_HEAD_MAX    ((size_t)16 << 10) /* request line and headers */
#define HTTP_HEADERS_MAX 64
#define HTTP_BODY_MAX    ((size_t)1 << 20)
#define HTTP_DATE_BYTES  (sizeof "Sun, 06 Nov 1994 08:49:37 GMT")

struct http_header {
	const char *name, *value;
};

struct http_request { /* borrowed during the call that hands it over */
	const char *method, *target;
	const struct http_header *headers;
	size_t n_headers;
	const char *body;
	size_t body_len;
	bool keep_alive;
};

struct http_reply {
	unsigned status;
	const char *type;       /* Content-Type, static */
	char location[160];     /* "" : no such header */
	char allow[64];         /* "" : no such header */
	char etag[72];          /* with its quotes; "": none, and nobody may keep the answer */
	int64_t modified_s;     /* Last-Modified; 0: no such header */
	unsigned retry_after_s; /* 0: no such header */
	char *body;             /* malloc'd */
	size_t body_len;
	struct source *source; /* instead of body */
	int64_t source_len;    /* -1: unknown, the connection closes behind it */
};

static inline void http_reply_done(struct http_reply *r)
{
	free(TAKE(r->body));
	source_close(TAKE(r->source));
}

/* As headers have it; "" where there is no such day. */
static inline void http_date(char ret[static HTTP_DATE_BYTES], int64_t at_s)
{
	time_t t = (time_t)at_s;
	struct tm tm;

	/* our programs leave the locale of times alone */
	if (!gmtime_r(&t, &tm) ||
	    strftime(ret, HTTP_DATE_BYTES, "%a, %d %b %Y %H:%M:%S GMT", &tm) == 0)
		ret[0] = '\0';
}

/* The first header of that name (any case), or NULL. */
static inline const char *http_request_header(const struct http_request *r, const char *name)
{
	for (size_t i = 0; i < r->n_headers; i++) {
		if (strcasecmp(r->headers[i].name, name) == 0)
			return r->headers[i].value;
	}
	return NULL;
}
