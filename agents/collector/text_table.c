/* SPDX-License-Identifier: MIT */
#include "agents/collector/text_table.h"

#include <errno.h>

#include "agents/collector/quantity.h"
#include "lib/evidence/unit.h"

#define NO_ROW UINT32_MAX

struct text_slot {
	const char *name;
	const struct column_meaning *meaning;
	uint32_t last_row; /* with a cell; NO_ROW: none yet */
	struct str last_text;
	struct text_place *places;
};

struct text_note {
	struct row_note note;
	bool last;
};

struct text_hit {
	uint32_t row, column;
	struct text_cell cell;
};

void text_table_init(struct text_table *ret, struct arena *arena, const struct text_column *known,
                     bool locale)
{
	*ret = (struct text_table){.arena = arena, .known = known, .locale = locale};
}

void text_table_done(struct text_table *t)
{
	free(t->hits);
	*t = (struct text_table){0};
}

static bool fits(const char *pattern, struct str name)
{
	size_t len = strlen(pattern);

	if (len > 0 && pattern[0] == '*')
		return name.len >= len - 1 &&
		       memcmp(name.at + name.len - (len - 1), pattern + 1, len - 1) == 0;
	if (len > 0 && pattern[len - 1] == '*')
		return name.len >= len - 1 && memcmp(name.at, pattern, len - 1) == 0;
	return str_is(name, pattern);
}

static const struct column_meaning *meaning_of(const struct text_table *t, struct str name)
{
	for (const struct text_column *c = t->known; c && c->name; c++)
		if (fits(c->name, name))
			return &c->meaning;
	return NULL;
}

static size_t find_column(const struct text_table *t, struct str name)
{
	size_t i = 0;

	while (i < t->n_columns && !str_is(name, t->columns[i].name))
		i++;
	return i;
}

/* Its number, SIZE_MAX when there is no room for it. */
static size_t add_column(struct text_table *t, struct str name)
{
	struct text_slot *slot;

	if (t->n_columns == TEXT_COLUMNS_MAX || name.len > TEXT_NAME_BYTES) {
		t->columns_over++;
		return SIZE_MAX;
	}
	if (!arena_room(t->arena, &t->columns, t->n_columns, &t->cap_columns, sizeof *slot)) {
		t->failed = true;
		return SIZE_MAX;
	}
	slot = &t->columns[t->n_columns];
	*slot = (struct text_slot){arena_strndup(t->arena, name.at, name.len),
	                           meaning_of(t, name),
	                           NO_ROW,
	                           {NULL, 0},
	                           NULL};
	t->failed |= !slot->name;
	return slot->name ? t->n_columns++ : SIZE_MAX;
}

void text_table_begin_row(struct text_table *t)
{
	if (t->n_rows == TEXT_ROWS_MAX)
		t->rows_over++;
	else
		t->n_rows++;
}

bool text_table_has(const struct text_table *t, struct str name)
{
	size_t column = find_column(t, name);

	return t->n_rows == 0 ||
	       (column < t->n_columns && t->columns[column].last_row == t->n_rows - 1);
}

bool text_table_differs(const struct text_table *t, struct str name, struct str text)
{
	size_t column = find_column(t, name);

	return t->n_rows > 0 && column < t->n_columns &&
	       t->columns[column].last_row == t->n_rows - 1 &&
	       !str_eq(t->columns[column].last_text, text);
}

void text_table_leave_out(struct text_table *t, const char *why, bool last)
{
	if (!t->notes)
		t->notes = arena_calloc(t->arena, TEXT_ROWS_MAX, sizeof *t->notes);
	t->failed |= !t->notes;
	if (t->failed || t->n_rows == 0 || t->rows_over)
		return;
	t->notes[t->n_notes++] = (struct text_note){{(uint32_t)(t->n_rows - 1), why}, last};
}

bool text_table_knows(const struct text_table *t, struct str name)
{
	return find_column(t, name) < t->n_columns;
}

static void keep(struct text_table *t, size_t column, const struct text_cell *cell)
{
	if (t->n_hits == t->cap_hits) {
		size_t cap = t->cap_hits ? 2 * t->cap_hits : 64;
		struct text_hit *more = reallocarray(t->hits, cap, sizeof *more);

		t->failed |= !more;
		if (!more)
			return;
		t->hits = more;
		t->cap_hits = cap;
	}
	t->hits[t->n_hits++] = (struct text_hit){(uint32_t)(t->n_rows - 1), (uint32_t)column,
	                                         *cell};
	t->columns[column].last_row = (uint32_t)(t->n_rows - 1);
	t->columns[column].last_text = cell->text;
}

void text_table_put(struct text_table *t, const struct text_cell *cell)
{
	size_t column;

	if (t->n_rows == 0 || t->rows_over || t->failed || cell->name.len == 0)
		return;
	column = find_column(t, cell->name);
	if (column == t->n_columns)
		column = add_column(t, cell->name);
	if (column == SIZE_MAX || t->columns[column].last_row == t->n_rows - 1)
		return;
	t->n_numbers += cell->is_number;
	keep(t, column, cell);
}

/* --- the table ------------------------------------------------------------------------ */

/* The marks of all numbers together tell whether "1,234" is thousands or a fraction. */
static char decimal_of(const struct text_table *t)
{
	struct decimal_hints hints = {0};

	for (size_t i = 0; t->locale && i < t->n_hits; i++)
		if (t->hits[i].cell.is_number)
			hints.n[quantity_hint(t->hits[i].cell.text)]++;
	return quantity_decimal(&hints) == ',' ? ',' : '.';
}

static int fill_cell(struct text_table *t, struct cell *ret, const struct text_cell *cell,
                     char decimal)
{
	const char *text = arena_strndup(t->arena, cell->text.at, cell->text.len);
	const struct unit *unit;

	if (!text)
		return -ENOMEM;
	reader_cell(ret, text, cell->text.len, decimal);
	unit = cell->unit.len ? unit_find(cell->unit) : NULL;
	if (unit && ret->kind == CELL_NUMBER && !ret->unit)
		ret->unit = &unit->as[0];
	return 0;
}

static int make_columns(struct text_table *t, struct table *ret)
{
	if (!reader_make_columns(ret, t->arena))
		return -ENOMEM;
	for (size_t c = 0; c < t->n_columns; c++) {
		struct text_slot *slot = &t->columns[c];

		slot->places = arena_calloc(t->arena, t->n_rows, sizeof *slot->places);
		if (!slot->places)
			return -ENOMEM;
		ret->columns[c].name = slot->name;
		ret->columns[c].meaning = slot->meaning;
		ret->columns[c].places = slot->places;
		for (size_t r = 0; r < t->n_rows; r++)
			ret->columns[c].values[r] = (struct cell){.kind = CELL_EMPTY, .text = ""};
	}
	return 0;
}

/* Where all rows sum up others that are not there, those that say it best stay. */
static int keep_notes(struct text_table *t, struct table *ret)
{
	struct row_note *notes = arena_calloc(t->arena, t->n_notes, sizeof *notes);
	bool all = t->n_notes == t->n_rows;
	size_t n = 0;

	if (!notes)
		return -ENOMEM;
	for (size_t i = 0; i < t->n_notes; i++)
		if (!all || !t->notes[i].last)
			notes[n++] = t->notes[i].note;
	ret->notes = notes;
	ret->n_notes = n;
	return 0;
}

int text_table_finish(struct text_table *t, struct table *ret, const struct artifact *a,
                      unsigned number)
{
	*ret = (struct table){.artifact = a,
	                      .number = number,
	                      .decimal = decimal_of(t),
	                      .n_columns = t->n_columns,
	                      .n_rows = t->n_rows};
	if (t->failed || make_columns(t, ret) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < t->n_hits; i++) {
		const struct text_hit *h = &t->hits[i];
		int r = fill_cell(t, &ret->columns[h->column].values[h->row], &h->cell,
		                  ret->decimal);

		if (r < 0)
			return r;
		t->columns[h->column].places[h->row] = h->cell.place;
	}
	return keep_notes(t, ret);
}
