/* SPDX-License-Identifier: MIT */
/*
 * http_parse - bytes into one request at a time, with limits. The only file that knows the parser
 * library, so that it can be replaced.
 *
 * HTTP/1.1 and 1.0 with Content-Length; no chunked bodies, Upgrade, CONNECT or Expect.
 */
#pragma once

#include <http_parser.h>

#include "daemon/http.h"

enum http_parse_state { HTTP_PARSE_MORE, HTTP_PARSE_DONE, HTTP_PARSE_BAD };

struct http_parse {
	http_parser parser;
	enum http_parse_state state;
	unsigned status;    /* HTTP_PARSE_BAD: what to answer before closing */
	const char *detail; /* static text */

	struct {
		size_t name, value; /* offsets into head */
	} fields[HTTP_HEADERS_MAX];
	struct http_header headers[HTTP_HEADERS_MAX];
	size_t n_headers;
	bool in_value, head_done;
	size_t head_seen; /* bytes of the head that came, kept or not */
	char head[HTTP_HEAD_MAX + 2 * HTTP_HEADERS_MAX + 2]; /* texts, NUL-terminated */
	size_t head_len;
	char *body;
	size_t body_len, body_cap;
};

/* Ready for the first, or the next, request. */
void http_parse_init(struct http_parse *p);
void http_parse_done(struct http_parse *p); /* frees what it holds */

/*
 * Takes bytes until the request is whole; *ret_used says how many. After DONE or BAD nothing more
 * is taken until http_parse_init().
 */
enum http_parse_state http_parse_feed(struct http_parse *p, const char *data, size_t n,
                                      size_t *ret_used);

/* Whether any byte of a request has come. */
bool http_parse_begun(const struct http_parse *p);

/* After DONE; borrows from p. */
void http_parse_request(struct http_parse *p, struct http_request *ret);
