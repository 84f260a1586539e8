/* SPDX-License-Identifier: MIT */
/*
 * same - that two ways of reading a text say the same, however they keep its cells.
 */
#pragma once

#include <assert.h>

#include "agents/collector/reader.h"

static inline bool same_double(double a, double b)
{
	return memcmp(&a, &b, sizeof a) == 0;
}

/* Bare numbers have no text; an integer that no double can be must not be one of them. */
static inline void check_same_number(const struct cell *tree, const struct cell *cell, bool bare)
{
	assert(same_double(tree->number, cell->number));
	assert((tree->unit == NULL) == (cell->unit == NULL));
	if (tree->unit)
		assert(strcmp(tree->unit->text, cell->unit->text) == 0 &&
		       same_double(tree->unit->factor, cell->unit->factor));
	if (bare && !*cell->text)
		assert(fabs(cell->number) < 9007199254740992.0);
	else
		assert(strcmp(tree->text, cell->text) == 0);
}

static inline void check_same_cell(const struct cell *tree, const struct cell *cell, bool bare)
{
	assert(tree->kind == cell->kind && tree->n_numbers == cell->n_numbers);
	if (tree->kind == CELL_NUMBER)
		check_same_number(tree, cell, bare);
	else
		assert(strcmp(tree->text, cell->text) == 0);
	if (tree->kind == CELL_BOOL)
		assert(same_double(tree->number, cell->number));
	for (uint32_t i = 0; i < tree->n_numbers; i++)
		assert(same_double(tree->numbers[i], cell->numbers[i]));
}

static inline void check_same_columns(const struct table *tree, const struct table *t)
{
	for (size_t c = 0; c < t->n_columns; c++) {
		const struct column *a = &tree->columns[c], *b = &t->columns[c];

		assert(strcmp(a->name, b->name) == 0 && strcmp(a->pointer, b->pointer) == 0);
		assert(a->is_nested == b->is_nested && a->is_row_key == b->is_row_key);
		for (size_t row = 0; row < t->n_rows; row++) {
			struct cell x = table_cell(tree, row, c), y = table_cell(t, row, c);

			check_same_cell(&x, &y, b->store == STORE_MEASURED);
		}
	}
}

static inline void check_same_table(const struct table *tree, const struct table *t)
{
	assert(strcmp(tree->base, t->base) == 0 && tree->number == t->number);
	assert(tree->columnar == t->columnar && tree->decimal == t->decimal);
	assert(tree->n_columns == t->n_columns && tree->n_rows == t->n_rows);
	assert(tree->n_notes == t->n_notes && tree->n_context == t->n_context);
	for (size_t i = 0; i < t->n_notes; i++)
		assert(tree->notes[i].row == t->notes[i].row);
	for (size_t i = 0; i < t->n_context; i++)
		assert(strcmp(tree->context[i].name, t->context[i].name) == 0 &&
		       strcmp(tree->context[i].text, t->context[i].text) == 0);
	check_same_columns(tree, t);
}

static inline void check_same_artifact(const struct artifact *tree, const struct artifact *a)
{
	assert(tree->status == a->status && tree->n_tables == a->n_tables);
	assert((tree->reason == NULL) == (a->reason == NULL));
	assert(!a->reason || strcmp(tree->reason, a->reason) == 0);
	for (size_t i = 0; i < a->n_tables; i++)
		check_same_table(&tree->tables[i], &a->tables[i]);
}
