/* SPDX-License-Identifier: MIT */
/* The texts are real output of the tools, the seeds of the fuzz target. */
#include <criterion/criterion.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "agents/collector/text_tools.h"
#include "lib/base/files.h"
#include "tests/unit/collector/reading.h"

static struct reading read_seed(const char *name)
{
	CLEANUP(freep) char *bytes = NULL;
	char path[PATH_MAX];
	size_t len;

	(void)snprintf(path, sizeof path, "%s/tests/fuzz/collector/seeds/text/%s",
	               getenv("CHIMERAD_SOURCE"), name);
	cr_assert_eq(files_read(&bytes, &len, NULL, path, 1u << 20, NULL), 0, "%s", path);
	bytes[len] = '\0';
	return reading_of(text_read, bytes);
}

#define expect_text(table, row, column, wanted)                                            \
	cr_expect_str_eq(text_of(table, row, column), wanted, "%s row %d: \"%s\"", column, \
	                 (int)(row), text_of(table, row, column))

#define expect_number(table, row, column, wanted)                                              \
	do {                                                                                   \
		struct cell cell_ = cell_of(table, row, column);                               \
		cr_expect_eq(cell_.kind, CELL_NUMBER, "%s row %d: \"%s\"", column, (int)(row), \
		             cell_.text);                                                      \
		cr_expect_float_eq(cell_.number, wanted, 1e-12 * (1 + (wanted)),               \
		                   "%s row %d: %.17g", column, (int)(row), cell_.number);      \
	} while (0)

static struct text_place place_of(const struct table *t, size_t row, const char *column)
{
	for (size_t i = 0; i < t->n_columns; i++)
		if (strcmp(t->columns[i].name, column) == 0)
			return t->columns[i].places[row];
	return (struct text_place){0};
}

static const struct column_meaning *meaning_of(const struct table *t, const char *column)
{
	for (size_t i = 0; i < t->n_columns; i++)
		if (strcmp(t->columns[i].name, column) == 0)
			return t->columns[i].meaning;
	return NULL;
}

Test(text, every_tool_has_a_sign_that_tells_it_from_others)
{
	for (size_t i = 0; text_tools[i]; i++) {
		size_t signs = 0, rules = 0;

		for (; text_tools[i]->rules[rules].pattern; rules++)
			signs += text_tools[i]->rules[rules].sign;
		cr_expect_gt(signs, 0, "%s", text_tools[i]->name);
		cr_expect_leq(rules, 64, "%s", text_tools[i]->name);
		cr_expect_leq(i, 40);
	}
}

Test(text, of_no_recognised_tool_is_no_table)
{
	CLEANUP(reading_done) struct reading r = reading_of(text_read, "hello: world\n1 2 3\n");

	cr_expect_eq(r.result, -EINVAL);
	cr_expect_eq(r.artifact.n_tables, 0);
}

Test(text, go_results_are_rows_with_a_column_for_each_unit)
{
	CLEANUP(reading_done) struct reading r = read_seed("go.txt");
	const struct table *t = table_of(&r, 0);

	cr_assert_eq(r.result, 0, "%s", r.err.text);
	cr_expect_eq(r.artifact.n_tables, 1);
	cr_expect_str_eq(t->schema, "go-bench");
	cr_expect_eq(t->n_rows, 7);
	cr_expect_eq(t->header_line, 0);
	expect_text(t, 0, "name", "BenchmarkEncode/format=json-48");
	expect_text(t, 0, "pkg", "example.org/encode");
	expect_number(t, 1, "ns/op", 1723);
	expect_number(t, 1, "allocs/op", 4);
	expect_number(t, 2, "MB/s", 336.59);
	expect_number(t, 3, "auxMetricUnits", 3);
	cr_expect_eq(cell_of(t, 2, "B/op").kind, CELL_EMPTY);
	cr_expect_eq(meaning_of(t, "ns/op")->role, MEANS_METRIC);
	cr_expect_eq(meaning_of(t, "ns/op")->better, BETTER_LOWER);
	cr_expect_null(meaning_of(t, "auxMetricUnits"));
}

Test(text, go_benchmarks_that_failed_are_rows_with_an_error)
{
	CLEANUP(reading_done) struct reading r = read_seed("go.txt");
	const struct table *t = table_of(&r, 0);

	expect_text(t, 4, "name", "BenchmarkBroken");
	expect_text(t, 4, "error", "FAIL");
	expect_text(t, 5, "error", "runtime error: index out of range [3] with length 3");
	cr_expect_eq(r.artifact.status, STATUS_PARTIAL);
	cr_expect_str_eq(r.artifact.reason, "line 9: --- FAIL: BenchmarkBroken");
}

Test(text, context_lines_of_go_hold_for_the_rows_below_them)
{
	CLEANUP(reading_done) struct reading r = read_seed("go.txt");
	const struct table *t = table_of(&r, 0);

	expect_text(t, 6, "pkg", "example.org/other");
	cr_expect_eq(place_of(t, 6, "pkg").line, 15);
	cr_expect_eq(place_of(t, 6, "pkg").column, 6);
	cr_expect_eq(place_of(t, 6, "pkg").length, 17);
	cr_expect_eq(place_of(t, 0, "ns/op").line, 5);
	cr_expect_eq(place_of(t, 0, "ns/op").column, 56);
	cr_expect_eq(place_of(t, 0, "ns/op").length, 4);
}

Test(text, rows_beyond_the_most_are_left_out_and_counted)
{
	const char line[] = "BenchmarkX 1 1 ns/op\n";
	size_t n = TEXT_ROWS_MAX + 5, len = strlen(line);
	CLEANUP(freep) char *text = calloc(n + 1, len);

	cr_assert_not_null(text);
	for (size_t i = 0; i < n; i++)
		memcpy(text + i * len, line, len);

	CLEANUP(reading_done) struct reading r = reading_of(text_read, text);

	cr_expect_eq(table_of(&r, 0)->n_rows, TEXT_ROWS_MAX);
	cr_expect_eq(r.artifact.status, STATUS_PARTIAL);
	cr_expect_str_eq(r.artifact.reason, "5 rows of a table are left out behind the first 4000");
}
