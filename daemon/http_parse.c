/* SPDX-License-Identifier: MIT */
#include "daemon/http_parse.h"

#include <assert.h>
#include <stdint.h>

static int refuse(struct http_parse *p, unsigned status, const char *detail)
{
	p->status = status;
	p->detail = detail;
	return -1; /* the parser stops */
}

static struct http_parse *parse_of(http_parser *parser)
{
	return CONTAINER_OF(parser, struct http_parse, parser);
}

static int head_add(struct http_parse *p, const char *at, size_t n)
{
	if (n > sizeof p->head - p->head_len - 1)
		return refuse(p, 431, "request line and headers exceed 16 KiB");
	memcpy(p->head + p->head_len, at, n);
	p->head_len += n;
	return 0;
}

static int head_end_text(struct http_parse *p)
{
	if (head_add(p, "", 1) < 0)
		return -1;
	return 0;
}

static int on_url(http_parser *parser, const char *at, size_t n)
{
	return head_add(parse_of(parser), at, n);
}

/* A name begins: whatever was written before it, target or value, is complete. */
static int on_field(http_parser *parser, const char *at, size_t n)
{
	struct http_parse *p = parse_of(parser);

	if (p->n_headers == 0 || p->in_value) {
		if (p->n_headers == HTTP_HEADERS_MAX)
			return refuse(p, 431, "more than 64 headers");
		if (head_end_text(p) < 0)
			return -1;
		p->in_value = false;
		p->fields[p->n_headers++].name = p->head_len;
	}
	return head_add(p, at, n);
}

static int on_value(http_parser *parser, const char *at, size_t n)
{
	struct http_parse *p = parse_of(parser);

	if (!p->in_value) {
		if (head_end_text(p) < 0)
			return -1;
		p->in_value = true;
		p->fields[p->n_headers - 1].value = p->head_len;
	}
	return head_add(p, at, n);
}

/* The parser library lets "Host :" pass; RFC 9112, 5.1 wants it refused. */
static bool is_token(const char *name)
{
	return *name && name[strcspn(name, " \t\"(),/:;<=>?@[\\]{}")] == '\0';
}

static size_t count_headers(const struct http_parse *p, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_headers; i++)
		n += strcasecmp(p->headers[i].name, name) == 0;
	return n;
}

static int check_headers(struct http_parse *p)
{
	for (size_t i = 0; i < p->n_headers; i++) {
		p->headers[i] = (struct http_header){p->head + p->fields[i].name,
		                                     p->head + p->fields[i].value};
		if (!is_token(p->headers[i].name))
			return refuse(p, 400, "a header's name is no token");
	}
	if (count_headers(p, "host") > 1 ||
	    (p->parser.http_minor == 1 && count_headers(p, "host") == 0))
		return refuse(p, 400, "a request has one Host header");
	if (count_headers(p, "idempotency-key") > 1)
		return refuse(p, 400, "Idempotency-Key comes twice");
	if (p->parser.uses_transfer_encoding)
		return refuse(p, 411, "send the body with Content-Length, not Transfer-Encoding");
	if (count_headers(p, "expect"))
		return refuse(p, 417, "Expect is not supported: send the body at once");
	return 0;
}

static int check_version(struct http_parse *p)
{
	if (p->parser.http_major != 1 || p->parser.http_minor > 1)
		return refuse(p, 505, "this speaks HTTP/1.1");
	if (p->parser.upgrade || p->parser.method == HTTP_CONNECT || count_headers(p, "upgrade"))
		return refuse(p, 501, "Upgrade and CONNECT are not supported");
	return 0;
}

static int make_room_for_body(struct http_parse *p)
{
	uint64_t len = p->parser.content_length;

	if (len == UINT64_MAX || len == 0) /* the library's word for "no such header" */
		return 0;
	if (len > HTTP_BODY_MAX)
		return refuse(p, 413, "the body exceeds 1 MiB");
	p->body = malloc((size_t)len + 1);
	if (!p->body)
		return refuse(p, 503, "out of memory");
	p->body_cap = (size_t)len;
	p->body[0] = '\0';
	return 0;
}

static int on_headers_complete(http_parser *parser)
{
	struct http_parse *p = parse_of(parser);

	/* A header without a value gets no on_value() from some versions of the library. */
	if (p->n_headers && !p->in_value && on_value(parser, "", 0) < 0)
		return -1;
	if (head_end_text(p) < 0 || check_headers(p) < 0 || check_version(p) < 0)
		return -1;
	p->head_done = true;
	return make_room_for_body(p);
}

static int on_body(http_parser *parser, const char *at, size_t n)
{
	struct http_parse *p = parse_of(parser);

	assert(n <= p->body_cap - p->body_len);
	memcpy(p->body + p->body_len, at, n);
	p->body_len += n;
	p->body[p->body_len] = '\0';
	return 0;
}

static int on_message_complete(http_parser *parser)
{
	parse_of(parser)->state = HTTP_PARSE_DONE;
	http_parser_pause(parser, 1); /* what follows is the next request */
	return 0;
}

void http_parse_init(struct http_parse *p)
{
	p->state = HTTP_PARSE_MORE;
	p->status = 0;
	p->detail = NULL;
	p->n_headers = p->head_len = p->head_seen = 0;
	p->in_value = p->head_done = false;
	p->body = NULL;
	p->body_len = p->body_cap = 0;
	http_parser_init(&p->parser, HTTP_REQUEST);
}

void http_parse_done(struct http_parse *p)
{
	free(TAKE(p->body));
}

static enum http_parse_state parse_bad(struct http_parse *p)
{
	p->state = HTTP_PARSE_BAD;
	if (p->status)
		return p->state;
	if (HTTP_PARSER_ERRNO(&p->parser) == HPE_HEADER_OVERFLOW)
		(void)refuse(p, 431, "request line and headers exceed 16 KiB");
	else
		(void)refuse(p, 400, http_errno_description(HTTP_PARSER_ERRNO(&p->parser)));
	return p->state;
}

static size_t parse_some(struct http_parse *p, const char *data, size_t n)
{
	static const http_parser_settings settings = {
		.on_url = on_url,
		.on_header_field = on_field,
		.on_header_value = on_value,
		.on_headers_complete = on_headers_complete,
		.on_body = on_body,
		.on_message_complete = on_message_complete,
	};
	size_t used = http_parser_execute(&p->parser, &settings, data, n);

	if (!p->head_done)
		p->head_seen += used;
	return used;
}

enum http_parse_state http_parse_feed(struct http_parse *p, const char *data, size_t n,
                                      size_t *ret_used)
{
	size_t used = 0;

	while (p->state == HTTP_PARSE_MORE && used < n) {
		size_t room = p->head_done ? SIZE_MAX : HTTP_HEAD_MAX - p->head_seen;
		size_t piece = n - used < room ? n - used : room;

		if (piece == 0) {
			(void)refuse(p, 431, "request line and headers exceed 16 KiB");
			return parse_bad(p);
		}
		used += parse_some(p, data + used, piece);
		if (p->state == HTTP_PARSE_MORE && HTTP_PARSER_ERRNO(&p->parser) != HPE_OK)
			(void)parse_bad(p);
	}
	*ret_used = used;
	return p->state;
}

bool http_parse_begun(const struct http_parse *p)
{
	return p->head_seen > 0 || p->head_done;
}

void http_parse_request(struct http_parse *p, struct http_request *ret)
{
	assert(p->state == HTTP_PARSE_DONE);
	*ret = (struct http_request){
		.method = http_method_str((enum http_method)p->parser.method),
		.target = p->head,
		.headers = p->headers,
		.n_headers = p->n_headers,
		.body = p->body ? p->body : "",
		.body_len = p->body_len,
		.keep_alive = http_should_keep_alive(&p->parser),
	};
}
