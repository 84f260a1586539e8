/* SPDX-License-Identifier: MIT */
/*
 * json_records - rows that are read straight into columns say what their tree says.
 */
#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "tests/fuzz/collector/same.h"
#include "tests/unit/collector/reading.h"

#define ROWS 3000 /* more than the codes that are numbers of anything */

static int read_records(struct artifact *a, struct str text, struct arena *arena, struct error *err)
{
	return json_read_by(a, text, 0, arena, err);
}

static int read_tree(struct artifact *a, struct str text, struct arena *arena, struct error *err)
{
	return json_read_by(a, text, SIZE_MAX, arena, err);
}

static struct reading expect_same(const char *text)
{
	CLEANUP(reading_done) struct reading tree = reading_of(read_tree, text);
	struct reading r = reading_of(read_records, text);

	cr_assert_eq(r.result, tree.result, "%.100s: %s", text, r.err.text);
	cr_expect_str_eq(r.err.text, tree.err.text);
	if (r.result == 0)
		check_same_artifact(&tree.artifact, &r.artifact);
	return r;
}

static void read_and_compare(const char *text)
{
	struct reading r = expect_same(text);

	reading_done(&r);
}

static const struct column *column_of(const struct table *t, const char *name)
{
	for (size_t i = 0; i < t->n_columns; i++)
		if (strcmp(t->columns[i].name, name) == 0)
			return &t->columns[i];
	cr_assert_fail("no column %s", name);
	return NULL;
}

Test(json_records, short_texts_are_what_their_tree_is)
{
	static const char *const texts[] = {
		"[{\"a\": 1, \"b\": \"x\"}, {\"a\": 2, \"b\": \"y\"}]",
		"[{\"a\":1,\"b\":\"x\"},\n{ \"a\" : 2 , \"b\" : \"x\" } ,{\"a\":2,\"b\":\"x\"}]",
		"{\"a\": 1}\n{\"a\": 1}\n{\"a\": 12}\n",
		"{\"a\": 1},\n{\"a\": 2},\n",
		"{\"a\": 1}",
		"{\"a\": 1}\n{\"a\": 2",
		"{\"a\": 1}\n{\"a\": 2}\n[1, 2]\n",
		"said first\n{\"a\": 1}\n{\"a\": 2}\n",
		"{\"date\": \"d\", \"rows\": [{\"a\": 1}, {\"b\": 2}, {\"a\": 3}, {\"a\": 3}]}",
		"[{\"a\": 1}, {\"b\": 2, \"a\": 3}, {\"c\": {\"d\": [1, 2]}}, {\"a\": 4}]",
		"[{\"a\": {\"b\": {}, \"c\": 1}}, {\"a\": {\"b\": {}, \"c\": 2}}]",
		"[{\"a\": {\"x\": {\"n\": 1}, \"y\": {\"n\": 2}}}, {\"a\": {\"x\": {\"n\": 1}}}]",
		"[{\"a\": []}, {\"a\": [\"x\", null, true]}, {\"a\": [1.5]}, {\"a\": [2, 3]}]",
		"[{\"a\": [1, NaN]}, {\"a\": [1, 2]}]",
		"[{\"a\": NaN, \"b\": 1}, {\"a\": -Infinity, \"b\": nan}, {\"a\": 1, \"b\": -inf}]",
		"[{\"a\": [NaN]}, {\"a\": [\"x\", NaN]}, {\"a\": nulls}]",
		"[{\"a\": 1x}, {\"a\": -}]",
		"[{\"a\": [[1], [2]]}, {\"a\": [1, 2]}]",
		"[{\"a\": [{\"b\": 1}]}, {\"a\": 1}]",
		"[{\"a\": 1, \"a\": 2}, {\"a\": 3, \"a\": 4}]",
		"[{\"a\": 1}, null, {\"a\": 2}]",
		"[{\"a\": 1}, {\"a\": 2},]",
		"[{\"a\": 1,}, {\"a\": 2,}]",
		"[{\"a\": 1} // one\n, {\"a\": /* two */ 2}]",
		"[{\"a\": 01}, {\"a\": 2}]",
		"[{\"a\": \"\\u00e9\\n\"}, {\"a\": \"\\u00e9\\n\"}, {\"a\": \"\\\"\"}]",
		"[{\"a\": \"\\q\"}, {\"a\": 1}]",
		"[{\"a\": \"\"}, {\"a\": \"  \"}, {\"a\": \" x \"}, {\"a\": null}, {\"a\": true}]",
		"[{\"a\": \"12.5 ms\"}, {\"a\": \"1,234\"}, {\"a\": \"7\"}, {\"a\": 7}]",
		"[{\"a\": 1e999}, {\"a\": -0}, {\"a\": 1E5}, {\"a\": 1.5e-3}, {\"a\": 1e-400}]",
		"[{\"a\": 9007199254740993}, {\"a\": 18446744073709551615}, {\"a\": 1e22}]",
		"[{\"a\": [0.1, 123456789012345678901234567890, 1e5, -0.0]}, {\"a\": [3]}]",
		"[{\"a\": [1, 2], \"b\": 1}, {\"a\": [1, 2], \"b\": 2}, {\"a\": 5, \"b\": 2}]",
		"[{\"\": 1, \"a/b\": 2, \"c~d\": 3}, {\"\": 2, \"a/b\": 2, \"c~d\": 3}]",
		"[{\"k\\u0041\": 1}, {\"k\\u0041\": 2}]",
		"[{}, {}, {}]",
		"[{}, {\"a\": 1}]",
		"{\"results\": {\"b\": [[1, 2]]}, \"result_columns\": [{\"a\": 1}, {\"a\": 2}]}",
		"[{\"a\": 1}, {\"a\": 2}]\n[{\"a\": 1}, {\"a\": 2}]\n",
		"[[{\"a\": 1}, {\"a\": 2}], [{\"a\": 3}]]"};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		read_and_compare(texts[i]);
}

Test(json_records, rows_of_one_shape_are_codes)
{
	CLEANUP(reading_done)
	struct reading r = expect_same("[{\"a\": 1.50, \"b\": \"x\"}, {\"a\": 1.5, \"b\": \"x\"}]");
	const struct table *t = table_of(&r, 0);

	cr_expect_str_eq(t->base, "/*");
	cr_expect_eq(column_of(t, "a")->store, STORE_CODED);
	cr_expect_str_eq(text_of(t, 0, "a"), "1.50");
	cr_expect_str_eq(text_of(t, 1, "a"), "1.5");
}

/* Columns of every kind; now and then a value of another one, a member that is missing, a shape. */
static void write_row(struct buf *b, unsigned i)
{
	static const char *const odd[] = {"null", "\"12 ms\"",        "true", "\"\\u0041\"",
	                                  "1e3",  "9007199254740993", "\"\"", "-7.25"};

	buf_printf(b, "{\"key\": \"k%u\", \"const\": \"same\",", i / 100 % 3);
	if (i % 50 == 7)
		buf_printf(b, " \"value\": %s,", odd[i / 50 % ARRAY_LEN(odd)]);
	else if (i % 70 != 9)
		buf_printf(b, " \"value\": %u.%03u,", i * 7, i % 1000);
	buf_printf(b, "%s\"big\": %llu,", i % 40 ? " " : "\n\t",
	           9007199254740993ULL + i * 1000003ULL);
	buf_printf(b, " \"wide\": %u.%06u%06u,", i, i * 31 % 1000000, i * 17 % 1000000);
	buf_printf(b, " \"in\": {\"name\": \"unique %u\", \"list\": [%u, 0.25, %u.5]}}", i, i, i);
}

static void write_rows(struct buf *b, const char *before, const char *between, const char *behind)
{
	buf_puts(b, before);
	for (unsigned i = 0; i < ROWS; i++) {
		buf_puts(b, i ? between : "");
		write_row(b, i);
	}
	buf_puts(b, behind);
}

Test(json_records, many_rows_are_kept_by_what_is_in_them)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(4 << 20);
	CLEANUP(reading_done) struct reading r = {0};
	const struct table *t;

	write_rows(&b, "{\"x\": 1, \"rows\": [", ",\n", "]}");
	r = expect_same(buf_text(&b));
	t = table_of(&r, 1);
	cr_assert_eq(t->n_rows, ROWS);
	cr_expect_eq(column_of(t, "key")->store, STORE_CODED);
	cr_expect_eq(column_of(t, "key")->code_bytes, 1);
	cr_expect_eq(column_of(t, "value")->store, STORE_MEASURED);
	cr_expect(column_of(t, "value")->scaled != NULL);
	cr_expect(column_of(t, "wide")->numbers != NULL);
	cr_expect_eq(column_of(t, "big")->store, STORE_PLAIN);
	cr_expect_eq(column_of(t, "name")->store, STORE_PLAIN);
	cr_expect_eq(column_of(t, "list")->store, STORE_PLAIN);
	cr_expect_str_eq(text_of(t, 2000, "big"), "9007201254746993");
}

Test(json_records, many_lines_too)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(4 << 20);
	CLEANUP(reading_done) struct reading r = {0};

	write_rows(&b, "", "\n", "\n");
	r = expect_same(buf_text(&b));
	cr_assert_eq(table_of(&r, 0)->n_rows, ROWS);
	cr_expect_eq(column_of(table_of(&r, 0), "value")->store, STORE_MEASURED);
}

static void write_number(struct buf *b, int whole, int fraction, const char *zeros, int exponent)
{
	static const char digits[] = "9182736450918273645091827364509";

	buf_printf(b, "%s%s%.*s", whole % 3 ? "" : "-", whole ? "" : "0", whole, digits);
	if (fraction)
		buf_printf(b, ".%s%.*s", zeros, fraction, digits + whole % 5);
	if (exponent)
		buf_printf(b, exponent % 2 ? "e%d" : "E%+d", exponent);
}

static void write_numbers(struct buf *b, const char *zeros, int exponent)
{
	for (int whole = 0; whole < 26; whole++) {
		for (int fraction = 0; fraction < 26; fraction++) {
			buf_puts(b, "{\"a\": ");
			write_number(b, whole, fraction, zeros, exponent);
			buf_puts(b, ", \"l\": [ 1,");
			write_number(b, whole, fraction, zeros, exponent);
			buf_puts(b, " , ");
			write_number(b, fraction, whole, zeros, -exponent);
			buf_puts(b, "]}\n");
		}
	}
}

Test(json_records, numbers_are_what_strtod_makes_of_them)
{
	static const int exponents[] = {0, 1, -2, 17, -38, 99, 123};
	CLEANUP(buf_done) struct buf b = BUF_INIT(4 << 20);

	for (size_t i = 0; i < ARRAY_LEN(exponents); i++) {
		write_numbers(&b, "", exponents[i]);
		write_numbers(&b, "0000", exponents[i]);
		if (exponents[i] == 17)
			read_and_compare(
				buf_text(&b)); /* the others make a list that is not finite */
	}
	read_and_compare(buf_text(&b));
}

/* The first row is short: there are more columns, and far fewer rows, than it lets expect. */
Test(json_records, rows_that_grow)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(4 << 20);
	CLEANUP(reading_done) struct reading r = {0};

	buf_puts(&b, "[{\"a\": 1}");
	for (unsigned i = 0; i < 30; i++) {
		buf_puts(&b, ", {\"a\": 1");
		for (unsigned k = 0; k < i; k++)
			buf_printf(&b, ", \"c%u\": \"%0200u\"", k, k);
		buf_puts(&b, "}");
	}
	for (unsigned i = 0; i < ROWS; i++)
		buf_printf(&b, ",{\"a\":%u}", i);
	buf_puts(&b, "]");
	r = expect_same(buf_text(&b));
	cr_assert_eq(table_of(&r, 0)->n_rows, ROWS + 31);
}

static int expect_same_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(16 << 20);
	FILE *file = type == FTW_F && strstr(path, ".json") ? fopen(path, "re") : NULL;
	char piece[4096];
	size_t n;

	(void)st, (void)ftw;
	while (file && (n = fread(piece, 1, sizeof piece, file)) > 0)
		buf_add(&b, piece, n);
	if (file)
		(void)fclose(file);
	if (b.len && !b.failed)
		read_and_compare(buf_text(&b));
	return 0;
}

static void expect_same_files(const char *variable, const char *below)
{
	const char *root = getenv(variable);
	char folder[4096];

	(void)snprintf(folder, sizeof folder, "%s/%s", root ? root : "/nonexistent", below);
	if (access(folder, R_OK) < 0)
		cr_skip_test("%s is not here", folder);
	cr_expect_eq(nftw(folder, expect_same_file, 16, FTW_PHYS), 0);
}

Test(json_records, files_of_real_tools_are_what_their_tree_is)
{
	expect_same_files("CHIMERAD_SOURCE", "tests/fixtures/tools");
}

Test(json_records, files_of_the_corpus_are_what_their_tree_is)
{
	expect_same_files("CHIMERAD_SHARED", "corpus");
}

Test(json_records, samples_are_what_their_tree_is)
{
	expect_same_files("CHIMERAD_SHARED", "samples");
}
