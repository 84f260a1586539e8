/* SPDX-License-Identifier: MIT */
/*
 * Numbers of one name in several objects: {"before": {"latency_ms": 1}, "after": {"latency_ms":
 * 2}} is two rows of one metric, told apart by the object that they lie in.
 */
#include "agents/analyst/work.h"

#define PROBE_ROWS  64  /* rows looked at to see whether a column holds numbers */
#define MAX_COLUMNS 256 /* every pair of columns is compared: no more than this many */

static bool has_numbers(const struct table *t, size_t column)
{
	for (size_t r = 0; r < t->n_rows && r < PROBE_ROWS; r++) {
		enum cell_kind kind = table_cell(t, r, column).kind;

		if (kind == CELL_NUMBER || kind == CELL_LIST)
			return true;
	}
	return false;
}

/* Same numbers wherever both have one, in a table where that is no chance. */
static bool same_numbers(const struct table *t, size_t a, size_t b)
{
	size_t both = 0;

	for (size_t r = 0; r < t->n_rows; r++) {
		const struct cell x = table_cell(t, r, a), y = table_cell(t, r, b);

		if (x.kind != CELL_NUMBER || y.kind != CELL_NUMBER)
			continue;
		if (x.number < y.number || x.number > y.number)
			return false;
		both++;
	}
	return both > 0 && t->n_rows > 1;
}

static size_t count_numbers(const struct table *t, size_t column)
{
	size_t n = 0;

	for (size_t r = 0; r < t->n_rows; r++)
		n += table_cell(t, r, column).kind == CELL_NUMBER;
	return n;
}

/* Of two columns that hold the same numbers, the one with fewer of them restates the other. */
static void drop_restated(const struct table *t, const bool *measures, bool *restates, size_t c)
{
	for (size_t other = 0; other < c; other++) {
		if (!measures[other] || restates[other] ||
		    strcmp(t->columns[other].name, t->columns[c].name) != 0 ||
		    !same_numbers(t, other, c))
			continue;
		if (count_numbers(t, c) > count_numbers(t, other)) {
			restates[other] = true;
		} else {
			restates[c] = true;
			return;
		}
	}
}

static void add_parent(struct work *w, struct sections *s, struct strmap *seen, const char *pointer)
{
	const char *parent = pointer_parent(w, pointer);
	size_t number;

	if (!parent || strmap_add(seen, str_of(parent), &number) < 0) {
		w->failed = true;
		return;
	}
	if (number == s->n)
		s->parents[s->n++] = parent;
}

/* Every measuring column shares its name with another, or the table is one row of scalars. */
static bool collides(const struct table *t, const bool *measures, const bool *restates,
                     struct strmap *names, size_t *count)
{
	size_t alone = 0, shared = 0, number;

	for (size_t c = 0; c < t->n_columns; c++) {
		if (!measures[c] || restates[c])
			continue;
		if (!strmap_find(names, str_of(t->columns[c].name), &number))
			return false;
		if (count[number] > 1)
			shared++;
		else
			alone++;
	}
	return shared > 0 && (alone == 0 || *t->base == '\0');
}

/* How many measuring columns bear each name, restated ones aside. */
static void count_names(struct work *w, const struct table *t, const bool *measures,
                        const bool *restates, struct strmap *names, size_t *count)
{
	size_t number;

	for (size_t c = 0; c < t->n_columns; c++) {
		if (!measures[c] || restates[c])
			continue;
		if (strmap_add(names, str_of(t->columns[c].name), &number) < 0)
			w->failed = true;
		else
			count[number]++;
	}
}

static bool *measuring(struct work *w, const struct table *t)
{
	bool *measures = work_alloc(w, t->n_columns, sizeof *measures);

	for (size_t c = 0; measures && c < t->n_columns; c++) {
		const char *parent = pointer_parent(w, t->columns[c].pointer);

		measures[c] = parent && has_numbers(t, c) &&
		              measure_of(t->columns[c].name, parent).known;
	}
	return measures;
}

void sections_of(struct work *w, const struct table *t, struct sections *ret)
{
	struct strmap names = {.arena = w->arena}, seen = {.arena = w->arena};
	bool *measures = t->base && !t->schema ? measuring(w, t) : NULL;
	size_t *count = work_alloc(w, t->n_columns, sizeof *count);

	*ret = (struct sections){.restates = work_alloc(w, t->n_columns, sizeof(bool))};
	if (w->failed || !measures || t->n_columns > MAX_COLUMNS)
		return;
	for (size_t c = 0; c < t->n_columns; c++)
		if (measures[c])
			drop_restated(t, measures, ret->restates, c);
	count_names(w, t, measures, ret->restates, &names, count);
	if (w->failed || !collides(t, measures, ret->restates, &names, count))
		return;
	ret->parents = work_alloc(w, t->n_columns, sizeof *ret->parents);
	ret->measures = measures;
	for (size_t c = 0; ret->parents && c < t->n_columns; c++)
		if (measures[c] && !ret->restates[c])
			add_parent(w, ret, &seen, t->columns[c].pointer);
}
