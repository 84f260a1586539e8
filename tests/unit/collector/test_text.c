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

static const struct table *only_table(const struct reading *r)
{
	cr_assert_eq(r->result, 0, "%s", r->err.text);
	cr_assert_eq(r->artifact.n_tables, 1);
	return table_of(r, 0);
}

#define expect_unit(table, row, column, wanted)                  \
	do {                                                     \
		struct cell cell_ = cell_of(table, row, column); \
		cr_assert_not_null(cell_.unit, "%s", column);    \
		cr_expect_str_eq(cell_.unit->text, wanted);      \
	} while (0)

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

Test(text, of_wrk_has_suffixes_as_units)
{
	CLEANUP(reading_done) struct reading r = read_seed("wrk.txt");
	const struct table *t = only_table(&r);

	expect_text(t, 0, "url", "http://127.0.0.1:18199/");
	expect_number(t, 0, "connections", 2);
	expect_number(t, 0, "Latency Avg", 44.03);
	expect_unit(t, 0, "Latency Avg", "ms");
	expect_number(t, 0, "99%", 52.01);
	expect_number(t, 0, "Requests/sec", 44.76);
	cr_expect_eq(place_of(t, 0, "99%").length, strlen("52.01ms"));
	cr_expect_eq(r.artifact.status, STATUS_OK);
}

Test(text, wrk_answers_other_than_success_make_it_partial)
{
	CLEANUP(reading_done)
	struct reading r = reading_of(text_read, "Running 1s test @ http://x/\n"
	                                         "  Thread Stats   Avg   Stdev   Max   +/- Stdev\n"
	                                         "    Latency     1.20s   4.00us   2.00m   95.65%\n"
	                                         "    Req/Sec     4.20k   9.26   60.00   70.00%\n"
	                                         "  Non-2xx or 3xx responses: 46\n"
	                                         "Requests/sec:  4.20\n");
	const struct table *t = only_table(&r);

	expect_number(t, 0, "Non-2xx or 3xx responses", 46);
	expect_number(t, 0, "Req/Sec Avg", 4200);
	expect_unit(t, 0, "Latency Avg", "s");
	cr_expect_str_eq(r.artifact.reason, "line 5: Non-2xx or 3xx responses: 46");
}

Test(text, of_ab_h2load_and_iperf)
{
	CLEANUP(reading_done) struct reading ab = read_seed("ab.txt");
	CLEANUP(reading_done) struct reading h2load = read_seed("h2load.txt");
	CLEANUP(reading_done) struct reading iperf = read_seed("iperf3.txt");

	expect_number(only_table(&ab), 0, "Requests per second", 435.80);
	expect_number(only_table(&ab), 0, "Time per request", 4.589);
	expect_number(only_table(&ab), 0, "99%", 45);
	expect_number(only_table(&h2load), 0, "req/s", 233.15);
	expect_number(only_table(&h2load), 0, "time for request mean", 21.18);
	cr_expect_eq(iperf.artifact.n_tables, 2);
	expect_text(table_of(&iperf, 0), 0, "role", "sender");
	expect_number(table_of(&iperf, 0), 0, "Bitrate", 20.3);
	cr_expect_eq(table_of(&iperf, 1)->n_rows, 3);
}

Test(text, of_sysbench_is_a_report_and_a_table_of_intervals)
{
	CLEANUP(reading_done) struct reading r = read_seed("sysbench.txt");
	const struct table *report = table_of(&r, 0), *intervals = table_of(&r, 1);

	cr_assert_eq(r.artifact.n_tables, 2);
	cr_expect_eq(report->n_rows, 1);
	expect_number(report, 0, "events per second", 753.85);
	expect_number(report, 0, "95th percentile", 28.16);
	expect_number(report, 0, "total time", 3.0307);
	expect_number(report, 0, "threads", 2);
	cr_expect_eq(intervals->n_rows, 2);
	expect_number(intervals, 1, "eps", 757.24);
	expect_number(intervals, 1, "lat (ms,95%)", 28.16);
}

Test(text, runs_of_one_log_are_rows_and_forget_what_held_for_the_run_before)
{
	CLEANUP(reading_done)
	struct reading r = reading_of(text_read, "sysbench 1.0.20 (using system LuaJIT 2.1)\n"
	                                         "Number of threads: 1\n  block size: 1KiB\n"
	                                         "Threads started!\n"
	                                         "    total time:      1.0s\n"
	                                         "sysbench 1.0.20 (using system LuaJIT 2.1)\n"
	                                         "Number of threads: 8\nThreads started!\n"
	                                         "[ 10s ] thds: 8 tps: 2.50 qps: 50.0 (r/w/o: "
	                                         "35.0/10.0/5.0) lat (ms,95%): 272.27 err/s: 0.00 "
	                                         "reconn/s: 0.00\n"
	                                         "    total time:      2.0s\n");
	const struct table *t = table_of(&r, 0);

	cr_expect_eq(t->n_rows, 2);
	expect_text(t, 0, "block size", "1KiB");
	expect_number(t, 1, "threads", 8);
	cr_expect_eq(cell_of(t, 1, "block size").kind, CELL_EMPTY);
	expect_number(table_of(&r, 1), 0, "tps", 2.5);
	expect_number(table_of(&r, 1), 0, "lat (ms,95%)", 272.27);
}

Test(text, of_mlperf_names_what_the_run_is_worth)
{
	CLEANUP(reading_done) struct reading r = read_seed("mlperf.txt");
	const struct table *t = only_table(&r);

	cr_expect_eq(t->n_rows, 2);
	expect_number(t, 0, "Samples per second", 33.6903);
	expect_text(t, 0, "Result", "VALID");
	expect_text(t, 1, "Result", "INVALID");
	expect_number(t, 1, "90th percentile latency (ns)", 8434934462);
	expect_text(t, 1, "Scenario", "SingleStream");
	cr_expect_eq(meaning_of(t, "target_latency (ns)")->role, MEANS_COVARIATE);
	cr_expect_eq(meaning_of(t, "99.90 percentile latency (ns)")->role, MEANS_METRIC);
	cr_expect_str_eq(r.artifact.reason, "line 74: 2 ERRORS encountered. See detailed log.");
}

Test(text, of_perf_stat_has_a_column_an_event)
{
	CLEANUP(reading_done) struct reading list = read_seed("perf_stat.csv");
	CLEANUP(reading_done) struct reading intervals = read_seed("perf_interval.txt");

	cr_expect_eq(only_table(&list)->n_rows, 1);
	expect_number(only_table(&list), 0, "task-clock", 0.75);
	expect_number(only_table(&list), 0, "page-faults", 47);
	expect_text(only_table(&list), 0, "cycles", "<not supported>");
	cr_expect_eq(only_table(&intervals)->n_rows, 5);
	expect_number(only_table(&intervals), 4, "page-faults", 4112);
	expect_number(only_table(&intervals), 4, "time", 1.002607460);
}

Test(text, of_perf_stat_may_be_written_with_decimal_commas)
{
	CLEANUP(reading_done) struct reading r = read_seed("perf_comma.txt");
	const struct table *t = only_table(&r);

	cr_expect_eq(t->decimal, ',');
	expect_text(t, 0, "command", "./two");
	expect_number(t, 0, "task-clock:u", 89.81);
	expect_number(t, 0, "cycles:u", 260338209);
	expect_number(t, 0, "insn per cycle", 1.19);
	expect_number(t, 0, "seconds time elapsed", 0.094537812);
}

Test(text, events_of_perf_may_hold_commas)
{
	CLEANUP(reading_done)
	struct reading r = reading_of(text_read,
	                              "12,,{cycles,instructions},1000,100.00,,\n"
	                              "34,,cpu/event=0x3c,umask=0x0/,1000,100.00,,\n"
	                              "0.99,msec,task-clock,988083,100.00,0.010,CPUs utilized\n"
	                              "13,,{cycles,instructions},1000,100.00,,\n"
	                              "<not counted>,,task-clock,0,0.00,,\n");
	const struct table *t = only_table(&r);

	cr_expect_eq(t->n_rows, 2);
	expect_number(t, 0, "{cycles,instructions}", 12);
	expect_number(t, 0, "cpu/event=0x3c,umask=0x0/", 34);
	expect_number(t, 1, "{cycles,instructions}", 13);
	expect_text(t, 1, "task-clock", "<not counted>");
}

Test(text, a_list_of_numbers_is_not_taken_for_perf)
{
	CLEANUP(reading_done)
	struct reading r = reading_of(text_read, "1.5,ms,first,3,4,x\n2.5,ms,second,3,4,y\n");

	cr_expect_eq(r.result, -EINVAL);
}

Test(text, of_callgrind_counts_instructions)
{
	CLEANUP(reading_done) struct reading r = read_seed("callgrind.log");
	const struct table *t = only_table(&r);

	expect_text(t, 0, "command", "true");
	expect_number(t, 0, "Collected", 127227);
	expect_number(t, 0, "LL misses", 2393);
}

Test(text, what_zstd_overwrites_counts_as_it_was_at_the_end)
{
	CLEANUP(reading_done) struct reading r = read_seed("zstd.txt");
	const struct table *t = only_table(&r);

	cr_expect_eq(t->n_rows, 1);
	expect_number(t, 0, "level", 1);
	expect_text(t, 0, "file", "sample.bin");
	expect_number(t, 0, "compressed", 139425);
	expect_number(t, 0, "decompression", 186.8);
	cr_expect_eq(place_of(t, 0, "level").line, 1);
	cr_expect_gt(place_of(t, 0, "level").column, place_of(t, 0, "decompression").column);
}

Test(text, of_time_sqlite_and_fio)
{
	CLEANUP(reading_done) struct reading time = read_seed("time.txt");
	CLEANUP(reading_done) struct reading sqlite = read_seed("sqlite.txt");
	CLEANUP(reading_done) struct reading fio = read_seed("fio.txt");

	expect_text(only_table(&time), 0, "command", "gzip -1 -c /usr/bin/perl");
	expect_number(only_table(&time), 0, "Elapsed (wall clock) time", 0.55);
	expect_number(only_table(&time), 0, "Maximum resident set size (kbytes)", 1864);
	expect_number(only_table(&time), 0, "Exit status", 0);
	cr_expect_eq(only_table(&sqlite)->n_rows, 4);
	expect_number(only_table(&sqlite), 1, "real", 0.261);
	cr_expect_eq(only_table(&fio)->n_rows, 4);
	expect_text(only_table(&fio), 3, "job", "rand-mixed");
	expect_text(only_table(&fio), 3, "direction", "write");
	expect_number(only_table(&fio), 3, "IOPS", 300);
	expect_unit(only_table(&fio), 0, "BW", "MiB/s");
}

Test(text, latencies_of_fio_have_the_unit_that_stands_before_them)
{
	CLEANUP(reading_done) struct reading r = read_seed("fio_units.txt");
	const struct table *t = only_table(&r);

	cr_expect_eq(t->n_rows, 3);
	expect_number(t, 0, "lat avg", 213.21);
	expect_unit(t, 0, "lat avg", "msec");
	expect_unit(t, 1, "lat avg", "usec");
	expect_number(t, 2, "lat avg", 1249.87);
	expect_unit(t, 2, "lat avg", "nsec");
	expect_number(t, 2, "clat 99.00th", 2352);
	expect_unit(t, 2, "clat 99.00th", "nsec");
	cr_expect_eq(place_of(t, 2, "lat avg").line, 46);
}

Test(text, percentiles_of_fio_that_are_of_something_else_are_no_completions)
{
	CLEANUP(reading_done)
	struct reading r = reading_of(
		text_read,
		"a: (groupid=0, jobs=1): err= 0: pid=1: Wed Nov 25 12:06:29 2026\n"
		"  write: IOPS=10, BW=40KiB/s (41kB/s)(1MiB/9msec); 0 zone resets\n"
		"    clat (msec): min=1, max=3, avg=2.00, stdev= 1.00\n"
		"    clat percentiles (msec):\n     |  1.00th=[    1],  5.00th=[    1]\n"
		"    sync percentiles (msec):\n     | 99.00th=[    7], 99.50th=[    8]\n");
	const struct table *t = only_table(&r);

	expect_number(t, 0, "IOPS", 10);
	cr_expect_str_eq(text_of(t, 0, "clat 99.00th"), "(none)");
}

Test(text, spreads_of_perf_stat_are_columns_beside_their_events)
{
	CLEANUP(reading_done) struct reading r = read_seed("perf_repeat.csv");
	const struct table *t = only_table(&r);

	cr_expect_eq(t->n_rows, 1);
	expect_number(t, 0, "task-clock", 1.16);
	expect_number(t, 0, "task-clock +-", 3.81);
	expect_number(t, 0, "context-switches +-", 16.67);
	cr_expect_str_eq(meaning_of(t, "task-clock +-")->quantity, "spread");
	cr_expect(meaning_of(t, "task-clock +-")->restates);
	cr_expect_not(meaning_of(t, "task-clock")->restates);
	cr_expect_eq(place_of(t, 0, "task-clock +-").column, 22);
}

Test(text, each_cell_of_a_grid_of_asv_is_a_row_with_its_parameters)
{
	CLEANUP(reading_done) struct reading r = read_seed("asv.txt");
	const struct table *t = only_table(&r);

	cr_expect_null(meaning_of(t, "result"), "its benchmark tells, by a schema");
	cr_expect_eq(t->n_rows, 10);
	expect_text(t, 0, "benchmark", "words.Words.peakmem_join");
	expect_text(t, 0, "n", "100");
	expect_text(t, 0, "case", "lower");
	expect_number(t, 0, "result", 24.8e6);
	expect_text(t, 1, "case", "upper");
	expect_text(t, 2, "n", "1000");
	expect_text(t, 3, "benchmark", "words.Words.time_join");
	expect_number(t, 5, "result", 7.96);
	expect_unit(t, 5, "result", "μs");
	expect_text(t, 6, "benchmark", "words.mem_list");
	cr_expect_eq(cell_of(t, 6, "case").kind, CELL_EMPTY);
	expect_text(t, 7, "error", "failed");
	cr_expect_eq(cell_of(t, 7, "result").kind, CELL_EMPTY);
	expect_number(t, 9, "result", 42);
	expect_text(t, 9, "environment", "existing-py_bench_bin_python");
	cr_expect_eq(place_of(t, 1, "case").line, 10);
	cr_expect_eq(place_of(t, 1, "result").line, 12);
}

Test(text, a_grid_of_asv_may_have_one_parameter_or_many_and_failures)
{
	CLEANUP(reading_done) struct reading r = read_seed("asv_grids.txt");
	const struct table *t = only_table(&r);

	cr_expect_eq(t->n_rows, 12);
	expect_text(t, 0, "n", "10");
	expect_text(t, 1, "n", "1000");
	expect_text(t, 1, "error", "failed");
	cr_expect_eq(cell_of(t, 1, "result").kind, CELL_EMPTY);
	expect_text(t, 2, "benchmark", "grids.One.time_sum");
	cr_expect_eq(cell_of(t, 3, "error").kind, CELL_EMPTY);
	expect_text(t, 4, "text / reverse", "a / True");
	expect_text(t, 11, "text / reverse", "b / False");
	expect_text(t, 11, "n", "100");
	cr_expect_eq(cell_of(t, 3, "text / reverse").kind, CELL_EMPTY);
}

Test(text, of_asv_compare_before_it_wrote_markdown)
{
	CLEANUP(reading_done) struct reading r = read_seed("asv_compare.txt");
	const struct table *t = only_table(&r);

	cr_expect_eq(t->n_rows, 9, "without those that failed or were left out");
	expect_text(t, 0, "benchmark", "words.Words.peakmem_join(100, 'lower')");
	expect_text(t, 0, "commit after", "7cf30905");
	expect_number(t, 4, "before", 908);
	expect_unit(t, 4, "before", "ns");
	expect_unit(t, 4, "after", "μs");
	expect_text(t, 8, "benchmark", "words.track_length");
}

Test(text, minutes_of_asv_are_no_millions)
{
	CLEANUP(reading_done)
	struct reading r = reading_of(text_read, "[ 0.00%] ·· Benchmarking py3\n"
	                                         "[50.00%] ··· words.time_long     1.50±0.1m\n"
	                                         "[99.00%] ··· words.time_short     1.50±0.1ms\n");
	const struct table *t = only_table(&r);

	expect_number(t, 0, "result", 1.5);
	expect_unit(t, 0, "result", "min");
	expect_unit(t, 1, "result", "ms");
}

Test(text, an_hour_has_no_number_and_stays_text)
{
	CLEANUP(reading_done)
	struct reading r = reading_of(
		text_read, "\tCommand being timed: \"a \"b\"\"\n"
			   "\tElapsed (wall clock) time (h:mm:ss or m:ss): 1:02:03\n"
			   "\tMaximum resident set size (kbytes): 12\n\tExit status: 3\n");
	const struct table *t = only_table(&r);

	expect_text(t, 0, "Elapsed (wall clock) time", "1:02:03");
	expect_text(t, 0, "command", "\"a \"b\"\"");
	expect_number(t, 0, "Exit status", 3);
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
