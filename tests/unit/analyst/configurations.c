/* SPDX-License-Identifier: MIT */
/* However the keys are kept, and by whom rows are counted, configurations are the same. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "agents/analyst/work.h"

#define ROWS  150000 /* enough for several threads */
#define WORDS 300    /* of the first key: codes of two bytes */
#define KEYS  2

/* One table twice: its keys as codes, and as a cell a row. */
struct keyed {
	struct arena *arena;
	struct cell *words;
	struct column coded[KEYS], plain[KEYS];
	struct table tables[2];
	struct part parts[2];
	struct view views[2];
	struct view_row *known;
};

static const int map[KEYS] = {0, 1}, keys[KEYS] = {0, 1};

static void *zeroed(struct keyed *k, size_t n, size_t size)
{
	void *p = arena_calloc(k->arena, n, size);

	cr_assert_not_null(p);
	return p;
}

/* Rows take words in an order of no pattern; most of the last ones come late. */
static size_t word_of(size_t row, size_t key)
{
	size_t random = (row + 1) * 2654435761u >> 7;

	return 1 + random % (key ? 5 : row < ROWS / 2 ? WORDS / 3 : WORDS - 1);
}

static void write_words(struct keyed *k)
{
	k->words = zeroed(k, WORDS, sizeof *k->words);
	for (size_t i = 0; i < WORDS; i++) {
		char *text = zeroed(k, 8, 1);

		if (i)
			(void)snprintf(text, 8, "w%zu", i);
		k->words[i] = (struct cell){.kind = i ? CELL_TEXT : CELL_EMPTY, .text = text};
	}
}

static void write_key(struct keyed *k, size_t key)
{
	uint16_t *wide = zeroed(k, ROWS, sizeof *wide);
	uint8_t *narrow = zeroed(k, ROWS, sizeof *narrow);
	struct cell *cells = zeroed(k, ROWS, sizeof *cells);

	for (size_t r = 0; r < ROWS; r++) {
		wide[r] = (uint16_t)word_of(r, key);
		narrow[r] = (uint8_t)wide[r];
		cells[r] = k->words[wide[r]];
	}
	k->plain[key] = (struct column){.name = "key", .store = STORE_PLAIN, .values = cells};
	k->coded[key] = (struct column){.name = "key",
	                                .store = STORE_CODED,
	                                .code_bytes = key ? 1 : 2,
	                                .values = k->words,
	                                .n_values = key ? 6 : WORDS,
	                                .codes = key ? (void *)narrow : wide};
}

/* Rows that the reader passes over: here and there, and all that have one of the words. */
static void note_rows(struct keyed *k)
{
	k->known = zeroed(k, ROWS, sizeof *k->known);
	for (size_t r = 0; r < ROWS; r++) {
		bool noted = r % 1000 == 7 || word_of(r, 0) == 42;

		k->known[r] = (struct view_row){.row = (uint32_t)r,
		                                .fail_column = -1,
		                                .failed = noted ? "a comment" : NULL};
		k->views[0].n_noted += noted;
	}
	k->views[1].n_noted = k->views[0].n_noted;
}

static void make(struct keyed *k, bool noted)
{
	*k = (struct keyed){.arena = arena_new(UINT64_C(1) << 30)};
	cr_assert_not_null(k->arena);
	write_words(k);
	for (size_t key = 0; key < KEYS; key++)
		write_key(k, key);
	if (noted)
		note_rows(k);
	for (size_t i = 0; i < 2; i++) {
		k->tables[i] = (struct table){
			.columns = i ? k->plain : k->coded, .n_columns = KEYS, .n_rows = ROWS};
		k->parts[i] = (struct part){.table = &k->tables[i], .map = map};
		k->views[i].parts = &k->parts[i];
		k->views[i].n_parts = 1;
		k->views[i].known = k->known;
		k->views[i].n_rows = ROWS;
	}
}

static struct configurations build(struct keyed *k, bool coded, unsigned threads)
{
	const struct analyst_settings settings = {.threads = threads};
	struct work w = {.arena = k->arena, .settings = &settings};
	struct configurations c;

	configurations_build(&w, &c, &k->views[coded ? 0 : 1], keys, KEYS);
	cr_assert(!w.failed);
	return c;
}

static void expect_same(const struct configurations *a, const struct configurations *b)
{
	cr_assert_eq(a->n, b->n);
	cr_assert_eq(memcmp(a->first, b->first, (a->n + 1) * sizeof *a->first), 0);
	cr_assert_eq(memcmp(a->rows, b->rows, a->first[a->n] * sizeof *a->rows), 0);
}

static void expect_all_ways_alike(bool noted)
{
	struct keyed k;
	struct configurations by_text;

	make(&k, noted);
	by_text = build(&k, false, 1);
	cr_expect_gt(by_text.n, 1000);
	cr_expect_eq(by_text.first[by_text.n] < ROWS, noted);
	for (unsigned threads = 0; threads <= 9; threads += 3) {
		struct configurations by_codes = build(&k, true, threads);

		expect_same(&by_text, &by_codes);
	}
	arena_free(k.arena);
}

Test(configurations, codes_tell_what_texts_tell)
{
	expect_all_ways_alike(false);
}

Test(configurations, rows_that_the_reader_passes_over_make_none)
{
	expect_all_ways_alike(true);
}

/* Numbered as they are met, each with its rows in their order. */
Test(configurations, come_in_the_order_of_their_first_rows)
{
	struct keyed k;
	struct configurations c;
	uint32_t before = 0;

	make(&k, false);
	c = build(&k, true, 4);
	cr_assert_eq(c.first[c.n], ROWS);
	for (size_t i = 0; i < c.n; i++) {
		size_t n;
		const uint32_t *rows = configuration_rows(&c, i, &n);

		cr_assert(n > 0 && (i == 0 || rows[0] > before));
		before = rows[0];
		for (size_t r = 1; r < n; r++)
			cr_assert(rows[r] > rows[r - 1] &&
			          word_of(rows[r], 0) == word_of(rows[0], 0) &&
			          word_of(rows[r], 1) == word_of(rows[0], 1));
	}
	arena_free(k.arena);
}
