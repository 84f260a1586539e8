/* SPDX-License-Identifier: MIT */
#include "daemon/plotter.h"

#include <errno.h>
#include <stdio.h>

#include "daemon/child.h"

#define AT_ONCE_MAX 8
#define PATH_BYTES  4096

static const char not_there[] = "none, as gnuplot is not installed";
static const char not_startable[] = "some are missing, as gnuplot could not be started";
static const char too_slow[] = "some are missing, as gnuplot took too long";
static const char too_large[] = "some are missing, as gnuplot wrote too much";
static const char broken[] = "some are missing, as gnuplot failed";

struct drawing {
	struct plotter *plotter;
	struct plotter_picture *picture; /* NULL: free */
	struct child *child;
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

/* The first reason stays; for what may happen again, no other is started. */
static void plotter_stop(struct plotter *p, const char *why)
{
	p->why = p->why ? p->why : why;
	p->stopped = true;
}

static void drawing_on_done(void *arg, int status, struct buf *svg)
{
	struct drawing *d = arg;
	struct plotter *p = d->plotter;

	if (status == 0 && svg->len) {
		d->picture->svg_len = svg->len;
		d->picture->svg = TAKE(svg->data);
	} else if (status == -ETIMEDOUT || status == -EFBIG) {
		plotter_stop(p, status == -EFBIG ? too_large : too_slow);
	} else if (status != 0 && status != -ECANCELED) {
		p->why = broken;
	}
	d->picture = NULL;
	plotter_go_on(p);
}

static int drawing_spawn(struct drawing *d, struct error *err)
{
	static char name[] = "gnuplot", plain[] = "-d"; /* nobody's own settings */
	static char locale[] = "LC_ALL=C.UTF-8", zone[] = "TZ=UTC";
	const struct plotter *p = d->plotter;
	const char *where = getenv("PATH");
	char path[PATH_BYTES];
	char *const argv[] = {name, plain, NULL};
	char *const env[] = {path, locale, zone, NULL};
	const struct child_spec spec = {.argv = argv,
	                                .env = env,
	                                .input = d->picture->script,
	                                .input_len = d->picture->script_len,
	                                .output_max = p->limits.bytes,
	                                .flood_ends = true,
	                                .stdout_only = true,
	                                .deadline_ms = p->limits.time_ms};

	if (snprintf(path, sizeof path, "PATH=%s", where ? where : "/usr/bin:/bin") >=
	    (int)sizeof path)
		return -ENAMETOOLONG;
	return child_start(&d->child, p->loop, &spec, drawing_on_done, d, err);
}

static void drawing_start(struct drawing *d, struct plotter *p)
{
	struct error err = {0};
	int r;

	*d = (struct drawing){.plotter = p, .picture = &p->pictures[p->next++]};
	r = drawing_spawn(d, &err);
	if (r == 0)
		return;
	plotter_stop(p, r == -ENOENT ? not_there : not_startable);
	d->picture = NULL;
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

		if (!d->picture && p->next < p->n && !p->stopped)
			drawing_start(d, p);
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
		if (p->drawings[i].picture)
			child_cancel(p->drawings[i].child);
}
