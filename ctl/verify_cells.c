/* SPDX-License-Identifier: MIT */
/*
 * From locators to numbers: tables, JSON pointers, places in a text, earlier reviews.
 */
#include <errno.h>
#include <stdarg.h>

#include "ctl/verify_impl.h"

#define ROWS_A_CELL 8 /* passed over in the time that one cell takes */

void verify_cells_done(struct verify_cells *c)
{
	free(c->at);
	*c = (struct verify_cells){0};
}

void verify_kept_done(struct verify_kept *k)
{
	verify_cells_done(&k->cells);
	free(k->sorted);
	*k = (struct verify_kept){0};
}

void verify_cells_bad(struct verify_cells *c, const char *fmt, ...)
{
	va_list ap;

	if (c->bad[0])
		return;
	va_start(ap, fmt);
	(void)vsnprintf(c->bad, sizeof c->bad, fmt, ap);
	va_end(ap);
}

int verify_cells_push(struct verify *v, struct verify_cells *c, double number)
{
	size_t cap = c->cap ? 2 * c->cap : 64;
	double *more;

	if (v->work_left == 0) {
		verify_cells_bad(c, "the report asks for more cells than verify looks at");
		return 0;
	}
	v->work_left--;
	if (c->n == c->cap) {
		more = realloc(c->at, cap * sizeof *more);
		if (!more)
			return -ENOMEM;
		c->at = more;
		c->cap = cap;
	}
	c->at[c->n++] = number;
	return 0;
}

/* A plain number is what the reader says; of others the text is read once more. */
static double number_of_cell(const struct cell *cell, char decimal)
{
	switch (cell->kind) {
	case CELL_NUMBER:
		return cell->unit ? verify_number_in(cell->text, decimal) : cell->number;
	case CELL_BOOL:
		return cell->number;
	case CELL_TEXT:
		return verify_number_in(cell->text, decimal);
	case CELL_EMPTY:
	case CELL_NULL:
	case CELL_LIST:
		break;
	}
	return NO_NUMBER;
}

/* --- tables ---------------------------------------------------------------- */

const struct table *verify_table_of(const struct artifact *a, json_int_t number)
{
	for (size_t i = 0; i < a->n_tables; i++) {
		if (a->tables[i].number == (json_int_t)number)
			return &a->tables[i];
	}
	return NULL;
}

size_t verify_column_of(const struct table *t, const char *name)
{
	size_t c = 0;

	while (c < t->n_columns && strcmp(t->columns[c].name, name) != 0)
		c++;
	return c;
}

/* Where the unit of a cell is told: in its text, else in a cell beside it, else in the header. */
static const char *unit_teller(const struct table *t, size_t row, size_t column)
{
	const struct cell cell = table_cell(t, row, column);

	for (size_t c = 0; cell.unit && c < t->n_columns; c++) {
		const struct cell beside = table_cell(t, row, c);

		if (beside.kind == CELL_TEXT && verify_is_unit(beside.text))
			return beside.text;
	}
	return t->columns[column].name;
}

static int add_row(struct verify *v, const struct table *t, size_t row, size_t column,
                   double factor, struct verify_cells *c)
{
	const struct cell cell = table_cell(t, row - 1, column);

	verify_factor(c, cell.kind == CELL_NUMBER && !cell.unit ? "" : cell.text, t->decimal,
	              factor, unit_teller(t, row - 1, column));
	return verify_cells_push(v, c, number_of_cell(&cell, t->decimal) * factor);
}

static int add_rows(struct verify *v, const struct table *t, const char *rows, size_t column,
                    double factor, struct verify_cells *c)
{
	size_t lo, hi, last = 0;
	bool bad = false;
	int r = 0;

	while (row_range_next(&rows, &lo, &hi, &bad)) {
		if (lo <= last || hi > t->n_rows) {
			verify_cells_bad(c,
			                 lo <= last ? "rows are not in order"
			                            : "row %zu of a table of %zu",
			                 hi, t->n_rows);
			return 0;
		}
		for (size_t row = lo; row <= hi && r == 0 && !c->bad[0]; row++)
			r = add_row(v, t, row, column, factor, c);
		last = hi;
		if (r < 0 || c->bad[0])
			return r;
	}
	if (bad)
		verify_cells_bad(c, "rows are malformed");
	return 0;
}

bool *verify_row_set(struct verify *v, const char *rows, size_t n_rows)
{
	bool *set = calloc(n_rows + 1, sizeof *set), bad = false;
	size_t lo, hi;

	while (set && row_range_next(&rows, &lo, &hi, &bad)) {
		for (size_t row = lo; row <= hi && row <= n_rows && v->work_left; row++) {
			set[row] = true;
			v->work_left--;
		}
	}
	return set;
}

/* A column's cells that a `where` asks for. */
struct wanted {
	size_t column;
	const char *text;
	bool *codes; /* CODED: which of its values they are; malloc'd */
};

/* Of a coded column each text is compared once, and not in each row. */
static bool *wanted_codes(const struct column *c, const char *text)
{
	bool *codes = calloc(c->n_values + 1, sizeof *codes);

	for (size_t i = 0; codes && i < c->n_values; i++)
		codes[i] = strcmp(c->values[i].text, text) == 0;
	return codes;
}

static bool row_matches(const struct table *t, size_t row, const struct wanted *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct column *c = &t->columns[all[i].column];

		if (all[i].codes ? !all[i].codes[column_code(c, row)]
		                 : strcmp(table_cell(t, row, all[i].column).text, all[i].text) != 0)
			return false;
	}
	return true;
}

/* *ret_n is SIZE_MAX where no row can match. -ENOMEM. */
static int want(struct wanted *ret, size_t *ret_n, const struct table *t, const json_t *where)
{
	const char *name;
	json_t *text;
	size_t n = 0;

	*ret_n = SIZE_MAX;
	json_object_foreach ((json_t *)(uintptr_t)where, name, text) {
		size_t column = verify_column_of(t, name);

		if (column == t->n_columns || !json_is_string(text))
			return 0;
		ret[n] = (struct wanted){column, json_string_value(text), NULL};
		if (t->columns[column].store == STORE_CODED) {
			ret[n].codes = wanted_codes(&t->columns[column], ret[n].text);
			if (!ret[n].codes)
				return -ENOMEM;
		}
		n++;
	}
	*ret_n = n;
	return 0;
}

static int match_rows(struct verify_matches *m, const struct table *t, const json_t *where,
                      const bool *except)
{
	size_t n_keys = json_object_size(where), n;
	CLEANUP(freep) struct wanted *wanted = calloc(n_keys + 1, sizeof *wanted);
	int r = wanted ? want(wanted, &n, t, where) : -ENOMEM;

	for (size_t row = 0; r == 0 && n != SIZE_MAX && row < t->n_rows; row++)
		if (!except[row + 1] && row_matches(t, row, wanted, n))
			m->rows[m->n++] = (uint32_t)row + 1;
	for (size_t i = 0; wanted && i < n_keys; i++)
		free(wanted[i].codes);
	return r;
}

static int find_matches(struct verify *v, const struct table *t, const json_t *where,
                        const char *except_text)
{
	struct verify_matches *m = &v->matches;
	CLEANUP(freep) bool *except = verify_row_set(v, except_text, t->n_rows);
	uint32_t *rows = reallocarray(m->rows, t->n_rows + 1, sizeof *rows);

	m->rows = rows ? rows : m->rows;
	m->table = NULL;
	m->n = 0;
	if (!except || !rows)
		return -ENOMEM;
	if (match_rows(m, t, where, except) < 0)
		return -ENOMEM;
	m->table = t;
	m->where = where;
	m->except = except_text;
	return 0;
}

/* The facts of one configuration name the same rows, one behind the other. */
static bool are_matched(const struct verify_matches *m, const struct table *t, const json_t *where,
                        const char *except)
{
	return m->table == t && strcmp(m->except, except) == 0 && json_equal(m->where, where);
}

static int add_where(struct verify *v, const struct table *t, const json_t *locator, size_t column,
                     double factor, struct verify_cells *c)
{
	const json_t *where = json_object_get(locator, "where");
	const char *except = verify_text(locator, "except");
	bool known = json_is_object(where) && are_matched(&v->matches, t, where, except);
	int r = 0;

	if (!json_is_object(where))
		verify_cells_bad(c, "a locator without rows, pointer or where");
	else if (!known && t->n_rows / ROWS_A_CELL > v->work_left)
		verify_cells_bad(c, "the report asks for more cells than verify looks at");
	if (c->bad[0])
		return 0;
	if (!known) {
		v->work_left -= t->n_rows / ROWS_A_CELL;
		r = find_matches(v, t, where, except);
	}
	for (size_t i = 0; i < v->matches.n && r == 0; i++)
		r = add_row(v, t, v->matches.rows[i], column, factor, c);
	return r;
}

static int add_table_cells(struct verify *v, const struct verify_artifact *a, const json_t *locator,
                           double factor, struct verify_cells *c)
{
	const struct table *t = verify_table_of(a->read, verify_int(locator, "table"));
	const char *name = verify_text(locator, "column"), *rows = verify_text(locator, "rows");
	size_t column;

	if (!t) {
		verify_cells_bad(c, "%.80s has no such table", a->read->path);
		return 0;
	}
	column = verify_column_of(t, name);
	if (column == t->n_columns) {
		verify_cells_bad(c, "%.60s has no column \"%.60s\"", a->read->path, name);
		return 0;
	}
	if (*rows)
		return add_rows(v, t, rows, column, factor, c);
	return add_where(v, t, locator, column, factor, c);
}

int verify_cells_add(struct verify *v, const json_t *locator, struct verify_cells *c)
{
	struct verify_artifact *a = verify_artifact_of(v, verify_text(locator, "artifact"));
	double factor = 1;

	if (json_object_get(locator, "review"))
		return verify_review_add(v, locator, c);
	if (!a) {
		c->gone = verify_gone(v, verify_text(locator, "artifact"));
		c->absent = c->gone && v->options->partial;
		verify_cells_bad(c, "artifact \"%.20s\" cannot be read",
		                 verify_text(locator, "artifact"));
		return 0;
	}
	if (json_object_get(locator, "factor") && !verify_number(locator, "factor", &factor))
		verify_cells_bad(c, "the factor is no number");
	if (json_object_get(locator, "pointer"))
		return verify_json_add(v, a, locator, c);
	if (json_object_get(locator, "table"))
		return add_table_cells(v, a, locator, factor, c);
	return verify_text_add(v, a, locator, factor, c);
}
