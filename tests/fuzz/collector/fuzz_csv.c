/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "tests/fuzz/collector/invariants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct str text, const struct artifact *a)
{
	const struct table *t = a->tables;

	assert(a->n_tables <= 1);
	if (!t)
		return;
	assert(!t->base && t->header_line <= count_lines(text));
	assert(t->n_rows <= count_lines(text));
	for (size_t i = 0; i < t->n_columns; i++)
		for (size_t k = 0; k < i && t->n_columns < 8; k++)
			assert(strstr(t->columns[i].name, "#2") ||
			       strcmp(t->columns[i].name, t->columns[k].name) != 0);
}

static bool same_number(double a, double b)
{
	return !(a < b) && !(a > b);
}

/* The numbers of a MEASURED column are without their text. */
static void check_same(const struct table *a, const struct table *b)
{
	assert(a->n_rows == b->n_rows && a->n_columns == b->n_columns);
	assert(a->n_notes == b->n_notes);
	for (size_t i = 0; i < a->n_notes; i++)
		assert(a->notes[i].row == b->notes[i].row &&
		       strcmp(a->notes[i].why, b->notes[i].why) == 0);
	for (size_t i = 0; i < a->n_rows * a->n_columns; i++) {
		struct cell x = table_cell(a, i % a->n_rows, i / a->n_rows);
		struct cell y = table_cell(b, i % b->n_rows, i / b->n_rows);

		assert(x.kind == y.kind && same_number(x.number, y.number));
		assert(!*x.text || !*y.text || strcmp(x.text, y.text) == 0);
	}
}

/* However it is cut into pieces, the table is the same. */
static void check_pieces(struct str text, const struct artifact *whole, struct arena *arena)
{
	static const size_t bytes[] = {1, 7, 64, 1000};

	for (size_t i = 0; i < ARRAY_LEN(bytes); i++) {
		struct artifact a = {0};
		struct error err = {0};
		int r = csv_read_by(&a, text, bytes[i], 1 + i % 2, arena, &err);

		assert(r == -ENOMEM || a.n_tables == whole->n_tables);
		if (r == 0 && a.n_tables)
			check_same(whole->tables, a.tables);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(256u << 20);
	CLEANUP(encoding_done) struct decoded text = {0};
	struct artifact a = {0}, clear = {0};
	struct error err = {0};
	int r;

	if (!arena || encoding_decode(&text, (const char *)data, size, &err) < 0)
		return 0;
	r = csv_read(&a, text.utf8, arena, &err);
	check_artifact(&a, r, &err);
	check(text.utf8, &a);
	if (r == 0)
		check_pieces(text.utf8, &a, arena);
	r = csv_read_clear(&clear, text.utf8, arena, &err);
	assert(r < 0 || (a.n_tables == 1 && clear.tables->n_rows == a.tables->n_rows));
	return 0;
}
