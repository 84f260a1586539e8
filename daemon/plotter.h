/* SPDX-License-Identifier: MIT */
/*
 * plotter - draws pictures by gnuplot, some processes at a time, on the loop.
 *
 * A script goes to gnuplot's standard input and the SVG comes from its standard output; there are
 * no files. Each process has a time limit, and what it writes a bound, beyond which it is killed
 * with all that it has started. After the first one that had to be killed no other is started, so
 * that a gnuplot that hangs costs a review one time limit, not one for each picture.
 */
#pragma once

#include <uv.h>

#include "lib/base/error.h"

#define PLOTTER_TIME_MS 10000 /* one picture takes 20 */

struct plotter;

struct plotter_picture {
	const char *script; /* borrowed until done() */
	size_t script_len;
	char *svg; /* malloc'd, the caller's; NULL: not drawn */
	size_t svg_len;
};

struct plotter_limits {
	unsigned time_ms; /* 0: PLOTTER_TIME_MS */
	size_t bytes;     /* of one picture */
	unsigned at_once;
};

/*
 * Called exactly once, from the loop, never from inside plotter_start() or plotter_cancel(). why:
 * what kept pictures from being drawn, static, without digits; NULL: all are there. The plotter is
 * freed when this returns.
 */
typedef void plotter_done_fn(void *arg, const char *why);

/* The pictures are borrowed. On failure done is never called. */
int plotter_start(struct plotter **ret, uv_loop_t *loop, struct plotter_picture *pictures, size_t n,
                  const struct plotter_limits *limits, plotter_done_fn *done, void *arg,
                  struct error *err) MUST_USE;
void plotter_cancel(struct plotter *p); /* kills what runs; done() still comes. Idempotent */
