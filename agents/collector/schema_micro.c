/* SPDX-License-Identifier: MIT */
/* Micro-benchmarks: repetitions of one function or command, by name and parameters. */
#include "agents/collector/schema_words.h"

/* Google Benchmark: real_time and cpu_time are per iteration already. */

#define GOOGLE_COLUMNS(p)                                                                      \
	{.at = p "label", KEY = "what the benchmark says of itself"},                          \
		{.at = p "iterations", IGNORED = "how often the loop ran"},                    \
		{.at = p "time_unit", COVARIATE = "the unit of the times"},                    \
		{.at = p "real_time",                                                          \
	         METRIC = "wall-clock time per iteration",                                     \
	         TIME,                                                                         \
	         .unit_at = p "time_unit"},                                                    \
		{.at = p "cpu_time",                                                           \
	         METRIC = "CPU time per iteration",                                            \
	         .quantity = "cpu_time",                                                       \
	         .better = BETTER_LOWER,                                                       \
	         .unit_at = p "time_unit"},                                                    \
		{.at = p "bytes_per_second",                                                   \
	         METRIC = "bytes per second",                                                  \
	         RATE,                                                                         \
	         .unit = "bytes/s"},                                                           \
		{.at = p "items_per_second",                                                   \
	         METRIC = "items per second",                                                  \
	         RATE,                                                                         \
	         .unit = "items/s"},                                                           \
		{.at = p "error_occurred", IGNORED = "tells whether the row failed", OUTCOME}, \
		{.at = p "error_message", IGNORED = "tells why the row failed", OUTCOME},      \
		{.at = p "skipped", IGNORED = "tells whether the row was skipped", OUTCOME},   \
	{                                                                                      \
		.at = p "skip_message", IGNORED = "tells why the row was skipped"              \
	}

static const struct schema_place google_json[] = {
	{.at = "/run_name", KEY = "names the benchmark"},
	{.at = "/name", IGNORED = "the run's name again", .of = {"/run_name"}},
	{.at = "/name", KEY = "names the benchmark"},
	GOOGLE_COLUMNS("/"),
	{.at = "/threads", IGNORED = "part of the name"},
	{.at = "/repetition_index", IGNORED = "numbers the repetitions"},
	{.at = "/repetitions", COVARIATE = "how many repetitions were asked for"},
	{.at = "/family_index", IGNORED = "numbers the benchmarks"},
	{.at = "/per_family_instance_index", IGNORED = "numbers the benchmarks"},
	{.at = "/run_type", IGNORED = "tells repetitions from statistics"},
	{.at = "/aggregate_name", IGNORED = "which statistic the row holds"},
	{.at = "/aggregate_unit", IGNORED = "of a statistic"},
	{.at = "/*_coefficient", IGNORED = "a fitted coefficient"},
	{.at = "/big_o", IGNORED = "a fitted complexity"},
	{.at = "/rms", IGNORED = "the error of a fit"},
};

static const struct schema_skip google_json_skips[] = {
	{"/run_type", "aggregate", .why = "a statistic of the repetitions beside it"},
	{"/aggregate_name", "median", .but = true, .why = "a statistic beside the median"},
};

static const struct schema_place google_csv[] = {
	{.at = "name", KEY = "names the benchmark"},
	GOOGLE_COLUMNS(""),
};

/* With aggregates only, the medians stand for the benchmarks. */
static const struct schema_skip google_csv_skips[] = {
	{"name", "*_stddev", .why = "a spread of the repetitions"},
	{"name", "*_cv", .why = "a spread of the repetitions"},
	{"name", "*_BigO", .why = "a fitted complexity"},
	{"name", "*_RMS", .why = "the error of a fit"},
	{"name", "*_mean", .why = "a statistic of the repetitions beside it"},
	{"name", "*_median", .why = "a statistic of the repetitions beside it"},
};

/* hyperfine: seconds; user and system are means over the runs. */

#define HYPERFINE_COLUMNS(p, samples)                                                          \
	{.at = p "command", KEY = "the command that was run"},                                 \
		{.at = p "mean",                                                               \
	         METRIC = "mean of the runs",                                                  \
	         SECONDS,                                                                      \
	         .of = {samples, p "median"}},                                                 \
		{.at = p "median", METRIC = "median of the runs", SECONDS, .of = {samples}},   \
		{.at = p "min", METRIC = "fastest run", SECONDS, .of = {samples, p "median"}}, \
		{.at = p "max", METRIC = "slowest run", SECONDS, .of = {samples, p "median"}}, \
		{.at = p "stddev",                                                             \
	         METRIC = "spread of the runs",                                                \
	         SPREAD,                                                                       \
	         .unit = "s",                                                                  \
	         .of = {samples, p "mean"}},                                                   \
		{.at = p "user",                                                               \
	         METRIC = "mean user time of the runs",                                        \
	         .quantity = "user_time",                                                      \
	         .unit = "s",                                                                  \
	         .better = BETTER_LOWER},                                                      \
	{                                                                                      \
		.at = p "system", METRIC = "mean system time of the runs",                     \
		.quantity = "system_time", .unit = "s", .better = BETTER_LOWER                 \
	}

static const struct schema_place hyperfine_json[] = {
	HYPERFINE_COLUMNS("/", "/times"),
	{.at = "/times", METRIC = "repetitions", SECONDS},
	{.at = "/memory_usage_byte",
         METRIC = "largest memory of each run",
         .quantity = "memory",
         .unit = "bytes",
         .better = BETTER_LOWER},
	{.at = "/exit_codes", IGNORED = "tells which runs failed", ERROR_CODE},
	{.at = "/parameters/*", KEY = "a parameter of the benchmark"},
};

static const struct schema_place hyperfine_csv[] = {
	HYPERFINE_COLUMNS("", NULL),
	{.at = "parameter_*", KEY = "a parameter of the benchmark"},
};

static const struct schema_place hyperfine_markdown[] = {
	{.at = "Command", KEY = "the command that was run"},
	{.at = "Mean [*]", METRIC = "mean of the runs", TIME},
	{.at = "Min [*]", METRIC = "fastest run", TIME, .of = {"Mean [*]"}},
	{.at = "Max [*]", METRIC = "slowest run", TIME, .of = {"Mean [*]"}},
	{.at = "Relative", IGNORED = "the mean again, relative to the fastest command"},
};

/* pytest-benchmark: seconds. */

#define PYTEST_SUMMARY .of = {"/stats/data", "/stats/median"}

static const struct schema_place pytest[] = {
	{.at = "/fullname", KEY = "names the benchmark"},
	{.at = "/name", IGNORED = "part of the full name", .of = {"/fullname"}},
	{.at = "/name", KEY = "names the benchmark"},
	{.at = "/group", KEY = "the group of the benchmark"},
	{.at = "/param", IGNORED = "part of the full name", .of = {"/fullname"}},
	{.at = "/params*", KEY = "a parameter of the benchmark"},
	{.at = "/extra_info/*", COVARIATE = "what the benchmark says of itself"},
	{.at = "/options/*", COVARIATE = "how it was run"},
	{.at = "/stats/data", METRIC = "repetitions", SECONDS},
	{.at = "/stats/median", METRIC = "median of the rounds", SECONDS, .of = {"/stats/data"}},
	{.at = "/stats/mean", METRIC = "mean of the rounds", SECONDS, PYTEST_SUMMARY},
	{.at = "/stats/min", METRIC = "fastest round", SECONDS, PYTEST_SUMMARY},
	{.at = "/stats/max", METRIC = "slowest round", SECONDS, PYTEST_SUMMARY},
	{.at = "/stats/q1", METRIC = "quartile of the rounds", SECONDS, PYTEST_SUMMARY},
	{.at = "/stats/q3", METRIC = "quartile of the rounds", SECONDS, PYTEST_SUMMARY},
	{.at = "/stats/hd15iqr", METRIC = "fence of the rounds", SECONDS, PYTEST_SUMMARY},
	{.at = "/stats/ld15iqr", METRIC = "fence of the rounds", SECONDS, PYTEST_SUMMARY},
	{.at = "/stats/stddev",
         METRIC = "spread of the rounds",
         SPREAD,
         .unit = "s",
         PYTEST_SUMMARY},
	{.at = "/stats/iqr", METRIC = "spread of the rounds", SPREAD, .unit = "s", PYTEST_SUMMARY},
	{.at = "/stats/ops",
         METRIC = "one over the mean",
         RATE,
         .unit = "ops/s",
         .of = {"/stats/mean"}},
	{.at = "/stats/total", METRIC = "sum of the rounds", SECONDS, .of = {"/stats/mean"}},
	{.at = "/stats/*", IGNORED = "a count"},
};

static const struct schema_place pytest_csv[] = {
	{.at = "name", KEY = "names the benchmark"},
	{.at = "param:*", KEY = "a parameter of the benchmark"},
	{.at = "median", METRIC = "median of the rounds", SECONDS},
	{.at = "mean", METRIC = "mean of the rounds", SECONDS, .of = {"median"}},
	{.at = "min", METRIC = "fastest round", SECONDS, .of = {"median"}},
	{.at = "max", METRIC = "slowest round", SECONDS, .of = {"median"}},
	{.at = "stddev", METRIC = "spread of the rounds", SPREAD, .unit = "s", .of = {"median"}},
	{.at = "iqr", METRIC = "spread of the rounds", SPREAD, .unit = "s", .of = {"median"}},
	{.at = "ops", METRIC = "one over the mean", RATE, .unit = "ops/s", .of = {"mean"}},
};

/* JMH: the unit tells the direction; a mode is a metric of its own. */

#define JMH_UNIT .unit_at = "/primaryMetric/scoreUnit", .directed = true

static const struct schema_place jmh[] = {
	{.at = "/benchmark", KEY = "names the benchmark"},
	{.at = "/mode", KEY = "what was measured: throughput, average time ..."},
	{.at = "/params/*", KEY = "a parameter of the benchmark"},
	{.at = "/threads", KEY = "how many threads ran it"},
	{.at = "/primaryMetric/rawData", METRIC = "iterations, fork by fork", JMH_UNIT},
	{.at = "/primaryMetric/score",
         METRIC = "mean of the iterations",
         .of = {"/primaryMetric/rawData"},
         JMH_UNIT},
	{.at = "/primaryMetric/scoreError",
         METRIC = "half the confidence interval",
         SPREAD,
         .of = {"/primaryMetric/rawData", "/primaryMetric/score"},
         .unit_at = "/primaryMetric/scoreUnit"},
	{.at = "/primaryMetric/scorePercentiles/*",
         METRIC = "a percentile of the score",
         .of = {"/primaryMetric/rawData", "/primaryMetric/score"},
         JMH_UNIT},
	{.at = "/primaryMetric/scoreConfidence", IGNORED = "the confidence interval of the score"},
	{.at = "/primaryMetric/scoreUnit", COVARIATE = "the unit of the score"},
	{.at = "/secondaryMetrics/*/score", METRIC = "a secondary score"},
	{.at = "/secondaryMetrics/*", IGNORED = "details of a secondary score"},
	{.at = "/primaryMetric/*", IGNORED = "details of the score"},
};

static const struct schema micro[] = {
	{.tool = "Google Benchmark",
         .base = "*/benchmarks/*",
         .needs = SCHEMA_LIST("/name", "/real_time", "/cpu_time", "/time_unit", "/iterations"),
         SCHEMA_PLACES(google_json),
         .rest = MEANS_METRIC,
         .rest_what = "a counter of the benchmark's own",
         SCHEMA_SKIPS(google_json_skips)},
	{.tool = "Google Benchmark",
         .base = "",
         .needs = SCHEMA_LIST("/context/num_cpus", "/context/mhz_per_cpu",
                              "/context/library_build_type"),
         .rest = MEANS_COVARIATE,
         .rest_what = "describes the run",
         .machine = "/context/host_name"},
	{.tool = "Google Benchmark",
         .base = "/context/caches/*",
         .needs = SCHEMA_LIST("/level", "/num_sharing", "/size", "/type"),
         .rest = MEANS_COVARIATE,
         .rest_what = "describes the machine"},
	{.tool = "Google Benchmark",
         .needs = SCHEMA_LIST("name", "iterations", "real_time", "cpu_time", "time_unit",
                              "bytes_per_second"),
         SCHEMA_PLACES(google_csv),
         .rest = MEANS_METRIC,
         .rest_what = "a counter of the benchmark's own",
         SCHEMA_SKIPS(google_csv_skips)},
	{.tool = "hyperfine",
         .base = "*/results/*",
         .needs = SCHEMA_LIST("/command", "/mean", "/user", "/system", "/times"),
         SCHEMA_PLACES(hyperfine_json)},
	{.tool = "hyperfine",
         .needs = SCHEMA_LIST("command", "mean", "stddev", "median", "user", "system", "min",
                              "max"),
         SCHEMA_PLACES(hyperfine_csv)},
	{.tool = "hyperfine",
         .needs = SCHEMA_LIST("Command", "Mean [*]", "Min [*]", "Max [*]", "Relative"),
         SCHEMA_PLACES(hyperfine_markdown)},
	{.tool = "pytest-benchmark",
         .base = "*/benchmarks/*",
         .needs = SCHEMA_LIST("/fullname", "/stats/mean", "/stats/rounds", "/stats/iqr"),
         SCHEMA_PLACES(pytest),
         .rest = MEANS_COVARIATE,
         .rest_what = "describes the run"},
	{.tool = "pytest-benchmark",
         .base = "",
         .needs = SCHEMA_LIST("/machine_info/node", "/commit_info/id", "/datetime"),
         .rest = MEANS_COVARIATE,
         .rest_what = "describes the run",
         .machine = "/machine_info/node"},
	{.tool = "pytest-benchmark",
         .needs = SCHEMA_LIST("name", "min", "max", "mean", "stddev", "median", "iqr", "outliers",
                              "ops", "rounds", "iterations"),
         SCHEMA_PLACES(pytest_csv),
         .rest = MEANS_IGNORED,
         .rest_what = "a count"},
	{.tool = "JMH",
         .base = "*/*",
         .needs = SCHEMA_LIST("/benchmark", "/mode", "/primaryMetric/score",
                              "/primaryMetric/scoreUnit"),
         SCHEMA_PLACES(jmh),
         .rest = MEANS_COVARIATE,
         .rest_what = "describes the run"},
};

struct schema_family schemas_of_micro_benchmarks(void)
{
	return (struct schema_family){micro, ARRAY_LEN(micro)};
}
