/* SPDX-License-Identifier: MIT */
/*
 * csv_columns - the columns of a table, put together from its parts in the order of the text.
 *
 * What a column becomes depends on the text alone, not on who cut which part.
 */
#pragma once

#include "agents/collector/csv_part.h"
#include "agents/collector/growing.h"

struct csv_columns {
	struct arena *arena;
	const struct csv_dialect *dialect;
	struct growing *all; /* n of them */
	size_t n;
	size_t n_rows, cap_rows;
	uint32_t *map; /* of one part's words to the column's */
	size_t cap_map;
	struct row_note *notes;
	size_t n_notes, cap_notes;
	size_t n_ragged;
	unsigned first_ragged; /* line */
	uint32_t ragged_cells; /* how many the last one had, and what was said of it */
	const char *ragged_why;
};

/* For a table of about so many rows: more take more memory than need be. -ENOMEM. */
int csv_columns_init(struct csv_columns *c, struct arena *arena, const struct csv_dialect *dialect,
                     size_t n, size_t rows) MUST_USE;
void csv_columns_done(struct csv_columns *c);

/* Tells a part that is to be cut what the columns are by now. */
void csv_columns_tell(const struct csv_columns *c, struct csv_part *p);

/* Appends the rows of the part, whose first line has the number `line`. */
int csv_columns_join(struct csv_columns *c, const struct csv_part *p, unsigned line) MUST_USE;

/* Fills the table's columns (but for their names), rows and notes. */
void csv_columns_finish(struct csv_columns *c, struct table *t);
