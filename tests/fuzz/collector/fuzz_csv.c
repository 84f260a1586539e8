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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(64u << 20);
	CLEANUP(encoding_done) struct decoded text = {0};
	struct artifact a = {0}, clear = {0};
	struct error err = {0};
	int r;

	if (!arena || encoding_decode(&text, (const char *)data, size, &err) < 0)
		return 0;
	r = csv_read(&a, text.utf8, arena, &err);
	check_artifact(&a, r, &err);
	check(text.utf8, &a);
	r = csv_read_clear(&clear, text.utf8, arena, &err);
	assert(r < 0 || (a.n_tables == 1 && clear.tables->n_rows == a.tables->n_rows));
	return 0;
}
