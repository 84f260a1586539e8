/* SPDX-License-Identifier: MIT */
/* The texts are real output of the tools, the seeds of the fuzz target. */
#include <errno.h>

#include "tests/unit/collector/text_case.h"

Test(text, every_tool_has_a_sign_that_tells_it_from_others)
{
	for (size_t i = 0; text_tool(i); i++) {
		const struct text_rule *rules = text_tool(i)->rules;
		size_t signs = 0, n = 0;

		for (; rules[n].pattern; n++)
			signs += rules[n].sign;
		cr_expect_gt(signs, 0, "%s", text_tool(i)->name);
		cr_expect_leq(n, 64, "%s", text_tool(i)->name);
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
	cr_expect_str_eq(r.artifact.reason, "line 12: FAIL");
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

/* As go 1.26 writes them: a result in one piece, and one in two. */
static const char go_stream[] =
	"{\"Time\":\"2026-11-25T12:12:07Z\",\"Action\":\"start\",\"Package\":\"a/b\"}\n"
	"{\"Time\":\"2026-11-25T12:12:07Z\",\"Action\":\"output\",\"Package\":\"a/b\","
	"\"Output\":\"BenchmarkSort-2   \\t     100\\t       861.0 ns/op\\t        31.00 "
	"compares/op\\n\"}\n"
	"{\"Time\":\"2026-11-25T12:12:08Z\",\"Action\":\"output\",\"Package\":\"a/b\","
	"\"Output\":\"BenchmarkSum/n=64-2         \\t\"}\n"
	"{\"Time\":\"2026-11-25T12:12:08Z\",\"Action\":\"output\",\"Package\":\"a/b\","
	"\"Output\":\" 1327306\\t        16.52 ns/op\\t3873.46 MB/s\\n\"}\n"
	"{\"Time\":\"2026-11-25T12:12:09Z\",\"Action\":\"output\",\"Package\":\"a/b\","
	"\"Output\":\"--- FAIL: BenchmarkBroken\\n\"}\n";

Test(text, go_results_within_json_are_those_of_the_text)
{
	CLEANUP(reading_done) struct reading r = reading_of(text_read_in_json, go_stream);
	const struct table *t = only_table(&r);

	cr_expect_eq(t->n_rows, 3);
	cr_expect_null(t->base);
	expect_text(t, 0, "name", "BenchmarkSort-2");
	expect_text(t, 0, "pkg", "a/b");
	expect_number(t, 0, "ns/op", 861);
	expect_number(t, 0, "compares/op", 31);
	expect_text(t, 1, "name", "BenchmarkSum/n=64-2");
	expect_number(t, 1, "ns/op", 16.52);
	expect_number(t, 1, "MB/s", 3873.46);
	expect_text(t, 2, "name", "BenchmarkBroken");
	expect_text(t, 2, "error", "FAIL");
	cr_expect_eq(place_of(t, 1, "ns/op").line, 4);
	cr_expect_eq(r.artifact.status, STATUS_PARTIAL);
}

Test(text, other_lines_of_json_are_no_text_of_a_tool)
{
	CLEANUP(reading_done)
	struct reading r = reading_of(text_read_in_json, "{\"Time\":\"12:00\",\"ms\":4}\n");

	cr_expect_eq(r.result, -EINVAL);
}

Test(text, of_google_benchmark_has_a_row_a_run_with_its_counters)
{
	CLEANUP(reading_done) struct reading r = read_seed("google_benchmark.txt");
	const struct table *t = only_table(&r);

	cr_expect_eq(t->n_rows, 9);
	expect_text(t, 0, "name", "BM_Sort/64");
	expect_number(t, 0, "Time", 1465);
	expect_unit(t, 0, "Time", "ns");
	expect_number(t, 0, "bytes_per_second", 607.467e6);
	expect_number(t, 3, "kept", 16);
	expect_text(t, 8, "name", "BM_Broken/2");
	expect_text(t, 8, "error", "input file is missing");
}

static const char google_head[] = "Benchmark            Time             CPU   Iterations\n";

Test(text, aggregates_of_google_benchmark_are_left_out_beside_their_runs)
{
	char text[512];

	(void)snprintf(text, sizeof text,
	               "%sBM_A 10 ns 9 ns 100\nBM_A 12 ns 9 ns 100\n"
	               "BM_A_mean 11 ns 9 ns 2\nBM_A_stddev 1 ns 0 ns 2\n",
	               google_head);

	CLEANUP(reading_done) struct reading r = reading_of(text_read, text);
	const struct table *t = only_table(&r);

	cr_expect_null(table_row_note(t, 0));
	cr_expect_str_eq(table_row_note(t, 2), "the mean of other rows");
	cr_expect_str_eq(table_row_note(t, 3), "the spread of other rows");
}

Test(text, means_of_google_benchmark_count_where_nothing_else_is_there)
{
	char text[512];

	(void)snprintf(text, sizeof text, "%sBM_A_mean 11 ns 9 ns 2\nBM_A_median 11 ns 9 ns 2\n",
	               google_head);

	CLEANUP(reading_done) struct reading r = reading_of(text_read, text);
	const struct table *t = only_table(&r);

	cr_expect_null(table_row_note(t, 0));
	cr_expect_str_eq(table_row_note(t, 1), "the median of other rows");
}

Test(text, of_hyperfine_has_a_row_a_command_and_tells_of_exit_codes)
{
	CLEANUP(reading_done) struct reading r = read_seed("hyperfine.txt");
	const struct table *t = only_table(&r);

	cr_expect_eq(t->n_rows, 2);
	expect_text(t, 0, "command", "sleep 0.01");
	expect_number(t, 0, "mean", 16.6);
	expect_number(t, 1, "max", 8.3);
	expect_number(t, 1, "runs", 3);
	cr_expect_eq(cell_of(t, 0, "error").kind, CELL_EMPTY);
	expect_text(t, 1, "error", "Ignoring non-zero exit code.");
}

Test(text, of_criterion_takes_long_names_from_the_lines_before)
{
	CLEANUP(reading_done) struct reading r = read_seed("criterion.txt");
	const struct table *t = only_table(&r);

	cr_expect_eq(t->n_rows, 2);
	expect_text(t, 0, "name", "fib 20");
	expect_number(t, 0, "time", 26.251);
	expect_text(t, 1, "name", "a group with a long name/parameter 10");
	expect_number(t, 1, "time", 1.0305);
	expect_unit(t, 1, "time", "ms");
	expect_number(t, 1, "thrpt", 970.40);
}

Test(text, of_rust_catch2_and_benchmark_js)
{
	CLEANUP(reading_done) struct reading rust = read_seed("cargo.txt");
	CLEANUP(reading_done) struct reading catch2 = read_seed("catch2.txt");
	CLEANUP(reading_done) struct reading js = read_seed("benchmarkjs.txt");

	expect_text(only_table(&rust), 1, "name", "bench_fib_20");
	expect_number(only_table(&rust), 1, "ns/iter", 18149);
	cr_expect_eq(only_table(&catch2)->n_rows, 4);
	expect_text(only_table(&catch2), 1, "benchmark name", "Fibonacci 20");
	expect_number(only_table(&catch2), 1, "mean", 41.731);
	expect_number(only_table(&catch2), 1, "std dev", 3.256);
	cr_expect_eq(only_table(&js)->n_rows, 3);
	expect_number(only_table(&js), 0, "ops/sec", 1431759);
}

Test(text, of_several_tools_in_one_log_is_a_table_for_each)
{
	CLEANUP(reading_done)
	struct reading r = reading_of(text_read, "BenchmarkX 1 100 ns/op\n"
	                                         "real\t0m0.441s\nuser\t0m0.083s\nsys\t0m0.001s\n");

	cr_assert_eq(r.artifact.n_tables, 2);
	cr_expect_str_eq(table_of(&r, 0)->schema, "go-bench");
	cr_expect_str_eq(table_of(&r, 1)->schema, "bash-time");
	expect_number(table_of(&r, 1), 0, "real", 0.441);
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
