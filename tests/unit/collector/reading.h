/* SPDX-License-Identifier: MIT */
/*
 * reading - for the tests of one way of reading: a text in, an artifact out.
 */
#pragma once

#include "agents/collector/reader.h"

struct reading {
	struct arena *arena;
	struct artifact artifact;
	struct error err;
	int result;
};

typedef int reading_fn(struct artifact *a, struct str text, struct arena *arena, struct error *err);

static inline struct reading reading_of(reading_fn *fn, const char *text)
{
	struct reading r = {.arena = arena_new(UINT64_C(1) << 30)};

	r.result = fn(&r.artifact, str_of(text), r.arena, &r.err);
	return r;
}

static inline void reading_done(struct reading *r)
{
	arena_free(r->arena);
}

static inline const struct table *table_of(const struct reading *r, size_t i)
{
	return i < r->artifact.n_tables ? &r->artifact.tables[i] : NULL;
}

/* The first cell of that column; an EMPTY cell with the text "(none)" where there is none. */
static inline struct cell cell_of(const struct table *t, size_t row, const char *column)
{
	struct cell none = {.kind = CELL_EMPTY, .text = "(none)"};

	for (size_t i = 0; t && row < t->n_rows && i < t->n_columns; i++)
		if (strcmp(t->columns[i].name, column) == 0)
			return table_cell(t, row, i);
	return none;
}

static inline const char *text_of(const struct table *t, size_t row, const char *column)
{
	return cell_of(t, row, column).text;
}
