/* SPDX-License-Identifier: MIT */
/* Tools that write a report of a run: of load, of counters, of a suite. */
#include <errno.h>

#include "tests/unit/collector/text_case.h"

Test(text_reports, of_wrk_has_suffixes_as_units)
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

Test(text_reports, wrk_answers_other_than_success_make_it_partial)
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

Test(text_reports, of_ab_h2load_and_iperf)
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

Test(text_reports, of_sysbench_is_a_report_and_a_table_of_intervals)
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

Test(text_reports, runs_of_one_log_are_rows_and_forget_what_held_for_the_run_before)
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

Test(text_reports, of_mlperf_names_what_the_run_is_worth)
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

Test(text_reports, of_perf_stat_has_a_column_an_event)
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

Test(text_reports, of_perf_stat_may_be_written_with_decimal_commas)
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

Test(text_reports, events_of_perf_may_hold_commas)
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

Test(text_reports, a_list_of_numbers_is_not_taken_for_perf)
{
	CLEANUP(reading_done)
	struct reading r = reading_of(text_read, "1.5,ms,first,3,4,x\n2.5,ms,second,3,4,y\n");

	cr_expect_eq(r.result, -EINVAL);
}

Test(text_reports, of_callgrind_counts_instructions)
{
	CLEANUP(reading_done) struct reading r = read_seed("callgrind.log");
	const struct table *t = only_table(&r);

	expect_text(t, 0, "command", "true");
	expect_number(t, 0, "Collected", 127227);
	expect_number(t, 0, "LL misses", 2393);
}

Test(text_reports, what_zstd_overwrites_counts_as_it_was_at_the_end)
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

Test(text_reports, of_time_sqlite_and_fio)
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

Test(text_reports, latencies_of_fio_have_the_unit_that_stands_before_them)
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

Test(text_reports, percentiles_of_fio_that_are_of_something_else_are_no_completions)
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

Test(text_reports, spreads_of_perf_stat_are_columns_beside_their_events)
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

Test(text_reports, each_cell_of_a_grid_of_asv_is_a_row_with_its_parameters)
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

Test(text_reports, a_grid_of_asv_may_have_one_parameter_or_many_and_failures)
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

Test(text_reports, of_asv_compare_before_it_wrote_markdown)
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

Test(text_reports, minutes_of_asv_are_no_millions)
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

Test(text_reports, an_hour_has_no_number_and_stays_text)
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
