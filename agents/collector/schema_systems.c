/* SPDX-License-Identifier: MIT */
/* Storage, databases and the counters of the system. */
#include "agents/collector/schema_words.h"

/*
 * fio: a job reads, writes or trims; what it does not do stands there as zeros, which are no
 * measurements.
 */

#define FIO(p, words)                                                   \
	{.at = "/" p "/bw_bytes",                                       \
	 METRIC = "bytes " words " each second",                        \
	 RATE,                                                          \
	 .unit = "bytes/s",                                             \
	 .zero_is_none = true},                                         \
		{.at = "/" p "/iops",                                   \
	         METRIC = "operations each second",                     \
	         RATE,                                                  \
	         .unit = "ops/s",                                       \
	         .zero_is_none = true},                                 \
		{.at = "/" p "/lat_ns/mean",                            \
	         METRIC = "mean of the latencies",                      \
	         LATENCY,                                               \
	         .unit = "ns",                                          \
	         .zero_is_none = true},                                 \
		{.at = "/" p "/clat_ns/percentile/99.000000",           \
	         METRIC = "far percentile of the completion latencies", \
	         LATENCY,                                               \
	         .unit = "ns",                                          \
	         .zero_is_none = true},                                 \
		{.at = "/" p "/clat_ns/mean",                           \
	         METRIC = "mean of the completion latencies",           \
	         LATENCY,                                               \
	         .unit = "ns",                                          \
	         .of = {"/" p "/lat_ns/mean"},                          \
	         .zero_is_none = true},                                 \
		{.at = "/" p "/clat_ns/percentile/*",                   \
	         METRIC = "percentile of the completion latencies",     \
	         LATENCY,                                               \
	         .unit = "ns",                                          \
	         .of = {"/" p "/clat_ns/percentile/99.000000"},         \
	         .zero_is_none = true},                                 \
	{                                                               \
		.at = "/" p "/*", IGNORED = "a detail"                  \
	}

static const struct schema_place fio[] = {
	{.at = "/jobname", KEY = "names the job"},
	{.at = "/job options/*", KEY = "an option of the job"},
	{.at = "/error", IGNORED = "tells whether the job failed", ERROR_CODE},
	FIO("read", "read"),
	FIO("write", "written"),
	FIO("trim", "trimmed"),
};

/* ClickBench: seconds and bytes. */

static const struct schema_place clickbench[] = {
	{.at = "/system", KEY = "the database"},
	{.at = "/machine", COVARIATE = "the machine"},
	{.at = "/cluster_size", KEY = "how many machines there were"},
	{.at = "/load_time",
         METRIC = "how long loading took",
         .quantity = "load_time",
         .unit = "s",
         LOWER},
	{.at = "/data_size", METRIC = "size of the data", MEMORY},
	{.at = "/result/*", METRIC = "tries of a query, the first one cold", SECONDS},
	{.at = "/date", IGNORED = "a time"},
};

/* MongoDB: perf.json of mongo-perf and Genny, and the reports that Evergreen takes. */

static const struct schema_place mongo_tests[] = {
	{.at = "/name", KEY = "names the test"},
	{.at = "/workload", KEY = "names the workload"},
	{.at = "/start", IGNORED = "a time"},
	{.at = "/end", IGNORED = "a time"},
};

static const struct schema_place mongo_threads[] = {
	{.at = "", KEY = "how many threads there were"},
	{.at = "/ops_per_sec_values", METRIC = "repetitions", RATE, .unit = "ops/s"},
	{.at = "/ops_per_sec",
         METRIC = "mean of the repetitions",
         RATE,
         .unit = "ops/s",
         .of = {"/ops_per_sec_values"}},
	{.at = "/error_values", IGNORED = "counts of errors"},
};

static const struct schema_unit evergreen_kinds[] = {
	{"*throughput*", "", "throughput", BETTER_HIGHER},
	{"*THROUGHPUT*", "", "throughput", BETTER_HIGHER},
	{"*latency*", "", "latency", BETTER_LOWER},
	{"*LATENCY*", "", "latency", BETTER_LOWER},
	{"*", "", NULL, BETTER_NONE},
};

static const struct schema_place evergreen[] = {
	{.at = "/name", KEY = "names the metric"},
	{.at = "/type", COVARIATE = "what the metric is"},
	{.at = "/value", METRIC = "value of the metric", .unit_at = "/type"},
};

static const struct schema_place evergreen_tests[] = {
	{.at = "/info/test_name", KEY = "names the test"},
	{.at = "/info/args/*", KEY = "an argument of the test"},
	{.at = "/created_at", IGNORED = "a time"},
	{.at = "/completed_at", IGNORED = "a time"},
};

/* perf stat -j: a counter a line. */

static const struct schema_place perf_json[] = {
	{.at = "/event", KEY = "names the counter"},
	{.at = "/unit", COVARIATE = "the unit of the counter"},
	{.at = "/interval", IGNORED = "a time"},
	{.at = "/counter-value",
         METRIC = "value of the counter",
         .unit_at = "/unit",
         .directed = true},
	{.at = "/variance",
         METRIC = "spread of the counter",
         SPREAD,
         .unit = "%",
         .of = {"/counter-value"}},
	{.at = "/metric-value", IGNORED = "computed from several counters"},
	{.at = "/pcnt-running", COVARIATE = "which share of the time the counter ran"},
};

static const struct schema_skip perf_json_skips[] = {
	{"/counter-value", "<not *", .always = true, .why = "the event was not counted"},
};

static const struct schema systems[] = {
	{.tool = "fio",
         .base = "/jobs/*",
         .needs = SCHEMA_LIST("/jobname", "/read/iops", "/write/iops"),
         SCHEMA_PLACES(fio),
         .rest = MEANS_IGNORED,
         .rest_what = "a detail"},
	{.tool = "fio",
         .base = "/disk_util/*",
         .needs = SCHEMA_LIST("/read_ios", "/write_ios", "/in_queue"),
         .rest = MEANS_IGNORED,
         .rest_what = "what the disk counted"},
	{.tool = "ClickBench",
         .base = "",
         .needs = SCHEMA_LIST("/system", "/machine", "/cluster_size", "/load_time"),
         SCHEMA_PLACES(clickbench),
         .rest = MEANS_COVARIATE,
         .rest_what = "describes the run",
         .machine = "/machine"},
	{.tool = "mongo-perf",
         .base = "*/results/*",
         .needs = SCHEMA_LIST("/ops_per_sec", "/ops_per_sec_values"),
         SCHEMA_PLACES(mongo_threads),
         .rest = MEANS_IGNORED,
         .rest_what = "a detail",
         .context_keys = SCHEMA_LIST("name", "workload", "storageEngine")},
	{.tool = "mongo-perf",
         .base = "*/results/*",
         .needs = SCHEMA_LIST("/name", "/workload", "/start", "/end"),
         SCHEMA_PLACES(mongo_tests),
         .rest = MEANS_COVARIATE,
         .rest_what = "describes the test"},
	{.tool = "Evergreen",
         .base = "*/metrics/*",
         .needs = SCHEMA_LIST("/name", "/type", "/value", "/user_submitted"),
         SCHEMA_PLACES(evergreen),
         SCHEMA_UNITS(evergreen_kinds),
         .rest = MEANS_IGNORED,
         .rest_what = "a detail",
         .context_keys = SCHEMA_LIST("test_name", "args/*")},
	{.tool = "Evergreen",
         .base = "/*",
         .needs = SCHEMA_LIST("/info/test_name", "/created_at", "/completed_at"),
         SCHEMA_PLACES(evergreen_tests),
         .rest = MEANS_COVARIATE,
         .rest_what = "describes the test"},
	{.tool = "perf stat",
         .base = "/*",
         .needs = SCHEMA_LIST("/counter-value", "/event", "/event-runtime", "/pcnt-running"),
         SCHEMA_PLACES(perf_json),
         SCHEMA_SKIPS(perf_json_skips),
         .rest = MEANS_IGNORED,
         .rest_what = "how long the counter ran"},
};

struct schema_family schemas_of_systems(void)
{
	return (struct schema_family){systems, ARRAY_LEN(systems)};
}
