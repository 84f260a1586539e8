/* SPDX-License-Identifier: MIT */
/* gnuplot as it should be, and as it should not be, in the person of small scripts. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "daemon/plotter.h"
#include "lib/base/files.h"

#define PICTURES 6

struct probe {
	uv_loop_t loop;
	char dir[32];
	struct plotter_picture pictures[PICTURES];
	struct plotter *plotter;
	unsigned done, drawn;
	const char *why;
};

static void on_done(void *arg, const char *why)
{
	struct probe *p = arg;

	p->done++;
	p->why = why;
	for (size_t i = 0; i < PICTURES; i++)
		p->drawn += p->pictures[i].svg != NULL;
}

/* With a gnuplot that is this shell script; NULL: there is none. */
static void begin(struct probe *p, const char *script, const struct plotter_limits *limits)
{
	char path[64], text[512];
	struct error err = {0};

	*p = (struct probe){.dir = "/tmp/chimera.XXXXXX"};
	cr_assert(mkdtemp(p->dir));
	if (script) {
		(void)snprintf(text, sizeof text, "#!/bin/sh\nPATH=/usr/bin:/bin\n%s\n", script);
		cr_assert_eq(files_write(p->dir, "gnuplot", text, strlen(text), &err), 0);
		(void)snprintf(path, sizeof path, "%s/gnuplot", p->dir);
		cr_assert_eq(chmod(path, 0700), 0);
	}
	cr_assert_eq(setenv("PATH", p->dir, 1), 0);
	cr_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR); /* libuv writes with write(2) */
	cr_assert_eq(uv_loop_init(&p->loop), 0);
	for (size_t i = 0; i < PICTURES; i++) {
		p->pictures[i].script = "plot 1\n";
		p->pictures[i].script_len = strlen("plot 1\n");
	}
	cr_assert_eq(plotter_start(&p->plotter, &p->loop, p->pictures, PICTURES, limits, on_done, p,
	                           &err),
	             0);
	cr_expect_eq(p->done, 0);
}

static void finish(struct probe *p)
{
	struct error err = {0};

	(void)uv_run(&p->loop, UV_RUN_DEFAULT);
	cr_expect_eq(p->done, 1);
	cr_expect_eq(uv_loop_close(&p->loop), 0);
	for (size_t i = 0; i < PICTURES; i++)
		free(p->pictures[i].svg);
	cr_expect_eq(files_remove_tree(p->dir, &err), 0);
}

Test(plotter, what_gnuplot_writes_is_the_picture)
{
	const struct plotter_limits limits = {.bytes = 1000, .at_once = 4};
	struct probe p;

	begin(&p, "echo \"$@\"; cat; echo end", &limits);
	(void)uv_run(&p.loop, UV_RUN_DEFAULT);
	cr_expect_eq(p.drawn, PICTURES);
	cr_expect_null(p.why);
	for (size_t i = 0; i < PICTURES; i++)
		cr_expect_str_eq(p.pictures[i].svg, "-d\nplot 1\nend\n");
	finish(&p);
}

Test(plotter, without_gnuplot_there_are_no_pictures_and_the_reason_says_so)
{
	const struct plotter_limits limits = {.bytes = 1000, .at_once = 4};
	struct probe p;

	begin(&p, NULL, &limits);
	finish(&p);
	cr_expect_eq(p.drawn, 0);
	cr_expect_str_eq(p.why, "none, as gnuplot is not installed");
}

/* As the script notes it. */
static size_t times_started(const struct probe *p)
{
	char path[64];
	struct stat st;

	(void)snprintf(path, sizeof path, "%s/started", p->dir);
	return stat(path, &st) == 0 ? (size_t)st.st_size / strlen("x\n") : 0;
}

Test(plotter, one_that_hangs_is_killed_with_its_children_and_no_other_is_started)
{
	const struct plotter_limits limits = {.time_ms = 300, .bytes = 1000, .at_once = 1};
	struct probe p;

	begin(&p, "echo x >>\"${0%gnuplot}started\"; sleep 1000 & sleep 1000", &limits);
	(void)uv_run(&p.loop, UV_RUN_DEFAULT);
	cr_expect_eq(p.drawn, 0);
	cr_expect_str_eq(p.why, "some are missing, as gnuplot took too long");
	cr_expect_leq(times_started(&p), 1);
	finish(&p);
}

Test(plotter, one_that_ignores_what_it_is_told_and_writes_for_ever_is_killed)
{
	const struct plotter_limits limits = {.bytes = 100000, .at_once = 2};
	struct probe p;

	begin(&p,
	      "trap '' TERM PIPE; while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done",
	      &limits);
	finish(&p);
	cr_expect_eq(p.drawn, 0);
	cr_expect_str_eq(p.why, "some are missing, as gnuplot wrote too much");
}

Test(plotter, one_that_fails_costs_its_own_picture_only)
{
	const struct plotter_limits limits = {.bytes = 1000, .at_once = 1};
	struct probe p;

	begin(&p, "echo x; mkdir \"${0%gnuplot}first\" 2>&1 && exit 3; exit 0", &limits);
	finish(&p);
	cr_expect_eq(p.drawn, PICTURES - 1);
	cr_expect_str_eq(p.why, "some are missing, as gnuplot failed");
}

Test(plotter, one_that_reads_nothing_does_no_harm)
{
	const struct plotter_limits limits = {.bytes = 1000, .at_once = 4};
	struct probe p;

	begin(&p, "exec <&-; echo x", &limits);
	finish(&p);
	cr_expect_eq(p.drawn, PICTURES);
}

static void cancel_later(uv_timer_t *timer)
{
	struct probe *p = timer->data;

	plotter_cancel(p->plotter);
	cr_expect_eq(p->done, 0, "done() ran inside plotter_cancel()");
	plotter_cancel(p->plotter);
	uv_close((uv_handle_t *)timer, NULL);
}

Test(plotter, cancelled_while_it_draws_it_ends_once)
{
	const struct plotter_limits limits = {.bytes = 1000, .at_once = 3};
	struct probe p;
	uv_timer_t timer;

	begin(&p, "sleep 1000", &limits);
	cr_assert_eq(uv_timer_init(&p.loop, &timer), 0);
	timer.data = &p;
	cr_assert_eq(uv_timer_start(&timer, cancel_later, 50, 0), 0);
	finish(&p);
	cr_expect_eq(p.drawn, 0);
	cr_expect_null(p.why);
}

Test(plotter, cancelled_before_it_began_it_ends_once)
{
	const struct plotter_limits limits = {.bytes = 1000, .at_once = 3};
	struct probe p;

	begin(&p, "echo x", &limits);
	plotter_cancel(p.plotter);
	finish(&p);
	cr_expect_eq(p.drawn, 0);
}
