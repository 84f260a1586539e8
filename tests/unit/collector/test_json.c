/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "tests/unit/collector/reading.h"

#define READ(text) reading_of(json_read, text)

static const struct table *based(const struct reading *r, const char *base)
{
	cr_assert_eq(r->result, 0, "%s", r->err.text);
	for (size_t i = 0; i < r->artifact.n_tables; i++)
		if (strcmp(r->artifact.tables[i].base, base) == 0)
			return &r->artifact.tables[i];
	cr_assert_fail("no table with the base \"%s\"", base);
	return NULL;
}

static const char *pointer_of(const struct table *t, const char *column)
{
	for (size_t i = 0; i < t->n_columns; i++)
		if (strcmp(t->columns[i].name, column) == 0)
			return t->columns[i].pointer;
	return "(none)";
}

static const char *context_of(const struct table *t, const char *name)
{
	for (size_t i = 0; i < t->n_context; i++)
		if (strcmp(t->context[i].name, name) == 0)
			return t->context[i].text;
	return "(none)";
}

Test(json, an_array_of_objects_is_a_table)
{
	CLEANUP(reading_done)
	struct reading r = READ(
		"{\"date\": \"2025-10-02\", \"runs\": [{\"n\": 1, \"stats\": {\"p/50\": 2.5}},"
		" {\"n\": 2, \"ok\": true, \"why\": null}]}");
	const struct table *t = based(&r, "/runs/*"), *top = based(&r, "");

	cr_expect_eq(r.artifact.n_tables, 2);
	cr_expect_eq(t->n_rows, 2);
	cr_expect_eq(t->n_columns, 4);
	cr_expect_eq(t->header_line, 0);
	cr_expect_str_eq(pointer_of(t, "p/50"), "/stats/p~150");
	cr_expect_eq(cell_of(t, 0, "p/50").number, 2.5);
	cr_expect_eq(cell_of(t, 1, "p/50").kind, CELL_EMPTY);
	cr_expect_eq(cell_of(t, 1, "ok").kind, CELL_BOOL);
	cr_expect_eq(cell_of(t, 1, "why").kind, CELL_NULL);
	cr_expect_str_eq(context_of(t, "date"), "2025-10-02");
	cr_expect_eq(top->n_rows, 1);
	cr_expect_eq(top->number, 1);
	cr_expect_str_eq(text_of(top, 0, "date"), "2025-10-02");
}

Test(json, an_object_keyed_by_configuration_is_a_table)
{
	CLEANUP(reading_done)
	struct reading r = READ("{\"backends\": {\"eager\": {\"backend\": \"eager\", \"ms\": 3.8},"
	                        " \"onnx\": {\"backend\": \"onnx\", \"ms\": 0.7}}}");
	const struct table *t = based(&r, "/backends/*");

	cr_expect_eq(r.artifact.n_tables, 1);
	cr_assert_eq(t->n_columns, 2, "the member that repeats the key is dropped");
	cr_expect(t->columns[0].is_row_key);
	cr_expect_str_eq(t->columns[0].name, "backend");
	cr_expect_str_eq(t->columns[0].pointer, "");
	cr_expect_not(t->columns[1].is_row_key);
	cr_expect_str_eq(text_of(t, 1, "backend"), "onnx");
	cr_expect_eq(cell_of(t, 1, "ms").number, 0.7);
}

Test(json, the_configuration_that_failed_stays_in_the_table)
{
	CLEANUP(reading_done)
	struct reading r = READ("{\"a\": {\"ms\": 1, \"sd\": 2}, \"b\": {\"ms\": 3, \"sd\": 4},"
	                        " \"c\": {\"error\": \"no triton\"}}");
	const struct table *t = based(&r, "/*");

	cr_expect_eq(t->n_rows, 3);
	cr_expect_str_eq(t->columns[0].name, "name");
	cr_expect_eq(cell_of(t, 2, "ms").kind, CELL_EMPTY);
	cr_expect_str_eq(text_of(t, 2, "error"), "no triton");
}

Test(json, objects_of_different_shapes_are_one_row)
{
	CLEANUP(reading_done)
	struct reading r = READ(
		"{\"model\": {\"name\": \"conv\", \"batch\": 4}, \"settings\": {\"runs\": 10}}");
	const struct table *t = based(&r, "");

	cr_expect_eq(r.artifact.n_tables, 1);
	cr_expect_eq(t->n_rows, 1);
	cr_expect_eq(t->n_columns, 3);
	cr_expect_str_eq(pointer_of(t, "runs"), "/settings/runs");
}

Test(json, one_name_may_stand_for_several_pointers)
{
	CLEANUP(reading_done)
	struct reading r = READ("[{\"read\": {\"ms\": 1}, \"write\": {\"ms\": 2}}]");
	const struct table *t = based(&r, "/*");

	cr_assert_eq(t->n_columns, 2);
	cr_expect_str_eq(t->columns[0].name, "ms");
	cr_expect_str_eq(t->columns[1].name, "ms");
	cr_expect_str_eq(t->columns[0].pointer, "/read/ms");
	cr_expect_str_eq(t->columns[1].pointer, "/write/ms");
}

Test(json, lists_of_lists_are_samples_one_behind_the_other)
{
	CLEANUP(reading_done)
	struct reading r = READ("[{\"raw\": [[1.5, 2], [3e1]], \"mixed\": [[1], [2]]},"
	                        " {\"raw\": [[4], [5, 6]], \"mixed\": [1, 2]},"
	                        " {\"raw\": [[4], [5, \"x\"]], \"mixed\": [[], [1]]}]");
	const struct table *t = based(&r, "/*");
	const struct cell raw = cell_of(t, 0, "raw");

	cr_expect_eq(t->n_columns, 2);
	cr_expect(t->columns[0].is_nested);
	cr_assert_eq(raw.kind, CELL_LIST);
	cr_assert_eq(raw.n_numbers, 3);
	cr_expect_eq(raw.numbers[2], 30);
	cr_expect_eq(cell_of(t, 1, "raw").n_numbers, 3);
	cr_expect_eq(cell_of(t, 2, "raw").kind, CELL_EMPTY);
	cr_expect_eq(cell_of(t, 0, "mixed").n_numbers, 2);
	cr_expect_eq(cell_of(t, 1, "mixed").kind, CELL_EMPTY, "no pointer finds both");
	cr_expect_eq(cell_of(t, 2, "mixed").kind, CELL_EMPTY);
}

Test(json, results_by_column_are_told_by_their_parameters)
{
	CLEANUP(reading_done)
	struct reading r = READ(
		"{\"result_columns\": [\"result\", \"params\", \"samples\"], \"version\": 2,"
		" \"results\": {\"a.time_x\": [[1.5], []], \"a.time_broken\": [null, []],"
		" \"a.time_y\": [[1, 2, null, NaN], [[\"10\", \"20\"], [\"'u'\", \"'v'\"]],"
		" [[1.5, 0.5], [2], null, null]], \"odd\": 3}}");
	const struct table *t = based(&r, "");

	cr_assert_eq(t->n_columns, 8, "%zu", t->n_columns);
	cr_expect_eq(cell_of(t, 0, "a.time_x").number, 1.5);
	cr_expect_eq(cell_of(t, 0, "a.time_broken").kind, CELL_NULL);
	cr_expect_eq(cell_of(t, 0, "a.time_y(10, 'u')").n_numbers, 2);
	cr_expect_eq(cell_of(t, 0, "a.time_y(10, 'v')").n_numbers, 1);
	cr_expect_eq(cell_of(t, 0, "a.time_y(20, 'u')").kind, CELL_NULL);
	cr_expect_str_eq(text_of(t, 0, "a.time_y(20, 'v')"), "NaN");
	cr_expect_str_eq(t->columns[2].pointer, "/results/a.time_x/0/0");
	cr_expect_str_eq(t->columns[4].pointer, "/results/a.time_y/2/0");
	cr_expect_str_eq(t->columns[7].pointer, "/results/a.time_y/0/3");
}

Test(json, lists_of_numbers_are_samples)
{
	CLEANUP(reading_done)
	struct reading r = READ(
		"[{\"times\": [1.5, 2, 3e1], \"odd\": [1, NaN, null], \"tags\": [\"a\"],"
		" \"none\": [], \"deeper\": [[[1]], [[2]]]}]");
	const struct table *t = based(&r, "/*");
	const struct cell times = cell_of(t, 0, "times"), odd = cell_of(t, 0, "odd");

	cr_expect_eq(t->n_columns, 2);
	cr_assert_eq(times.kind, CELL_LIST);
	cr_assert_eq(times.n_numbers, 3);
	cr_expect_eq(times.numbers[2], 30);
	cr_expect_str_eq(times.text, "");
	cr_expect_eq(odd.kind, CELL_TEXT);
	cr_expect_str_eq(odd.text, "[1, NaN, null]");
}

Test(json, tables_within_rows_know_their_row)
{
	CLEANUP(reading_done)
	struct reading r = READ("{\"host\": \"h\", \"benchmarks\": [{\"name\": \"a\", \"runs\": "
	                        "[{\"v\": 1}, {\"v\": 2}]},"
	                        " {\"name\": \"b\", \"runs\": [{\"v\": 3}]}]}");
	const struct table *first = based(&r, "/benchmarks/0/runs/*");
	const struct table *second = based(&r, "/benchmarks/1/runs/*");

	cr_expect_eq(first->n_rows, 2);
	cr_expect_str_eq(context_of(first, "name"), "a");
	cr_expect_str_eq(context_of(second, "name"), "b");
	cr_expect_str_eq(context_of(second, "host"), "h");
	cr_expect_eq(second->number, 4);
	cr_expect_eq(cell_of(second, 0, "v").number, 3);
}

Test(json, keyed_objects_nest)
{
	CLEANUP(reading_done)
	struct reading r = READ(
		"{\"models\": {\"gemma\": {\"fp16\": {\"tps\": 1}, \"int8\": {\"tps\": 2}},"
		" \"llama\": {\"fp16\": {\"tps\": 3}, \"int8\": {\"tps\": 4}}}}");
	const struct table *t = based(&r, "/models/llama/*");

	cr_expect_eq(r.artifact.n_tables, 2);
	cr_expect_str_eq(t->columns[0].name, "name");
	cr_expect_str_eq(text_of(t, 1, "name"), "int8");
	cr_expect_eq(cell_of(t, 1, "tps").number, 4);
	cr_expect_str_eq(context_of(t, "model"), "llama");
}

Test(json, lines_of_json_are_rows)
{
	CLEANUP(reading_done) struct reading r = READ("{\"a\": 1}\n{\"a\": 2}\n{\"a\": 3");
	const struct table *t = based(&r, "/*");

	cr_expect_eq(t->n_rows, 2);
	cr_expect_eq(r.artifact.status, STATUS_PARTIAL);
	cr_expect_str_eq(r.artifact.reason,
	                 "line 3 column 8: ends where a comma or } should be: cut "
	                 "short; what stands before it was read");
}

Test(json, quoted_numbers_and_what_is_not_finite_are_text)
{
	CLEANUP(reading_done)
	struct reading r = READ(
		"{\"driver\": \"581.29\", \"big\": 1e999, \"nan\": NaN, \"blank\": \" \"}");
	const struct table *t = based(&r, "");

	cr_expect_eq(cell_of(t, 0, "driver").kind, CELL_TEXT);
	cr_expect_eq(cell_of(t, 0, "big").kind, CELL_TEXT);
	cr_expect_eq(cell_of(t, 0, "nan").kind, CELL_TEXT);
	cr_expect_eq(cell_of(t, 0, "blank").kind, CELL_EMPTY);
}

Test(json, long_text_is_cut_between_characters)
{
	CLEANUP(reading_done) struct reading r = {0};
	char text[600] = "{\"t\": \"";
	const char *cell;

	for (int i = 0; i < 150; i++)
		(void)strcat(text, "\303\244");
	(void)strcat(text, "\"}");
	r = READ(text);
	cell = text_of(based(&r, ""), 0, "t");
	cr_expect_leq(strlen(cell), 200);
	cr_expect_str_eq(cell + strlen(cell) - 5, "\303\244...");
}

Test(json, null_rows_are_noted)
{
	CLEANUP(reading_done) struct reading r = READ("[{\"a\": 1}, null, {\"a\": 2}]");
	const struct table *t = based(&r, "/*");

	cr_expect_eq(t->n_rows, 3);
	cr_expect_str_eq(table_row_note(t, 1), "null");
	cr_expect_null(table_row_note(t, 2));
}

Test(json, says_when_there_is_nothing)
{
	static const char *const nothing[] = {"{}", "[]", "3.5", "[[1, 2], [3]]", "{\"a\": {}}"};

	for (size_t i = 0; i < ARRAY_LEN(nothing); i++) {
		CLEANUP(reading_done) struct reading r = READ(nothing[i]);

		cr_expect_eq(r.result, 0);
		cr_expect_eq(r.artifact.n_tables, 0);
		cr_expect_eq(r.artifact.status, STATUS_PARTIAL);
	}
}

Test(json, broken_text_is_refused_with_its_place)
{
	CLEANUP(reading_done) struct reading r = READ("{\"a\": [1, 2");

	cr_expect_eq(r.result, -EINVAL);
	cr_expect(strstr(r.err.text, "line 1 column 12"), "%s", r.err.text);
	cr_expect_eq(r.artifact.n_tables, 0);
}

Test(json, too_many_tables_are_cut_and_said)
{
	CLEANUP(freep) char *text = malloc(200000);
	CLEANUP(reading_done) struct reading r = {0};
	size_t n = 0;

	cr_assert_not_null(text);
	n += (size_t)snprintf(text, 200000, "[");
	for (int i = 0; i < 1500; i++)
		n += (size_t)snprintf(text + n, 200000 - n, "%s{\"x\": [{\"v\": %d}]}",
		                      i ? "," : "", i);
	(void)snprintf(text + n, 200000 - n, "]");
	r = READ(text);
	cr_expect_eq(r.result, 0);
	cr_expect_eq(r.artifact.n_tables, READER_TABLES_MAX);
	cr_expect_str_eq(r.artifact.reason,
	                 "more than 1000 tables: the rest is left out: write several files");
}

Test(json, rows_without_a_column_in_common_cannot_eat_the_memory)
{
	CLEANUP(freep) char *text = malloc(400000);
	CLEANUP(reading_done) struct reading r = {0};
	size_t n = 0;

	cr_assert_not_null(text);
	n += (size_t)snprintf(text, 400000, "[");
	for (int i = 0; i < 9000; i++)
		n += (size_t)snprintf(text + n, 400000 - n, "%s{\"k%d\":1}", i ? "," : "", i);
	(void)snprintf(text + n, 400000 - n, "]");
	r = READ(text);
	cr_expect_eq(r.result, 0);
	cr_expect_eq(r.artifact.n_tables, 0);
	cr_expect(strstr(r.artifact.reason, "share hardly any column"), "%s", r.artifact.reason);
	cr_expect_lt(arena_used(r.arena), 16u << 20);
}

Test(json, deep_nesting_is_cut_and_said)
{
	CLEANUP(reading_done) struct reading r = {0};
	char text[1024] = "";
	size_t n = 0;

	for (int i = 0; i < 80; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "{\"a\":");
	text[n++] = '1';
	memset(text + n, '}', 80);
	text[n + 80] = '\0';
	r = READ(text);
	cr_expect_eq(r.result, 0);
	cr_expect(strstr(r.artifact.reason, "more than 64 deep"), "%s", r.artifact.reason);
}

Test(json, all_rows_take_an_object_alike)
{
	CLEANUP(reading_done)
	struct reading table = READ("[{\"by\": {\"a\": {\"v\": 1}, \"b\": {\"v\": 2}}}, {\"by\": "
	                            "{\"a\": {\"v\": 3}}}]");
	CLEANUP(reading_done)
	struct reading columns = READ("[{\"by\": {\"a\": {\"v\": 1}, \"b\": {\"v\": 2}}},"
	                              " {\"by\": {\"a\": {\"v\": 3}, \"n\": 4}}]");

	cr_expect_eq(based(&table, "/1/by/*")->n_rows, 1, "one configuration is a table too");
	cr_expect_eq(table.artifact.n_tables, 2);
	cr_expect_eq(columns.artifact.n_tables, 1);
	cr_expect_eq(based(&columns, "/*")->n_columns, 3);
	cr_expect_str_eq(based(&columns, "/*")->columns[1].pointer, "/by/b/v");
}

Test(json, arrays_side_by_side_are_columns)
{
	CLEANUP(reading_done)
	struct reading r = READ(
		"{\"host\": \"h\", \"sweep\": {\"unit\": \"ms\", \"batch\": [1, 2, 4],"
		" \"mean/ms\": [3.10, null, 7.9], \"name\": [\"a\", \"b\", \"c\"]}}");
	const struct table *t = based(&r, "/sweep/*");

	cr_expect_eq(r.artifact.n_tables, 2);
	cr_expect(t->columnar);
	cr_expect_eq(t->n_rows, 3);
	cr_expect_eq(t->n_columns, 3);
	cr_expect_str_eq(pointer_of(t, "mean/ms"), "/mean~1ms");
	cr_expect_str_eq(text_of(t, 0, "mean/ms"), "3.10");
	cr_expect_eq(cell_of(t, 1, "mean/ms").kind, CELL_NULL);
	cr_expect_eq(cell_of(t, 2, "batch").number, 4);
	cr_expect_str_eq(text_of(t, 2, "name"), "c");
	cr_expect_str_eq(context_of(t, "host"), "h");
	cr_expect_eq(based(&r, "")->n_columns, 2, "what stands beside them is one row as ever");
}

Test(json, arrays_side_by_side_may_be_the_document)
{
	CLEANUP(reading_done)
	struct reading r = READ("{\"timestamps\": [1, 2], \"values\": [3, 4]}");

	cr_expect_eq(r.artifact.n_tables, 1);
	cr_expect(based(&r, "/*")->columnar);
	cr_expect_eq(cell_of(based(&r, "/*"), 1, "values").number, 4);
}

Test(json, samples_side_by_side_stay_samples)
{
	static const char *const samples[] = {
		/* nothing says what they are about */
		"{\"a\": {\"times\": [1.1, 1.2, 1.3], \"gctimes\": [0, 0, 0]}}",
		/* numbers that summarise them */
		("{\"a\": {\"mean_ttft_ms\": 3, \"input_lens\": [1, 2], \"ttfts\": [2, 4],"
	         " \"size\": [1, 2]}}"),
		/* not equally long */
		"{\"a\": {\"name\": [\"x\", \"y\", \"z\"], \"times\": [1, 2]}}",
		/* a list of things, and one that is too short to be a coincidence */
		"{\"a\": {\"tags\": [\"x\", \"y\", \"z\"], \"times\": [1, 2, 3]}}",
		"{\"a\": {\"hosts\": [\"x\", \"y\"], \"times\": [1, 2]}}",
		/* in a row of a table */
		"[{\"n\": 1, \"batch\": [1, 2, 3], \"times\": [1, 2, 3]}]"};

	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		CLEANUP(reading_done) struct reading r = READ(samples[i]);

		cr_expect_eq(r.artifact.n_tables, 1, "%s", samples[i]);
		cr_expect_not(r.artifact.tables[0].columnar, "%s", samples[i]);
	}
}

Test(json, arrays_of_arrays_are_rows_without_names)
{
	CLEANUP(reading_done)
	struct reading grid = READ("{\"system\": \"DB\", \"result\": [[0.5, 0.1, 0.2],\n"
	                           "[null, 1.5, 1.25],\n[null, null, null]]}");
	CLEANUP(reading_done) struct reading root = READ("[[1, 2], [3, 4]]");
	const struct table *t = based(&grid, "/result/*");

	cr_expect_eq(t->n_rows, 3);
	cr_expect_eq(t->n_columns, 3);
	cr_expect_not(t->columnar);
	cr_expect_str_eq(pointer_of(t, "column 3"), "/2");
	cr_expect_str_eq(text_of(t, 1, "column 3"), "1.25");
	cr_expect_eq(cell_of(t, 1, "column 1").kind, CELL_NULL);
	cr_expect_str_eq(context_of(t, "system"), "DB");
	cr_expect_eq(based(&root, "/*")->n_rows, 2);
}

Test(json, arrays_of_arrays_that_are_no_table)
{
	static const char *const others[] = {"[[1, 2], [3]]",
	                                     "{\"a\": [[[1, 2]]]}",
	                                     "{\"a\": [[1], []]}",
	                                     "{\"a\": [[1, 2], [3, \"x\"]]}",
	                                     "{\"a\": [[null, null], [null, null]]}",
	                                     "{\"a\": [[1, 2], 3]}"};

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		CLEANUP(reading_done) struct reading r = READ(others[i]);

		cr_expect_eq(r.artifact.n_tables, 0, "%s", others[i]);
	}
}

Test(json, a_cell_is_the_same_whatever_stood_above_it)
{
	CLEANUP(reading_done)
	struct reading r = READ("[{\"v\": 1, \"t\": \"1\"}, {\"v\": 1, \"t\": \"1\"},"
	                        " {\"v\": \"1\", \"t\": 1}, {\"t\": 1}]");
	const struct table *t = based(&r, "/*");

	cr_expect_eq(cell_of(t, 1, "v").kind, CELL_NUMBER);
	cr_expect_eq(cell_of(t, 1, "t").kind, CELL_TEXT);
	cr_expect_eq(cell_of(t, 2, "v").kind, CELL_TEXT);
	cr_expect_eq(cell_of(t, 2, "t").kind, CELL_NUMBER);
	cr_expect_eq(cell_of(t, 3, "v").kind, CELL_EMPTY);
	cr_expect_eq(cell_of(t, 3, "t").number, 1);
}

Test(json, numbers_of_many_digits_round_as_the_library_does)
{
	static const char *const numbers[] = {"0.1",
	                                      "9007199254740993",
	                                      "0.30000000000000004",
	                                      "18446744073709551615",
	                                      "1.7976931348623157",
	                                      "123456789012345.678",
	                                      "9007199254740992.5",
	                                      "1e-19",
	                                      "123456789012345678e19",
	                                      "4503599627370497.5",
	                                      "1e23",
	                                      "0.000000000000000001",
	                                      "-2.2250738585072014e-9",
	                                      "99999999999999999.9",
	                                      "5e-324"};
	CLEANUP(reading_done) struct reading r = {0};
	char text[600] = "{\"v\": [";

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		double value;

		(void)strcat(strcat(text, i ? ", " : ""), numbers[i]);
		cr_assert(reader_number(str_of(numbers[i]), '.', &value));
		cr_expect_eq(value, strtod(numbers[i], NULL), "%s", numbers[i]);
	}
	(void)strcat(text, "]}");
	r = READ(text);
	cr_assert_eq(cell_of(based(&r, ""), 0, "v").n_numbers, ARRAY_LEN(numbers));
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		cr_expect_eq(cell_of(based(&r, ""), 0, "v").numbers[i], strtod(numbers[i], NULL),
		             "%s", numbers[i]);
}

Test(json, of_a_text_that_was_cut_the_whole_rows_are_read)
{
	CLEANUP(reading_done)
	struct reading r = READ(
		"{\"context\": {\"n\": 1},\n \"benchmarks\": [\n{\"name\": \"a\", "
		"\"real_time\": 1},\n{\"name\": \"b\", \"real_time\": 2},\n{\"name\": ");
	const struct table *t = based(&r, "/benchmarks/*");

	cr_expect_eq(t->n_rows, 2);
	cr_expect_eq(r.artifact.status, STATUS_PARTIAL);
	cr_expect_str_eq(r.artifact.reason,
	                 "line 5 column 10: ends where a value should be: cut short; what stands "
	                 "before it was read");
}

Test(json, the_tries_of_a_query_are_a_column_of_the_document)
{
	CLEANUP(reading_done)
	struct reading r = READ(
		"{\"system\": \"DB\", \"load_time\": 5, \"result\": [[0.5, 0.1, 0.2],"
		"[3.5, null, 3.25], [1.5, 1.25, 1]]}");
	const struct table *t = based(&r, "");

	cr_expect_eq(r.artifact.n_tables, 1);
	cr_expect_eq(t->n_columns, 5);
	cr_expect_str_eq(pointer_of(t, "result 2"), "/result/2");
	cr_expect_eq(cell_of(t, 0, "result 0").n_numbers, 3);
	cr_expect_eq(cell_of(t, 0, "result 2").numbers[1], 1.25);
	cr_expect_eq(cell_of(t, 0, "result 1").kind, CELL_TEXT);
	cr_expect_eq(r.artifact.status, STATUS_PARTIAL);
	cr_expect(strstr(r.artifact.reason, "a try that failed"), "%s", r.artifact.reason);
}

Test(json, a_document_of_numbers_is_a_list_of_them)
{
	CLEANUP(reading_done) struct reading r = READ("[3.5, 1, -2e1]");
	CLEANUP(reading_done) struct reading mixed = READ("[3.5, \"a\"]");
	const struct table *t = based(&r, "");

	cr_assert_eq(t->n_columns, 1);
	cr_expect_eq(t->n_rows, 1);
	cr_expect_str_eq(pointer_of(t, "value"), "");
	cr_expect_not(t->columns[0].is_row_key);
	cr_assert_eq(cell_of(t, 0, "value").n_numbers, 3);
	cr_expect_eq(cell_of(t, 0, "value").numbers[2], -20);
	cr_expect_eq(mixed.artifact.n_tables, 0);
}

#define JULIA(list) "[{\"Julia\": \"1.11.5\", \"BenchmarkTools\": \"1.6.0\"}, [" list "]]"
#define GROUP(data) "[\"BenchmarkGroup\", {\"data\": {" data "}, \"tags\": []}]"
#define TRIAL(times) \
	"[\"Trial\", {\"times\": [" times "], \"params\": [\"Parameters\", {\"evals\": 5}]}]"

Test(json, benchmarks_behind_the_names_of_their_types_are_rows_of_their_group)
{
	CLEANUP(reading_done)
	struct reading r = READ(JULIA(
		GROUP("\"sum\": " TRIAL("3, 2") ", \"text\": " GROUP("\"join\": " TRIAL("9")))));
	const struct table *outer = based(&r, "/1/0/1/data/*");
	const struct table *inner = based(&r, "/1/0/1/data/text/1/data/*");

	cr_expect_eq(r.artifact.n_tables, 3);
	cr_expect_eq(outer->n_rows, 2);
	cr_expect_str_eq(text_of(outer, 0, "data"), "sum");
	cr_expect_str_eq(pointer_of(outer, "times"), "/1/times");
	cr_expect_eq(cell_of(outer, 0, "times").n_numbers, 2);
	cr_expect_eq(cell_of(outer, 1, "times").kind, CELL_EMPTY);
	cr_expect_str_eq(pointer_of(outer, "evals"), "/1/params/1/evals");
	cr_expect_eq(inner->n_rows, 1);
	cr_expect_str_eq(text_of(inner, 0, "data 2"), "join");
	cr_expect_str_eq(context_of(inner, "data"), "text");
}

Test(json, pairs_of_other_documents_stay_arrays)
{
	static const char *const others[] = {
		"[{\"Julia\": \"1\"}, [[\"a\", {\"data\": {\"b\": [\"t\", {\"x\": 1}]}}]]]",
		"[{\"Julia\": \"1\", \"BenchmarkTools\": \"1\"}, [[\"a\", {\"x\": 1}], 5]]",
		"[{\"Julia\": \"1\", \"BenchmarkTools\": \"1\"}, {\"x\": [\"a\", {\"x\": 1}]}]"};

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		CLEANUP(reading_done) struct reading r = READ(others[i]);

		for (size_t t = 0; t < r.artifact.n_tables; t++)
			cr_expect_str_eq(pointer_of(&r.artifact.tables[t], "x"), "(none)", "%s",
			                 others[i]);
	}
}

Test(json, arguments_of_a_test_tell_its_tables_apart)
{
	CLEANUP(reading_done)
	struct reading r = READ(
		"[{\"name\": \"a\", \"n\": 3, \"args\": {\"threads\": 1, \"on\": true},"
		"\"runs\": [{\"ms\": 1}, {\"ms\": 2}]}]");
	const struct table *t = based(&r, "/0/runs/*");

	cr_expect_str_eq(context_of(t, "args/threads"), "1");
	cr_expect_str_eq(context_of(t, "args/on"), "true");
	cr_expect_str_eq(context_of(t, "name"), "a");
	cr_expect_str_eq(context_of(t, "n"), "(none)");
}
