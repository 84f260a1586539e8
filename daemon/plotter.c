/* SPDX-License-Identifier: MIT */
#include "daemon/plotter.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "lib/base/buf.h"

#define AT_ONCE_MAX 8
#define READ_BYTES  (16 << 10)
#define PATH_BYTES  4096

static const char not_there[] = "none, as gnuplot is not installed";
static const char not_startable[] = "some are missing, as gnuplot could not be started";
static const char too_slow[] = "some are missing, as gnuplot took too long";
static const char too_large[] = "some are missing, as gnuplot wrote too much";
static const char broken[] = "some are missing, as gnuplot failed";

/* One process. It is free again when all of its handles are closed. */
struct drawing {
	struct plotter *plotter;
	struct plotter_picture *picture; /* NULL: free */
	uv_process_t process;
	uv_pipe_t in, out;
	uv_timer_t timer;
	uv_write_t write;
	struct buf svg;
	unsigned open; /* handles */
	bool running, eof, closing, failed;
	char room[READ_BYTES];
};

struct plotter {
	uv_loop_t *loop;
	struct plotter_picture *pictures;
	size_t n, next;
	struct plotter_limits limits;
	plotter_done_fn *done;
	void *arg;
	const char *why;
	bool stopped, ending;
	uv_timer_t begin; /* starts and ends it, never from inside our functions */
	struct drawing drawings[AT_ONCE_MAX];
};

static void plotter_go_on(struct plotter *p);

/* --- one drawing ------------------------------------------------------------------------- */

static void drawing_on_closed(uv_handle_t *handle)
{
	struct drawing *d = handle->data;

	if (--d->open > 0)
		return;
	if (!d->failed && d->svg.len) {
		d->picture->svg_len = d->svg.len;
		d->picture->svg = TAKE(d->svg.data);
	}
	buf_done(&d->svg);
	d->picture = NULL;
	plotter_go_on(d->plotter);
}

static void drawing_close(struct drawing *d)
{
	uv_handle_t *const handles[] = {(uv_handle_t *)&d->process, (uv_handle_t *)&d->in,
	                                (uv_handle_t *)&d->out, (uv_handle_t *)&d->timer};

	if (d->closing)
		return;
	d->closing = true;
	for (size_t i = 0; i < ARRAY_LEN(handles); i++)
		if (!uv_is_closing(handles[i]))
			uv_close(handles[i], drawing_on_closed);
}

/* Also what it has started: it leads a group of its own. The pipes are closed once it is gone. */
static void drawing_kill(struct drawing *d, const char *why)
{
	d->failed = true;
	if (why) {
		d->plotter->why = d->plotter->why ? d->plotter->why : why;
		d->plotter->stopped = true;
	}
	if (d->running)
		(void)kill(-d->process.pid, SIGKILL);
	else
		drawing_close(d);
}

static void drawing_on_exit(uv_process_t *process, int64_t status, int term_signal)
{
	struct drawing *d = process->data;

	d->running = false;
	if ((status || term_signal) && !d->failed) {
		d->failed = true;
		d->plotter->why = broken;
	}
	if (d->failed || d->eof)
		drawing_close(d);
}

static void drawing_on_time(uv_timer_t *timer)
{
	drawing_kill(timer->data, too_slow);
}

static void drawing_on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
	struct drawing *d = handle->data;

	(void)suggested;
	*ret = uv_buf_init(d->room, sizeof d->room);
}

static void drawing_on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *room)
{
	struct drawing *d = stream->data;

	if (n > 0) {
		buf_add(&d->svg, room->base, (size_t)n);
		if (d->svg.failed && !d->failed)
			drawing_kill(d, too_large);
	} else if (n < 0) {
		(void)uv_read_stop(stream);
		d->eof = true;
		if (!d->running)
			drawing_close(d);
	}
}

/* Whether the script arrived is told by the picture. */
static void drawing_on_written(uv_write_t *write, int status)
{
	struct drawing *d = write->data;

	(void)status;
	if (!uv_is_closing((uv_handle_t *)&d->in))
		uv_close((uv_handle_t *)&d->in, drawing_on_closed);
}

static void drawing_init(struct drawing *d, struct plotter *p, struct plotter_picture *picture)
{
	*d = (struct drawing){.plotter = p, .picture = picture, .open = 4};
	d->svg = (struct buf)BUF_INIT(p->limits.bytes);
	(void)uv_pipe_init(p->loop, &d->in, 0);
	(void)uv_pipe_init(p->loop, &d->out, 0);
	(void)uv_timer_init(p->loop, &d->timer);
	d->process.data = d->in.data = d->out.data = d->timer.data = d->write.data = d;
}

static int drawing_spawn(struct drawing *d)
{
	static char name[] = "gnuplot", plain[] = "-d"; /* nobody's own settings */
	static char locale[] = "LC_ALL=C.UTF-8", zone[] = "TZ=UTC";
	const char *where = getenv("PATH");
	char path[PATH_BYTES];
	char *args[] = {name, plain, NULL};
	char *env[] = {path, locale, zone, NULL};
	uv_stdio_container_t stdio[] = {
		{.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&d->in},
		{.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&d->out},
		{.flags = UV_IGNORE}};
	const uv_process_options_t options = {.exit_cb = drawing_on_exit,
	                                      .file = name,
	                                      .args = args,
	                                      .env = env,
	                                      .cwd = "/",
	                                      .flags = UV_PROCESS_DETACHED,
	                                      .stdio = stdio,
	                                      .stdio_count = 3};

	if (snprintf(path, sizeof path, "PATH=%s", where ? where : "/usr/bin:/bin") >=
	    (int)sizeof path)
		return -ENAMETOOLONG;
	return uv_spawn(d->plotter->loop, &d->process, &options);
}

static void drawing_start(struct drawing *d)
{
	struct plotter *p = d->plotter;
	uv_buf_t script = uv_buf_init((char *)(uintptr_t)d->picture->script,
	                              (unsigned)d->picture->script_len);
	int r = drawing_spawn(d);

	if (r < 0) {
		drawing_kill(d, r == UV_ENOENT ? not_there : not_startable);
		return;
	}
	d->running = true;
	if (uv_timer_start(&d->timer, drawing_on_time, p->limits.time_ms, 0) < 0 ||
	    uv_read_start((uv_stream_t *)&d->out, drawing_on_room, drawing_on_read) < 0 ||
	    uv_write(&d->write, (uv_stream_t *)&d->in, &script, 1, drawing_on_written) < 0)
		drawing_kill(d, not_startable);
}

/* --- all of them ------------------------------------------------------------------------- */

static void plotter_on_closed(uv_handle_t *handle)
{
	struct plotter *p = handle->data;

	p->done(p->arg, p->why);
	free(p);
}

static void plotter_go_on(struct plotter *p)
{
	bool busy = false;

	for (size_t i = 0; i < p->limits.at_once; i++) {
		struct drawing *d = &p->drawings[i];

		if (!d->picture && p->next < p->n && !p->stopped) {
			drawing_init(d, p, &p->pictures[p->next++]);
			drawing_start(d);
		}
		busy |= d->picture != NULL;
	}
	if (busy || p->ending)
		return;
	p->ending = true;
	uv_close((uv_handle_t *)&p->begin, plotter_on_closed);
}

static void plotter_on_begin(uv_timer_t *timer)
{
	plotter_go_on(timer->data);
}

int plotter_start(struct plotter **ret, uv_loop_t *loop, struct plotter_picture *pictures, size_t n,
                  const struct plotter_limits *limits, plotter_done_fn *done, void *arg,
                  struct error *err)
{
	struct plotter *p = calloc(1, sizeof *p);

	if (!p)
		return error_set(err, -ENOMEM, "no memory for the plots");
	p->loop = loop;
	p->pictures = pictures;
	p->n = n;
	p->limits = *limits;
	p->limits.time_ms = limits->time_ms ? limits->time_ms : PLOTTER_TIME_MS;
	if (p->limits.at_once > AT_ONCE_MAX)
		p->limits.at_once = AT_ONCE_MAX;
	if (!p->limits.at_once)
		p->limits.at_once = 1;
	p->done = done;
	p->arg = arg;
	(void)uv_timer_init(loop, &p->begin);
	p->begin.data = p;
	(void)uv_timer_start(&p->begin, plotter_on_begin, 0, 0);
	*ret = p;
	return 0;
}

void plotter_cancel(struct plotter *p)
{
	p->stopped = true;
	for (size_t i = 0; i < p->limits.at_once; i++)
		if (p->drawings[i].picture && !p->drawings[i].closing)
			drawing_kill(&p->drawings[i], NULL);
}
