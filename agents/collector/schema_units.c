/* SPDX-License-Identifier: MIT */
/*
 * The unit that stands in a column of its own. One for all rows is the unit of the numbers beside
 * it. Units that turn into one another go to the cells. Others make a column of each: what is in
 * ops/s and what is in ns/op is not one metric.
 */
#include <errno.h>

#include "agents/collector/schema.h"
#include "lib/evidence/unit.h"

#define UNITS_MAX 16 /* in one column; with more of them it is ignored */

struct told {
	const char *name;
	const struct unit *unit;         /* NULL: none that is known */
	const struct schema_unit *meant; /* by the schema; NULL: as written */
	size_t group;                    /* the column that its cells go to */
};

/* The units of one column's cells. */
struct tally {
	size_t column, by;
	const struct schema *schema;
	struct told told[UNITS_MAX];
	size_t n, n_groups;
	bool lists, overflow;
};

static const struct schema_unit *meant(const struct schema *s, const char *text)
{
	for (size_t i = 0; i < s->n_units; i++)
		if (schema_fits(s->units[i].text, text))
			return &s->units[i];
	return NULL;
}

static struct told told_by(const struct schema *s, const char *text)
{
	const struct schema_unit *m = meant(s, text);
	const char *name = m ? m->unit : text;
	const struct unit *unit = unit_find(str_of(name));

	return (struct told){.name = unit ? unit->name : name, .unit = unit, .meant = m};
}

static struct told told_of(const struct tally *y, const struct table *t, size_t row)
{
	return told_by(y->schema, table_cell(t, row, y->by).text);
}

/* What the metric is by the unit; "": what it was. */
static const char *told_quantity(const struct told *told)
{
	return told->meant && told->meant->quantity ? told->meant->quantity : "";
}

static bool is_told(const struct told *a, const struct told *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(told_quantity(a), told_quantity(b)) == 0;
}

/* The number of the row's unit, -1: its cell has no number, or the units are too many. */
static int find(const struct tally *y, const struct table *t, size_t row)
{
	const struct cell c = table_cell(t, row, y->column);
	struct told told;

	if (c.kind != CELL_NUMBER && c.kind != CELL_LIST)
		return -1;
	told = told_of(y, t, row);
	for (size_t i = 0; i < y->n; i++)
		if (is_told(&y->told[i], &told))
			return (int)i;
	return -1;
}

static bool turn_into_one_another(const struct tally *y, const struct told *a, const struct told *b)
{
	if (y->lists || !a->unit || !b->unit)
		return false; /* the numbers of a list have no factors */
	if (strcmp(told_quantity(a), told_quantity(b)) != 0)
		return false;
	return strcmp(a->unit->base, b->unit->base) == 0;
}

static void add(struct tally *y, struct told told)
{
	if (y->n == UNITS_MAX) {
		y->overflow = true;
		return;
	}
	y->told[y->n++] = told;
}

static void group(struct tally *y)
{
	for (size_t i = 0; i < y->n; i++) {
		size_t k = 0;

		while (k < i && !turn_into_one_another(y, &y->told[i], &y->told[k]))
			k++;
		y->told[i].group = k < i ? y->told[k].group : y->n_groups++;
	}
}

/* Rows that are left out have no say. */
static void count(struct tally *y, const struct table *t)
{
	const char *last = NULL; /* one text is one unit, and coded cells share theirs */
	size_t note = 0;

	for (size_t r = 0; r < t->n_rows && !y->overflow; r++) {
		const struct cell c = table_cell(t, r, y->column), by = table_cell(t, r, y->by);

		if (note < t->n_notes && t->notes[note].row == r) {
			note++;
			continue;
		}
		if (c.kind != CELL_NUMBER && c.kind != CELL_LIST)
			continue;
		y->lists |= c.kind == CELL_LIST;
		if (by.text != last && find(y, t, r) < 0)
			add(y, told_of(y, t, r));
		last = by.text;
	}
	group(y);
}

/* "ops/x" is better when higher, "x/op" and times when lower; nothing tells of the rest. */
static enum better direction_of(const struct told *told)
{
	const char *name = told->unit ? told->unit->base : told->name;
	size_t len = strlen(name);

	if (strcmp(name, "s") == 0 || schema_fits("*/op", name) || schema_fits("*/iter", name))
		return BETTER_LOWER;
	if ((len > 2 && schema_fits("*/s", name)) || schema_fits("ops/*", name) ||
	    schema_fits("op/*", name))
		return BETTER_HIGHER;
	return BETTER_NONE;
}

static const char *quantity_of(enum better better, const struct told *told)
{
	const char *base = told->unit ? told->unit->base : "";

	if (better == BETTER_HIGHER)
		return "throughput";
	if (better != BETTER_LOWER)
		return NULL;
	return strcmp(base, "bytes/op") == 0 ? "memory" : "time";
}

/* One group of one unit has it in its meaning; of several, each cell has its own. */
static int settle(struct column *c, const struct tally *y, size_t g, bool directed,
                  struct arena *arena)
{
	struct column_meaning *m = arena_alloc(arena, sizeof *m);
	const struct told *first = NULL;
	size_t n = 0;

	if (!m)
		return -ENOMEM;
	*m = *c->meaning;
	for (size_t i = 0; i < y->n; i++) {
		if (y->told[i].group != g)
			continue;
		first = first ? first : &y->told[i];
		n++;
	}
	if (n == 1 && *first->name)
		m->unit = arena_strdup(arena, first->name);
	if (n == 1 && *first->name && !m->unit)
		return -ENOMEM;
	if (first && *told_quantity(first)) {
		m->better = first->meant->better;
		m->quantity = first->meant->quantity;
	} else if (first && directed) {
		m->better = direction_of(first);
		m->quantity = quantity_of(m->better, first);
	}
	c->meaning = m;
	return 0;
}

/* The column's cells of one group, each with its unit where the group has several. */
static int make_plain(struct column *to, const struct table *t, const struct tally *y, size_t g,
                      struct arena *arena)
{
	struct cell *values = arena_calloc(arena, t->n_rows, sizeof *values);
	size_t units = 0;

	if (!values)
		return -ENOMEM;
	for (size_t i = 0; i < y->n; i++)
		units += y->told[i].group == g;
	for (size_t r = 0; r < t->n_rows; r++) {
		struct cell *c = &values[r];
		int i = find(y, t, r);

		*c = table_cell(t, r, y->column);
		if (i < 0)
			continue;
		if (y->told[i].group != g)
			*c = (struct cell){.kind = CELL_EMPTY, .text = ""};
		else if (units > 1 && !c->unit && y->told[i].unit)
			c->unit = &y->told[i].unit->as[0];
	}
	*to = t->columns[y->column];
	to->store = STORE_PLAIN;
	to->values = values;
	return 0;
}

static const char *split_name(const struct tally *y, size_t g)
{
	for (size_t i = 0; i < y->n; i++) {
		const struct told *told = &y->told[i];

		if (told->group == g && *told->name)
			return told->name;
		if (told->group == g && *told_quantity(told))
			return told_quantity(told);
	}
	return "none";
}

/* The columns that stand for one; *ret_n of them. */
static int split(struct column *to, size_t *ret_n, const struct table *t, const struct tally *y,
                 bool directed, struct arena *arena)
{
	*ret_n = y->n_groups;
	for (size_t g = 0; g < y->n_groups; g++) {
		if (make_plain(&to[g], t, y, g, arena) < 0 ||
		    settle(&to[g], y, g, directed, arena) < 0)
			return -ENOMEM;
		to[g].split = arena_strdup(arena, split_name(y, g));
		if (!to[g].split)
			return -ENOMEM;
	}
	return 0;
}

static int ignore(struct column *c, const char *why, struct arena *arena)
{
	struct column_meaning *m = arena_calloc(arena, 1, sizeof *m);

	if (!m)
		return -ENOMEM;
	m->role = MEANS_IGNORED;
	m->why = why;
	c->meaning = m;
	return 0;
}

/* The column itself stays as it was read, for whoever looks for one of its name. */
static int split_off(struct column *c, struct column *more, size_t *n, const struct table *t,
                     const struct tally *y, bool directed, struct arena *arena)
{
	size_t added;

	if (split(more + *n, &added, t, y, directed, arena) < 0)
		return -ENOMEM;
	*n += added;
	return ignore(c, "numbers in several units: one metric for each", arena);
}

/* A unit in the text around the table holds for all of its cells. */
static int tell_by_context(struct column *c, const struct table *t, const struct schema *s,
                           const struct schema_place *p, struct arena *arena)
{
	struct tally y = {.schema = s, .n = 1};

	for (size_t i = 0; i < t->n_context; i++) {
		if (strcmp(t->context[i].name, p->unit_at + 1) != 0)
			continue;
		y.told[0] = told_by(s, t->context[i].text);
		return settle(c, &y, 0, p->directed, arena);
	}
	return 0;
}

static int tell_column(struct column *c, struct column *more, size_t *n, const struct table *t,
                       const struct schema *s, const struct schema_place *p, struct arena *arena)
{
	int by = schema_column(t, p->unit_at);
	struct tally y = {.column = (size_t)(c - t->columns), .by = (size_t)by, .schema = s};

	if (p->unit_at[0] == '#')
		return tell_by_context(c, t, s, p, arena);
	if (by < 0 || !c->meaning)
		return 0;
	count(&y, t);
	if (y.overflow)
		return ignore(c, "in far too many units", arena);
	if (y.n_groups > 1)
		return split_off(c, more, n, t, &y, p->directed, arena);
	if (y.n > 1 && make_plain(c, t, &y, 0, arena) < 0)
		return -ENOMEM;
	return y.n ? settle(c, &y, 0, p->directed, arena) : 0;
}

static int append(struct table *t, const struct column *more, size_t n, struct arena *arena)
{
	struct column *columns = arena_grow(arena, t->columns, t->n_columns * sizeof *columns,
	                                    (t->n_columns + n) * sizeof *columns);

	if (!columns)
		return -ENOMEM;
	memcpy(columns + t->n_columns, more, n * sizeof *more);
	t->columns = columns;
	t->n_columns += n;
	return 0;
}

int schema_units(struct table *t, const struct schema *s, const struct schema_place *const *places,
                 struct arena *arena)
{
	CLEANUP(freep) struct column *more = NULL;
	size_t room = 0, n = 0;

	for (size_t c = 0; c < t->n_columns; c++)
		room += places[c] && places[c]->unit_at ? UNITS_MAX : 0;
	if (!room)
		return 0;
	more = calloc(room, sizeof *more);
	if (!more)
		return -ENOMEM;
	for (size_t c = 0; c < t->n_columns; c++)
		if (places[c] && places[c]->unit_at &&
		    tell_column(&t->columns[c], more, &n, t, s, places[c], arena) < 0)
			return -ENOMEM;
	return n ? append(t, more, n, arena) : 0;
}

int schema_units_row(struct table *t, const struct schema *s, struct arena *arena)
{
	int at = s->units_row ? schema_column(t, s->units_row) : -1;

	if (at < 0 || !table_row_note(t, 0) || *table_cell(t, 0, (size_t)at).text)
		return 0;
	for (size_t i = 0; i < t->n_columns; i++) {
		const struct column_meaning *known = t->columns[i].meaning;
		struct tally y = {.schema = s, .n = 1};

		if (!known || known->role != MEANS_METRIC)
			continue;
		y.told[0] = told_by(s, table_cell(t, 0, i).text);
		if (settle(&t->columns[i], &y, 0, false, arena) < 0)
			return -ENOMEM;
	}
	return 0;
}
