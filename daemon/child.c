/* SPDX-License-Identifier: MIT */
#include "daemon/child.h"

#include <errno.h>
#include <signal.h>

#define HANDLES    4
#define READ_BYTES ((size_t)16 << 10)

enum child_state { CHILD_RUNNING, CHILD_TERMINATING, CHILD_KILLING, CHILD_CLOSING };
enum child_event { CHILD_EV_EXIT, CHILD_EV_TIMER, CHILD_EV_CANCEL, CHILD_EV_FLOOD };

struct child {
	enum child_state state;
	int status;
	unsigned open; /* handles whose close callback has not run */
	uint64_t grace_ms;
	uv_process_t proc;
	uv_timer_t timer;
	uv_pipe_t in, out;
	uv_write_t write;
	char *input;
	char room[READ_BYTES];
	struct buf output;
	bool flood_ends;
	child_done_fn *done; /* NULL: the start failed, only free */
	void *arg;
};

static void child_step(struct child *c, enum child_event ev);
static void child_on_closed(uv_handle_t *handle);

/* The stdin is closed when all is written, or else with all the others. */
static void child_close_handle(void *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, child_on_closed);
}

/* --- what it reads and writes --------------------------------------------------------- */

static void child_on_written(uv_write_t *write, int status)
{
	struct child *c = CONTAINER_OF(write, struct child, write);

	(void)status; /* one that does not read its stdin is free to do so */
	child_close_handle(&c->in);
}

/* What has no room is read all the same: a full pipe would stop the child. False: it floods. */
static bool child_keep(struct child *c, size_t n)
{
	size_t left = c->output.max - c->output.len;

	buf_add(&c->output, c->room, n < left ? n : left);
	return n <= left || !c->flood_ends;
}

static void child_on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct child *c = handle->data;

	(void)suggested;
	*buf = uv_buf_init(c->room, sizeof c->room);
}

static void child_on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct child *c = stream->data;

	(void)buf; /* c->room */
	if (n > 0 && !child_keep(c, (size_t)n))
		child_step(c, CHILD_EV_FLOOD);
	if (n < 0)
		(void)uv_read_stop(stream);
}

/* --- its life ------------------------------------------------------------------------- */

static void child_on_timer(uv_timer_t *timer)
{
	child_step(CONTAINER_OF(timer, struct child, timer), CHILD_EV_TIMER);
}

static void child_on_exit(uv_process_t *proc, int64_t exit_status, int term_signal)
{
	struct child *c = CONTAINER_OF(proc, struct child, proc);

	if (c->status == 0)
		c->status = term_signal ? -EIO : (int)exit_status;
	child_step(c, CHILD_EV_EXIT);
}

static void child_free(struct child *c)
{
	free(c->input);
	buf_done(&c->output);
	free(c);
}

static void child_on_closed(uv_handle_t *handle)
{
	struct child *c = handle->data;

	if (--c->open > 0)
		return;
	if (c->status == 0 && c->output.failed)
		c->status = -ENOMEM;
	if (c->done)
		c->done(c->arg, c->status, &c->output);
	child_free(c);
}

/* What it wrote before it ended lies in the pipe: reading goes on for as long as there is some. */
static void child_drain(struct child *c)
{
	uv_os_fd_t fd;
	ssize_t n = 1;

	(void)uv_read_stop((uv_stream_t *)&c->out);
	if (uv_fileno((uv_handle_t *)&c->out, &fd) < 0)
		return;
	while (n > 0 && c->output.len < c->output.max && !c->output.failed) {
		n = read(fd, c->room, sizeof c->room);
		if (n > 0 && !child_keep(c, (size_t)n) && c->status == 0)
			c->status = -EFBIG;
	}
}

/* The only way out: libuv owns the handles until their close callbacks have run. */
static void child_close(struct child *c)
{
	c->state = CHILD_CLOSING;
	child_close_handle(&c->in);
	child_close_handle(&c->out);
	child_close_handle(&c->timer);
	if (c->proc.type == UV_PROCESS) /* else it was never begun */
		child_close_handle(&c->proc);
}

/* To all of its group. One that is gone already answers ESRCH; its exit callback is on the way. */
static void child_signal(struct child *c, enum child_state next, int signum, uint64_t wait_ms)
{
	c->state = next;
	(void)kill(-c->proc.pid, signum);
	(void)uv_timer_start(&c->timer, child_on_timer, wait_ms, 0);
}

static void child_step(struct child *c, enum child_event ev)
{
	if (c->state == CHILD_CLOSING)
		return;
	if (ev == CHILD_EV_EXIT) {
		if (c->state != CHILD_RUNNING) /* what it has started may ignore what it obeyed */
			(void)kill(-c->proc.pid, SIGKILL);
		child_drain(c);
		child_close(c);
		return;
	}
	switch (c->state) {
	case CHILD_RUNNING:
		c->status = ev == CHILD_EV_CANCEL  ? -ECANCELED
		            : ev == CHILD_EV_FLOOD ? -EFBIG
		                                   : -ETIMEDOUT;
		if (c->grace_ms)
			child_signal(c, CHILD_TERMINATING, SIGTERM, c->grace_ms);
		else
			child_signal(c, CHILD_KILLING, SIGKILL, 0);
		break;
	case CHILD_TERMINATING:
		if (ev == CHILD_EV_TIMER)
			child_signal(c, CHILD_KILLING, SIGKILL, c->grace_ms);
		break;
	case CHILD_KILLING: /* only the kernel can help now: wait for the exit */
	case CHILD_CLOSING:
		break;
	}
}

/* --- the start ------------------------------------------------------------------------ */

static struct child *child_new(uv_loop_t *loop, const struct child_spec *spec)
{
	struct child *c = calloc(1, sizeof *c);

	if (c)
		c->input = malloc(spec->input_len + 1);
	if (!c || !c->input) {
		free(c);
		return NULL;
	}
	if (spec->input_len)
		memcpy(c->input, spec->input, spec->input_len);
	c->grace_ms = spec->grace_ms;
	c->output.max = spec->output_max;
	c->flood_ends = spec->flood_ends;
	c->open = HANDLES;
	/* none of these can fail on a loop that was made */
	(void)uv_timer_init(loop, &c->timer);
	(void)uv_pipe_init(loop, &c->in, 0);
	(void)uv_pipe_init(loop, &c->out, 0);
	c->proc.data = c->timer.data = c->in.data = c->out.data = c;
	return c;
}

/* out: the end of a pipe that it writes to. */
static int child_spawn(struct child *c, uv_loop_t *loop, const struct child_spec *spec, int out)
{
	uv_stdio_container_t stdio[] = {
		{.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&c->in},
		{.flags = UV_INHERIT_FD, .data.fd = out},
		{.flags = spec->stdout_only ? UV_IGNORE : UV_INHERIT_FD, .data.fd = out},
	};
	uv_process_options_t options = {.file = spec->argv[0],
	                                .args = (char **)(uintptr_t)spec->argv,
	                                .env = (char **)(uintptr_t)spec->env,
	                                .cwd = "/",
	                                .stdio = stdio,
	                                .stdio_count = ARRAY_LEN(stdio),
	                                .flags = UV_PROCESS_DETACHED, /* a group of its own */
	                                .exit_cb = child_on_exit};

	return uv_spawn(loop, &c->proc, &options);
}

/* *ret: the other end of what is read. */
static int child_open_output(struct child *c, int *ret)
{
	uv_file ends[2];
	int r = uv_pipe(ends, UV_NONBLOCK_PIPE, 0);

	if (r < 0)
		return r;
	*ret = ends[1];
	r = uv_pipe_open(&c->out, ends[0]);
	if (r < 0)
		(void)close(ends[0]);
	return r;
}

static void child_talk(struct child *c, size_t input_len)
{
	uv_buf_t buf = uv_buf_init(c->input, (unsigned)input_len);

	(void)uv_read_start((uv_stream_t *)&c->out, child_on_alloc, child_on_read);
	if (uv_write(&c->write, (uv_stream_t *)&c->in, &buf, 1, child_on_written) < 0)
		child_close_handle(&c->in);
}

int child_start(struct child **ret, uv_loop_t *loop, const struct child_spec *spec,
                child_done_fn *done, void *arg, struct error *err)
{
	struct child *c = child_new(loop, spec);
	CLEANUP(closep) int out = -1;
	int r;

	if (!c)
		return error_set(err, -ENOMEM, "out of memory");
	r = child_open_output(c, &out);
	/* uv_spawn() registers the handle even when it fails: from here on, close. */
	if (r == 0)
		r = child_spawn(c, loop, spec, out);
	else
		c->open--;
	if (r < 0) {
		child_close(c);
		return error_set(err, r, "%s: %s", spec->argv[0], uv_strerror(r));
	}
	child_talk(c, spec->input_len);
	if (spec->deadline_ms > 0)
		(void)uv_timer_start(&c->timer, child_on_timer, spec->deadline_ms, 0);
	c->done = done;
	c->arg = arg;
	*ret = c;
	return 0;
}

void child_cancel(struct child *c)
{
	child_step(c, CHILD_EV_CANCEL);
}
