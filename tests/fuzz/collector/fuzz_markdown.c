/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "tests/fuzz/collector/invariants.h"

/* What a tool printed is taken for Markdown only where that has a table. */
static void check_in_text(struct str text, size_t n_tables)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(64u << 20);
	struct artifact a = {0};
	struct error err = {0};
	int r;

	assert(arena);
	r = markdown_read_in_text(&a, text, arena, &err);
	check_artifact(&a, r, &err);
	assert(a.n_tables == (r == 0 ? n_tables : 0));
	assert(r < 0 || n_tables > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(64u << 20);
	CLEANUP(encoding_done) struct decoded text = {0};
	struct artifact a = {0};
	struct error err = {0};
	unsigned line = 0;
	int r;

	if (!arena || encoding_decode(&text, (const char *)data, size, &err) < 0)
		return 0;
	r = markdown_read(&a, text.utf8, arena, &err);
	check_artifact(&a, r, &err);
	for (size_t i = 0; i < a.n_tables; i++) {
		const struct table *t = &a.tables[i];

		assert(t->header_line > line);
		assert(t->header_line < count_lines(text.utf8));
		line = t->header_line;
	}
	check_in_text(text.utf8, a.n_tables);
	return 0;
}
