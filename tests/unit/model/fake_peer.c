/* SPDX-License-Identifier: MIT */
#include "tests/unit/model/fake_peer.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REQUEST_MAX (1U << 20)

struct fake_conn {
	struct fake_peer *peer;
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_pipe_t pipe;
		uv_tcp_t tcp;
	} io;
	uv_timer_t timer;
	unsigned open;
	const struct fake_step *step; /* NULL: no script is playing */
	size_t at;                    /* FAKE_BYTEWISE */
	bool counted;                 /* in peer->busy */
	size_t len;
	char in[REQUEST_MAX];
};

static void conn_on_closed(uv_handle_t *handle)
{
	struct fake_conn *c = handle->data;

	if (--c->open == 0)
		free(c);
}

static void conn_idle(struct fake_conn *c)
{
	c->step = NULL;
	if (c->counted)
		c->peer->busy--;
	c->counted = false;
}

static void conn_close(struct fake_conn *c, bool reset)
{
	if (uv_is_closing(&c->io.handle))
		return;
	conn_idle(c);
	if (reset && c->peer->is_tcp)
		(void)uv_tcp_close_reset(&c->io.tcp, conn_on_closed);
	else
		uv_close(&c->io.handle, conn_on_closed);
	uv_close((uv_handle_t *)&c->timer, conn_on_closed);
}

static void play(uv_timer_t *timer);

static void conn_next(struct fake_conn *c, const struct fake_step *step)
{
	c->step = step;
	c->at = 0;
	if (step->act == FAKE_END)
		conn_idle(c);
	else
		(void)uv_timer_start(&c->timer, play, step->after_ms, 0);
}

static void conn_on_written(uv_write_t *req, int status)
{
	struct fake_conn *c = req->data;
	const struct fake_step *s = c->step;

	free(req);
	if (status < 0 || uv_is_closing(&c->io.handle))
		return; /* the reader sees that the client has gone */
	if (s->act == FAKE_BYTEWISE && s->bytes[c->at])
		(void)uv_timer_start(&c->timer, play, 0, 0);
	else
		conn_next(c, s + 1);
}

static void conn_say(struct fake_conn *c, const char *bytes, size_t len)
{
	uv_buf_t buf = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)len);
	uv_write_t *req = malloc(sizeof *req);

	cr_assert(req);
	req->data = c;
	cr_assert_eq(uv_write(req, &c->io.stream, &buf, 1, conn_on_written), 0);
}

static void play(uv_timer_t *timer)
{
	struct fake_conn *c = timer->data;
	const struct fake_step *s = c->step;

	switch (s->act) {
	case FAKE_SAY:
		conn_say(c, s->bytes, strlen(s->bytes));
		break;
	case FAKE_BYTEWISE:
		conn_say(c, s->bytes + c->at++, 1);
		break;
	case FAKE_HANG_UP:
	case FAKE_RESET:
		conn_close(c, s->act == FAKE_RESET);
		break;
	case FAKE_END:
		break;
	}
}

static void remember_order(struct fake_peer *p)
{
	static const char user[] = "\"role\":\"user\",\"content\":\"";
	const char *at = strstr(p->body, user);
	size_t n = strlen(p->order);

	if (at && n + 1 < sizeof p->order)
		p->order[n] = at[sizeof user - 1];
}

static const struct fake_step *script_for_post(struct fake_conn *c, const char *body)
{
	struct fake_peer *p = c->peer;
	size_t i = p->posts < p->n_scripts ? p->posts : p->n_scripts - 1;

	(void)snprintf(p->head, sizeof p->head, "%.*s", (int)(body - c->in), c->in);
	(void)snprintf(p->body, sizeof p->body, "%s", body);
	remember_order(p);
	p->posts++;
	if (++p->busy > p->busiest)
		p->busiest = p->busy;
	c->counted = true;
	return p->scripts[i];
}

static const struct fake_step *script_for_get(struct fake_peer *p, const char *path)
{
	ANSWER(not_found, SAY(REFUSE("404 Not Found", "404 page not found")), HANG_UP);

	for (size_t i = 0; i < sizeof p->gets / sizeof p->gets[0]; i++) {
		if (p->gets[i].path && strcmp(p->gets[i].path, path) == 0)
			return p->gets[i].script;
	}
	return not_found;
}

static void conn_on_request(struct fake_conn *c, const char *body)
{
	struct fake_peer *p = c->peer;
	char path[32] = "";

	cr_assert(p->n_paths < FAKE_PATHS);
	(void)sscanf(c->in, "%*s %31s", path);
	(void)snprintf(p->paths[p->n_paths++], sizeof p->paths[0], "%s", path);
	c->len = 0;
	if (p->at_request)
		p->at_request(p->arg, path);
	conn_next(c, strncmp(c->in, "GET", 3) == 0 ? script_for_get(p, path)
	                                           : script_for_post(c, body));
}

static void conn_on_alloc(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	struct fake_conn *c = handle->data;

	(void)hint;
	*buf = uv_buf_init(c->in + c->len, (unsigned)(sizeof c->in - 1 - c->len));
}

static void conn_on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct fake_conn *c = stream->data;
	const char *end, *length;

	(void)buf;
	if (n < 0) {
		c->peer->hung_up += c->step != NULL;
		conn_close(c, false);
		return;
	}
	c->len += (size_t)n;
	c->in[c->len] = '\0';
	end = strstr(c->in, "\r\n\r\n");
	if (!end)
		return;
	length = strcasestr(c->in, "content-length:");
	end += 4;
	if (!length || length > end ||
	    c->len >= (size_t)(end - c->in) + strtoul(length + 15, NULL, 10))
		conn_on_request(c, end);
}

static void peer_on_connection(uv_stream_t *listener, int status)
{
	struct fake_peer *p = listener->data;
	struct fake_conn *c = calloc(1, sizeof *c);

	cr_assert(status == 0 && c);
	p->connections++;
	c->peer = p;
	c->open = 2;
	if (p->is_tcp)
		(void)uv_tcp_init(listener->loop, &c->io.tcp);
	else
		(void)uv_pipe_init(listener->loop, &c->io.pipe, 0);
	(void)uv_timer_init(listener->loop, &c->timer);
	c->io.handle.data = c;
	c->timer.data = c;
	cr_assert_eq(uv_accept(listener, &c->io.stream), 0);
	if (p->is_tcp)
		(void)uv_tcp_nodelay(&c->io.tcp, 1);
	cr_assert_eq(uv_read_start(&c->io.stream, conn_on_alloc, conn_on_read), 0);
}

static void bind_tcp(struct fake_peer *p, uv_loop_t *loop)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	int len = sizeof at;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)uv_tcp_init(loop, &p->listener.tcp);
	cr_assert_eq(uv_tcp_bind(&p->listener.tcp, (const struct sockaddr *)&at, 0), 0);
	cr_assert_eq(uv_tcp_getsockname(&p->listener.tcp, (struct sockaddr *)&at, &len), 0);
	(void)snprintf(p->url, sizeof p->url, "http://127.0.0.1:%u", ntohs(at.sin_port));
}

void fake_peer_start(struct fake_peer *p, uv_loop_t *loop, const char *socket_path)
{
	p->is_tcp = !socket_path;
	if (p->is_tcp) {
		bind_tcp(p, loop);
	} else {
		(void)unlink(socket_path);
		(void)uv_pipe_init(loop, &p->listener.pipe, 0);
		cr_assert_eq(uv_pipe_bind(&p->listener.pipe, socket_path), 0);
		(void)snprintf(p->url, sizeof p->url, "unix:%s", socket_path);
	}
	p->listener.handle.data = p;
	cr_assert_eq(uv_listen(&p->listener.stream, 16, peer_on_connection), 0);
}

void fake_peer_stop(struct fake_peer *p)
{
	if (!uv_is_closing(&p->listener.handle))
		uv_close(&p->listener.handle, NULL);
}
