/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "agents/collector/csv_scan.h"
#include "tests/unit/collector/reading.h"

#define READ(text) reading_of(csv_read, text)

#define expect_text(table, row, column, wanted) \
	cr_expect_str_eq(text_of(table, row, column), wanted)

#define expect_number(table, row, column, wanted)                            \
	do {                                                                 \
		cr_expect_eq(cell_of(table, row, column).kind, CELL_NUMBER); \
		cr_expect_eq(cell_of(table, row, column).number, wanted);    \
	} while (0)

static const struct table *only_table(const struct reading *r)
{
	cr_assert_eq(r->result, 0, "%s", r->err.text);
	cr_assert_eq(r->artifact.n_tables, 1);
	return table_of(r, 0);
}

Test(csv, reads_a_header_and_rows_with_kinds)
{
	CLEANUP(reading_done) struct reading r = READ("model,tok/s,ok,note\ngemma3,101.5,TRUE,\n");
	const struct table *t = only_table(&r);

	cr_expect_eq(t->header_line, 1);
	cr_expect_eq(t->n_rows, 1);
	cr_expect_eq(t->n_columns, 4);
	cr_expect_eq(t->number, 1);
	cr_expect_eq(t->decimal, '.');
	cr_expect_null(t->base);
	cr_expect_null(t->columns[0].pointer);
	cr_expect_eq(cell_of(t, 0, "model").kind, CELL_TEXT);
	expect_number(t, 0, "tok/s", 101.5);
	cr_expect_eq(cell_of(t, 0, "ok").kind, CELL_BOOL);
	cr_expect_eq(cell_of(t, 0, "ok").number, 1);
	cr_expect_eq(cell_of(t, 0, "note").kind, CELL_EMPTY);
	expect_text(t, 0, "note", "");
	cr_expect_eq(r.artifact.status, STATUS_OK);
	cr_expect_null(r.artifact.reason);
}

Test(csv, keeps_line_ends_and_doubled_quotes_within_quotes)
{
	CLEANUP(reading_done)
	struct reading r = READ("a,b\n\"one\r\ntwo\",1\n\"say \"\"hi\"\"\",2\n\"\",3\n");
	const struct table *t = only_table(&r);

	cr_expect_eq(t->n_rows, 3);
	expect_text(t, 0, "a", "one\r\ntwo");
	expect_text(t, 1, "a", "say \"hi\"");
	cr_expect_eq(cell_of(t, 2, "a").kind, CELL_EMPTY);
}

Test(csv, takes_crlf_and_lone_cr_as_line_ends)
{
	CLEANUP(reading_done) struct reading dos = READ("a,b\r\n1,2\r\n3,4\r\n");
	CLEANUP(reading_done) struct reading mac = READ("a,b\r1,2\r3,4");

	cr_expect_eq(only_table(&dos)->n_rows, 2);
	expect_number(only_table(&dos), 1, "b", 4);
	cr_expect_eq(only_table(&mac)->n_rows, 2);
	expect_number(only_table(&mac), 1, "b", 4);
}

Test(csv, does_not_count_blank_lines)
{
	CLEANUP(reading_done) struct reading r = READ("\n\na,b\n\n1,2\n   \n\n3,4\n\n");
	const struct table *t = only_table(&r);

	cr_expect_eq(t->header_line, 3);
	cr_expect_eq(t->n_rows, 2);
	expect_number(t, 1, "a", 3);
}

Test(csv, finds_the_delimiter)
{
	static const char *const texts[] = {"a,b\n1,2\n", "a;b\n1;2\n",     "a\tb\n1\t2\n",
	                                    "a|b\n1|2\n", "a;b\n1.5,x;2\n", "a, b\n1 , 2\n"};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(reading_done) struct reading r = READ(texts[i]);

		cr_expect_eq(only_table(&r)->n_columns, 2, "%s", texts[i]);
		expect_number(only_table(&r), 0, "b", 2);
	}
}

Test(csv, reads_decimal_commas_between_semicolons)
{
	CLEANUP(reading_done)
	struct reading r = READ("name;ms;n\nx;1,5;3\ny;-0,25e1;4\nz;1.234,5;5\nw;1.5;6\n");
	const struct table *t = only_table(&r);

	cr_expect_eq(t->decimal, ',');
	expect_number(t, 0, "ms", 1.5);
	expect_number(t, 1, "ms", -2.5);
	expect_text(t, 0, "ms", "1,5");
	expect_number(t, 2, "ms", 1234.5);
	cr_expect_eq(cell_of(t, 3, "ms").kind, CELL_TEXT, "a point is no decimal mark here");
}

Test(csv, does_not_cut_two_columns_at_their_decimal_commas)
{
	static const char *const texts[] = {"backend;time_ms\nx;1,5\ny;2,5\n",
	                                    "x;1,5\ny;2,5\nz;3,5\n", "1,5;2,5\n3,5;4,5\n"};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(reading_done) struct reading r = READ(texts[i]);
		const struct table *t = only_table(&r);

		cr_assert_eq(t->n_columns, 2, "%s", texts[i]);
		cr_expect_eq(t->decimal, ',');
		cr_expect_eq(table_cell(t, t->n_rows - 1, 1).number, 2.5 + (double)i);
	}
}

Test(csv, refuses_decimal_commas_that_nobody_quoted)
{
	CLEANUP(reading_done) struct reading r = READ("ms\n1,5\n2,5\n");
	CLEANUP(reading_done) struct reading two = READ("a,b\n1,5,2,5\n3,5,4,5\n");

	cr_expect_eq(r.result, -EINVAL);
	cr_expect_eq(two.result, -EINVAL);
	cr_expect(strstr(two.err.text, "line 2"), "%s", two.err.text);
}

Test(csv, names_the_second_of_a_name)
{
	CLEANUP(reading_done) struct reading r = READ("t,t, ,t#2,t\n1,2,3,4,5\n");
	const struct table *t = only_table(&r);

	cr_expect_str_eq(t->columns[0].name, "t");
	cr_expect_str_eq(t->columns[1].name, "t#2");
	cr_expect_str_eq(t->columns[2].name, "column 3");
	cr_expect_str_eq(t->columns[3].name, "t#2#2");
	cr_expect_str_eq(t->columns[4].name, "t#3");
}

Test(csv, notes_ragged_rows_and_goes_on)
{
	CLEANUP(reading_done)
	struct reading r = READ("a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,2,3,\n\n7,8,9\n");
	const struct table *t = only_table(&r);

	cr_expect_eq(t->n_rows, 5);
	cr_expect_null(table_row_note(t, 0));
	cr_expect_str_eq(table_row_note(t, 1), "ragged: 2 of 3 cells");
	cr_expect_str_eq(table_row_note(t, 2), "ragged: 4 of 3 cells");
	cr_expect_null(table_row_note(t, 3), "a delimiter at the end of the row is no cell");
	cr_expect_eq(cell_of(t, 1, "c").kind, CELL_EMPTY);
	expect_number(t, 4, "c", 9);
	cr_expect_eq(r.artifact.status, STATUS_PARTIAL);
	cr_expect_str_eq(r.artifact.reason, "2 of 5 rows are ragged, the first at line 3");
}

Test(csv, notes_a_units_row_which_counts)
{
	CLEANUP(reading_done)
	struct reading r = READ("ID,Time,Regs,Size\n,us,register/thread,Kbyte\n0,1.5,32,4\n");
	CLEANUP(reading_done) struct reading not = READ("size,n\nms,1\nxl,2\n");
	CLEANUP(reading_done) struct reading names = READ("a,b\ntext,words\n1,2\n");
	const struct table *t = only_table(&r);

	cr_expect_str_eq(table_row_note(t, 0), "units row");
	cr_expect_null(table_row_note(t, 1));
	expect_number(t, 1, "Time", 1.5);
	cr_expect_null(table_row_note(only_table(&not ), 0));
	cr_expect_null(table_row_note(only_table(&names), 0));
	cr_expect_eq(r.artifact.status, STATUS_OK);
}

Test(csv, notes_a_repeated_header_which_counts)
{
	CLEANUP(reading_done) struct reading r = READ("a,\"b\"\n1,2\n a,b\n3,4\n");
	const struct table *t = only_table(&r);

	cr_expect_eq(t->n_rows, 3);
	cr_expect_str_eq(table_row_note(t, 1), "repeated header");
	expect_number(t, 2, "a", 3);
}

Test(csv, every_column_has_a_name_of_its_own)
{
	CLEANUP(reading_done) struct reading r = READ("a#2#2,a,a,a#2,column 6,\n1,2,3,4,5,6\n");
	const struct table *t = only_table(&r);

	for (size_t i = 0; i < t->n_columns; i++)
		for (size_t k = 0; k < i; k++)
			cr_expect_str_neq(t->columns[i].name, t->columns[k].name);
}

Test(csv, numbers_are_plain_decimals)
{
	static const struct {
		const char *text;
		double value;
	} numbers[] = {{"1", 1},
	               {"-2.5", -2.5},
	               {"+3", 3},
	               {".5", .5},
	               {"5.", 5},
	               {"1e3", 1000},
	               {"1E-2", .01},
	               {"007", 7},
	               {"1e-400", 0},
	               {"24.615689999973256", 24.615689999973256},
	               {"9007199254740993", 9007199254740992.0},
	               {"-0", 0},
	               {"123456789012345678901234567890", 123456789012345678901234567890.0}};
	static const char *const texts[] = {
		"nan",   "inf", "-inf", "Infinity", "0x10", "12 ms", "1e",         "20:60", "1,234",
		"1.2.3", "-",   "+.",   "1e999",    "50%",  "1_000", "2025-10-02", "e5",    "1 2"};
	double value;

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		cr_expect(reader_number(str_of(numbers[i].text), '.', &value), "%s",
		          numbers[i].text);
		cr_expect_eq(value, numbers[i].value, "%s", numbers[i].text);
	}
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		cr_expect_not(reader_number(str_of(texts[i]), '.', &value), "%s", texts[i]);
}

Test(csv, numbers_round_as_strtod_does)
{
	char text[64];
	double value;

	for (unsigned i = 0; i < 200000; i++) {
		unsigned long mantissa = i * 2654435761ul * 40503ul % 100000000000000000ul;

		(void)snprintf(text, sizeof text, "%lu.%06ue%d", mantissa >> (i % 50),
		               i * 7919 % 1000000, (int)(i % 61) - 30);
		cr_assert(reader_number(str_of(text), '.', &value));
		cr_assert_eq(value, strtod(text, NULL), "%s", text);
	}
}

Test(csv, reads_a_table_without_header)
{
	CLEANUP(reading_done) struct reading r = READ("gemma3,1.5\nllama,2.5\n");
	const struct table *t = only_table(&r);

	cr_expect_eq(t->header_line, 0);
	cr_expect_eq(t->n_rows, 2);
	cr_expect_str_eq(t->columns[1].name, "column 2");
	expect_number(t, 0, "column 2", 1.5);
}

Test(csv, passes_over_a_preamble)
{
	CLEANUP(reading_done)
	struct reading r = READ("2024-01-01T00:00:00\nRunning ./bench\nLoad Average: 1.2, 2.3\n"
	                        "name,iterations,real_time,unit\nBM_a,10,1.5,ns\nBM_b,20,2.5,ns\n");
	const struct table *t = only_table(&r);

	cr_expect_eq(t->header_line, 4);
	cr_expect_eq(t->n_rows, 2);
	expect_number(t, 1, "real_time", 2.5);
}

Test(csv, a_header_may_be_wider_than_its_rows)
{
	CLEANUP(reading_done) struct reading r = READ("a,b,c,d\n1,2,3\n4,5,6\n");
	const struct table *t = only_table(&r);

	cr_expect_eq(t->header_line, 1);
	cr_expect_eq(t->n_columns, 4);
	cr_expect_str_eq(table_row_note(t, 0), "ragged: 3 of 4 cells");
}

Test(csv, reads_one_column_of_numbers)
{
	CLEANUP(reading_done) struct reading r = READ("latency_ms\n1.5\n2.5\n");

	cr_expect_eq(only_table(&r)->n_columns, 1);
	expect_number(only_table(&r), 1, "latency_ms", 2.5);
}

Test(csv, refuses_prose_and_quotes_it)
{
	static const char prose_of_many_lines[] =
		"Dear reader, this is text.\nIt has lines,\nwith, some, commas.\nAnd more.\n";
	const char *const prose[] = {"==ERROR== the argument is invalid.\n",
	                             "connection refused\nno such host\n", prose_of_many_lines};

	for (size_t i = 0; i < ARRAY_LEN(prose); i++) {
		CLEANUP(reading_done) struct reading r = READ(prose[i]);

		cr_expect_eq(r.result, -EINVAL, "%s", prose[i]);
		cr_expect_eq(r.artifact.n_tables, 0);
		cr_expect(strstr(r.err.text, "line 1: no table, but \""), "%s", r.err.text);
	}
}

Test(csv, says_where_a_quote_was_left_open)
{
	CLEANUP(reading_done) struct reading r = READ("a,b\n1,2\n3,4\n5,\"six\n7,8\n");

	cr_expect_eq(only_table(&r)->n_rows, 3);
	cr_expect_eq(r.artifact.status, STATUS_PARTIAL);
	cr_expect_str_eq(r.artifact.reason, "line 4: a quote that is never closed");
}

Test(csv, keeps_what_stands_behind_a_closing_quote)
{
	CLEANUP(reading_done) struct reading r = READ("a,b\n\"x\"y,1\n \"z\" ,2\n");

	expect_text(only_table(&r), 0, "a", "\"x\"y");
	expect_text(only_table(&r), 1, "a", "z");
}

Test(csv, short_lines_under_a_wide_header_cannot_eat_the_memory)
{
	CLEANUP(freep) char *text = malloc(4u << 20);
	CLEANUP(reading_done) struct reading r = {0};
	size_t n = 0;

	cr_assert_not_null(text);
	for (int i = 0; i < 9999; i++)
		text[n++] = 'a', text[n++] = ',';
	text[n++] = 'a', text[n++] = '\n';
	for (int i = 0; i < 120; i++) { /* a sample that looks well */
		for (int k = 0; k < 9999; k++)
			text[n++] = '1', text[n++] = ',';
		text[n++] = '1', text[n++] = '\n';
	}
	while (n + 2 < (4u << 20))
		text[n++] = '1', text[n++] = '\n';
	text[n] = '\0';
	r = READ(text);
	cr_expect_eq(r.result, -EINVAL);
	cr_expect(strstr(r.err.text, "far from 10000 cells"), "%s", r.err.text);
	cr_expect_lt(arena_used(r.arena), 64u << 20);
}

Test(csv, only_a_clear_table_is_read_from_plain_text)
{
	CLEANUP(reading_done)
	struct reading clear = reading_of(csv_read_clear, "t,v\n1,2\n3,4\n");
	CLEANUP(reading_done)
	struct reading bench = reading_of(csv_read_clear,
	                                  "goos: linux\nBenchmarkA-8\t100\t12 ns/op\n"
	                                  "BenchmarkB-8\t200\t13 ns/op\nPASS\n");

	cr_expect_eq(clear.result, 0);
	cr_expect_eq(bench.result, -EINVAL);
}
