/* SPDX-License-Identifier: MIT */
#include "tests/unit/daemon/talk.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define ALARM_MS 10000

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	struct talk *t = CONTAINER_OF(handle, struct talk, pipe);

	(void)size;
	*buf = uv_buf_init(t->room, sizeof t->room);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct talk *t = CONTAINER_OF(stream, struct talk, pipe);

	if (n > 0)
		buf_add(&t->got, buf->base, (size_t)n);
	if (n < 0)
		t->ended = true;
}

static void on_connect(uv_connect_t *req, int status)
{
	struct talk *t = CONTAINER_OF(req, struct talk, connecting);

	t->connected = status == 0;
	t->ended = status < 0;
	if (status == 0 && !t->deaf)
		cr_assert_eq(uv_read_start((uv_stream_t *)&t->pipe, on_alloc, on_read), 0);
}

static void on_alarm(uv_timer_t *timer)
{
	CONTAINER_OF(timer, struct talk, alarm)->late = true;
}

void talk_open(struct talk *t, uv_loop_t *loop, const char *path)
{
	bool deaf = t->deaf;

	*t = (struct talk){.loop = loop, .path = path, .deaf = deaf, .got = BUF_INIT(16 << 20)};
	cr_assert_eq(uv_pipe_init(loop, &t->pipe, 0), 0);
	cr_assert_eq(uv_timer_init(loop, &t->alarm), 0);
	uv_update_time(loop);
	cr_assert_eq(uv_timer_start(&t->alarm, on_alarm, ALARM_MS, 0), 0);
	uv_pipe_connect(&t->connecting, &t->pipe, path, on_connect);
	while (!t->connected && !t->ended && !t->late)
		(void)uv_run(loop, UV_RUN_ONCE);
	cr_assert(t->connected, "cannot connect to %s", path);
}

static void on_written(uv_write_t *req, int status)
{
	(void)status;
	free(req->data);
	free(req);
}

void talk_send(struct talk *t, const char *bytes)
{
	uv_write_t *req = malloc(sizeof *req);
	char *copy = strdup(bytes);
	uv_buf_t buf = uv_buf_init(copy, (unsigned)strlen(copy));

	req->data = copy;
	cr_assert_eq(uv_write(req, (uv_stream_t *)&t->pipe, &buf, 1, on_written), 0);
}

bool talk_until(struct talk *t, const char *text)
{
	while (!strstr(buf_text(&t->got), text) && !t->ended && !t->late)
		(void)uv_run(t->loop, UV_RUN_ONCE);
	cr_assert(!t->late, "\"%s\" never came, but: %s", text, buf_text(&t->got));
	return strstr(buf_text(&t->got), text) != NULL;
}

const char *talk_end(struct talk *t)
{
	while (!t->ended && !t->late)
		(void)uv_run(t->loop, UV_RUN_ONCE);
	cr_assert(!t->late, "the end never came, but: %s", buf_text(&t->got));
	return buf_text(&t->got);
}

static void on_closed(uv_handle_t *handle)
{
	if (handle->data)
		*(bool *)handle->data = true;
}

void talk_close(struct talk *t)
{
	bool closed = false;

	t->alarm.data = &closed;
	uv_close((uv_handle_t *)&t->pipe, NULL);
	uv_close((uv_handle_t *)&t->alarm, on_closed);
	talk_run_until(t->loop, &closed);
	buf_done(&t->got);
}

unsigned talk_once(uv_loop_t *loop, const char *path, const char *method, const char *target,
                   const char *headers, const char *body, char **ret)
{
	struct buf request = BUF_INIT(4 << 20);
	struct talk t = {0};
	const char *text, *end;
	unsigned status = 0;

	buf_printf(&request, "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s", method, target,
	           headers ? headers : "");
	if (body)
		buf_printf(&request, "Content-Length: %zu\r\n", strlen(body));
	buf_puts(&request, "\r\n");
	buf_puts(&request, body ? body : "");
	talk_open(&t, loop, path);
	talk_send(&t, buf_text(&request));
	text = talk_end(&t);
	cr_assert_eq(sscanf(text, "HTTP/1.1 %u ", &status), 1, "no reply: %s", text);
	end = strstr(text, "\r\n\r\n");
	cr_assert(end);
	if (ret)
		*ret = strdup(end + 4);
	talk_close(&t);
	buf_done(&request);
	return status;
}

static void on_late(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

void talk_run_until(uv_loop_t *loop, const bool *flag)
{
	bool late = false, closed = false;
	uv_timer_t alarm;

	(void)uv_timer_init(loop, &alarm);
	alarm.data = &late;
	uv_update_time(loop);
	(void)uv_timer_start(&alarm, on_late, ALARM_MS, 0);
	while (!*flag && !late)
		(void)uv_run(loop, UV_RUN_ONCE);
	cr_assert(!late, "what the test waits for never came");
	alarm.data = &closed;
	uv_close((uv_handle_t *)&alarm, on_closed);
	while (!closed)
		(void)uv_run(loop, UV_RUN_ONCE);
}
