/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "agents/collector/text_table.h"
#include "agents/collector/text_tools.h"
#include "tests/fuzz/collector/invariants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *skip_characters(const char *at, const char *end, uint32_t n)
{
	for (; n > 0 && at < end; n--)
		do
			at++;
		while (at < end && ((unsigned char)*at & 0xC0) == 0x80);
	return at;
}

/* What stands at a place, by another way than the reader's. */
static struct str text_at(struct str text, struct text_place p)
{
	const char *at = text.at, *end = text.at + text.len, *to;

	for (uint32_t line = 1; line < p.line; line++) {
		at = memchr(at, '\n', (size_t)(end - at));
		assert(at);
		at++;
	}
	at = skip_characters(at, end, p.column - 1);
	to = skip_characters(at, end, p.length);
	assert(!memchr(at, '\n', (size_t)(to - at)));
	return (struct str){at, (size_t)(to - at)};
}

/* A column whose cells may be counted, and stand nowhere then. */
static bool is_ordinal(const struct table *t, const struct column *c)
{
	const struct text_tool *tool;

	for (size_t i = 0; (tool = text_tool(i)) != NULL; i++)
		if (strcmp(tool->name, t->schema) == 0)
			return tool->ordinal && strcmp(tool->ordinal, c->name) == 0;
	return false;
}

static void check_cell_at(struct str text, const struct cell *c, struct text_place p, bool counted)
{
	if (p.line == 0) {
		assert(c->kind == CELL_EMPTY || counted);
		return;
	}
	assert(p.column > 0 && p.length > 0);
	assert(str_is(text_at(text, p), c->text));
}

static void check_text_table(struct str text, const struct table *t)
{
	assert(!t->base && t->header_line == 0 && t->schema);
	assert(t->n_rows > 0 && t->n_rows <= TEXT_ROWS_MAX && t->n_rows <= text.len);
	assert(t->n_columns <= TEXT_COLUMNS_MAX);
	for (size_t c = 0; c < t->n_columns; c++) {
		const struct column *column = &t->columns[c];

		assert(column->places && column->store == STORE_PLAIN);
		for (size_t k = 0; k < c; k++)
			assert(strcmp(column->name, t->columns[k].name) != 0);
		for (size_t row = 0; row < t->n_rows; row++)
			check_cell_at(text, &column->values[row], column->places[row],
			              is_ordinal(t, column));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(64u << 20);
	CLEANUP(encoding_done) struct decoded text = {0};
	struct artifact a = {0};
	struct error err = {0};
	int r;

	if (!arena || encoding_decode(&text, (const char *)data, size, &err) < 0)
		return 0;
	r = text_read(&a, text.utf8, arena, &err);
	check_artifact(&a, r, &err);
	for (size_t i = 0; i < a.n_tables; i++)
		check_text_table(text.utf8, &a.tables[i]);
	return 0;
}
