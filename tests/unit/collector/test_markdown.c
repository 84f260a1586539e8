/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "lib/base/buf.h"
#include "lib/base/markdown_memory.h"
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
	cr_expect_eq(cell_of(t, 1, "Mean (ms)").number, 12);
	cr_expect_str_eq(cell_of(t, 1, "Mean (ms)").unit->text, "ms");
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
	                 "line 1 looks like a table but is none in GFM, as does 1 more place");
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

/* --- cells ---------------------------------------------------------------------------------- */

static void expect_cell(const char *markdown, double number, const char *text)
{
	char document[512];
	CLEANUP(reading_done) struct reading r = {0};
	struct cell c;

	(void)snprintf(document, sizeof document, "| a | b |\n|---|---|\n| x | %s |\n| y | 0.5 |\n",
	               markdown);
	r = READ(document);
	cr_assert_eq(r.artifact.n_tables, 1, "%s", markdown);
	c = cell_of(table_of(&r, 0), 0, "b");
	cr_expect_str_eq(c.text, text, "%s: %s", markdown, c.text);
	if (isnan(number))
		cr_expect_eq(c.kind, CELL_TEXT, "%s is a text", markdown);
	else
		cr_expect(c.kind == CELL_NUMBER && fabs(c.number - number) < 1e-9 * fabs(number),
		          "%s: %g", markdown, c.number);
}

Test(markdown, markup_around_a_number_is_none_of_it)
{
	expect_cell("**12.5**", 12.5, "12.5");
	expect_cell("__12.5__", 12.5, "12.5");
	expect_cell("*12.5 ms*", 12.5, "12.5 ms");
	expect_cell("`12.5 ms`", 12.5, "12.5 ms");
	expect_cell("**`4.2k`**", 4200, "4.2k");
	expect_cell("[12.5 ms](https://example.org/1)", 12.5, "12.5 ms");
	expect_cell("**-5.2%**", -5.2, "-5.2%");
	expect_cell("12.5<br>", 12.5, "12.5");
	expect_cell("<b>12.5</b> ms", 12.5, "12.5  ms");
	expect_cell("41.3 &plusmn; 0.6", 41.3, "41.3 ± 0.6");
	expect_cell("12.5&nbsp;&micro;s", 12.5, "12.5\302\240\302\265s");
	expect_cell("1,234.5", 1234.5, "1,234.5");
	expect_cell("1,234", 1234, "1,234"); /* the 0.5 below tells */
}

Test(markdown, what_is_no_number_stays_a_text)
{
	expect_cell("~~12.5~~", (double)NAN, "~~12.5~~"); /* struck out */
	expect_cell("~~12.5~~ 13", (double)NAN, "~~12.5~~ 13");
	expect_cell("12.5<br>13.5", (double)NAN, "12.5 13.5");
	expect_cell("**+12%** faster", (double)NAN, "+12% faster");
	expect_cell("5 \\| 6", (double)NAN, "5 | 6");
	expect_cell("&lt;0.1", (double)NAN, "<0.1");
	expect_cell("12/16", (double)NAN, "12/16");
	expect_cell("q4\\_0", (double)NAN, "q4_0");
}

Test(markdown, reads_what_hyperfine_exports)
{
	CLEANUP(reading_done)
	struct reading r = READ("| Command | Mean [ms] | Min [ms] | Max [ms] | Relative |\n"
	                        "|:---|---:|---:|---:|---:|\n"
	                        "| `sleep 0.04` | 41.3 ± 0.6 | 40.4 | 43.1 | 1.00 |\n"
	                        "| `a \\| b` | 59.9 ± 2.1 | 58.0 | 66.0 | 1.45 ± 0.06 |\n");
	const struct table *t = table_of(&r, 0);

	cr_assert_not_null(t);
	cr_expect_eq(cell_of(t, 0, "Mean [ms]").number, 41.3);
	cr_expect_str_eq(text_of(t, 0, "Mean [ms]"), "41.3 ± 0.6");
	cr_expect_not_null(cell_of(t, 0, "Mean [ms]").unit, "there is more than a number");
	cr_expect_null(cell_of(t, 0, "Min [ms]").unit);
	cr_expect_eq(cell_of(t, 1, "Relative").number, 1.45);
	cr_expect_str_eq(text_of(t, 1, "Command"), "a | b");
}

Test(markdown, reads_what_llama_bench_prints)
{
	CLEANUP(reading_done)
	struct reading r = READ(
		"| model | size | params | backend | ngl | test | t/s |\n"
		"| --- | ---: | ---: | --- | --: | --: | ---: |\n"
		"| llama 1B Q4_0 | 729.75 MiB | 1.24 B | ROCm | 99 | pp512 | 1234.56 ± 7.89 |\n"
		"\nbuild: 21c02174 (5555)\n");
	const struct table *t = table_of(&r, 0);

	cr_assert_not_null(t);
	cr_expect_eq(t->n_rows, 1);
	cr_expect_eq(cell_of(t, 0, "t/s").number, 1234.56);
	cr_expect_eq(cell_of(t, 0, "size").number, 729.75);
	cr_expect_str_eq(cell_of(t, 0, "size").unit->text, "MiB");
	cr_expect_eq(cell_of(t, 0, "test").kind, CELL_TEXT);
}

Test(markdown, the_cells_tell_the_decimal_mark)
{
	CLEANUP(reading_done)
	struct reading r = READ("| Lauf | Zeit (ms) | Rate |\n|---|--:|---|\n"
	                        "| a | 1,5 | 1.234,5 MB/s |\n| b | 12,25 | 1.234 MB/s |\n\n"
	                        "| a | b |\n|---|---|\n| 1.5 | 1,234.5 |\n| 1,5 | x |\n");
	const struct table *t = table_of(&r, 0), *points = table_of(&r, 1);

	cr_assert_eq(r.artifact.n_tables, 2);
	cr_expect_eq(t->decimal, ',');
	cr_expect_eq(cell_of(t, 1, "Zeit (ms)").number, 12.25);
	cr_expect_eq(cell_of(t, 0, "Rate").number, 1234.5);
	cr_expect_eq(cell_of(t, 1, "Rate").number, 1234);
	cr_expect_eq(points->decimal, '.');
	cr_expect_eq(cell_of(points, 0, "b").number, 1234.5);
}

Test(markdown, memory_that_was_given_back_is_zeroed_again)
{
	CLEANUP(markdown_memory_done) struct markdown_memory memory = {0};
	static const size_t sizes[] = {0, 1, 16, 17, 1024, 1025, 100000};
	cmark_mem *m;

	cr_assert_eq(markdown_memory_init(&memory, &m), 0);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		char *first = m->calloc(1, sizes[i]), *again;

		memset(first, 'x', sizes[i]);
		m->free(first);
		again = m->calloc(sizes[i], 1);
		cr_expect_eq(again, first, "%zu bytes were not used again", sizes[i]);
		for (size_t k = 0; k < sizes[i]; k++)
			cr_assert_eq(again[k], '\0');
	}
}

Test(markdown, memory_that_grows_keeps_what_is_in_it)
{
	CLEANUP(markdown_memory_done) struct markdown_memory memory = {0};
	cmark_mem *m;
	char *text;

	cr_assert_eq(markdown_memory_init(&memory, &m), 0);
	text = m->realloc(NULL, 5);
	memcpy(text, "text", 5);
	for (size_t size = 6; size < 100000; size *= 3) {
		text = m->realloc(text, size);
		text[size - 1] = 'x';
		cr_assert_str_eq(text, "text");
	}
	m->free(NULL);
}

static void parse_for_ever(void *arg)
{
	cmark_parser *parser = cmark_parser_new_with_mem(CMARK_OPT_DEFAULT, arg);

	for (;;)
		cmark_parser_feed(parser, "- a\n", 4);
}

static void parse_little(void *arg)
{
	cmark_parser *parser = cmark_parser_new_with_mem(CMARK_OPT_DEFAULT, arg);

	cmark_parser_feed(parser, "- a\n", 4);
	cr_expect(cmark_parser_finish(parser));
}

Test(markdown, memory_that_ends_ends_the_work_and_nothing_else)
{
	CLEANUP(markdown_memory_done) struct markdown_memory memory = {0};
	cmark_mem *m;

	cr_assert_eq(markdown_memory_init(&memory, &m), 0);
	arena_free(memory.arena);
	memory.arena = arena_new(100000);
	cr_expect_eq(markdown_memory_run(&memory, parse_for_ever, m), -ENOMEM);
	markdown_memory_done(&memory);
	cr_assert_eq(markdown_memory_init(&memory, &m), 0);
	cr_expect_eq(markdown_memory_run(&memory, parse_little, m), 0);
}

Test(markdown, tables_in_the_text_of_a_tool_are_read_as_such)
{
	CLEANUP(reading_done)
	struct reading r = reading_of(markdown_read_in_text,
	                              "ggml: found 1 device\n\n| model | t/s |\n| - | -: |\n"
	                              "| tiny | 41.3 ± 0.6 |\n\nbuild: 1\n");
	const struct table *t = table_of(&r, 0);

	cr_assert_eq(r.result, 0, "%s", r.err.text);
	cr_assert_eq(r.artifact.n_tables, 1);
	cr_expect_eq(t->header_line, 3);
	cr_expect_eq(t->n_rows, 1);
	cr_expect_str_eq(text_of(t, 0, "model"), "tiny");
}

Test(markdown, text_without_a_rule_below_a_row_is_none)
{
	static const char *const others[] = {
		"a|b\n1|2\n3|4\n",           "| a | b |\n| 1 | 2 |\n",   "|===\n| a | b\n|===\n",
		" a | b\n---+---\n 1 | 2\n", "```\n| a |\n| - |\n```\n", ""};

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		CLEANUP(reading_done)
		struct reading r = reading_of(markdown_read_in_text, others[i]);

		cr_expect_eq(r.result, -EINVAL, "%s", others[i]);
		cr_expect_eq(r.artifact.n_tables, 0);
		cr_expect_null(r.artifact.reason);
	}
}

/* --- prose ---------------------------------------------------------------------------------- */

Test(markdown, a_number_with_a_unit_is_told_with_its_sentence_and_place)
{
	CLEANUP(reading_done)
	struct reading r = READ("# 5 ms\n\nFast. Größe: **1.5 ms** here; 2 GB there.\n"
	                        "\n| a |\n|-|\n| 3 ms |\n\n```\n4 ms\n```\n");
	const struct table *t = r.artifact.prose;

	cr_assert_not_null(t);
	cr_assert_eq(t->n_rows, 2);
	cr_expect_str_eq(table_cell(t, 0, 0).text, "1.5 ms");
	cr_expect_eq(table_cell(t, 0, 0).number, 1.5);
	cr_expect_str_eq(table_cell(t, 0, 0).unit->text, "ms");
	cr_expect_str_eq(table_cell(t, 0, 1).text, "Größe: **1.5 ms** here");
	cr_expect_str_eq(table_cell(t, 1, 1).text, "2 GB there");
	cr_expect_eq(t->columns[0].places[0].line, 3);
	cr_expect_eq(t->columns[0].places[0].column, 16);
	cr_expect_eq(t->columns[0].places[0].length, 6);
}

Test(markdown, what_is_no_plain_number_with_a_unit_states_nothing)
{
	static const char *const texts[] = {"version 1.2.3", "from -5 ms", "in 2025-10-02 ms",
	                                    "~5 ms",         "v5 ms",      "5 apples",
	                                    "x=5 ms",        "<5 ms",      "5"};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(reading_done) struct reading r = READ(texts[i]);

		cr_expect_null(r.artifact.prose, "%s", texts[i]);
	}
}

Test(markdown, a_rate_in_words_is_one_and_its_place_is_the_number)
{
	CLEANUP(reading_done) struct reading r = READ("It does 102.31 tokens per second.");
	const struct table *t = r.artifact.prose;

	cr_assert_not_null(t);
	cr_expect_eq(table_cell(t, 0, 0).number, 102.31);
	cr_expect_eq(t->columns[0].places[0].length, 6);
}

/* A line of a megabyte would be kept once for each of its numbers. */
Test(markdown, what_is_too_long_for_a_sentence_states_nothing)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(1 << 20);

	buf_puts(&b, "It takes 5 ms in all. Then ä");
	for (unsigned i = 0; i < 4000; i++)
		buf_puts(&b, " and 6 ms");
	buf_puts(&b, ". Now 7 ms.");
	CLEANUP(reading_done) struct reading r = READ(buf_text(&b));
	const struct table *t = r.artifact.prose;

	cr_assert_not_null(t);
	cr_assert_eq(t->n_rows, 2);
	cr_expect_str_eq(table_cell(t, 0, 1).text, "It takes 5 ms in all");
	cr_expect_str_eq(table_cell(t, 1, 1).text, "Now 7 ms");
	cr_expect_eq(t->columns[0].places[1].column, 28 + 4000 * 9 + 7);
}

Test(markdown, an_option_of_a_model_is_stated_with_its_value)
{
	static const struct {
		const char *said, *option;
		double number; /* NAN: none */
	} expected[] = {{"80", "num_gpu", 80},          {"512", "num_ctx", 512},
	                {"0.8", "temperature", 0.8},    {"60", "num_gpu", (double)NAN},
	                {"60", "num_gpu", (double)NAN}, {"40", "top_k", (double)NAN},
	                {"", "top_p", (double)NAN}};
	CLEANUP(reading_done)
	struct reading r = READ("**Configuration:** num_gpu=80, `num_ctx`: 512\n"
	                        "With **temperature:** 0.8 and xnum_gpu=7.\n\n"
	                        "Try num_gpu=60-80, num_gpu: 60, 80, or top_k=40 or 64.\n"
	                        "The top_p: whatever.\n");
	const struct table *t = r.artifact.prose;

	cr_assert_not_null(t);
	cr_assert_eq(t->n_rows, ARRAY_LEN(expected));
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		struct cell said = table_cell(t, i, 0);

		cr_expect_str_eq(said.text, expected[i].said);
		cr_expect_str_eq(table_cell(t, i, 1).text, expected[i].option);
		cr_expect_null(said.unit);
		if (isnan(expected[i].number))
			cr_expect_neq(said.kind, CELL_NUMBER, "%zu", i);
		else
			cr_expect(said.kind == CELL_NUMBER && said.number == expected[i].number);
	}
}
