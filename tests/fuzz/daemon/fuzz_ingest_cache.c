/* SPDX-License-Identifier: MIT */
/*
 * Whatever a row of the cache holds: it is refused, or what comes back is whole. The first byte
 * tells what the row is of; the checksum is put right, so that what lies behind it is met.
 */
#include <assert.h>
#include <math.h>

#include "daemon/ingest_chunk.h"
#include "daemon/ingest_paths.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_cell(const struct cell *c)
{
	assert(c->text && c->kind <= CELL_TEXT);
	assert(strlen(c->text) < 1u << 30);
	if (c->kind == CELL_NUMBER)
		assert(isfinite(c->number));
	assert((c->kind == CELL_LIST) == (c->n_numbers > 0));
	for (uint32_t i = 0; i < c->n_numbers; i++)
		assert(isfinite(c->numbers[i]));
}

static void check_column(const struct table *t, size_t i)
{
	const struct column *c = &t->columns[i];

	assert(strlen(c->name) < 1u << 30);
	for (size_t row = 0; row < t->n_rows; row++) {
		struct cell cell = table_cell(t, row, i);

		check_cell(&cell);
		if (c->places)
			(void)*(const volatile uint32_t *)&c->places[row].length;
	}
}

static void check_artifact(const struct artifact *a)
{
	assert((a->status == STATUS_OK) == (a->reason == NULL));
	assert(strlen(a->digest) == DIGEST_TEXT_BYTES - 1);
	for (size_t i = 0; i < a->n_tables; i++) {
		const struct table *t = &a->tables[i];

		assert(t->artifact == a && t->n_columns > 0);
		for (size_t k = 0; k < t->n_notes; k++)
			assert(strlen(t->notes[k].why) < 1u << 30);
		for (size_t k = 0; k < t->n_columns; k++)
			check_column(t, k);
	}
}

static void unpack_all(const char *bytes, size_t len)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(64u << 20);
	size_t n;

	if (!chunk_check(bytes, len, &n))
		return;
	for (const struct packed *p = chunk_next(bytes, len, NULL); p;
	     p = chunk_next(bytes, len, p)) {
		struct artifact a = {0};

		n--;
		assert(strlen(packed_path(p)) < len);
		if (packed_unpack(p, &a, arena) == 0)
			check_artifact(&a);
	}
	assert(n == 0);
}

static void find_gone(const char *bytes, size_t len)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(64u << 20);
	static const char *roots[] = {"/a", "/b"};
	struct artifact there[] = {{.path = "a/x.csv"}, {.root = 1, .path = "y.json"}};
	struct dossier d = {
		.arena = arena,
		.inventory = {.roots = roots, .n_roots = 2, .artifacts = there, .n_artifacts = 2}};

	if (paths_gone(&d, bytes, len) < 0)
		assert(d.inventory.n_gone == 0);
	for (size_t i = 0; i < d.inventory.n_gone; i++)
		assert(d.inventory.gone[i].root < 2 && *d.inventory.gone[i].path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(freep) char *bytes = NULL;
	uint64_t sum;

	if (size < 1 + sizeof sum)
		return 0;
	bytes = malloc(size - 1);
	if (!bytes)
		return 0;
	memcpy(bytes, data + 1, size - 1);
	sum = packed_checksum(bytes + sizeof sum, size - 1 - sizeof sum);
	memcpy(bytes, &sum, sizeof sum);
	if (data[0] % 2)
		unpack_all(bytes, size - 1);
	else
		find_gone(bytes, size - 1);
	return 0;
}
