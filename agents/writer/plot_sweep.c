/* SPDX-License-Identifier: MIT */
/* A sweep by its option: lines with intervals, or a map where two options make a grid. */
#include <errno.h>
#include <math.h>

#include "agents/writer/plot_impl.h"

#define SWEEPS_MAX   4
#define LEVELS_LEAST 4  /* of the option: fewer points are read faster in the table */
#define LEVELS_TICKS 12 /* so many are ticks themselves */
#define LINES_MAX    4  /* configurations of the other options */
#define GRID_LEAST   3
#define GRID_MAX     24
#define GRID_CELLS   12
#define LOG_SPREAD   30   /* largest over smallest option */
#define PLAIN_MOST   1e15 /* beyond it figures have an exponent */
#define HEAT_LEVELS  (PLOT_HOTTEST - PLOT_HEAT + 1)

/* A configuration by two of its options. */
struct spot {
	double x;
	size_t line;
	const struct fact *center, *min, *max;
};

struct sweep {
	const struct group *g;
	size_t metric, key; /* the option along x */
	struct spot *spots;
	size_t n;
	double *levels; /* of x, ascending */
	size_t n_levels;
	const char **lines; /* what the other options are, joined */
	size_t n_lines;
};

static const char *text_of(const struct group_configuration *c, const char *key)
{
	for (size_t i = 0; i < c->n_subject; i++)
		if (strcmp(c->subject[i].name, key) == 0)
			return c->subject[i].text ? c->subject[i].text : "";
	return "";
}

static bool is_number(const char *text, double *ret)
{
	char *end;

	if (!(text[0] >= '0' && text[0] <= '9') && text[0] != '-' && text[0] != '.')
		return false;
	*ret = strtod(text, &end);
	return *end == '\0' && isfinite(*ret);
}

static bool choose_metric(const struct group *g, size_t *ret)
{
	for (size_t m = 0; m < g->n_metrics; m++) {
		*ret = m;
		if (g->metrics[m].best && !g->metrics[m].derived)
			return true;
	}
	return false;
}

/* Numbers of this option that differ, in order; 0: some are no numbers. */
static size_t levels_of(const struct sweep *w, const char *key, double *levels)
{
	size_t n = 0;

	for (size_t i = 0; i < w->g->n_configurations; i++) {
		size_t at = n;
		double x;

		if (!is_number(text_of(&w->g->configurations[i], key), &x))
			return 0;
		for (size_t k = 0; k < n; k++)
			if (!(levels[k] < x) && !(x < levels[k]))
				at = SIZE_MAX;
		if (at == SIZE_MAX)
			continue;
		for (; at > 0 && levels[at - 1] > x; at--)
			levels[at] = levels[at - 1];
		levels[at] = x;
		n++;
	}
	return n;
}

/* The option with most values. */
static bool choose_key(struct sketch *s, struct sweep *w)
{
	size_t n = w->g->n_configurations;
	double *levels = arena_calloc(s->arena, n, sizeof *levels);

	w->levels = arena_calloc(s->arena, n, sizeof *w->levels);
	s->failed |= !levels || !w->levels;
	for (size_t k = 0; !s->failed && k < w->g->n_keys; k++) {
		size_t found = levels_of(w, w->g->keys[k], levels);

		if (found <= w->n_levels)
			continue;
		memcpy(w->levels, levels, found * sizeof *levels);
		w->n_levels = found;
		w->key = k;
	}
	return !s->failed && w->n_levels >= GRID_LEAST;
}

/* The other options of a configuration, joined, as a number; names are those of the options. */
static size_t line_of(struct sketch *s, struct sweep *w, const struct group_configuration *c)
{
	struct label *others = arena_calloc(s->arena, w->g->n_keys, sizeof *others);
	const char *text;
	size_t n = 0;

	s->failed |= !others;
	if (!others)
		return 0;
	for (size_t k = 0; k < w->g->n_keys; k++)
		if (k != w->key)
			others[n++] = (struct label){w->g->keys[k], text_of(c, w->g->keys[k])};
	text = sketch_configuration(s, others, n, true);
	for (size_t i = 0; i < w->n_lines; i++)
		if (strcmp(w->lines[i], text) == 0)
			return i;
	w->lines[w->n_lines] = text;
	return w->n_lines++;
}

static void find_spots(struct sketch *s, struct sweep *w)
{
	const struct group *g = w->g;

	w->spots = arena_calloc(s->arena, g->n_configurations, sizeof *w->spots);
	w->lines = arena_calloc(s->arena, g->n_configurations, sizeof *w->lines);
	s->failed |= !w->spots || !w->lines;
	for (size_t i = 0; !s->failed && i < g->n_configurations; i++) {
		const struct group_cell *cell = &g->cells[i * g->n_metrics + w->metric];
		struct spot *spot = &w->spots[w->n];

		if (g->configurations[i].failed || !dossier_fact(s->d, cell->center))
			continue;
		(void)is_number(text_of(&g->configurations[i], g->keys[w->key]), &spot->x);
		spot->line = line_of(s, w, &g->configurations[i]);
		spot->center = dossier_fact(s->d, cell->center);
		spot->min = dossier_fact(s->d, cell->min);
		spot->max = dossier_fact(s->d, cell->max);
		w->n++;
	}
}

static double largest_of(const struct sweep *w)
{
	double ret = 0;

	for (size_t i = 0; i < w->n; i++)
		ret = fmax(ret, fabs(w->spots[i].center->value));
	return ret;
}

static void put_title(struct sketch *s, const struct sweep *w)
{
	sketch_name(s, w->g->metrics[w->metric].name);
	sketch_words(s, " by ");
	sketch_name(s, w->g->keys[w->key]);
	sketch_words(s, " (");
	sketch_name(s, w->g->title);
	sketch_words(s, ")");
}

/* --- lines ------------------------------------------------------------------------------- */

static const struct spot *spot_at(const struct sweep *w, size_t line, double x)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->spots[i].line == line && !(w->spots[i].x < x) && !(x < w->spots[i].x))
			return &w->spots[i];
	return NULL;
}

/* x, value and, where there are repetitions, the smallest and the largest of them. */
static bool put_line(struct sketch *s, const struct sweep *w, size_t line, double scale)
{
	bool intervals = false;

	sketch_put(s, "$line%zu << END\n", line);
	for (size_t i = 0; i < w->n_levels; i++) {
		const struct spot *spot = spot_at(w, line, w->levels[i]);
		bool both = spot && spot->min && spot->max;

		if (!spot)
			continue;
		intervals |= both;
		sketch_number(s, spot->x);
		sketch_number(s, spot->center->value * scale);
		sketch_number(s, (both ? spot->min : spot->center)->value * scale);
		sketch_number(s, (both ? spot->max : spot->center)->value * scale);
		sketch_put(s, "\n");
		sketch_fact(s, spot->center->id);
		if (both) {
			sketch_fact(s, spot->min->id);
			sketch_fact(s, spot->max->id);
		}
	}
	sketch_put(s, "END\n");
	return intervals;
}

static void put_option_axis(struct sketch *s, const struct sweep *w)
{
	double first = w->levels[0], last = w->levels[w->n_levels - 1];

	sketch_put(s, "set xlabel ");
	sketch_label(s, w->g->keys[w->key]);
	sketch_put(s, " textcolor rgb '#0000a1'\nset format x '%%g'\n");
	if (first > 0 && last / first > LOG_SPREAD)
		sketch_put(s, "set logscale x 2\n");
	if (w->n_levels > LEVELS_TICKS)
		return;
	sketch_put(s, "set xtics (");
	for (size_t i = 0; i < w->n_levels; i++)
		sketch_put(s, "%s%.9g", i ? ", " : "", w->levels[i]);
	sketch_put(s, ")\n");
}

static void put_line_layers(struct sketch *s, const struct sweep *w, bool intervals)
{
	static const enum plot_ink inks[LINES_MAX] = {PLOT_MAIN, PLOT_WORSE, PLOT_BETTER,
	                                              PLOT_OTHER};

	sketch_put(s, "plot ");
	for (size_t i = 0; i < w->n_lines; i++) {
		if (intervals) {
			sketch_put(s, "%s$line%zu using 1:3:(0):($4-$3) with vectors nohead lw 1 ",
			           i ? ", " : "", i);
			sketch_ink(s, inks[i]);
			sketch_put(s, " notitle");
		}
		sketch_put(s, "%s$line%zu using 1:2 with lines lw 1.2 ", i || intervals ? ", " : "",
		           i);
		sketch_ink(s, inks[i]);
		sketch_put(s, " notitle, $line%zu using 1:2 with points pt 7 ps .7 ", i);
		sketch_ink(s, inks[i]);
		sketch_put(s, " title ");
		if (w->lines[i][0])
			sketch_label(s, w->lines[i]);
		else
			sketch_put(s, intervals ? "'median, from the smallest to the largest value'"
			                        : "'value'");
	}
	sketch_put(s, "\n");
}

static void draw_lines(struct sketch *s, const struct sweep *w, size_t group)
{
	const struct group_metric *m = &w->g->metrics[w->metric];
	struct number_unit u;
	bool intervals = false;

	if (!sketch_begin(s, PLOT_SWEEP, 215, (struct key_size){(unsigned)w->n_lines, 1}))
		return;
	s->plot.group = group;
	put_title(s, w);
	put_option_axis(s, w);
	u = sketch_axis(s, 'y', m->name, m->unit, largest_of(w));
	for (size_t i = 0; i < w->n_lines; i++)
		intervals |= put_line(s, w, i, u.scale);
	sketch_put(s, "set offsets graph .04, graph .04, graph .08, graph .05\n");
	put_line_layers(s, w, intervals);
	sketch_end(s);
}

/* --- a map ------------------------------------------------------------------------------- */

/* Every option of one with every one of the other. */
static bool is_grid(const struct sweep *w)
{
	return w->n >= GRID_CELLS && w->n_levels >= GRID_LEAST && w->n_levels <= GRID_MAX &&
	       w->n_lines >= GRID_LEAST && w->n_lines <= GRID_MAX &&
	       w->n == w->n_levels * w->n_lines;
}

static size_t level_index(const struct sweep *w, double x)
{
	size_t i = 0;

	while (i + 1 < w->n_levels && w->levels[i] < x)
		i++;
	return i;
}

struct range {
	double low, high;
};

static struct range range_of(const struct sweep *w)
{
	struct range r = {w->spots[0].center->value, w->spots[0].center->value};

	for (size_t i = 1; i < w->n; i++) {
		r.low = fmin(r.low, w->spots[i].center->value);
		r.high = fmax(r.high, w->spots[i].center->value);
	}
	return r;
}

static int heat_of(const struct range *r, double x)
{
	double share = r->high > r->low ? (x - r->low) / (r->high - r->low) : 0;

	return (int)fmin(HEAT_LEVELS - 1, floor(share * HEAT_LEVELS));
}

static void put_heat(struct sketch *s, const struct sweep *w, const struct range *r)
{
	for (int heat = 0; heat < HEAT_LEVELS; heat++) {
		sketch_put(s, "$heat%d << END\n-9 -9\n", heat);
		for (size_t i = 0; i < w->n; i++) {
			const struct spot *spot = &w->spots[i];

			if (heat_of(r, spot->center->value) != heat)
				continue;
			sketch_put(s, "%zu %zu\n", level_index(w, spot->x), spot->line);
			sketch_fact(s, spot->center->id);
		}
		sketch_put(s, "END\n");
	}
}

static void put_map_axes(struct sketch *s, const struct sweep *w)
{
	sketch_put(s, "set xlabel ");
	sketch_label(s, w->g->keys[w->key]);
	sketch_put(s, " textcolor rgb '#0000a1'\nset xtics (");
	for (size_t i = 0; i < w->n_levels; i++)
		sketch_put(s, "%s'%.9g' %zu", i ? ", " : "", w->levels[i], i);
	sketch_put(s, ") scale 0\nset ytics (");
	for (size_t i = 0; i < w->n_lines; i++) {
		sketch_put(s, i ? ", " : "");
		sketch_label(s, w->lines[i]);
		sketch_put(s, " %zu", i);
	}
	sketch_put(s, ") scale 0\nset xrange [-.5:%zu.5]\nset yrange [-.5:%zu.5]\nunset grid\n",
	           w->n_levels - 1, w->n_lines - 1);
}

/* The metric's name heads the key: there is no axis for it. */
static void put_map_layers(struct sketch *s, const struct group_metric *m, const struct range *r)
{
	struct number_unit u = number_unit_for(m->unit, fmax(fabs(r->low), fabs(r->high)));
	double step = (r->high - r->low) / HEAT_LEVELS;
	const char *unit = u.unit ? u.unit : "";
	bool plain = fmax(fabs(r->low), fabs(r->high)) * u.scale < PLAIN_MOST;
	int decimals = (int)fmin(9,
	                         fmax(0, ceil(-log10(step * u.scale)))); /* so that each differs */

	sketch_put(s, "set key title ");
	sketch_label(s, unit[0] ? unit : m->name);
	sketch_put(s, "\nplot ");
	for (int i = HEAT_LEVELS - 1; i >= 0; i--) {
		sketch_put(s, "$heat%d using 1:2:(.48):(.46) with boxxyerror fs solid noborder ",
		           i);
		sketch_ink(s, (enum plot_ink)(PLOT_HEAT + i));
		sketch_put(s, plain ? " title '%.*f to %.*f'%s" : " title '%.*g to %.*g'%s",
		           plain ? decimals : 3, (r->low + i * step) * u.scale,
		           plain ? decimals : 3, (r->low + (i + 1) * step) * u.scale,
		           i ? ", " : "\n");
	}
}

static void draw_map(struct sketch *s, const struct sweep *w, size_t group)
{
	struct range r = range_of(w);

	if (!sketch_begin(s, PLOT_SWEEP, 60 + 28 * (unsigned)w->n_lines, (struct key_size){4, 3}))
		return;
	s->plot.group = group;
	put_title(s, w);
	put_map_axes(s, w);
	put_heat(s, w, &r);
	put_map_layers(s, &w->g->metrics[w->metric], &r);
	sketch_end(s);
}

static bool is_same(double a, double b)
{
	return fabs(a - b) <= 1e-6 * fabs(b);
}

/* A summary restates the numbers of another file; and where all are alike, nothing is to be seen.
 */
static bool is_news(const struct sketch *s, const struct sweep *w, const struct range *seen,
                    size_t n_seen)
{
	struct range r;

	if (w->n < LEVELS_LEAST)
		return false;
	r = range_of(w);
	for (size_t i = 0; i < n_seen; i++)
		if (is_same(seen[i].low, r.low) && is_same(seen[i].high, r.high))
			return false;
	return r.high - r.low > largest_of(w) * s->meta->min_effect_pct / 100;
}

void plot_sweeps(struct sketch *s)
{
	struct range seen[SWEEPS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < s->d->n_groups && n < SWEEPS_MAX; i++) {
		struct sweep w = {.g = &s->d->groups[i]};

		if (w.g->incomparable || w.g->n_configurations < LEVELS_LEAST ||
		    !choose_metric(w.g, &w.metric) || !choose_key(s, &w))
			continue;
		find_spots(s, &w);
		if (s->failed)
			return;
		if (!is_news(s, &w, seen, n))
			continue;
		if (w.n_levels >= LEVELS_LEAST && w.n_lines <= LINES_MAX)
			draw_lines(s, &w, i);
		else if (is_grid(&w))
			draw_map(s, &w, i);
		else
			continue;
		seen[n++] = range_of(&w);
	}
}
