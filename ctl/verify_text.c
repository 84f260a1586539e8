/* SPDX-License-Identifier: MIT */
/*
 * Places in the text of a recognised tool: the file is read again and cut into lines, once for all
 * locators of an artifact.
 */
#include <errno.h>

#include "agents/collector/encoding.h"
#include "ctl/verify_impl.h"

#define LENGTH_MAX 1000 /* in code points: a cell is no longer */

/* Where a cell of a table stands. */
struct cell_place {
	uint32_t line, column, row;
	uint16_t table, at; /* its table and column, from 0 */
};

struct verify_lines {
	char *bytes;
	struct decoded text;
	const char **starts; /* of line i + 1; one more: the end of the text */
	size_t n;
	char decimal;
	struct cell_place *cells; /* by line and column */
	size_t n_cells;
};

void verify_lines_free(struct verify_lines *l)
{
	if (!l)
		return;
	encoding_done(&l->text);
	free(l->bytes);
	free(l->starts);
	free(l->cells);
	free(l);
}
DEFINE_CLEANUP(struct verify_lines *, verify_lines_free)

/* Lines end in LF. */
static int cut_lines(struct verify_lines *l)
{
	const char *at = l->text.utf8.at, *end = at + l->text.utf8.len;
	size_t n = 1;

	for (const char *c = at; c < end && (c = memchr(c, '\n', (size_t)(end - c))); c++)
		n++;
	l->starts = calloc(n + 1, sizeof *l->starts);
	if (!l->starts)
		return -ENOMEM;
	for (l->n = 0; l->n < n; l->n++) {
		const char *lf = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;

		l->starts[l->n] = at;
		at = lf ? lf + 1 : end;
	}
	l->starts[n] = end;
	return 0;
}

static int by_place(const void *x, const void *y)
{
	const struct cell_place *a = x, *b = y;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return a->row < b->row ? -1 : a->row > b->row;
}

static void add_column(struct verify_lines *l, const struct table *t, size_t table, size_t column)
{
	const struct text_place *places = t->columns[column].places;

	for (size_t row = 0; places && row < t->n_rows; row++)
		if (places[row].line)
			l->cells[l->n_cells++] = (struct cell_place){
				places[row].line, places[row].column, (uint32_t)row,
				(uint16_t)table, (uint16_t)column};
}

static int list_cells(struct verify_lines *l, const struct artifact *a)
{
	size_t n = 0;

	for (size_t t = 0; t < a->n_tables; t++)
		n += a->tables[t].n_rows * a->tables[t].n_columns;
	l->cells = calloc(n + 1, sizeof *l->cells);
	if (!l->cells)
		return -ENOMEM;
	for (size_t t = 0; t < a->n_tables && t <= UINT16_MAX; t++)
		for (size_t c = 0; c < a->tables[t].n_columns && c <= UINT16_MAX; c++)
			add_column(l, &a->tables[t], t, c);
	qsort(l->cells, l->n_cells, sizeof *l->cells, by_place);
	return 0;
}

static int load(struct verify_artifact *a)
{
	CLEANUP(verify_lines_freep) struct verify_lines *l = calloc(1, sizeof *l);
	struct error why = {0};
	size_t len = 0;
	int r = l ? verify_artifact_bytes(a, &l->bytes, &len) : -ENOMEM;

	if (r == 0 && l->bytes)
		r = encoding_decode(&l->text, l->bytes, len, &why);
	if (r == -EILSEQ)
		l->text.utf8 = (struct str){NULL, 0}; /* then no place is anywhere */
	else if (r < 0)
		return r;
	l->decimal = '.';
	for (size_t t = 0; t < a->read->n_tables; t++)
		l->decimal = a->read->tables[t].decimal == ',' ? ',' : l->decimal;
	if (cut_lines(l) < 0 || list_cells(l, a->read) < 0)
		return -ENOMEM;
	a->lines = TAKE(l);
	return 0;
}

/* `length` code points from `column` on, both from 1; empty: the line has not so many. */
static struct str cut(struct str line, json_int_t column, json_int_t length)
{
	struct str part = {line.at, 0};
	json_int_t at = 0;

	for (size_t i = 0; i < line.len && at < column + length; i++) {
		at += ((unsigned char)line.at[i] & 0xc0) != 0x80;
		if (at < column)
			part.at = line.at + i + 1;
		else if (at < column + length)
			part.len = (size_t)(line.at + i + 1 - part.at);
	}
	return at + 1 >= column + length ? part : (struct str){NULL, 0};
}

static struct str line_of(const struct verify_lines *l, json_int_t number)
{
	struct str line = {NULL, 0};

	if (number < 1 || (size_t)number > l->n)
		return line;
	line.at = l->starts[number - 1];
	line.len = (size_t)(l->starts[number] - line.at);
	if (line.len && line.at[line.len - 1] == '\n')
		line.len--;
	return line;
}

/* The first of the cells that stand there: a line that holds for many rows has many. */
static const struct cell_place *cell_at(const struct verify_lines *l, json_int_t line,
                                        json_int_t column)
{
	size_t low = 0, high = l->n_cells;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct cell_place *p = &l->cells[middle];

		if (p->line < line || (p->line == line && p->column < column))
			low = middle + 1;
		else
			high = middle;
	}
	return low < l->n_cells && l->cells[low].line == line && l->cells[low].column == column
	               ? &l->cells[low]
	               : NULL;
}

const struct table *verify_text_cell(struct verify *v, const json_t *locator, size_t *ret_row,
                                     size_t *ret_column)
{
	struct verify_artifact *a = verify_artifact_of(v, verify_text(locator, "artifact"));
	const struct cell_place *p = NULL;

	if (a && json_object_get(locator, "line") && (a->lines || load(a) == 0))
		p = cell_at(a->lines, verify_int(locator, "line"), verify_int(locator, "column"));
	if (!p)
		return NULL;
	*ret_row = p->row;
	*ret_column = p->at;
	return &a->read->tables[p->table];
}

/* The unit of a cell that stands in another place of the text: "lat (usec): ... avg=18.2". */
static const char *unit_elsewhere(struct verify *v, const json_t *locator)
{
	size_t row, column;
	const struct table *t = verify_text_cell(v, locator, &row, &column);
	const struct cell cell = t ? table_cell(t, row, column) : (struct cell){0};

	return cell.unit ? cell.unit->text : "";
}

int verify_text_add(struct verify *v, struct verify_artifact *a, const json_t *locator,
                    double factor, struct verify_cells *c)
{
	json_int_t line = verify_int(locator, "line"), column = verify_int(locator, "column");
	json_int_t length = verify_int(locator, "length");
	char part[4 * LENGTH_MAX + 1];
	struct str whole, found = {NULL, 0};
	int r = a->lines ? 0 : load(a);

	if (r < 0)
		return r;
	whole = line_of(a->lines, line);
	if (column > 0 && column <= (json_int_t)whole.len && length > 0 && length <= LENGTH_MAX)
		found = cut(whole, column, length);
	if (!found.len)
		verify_cells_bad(c, "line %lld column %lld of %.60s is nowhere", (long long)line,
		                 (long long)column, a->read->path);
	(void)snprintf(part, sizeof part, "%.*s", (int)found.len, found.len ? found.at : "");
	verify_factor(c, part, a->lines->decimal, factor, unit_elsewhere(v, locator));
	return verify_cells_push(v, c, verify_number_in(part, a->lines->decimal) * factor);
}

/* --- excluded --------------------------------------------------------------------------- */

struct spot {
	json_int_t artifact, line, column;
};

static struct spot spot_of(const json_t *locator)
{
	const char *id = verify_text(locator, "artifact");

	return (struct spot){*id ? strtoll(id + 1, NULL, 10) : 0, verify_int(locator, "line"),
	                     verify_int(locator, "column")};
}

static int by_spot(const void *x, const void *y)
{
	const struct spot *a = x, *b = y;

	if (a->artifact != b->artifact)
		return a->artifact < b->artifact ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->column < b->column ? -1 : a->column > b->column;
}

void verify_text_excluded(struct verify *v, const json_t *fact)
{
	const json_t *excluded = json_object_get(fact, "excluded"), *locator;
	size_t n = json_array_size(excluded), i;
	CLEANUP(freep) struct spot *spots = calloc(n + 1, sizeof *spots);

	if (!spots || n == 0)
		return;
	json_array_foreach (excluded, i, locator)
		spots[i] = spot_of(locator);
	qsort(spots, n, sizeof *spots, by_spot);
	json_array_foreach (json_object_get(fact, "cells"), i, locator) {
		struct spot spot = spot_of(locator);

		if (spot.line > 0 && bsearch(&spot, spots, n, sizeof *spots, by_spot)) {
			verify_wrong(v, "%s: line %lld column %lld is excluded and counted",
			             verify_text(fact, "id"), (long long)spot.line,
			             (long long)spot.column);
			return;
		}
	}
}
