/* SPDX-License-Identifier: MIT */
/*
 * invariants - what holds for every artifact, whatever its bytes were.
 */
#pragma once

#include <assert.h>
#include <math.h>

#include "agents/collector/encoding.h"
#include "agents/collector/reader.h"

static inline void check_text(const char *text)
{
	assert(text);
	assert(encoding_valid_prefix(text, strlen(text)) == strlen(text));
}

static inline void check_cell(const struct cell *c)
{
	check_text(c->text);
	assert(*c->text || c->kind == CELL_EMPTY || c->kind == CELL_LIST || c->kind == CELL_NUMBER);
	if (c->kind == CELL_NUMBER)
		assert(isfinite(c->number));
	if (c->kind == CELL_LIST)
		assert(c->n_numbers > 0);
	for (uint32_t i = 0; i < c->n_numbers; i++)
		assert(isfinite(c->numbers[i]));
}

static inline void check_table(const struct artifact *a, const struct table *t)
{
	assert(t->artifact == a);
	assert(t->n_columns > 0 && t->n_columns <= READER_COLUMNS_MAX + 1);
	assert(t->decimal == '.' || t->decimal == ',');
	for (size_t i = 0; i < t->n_columns; i++) {
		check_text(t->columns[i].name);
		assert(*t->columns[i].name);
		assert((t->base != NULL) == (t->columns[i].pointer != NULL));
	}
	for (size_t i = 0; i < t->n_rows * t->n_columns; i++) {
		const struct cell cell = table_cell(t, i % t->n_rows, i / t->n_rows);

		check_cell(&cell);
	}
	for (size_t i = 0; i < t->n_notes; i++) {
		assert(*t->notes[i].why && t->notes[i].row < t->n_rows);
		assert(i == 0 || t->notes[i - 1].row < t->notes[i].row);
	}
	for (size_t i = 0; i < t->n_context; i++) {
		check_text(t->context[i].name);
		check_text(t->context[i].text);
	}
}

/* One artifact from one reader. */
static inline void check_artifact(const struct artifact *a, int result, const struct error *err)
{
	assert(result == 0 || result == -EINVAL || result == -ENOMEM);
	assert((result == 0) == (err->code == 0));
	check_text(err->text);
	assert(!strchr(err->text, '\n'));
	if (result < 0)
		assert(a->n_tables == 0 && a->status == STATUS_OK && !a->reason);
	assert((a->status == STATUS_OK) == (a->reason == NULL));
	if (a->reason) {
		check_text(a->reason);
		assert(!strchr(a->reason, '\n'));
	}
	for (size_t i = 0; i < a->n_tables; i++) {
		assert(a->tables[i].number == i + 1);
		check_table(a, &a->tables[i]);
	}
}

static inline size_t count_lines(struct str text)
{
	size_t n = 1;

	for (size_t i = 0; i < text.len; i++)
		n += text.at[i] == '\n' || text.at[i] == '\r';
	return n;
}
