/* SPDX-License-Identifier: MIT */
/*
 * settle - what the marks in numbers mean, which only the other cells of a table tell. "1,234" is a
 * number only where one of the same column or table can be read one way only, such as "0.5" or
 * "1,234,567".
 */
#include <math.h>

#include "agents/collector/quantity.h"
#include "agents/collector/reader.h"

typedef void cell_fn(void *arg, struct cell *c);

/* The cells of a column that have a text, each as often as it is kept. */
static void for_each(struct column *c, size_t n_rows, cell_fn *fn, void *arg)
{
	size_t n = c->store == STORE_PLAIN ? n_rows : c->store == STORE_CODED ? c->n_values : 0;

	for (size_t i = 0; i < n; i++)
		fn(arg, &c->values[i]);
	for (size_t i = 0; c->store == STORE_MEASURED && i < c->n_others; i++)
		fn(arg, (struct cell *)(uintptr_t)&c->others[i].cell); /* the reader's own */
}

static enum decimal_hint hint_of(const struct cell *c)
{
	if (c->kind != CELL_NUMBER && c->kind != CELL_TEXT)
		return HINT_NONE;
	return quantity_hint(str_of(c->text));
}

static void count_hint(void *arg, struct cell *c)
{
	struct decimal_hints *h = arg;

	h->n[hint_of(c)]++;
}

/*
 * Numbers without their text were plain ones: a fraction of one or two digits can only have had the
 * table's decimal mark before it.
 */
static void count_measured(struct decimal_hints *h, const struct column *c, size_t n_rows,
                           char decimal)
{
	enum decimal_hint sure = decimal == '.' ? HINT_POINT : HINT_COMMA;

	for (size_t i = 0; c->store == STORE_MEASURED && !h->n[sure] && i < n_rows; i++) {
		double x = column_number(c, i), hundreds = x * 100;

		h->n[sure] += isfinite(hundreds) && fabs(x - rint(x)) > 1e-3 &&
		              fabs(hundreds - rint(hundreds)) < 1e-6;
	}
}

static void find_maybe(void *arg, struct cell *c)
{
	bool *found = arg;

	/* what can be read in two ways is plain or has an empty unit, and has a mark */
	if (!*found && c->kind == CELL_NUMBER && strpbrk(c->text, ",.")) {
		enum decimal_hint hint = c->unit || strchr(c->text, ',') ? hint_of(c) : HINT_NONE;

		*found = hint == HINT_COMMA_MAYBE || hint == HINT_POINT_MAYBE;
	}
}

static void make_text(void *arg, struct cell *c)
{
	const char *decimal = arg;
	enum decimal_hint hint = c->kind == CELL_NUMBER ? hint_of(c) : HINT_NONE;

	if (hint == HINT_COMMA_MAYBE || (hint == HINT_POINT_MAYBE && *decimal == ','))
		*c = (struct cell){.kind = CELL_TEXT, .text = c->text};
}

static bool has_maybe(const struct table *t)
{
	bool found = false;

	for (size_t i = 0; i < t->n_columns && !found; i++)
		for_each(&t->columns[i], t->n_rows, find_maybe, &found);
	return found;
}

void reader_settle(struct table *t)
{
	enum decimal_hint sure = t->decimal == '.' ? HINT_POINT : HINT_COMMA;
	enum decimal_hint other = t->decimal == '.' ? HINT_COMMA : HINT_POINT;
	struct decimal_hints all = {0};

	if (!has_maybe(t))
		return;
	for (size_t i = 0; i < t->n_columns; i++) {
		for_each(&t->columns[i], t->n_rows, count_hint, &all);
		count_measured(&all, &t->columns[i], t->n_rows, t->decimal);
	}
	for (size_t i = 0; i < t->n_columns; i++) {
		struct decimal_hints own = {0};

		for_each(&t->columns[i], t->n_rows, count_hint, &own);
		if (!all.n[sure] || own.n[other])
			for_each(&t->columns[i], t->n_rows, make_text, &t->decimal);
	}
}

static void read_with_comma(void *arg, struct cell *c)
{
	(void)arg;
	if (c->kind == CELL_NUMBER || c->kind == CELL_TEXT)
		reader_cell(c, c->text, strlen(c->text), ',');
}

void reader_find_decimal(struct table *t)
{
	struct decimal_hints all = {0};

	for (size_t i = 0; i < t->n_columns; i++)
		for_each(&t->columns[i], t->n_rows, count_hint, &all);
	if (all.n[HINT_COMMA] <= all.n[HINT_POINT])
		return;
	t->decimal = ',';
	for (size_t i = 0; i < t->n_columns; i++)
		for_each(&t->columns[i], t->n_rows, read_with_comma, NULL);
}
