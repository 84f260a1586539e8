/* SPDX-License-Identifier: MIT */
/* However a text is cut into pieces, and by whom, the table is the same. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#include "agents/collector/csv_number.h"
#include "agents/collector/csv_rows.h"
#include "lib/base/buf.h"
#include "tests/unit/collector/reading.h"

#define ROWS 5000 /* more different numbers than a column keeps as codes */

static struct reading read_by(const char *text, size_t stretch_bytes, unsigned threads)
{
	struct reading r = {.arena = arena_new(UINT64_C(1) << 30)};

	r.result = csv_read_by(&r.artifact, str_of(text), stretch_bytes, threads, r.arena, &r.err);
	return r;
}

static void expect_same_cell(struct cell a, struct cell b)
{
	cr_assert_eq(a.kind, b.kind);
	cr_assert_str_eq(a.text, b.text);
	if (a.kind == CELL_NUMBER)
		cr_assert_eq(a.number, b.number);
}

static void expect_same(const struct reading *x, const struct reading *y)
{
	const struct table *a = table_of(x, 0), *b = table_of(y, 0);

	cr_assert_eq(x->result, y->result, "%s / %s", x->err.text, y->err.text);
	if (!a)
		return;
	cr_assert_eq(a->n_rows, b->n_rows);
	cr_assert_eq(a->n_columns, b->n_columns);
	cr_assert_eq(a->n_notes, b->n_notes);
	for (size_t i = 0; i < a->n_notes; i++) {
		cr_assert_eq(a->notes[i].row, b->notes[i].row);
		cr_assert_str_eq(a->notes[i].why, b->notes[i].why);
	}
	for (size_t c = 0; c < a->n_columns; c++)
		for (size_t r = 0; r < a->n_rows; r++)
			expect_same_cell(table_cell(a, r, c), table_cell(b, r, c));
	cr_assert_eq(x->artifact.status, y->artifact.status);
	if (x->artifact.reason)
		cr_assert_str_eq(x->artifact.reason, y->artifact.reason);
}

Test(csv_pieces, the_size_of_the_pieces_changes_nothing)
{
	static const char *const texts[] = {
		"a,b,c\n1,2,3\n\n  \n4,,6\n7,8,9",
		"a,b\r\n1,2\r\n\r\n3,4\r\n",
		"a,b\r1,2\r3,4\r",
		"name;value\n\"x; y\";0,5\n\"a \"\"quoted\"\" one\";1,5\n\"two\nlines\";2\n",
		"a,b\n1,2\n# a comment\n3\n5,6,7\na,b\n8,9\n",
		"a,b\n1,2\n  # a comment\n3\n \ta,b\n8,9\n\t\"a\" ,b\n1\n",
		"a,b\n1,2\n \"open, and never closed\n3,4\n",
		"a\tb\n\t1\n2\t\n",
		"name,ms\nb\303\244r,1.5\nfoo,2.5\n\n\n"};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(reading_done) struct reading whole = reading_of(csv_read, texts[i]);

		cr_assert_eq(whole.result, 0, "%s", texts[i]);
		for (size_t bytes = 1; bytes < 40; bytes++) {
			for (unsigned threads = 1; threads <= 3; threads++) {
				CLEANUP(reading_done)
				struct reading r = read_by(texts[i], bytes, threads);

				expect_same(&whole, &r);
			}
		}
	}
}

/* A key, numbers that are all different, some of them written oddly, and now and then none. */
static void write_rows(struct buf *b)
{
	static const char *const odd[] = {"NA", "1e3", " 7 ", "\"8.5\"", "", "-0.25"};

	buf_puts(b, "key,value,many\n");
	for (unsigned i = 0; i < ROWS; i++) {
		if (i % 100 == 7)
			buf_printf(b, "k%u,%s,%u\n", i % 3, odd[i / 100 % ARRAY_LEN(odd)], i);
		else
			buf_printf(b, "k%u,%u.%03u,%u\n", i % 3, i * 7, i % 1000, i);
	}
}

static void expect_rows(const struct table *t)
{
	cr_assert_eq(t->n_rows, ROWS);
	cr_expect_eq(t->columns[0].store, STORE_CODED);
	cr_expect_eq(t->columns[0].code_bytes, 1);
	cr_expect_eq(t->columns[1].store, STORE_MEASURED);
	cr_expect_str_eq(text_of(t, 4, "key"), "k1");
	cr_expect_eq(cell_of(t, 4321, "value").number, 4321 * 7 + 0.321);
	cr_expect_str_eq(text_of(t, 7, "value"), "NA");
	cr_expect_eq(cell_of(t, 107, "value").number, 1000);
	cr_expect_eq(cell_of(t, 207, "value").number, 7);
	cr_expect_eq(cell_of(t, 307, "value").number, 8.5);
	cr_expect_eq(cell_of(t, 407, "value").kind, CELL_EMPTY);
	cr_expect_eq(cell_of(t, 507, "value").number, -0.25);
	cr_expect_eq(cell_of(t, ROWS - 1, "many").number, ROWS - 1);
}

Test(csv_pieces, many_numbers_are_kept_bare_and_the_others_beside_them)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(1 << 20);

	write_rows(&b);
	for (size_t bytes = 500; bytes < 4u << 20; bytes *= 4) {
		CLEANUP(reading_done) struct reading r = read_by(buf_text(&b), bytes, 2);

		cr_assert_eq(r.result, 0, "%s", r.err.text);
		expect_rows(table_of(&r, 0));
	}
}

/* With more and more decimals, and an odd one at the end. */
static void write_number(char ret[static 32], unsigned i, const char *odd)
{
	if (i == ROWS - 2)
		(void)snprintf(ret, 32, "%s", odd);
	else
		(void)snprintf(ret, 32, "%s%u.%0*u", i % 5 ? "" : "-", i + 1, 1 + (int)i / 2000,
		               i % 10);
}

/* The rows begin with a blank, so that nobody foresees how many they are. */
static void expect_numbers(const char *odd, bool scaled, size_t stretch_bytes, unsigned threads)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(1 << 20);
	CLEANUP(reading_done) struct reading r = {0};
	char text[32];

	buf_puts(&b, "nothing\tvalue\n");
	for (unsigned i = 0; i < ROWS; i++) {
		write_number(text, i, odd);
		buf_printf(&b, "\t%s\n", text);
	}
	r = read_by(buf_text(&b), stretch_bytes, threads);
	cr_assert_eq(r.result, 0, "%s", r.err.text);
	cr_assert_eq(table_of(&r, 0)->n_rows, ROWS);
	cr_expect_eq(table_of(&r, 0)->columns[1].scaled != NULL, scaled, "%s", odd);
	for (unsigned i = 0; i < ROWS; i++) {
		double got = cell_of(table_of(&r, 0), i, "value").number, want;

		write_number(text, i, odd);
		want = strtod(text, NULL);
		cr_assert_eq(memcmp(&got, &want, sizeof got), 0, "%s: %.17g", text, got);
	}
}

Test(csv_pieces, numbers_are_exact_however_they_are_kept)
{
	static const char *const odd[] = {"7.125",   "1e3",   "-0.125",     "-0.0",
	                                  "2147484", "1e300", "0.12345678", "2147483.7"};

	for (size_t i = 0; i < ARRAY_LEN(odd); i++)
		for (size_t bytes = 500; bytes < 1u << 20; bytes *= 8)
			for (unsigned threads = 1; threads < 3; threads++)
				expect_numbers(odd[i], i < 3, bytes, threads);
}

/* Such cells stand in the way of others that begin at a line. */
Test(csv_pieces, quoted_lines_are_read_by_whoever_comes_to_them)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(1 << 20);
	CLEANUP(reading_done) struct reading whole = {0};

	buf_puts(&b, "name,value\n");
	for (unsigned i = 0; i < 200; i++)
		buf_printf(&b, i % 50 == 49 ? "\"a\n\"\"b\"\"\n1,2\n3,4\n%u\",5\n" : "a,%u\n", i);
	whole = reading_of(csv_read, buf_text(&b));
	cr_assert_eq(whole.result, 0, "%s", whole.err.text);
	for (size_t bytes = 10; bytes < 2000; bytes += 7) {
		CLEANUP(reading_done) struct reading r = read_by(buf_text(&b), bytes, 3);

		expect_same(&whole, &r);
	}
}

static int file_of(const char *bytes, size_t len)
{
	int fd = memfd_create("csv", MFD_CLOEXEC);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, bytes, len), (ssize_t)len);
	return fd;
}

static struct reading read_file(const char *bytes, size_t len, uint64_t size)
{
	struct reading r = {.arena = arena_new(UINT64_C(1) << 30)};
	CLEANUP(closep) int fd = file_of(bytes, len);

	r.result = csv_read_file(&r.artifact, fd, size, 2, NULL, r.arena, &r.err);
	return r;
}

Test(csv_pieces, a_file_is_read_without_being_held)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(1 << 20);
	CLEANUP(reading_done) struct reading r = {0}, bom = {0};

	write_rows(&b);
	r = read_file(buf_text(&b), b.len, b.len);
	cr_assert_eq(r.result, 0, "%s", r.err.text);
	expect_rows(table_of(&r, 0));
	bom = read_file("\xEF\xBB\xBF"
	                "a,b\n1,2\n3,4\n",
	                15, 15);
	cr_assert_eq(bom.result, 0, "%s", bom.err.text);
	cr_expect_eq(cell_of(table_of(&bom, 0), 0, "a").number, 1);
}

static void expect_digest(const char *text, size_t len, unsigned threads)
{
	CLEANUP(digest_freep) struct digest *one = digest_new(), *other = digest_new();
	CLEANUP(closep) int fd = file_of(text, len);
	CLEANUP(reading_done) struct reading r = {.arena = arena_new(UINT64_C(1) << 30)};
	char got[DIGEST_TEXT_BYTES], want[DIGEST_TEXT_BYTES];

	cr_assert(one && other);
	r.result = csv_read_file(&r.artifact, fd, len, threads, one, r.arena, &r.err);
	cr_assert_eq(r.result, 0, "%s", r.err.text);
	digest_add(other, text, len);
	digest_text(one, got);
	digest_text(other, want);
	cr_expect_str_eq(got, want, "%zu bytes by %u threads", len, threads);
}

Test(csv_pieces, a_file_is_digested_as_it_stands)
{
	const char text[] = "a,b\n\"x \"\"y\"\" z\",1\n\"two\nlines\",2\n";

	expect_digest(text, sizeof text - 1, 1);
}

/* In order, also where the lines in quotes leave the rest to one thread. */
Test(csv_pieces, several_threads_digest_a_file_as_it_stands)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(16 << 20);
	size_t plain;

	buf_puts(&b, "name,value\n");
	while (b.len < 4 * CSV_STRETCH_BYTES)
		buf_printf(&b, "\"a \"\"b\"\"\",%zu\n", b.len % 1000);
	plain = b.len;
	while (b.len < 5 * CSV_STRETCH_BYTES + 100)
		buf_puts(&b, "\"\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\",5\n");
	for (unsigned threads = 1; threads <= 4; threads++) {
		expect_digest(buf_text(&b), plain, threads);
		expect_digest(buf_text(&b), b.len, threads);
	}
}

/*
 * Of the second stretch there is too little for several threads, and enough for the one that reads
 * on from the first whole row in it: what was digested is still how the file begins.
 */
Test(csv_pieces, a_file_that_becomes_shorter_is_digested_as_far_as_it_is_read)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(16 << 20);
	const char header[] = "name,value\n", row[] = "a name of some length,1234567\n";
	size_t bytes = sizeof row - 1, rows = CSV_STRETCH_BYTES / bytes + 1;
	size_t len = sizeof header - 1 + rows * bytes + CSV_STRETCH_BYTES;

	buf_puts(&b, header);
	while (b.len < 4 * CSV_STRETCH_BYTES)
		buf_puts(&b, row);
	for (unsigned threads = 2; threads <= 4; threads++) {
		CLEANUP(digest_freep) struct digest *one = digest_new(), *other = digest_new();
		CLEANUP(closep) int fd = file_of(buf_text(&b), len + bytes);
		CLEANUP(reading_done) struct reading r = {.arena = arena_new(UINT64_C(1) << 30)};
		char got[DIGEST_TEXT_BYTES], want[DIGEST_TEXT_BYTES];

		cr_assert(one && other);
		r.result = csv_read_file(&r.artifact, fd, b.len, threads, one, r.arena, &r.err);
		cr_expect_eq(r.result, -EIO, "%u threads: %d", threads, r.result);
		digest_add(other, buf_text(&b), len);
		digest_text(one, got);
		digest_text(other, want);
		cr_expect_str_eq(got, want, "%u threads", threads);
	}
}

Test(csv_pieces, a_file_of_another_encoding_or_another_size_is_told)
{
	CLEANUP(reading_done) struct reading latin1 = read_file("a,b\n1,\xE4\n", 8, 8);
	CLEANUP(reading_done) struct reading nul = read_file("a,b\n1,\0\n", 8, 8);
	CLEANUP(reading_done) struct reading cut = read_file("a,b\n1,2\n", 8, 100);

	cr_expect_eq(latin1.result, -EILSEQ);
	cr_expect_eq(nul.result, -EILSEQ);
	cr_expect_eq(cut.result, -EIO);
	cr_expect_str_eq(cut.err.text, "still being written: it became shorter");
}

Test(csv_pieces, plain_numbers_round_as_strtod_does)
{
	char text[64];
	struct csv_plain plain;

	for (unsigned i = 0; i < 200000; i++) {
		unsigned long mantissa = i * 2654435761ul % 1000000000000ul;
		int n = snprintf(text, sizeof text, "%s%lu.%0*u,", i % 3 ? "" : "-",
		                 mantissa >> (i % 40), (int)(i % 7) + 1, i % 10);
		const char *end = csv_number(text, '.', &plain);

		if (!end) /* too long to be exact: somebody else's */
			continue;
		cr_assert_eq(end, text + n - 1, "%s", text);
		cr_assert_eq(csv_plain_value(&plain), strtod(text, NULL), "%s", text);
	}
	cr_expect_null(csv_number(".5,                              ", '.', &plain));
	cr_expect_null(csv_number("-,                               ", '.', &plain));
	cr_expect_null(csv_number("1234567890123456,                ", '.', &plain));
	cr_expect_not_null(csv_number("123456789012345,             ", '.', &plain));
	cr_expect_eq(csv_plain_value(&plain), 123456789012345.0);
	cr_expect_not_null(csv_number("0,5;                         ", ',', &plain));
	cr_expect_eq(csv_plain_value(&plain), 0.5);
}

/* From `from` on: those of up to eight digits in one way, those of nine and ten in another. */
static int64_t scaled(const char *from, unsigned decimals)
{
	const char *to = from + strlen(from);
	int64_t one = csv_scaled(from, to, decimals, '.');
	int64_t other = csv_scaled_long(from, to, decimals, '.');

	cr_assert(one < 0 || other < 0, "%s", from);
	return one < 0 ? other : one;
}

Test(csv_pieces, scaled_numbers_are_those_without_their_point)
{
	char text[64] = "9,9.9,9.99,9.9.,", *from = text + 16;

	for (unsigned i = 0; i < 200000; i++) {
		unsigned long n = i * 2654435761ul % 10000000000ul >> (i % 34);
		unsigned decimals = i % (SCALED_DECIMALS_MAX + 1);
		unsigned long unit = 1;

		for (unsigned k = 0; k < decimals; k++)
			unit *= 10;
		if (decimals)
			(void)snprintf(from, 48, "%lu.%0*lu", n / unit, (int)decimals, n % unit);
		else
			(void)snprintf(from, 48, "%lu", n);
		if (n / unit || n < 1000000000)
			cr_assert_eq(scaled(from, decimals), (int64_t)n, "%s", from);
		cr_assert_lt(scaled(from, decimals + 1), 0, "%s", from);
		from[i % strlen(from)] = 'x';
		cr_assert_lt(scaled(from, decimals), 0, "%s", from);
	}
}
