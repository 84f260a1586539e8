/* SPDX-License-Identifier: MIT */
/* Numbers that cannot be: negative times, shares beyond the whole, percentiles out of order. */
#include "agents/analyst/gap.h"

#include <math.h>
#include <stdio.h>

#include "agents/analyst/bounds.h"
#include "agents/analyst/words.h"
#include "lib/evidence/unit.h"

#define SCANNED_ROWS 100000 /* of an earlier run: of more rows, the present one speaks for all */
#define WHOLE_PCT    100.5  /* a share beyond, rounding allowed */
#define NO_PLACE     (-1.0)
#define PLACE_MAX    101
#define LIST(...)    ((const char *const[]){__VA_ARGS__, NULL})

enum sort { NEGATIVE, BEYOND_WHOLE, OUT_OF_ORDER, SORTS };

/* --- percentiles ------------------------------------------------------------------------ */

/* "p99" -> 99, "p999" -> 99.9, "50th" -> 50, "median" -> 50, "min" -> 0. */
static double place_of_word(const char *word)
{
	static const struct {
		const char *word;
		double place;
	} names[] = {
		{"min", 0},         {"minimum", 0},        {"q1", 25}, {"median", 50}, {"q3", 75},
		{"max", PLACE_MAX}, {"maximum", PLACE_MAX}};
	size_t n = strspn(word + (*word == 'p'), "0123456789");
	double place = 0;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i].word, word) == 0)
			return names[i].place;
	if (strcmp(word, "p100") == 0)
		return 100;
	if (!n || n > 5 || (*word == 'p' ? word[1 + n] != '\0' : strcmp(word + n, "th") != 0))
		return NO_PLACE;
	for (size_t i = 0; i < n; i++) {
		double digit = word[i + (*word == 'p')] - '0';

		place = i < 2 ? 10 * place + digit : place + digit / pow(10, (double)i - 1);
	}
	return place;
}

static bool is_mean(const char *word)
{
	return strcmp(word, "mean") == 0 || strcmp(word, "avg") == 0 ||
	       strcmp(word, "average") == 0;
}

/* A statistic of a distribution: where it lies, and what of, with everything else in the name. */
struct statistic_column {
	int column;
	double place; /* NO_PLACE: the mean */
	const char *family;
};

static bool read_statistic(struct work *w, const struct view_column *c, int column,
                           struct statistic_column *ret)
{
	struct words words = words_of(c->name);
	const char *stem = work_printf(w, "%s [%s]", c->parent, words.unit);
	size_t n = 0;

	*ret = (struct statistic_column){.column = column, .place = NO_PLACE};
	for (size_t i = 0; i < words.n && stem; i++) {
		double place = place_of_word(words.word[i]);

		if (place < 0 && !is_mean(words.word[i])) {
			stem = work_printf(w, "%s %s", stem, words.word[i]);
			continue;
		}
		ret->place = place;
		n++;
	}
	ret->family = stem;
	return stem && n == 1;
}

/* --- what stands in a row -------------------------------------------------------------- */

/* A number in a unit that all of its dimension share, and half of its last digit. */
struct figure {
	double x, half;
	bool there;
};

static double half_of_last_digit(double x)
{
	char text[40];
	const char *point;

	(void)snprintf(text, sizeof text, "%.12g", x);
	point = strchr(text, '.');
	if (strchr(text, 'e'))
		return fabs(x) * 1e-9;
	return .5 * pow(10, point ? -(double)strlen(point + 1) : 0);
}

static struct figure figure_of(const struct view *v, size_t row, size_t column)
{
	const struct cell c = view_cell(v, row, column);
	const struct unit *u;
	struct figure f = {.x = c.number};

	if (view_row(v, row).failed || c.kind != CELL_NUMBER)
		return f;
	f.there = true;
	f.half = half_of_last_digit(f.x);
	if (!c.unit || !*c.unit->text)
		return f;
	u = unit_find(str_of(c.unit->text));
	f.there = u != NULL;
	f.x *= u ? u->factor : 1;
	f.half *= u ? u->factor : 1;
	return f;
}

static bool lies_above(struct figure a, struct figure b)
{
	return a.there && b.there && a.x - b.x > (a.half > b.half ? a.half : b.half) * 1.0000001;
}

/* --- collecting ------------------------------------------------------------------------ */

struct impossible {
	struct gap_cells cells;
	const char *name, *other; /* the first column, and the one that it contradicts */
	size_t n_columns;
	int last; /* column found last */
};

struct scan {
	struct work *w;
	const struct series *series;
	struct impossible of[SORTS];
	struct statistic_column *statistics; /* of the present view */
	size_t n_statistics;
	struct gap gap;
	uint32_t *rows; /* scratch, as many as the view has */
	int *columns;
	size_t n;
};

static void keep(struct scan *s, enum sort sort, const struct view *v, int column, int other)
{
	struct impossible *i = &s->of[sort];

	if (!s->n || s->w->failed)
		return;
	gap_cells(s->w, &i->cells, v, s->rows, s->columns, s->n);
	gap_artifact(s->w, &s->gap, v->artifact->id);
	if (!i->name) {
		i->name = v->columns[column].name;
		i->other = other < 0 ? NULL : v->columns[other].name;
	}
	i->n_columns += i->last != column + 1;
	i->last = column + 1;
	s->n = 0;
}

static void add(struct scan *s, size_t row, int column)
{
	s->rows[s->n] = (uint32_t)row;
	s->columns[s->n++] = column;
}

static void scan_column(struct scan *s, enum sort sort, const struct view *v, int column)
{
	for (size_t r = 0; r < v->n_rows; r++) {
		const struct cell c = view_cell(v, r, (size_t)column);

		if (c.kind == CELL_NUMBER && !view_row(v, r).failed &&
		    (sort == NEGATIVE ? c.number < 0 : c.number > WHOLE_PCT))
			add(s, r, column);
	}
	keep(s, sort, v, column, -1);
}

/* Which of two statistics cannot lie above the other. */
static bool goes_before(const struct statistic_column *a, const struct statistic_column *b)
{
	if (a->place < 0 || b->place < 0)
		return a->place < 0 ? b->place >= PLACE_MAX : !(a->place > 0);
	return a->place < b->place;
}

static void scan_pair(struct scan *s, const struct view *v, const struct statistic_column *a,
                      const struct statistic_column *b, int low, int high)
{
	if (strcmp(a->family, b->family) != 0 || !goes_before(a, b) || low < 0 || high < 0)
		return;
	for (size_t r = 0; r < v->n_rows; r++)
		if (lies_above(figure_of(v, r, (size_t)low), figure_of(v, r, (size_t)high)))
			add(s, r, high);
	keep(s, OUT_OF_ORDER, v, high, low);
}

static int column_in(const struct scan *s, const struct view *v, int column)
{
	const struct view *present = s->series->views[s->series->present];

	return v == present ? column : view_find(v, present->columns[column].id);
}

/* The present run's own facts spare a look at each of its cells. */
static bool may_hold(const struct scan *s, enum sort sort, size_t metric)
{
	const struct group *g = series_group(s->w, s->series);

	for (size_t i = 0; i < g->n_configurations; i++) {
		const struct group_cell *c = &g->cells[i * g->n_metrics + metric];
		unsigned id = sort == NEGATIVE ? c->min : c->max;
		const struct fact *f = dossier_fact(s->w->d, id ? id : c->center);

		if (f && (sort == NEGATIVE ? f->value < 0 : f->value > WHOLE_PCT))
			return true;
	}
	return false;
}

static void scan_metrics(struct scan *s, const struct view *v)
{
	const struct series *of = s->series;
	const struct view *present = of->views[of->present];

	for (size_t m = 0; m < of->n_metrics && !s->w->failed; m++) {
		const struct measure *measure = &of->roles[of->metrics[m]].measure;
		const char *name = present->columns[of->metrics[m]].name;
		int column = column_in(s, v, of->metrics[m]);

		if (column < 0)
			continue;
		if (bounds_no_negative(measure, name) && (v != present || may_hold(s, NEGATIVE, m)))
			scan_column(s, NEGATIVE, v, column);
		if (bounds_no_more_than_all(measure, name) &&
		    (v != present || may_hold(s, BEYOND_WHOLE, m)))
			scan_column(s, BEYOND_WHOLE, v, column);
	}
}

static void scan_view(struct scan *s, const struct view *v)
{
	bool present = v == s->series->views[s->series->present];

	if (!present && v->n_rows > SCANNED_ROWS)
		return;
	s->rows = work_alloc(s->w, v->n_rows, sizeof *s->rows);
	s->columns = work_alloc(s->w, v->n_rows, sizeof *s->columns);
	if (s->w->failed)
		return;
	scan_metrics(s, v);
	for (size_t i = 0; i < s->n_statistics; i++)
		for (size_t k = 0; k < s->n_statistics && !s->w->failed; k++)
			if (i != k)
				scan_pair(s, v, &s->statistics[i], &s->statistics[k],
				          column_in(s, v, s->statistics[i].column),
				          column_in(s, v, s->statistics[k].column));
}

/* Of a rate a far percentile may be the small end: only of times and sizes is the order known. */
static void list_statistics(struct scan *s)
{
	const struct series *of = s->series;
	const struct view *v = of->views[of->present];

	s->statistics = work_alloc(s->w, of->n_metrics, sizeof *s->statistics);
	for (size_t m = 0; m < of->n_metrics && !s->w->failed; m++) {
		const struct measure *measure = &of->roles[of->metrics[m]].measure;

		if (measure->better != BETTER_HIGHER && !measure->spread &&
		    read_statistic(s->w, &v->columns[of->metrics[m]], of->metrics[m],
		                   &s->statistics[s->n_statistics]))
			s->n_statistics++;
	}
}

static void say_sort(struct scan *s, enum sort sort)
{
	static const char *const labels[SORTS] = {"values below zero that cannot be",
	                                          "shares of more than the whole",
	                                          "statistics out of order"};
	const struct impossible *i = &s->of[sort];
	struct sentence *text = &s->gap.text;
	unsigned fact = fact_count(s->w, labels[sort], &i->cells.cells);
	bool one = i->cells.cells.n == 1;

	if (!fact)
		return;
	gap_fact(s->w, &s->gap, fact);
	say(text, text->n ? "; " : "");
	say_fact(text, fact);
	say(text, one ? " value of " : " values of ");
	say_name(text, i->name);
	say(text, i->n_columns > 1 ? " and other columns" : "");
	switch (sort) {
	case NEGATIVE:
		say(text, one ? " is negative" : " are negative");
		break;
	case BEYOND_WHOLE:
		say(text, one ? " is a share of more than the whole"
		              : " are shares of more than the whole");
		break;
	case OUT_OF_ORDER:
		say(text, one ? " lies below " : " lie below ");
		say_name(text, i->other);
		break;
	case SORTS:
		break;
	}
}

static void find_impossible(struct work *w, struct gap_fold *f, const struct series *series)
{
	struct scan s = {.w = w, .series = series, .gap = gap_new(SEVERITY_MEDIUM)};

	list_statistics(&s);
	for (size_t i = 0; i < series->n_views && !w->failed; i++)
		scan_view(&s, series->views[i]);
	if (!s.gap.finding.n_artifacts || w->failed)
		return;
	for (enum sort sort = NEGATIVE; sort < SORTS; sort++)
		if (s.of[sort].cells.cells.n)
			say_sort(&s, sort);
	say(&s.gap.text, " in ");
	gap_files(w, &s.gap);
	say(&s.gap.text, ": that cannot be.");
	if (s.gap.finding.n_facts)
		gap_add_folded(w, f, &s.gap, work_printf(w, "gap:impossible:%s", series->key));
}

/* --- units ----------------------------------------------------------------------------- */

static bool has_units(const struct view *v, size_t column)
{
	for (size_t i = 0; i < v->n_parts; i++) {
		int at = v->parts[i].map[column];
		const struct column *c = at >= 0 ? &v->parts[i].table->columns[at] : NULL;

		if (c && (c->store != STORE_MEASURED || c->n_others))
			return true;
	}
	return false;
}

static const char *dimension_of(const struct cell *c)
{
	const struct unit *u;

	if (c->kind != CELL_NUMBER || !c->unit || !*c->unit->text)
		return NULL;
	u = unit_find(str_of(c->unit->text));
	return u ? u->base : c->unit->text;
}

/* The cells whose unit is of another dimension than that of the first. */
static bool find_units(struct work *w, struct gap_fold *f, const struct series *s, size_t column)
{
	const struct view *v = s->views[s->present];
	const char *base = NULL, *first = NULL, *other = NULL;
	struct gap gap = gap_new(SEVERITY_MEDIUM);
	struct gap_cells cells = {0};
	uint32_t *rows;
	int *columns;
	size_t n = 0;

	if (!has_units(v, column))
		return false;
	rows = work_alloc(w, v->n_rows, sizeof *rows);
	columns = work_alloc(w, v->n_rows, sizeof *columns);
	for (size_t r = 0; !w->failed && r < v->n_rows; r++) {
		const struct cell c = view_cell(v, r, column);
		const char *dimension = view_row(v, r).failed ? NULL : dimension_of(&c);

		if (!dimension)
			continue;
		if (!base)
			base = dimension, first = c.unit->text;
		if (strcmp(base, dimension) == 0)
			continue;
		other = other ? other : c.unit->text;
		rows[n] = (uint32_t)r;
		columns[n++] = (int)column;
	}
	if (!n || w->failed)
		return false;
	gap_cells(w, &cells, v, rows, columns, n);
	say_name(&gap.text, v->columns[column].name);
	say(&gap.text, " of ");
	say_name(&gap.text, v->artifact->path);
	say(&gap.text, " is in ");
	say_name(&gap.text, first);
	say(&gap.text, " and, values: ");
	(void)gap_count(w, &gap, "values in another unit", &cells);
	say(&gap.text, ", in ");
	say_name(&gap.text, other);
	say(&gap.text, ", which does not turn into it.");
	gap_artifact(w, &gap, v->artifact->id);
	if (gap.finding.n_facts)
		gap_add_folded(w, f, &gap, work_printf(w, "gap:units:%s", s->key));
	return true;
}

void gaps_in_values(struct work *w)
{
	struct gap_fold impossible = {.key = "gap:impossible",
	                              .words = "There are values that cannot be also in "};
	struct gap_fold units = {.key = "gap:units",
	                         .words = "Columns are in several units also in "};

	for (size_t i = 0; i < w->n_series && !w->failed; i++) {
		const struct series *s = &w->series[i];
		bool found = false;

		if (!s->group || !is_measured(s->views[s->present]))
			continue;
		find_impossible(w, &impossible, s);
		for (size_t m = 0; m < s->n_metrics && !found && !w->failed; m++)
			found = find_units(w, &units, s, (size_t)s->metrics[m]);
	}
	gap_fold_end(w, &impossible);
	gap_fold_end(w, &units);
}
