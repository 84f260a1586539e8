/* SPDX-License-Identifier: MIT */
/* The runs of a series with its change, and the present run of many against those before. */
#include <math.h>

#include "agents/writer/plot_impl.h"
#include "agents/writer/shifts.h"

#define DAY_S         86400.0
#define HISTORIES_MAX 6
#define TICKS         7
#define SHIFTS_LEAST  4  /* fewer are read faster in words */
#define SHIFTS_MAX    14 /* rows */
#define ROW_HEIGHT    22
#define TALL_ROW      38 /* of two lines: its metric, and of what */
#define LINE_OFF      .2 /* of a row, that these are off its middle */
#define PERCENT_TICKS 4
#define NAMED_LABELS  1 /* more of them go without their names */

/* --- runs ------------------------------------------------------------------------------- */

/* Runs whose times tell nothing, as they came within minutes, are numbered instead. */
struct timescale {
	bool by_number;
	double first, span; /* seconds */
};

static struct timescale timescale_of(const struct chart_line *l)
{
	double span = (double)(l->runs[l->n - 1].time_s - l->runs[0].time_s);

	return (struct timescale){.by_number = span < 600 * (double)l->n,
	                          .first = (double)l->runs[0].time_s,
	                          .span = span};
}

static double time_of(const struct timescale *t, const struct chart_line *l, size_t i)
{
	return t->by_number ? (double)i + 1 : (double)l->runs[i].time_s;
}

static double step_of(double span, const double *steps, size_t n)
{
	size_t i = 0;

	while (i + 1 < n && span / steps[i] > TICKS)
		i++;
	return steps[i];
}

/* Whole days, or hours, so that no two ticks read the same. */
static void put_timescale(struct sketch *s, const struct timescale *t)
{
	static const double days[] = {1, 2, 3, 5, 7, 14, 28, 56, 91, 182, 365, 730, 3650};
	static const double hours[] = {1, 2, 3, 6, 12};
	bool long_ago = t->span > 300 * DAY_S;
	double step;

	if (t->by_number) {
		sketch_put(s, "set xlabel 'run' textcolor rgb '#0000a1'\nset format x '%%g'\n");
		return;
	}
	if (t->span <= 2 * DAY_S)
		step = 3600 * step_of(t->span / 3600, hours, ARRAY_LEN(hours));
	else
		step = DAY_S * step_of(t->span / DAY_S, days, ARRAY_LEN(days));
	sketch_put(s, "set xdata time\nset timefmt '%%s'\nset format x '%s'\n",
	           t->span <= 2 * DAY_S ? "%d %b %H:%M"
	           : long_ago           ? "%b %Y"
	                                : "%d %b");
	sketch_put(s, "set xtics %.0f,%.0f\n", floor(t->first / step) * step, step);
}

static const struct fact *run_fact(const struct sketch *s, const struct chart_line *l, size_t i)
{
	return dossier_fact(s->d, l->runs[i].fact);
}

static void put_runs(struct sketch *s, const struct chart_line *l, const struct timescale *t,
                     double scale)
{
	sketch_put(s, "$runs << END\n");
	for (size_t i = 0; i < l->n; i++) {
		sketch_put(s, "%.0f ", time_of(t, l, i));
		sketch_number(s, run_fact(s, l, i)->value * scale);
		sketch_put(s, "\n");
		sketch_fact(s, l->runs[i].fact);
	}
	sketch_put(s, "END\n");
}

/* The level before, with its band, from its first run on: what later runs are held against. */
static bool put_level(struct sketch *s, const struct chart_line *l, const struct timescale *t,
                      double scale)
{
	const struct fact *level = dossier_fact(s->d, l->reference);
	double width;

	if (!level)
		return false;
	sketch_fact(s, level->id);
	width = isfinite(l->limit) ? fabs(level->value) * l->limit : 0;
	sketch_put(s, "$level << END\n");
	for (int end = 0; end < 2; end++) {
		sketch_put(s, "%.0f ", time_of(t, l, end ? l->n - 1 : l->first));
		sketch_number(s, level->value * scale);
		sketch_number(s, (level->value - width) * scale);
		sketch_number(s, (level->value + width) * scale);
		sketch_put(s, "\n");
	}
	sketch_put(s, "END\n");
	return true;
}

static enum plot_ink ink_of_change(const struct sketch *s)
{
	const struct finding *f = dossier_finding(s->d, s->plot.finding);

	return !f || f->kind == FINDING_CHANGED ? PLOT_OTHER
	       : f->kind == FINDING_IMPROVEMENT ? PLOT_BETTER
	                                        : PLOT_WORSE;
}

static void put_layers(struct sketch *s, const struct chart_line *l, bool has_level)
{
	bool has_band = has_level && isfinite(l->limit) && l->limit > 0;

	sketch_put(s, "plot ");
	if (has_band) {
		sketch_put(s, "$level using 1:3:4 with filledcurves fs solid noborder ");
		sketch_ink(s, PLOT_BAND);
		sketch_put(s, " title 'its noise', ");
	}
	if (has_level) {
		sketch_put(s, "$level using 1:2 with lines lw 1.5 dt 2 ");
		sketch_ink(s, PLOT_DIM);
		sketch_put(s, " title 'level before', ");
	}
	sketch_put(s, "$runs using 1:2 with lines lw 1 ");
	sketch_ink(s, PLOT_MAIN);
	sketch_put(s, " notitle, $runs using 1:2 with points pt 7 ps .6 ");
	sketch_ink(s, PLOT_MAIN);
	sketch_put(s, " title 'runs'");
	if (l->since < l->n) {
		sketch_put(s, ", $runs every ::%zu using 1:2 with points pt 7 ps .8 ", l->since);
		sketch_ink(s, ink_of_change(s));
		sketch_put(s, " title 'since the change'");
	}
	sketch_put(s, "\n");
}

static double largest_run(const struct sketch *s, const struct chart_line *l)
{
	double ret = 0;

	for (size_t i = 0; i < l->n; i++)
		ret = fmax(ret, fabs(run_fact(s, l, i)->value));
	return ret;
}

static bool are_facts(const struct sketch *s, const struct chart_line *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (!run_fact(s, l, i))
			return false;
	return l->n > 0;
}

static unsigned finding_of(const struct sketch *s, const char *key)
{
	for (size_t i = 0; i < s->d->n_findings; i++)
		if (s->d->findings[i].key == key)
			return s->d->findings[i].id;
	return 0;
}

static void draw_line(struct sketch *s, const struct chart_line *l)
{
	const struct fact *last = run_fact(s, l, l->n - 1);
	struct timescale t = timescale_of(l);
	struct number_unit u;
	bool has_level;

	if (!sketch_begin(s, PLOT_HISTORY, 215, (struct key_size){2, 2}))
		return;
	s->plot.finding = finding_of(s, l->key);
	sketch_words(s, "History of ");
	sketch_name(s, last->metric ? last->metric : last->label);
	sketch_subject(s, last->id);
	u = sketch_axis(s, 'y', last->metric ? last->metric : last->label, last->unit,
	                largest_run(s, l));
	put_timescale(s, &t);
	put_runs(s, l, &t, u.scale);
	has_level = put_level(s, l, &t, u.scale);
	if (l->since < l->n) {
		sketch_put(s,
		           "set arrow from first %.0f, graph 0 to first %.0f, graph 1 nohead "
		           "lw 1 dt 3 ",
		           time_of(&t, l, l->since), time_of(&t, l, l->since));
		sketch_ink(s, ink_of_change(s));
		sketch_put(s, "\n");
	}
	sketch_put(s, "set offsets graph .03, graph .03, graph .08, graph .08\n");
	put_layers(s, l, has_level);
	sketch_end(s);
}

void plot_histories(struct sketch *s)
{
	const struct charts *c = &s->d->charts;

	for (size_t i = 0; i < c->n_lines && s->of_kind[PLOT_HISTORY] < HISTORIES_MAX; i++)
		if (are_facts(s, &c->lines[i]))
			draw_line(s, &c->lines[i]);
}

/* --- tonight ----------------------------------------------------------------------------- */

static enum plot_ink ink_of(const struct shift *r)
{
	if (r->size <= 1 || r->delta->better == BETTER_NONE)
		return r->size <= 1 ? PLOT_MAIN : PLOT_OTHER;
	return (r->delta->value > 0) == (r->delta->better == BETTER_HIGHER) ? PLOT_BETTER
	                                                                    : PLOT_WORSE;
}

static bool has_ink(const struct shift *rows, size_t n, enum plot_ink ink)
{
	for (size_t i = 0; i < n; i++)
		if (ink_of(&rows[i]) == ink)
			return true;
	return false;
}

static void put_points(struct sketch *s, const struct shift *rows, size_t n, enum plot_ink ink)
{
	sketch_put(s, "$points%d << END\n", (int)ink);
	for (size_t i = 0; i < n; i++) {
		if (ink_of(&rows[i]) != ink)
			continue;
		sketch_number(s, rows[i].delta->value);
		sketch_put(s, "%zu\n", i);
	}
	sketch_put(s, "END\n");
}

static const struct {
	enum plot_ink ink;
	const char *title;
} kinds_of_rows[] = {{PLOT_MAIN, "within it"},
                     {PLOT_WORSE, "worse"},
                     {PLOT_BETTER, "better"},
                     {PLOT_OTHER, "changed"}};

static void put_row_layers(struct sketch *s, const struct shift *rows, size_t n)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds_of_rows); i++)
		put_points(s, rows, n, kinds_of_rows[i].ink);
	sketch_put(s, "plot $bands using 1:2:3:(.32) with boxxyerror fs solid noborder ");
	sketch_ink(s, PLOT_BAND);
	sketch_put(s, " title 'its noise'");
	for (size_t i = 0; i < ARRAY_LEN(kinds_of_rows); i++) {
		enum plot_ink ink = kinds_of_rows[i].ink;

		if (!has_ink(rows, n, ink))
			continue;
		sketch_put(s, ", $points%d using 1:2 with points pt 7 ps .9 ", (int)ink);
		sketch_ink(s, ink);
		sketch_put(s, " title '%s'", kinds_of_rows[i].title);
	}
	sketch_put(s, "\n");
}

struct row_label {
	const char *metric, *of;
};

static struct row_label label_of(struct sketch *s, const struct shift *row)
{
	const struct fact *f = row->delta;

	return (struct row_label){f->metric ? f->metric : f->label,
	                          sketch_configuration(s, row->chart->subject,
	                                               row->chart->n_subject,
	                                               row->chart->n_subject <= NAMED_LABELS)};
}

/* Where one label does not fit a line, all of them take two: what cuts both tells neither apart. */
static bool want_two_lines(struct sketch *s, const struct shift *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct row_label l = label_of(s, &rows[i]);

		if (l.of[0] &&
		    sketch_chars(l.metric) + sketch_chars(l.of) + strlen(": ") > LABEL_CHARS)
			return true;
	}
	return false;
}

static void put_row_label(struct sketch *s, const struct shift *row, size_t i, bool two_lines)
{
	struct row_label l = label_of(s, row);
	const char *text = l.metric;

	if (l.of[0] && !two_lines)
		text = arena_printf(s->arena, "%s: %s", l.metric, l.of);
	s->failed |= !text;
	sketch_label(s, text ? text : "");
	sketch_put(s, " %g", (double)i - (two_lines && l.of[0] ? LINE_OFF : 0));
	if (!two_lines || !l.of[0])
		return;
	sketch_put(s, ", ");
	sketch_label(s, l.of);
	sketch_put(s, " %g", (double)i + LINE_OFF);
}

static void put_rows(struct sketch *s, const struct shift *rows, size_t n, bool two_lines)
{
	sketch_put(s, "$bands << END\n");
	for (size_t i = 0; i < n; i++) {
		sketch_put(s, "0 %zu ", i);
		sketch_number(s, rows[i].chart->limit_pct);
		sketch_put(s, "\n");
		sketch_fact(s, rows[i].delta->id);
	}
	sketch_put(s, "END\nset ytics (");
	for (size_t i = 0; i < n; i++) {
		sketch_put(s, i ? ", " : "");
		put_row_label(s, &rows[i], i, two_lines);
	}
	sketch_put(s, ") scale 0\n");
}

/* A few ticks: beside the names there is little room for their texts. */
static void put_percents(struct sketch *s, const struct shift *rows, size_t n)
{
	static const double steps[] = {.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 1e5};
	double low = 0, high = 0;
	size_t i = 0;

	for (size_t k = 0; k < n; k++) {
		low = fmin(low, fmin(rows[k].delta->value, -rows[k].chart->limit_pct));
		high = fmax(high, fmax(rows[k].delta->value, rows[k].chart->limit_pct));
	}
	while (i + 1 < ARRAY_LEN(steps) && (high - low) / steps[i] > PERCENT_TICKS)
		i++;
	sketch_put(s, "set xtics %g\n", steps[i]);
}

void plot_shifts(struct sketch *s)
{
	size_t all, n;
	const struct shift *rows = shifts_in_order(s->arena, s->d, &all);
	bool two_lines;

	s->failed |= !rows;
	n = all < SHIFTS_MAX ? all : SHIFTS_MAX;
	if (n < SHIFTS_LEAST)
		return;
	two_lines = want_two_lines(s, rows, n);
	if (!sketch_begin(s, PLOT_SHIFTS, 70 + (two_lines ? TALL_ROW : ROW_HEIGHT) * (unsigned)n,
	                  (struct key_size){2, 3}))
		return;
	sketch_words(s, all > n ? "The latest run against those before, in percent: the series "
	                          "that moved most for their noise"
	                        : "The latest run of each series against those before, in percent");
	sketch_put(s,
	           "set xlabel 'difference (%%)' textcolor rgb '#0000a1'\nset format x '%%g'\n"
	           "set yrange [%zu.6:-.6]\nset grid noytics\n",
	           n - 1);
	put_rows(s, rows, n, two_lines);
	put_percents(s, rows, n);
	sketch_put(s, "set arrow from first 0, graph 0 to first 0, graph 1 nohead lw 1 ");
	sketch_ink(s, PLOT_DIM);
	sketch_put(s, "\nset offsets graph .04, graph .04, 0, 0\n");
	put_row_layers(s, rows, n);
	sketch_end(s);
}
