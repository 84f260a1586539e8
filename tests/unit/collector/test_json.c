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

Test(json, lists_of_numbers_are_samples)
{
	CLEANUP(reading_done)
	struct reading r = READ(
		"[{\"times\": [1.5, 2, 3e1], \"odd\": [1, NaN, null], \"tags\": [\"a\"],"
		" \"none\": [], \"deep\": [[1], [2]]}]");
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
	cr_expect_str_eq(r.artifact.reason, "more than 1000 tables: the rest is left out");
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
