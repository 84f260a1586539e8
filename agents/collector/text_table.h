/* SPDX-License-Identifier: MIT */
/*
 * text_table - a table as it grows out of the lines of a tool's text, cell by cell.
 */
#pragma once

#include "agents/collector/reader.h"
#include "agents/collector/text_pattern.h"

/*
 * Each cell of a text is named by a locator of its own in the report, so that the rows that one
 * table may have are those whose locators still fit there.
 */
#define TEXT_ROWS_MAX    4000
#define TEXT_COLUMNS_MAX 200
#define TEXT_NAME_BYTES  200 /* of a column named by the text; a longer one is no name */

/*
 * A column that the description of a tool knows. "*" at the beginning or the end of a name stands
 * for anything there; of several that fit, the first counts.
 */
struct text_column {
	const char *name;
	struct column_meaning meaning;
};

/* One cell on its way into a table. */
struct text_cell {
	struct str name; /* of its column */
	struct str text; /* as written; of numbers with what stands behind them */
	struct str unit; /* of a number; empty: what the text says, if anything */
	bool is_number;
	struct text_place place;
};

struct text_table {
	struct arena *arena;
	const struct text_column *known; /* up to the one without a name; NULL: none */
	struct text_slot *columns;
	size_t n_columns, cap_columns;
	struct text_hit *hits; /* malloc'd */
	size_t n_hits, cap_hits;
	size_t n_rows, n_numbers;
	size_t rows_over, columns_over; /* left out */
	bool failed;                    /* no memory */
	bool locale;                    /* numbers may have a decimal comma */
	struct text_note *notes;        /* of rows that are left out */
	size_t n_notes;
};

void text_table_init(struct text_table *ret, struct arena *arena, const struct text_column *known,
                     bool locale);
void text_table_done(struct text_table *t);

void text_table_begin_row(struct text_table *t);
/* Into the row begun last; the first cell of a column counts. */
void text_table_put(struct text_table *t, const struct text_cell *cell);
/* Whether the row begun last has a cell in that column; also where there is no row yet. */
bool text_table_has(const struct text_table *t, struct str name);
/* Whether it has one there with another text. */
bool text_table_differs(const struct text_table *t, struct str name, struct str text);
/* Leaves out the row begun last; `last`: unless all rows are. */
void text_table_leave_out(struct text_table *t, const char *why, bool last);

/* Whether any row has a cell in that column. */
bool text_table_knows(const struct text_table *t, struct str name);

/* What was put, with places; `number` and artifact as given. -ENOMEM. */
int text_table_finish(struct text_table *t, struct table *ret, const struct artifact *a,
                      unsigned number) MUST_USE;
