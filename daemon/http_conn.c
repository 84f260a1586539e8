/* SPDX-License-Identifier: MIT */
#include "daemon/http_conn.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "daemon/http_parse.h"
#include "daemon/problem.h"

#define IN_BYTES   ((size_t)16 << 10)
#define HEAD_BYTES 1536 /* status line and our few headers */
#define STREAM_BYTES                                                                \
	((size_t)4 << 10) /* of a piece of what has no end: many are open, and idle \
	                   */

enum conn_state {
	CONN_READING,  /* between requests, or a request is coming */
	CONN_HANDLING, /* the request is with its handler */
	CONN_WRITING,  /* a piece of the reply is on its way */
	CONN_WAITING,  /* the source has nothing just now */
	CONN_CLOSING,
};

/* There only while something of a request is: a thousand clients may wait for events. */
struct conn_in {
	struct http_parse parse;
	char bytes[IN_BYTES];
	size_t len;
};

struct http_conn {
	enum conn_state state;
	unsigned open; /* handles whose close callback has not run */
	struct http_conn_limits limits;
	const struct http_conn_ops *ops;
	void *arg;
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_pipe_t pipe;
		uv_tcp_t tcp;
	} io;
	uv_timer_t timer;
	uint64_t since; /* loop time from which we wait for the client */
	bool reading, eof, draining, first;
	bool head_only, keep_alive; /* of the request in progress */
	bool feeding;               /* conn_feed() is on the stack */

	struct conn_in *in; /* NULL: nothing has come */

	struct http_reply reply;
	size_t body_at;
	uv_write_t write;
	char *out; /* NULL: nothing is on its way */
	size_t out_len, out_size;
	bool last_piece;
};

static void conn_feed(struct http_conn *c);
static void conn_write_next(struct http_conn *c);

static void conn_free_in(struct http_conn *c)
{
	if (c->in)
		http_parse_done(&c->in->parse);
	free(TAKE(c->in));
}

static bool conn_has_begun(const struct http_conn *c)
{
	return c->in && http_parse_begun(&c->in->parse);
}

static void conn_on_handle_closed(uv_handle_t *handle)
{
	struct http_conn *c = handle->data;

	if (--c->open > 0)
		return;
	if (c->ops)
		c->ops->on_closed(c->arg);
	conn_free_in(c);
	http_reply_done(&c->reply);
	free(c->out);
	free(c);
}

void http_conn_close(struct http_conn *c)
{
	if (c->state == CONN_CLOSING)
		return;
	c->state = CONN_CLOSING;
	source_close(TAKE(c->reply.source));
	uv_close(&c->io.handle, conn_on_handle_closed);
	uv_close((uv_handle_t *)&c->timer, conn_on_handle_closed);
}

static void conn_answer_badly(struct http_conn *c, unsigned status, const char *detail)
{
	json_t *problem = problem_new(status, "%s", detail);
	char *text = problem ? json_dumps(problem, JSON_COMPACT) : NULL;
	struct http_reply reply = {.status = status,
	                           .type = PROBLEM_TYPE,
	                           .body = text,
	                           .body_len = text ? strlen(text) : 0};

	json_decref(problem);
	c->state = CONN_HANDLING;
	c->keep_alive = false;
	c->head_only = false;
	http_conn_reply(c, &reply);
}

static void conn_on_timer(uv_timer_t *timer)
{
	struct http_conn *c = CONTAINER_OF(timer, struct http_conn, timer);

	if (c->state == CONN_READING && conn_has_begun(c))
		conn_answer_badly(c, 408, "the request took too long to arrive");
	else
		http_conn_close(c);
}

/* From now on it is the client's turn, for at most ms. */
static void conn_expect_client(struct http_conn *c, uint64_t ms)
{
	c->since = uv_now(c->io.handle.loop);
	(void)uv_timer_start(&c->timer, conn_on_timer, ms, 0); /* fails for closing handles only */
}

static void conn_on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	struct http_conn *c = handle->data;

	(void)size;
	if (!c->in) {
		c->in = malloc(sizeof *c->in);
		if (!c->in)
			return; /* read as UV_ENOBUFS */
		c->in->len = 0;
		http_parse_init(&c->in->parse);
	}
	*buf = uv_buf_init(c->in->bytes + c->in->len, (unsigned)(IN_BYTES - c->in->len));
}

static void conn_stop_reading(struct http_conn *c)
{
	c->reading = false;
	(void)uv_read_stop(&c->io.stream);
}

/* A client that sends no more may still wait for a reply, but not for one without an end. */
static void conn_on_eof(struct http_conn *c)
{
	c->eof = true;
	conn_stop_reading(c);
	if (c->state == CONN_READING || ((c->state == CONN_WAITING || c->state == CONN_WRITING) &&
	                                 c->reply.source && c->reply.source_len < 0))
		http_conn_close(c);
}

static void conn_on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct http_conn *c = stream->data;

	(void)buf;
	if (n == UV_EOF) {
		conn_on_eof(c);
	} else if (n < 0) {
		http_conn_close(c);
	} else if (n > 0) {
		c->in->len += (size_t)n;
		if (c->in->len == IN_BYTES)
			conn_stop_reading(c);
		conn_feed(c);
	}
}

static void conn_keep_reading(struct http_conn *c)
{
	if (c->reading || c->eof || (c->in && c->in->len == IN_BYTES))
		return;
	c->reading = uv_read_start(&c->io.stream, conn_on_alloc, conn_on_read) == 0;
	if (!c->reading)
		http_conn_close(c);
}

static void conn_hand_over(struct http_conn *c)
{
	struct http_request request;

	http_parse_request(&c->in->parse, &request);
	c->state = CONN_HANDLING;
	c->keep_alive = request.keep_alive;
	c->head_only = strcmp(request.method, "HEAD") == 0;
	(void)uv_timer_stop(&c->timer);
	c->ops->on_request(c->arg, &request);
}

static void conn_parse(struct http_conn *c)
{
	struct conn_in *in = c->in;
	bool begun = http_parse_begun(&in->parse);
	size_t used = 0;
	enum http_parse_state s = http_parse_feed(&in->parse, in->bytes, in->len, &used);

	in->len -= used;
	memmove(in->bytes, in->bytes + used, in->len);
	if (s == HTTP_PARSE_BAD)
		conn_answer_badly(c, in->parse.status, in->parse.detail);
	else if (s == HTTP_PARSE_DONE)
		conn_hand_over(c);
	else if (!begun && http_parse_begun(&in->parse) && !c->first)
		conn_expect_client(c, c->limits.request_ms);
}

/* Replies may come from inside on_request(): the flag keeps pipelined requests off the stack. */
static void conn_feed(struct http_conn *c)
{
	if (c->feeding)
		return;
	c->feeding = true;
	while (c->state == CONN_READING && c->in && c->in->len > 0)
		conn_parse(c);
	c->feeding = false;
	if (c->in && c->in->len == 0 && !(c->state == CONN_READING && conn_has_begun(c)))
		conn_free_in(c);
	if (c->state == CONN_READING && c->eof)
		http_conn_close(c);
	if (c->state != CONN_CLOSING)
		conn_keep_reading(c);
}

static void conn_reply_ended(struct http_conn *c)
{
	http_reply_done(&c->reply);
	free(TAKE(c->out));
	if (!c->keep_alive || c->draining) {
		http_conn_close(c);
		return;
	}
	if (c->in) { /* the next request has come already */
		http_parse_done(&c->in->parse);
		http_parse_init(&c->in->parse);
	}
	c->state = CONN_READING;
	c->first = false;
	conn_expect_client(c, c->limits.idle_ms);
	conn_feed(c);
}

static void conn_on_written(uv_write_t *req, int status)
{
	struct http_conn *c = CONTAINER_OF(req, struct http_conn, write);

	if (c->state == CONN_CLOSING)
		return;
	(void)uv_timer_stop(&c->timer);
	if (status < 0)
		http_conn_close(c);
	else if (c->last_piece)
		conn_reply_ended(c);
	else
		conn_write_next(c);
}

static void conn_send(struct http_conn *c)
{
	uv_buf_t buf = uv_buf_init(c->out, (unsigned)c->out_len);

	c->state = CONN_WRITING;
	conn_expect_client(c, c->limits.write_ms);
	c->out_len = 0;
	if (uv_write(&c->write, &c->io.stream, &buf, 1, conn_on_written) < 0)
		http_conn_close(c);
}

static void conn_fill_from_body(struct http_conn *c)
{
	size_t room = c->out_size - c->out_len, left = c->reply.body_len - c->body_at;
	size_t n = left < room ? left : room;

	if (n)
		memcpy(c->out + c->out_len, c->reply.body + c->body_at, n);
	c->out_len += n;
	c->body_at += n;
	c->last_piece = c->body_at == c->reply.body_len;
}

/* A source that breaks leaves the promised length unkept: closing is how the client learns. */
static int conn_fill_from_source(struct http_conn *c)
{
	enum source_state s = SOURCE_MORE;

	while (s == SOURCE_MORE && c->out_len < c->out_size) {
		size_t n = 0;

		s = c->reply.source->read(c->reply.source, c->out + c->out_len,
		                          c->out_size - c->out_len, &n);
		c->out_len += n;
	}
	c->last_piece = s == SOURCE_END;
	return s == SOURCE_BROKEN ? -EIO : 0;
}

/* No larger than what will be in it. */
static int conn_make_out(struct http_conn *c)
{
	const struct http_reply *r = &c->reply;
	size_t size = !r->source          ? HEAD_BYTES + r->body_len
	              : r->source_len < 0 ? STREAM_BYTES
	                                  : HTTP_CONN_PIECE;

	if (c->out)
		return 0;
	c->out_len = 0;
	c->out_size = size < HTTP_CONN_PIECE ? size : HTTP_CONN_PIECE;
	c->out = malloc(c->out_size);
	return c->out ? 0 : -ENOMEM;
}

static void conn_write_next(struct http_conn *c)
{
	if (conn_make_out(c) < 0) {
		http_conn_close(c);
		return;
	}
	if (c->head_only) {
		c->last_piece = true;
	} else if (!c->reply.source) {
		conn_fill_from_body(c);
	} else if (conn_fill_from_source(c) < 0) {
		http_conn_close(c);
		return;
	}
	if (c->out_len > 0) {
		conn_send(c);
	} else if (c->last_piece) {
		conn_reply_ended(c);
	} else {
		free(TAKE(c->out));
		c->state = CONN_WAITING;
	}
}

static void conn_on_wake(void *arg)
{
	struct http_conn *c = arg;

	if (c->state == CONN_WAITING)
		conn_write_next(c);
}

/* Appends to the head; what our own bounds let in fits. */
PRINTF_LIKE(2, 3) static void conn_print(struct http_conn *c, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(c->out + c->out_len, HEAD_BYTES - c->out_len, fmt, ap);
	va_end(ap);
	assert(n >= 0 && (size_t)n < HEAD_BYTES - c->out_len);
	c->out_len += (size_t)n;
}

static void conn_head_validators(struct http_conn *c, const struct http_reply *r)
{
	char date[HTTP_DATE_BYTES] = "";

	if (r->modified_s)
		http_date(date, r->modified_s);
	if (r->etag[0])
		conn_print(c, "ETag: %s\r\n", r->etag);
	if (date[0])
		conn_print(c, "Last-Modified: %s\r\n", date);
	conn_print(c, "Cache-Control: %s\r\n", r->etag[0] ? "private, no-cache" : "no-store");
}

static void conn_head(struct http_conn *c, const struct http_reply *r)
{
	bool has_length = !r->source || r->source_len >= 0;

	c->out_len = 0;
	if (!has_length || c->draining)
		c->keep_alive = false;
	conn_print(c, "HTTP/1.1 %u %s\r\n", r->status, problem_title(r->status));
	if (r->status != 304)
		conn_print(c, "Content-Type: %s\r\n", r->type);
	if (has_length && r->status != 304)
		conn_print(c, "Content-Length: %" PRIu64 "\r\n",
		           r->source ? (uint64_t)r->source_len : (uint64_t)r->body_len);
	if (r->location[0])
		conn_print(c, "Location: %s\r\n", r->location);
	if (r->allow[0])
		conn_print(c, "Allow: %s\r\n", r->allow);
	if (r->retry_after_s)
		conn_print(c, "Retry-After: %u\r\n", r->retry_after_s);
	conn_head_validators(c, r);
	conn_print(c,
	           "X-Content-Type-Options: nosniff\r\n"
	           "Content-Security-Policy: frame-ancestors 'none'; base-uri 'none'; "
	           "form-action 'none'\r\nCross-Origin-Resource-Policy: same-origin\r\n"
	           "Referrer-Policy: no-referrer\r\n"
	           "Connection: %s\r\n\r\n",
	           c->keep_alive ? "keep-alive" : "close");
}

void http_conn_reply(struct http_conn *c, struct http_reply *reply)
{
	if (c->state == CONN_CLOSING) {
		http_reply_done(reply);
		return;
	}
	assert(c->state == CONN_HANDLING);
	c->reply = *reply;
	*reply = (struct http_reply){0};
	c->body_at = 0;
	if (c->reply.source) {
		c->reply.source->wake = conn_on_wake;
		c->reply.source->wake_arg = c;
		if (c->eof && c->reply.source_len < 0) { /* nobody there to follow it */
			http_conn_close(c);
			return;
		}
	}
	if (conn_make_out(c) < 0) {
		http_conn_close(c);
		return;
	}
	conn_head(c, &c->reply);
	conn_write_next(c);
}

/* Of the same type as the socket that it is accepted from. */
static int conn_init(struct http_conn *c, const uv_stream_t *server, struct error *err)
{
	int r = uv_timer_init(server->loop, &c->timer);

	if (r == 0)
		r = server->type == UV_TCP ? uv_tcp_init(server->loop, &c->io.tcp)
		                           : uv_pipe_init(server->loop, &c->io.pipe, 0);
	if (r < 0) /* neither fails in libuv 1.44; a started timer handle would have to be closed */
		return error_set(err, r, "cannot make a connection: %s", uv_strerror(r));
	c->timer.data = c->io.handle.data = c;
	c->open = 2;
	return 0;
}

int http_conn_accept(struct http_conn **ret, uv_stream_t *server,
                     const struct http_conn_limits *limits, const struct http_conn_ops *ops,
                     void *arg, struct error *err)
{
	struct http_conn *c = calloc(1, sizeof *c);
	int r;

	if (!c)
		return error_set(err, -ENOMEM, "no memory for a connection");
	r = conn_init(c, server, err);
	if (r < 0) {
		free(c);
		return r;
	}
	c->limits = *limits;
	c->first = true;
	r = uv_accept(server, &c->io.stream);
	if (r < 0) {
		http_conn_close(c); /* ops is not set yet: nobody hears of it */
		return error_set(err, r, "cannot accept: %s", uv_strerror(r));
	}
	c->ops = ops;
	c->arg = arg;
	conn_expect_client(c, limits->request_ms);
	conn_keep_reading(c);
	*ret = c;
	return 0;
}

int http_conn_fd(const struct http_conn *c)
{
	uv_os_fd_t fd;

	return uv_fileno(&c->io.handle, &fd) < 0 ? -1 : fd;
}

uint64_t http_conn_waiting_ms(const struct http_conn *c)
{
	if (c->state != CONN_READING && c->state != CONN_WRITING)
		return 0;
	return uv_now(c->io.handle.loop) - c->since;
}

void http_conn_drain(struct http_conn *c)
{
	c->draining = true;
	if (c->state == CONN_READING)
		http_conn_close(c);
}
