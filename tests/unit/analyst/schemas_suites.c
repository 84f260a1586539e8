/* SPDX-License-Identifier: MIT */
/* Benchmark suites of single languages, and what machines and nights they make. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/analyst/tool.h"

static struct builder b;

static void done(void)
{
	build_done(&b);
}

TestSuite(schemas_suites, .fini = done);

static const char estimates[] =
	"{\"mean\":{\"confidence_interval\":{\"confidence_level\":0.95,\"lower_bound\":10.5,"
	"\"upper_bound\":12.5},\"point_estimate\":11.5,\"standard_error\":0.5},"
	"\"median\":{\"confidence_interval\":{\"confidence_level\":0.95,\"lower_bound\":10.25,"
	"\"upper_bound\":12.25},\"point_estimate\":11.25,\"standard_error\":0.5},"
	"\"slope\":null,"
	"\"std_dev\":{\"confidence_interval\":{\"confidence_level\":0.95,\"lower_bound\":0.5,"
	"\"upper_bound\":1.5},\"point_estimate\":1.0,\"standard_error\":0.25}}";

Test(schemas_suites, estimates_of_criterion_are_nanoseconds)
{
	tool_read_text(&b, "estimates.json", estimates);
	cr_assert_eq(b.dossier.n_groups, 1);
	cr_expect_str_eq(b.dossier.groups[0].metrics[0].unit, "ns");
	cr_expect_eq(b.dossier.groups[0].metrics[0].better, LOWER);
	cr_expect_float_eq(find_fact(&b.dossier, "point_estimate", STAT_VALUE, "")->value, 11.5, 0);
}

static void write_file(const char *dir, const char *below, const char *text)
{
	char path[512];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s", dir, below);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0700);
		*slash = '/';
	}
	f = fopen(path, "w");
	cr_assert_not_null(f);
	cr_assert_geq(fputs(text, f), 0);
	cr_assert_eq(fclose(f), 0);
}

Test(schemas_suites, the_run_before_is_no_benchmark_of_its_own)
{
	char dir[] = "/tmp/chimerad-criterion-XXXXXX";

	cr_assert_not_null(mkdtemp(dir));
	write_file(dir, "group/fib/20/new/estimates.json", estimates);
	write_file(dir, "group/fib/20/base/estimates.json",
	           "{\"mean\":{\"point_estimate\":9.5},\"median\":{\"point_estimate\":9.25},"
	           "\"slope\":null}");
	cr_assert(tool_read(&b, dir));
	cr_assert_eq(b.dossier.n_groups, 1);
	cr_expect_str_eq(b.dossier.groups[0].title, "group/fib/20/new/estimates.json");
}

Test(schemas_suites, a_criterion_sample_is_no_time_of_one_iteration)
{
	tool_read_text(&b, "sample.json",
	               "{\"sampling_mode\":\"Linear\",\"iters\":[1.0,2.0,3.0],"
	               "\"times\":[10.5,20.5,30.5]}");
	cr_expect_eq(b.dossier.n_groups, 0);
}

Test(schemas_suites, benchmark_dot_net_has_repetitions_in_nanoseconds)
{
	TOOL_EXPECT(&b, "sample:benchmarkdotnet/bencher_memory.json", A_KEY("FullName"),
	            IS_IGNORED("Method"), A_METRIC("OriginalValues", "time", "ns", LOWER),
	            RESTATES("Mean", "time", "ns", LOWER), RESTATES("P95", "time", "ns", LOWER),
	            RESTATES("StandardDeviation", "spread", "ns", NONE),
	            A_METRIC("BytesAllocatedPerOperation", "memory", "bytes", LOWER));
	cr_expect_eq(b.dossier.n_groups, 1, "measurements and diagnosers are told already");
}

Test(schemas_suites, benchmark_dot_net_without_samples_is_told_by_the_median)
{
	TOOL_EXPECT(&b, "sample:benchmarkdotnet/bencher_two.json", A_KEY("ShortInfo"),
	            A_METRIC("Median", "time", "ns", LOWER), RESTATES("Mean", "time", "ns", LOWER));
}

Test(schemas_suites, asv_tells_by_the_prefix_what_a_benchmark_measures)
{
	TOOL_EXPECT(&b, "sample:asv/05d283b9-py2.7-Cython-numpy1.8.json",
	            A_METRIC("time_coordinates.time_latitude", "time", "s", LOWER),
	            A_METRIC("time_units.mem_unit", "memory", "bytes", LOWER),
	            A_COVARIATE("commit_hash"), A_COVARIATE("numpy"), A_COVARIATE("ram"),
	            IS_IGNORED("date"));
	cr_expect_str_eq(b.dossier.inventory.artifacts[0].machine, "cheetah");
}

Test(schemas_suites, nested_results_of_asv_are_metrics_of_one_series)
{
	const struct fact *f;

	TOOL_EXPECT(&b, "fixture:asv", A_METRIC("words.time_sum", "time", "s", LOWER),
	            A_METRIC("words.Words.time_join(1000, 'lower')", "time", "s", LOWER),
	            A_METRIC("words.Words.peakmem_join(100, 'upper')", "memory", "bytes", LOWER),
	            A_METRIC("words.mem_list", "memory", "bytes", LOWER),
	            A_METRIC("words.track_length", NULL, NULL, NONE), A_COVARIATE("commit_hash"));
	cr_expect_eq(b.dossier.n_groups, 1);
	cr_expect_str_eq(b.dossier.inventory.artifacts[0].machine, "bench-host");
	f = find_fact(&b.dossier, "words.time_sum", STAT_VALUE, "");
	cr_assert_not_null(f);
	cr_expect_float_eq(f->value, 3.299200034234673e-05, 0);
}

Test(schemas_suites, what_asv_prints_is_told_by_the_names_of_its_benchmarks)
{
	const struct fact *f;

	TOOL_EXPECT(&b, "fixture:asv_console/run.txt", A_KEY("benchmark"), A_KEY("environment"),
	            A_KEY("n"), A_KEY("case"), A_COVARIATE("commit"), IS_IGNORED("error"));
	cr_assert_eq(b.dossier.n_groups, 1);
	cr_expect_eq(b.dossier.groups[0].n_metrics, 3, "memory, time and what is tracked");
	f = find_fact(&b.dossier, "result", STAT_VALUE, "benchmark=words.time_sum");
	cr_assert_not_null(f);
	cr_expect_float_eq(f->value, 8.41, 0);
	cr_expect_str_eq(f->unit, "us");
	cr_expect_eq(f->better, LOWER);
	f = find_fact(&b.dossier, "result", STAT_VALUE, "benchmark=words.track_length");
	cr_assert_not_null(f);
	cr_expect_null(f->unit);
	cr_expect_eq(f->better, NONE);
}

Test(schemas_suites, asv_compares_two_commits)
{
	const struct fact *f;

	TOOL_EXPECT(&b, "fixture:asv_console/compare.txt", A_KEY("Benchmark (Parameter)"),
	            IS_IGNORED("Ratio"), IS_IGNORED("Change"));
	f = find_fact(&b.dossier, "Before [c095d366] <main~1>", STAT_VALUE,
	              "Benchmark (Parameter)=words.mem_list");
	cr_assert_not_null(f);
	cr_expect_float_eq(f->value, 2100, 0);
	cr_expect_str_eq(f->unit, "bytes");
	cr_expect_eq(f->better, LOWER);
}

Test(schemas_suites, asv_compared_in_text_before_it_wrote_markdown)
{
	const struct fact *f;

	TOOL_EXPECT(&b, "fixture:asv_console/compare-0.5.txt", A_KEY("benchmark"),
	            A_COVARIATE("commit before"));
	f = find_fact(&b.dossier, "after", STAT_VALUE, "benchmark=words.time_sum");
	cr_assert_not_null(f);
	cr_expect_float_eq(f->value, 8.30, 0);
	cr_expect_str_eq(f->quantity, "time");
	cr_expect_eq(f->better, LOWER);
}

Test(schemas_suites, trials_of_julia_are_nanoseconds_in_groups)
{
	const struct fact *f;

	TOOL_EXPECT(&b, "fixture:julia/trials.json", A_KEY("data"), A_KEY("data 2"),
	            A_METRIC("times", "time", "ns", LOWER),
	            A_METRIC("gctimes", "gc_time", "ns", LOWER),
	            A_METRIC("memory", "memory", "bytes", LOWER),
	            A_METRIC("allocs", "allocations", NULL, LOWER), A_COVARIATE("evals"));
	cr_expect_eq(b.dossier.n_groups, 2);
	f = find_fact(&b.dossier, "times", STAT_MEDIAN, "data=strings,data 2=replace");
	cr_assert_not_null(f);
	cr_expect_eq(f->n, 5);
	cr_expect_float_eq(f->value, 9044, 0);
	cr_expect_eq(tool_left_out(&b, "a group, whose benchmarks are a table"), 1);
}

Test(schemas_suites, threads_are_a_key_of_mongo_perf)
{
	const struct fact *f;

	TOOL_EXPECT(&b, "fixture:mongodb/perf.json", A_KEY("name"), A_KEY("result"),
	            A_KEY("storageEngine"),
	            A_METRIC("ops_per_sec_values", "throughput", "ops/s", HIGHER),
	            RESTATES("ops_per_sec", "throughput", "ops/s", HIGHER));
	f = find_fact(&b.dossier, "ops_per_sec_values", STAT_MEDIAN,
	              "name=Queries.FindOne,result=8");
	cr_assert_not_null(f);
	cr_expect_float_eq(f->value, 90034.1, 0);
}

Test(schemas_suites, the_type_of_a_metric_of_evergreen_tells_its_direction)
{
	const struct fact *f;

	TOOL_EXPECT(&b, "fixture:mongodb/evergreen.json", A_KEY("name"), A_KEY("test_name"),
	            A_KEY("args/threads"), A_COVARIATE("type"));
	f = find_fact(&b.dossier, "value", STAT_VALUE, "name=ops_per_sec,args/threads=8");
	cr_assert_not_null(f);
	cr_expect_eq(f->better, HIGHER);
	f = find_fact(&b.dossier, "value", STAT_VALUE, "name=latency_p99,args/threads=8");
	cr_assert_not_null(f);
	cr_expect_eq(f->better, LOWER);
}

Test(schemas_suites, the_commit_of_asv_is_no_key)
{
	if (!tool_read(&b, "sample:asv"))
		cr_skip_test("no samples");
	cr_expect_gt(b.dossier.n_groups, 0);
	for (size_t g = 0; g < b.dossier.n_groups; g++)
		cr_expect_null(strstr(tool_subject(&b, g, 0), "commit"));
}

Test(schemas_suites, pyperf_measures_seconds_unless_it_says_otherwise)
{
	TOOL_EXPECT(&b, "sample:pyperf/telco.json", A_METRIC("values", "time", "s", LOWER),
	            A_KEY("name"), A_COVARIATE("cpu_freq"), A_COVARIATE("load_avg_1min"),
	            A_COVARIATE("python_version"));
	cr_expect_str_eq(b.dossier.inventory.artifacts[0].machine, "selma");
}

Test(schemas_suites, pyperf_tracks_memory_in_bytes)
{
	TOOL_EXPECT(&b, "sample:pyperf/track_memory.json", A_METRIC("values", NULL, "bytes", NONE));
}

Test(schemas_suites, the_name_of_a_file_tells_which_way_is_better)
{
	TOOL_EXPECT(&b, "sample:custom_bmf/customSmallerIsBetter_output.json", A_KEY("name"),
	            A_METRIC("value", NULL, "Percent", LOWER), IS_IGNORED("range"));
	build_done(&b);
	TOOL_EXPECT(&b, "sample:custom_bmf/customBiggerIsBetter_output.json",
	            A_METRIC("value", NULL, "req/s", HIGHER));
}

static const char twice[] = "[{\"name\": \"sort\", \"unit\": \"ops/ms\", \"value\": 20.5},"
			    "{\"name\": \"sort\", \"unit\": \"ms/op\", \"value\": 0.05}]";

Test(schemas_suites, one_name_with_two_units_is_two_metrics)
{
	TOOL_EXPECT_OF(&b, "data.json", twice, A_KEY("name"),
	               A_METRIC("value", "throughput", "ops/ms", HIGHER),
	               A_METRIC("value", "time", "ms/op", LOWER));
}

Test(schemas_suites, vitest_measures_milliseconds)
{
	TOOL_EXPECT(&b, "sample:vitest/bencher_four.json", A_KEY("name"), A_KEY("fullName"),
	            A_METRIC("mean", "time", "ms", LOWER), A_METRIC("p99", "time", "ms", LOWER),
	            RESTATES("hz", "throughput", "ops/s", HIGHER),
	            RESTATES("sd", "spread", "ms", NONE), IS_IGNORED("sampleCount"));
}

/* Nights: a new commit each, and a machine of two. */

static void write_night(const char *dir, int night, const char *host, double time)
{
	char below[128], text[1024];

	(void)snprintf(below, sizeof below, "2026-10-%02d/bench.json", night);
	(void)snprintf(text, sizeof text,
	               "{\"context\": {\"date\": \"2026-10-%02dT02:00:00+00:00\", \"host_name\": "
	               "\"%s\", \"executable\": \"./b\", \"num_cpus\": 2, \"mhz_per_cpu\": %d, "
	               "\"cpu_scaling_enabled\": false, \"load_avg\": [0.%d, 0.5], "
	               "\"library_build_type\": \"release\", \"commit\": \"c%d\"}, \"benchmarks\": "
	               "[{\"name\": \"BM_A\", \"run_name\": \"BM_A\", \"run_type\": \"iteration\", "
	               "\"iterations\": 100, \"real_time\": %g, \"cpu_time\": %g, \"time_unit\": "
	               "\"ns\"}]}",
	               night, host, 2000 + night, night, night, time, time);
	write_file(dir, below, text);
}

Test(schemas_suites, thirty_nights_with_a_new_commit_each_are_one_series)
{
	char dir[] = "/tmp/chimerad-nights-XXXXXX";

	cr_assert_not_null(mkdtemp(dir));
	for (int night = 1; night <= 30; night++)
		write_night(dir, night, "bench", 100 + night % 3);
	cr_assert(tool_read(&b, dir));
	cr_assert_eq(b.dossier.n_groups, 1);
	cr_expect_str_eq(tool_subject(&b, 0, 0), "run_name=BM_A");
	cr_expect_eq(b.dossier.compared.series, 2, "real_time and cpu_time");
	cr_expect_eq(b.dossier.compared.tested, 2);
}

/* The folders tell the night, only what is in the files tells the machine. */
Test(schemas_suites, two_machines_with_the_same_path_are_two)
{
	char dir[] = "/tmp/chimerad-nights-XXXXXX";

	cr_assert_not_null(mkdtemp(dir));
	for (int night = 1; night <= 30; night++)
		write_night(dir, night, night % 2 ? "ant" : "bee", night % 2 ? 100 : 50);
	cr_assert(tool_read(&b, dir));
	cr_expect_eq(b.dossier.n_groups, 2);
	cr_expect_eq(b.dossier.compared.series, 4);
	cr_expect_null(find_finding(&b.dossier, FINDING_REGRESSION));
	cr_expect_null(find_finding(&b.dossier, FINDING_IMPROVEMENT));
}

static const char dotnet_measurements[] =
	"Target_Namespace;Target_Type;Target_Method;Job_Id;Params;Measurement_LaunchIndex;"
	"Measurement_IterationMode;Measurement_IterationStage;Measurement_IterationIndex;"
	"Measurement_Nanoseconds;Measurement_Operations;Measurement_Value\n"
	"N;T;A;J;N=1;1;Workload;Actual;1;4000;100;40\n"
	"N;T;A;J;N=1;1;Workload;Result;1;3000;100;30\n"
	"N;T;A;J;N=1;1;Workload;Result;2;3200;100;32\n"
	"N;T;A;J;N=1;1;Workload;Result;3;3400;100;34\n";

Test(schemas_suites, results_among_the_measurements_of_benchmarkdotnet_are_repetitions)
{
	const struct fact *f;

	TOOL_EXPECT_OF(&b, "x-measurements.csv", dotnet_measurements, A_KEY("Target_Method"),
	               A_METRIC("Measurement_Value", "time", "ns", LOWER),
	               IS_IGNORED("Measurement_Nanoseconds"));
	cr_expect_eq(tool_left_out(&b, "no result"), 1);
	f = find_fact(&b.dossier, "Measurement_Value", STAT_MEDIAN, "");
	cr_assert_not_null(f);
	cr_expect_float_eq(f->value, 32, 0);
}
