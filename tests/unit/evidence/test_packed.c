/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>

#include "lib/evidence/packed.h"

#define ROWS 3

/* An artifact with a column of each kind and a cell of each kind. */
struct sample {
	struct artifact artifact;
	struct table table;
	struct column columns[4];
};

static void sample_init(struct sample *s)
{
	static const double list[] = {1.5, -2e300};
	static const struct cell_unit ms = {"ms", 1}, kilo = {"k", 1000};
	static struct cell plain[ROWS] = {
		{.kind = CELL_NUMBER, .text = "12.3 ms", .number = 12.3, .unit = &ms},
		{.kind = CELL_LIST, .text = "", .numbers = list, .n_numbers = 2},
		{.kind = CELL_NULL, .text = "null"}};
	static struct cell distinct[] = {
		{.kind = CELL_EMPTY, .text = ""},
		{.kind = CELL_BOOL, .text = "true", .number = 1},
		{.kind = CELL_NUMBER, .text = "4.2k", .number = 4200, .unit = &kilo}};
	static const uint16_t codes[ROWS] = {2, 0, 1};
	static const double numbers[ROWS] = {0.1, (double)NAN, 3};
	static const int32_t scaled[ROWS] = {1001, SCALED_NONE, -INT32_MAX};
	static const struct other_cell others[] = {{1, {.kind = CELL_TEXT, .text = "caf\303\251"}}};
	static const struct text_place places[ROWS] = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
	static const struct column_meaning meaning = {.role = MEANS_METRIC,
	                                              .quantity = "time",
	                                              .better = BETTER_LOWER,
	                                              .restates = true,
	                                              .why = "says so"};
	static const struct row_note notes[] = {{1, "ragged: 2 of 3 cells"}};
	static struct label context[] = {{"model", "gemma3"}, {"host", "a"}};
	static const struct column_meaning *const meanings[] = {NULL, &meaning};

	*s = (struct sample){
		.artifact = {.id = 7,
	                     .path = "d/x.json",
	                     .format = FORMAT_JSON,
	                     .bytes = 99,
	                     .modified_s = 1700000000,
	                     .stamp = {5, 6, 7},
	                     .status = STATUS_PARTIAL,
	                     .reason = "line 3: left out",
	                     .tables = &s->table,
	                     .n_tables = 1},
		.table = {.artifact = &s->artifact,
	                  .number = 1,
	                  .decimal = '.',
	                  .base = "/a/*",
	                  .columnar = true,
	                  .schema = "hyperfine",
	                  .columns = s->columns,
	                  .n_columns = 4,
	                  .n_rows = ROWS,
	                  .notes = notes,
	                  .n_notes = 1,
	                  .context = context,
	                  .n_context = 2,
	                  .context_meanings = meanings},
		.columns = {{.name = "plain", .pointer = "/plain", .split = "ms", .values = plain},
	                    {.name = "coded",
	                     .pointer = "/coded",
	                     .store = STORE_CODED,
	                     .code_bytes = 2,
	                     .values = distinct,
	                     .n_values = 3,
	                     .codes = codes,
	                     .meaning = &meaning},
	                    {.name = "measured",
	                     .is_row_key = true,
	                     .store = STORE_MEASURED,
	                     .numbers = numbers,
	                     .others = others,
	                     .n_others = 1,
	                     .places = places},
	                    {.name = "scaled",
	                     .store = STORE_MEASURED,
	                     .decimals = 3,
	                     .scaled = scaled,
	                     .others = others,
	                     .n_others = 1}}};
	memset(s->artifact.digest, 'a', sizeof s->artifact.digest - 1);
	memcpy(s->artifact.digest, "sha256:", 7);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void expect_cell(struct cell got, struct cell want)
{
	cr_expect_eq(got.kind, want.kind);
	cr_expect_str_eq(got.text, want.text);
	cr_expect(got.number == want.number);
	cr_assert_eq(got.n_numbers, want.n_numbers);
	for (uint32_t i = 0; i < want.n_numbers; i++)
		cr_expect(got.numbers[i] == want.numbers[i]);
	cr_assert_eq(got.unit == NULL, want.unit == NULL);
	if (want.unit) {
		cr_expect_str_eq(got.unit->text, want.unit->text);
		cr_expect(got.unit->factor == want.unit->factor);
	}
}

static void expect_meaning(const struct column_meaning *got, const struct column_meaning *want)
{
	cr_assert_eq(got == NULL, want == NULL);
	if (!want)
		return;
	cr_expect_eq(got->role, want->role);
	cr_expect_eq(got->better, want->better);
	cr_expect_eq(got->restates, want->restates);
	cr_expect(same_text(got->quantity, want->quantity));
	cr_expect(same_text(got->unit, want->unit));
	cr_expect(same_text(got->why, want->why));
}

static void expect_column(const struct column *got, const struct column *want)
{
	cr_expect_str_eq(got->name, want->name);
	cr_expect(same_text(got->pointer, want->pointer));
	cr_expect_eq(got->is_row_key, want->is_row_key);
	cr_expect_eq(got->store, want->store);
	cr_expect(same_text(got->split, want->split));
	expect_meaning(got->meaning, want->meaning);
	cr_assert_eq(got->places == NULL, want->places == NULL);
	if (want->places)
		cr_expect_eq(memcmp(got->places, want->places, ROWS * sizeof *want->places), 0);
}

static struct packer *pack(struct packer *p, const struct sample *s)
{
	cr_assert_eq(packer_pack(p, &s->artifact, 1234), 0);
	cr_assert_eq(p->body.len % 8, 0);
	return p;
}

Test(packed, comes_back_as_it_was)
{
	CLEANUP(packer_done) struct packer p = {0};
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
	struct artifact got = {.id = 9, .root = 3, .path = "elsewhere"};
	const struct table *t;
	const struct packed *at;
	struct sample s;

	sample_init(&s);
	pack(&p, &s);
	at = packed_at(p.body.at, p.body.len);
	cr_assert_not_null(at);
	cr_expect_eq(at->size, p.body.len);
	cr_expect_eq(at->memory, 1234);
	cr_expect_str_eq(packed_path(at), "d/x.json");
	cr_assert_eq(packed_unpack(at, &got, arena), 0);
	cr_expect_eq(got.id, 9, "who and where it is stays");
	cr_expect_str_eq(got.path, "elsewhere");
	cr_expect_eq(got.status, STATUS_PARTIAL);
	cr_expect_str_eq(got.reason, "line 3: left out");
	cr_expect_str_eq(got.digest, s.artifact.digest);
	cr_expect_eq(memcmp(&got.stamp, &s.artifact.stamp, sizeof got.stamp), 0);
	cr_assert_eq(got.n_tables, 1);
	t = &got.tables[0];
	cr_expect_eq(t->artifact, &got);
	cr_expect_str_eq(t->base, "/a/*");
	cr_expect(t->columnar);
	cr_expect_str_eq(t->schema, "hyperfine");
	cr_expect_str_eq(table_row_note(t, 1), "ragged: 2 of 3 cells");
	cr_expect_null(table_row_note(t, 0));
	cr_expect_str_eq(t->context[0].text, "gemma3");
	for (size_t i = 0; i < 2; i++)
		expect_meaning(t->context_meanings[i], s.table.context_meanings[i]);
	cr_assert_eq(t->n_columns, 4);
	for (size_t c = 0; c < 4; c++) {
		expect_column(&t->columns[c], &s.columns[c]);
		for (size_t row = 0; row < ROWS; row++)
			expect_cell(table_cell(t, row, c), table_cell(&s.table, row, c));
	}
}

Test(packed, prose_comes_back_beside_the_tables)
{
	CLEANUP(packer_done) struct packer p = {0};
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
	struct artifact got = {.id = 9};
	struct sample s;

	sample_init(&s);
	s.artifact.prose = &s.table;
	pack(&p, &s);
	cr_assert_eq(packed_unpack(packed_at(p.body.at, p.body.len), &got, arena), 0);
	cr_expect_eq(got.n_tables, 1);
	cr_assert_not_null(got.prose);
	cr_assert_eq(got.prose->n_columns, 4);
	for (size_t c = 0; c < 4; c++)
		expect_column(&got.prose->columns[c], &s.columns[c]);
}

Test(packed, an_artifact_without_tables_takes_little)
{
	CLEANUP(packer_done) struct packer p = {0};
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
	struct artifact got = {0};
	struct sample s;

	sample_init(&s);
	s.artifact.n_tables = 0;
	s.artifact.status = STATUS_OK;
	s.artifact.reason = NULL;
	pack(&p, &s);
	cr_expect_lt(p.body.len, 256);
	cr_assert_eq(packed_unpack(packed_at(p.body.at, p.body.len), &got, arena), 0);
	cr_expect_null(got.reason);
	cr_expect_null(got.tables);
}

static void look_at_all(const struct artifact *a)
{
	for (size_t i = 0; i < a->n_tables; i++) {
		const struct table *t = &a->tables[i];

		for (size_t k = 0; k < t->n_rows * t->n_columns; k++)
			cr_assert_leq(
				strlen(table_cell(t, k / t->n_columns, k % t->n_columns).text),
				100);
	}
}

/* Whatever byte is wrong: it is told, or what comes back is whole. Sanitizers watch. */
Test(packed, no_damaged_byte_leads_astray)
{
	static const unsigned char flips[] = {0x01, 0x80, 0xff};
	CLEANUP(packer_done) struct packer p = {0};
	struct sample s;
	size_t told = 0;

	sample_init(&s);
	pack(&p, &s);
	for (size_t i = 0; i < p.body.len * sizeof flips; i++) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
		CLEANUP(freep) char *copy = malloc(p.body.len);
		struct artifact got = {0};
		const struct packed *at;

		memcpy(copy, p.body.at, p.body.len);
		copy[i / sizeof flips] ^= (char)flips[i % sizeof flips];
		at = packed_at(copy, p.body.len);
		if (at && packed_unpack(at, &got, arena) == 0)
			look_at_all(&got);
		else
			told++;
		cr_expect(got.n_tables <= 1);
	}
	cr_expect_gt(told, p.body.len / 2);
}

Test(packed, what_was_cut_short_is_told)
{
	CLEANUP(packer_done) struct packer p = {0};
	struct sample s;

	sample_init(&s);
	pack(&p, &s);
	for (size_t len = 0; len < p.body.len; len++)
		cr_assert_null(packed_at(p.body.at, len));
}

Test(packed, the_checksum_sees_each_bit)
{
	char bytes[20] = "nineteen bytes here";
	uint64_t sum = packed_checksum(bytes, sizeof bytes);

	for (size_t i = 0; i < sizeof bytes * 8; i++) {
		bytes[i / 8] ^= (char)(1 << i % 8);
		cr_expect_neq(packed_checksum(bytes, sizeof bytes), sum);
		bytes[i / 8] ^= (char)(1 << i % 8);
	}
	cr_expect_neq(packed_checksum(bytes, sizeof bytes - 1), sum);
}
