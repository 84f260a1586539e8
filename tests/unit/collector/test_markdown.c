/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>

#include "tests/unit/collector/reading.h"

#define READ(text) reading_of(markdown_read, text)

Test(markdown, reads_tables_with_their_header_line_and_headings)
{
	CLEANUP(reading_done)
	struct reading r = READ(
		"# Bench\n\n## Runs\n\n| Backend | Mean (ms) |\n|---|--:|\n"
		"| **eager** | 3.812 |\n| `onnx` | 12 ms |\n\n## Rest\n\n| a |\n|-|\n| b |\n");
	const struct table *t = table_of(&r, 0);

	cr_assert_eq(r.result, 0);
	cr_assert_eq(r.artifact.n_tables, 2);
	cr_expect_eq(t->header_line, 5);
	cr_expect_eq(t->n_rows, 2);
	cr_expect_str_eq(text_of(t, 0, "Backend"), "eager");
	cr_expect_str_eq(text_of(t, 1, "Backend"), "onnx");
	cr_expect_eq(cell_of(t, 0, "Mean (ms)").number, 3.812);
	cr_expect_eq(cell_of(t, 1, "Mean (ms)").kind, CELL_TEXT);
	cr_assert_eq(t->n_context, 2);
	cr_expect_str_eq(t->context[0].name, "heading");
	cr_expect_str_eq(t->context[0].text, "Bench");
	cr_expect_str_eq(t->context[1].text, "Runs");
	cr_expect_str_eq(table_of(&r, 1)->context[1].text, "Rest");
	cr_expect_eq(table_of(&r, 1)->number, 2);
	cr_expect_eq(r.artifact.status, STATUS_OK);
}

Test(markdown, the_header_is_above_the_delimiters_wherever_the_paragraph_began)
{
	CLEANUP(reading_done)
	struct reading r = READ("Some words\nand more:\n| a | b |\n|---|---|\n| 1 | 2 |\n");
	CLEANUP(reading_done)
	struct reading quoted = READ("> x\n>\n> | a | b |\n> |---|---|\n> | 1 | 2 |\n");

	cr_assert_eq(r.artifact.n_tables, 1);
	cr_expect_eq(table_of(&r, 0)->header_line, 3);
	cr_expect_eq(table_of(&r, 0)->n_rows, 1);
	cr_assert_eq(quoted.artifact.n_tables, 1);
	cr_expect_eq(table_of(&quoted, 0)->header_line, 3);
}

Test(markdown, columns_get_names_of_their_own)
{
	CLEANUP(reading_done)
	struct reading r = READ("| x | x | |\n|---|---|---|\n| 1 | a\\|b |\n");
	const struct table *t = table_of(&r, 0);

	cr_assert_eq(r.artifact.n_tables, 1);
	cr_expect_str_eq(t->columns[1].name, "x#2");
	cr_expect_str_eq(t->columns[2].name, "column 3");
	cr_expect_str_eq(text_of(t, 0, "x#2"), "a|b");
	cr_expect_eq(cell_of(t, 0, "column 3").kind, CELL_EMPTY);
}

Test(markdown, names_what_only_looks_like_a_table)
{
	CLEANUP(reading_done)
	struct reading r = READ("- DType: x | Backend | Mean |\n| --- | --- |\n| eager | 1 "
	                        "|\n\ntext\n\n| lone | row |\n");
	CLEANUP(reading_done) struct reading one = READ("a\n--|--\nb\n");

	cr_assert_eq(r.result, 0);
	cr_expect_eq(r.artifact.n_tables, 0);
	cr_expect_eq(r.artifact.status, STATUS_PARTIAL);
	cr_expect_str_eq(r.artifact.reason,
	                 "line 1 looks like a table but is none in GFM, as do 1 more places");
	cr_expect_str_eq(one.artifact.reason, "line 2 looks like a table but is none in GFM");
}

Test(markdown, code_and_prose_are_no_lookalikes)
{
	CLEANUP(reading_done)
	struct reading r = READ(
		"```\n| a | b |\n```\n\n    | c | d |\n\nrun `a | b | c` or a | b.\nf\\|g\\|h\n");

	cr_assert_eq(r.result, 0);
	cr_expect_eq(r.artifact.n_tables, 0);
	cr_expect_eq(r.artifact.status, STATUS_OK);
	cr_expect_null(r.artifact.reason);
}

Test(markdown, a_wide_header_over_many_short_rows_is_refused)
{
	CLEANUP(freep) char *text = malloc(100000);
	CLEANUP(reading_done) struct reading r = {0};
	size_t n = 0;

	cr_assert_not_null(text);
	for (int i = 0; i < 5000; i++)
		text[n++] = '|', text[n++] = 'a';
	text[n++] = '\n';
	for (int i = 0; i < 5000; i++)
		text[n++] = '|', text[n++] = '-';
	text[n++] = '\n';
	for (int i = 0; i < 10000; i++)
		text[n++] = '|', text[n++] = '\n';
	text[n] = '\0';
	r = READ(text);
	cr_expect_eq(r.result, -EINVAL);
	cr_expect(strstr(r.err.text, "too wide"), "%s", r.err.text);
}

Test(markdown, a_flood_of_images_is_refused, .timeout = 10)
{
	static const char unit[] = "![[]()";
	CLEANUP(freep) char *text = calloc(40000, sizeof unit);
	CLEANUP(reading_done) struct reading r = {0};

	cr_assert_not_null(text);
	for (size_t i = 0; i < 40000; i++)
		memcpy(text + i * (sizeof unit - 1), unit, sizeof unit - 1);
	r = READ(text);
	cr_expect_eq(r.result, -EINVAL);
	cr_expect(strstr(r.err.text, "40000 images"), "%s", r.err.text);
}
