/* SPDX-License-Identifier: MIT */
/* Micro-benchmarks: real files of the tools, and what becomes of their columns. */
#include <criterion/criterion.h>

#include "tests/unit/analyst/tool.h"

static struct builder b;

static void done(void)
{
	build_done(&b);
}

TestSuite(schemas_micro, .fini = done);

Test(schemas_micro, google_benchmark_leaves_its_statistics_out_beside_the_repetitions)
{
	TOOL_EXPECT(&b, "fixture:google_benchmark/repeated.json", A_KEY("run_name"),
	            IS_IGNORED("name"), IS_IGNORED("iterations"), IS_IGNORED("threads"),
	            A_COVARIATE("time_unit"),
	            A_METRIC("bytes_per_second", "throughput", "bytes/s", HIGHER),
	            A_METRIC("items_per_second", "throughput", "items/s", HIGHER),
	            A_METRIC("kept", NULL, NULL, NONE), A_COVARIATE("library_build_type"),
	            A_COVARIATE("executable"), A_COVARIATE("host_name"));
	cr_expect_gt(tool_left_out(&b, "a statistic of the repetitions beside it"), 0);
	cr_expect_str_eq(tool_subject(&b, 0, 0), "run_name=BM_Sort/64");
	cr_expect_str_eq(b.dossier.inventory.artifacts[0].machine, "bench-host");
	cr_expect_eq(
		find_fact(&b.dossier, "bytes_per_second", STAT_MEDIAN, "run_name=BM_Sort/64")->n,
		3);
}

Test(schemas_micro, of_google_benchmark_aggregates_the_median_stands_for_all)
{
	TOOL_EXPECT(&b, "fixture:google_benchmark/aggregates.json", A_KEY("run_name"),
	            IS_IGNORED("aggregate_name"),
	            A_METRIC("bytes_per_second", "throughput", "bytes/s", HIGHER));
	cr_expect_not_null(
		find_fact(&b.dossier, "bytes_per_second", STAT_VALUE, "run_name=BM_Sort/64"));
}

Test(schemas_micro, google_benchmark_csv_knows_its_statistics_by_their_names)
{
	TOOL_EXPECT(&b, "fixture:google_benchmark/repeated.csv", A_KEY("name"),
	            A_METRIC("real_time", "time", "ns", LOWER),
	            A_METRIC("cpu_time", "cpu_time", "ns", LOWER),
	            A_METRIC("items_per_second", "throughput", "items/s", HIGHER));
	cr_expect_gt(tool_left_out(&b, "a spread of the repetitions"), 0);
	for (size_t i = 0; i < b.dossier.groups[0].n_configurations; i++)
		cr_expect_null(strstr(tool_subject(&b, 0, i), "_mean"));
}

Test(schemas_micro, hyperfine_measures_times_in_seconds_of_which_the_rest_is_computed)
{
	TOOL_EXPECT(&b, "fixture:hyperfine/parameters.json", A_METRIC("times", "time", "s", LOWER),
	            RESTATES("mean", "time", "s", LOWER), RESTATES("median", "time", "s", LOWER),
	            RESTATES("stddev", "spread", "s", NONE),
	            A_METRIC("user", "user_time", "s", LOWER),
	            A_METRIC("system", "system_time", "s", LOWER), A_KEY("level"),
	            IS_IGNORED("command"), IS_IGNORED("exit_codes"));
}

Test(schemas_micro, hyperfine_without_samples_is_told_by_the_median)
{
	TOOL_EXPECT(&b, "fixture:hyperfine/parameters.csv", A_METRIC("median", "time", "s", LOWER),
	            RESTATES("mean", "time", "s", LOWER), RESTATES("max", "time", "s", LOWER),
	            A_KEY("parameter_level"));
}

Test(schemas_micro, a_command_that_failed_in_one_run_is_a_failed_configuration)
{
	TOOL_EXPECT(&b, "fixture:hyperfine/failing.json", IS_IGNORED("exit_codes"));
	cr_expect_eq(b.dossier.groups[0].configurations[0].n_failed, 0);
	cr_expect_eq(b.dossier.groups[0].configurations[1].n_failed, 1);
}

Test(schemas_micro, pytest_benchmark_has_one_series_a_test)
{
	TOOL_EXPECT(&b, "fixture:pytest_benchmark/data.json", A_KEY("fullname"), IS_IGNORED("name"),
	            A_KEY("size"), A_METRIC("data", "time", "s", LOWER),
	            RESTATES("mean", "time", "s", LOWER),
	            RESTATES("ops", "throughput", "ops/s", HIGHER),
	            RESTATES("iqr", "spread", "s", NONE), IS_IGNORED("rounds"),
	            A_COVARIATE("min_rounds"), A_COVARIATE("python_version"),
	            A_COVARIATE("branch"));
	cr_expect_str_eq(b.dossier.inventory.artifacts[0].machine, "bench-host");
}

Test(schemas_micro, pytest_benchmark_without_samples_is_told_by_the_median)
{
	TOOL_EXPECT(&b, "fixture:pytest_benchmark/stats.json",
	            A_METRIC("median", "time", "s", LOWER), RESTATES("mean", "time", "s", LOWER));
}

Test(schemas_micro, pytest_benchmark_csv_has_parameters_in_its_headers)
{
	TOOL_EXPECT(&b, "fixture:pytest_benchmark/table.csv", A_KEY("name"), A_KEY("param:size"),
	            A_METRIC("median", "time", "s", LOWER), RESTATES("mean", "time", "s", LOWER),
	            RESTATES("ops", "throughput", "ops/s", HIGHER), IS_IGNORED("rounds"));
}

Test(schemas_micro, jmh_tells_the_direction_by_the_unit)
{
	TOOL_EXPECT(&b, "sample:jmh/bencher_six.json", A_KEY("benchmark"), A_KEY("mode"),
	            A_KEY("computeType"), A_KEY("threads"), A_COVARIATE("jvm"),
	            A_METRIC("rawData", "throughput", "ops/s", HIGHER),
	            RESTATES("score", "throughput", "ops/s", HIGHER),
	            RESTATES("scoreError", "spread", "ops/s", NONE),
	            RESTATES("99.9", "throughput", "ops/s", HIGHER));
}

Test(schemas_micro, jmh_times_are_better_when_lower)
{
	TOOL_EXPECT(&b, "sample:jmh/bencher_latency.json",
	            A_METRIC("rawData", "time", "s/op", LOWER),
	            RESTATES("score", "time", "s/op", LOWER));
}

static const char two_modes[] =
	"[{\"benchmark\": \"a.B.run\", \"mode\": \"thrpt\", \"threads\": 1, \"primaryMetric\": "
	"{\"score\": 5.5, \"scoreError\": \"NaN\", \"scoreUnit\": \"ops/ms\"}},"
	"{\"benchmark\": \"a.B.run\", \"mode\": \"avgt\", \"threads\": 1, \"primaryMetric\": "
	"{\"score\": 0.25, \"scoreError\": 0.1, \"scoreUnit\": \"ms/op\"}}]";

Test(schemas_micro, two_modes_of_one_benchmark_are_two_metrics)
{
	const struct group *g;
	unsigned higher = 0, lower = 0;

	tool_read_text(&b, "jmh.json", two_modes);
	g = &b.dossier.groups[0];
	for (size_t m = 0; m < g->n_metrics; m++) {
		if (!strstr(g->metrics[m].name, "score") || g->metrics[m].derived)
			continue;
		higher += g->metrics[m].better == HIGHER &&
		          strcmp(g->metrics[m].unit, "ops/ms") == 0;
		lower += g->metrics[m].better == LOWER && strcmp(g->metrics[m].unit, "ms/op") == 0;
		cr_expect_eq(g->metrics[m].best, 0, "one benchmark is no choice");
	}
	cr_expect_eq(higher, 1);
	cr_expect_eq(lower, 1);
	cr_expect_float_eq(find_fact(&b.dossier, "score", STAT_VALUE, "mode=avgt")->value, .25, 0);
	cr_expect_str_eq(find_fact(&b.dossier, "score", STAT_VALUE, "mode=avgt")->unit, "ms/op");
}
