/* SPDX-License-Identifier: MIT */
/*
 * trends: the runs of series over reviews.
 */
#include <errno.h>
#include <stdio.h>

#include "ctl/client.h"
#include "ctl/ctl_json.h"
#include "ctl/options.h"
#include "ctl/sparkline.h"
#include "ctl/terminal.h"
#include "lib/evidence/plain.h"

#define PATH_BYTES 4096
#define RUNS_MAX   400 /* that the store keeps of a series */
#define INDENT     2
#define TEXT_BYTES 8192

struct trends_options {
	const char *since;
};

/* All of a series in one unit, that in which its level reads best. */
static struct number_unit unit_of(const json_t *series)
{
	return number_unit_for(ctl_json_text(series, "unit"),
	                       json_number_value(json_object_get(series, "level")));
}

static void add_figure(struct buf *b, const json_t *value, const struct number_unit *u)
{
	if (json_is_number(value))
		plain_figure(b, json_number_value(value), u->scale,
		             strcmp(u->unit, "%") == 0 ? NUMBER_PERCENT : NUMBER_MEASURE);
	else
		buf_puts(b, "?");
}

static void add_measure(struct buf *b, const json_t *value, const struct number_unit *u)
{
	add_figure(b, value, u);
	buf_printf(b, "%s%s", *u->unit ? " " : "", u->unit);
}

static void add_day(struct buf *b, const json_t *at)
{
	buf_printf(b, "%.10s", ctl_json_text(at, "time"));
}

static size_t columns(void)
{
	size_t width = isatty(STDOUT_FILENO) ? terminal_width(STDOUT_FILENO) : 80;

	return width > 2 * INDENT ? width - 2 * INDENT : 1;
}

/* A line of blocks; returns how many there are. */
static size_t add_line(struct buf *b, const json_t *points)
{
	size_t n = json_array_size(points), skip = n > RUNS_MAX ? n - RUNS_MAX : 0;
	double x[RUNS_MAX];

	for (size_t i = skip; i < n; i++)
		x[i - skip] = json_number_value(
			json_object_get(json_array_get(points, i), "value"));
	buf_printf(b, "%*s", INDENT, "");
	return sparkline_add(b, x, n - skip, columns(), !terminal_unicode());
}

/* The first run at or after a time, and how many are looked at. */
static size_t run_at(const json_t *points, const char *time)
{
	size_t n = json_array_size(points), i = 0;

	while (i < n && strcmp(ctl_json_text(json_array_get(points, i), "time"), time) < 0)
		i++;
	return i;
}

/* Below the line, a mark at the first run of each level. Nothing where there is no change. */
static void add_marks(struct buf *b, const json_t *series)
{
	const json_t *points = json_object_get(series, "points"), *change;
	size_t n = json_array_size(points), skip = n > RUNS_MAX ? n - RUNS_MAX : 0, at = 0, i;

	json_array_foreach (json_object_get(series, "changes"), i, change) {
		size_t run = run_at(points, ctl_json_text(change, "time")), column;

		if (run >= n || run < skip)
			continue;
		column = INDENT + sparkline_at(run - skip, n - skip, columns());
		if (column < at)
			continue; /* two in one character */
		buf_printf(b, "%*s%s", (int)(column - at), "", terminal_unicode() ? "▲" : "^");
		at = column + 1;
	}
}

/* "level 100 tok/s, last 80 tok/s; 12 runs, 2026-10-01 to 2026-10-12" */
static void add_runs(struct buf *b, const json_t *series)
{
	const json_t *points = json_object_get(series, "points");
	size_t n = json_array_size(points);
	const json_t *first = json_array_get(points, 0), *last = json_array_get(points, n - 1);
	struct number_unit u = unit_of(series);

	buf_printf(b, "%*slevel ", INDENT, "");
	add_measure(b, json_object_get(series, "level"), &u);
	buf_puts(b, ", last ");
	add_measure(b, json_object_get(last, "value"), &u);
	buf_printf(b, "; %zu run%s, ", n, n == 1 ? "" : "s");
	add_day(b, first);
	if (n > 1) {
		buf_puts(b, " to ");
		add_day(b, last);
	}
}

/* "2026-10-11: -20.0 %, from 100 to 80 tok/s" */
static void add_change(struct buf *b, const json_t *change, const struct number_unit *u)
{
	const json_t *effect = json_object_get(change, "effect_pct");

	buf_puts(b, "  ");
	add_day(b, change);
	if (json_is_number(effect))
		buf_printf(b, ": %+.1f %%, from ", json_number_value(effect));
	else
		buf_puts(b, ": from ");
	add_figure(b, json_object_get(change, "before"), u);
	buf_puts(b, " to ");
	add_measure(b, json_object_get(change, "after"), u);
}

static void print_line(struct buf *b, const char *hue)
{
	bool coloured = *hue && terminal_colour(STDOUT_FILENO);

	(void)fputs(coloured ? hue : "", stdout);
	terminal_print(stdout, buf_text(b));
	(void)fputs(coloured ? TERMINAL_PLAIN "\n" : "\n", stdout);
	buf_done(b);
}

static void print_series(const json_t *series)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(TEXT_BYTES);
	const char *subject = ctl_json_text(series, "subject");
	struct number_unit u = unit_of(series);
	const json_t *change;
	size_t i;

	buf_printf(&b, "%s%s%s", subject, *subject ? ": " : "", ctl_json_text(series, "series"));
	print_line(&b, "\033[1m");
	if (add_line(&b, json_object_get(series, "points")))
		print_line(&b, "");
	buf_done(&b);
	add_marks(&b, series);
	if (b.len)
		print_line(&b, terminal_hue("warning"));
	add_runs(&b, series);
	print_line(&b, "");
	json_array_foreach (json_object_get(series, "changes"), i, change) {
		add_change(&b, change, &u);
		print_line(&b, terminal_hue("warning"));
	}
}

static int print_all(const struct ctl *ctl, const struct reply *reply)
{
	const json_t *list = json_object_get(reply->json, "series"), *series;
	long long omitted = json_integer_value(json_object_get(reply->json, "omitted"));
	size_t i;

	if (ctl->json) {
		(void)printf("%s\n", reply->body);
		return CTL_DONE;
	}
	json_array_foreach (list, i, series)
		print_series(series);
	if (json_array_size(list) == 0)
		(void)fputs("no series\n", stdout);
	if (omitted > 0)
		(void)printf("and %lld more series: name a metric\n", omitted);
	return CTL_DONE;
}

static int run_trends(const struct ctl *ctl, int argc, char **argv)
{
	static const struct option_spec table[] = {
		{"since", 0, OPTION_TEXT, offsetof(struct trends_options, since)}, {0}};
	CLEANUP(buf_done) struct buf path = BUF_INIT(PATH_BYTES);
	CLEANUP(reply_done) struct reply reply = {0};
	struct trends_options o = {0};
	struct error err = {0};
	int code, n = options_parse(table, &o, argc, argv, &err);

	if (n > 1)
		n = error_set(&err, -EINVAL, "\"%.40s\": give one metric at most", argv[1]);
	buf_puts(&path, "/v1/trends");
	if (n > 0) {
		buf_puts(&path, "?metric=");
		client_add_encoded(&path, argv[0]);
	}
	if (n >= 0 && o.since) {
		buf_puts(&path, n > 0 ? "&since=" : "?since=");
		client_add_encoded(&path, o.since);
	}
	if (n >= 0 && path.failed)
		n = error_set(&err, -EINVAL, "too long a metric: give a part of its key");
	if (n < 0)
		return ctl_usage("trends", &err);
	code = client_simple(ctl, "trends", "GET", buf_text(&path), &reply);
	return code ? code : print_all(ctl, &reply);
}

const struct command trends_command = {
	"trends",
	"[METRIC] [--since DATE]",
	"print the runs of series over reviews, with the changes of their levels",
	"  METRIC is the name of one, like tokens_s; without it, all series are printed.\n\n"
	"  --since DATE  only runs of this day and later, like 2026-11-01\n",
	"chimeractl trends tokens_s --since 2026-11-01",
	run_trends};
