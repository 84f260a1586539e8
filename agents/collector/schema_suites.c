/* SPDX-License-Identifier: MIT */
/* What the benchmark suites of single languages and of continuous integration leave behind. */
#include "agents/collector/schema_words.h"

/*
 * Criterion.rs: nanoseconds. The benchmark's name is in the path alone; base/ holds the run before
 * and change/ what Criterion.rs makes of the two. A sample is the time of as many iterations as
 * stand beside it, and no cell holds the time of one: the estimates do.
 */

#define CRITERION(name, text, ...)                                                         \
	{                                                                                  \
		.at = "/" name "/point_estimate", METRIC = text, .unit = "ns", __VA_ARGS__ \
	}
#define CRITERION_MEAN .of = {"/mean/point_estimate"}

static const struct schema_place criterion[] = {
	CRITERION("mean", "mean of the samples", TIME),
	CRITERION("median", "median of the samples", TIME, CRITERION_MEAN),
	CRITERION("slope", "slope through the samples", TIME, CRITERION_MEAN),
	CRITERION("std_dev", "spread of the samples", SPREAD, CRITERION_MEAN),
	CRITERION("median_abs_dev", "spread of the samples", SPREAD, CRITERION_MEAN),
};

static const struct schema_place criterion_rows[] = {
	{.at = "", IGNORED = "names the statistic"},
	{.at = "/point_estimate", METRIC = "mean of the samples", TIME, .unit = "ns"},
};

static const struct schema_skip criterion_rows_skips[] = {
	{"", "mean", .but = true, .why = "a statistic beside the mean"},
};

static const struct schema_place criterion_csv[] = {
	{.at = "group", KEY = "the group of the benchmark"},
	{.at = "function", KEY = "names the benchmark"},
	{.at = "value", KEY = "a parameter of the benchmark"},
};

#define CRITERION_NEEDS SCHEMA_LIST("/mean/point_estimate", "/median/point_estimate")
#define CRITERION_ROWS  SCHEMA_LIST("/point_estimate", "/standard_error", "/confidence_interval/*")
#define CRITERION_OTHER(pattern, text)                                                          \
	{.tool = "Criterion.rs",                                                                \
	 .base = "",                                                                            \
	 .path = pattern,                                                                       \
	 .needs = CRITERION_NEEDS,                                                              \
	 .rest = MEANS_IGNORED,                                                                 \
	 .rest_what = text},                                                                    \
	{                                                                                       \
		.tool = "Criterion.rs", .base = "/*", .path = pattern, .needs = CRITERION_ROWS, \
		.rest = MEANS_IGNORED, .rest_what = text                                        \
	}

/* BenchmarkDotNet: nanoseconds in JSON, a unit in each cell of CSV. */

#define DOTNET_SUMMARY .of = {"/Statistics/OriginalValues", "/Statistics/Median"}
#define DOTNET(name, text, ...)                                                     \
	{                                                                           \
		.at = "/Statistics/" name, METRIC = text, .unit = "ns", __VA_ARGS__ \
	}

static const struct schema_place dotnet_json[] = {
	{.at = "/FullName", KEY = "names the benchmark"},
	{.at = "/DisplayInfo", KEY = "the benchmark and its job"},
	{.at = "/ShortInfo", KEY = "the benchmark and its job"},
	{.at = "/Parameters", KEY = "parameters of the benchmark"},
	{.at = "/Namespace", IGNORED = "part of the name"},
	{.at = "/Type", IGNORED = "part of the name", .of = {"/FullName", "/ShortInfo"}},
	{.at = "/Method", IGNORED = "part of the name", .of = {"/FullName", "/ShortInfo"}},
	{.at = "/Type", KEY = "names the class"},
	{.at = "/Method", KEY = "names the benchmark"},
	{.at = "/MethodTitle", IGNORED = "part of the name"},
	{.at = "/HardwareIntrinsics", COVARIATE = "describes the machine"},
	{.at = "/Properties/*", COVARIATE = "describes the job"},
	DOTNET("OriginalValues", "repetitions", TIME),
	DOTNET("Median", "median of the repetitions", TIME, .of = {"/Statistics/OriginalValues"}),
	DOTNET("Mean", "mean of the repetitions", TIME, DOTNET_SUMMARY),
	DOTNET("Min", "fastest repetition", TIME, DOTNET_SUMMARY),
	DOTNET("Max", "slowest repetition", TIME, DOTNET_SUMMARY),
	DOTNET("Q1", "quartile of the repetitions", TIME, DOTNET_SUMMARY),
	DOTNET("Q3", "quartile of the repetitions", TIME, DOTNET_SUMMARY),
	DOTNET("Percentiles/*", "percentile of the repetitions", TIME, DOTNET_SUMMARY),
	DOTNET("StandardDeviation", "spread of the repetitions", SPREAD, DOTNET_SUMMARY),
	DOTNET("StandardError", "spread of the mean", SPREAD, DOTNET_SUMMARY),
	DOTNET("InterquartileRange", "spread of the repetitions", SPREAD, DOTNET_SUMMARY),
	{.at = "/Statistics/*", IGNORED = "a detail of the distribution"},
	{.at = "/Memory/BytesAllocatedPerOperation", METRIC = "memory for an operation", MEMORY},
	{.at = "/Memory/*", IGNORED = "a count"},
};

static const struct schema_place dotnet_csv[] = {
	{.at = "Mean", METRIC = "mean of the repetitions", TIME},
	{.at = "Median", METRIC = "median of the repetitions", TIME, .of = {"Mean"}},
	{.at = "Min", METRIC = "fastest repetition", TIME, .of = {"Mean"}},
	{.at = "Max", METRIC = "slowest repetition", TIME, .of = {"Mean"}},
	{.at = "Error", METRIC = "half the confidence interval", SPREAD, .of = {"Mean"}},
	{.at = "StdDev", METRIC = "spread of the repetitions", SPREAD, .of = {"Mean"}},
	{.at = "StdErr", METRIC = "spread of the mean", SPREAD, .of = {"Mean"}},
	{.at = "Allocated", METRIC = "memory for an operation", .quantity = "memory", LOWER},
	{.at = "*Ratio*", IGNORED = "tells another column again, relative to one row"},
	{.at = "RatioSD", IGNORED = "spread of a ratio"},
	{.at = "Rank", IGNORED = "the order of the rows"},
	{.at = "Gen *", IGNORED = "a count"},
	{.at = "Gen0", IGNORED = "a count"},
	{.at = "Gen1", IGNORED = "a count"},
	{.at = "Gen2", IGNORED = "a count"},
	{.at = "Code Size", IGNORED = "a size"},
	{.at = "Method", KEY = "names the benchmark"},
	{.at = "Job", KEY = "how it was run"},
	{.at = "PowerPlanMode", COVARIATE = "describes the machine"},
	{.at = "Affinity", COVARIATE = "describes the machine"},
};

/* Its *-measurements.csv has the time of one operation; what is not a result is warm-up. */

static const struct schema_place dotnet_measurements[] = {
	{.at = "Target_Method", KEY = "names the benchmark"},
	{.at = "Target_Type", KEY = "names the class"},
	{.at = "Params", KEY = "parameters of the benchmark"},
	{.at = "Measurement_Value", METRIC = "time of an operation", TIME, .unit = "ns"},
	{.at = "Measurement_*", IGNORED = "a detail of the repetition"},
};

static const struct schema_skip dotnet_measurements_skips[] = {
	{"Measurement_IterationStage", "Result", .but = true, .why = "no result"},
};

/* asv: the prefix of a benchmark's own name, behind the last dot, tells what it measures. */

#define ASV(prefix, text, ...)                                             \
	{                                                                  \
		.at = "/results/*." prefix "*", METRIC = text, __VA_ARGS__ \
	}

static const struct schema_place asv[] = {
	ASV("mem_", "size of an object", MEMORY),
	ASV("peakmem_", "largest memory of the benchmark", MEMORY),
	ASV("track_", "what the benchmark tracks", .better = BETTER_NONE),
	ASV("time_", "time of the benchmark", SECONDS),
	ASV("timeraw_", "time of the benchmark", SECONDS),
	{.at = "/results/*", METRIC = "what the benchmark tracks"},
	{.at = "/date", IGNORED = "a time"},
	{.at = "/version", IGNORED = "of the format"},
};

/* Its comparisons are Markdown, and the benchmark's name tells, too, whose cells have units. */

static const struct schema_unit asv_kinds[] = {
	{"*.time_*", "", "time", BETTER_LOWER},
	{"*.timeraw_*", "", "time", BETTER_LOWER},
	{"*.mem_*", "bytes", "memory", BETTER_LOWER},
	{"*.peakmem_*", "bytes", "memory", BETTER_LOWER},
	{"*", "", NULL, BETTER_NONE},
};

#define ASV_BENCHMARK "Benchmark (Parameter)"

static const struct schema_place asv_compare[] = {
	{.at = ASV_BENCHMARK, KEY = "names the benchmark"},
	{.at = "Before*", METRIC = "result of the first commit", .unit_at = ASV_BENCHMARK},
	{.at = "After*", METRIC = "result of the second commit", .unit_at = ASV_BENCHMARK},
	{.at = "Ratio", IGNORED = "computed from the two results"},
	{.at = "Change", IGNORED = "the tool's own judgement"},
};

/* What it prints while it runs: text_tools_bench.c. */

static const struct schema_place asv_run[] = {
	{.at = "benchmark", KEY = "names the benchmark"},
	{.at = "result", METRIC = "result of the benchmark", .unit_at = "benchmark"},
	{.at = "error", IGNORED = "tells that the benchmark failed", OUTCOME},
	{.at = "environment", KEY = "what it ran in"},
	{.at = "commit", COVARIATE = "the commit"},
};

static const struct schema_place asv_compare_text[] = {
	{.at = "benchmark", KEY = "names the benchmark"},
	{.at = "before", METRIC = "result of the first commit", .unit_at = "benchmark"},
	{.at = "after", METRIC = "result of the second commit", .unit_at = "benchmark"},
	{.at = "commit *", COVARIATE = "the commit"},
};

/* BenchmarkTools.jl: nanoseconds; a trial has samples, an estimate is one number of them. */

#define JULIA_PLACES(p)                                                                 \
	{.at = p "/params/*", COVARIATE = "how it was run"},                            \
		{.at = p "/times", METRIC = "repetitions", TIME, .unit = "ns"},         \
		{.at = p "/time", METRIC = "estimate of the time", TIME, .unit = "ns"}, \
		{.at = p "/gctimes",                                                    \
	         METRIC = "garbage collection in the repetitions",                      \
	         .quantity = "gc_time",                                                 \
	         .unit = "ns",                                                          \
	         LOWER},                                                                \
		{.at = p "/gctime",                                                     \
	         METRIC = "estimate of the garbage collection",                         \
	         .quantity = "gc_time",                                                 \
	         .unit = "ns",                                                          \
	         LOWER},                                                                \
		{.at = p "/memory", METRIC = "memory for an evaluation", MEMORY},       \
	{                                                                               \
		.at = p "/allocs", METRIC = "allocations of an evaluation",             \
		.quantity = "allocations", LOWER                                        \
	}

static const struct schema_place julia[] = {
	{.at = "", KEY = "names the benchmark"},
	JULIA_PLACES("/1"),
};

static const struct schema_place julia_document[] = {JULIA_PLACES("/1/*/1")};

static const struct schema_skip julia_skips[] = {
	{"/0", "*BenchmarkGroup", .always = true, .why = "a group, whose benchmarks are a table"},
	{"/0", "*TrialRatio", .always = true, .why = "a ratio of two runs"},
	{"/0", "*TrialJudgement", .always = true, .why = "a judgement of two runs"},
};

/* pyperf: seconds, unless the metadata name another unit. */

static const struct schema_place pyperf[] = {
	{.at = "/values", METRIC = "repetitions", SECONDS, .unit_at = "#unit", .directed = true},
	{.at = "/metadata/name", KEY = "names the benchmark"},
	{.at = "/warmups", IGNORED = "runs before those that count"},
};

/* vitest: milliseconds. */

#define VITEST_MEAN .unit = "ms", .of = {"/mean"}

static const struct schema_place vitest[] = {
	{.at = "/name", KEY = "names the benchmark"},
	{.at = "/mean", METRIC = "mean of the samples", TIME, .unit = "ms"},
	{.at = "/median", METRIC = "median of the samples", TIME, VITEST_MEAN},
	{.at = "/min", METRIC = "fastest sample", TIME, VITEST_MEAN},
	{.at = "/max", METRIC = "slowest sample", TIME, VITEST_MEAN},
	{.at = "/period", METRIC = "the mean again", TIME, VITEST_MEAN},
	{.at = "/p99", METRIC = "far percentile of the samples", TIME, .unit = "ms"},
	{.at = "/p*", METRIC = "percentile of the samples", TIME, VITEST_MEAN},
	{.at = "/sd", METRIC = "spread of the samples", SPREAD, VITEST_MEAN},
	{.at = "/sem", METRIC = "spread of the mean", SPREAD, VITEST_MEAN},
	{.at = "/moe", METRIC = "half the confidence interval", SPREAD, VITEST_MEAN},
	{.at = "/hz", METRIC = "one over the mean", RATE, .unit = "ops/s", .of = {"/mean"}},
};

/* {"name", "unit", "value"}, whose direction the name of the file tells, if anything does. */

#define CUSTOM_NAMES                                                            \
	{.at = "/name", KEY = "names the benchmark"},                           \
		{.at = "/unit", COVARIATE = "the unit of the value"},           \
		{.at = "/range", IGNORED = "the spread of the value, as text"}, \
	{                                                                       \
		.at = "/extra", IGNORED = "what the benchmark says of itself"   \
	}
#define CUSTOM_NEEDS SCHEMA_LIST("/name", "/unit", "/value")

static const struct schema_place custom_smaller[] = {
	CUSTOM_NAMES,
	{.at = "/value", METRIC = "value of the benchmark", LOWER, .unit_at = "/unit"}};
static const struct schema_place custom_bigger[] = {
	CUSTOM_NAMES,
	{.at = "/value", METRIC = "value of the benchmark", HIGHER, .unit_at = "/unit"}};
static const struct schema_place custom[] = {
	CUSTOM_NAMES,
	{.at = "/value", METRIC = "value of the benchmark", .unit_at = "/unit", .directed = true}};

/* Bencher's metric format: {benchmark: {measure: {value, lower_value, upper_value}}}. */

static const struct schema_place bencher[] = {
	{.at = "", KEY = "names the benchmark"},
	{.at = "/latency/value", METRIC = "latency of the benchmark", LATENCY, .unit = "ns"},
	{.at = "/throughput/value", METRIC = "throughput of the benchmark", RATE, .unit = "ops/s"},
	{.at = "/*/value", METRIC = "value of the benchmark"},
	{.at = "/*/lower_value", IGNORED = "the interval of the value"},
	{.at = "/*/upper_value", IGNORED = "the interval of the value"},
};

static const struct schema suites[] = {
	CRITERION_OTHER("*base/estimates.json", "the run before this one"),
	CRITERION_OTHER("*change/estimates.json", "a comparison of the tool's own"),
	{.tool = "Criterion.rs",
         .base = "",
         .path = "*estimates.json",
         .needs = CRITERION_NEEDS,
         SCHEMA_PLACES(criterion),
         .rest = MEANS_IGNORED,
         .rest_what = "error of an estimate"},
	{.tool = "Criterion.rs",
         .base = "/*",
         .path = "*estimates.json",
         .needs = CRITERION_ROWS,
         SCHEMA_PLACES(criterion_rows),
         SCHEMA_SKIPS(criterion_rows_skips),
         .rest = MEANS_IGNORED,
         .rest_what = "error of an estimate"},
	{.tool = "Criterion.rs",
         .base = "",
         .needs = SCHEMA_LIST("/sampling_mode", "/iters", "/times"),
         .rest = MEANS_IGNORED,
         .rest_what = "a time of many iterations, which no cell holds for one"},
	{.tool = "Criterion.rs",
         .needs = SCHEMA_LIST("group", "function", "value", "sample_measured_value",
                              "iteration_count"),
         SCHEMA_PLACES(criterion_csv),
         .rest = MEANS_IGNORED,
         .rest_what = "a time of many iterations, which no cell holds for one"},
	{.tool = "BenchmarkDotNet",
         .base = "/Benchmarks/*",
         .needs = SCHEMA_LIST("/Method", "/Statistics/Mean", "/Statistics/Median"),
         SCHEMA_PLACES(dotnet_json),
         .rest = MEANS_IGNORED,
         .rest_what = "a detail"},
	{.tool = "BenchmarkDotNet",
         .base = "/Benchmarks/*/Measurements/*",
         .needs = SCHEMA_LIST("/IterationMode", "/Operations", "/Nanoseconds"),
         .rest = MEANS_IGNORED,
         .rest_what = "a time of many operations, which no cell holds for one"},
	{.tool = "BenchmarkDotNet",
         .base = "/Benchmarks/*/Metrics/*",
         .needs = SCHEMA_LIST("/Value", "/Descriptor/*"),
         .rest = MEANS_IGNORED,
         .rest_what = "the memory of the benchmark again"},
	{.tool = "BenchmarkDotNet",
         .base = "",
         .needs = SCHEMA_LIST("/Title", "/HostEnvironmentInfo/*"),
         .rest = MEANS_COVARIATE,
         .rest_what = "describes the run"},
	{.tool = "BenchmarkDotNet",
         .needs = SCHEMA_LIST("Method", "Job", "UnrollFactor", "Mean", "Error", "StdDev"),
         SCHEMA_PLACES(dotnet_csv),
         .rest = MEANS_KEY,
         .rest_what = "a parameter, or how it was run"},
	{.tool = "BenchmarkDotNet",
         .needs = SCHEMA_LIST("Target_Method", "Measurement_IterationStage",
                              "Measurement_Operations", "Measurement_Value"),
         SCHEMA_PLACES(dotnet_measurements),
         SCHEMA_SKIPS(dotnet_measurements_skips),
         .rest = MEANS_COVARIATE,
         .rest_what = "describes the job"},
	{.tool = "asv",
         .base = "",
         .needs = SCHEMA_LIST("/commit_hash", "/params/machine", "/python"),
         SCHEMA_PLACES(asv),
         .rest = MEANS_COVARIATE,
         .rest_what = "describes the run",
         .machine = "/params/machine"},
	{.tool = "asv",
         .needs = SCHEMA_LIST("Change", "Before*", "After*", "Ratio", ASV_BENCHMARK),
         SCHEMA_PLACES(asv_compare),
         SCHEMA_UNITS(asv_kinds),
         .rest = MEANS_KEY,
         .rest_what = "which comparison"},
	{.tool = "asv",
         .needs = SCHEMA_LIST("environment", "benchmark", "result"),
         SCHEMA_PLACES(asv_run),
         SCHEMA_UNITS(asv_kinds),
         .rest = MEANS_KEY,
         .rest_what = "a parameter of the benchmark"},
	{.tool = "asv",
         .needs = SCHEMA_LIST("benchmark", "before", "after", "commit *"),
         SCHEMA_PLACES(asv_compare_text),
         SCHEMA_UNITS(asv_kinds)},
	{.tool = "BenchmarkTools.jl",
         .base = "*/data/*",
         .needs = SCHEMA_LIST("/0", "/1/params/0"),
         SCHEMA_PLACES(julia),
         SCHEMA_SKIPS(julia_skips),
         .rest = MEANS_IGNORED,
         .rest_what = "a detail",
         .context_keys = SCHEMA_LIST("data", "data *")},
	{.tool = "BenchmarkTools.jl",
         .base = "/1/*/data/*",
         .needs = SCHEMA_LIST("/0"),
         SCHEMA_SKIPS(julia_skips),
         .rest = MEANS_IGNORED,
         .rest_what = "a detail"},
	{.tool = "BenchmarkTools.jl",
         .base = "",
         .needs = SCHEMA_LIST("/0/Julia*", "/0/BenchmarkTools*"),
         SCHEMA_PLACES(julia_document),
         .rest = MEANS_COVARIATE,
         .rest_what = "describes the run"},
	{.tool = "pyperf",
         .base = "/benchmarks/*/runs/*",
         .needs = SCHEMA_LIST("/values", "/metadata/*"),
         SCHEMA_PLACES(pyperf),
         .rest = MEANS_COVARIATE,
         .rest_what = "describes the run",
         .context_keys = SCHEMA_LIST("name")},
	{.tool = "pyperf",
         .base = "",
         .needs = SCHEMA_LIST("/metadata/hostname", "/metadata/python_version"),
         .rest = MEANS_COVARIATE,
         .rest_what = "describes the run",
         .machine = "/metadata/hostname"},
	{.tool = "vitest",
         .base = "/files/*/groups/*/benchmarks/*",
         .needs = SCHEMA_LIST("/name", "/hz", "/mean", "/rme"),
         SCHEMA_PLACES(vitest),
         .rest = MEANS_IGNORED,
         .rest_what = "a detail of the distribution",
         .context_keys = SCHEMA_LIST("fullName")},
	{.tool = "github-action-benchmark",
         .base = "/*",
         .path = "*SmallerIsBetter*",
         .needs = CUSTOM_NEEDS,
         SCHEMA_PLACES(custom_smaller)},
	{.tool = "github-action-benchmark",
         .base = "/*",
         .path = "*BiggerIsBetter*",
         .needs = CUSTOM_NEEDS,
         SCHEMA_PLACES(custom_bigger)},
	{.tool = "github-action-benchmark",
         .base = "/*",
         .needs = CUSTOM_NEEDS,
         SCHEMA_PLACES(custom)},
	{.tool = "Bencher",
         .base = "/*",
         .needs = SCHEMA_LIST("/*/value", "/*/lower_value", "/*/upper_value"),
         SCHEMA_PLACES(bencher)},
};

struct schema_family schemas_of_suites(void)
{
	return (struct schema_family){suites, ARRAY_LEN(suites)};
}
