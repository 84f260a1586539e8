/* SPDX-License-Identifier: MIT */
/* One connection: requests one after the other, and the steps of each reply. */
#include <errno.h>

#include "tests/server/server.h"

#define REQUEST_MAX (16U << 20)
#define HEAD_MAX    1024
#define READ_BYTES  65536

/* --- the end --------------------------------------------------------------- */

static void conn_on_closed(uv_handle_t *handle)
{
	struct conn *c = handle->data;

	if (--c->open > 0)
		return;
	buf_done(&c->in);
	buf_done(&c->head);
	free(c);
}

static void reply_over(struct conn *c, const char *how)
{
	if (!c->reply)
		return;
	speech_stop(c);
	journal_end(c, how);
	reply_free(TAKE(c->reply));
	(void)uv_timer_stop(&c->timer);
}

static bool leave(struct conn *c, const char *how)
{
	if (c->closing)
		return false;
	c->closing = true;
	reply_over(c, how);
	TAILQ_REMOVE(&c->server->conns, c, link);
	uv_close((uv_handle_t *)&c->timer, conn_on_closed);
	return true;
}

void conn_close(struct conn *c, const char *how)
{
	if (leave(c, how))
		uv_close((uv_handle_t *)&c->tcp, conn_on_closed);
}

static void conn_reset(struct conn *c)
{
	if (leave(c, "reset"))
		(void)uv_tcp_close_reset(&c->tcp, conn_on_closed);
}

/* --- writing --------------------------------------------------------------- */

struct rest {
	uv_write_t req;
	char bytes[];
};

static void conn_on_written(uv_write_t *req, int status)
{
	struct conn *c = req->handle->data;

	free(CONTAINER_OF(req, struct rest, req));
	if (status < 0 || c->closing || uv_stream_get_write_queue_size((uv_stream_t *)&c->tcp))
		return; /* the reader sees that the client has gone */
	if (c->draining) {
		c->draining = false;
		conn_next(c);
	}
}

static void conn_write(struct conn *c, const char *bytes, size_t len)
{
	uv_buf_t buf = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)len);
	int n = uv_try_write((uv_stream_t *)&c->tcp, &buf, 1);
	size_t done = n > 0 ? (size_t)n : 0;
	struct rest *rest;

	if (done == len || (n < 0 && n != UV_EAGAIN))
		return;
	rest = malloc(sizeof *rest + len - done);
	if (!rest)
		return;
	memcpy(rest->bytes, bytes + done, len - done);
	buf = uv_buf_init(rest->bytes, (unsigned)(len - done));
	if (uv_write(&rest->req, (uv_stream_t *)&c->tcp, &buf, 1, conn_on_written) < 0)
		free(rest);
}

void conn_say(struct conn *c, const char *bytes, size_t len)
{
	bool chunked = reply_is_chunked(c->reply) && len;
	CLEANUP(buf_done) struct buf out = BUF_INIT(c->head.len + len + 64);

	buf_add(&out, buf_text(&c->head), c->head.len);
	buf_done(&c->head);
	if (chunked)
		buf_printf(&out, "%zx\r\n", len);
	buf_add(&out, bytes, len);
	buf_puts(&out, chunked ? "\r\n" : "");
	c->sent += len;
	conn_write(c, buf_text(&out), out.len);
}

/* --- steps ----------------------------------------------------------------- */

static void conn_on_timer(uv_timer_t *timer)
{
	conn_next(timer->data);
}

static void wait_for(struct conn *c, uint64_t ms)
{
	(void)uv_timer_start(&c->timer, conn_on_timer, ms, 0);
}

/* A piece a turn of the loop; false: that was the last one. */
static bool say_piece(struct conn *c, const struct buf *b)
{
	size_t left = b->len - c->piece_at;
	size_t n = left < c->reply->piece ? left : c->reply->piece;

	conn_say(c, b->data + c->piece_at, n);
	c->piece_at += n;
	if (c->piece_at < b->len)
		return true;
	c->piece_at = 0;
	return false;
}

static bool is_drained(struct conn *c)
{
	c->draining = uv_stream_get_write_queue_size((uv_stream_t *)&c->tcp) > 0;
	return !c->draining;
}

static void conn_on_input(struct conn *c);

static void finish(struct conn *c)
{
	if (c->head.len)
		conn_say(c, "", 0);
	if (reply_is_chunked(c->reply))
		conn_write(c, "0\r\n\r\n", 5);
	if (c->reply->close) {
		conn_close(c, "answered");
		return;
	}
	reply_over(c, "answered");
	conn_on_input(c);
}

/* True: go on with the next one at once. */
static bool conn_do(struct conn *c, const struct step *s)
{
	switch (s->kind) {
	case STEP_BYTES:
		if (c->reply->piece && s->bytes.len) {
			if (say_piece(c, &s->bytes))
				c->at--;
			wait_for(c, 0);
			return false;
		}
		conn_say(c, buf_text(&s->bytes), s->bytes.len);
		return true;
	case STEP_WAIT:
		wait_for(c, s->ms);
		return false;
	case STEP_SPEAK:
		speech_start(c);
		return false;
	case STEP_HOLD:
		return c->server->released;
	case STEP_STALL:
		return false;
	case STEP_HANG_UP:
		conn_close(c, "hung_up");
		return false;
	case STEP_RESET:
		conn_reset(c);
		return false;
	case STEP_END:
		finish(c);
		return false;
	}
	return false;
}

static bool ends(const struct step *s)
{
	return s->kind == STEP_HANG_UP || s->kind == STEP_RESET || s->kind == STEP_END;
}

void conn_next(struct conn *c)
{
	const struct step *s;

	do {
		s = &c->reply->steps[c->at];
		if (ends(s) && !is_drained(c))
			return;
		c->at++;
	} while (conn_do(c, s));
}

void conn_release(struct conn *c)
{
	if (c->reply && c->at && c->reply->steps[c->at - 1].kind == STEP_HOLD)
		conn_next(c);
}

/* --- requests -------------------------------------------------------------- */

/* Bytes of the first request in c->in, head included; 0: not all of it is there. */
static size_t request_length(const struct conn *c, size_t *ret_body)
{
	const char *text = buf_text(&c->in), *end = strstr(text, "\r\n\r\n");
	const char *length = strcasestr(text, "\r\ncontent-length:");
	size_t body = 0;

	if (!end)
		return 0;
	*ret_body = (size_t)(end - text) + 4;
	if (length && length < end)
		body = strtoul(length + strlen("\r\ncontent-length:"), NULL, 10);
	return c->in.len - *ret_body < body ? 0 : *ret_body + body;
}

static void drop_input(struct conn *c, size_t n)
{
	c->in.len -= n;
	memmove(c->in.data, c->in.data + n, c->in.len + 1);
	if (c->in.len == 0)
		buf_done(&c->in); /* a thousand idle connections hold nothing */
}

static void begin_reply(struct conn *c, const struct request *req)
{
	c->n = ++c->server->n_requests;
	c->at = c->piece_at = 0;
	c->sent = c->told = 0;
	journal_request(c, req);
	c->reply = reply_new(c->server, req);
	if (!c->reply) {
		(void)fprintf(stderr, "scripted_server: no reply to %s\n", req->path);
		conn_close(c, "no_reply");
		return;
	}
	reply_head(&c->head, c->reply);
}

static void conn_on_input(struct conn *c)
{
	size_t body = 0, len = c->reply || c->closing ? 0 : request_length(c, &body);
	struct request req = {.len = len - body};

	if (!len)
		return;
	(void)sscanf(c->in.data, "%7s %63s", req.method, req.path);
	req.body = c->in.data + body;
	req.json = json_loadb(req.body, req.len, 0, NULL);
	c->request_len = req.len;
	begin_reply(c, &req);
	json_decref(req.json);
	if (c->closing)
		return;
	drop_input(c, len);
	conn_next(c);
}

static void conn_on_alloc(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	static char room[READ_BYTES]; /* one loop, and read at once */

	(void)handle;
	(void)hint;
	*buf = uv_buf_init(room, sizeof room);
}

static void conn_on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct conn *c = stream->data;

	if (n > 0)
		buf_add(&c->in, buf->base, (size_t)n);
	if (n < 0 || c->in.failed)
		conn_close(c, "client_closed");
	else
		conn_on_input(c);
}

int conn_accept(struct server *s)
{
	struct conn *c = calloc(1, sizeof *c);
	int r;

	if (!c)
		return -ENOMEM;
	c->server = s;
	c->id = ++s->n_conns;
	c->open = 2;
	c->in.max = REQUEST_MAX;
	c->head.max = HEAD_MAX;
	(void)uv_tcp_init(&s->loop, &c->tcp);
	(void)uv_timer_init(&s->loop, &c->timer);
	c->tcp.data = c->timer.data = c;
	TAILQ_INSERT_TAIL(&s->conns, c, link);
	r = uv_accept((uv_stream_t *)&s->listener, (uv_stream_t *)&c->tcp);
	r = r ? r : uv_tcp_nodelay(&c->tcp, 1);
	r = r ? r : uv_read_start((uv_stream_t *)&c->tcp, conn_on_alloc, conn_on_read);
	if (r < 0)
		conn_close(c, "");
	return r;
}
