/* SPDX-License-Identifier: MIT */
/* Load generators: how long requests took, and how many there were. */
#include "agents/collector/schema_words.h"

/* k6: "contains" tells the unit of a metric; times are milliseconds, data are bytes. */

#define K6_VALUES(p)                                                                               \
	{.at = p "med", METRIC = "median of the metric", K6_UNIT},                                 \
		{.at = p "p(99)", METRIC = "far percentile of the metric", K6_UNIT},               \
		{.at = p "avg", METRIC = "mean of the metric", .of = {p "med"}, K6_UNIT},          \
		{.at = p "min", METRIC = "smallest value", .of = {p "med"}, K6_UNIT},              \
		{.at = p "max", METRIC = "largest value", .of = {p "med"}, K6_UNIT},               \
		{.at = p "p(95)",                                                                  \
	         METRIC = "percentile of the metric",                                              \
	         .of = {p "p(99)"},                                                                \
	         K6_UNIT},                                                                         \
		{.at = p "p(*", METRIC = "percentile of the metric", .of = {p "med"}, K6_UNIT},    \
		{.at = p "rate", METRIC = "how much of it there was each second, or which share"}, \
		{.at = p "value", METRIC = "value of the metric"},                                 \
		{.at = p "count", IGNORED = "a count"}, {.at = p "passes", IGNORED = "a count"},   \
	{                                                                                          \
		.at = p "fails", IGNORED = "a count"                                               \
	}

#define K6_UNIT .unit_at = "/contains", .directed = true
static const struct schema_place k6_summary[] = {
	{.at = "", KEY = "names the metric"},
	{.at = "/type", IGNORED = "kind of the metric"},
	{.at = "/contains", COVARIATE = "what the metric's values are"},
	{.at = "/thresholds/*", IGNORED = "whether a threshold was held"},
	K6_VALUES("/values/"),
};
#undef K6_UNIT

#define K6_UNIT .better = BETTER_NONE
static const struct schema_place k6_export[] = {
	{.at = "", KEY = "names the metric"},
	{.at = "/thresholds/*", IGNORED = "whether a threshold was held"},
	K6_VALUES("/"),
};
#undef K6_UNIT

static const struct schema_unit k6_units[] = {{.text = "time", .unit = "ms"},
                                              {.text = "data", .unit = "bytes"},
                                              {.text = "default", .unit = ""}};

static const struct schema_place k6_points[] = {
	{.at = "/metric", KEY = "names the metric"},
	{.at = "/type", IGNORED = "a point or a description"},
	{.at = "/data/value", METRIC = "one value"},
	{.at = "/data/time", IGNORED = "a time"},
	{.at = "/data/tags/*", COVARIATE = "describes the request"},
};

static const struct schema_skip k6_points_skips[] = {
	{"/type", "Metric", .always = true, .why = "describes a metric, is no value of it"},
};

/* vegeta: nanoseconds. */

#define VEGETA(name, text, ...)                                                             \
	{                                                                                   \
		.at = "/latencies/" name, METRIC = text, LATENCY, .unit = "ns", __VA_ARGS__ \
	}

static const struct schema_place vegeta[] = {
	VEGETA("50th", "median of the latencies", .of = {NULL}),
	VEGETA("99th", "far percentile of the latencies", .of = {NULL}),
	VEGETA("*", "statistic of the latencies", .of = {"/latencies/50th"}),
	{.at = "/throughput", METRIC = "successful requests each second", REQUEST_RATE},
	{.at = "/success",
         METRIC = "share of the requests that succeeded",
         .quantity = QUANTITY_SUCCESS_RATE,
         HIGHER},
	{.at = "/rate", COVARIATE = "requests sent each second"},
	{.at = "/bytes_*", IGNORED = "how much went over the wire"},
	{.at = "/earliest", IGNORED = "a time"},
	{.at = "/latest", IGNORED = "a time"},
	{.at = "/end", IGNORED = "a time"},
	{.at = "/duration", COVARIATE = "how long the attack was"},
	{.at = "/wait", IGNORED = "how long the last answer was waited for"},
	{.at = "/requests", IGNORED = "a count"},
	{.at = "/status_codes/*", IGNORED = "a count"},
	{.at = "/errors*", IGNORED = "what went wrong"},
};

/* oha: seconds; all null when no request succeeded. */

static const struct schema_place oha[] = {
	{.at = "/summary/requestsPerSec", METRIC = "requests each second", REQUEST_RATE},
	{.at = "/summary/successRate",
         METRIC = "share of the requests that succeeded",
         .quantity = QUANTITY_SUCCESS_RATE,
         HIGHER},
	{.at = "/summary/sizePerSec", METRIC = "data each second", RATE, .unit = "bytes/s"},
	{.at = "/summary/slowest",
         METRIC = "slowest request",
         LATENCY,
         .unit = "s",
         .of = {"/latencyPercentiles/p50"}},
	{.at = "/summary/fastest",
         METRIC = "fastest request",
         LATENCY,
         .unit = "s",
         .of = {"/latencyPercentiles/p50"}},
	{.at = "/summary/average",
         METRIC = "mean of the requests",
         LATENCY,
         .unit = "s",
         .of = {"/latencyPercentiles/p50"}},
	{.at = "/summary/total", COVARIATE = "how long the run was"},
	{.at = "/summary/*", IGNORED = "how much went over the wire"},
	{.at = "/latencyPercentiles/p50", METRIC = "median of the requests", LATENCY, .unit = "s"},
	{.at = "/latencyPercentiles/p99",
         METRIC = "far percentile of the requests",
         LATENCY,
         .unit = "s"},
	{.at = "/latencyPercentiles/*",
         METRIC = "percentile of the requests",
         LATENCY,
         .unit = "s",
         .of = {"/latencyPercentiles/p50"}},
	{.at = "/rps/mean",
         METRIC = "mean of the requests each second",
         REQUEST_RATE,
         .of = {"/summary/requestsPerSec"}},
	{.at = "/details/DNSDialup/average",
         METRIC = "mean time to connect",
         .quantity = "connect_time",
         .unit = "s",
         LOWER},
};

/* Locust's *_stats.csv: milliseconds. */

#define LOCUST(name, text, ...)                                               \
	{                                                                     \
		.at = name, METRIC = text, LATENCY, .unit = "ms", __VA_ARGS__ \
	}
#define LOCUST_MEDIAN .of = {"Median Response Time"}

static const struct schema_place locust[] = {
	{.at = "Type", KEY = "method of the request"},
	{.at = "Name", KEY = "names the request"},
	LOCUST("Median Response Time", "median of the requests", .of = {NULL}),
	LOCUST("99%", "far percentile of the requests", .of = {NULL}),
	LOCUST("Average Response Time", "mean of the requests", LOCUST_MEDIAN),
	LOCUST("Min Response Time", "fastest request", LOCUST_MEDIAN),
	LOCUST("Max Response Time", "slowest request", LOCUST_MEDIAN),
	LOCUST("*%", "percentile of the requests", LOCUST_MEDIAN),
	{.at = "Requests/s", METRIC = "requests each second", REQUEST_RATE},
	{.at = "Failures/s",
         METRIC = "failures each second",
         .quantity = "failure_rate",
         .unit = "req/s",
         LOWER},
	{.at = "Request Count", IGNORED = "a count", .quantity = QUANTITY_ATTEMPTS},
	{.at = "Failure Count", IGNORED = "a count", .quantity = QUANTITY_ERRORS},
	{.at = "Average Content Size", IGNORED = "a size"},
};

static const struct schema_skip locust_skips[] = {
	{"Name", "Aggregated", .why = "sums up the rows beside it"},
};

static const struct schema_place locust_history[] = {
	{.at = "Type", KEY = "method of the request"},
	{.at = "Name", KEY = "names the request"},
	{.at = "Timestamp", IGNORED = "a time"},
	{.at = "User Count", COVARIATE = "how many users there were"},
	{.at = "Requests/s", METRIC = "requests each second", REQUEST_RATE},
	{.at = "Failures/s",
         METRIC = "failures each second",
         .quantity = "failure_rate",
         .unit = "req/s",
         LOWER},
	{.at = "50%", METRIC = "median of the requests", LATENCY, .unit = "ms"},
	{.at = "99%", METRIC = "far percentile of the requests", LATENCY, .unit = "ms"},
	{.at = "*%", METRIC = "percentile of the requests", LATENCY, .unit = "ms", .of = {"50%"}},
	{.at = "Total*", IGNORED = "sums up the run so far"},
};

/* JMeter's .jtl: a row for each request, milliseconds. */

static const struct schema_place jmeter[] = {
	{.at = "label", KEY = "names the request"},
	{.at = "elapsed", METRIC = "how long the request took", LATENCY, .unit = "ms"},
	{.at = "Latency",
         METRIC = "time to the first byte",
         .quantity = "time_to_first_byte",
         .unit = "ms",
         LOWER},
	{.at = "Connect",
         METRIC = "time to connect",
         .quantity = "connect_time",
         .unit = "ms",
         LOWER},
	{.at = "success", IGNORED = "tells whether the request failed", OUTCOME},
};

/* hey -o csv: a row for each request, seconds. */

static const struct schema_place hey[] = {
	{.at = "response-time", METRIC = "how long the request took", LATENCY, .unit = "s"},
	{.at = "DNS+dialup",
         METRIC = "time to connect",
         .quantity = "connect_time",
         .unit = "s",
         LOWER},
};

static const struct schema_skip hey_skips[] = {
	{"status-code", "4*", .always = true, .why = "the answer was an error"},
	{"status-code", "5*", .always = true, .why = "the answer was an error"},
};

/* ApacheBench: milliseconds; its percentiles are a distribution, no repetitions. */

static const struct schema_place ab_percentiles[] = {
	{.at = "Percentage served", KEY = "which percentile"},
	{.at = "Time in ms", METRIC = "percentile of the requests", LATENCY, .unit = "ms"},
};

static const struct schema_place ab_requests[] = {
	{.at = "ttime", METRIC = "how long the request took", LATENCY, .unit = "ms"},
	{.at = "ctime",
         METRIC = "time to connect",
         .quantity = "connect_time",
         .unit = "ms",
         LOWER},
	{.at = "wait",
         METRIC = "time to the first byte",
         .quantity = "time_to_first_byte",
         .unit = "ms",
         LOWER},
};

/* NoSQLBench's *histostats.csv: times and sizes alike, whose unit stands in a comment at best. */

static const struct schema_place histostats[] = {
	{.at = "#Tag", KEY = "names what was measured"},
	{.at = "Interval_*", IGNORED = "a time"},
	{.at = "count", IGNORED = "a count"},
	{.at = "p50", METRIC = "median of the values"},
	{.at = "p99", METRIC = "far percentile of the values"},
	{.at = "*", METRIC = "statistic of the values", .of = {"p50"}},
};

static const struct schema_skip histostats_skips[] = {
	{"count", "0", .always = true, .why = "nothing was measured in the interval"},
};

/* iperf3 -J: the sums at the end, and those of each interval. */

#define IPERF_RATE(name, text, ...)                                                          \
	{                                                                                    \
		.at = "/end/" name "/bits_per_second", METRIC = text, RATE, .unit = "bit/s", \
		__VA_ARGS__                                                                  \
	}

static const struct schema_place iperf3[] = {
	IPERF_RATE("sum_received", "bits received each second", .of = {NULL}),
	IPERF_RATE("sum_sent", "bits sent each second",
                   .of = {"/end/sum_received/bits_per_second"}),
	IPERF_RATE("sum", "bits each second", .of = {"/end/sum_received/bits_per_second"}),
	IPERF_RATE("sum_received_bidir_reverse", "bits received each second, the other way",
                   .of = {NULL}),
	IPERF_RATE("sum_sent_bidir_reverse", "bits sent each second, the other way",
                   .of = {"/end/sum_received_bidir_reverse/bits_per_second"}),
	{.at = "/end/sum_sent/retransmits",
         METRIC = "segments sent again",
         .quantity = "retransmits",
         LOWER},
	{.at = "/end/sum/jitter_ms",
         METRIC = "jitter of the packets",
         .quantity = "jitter",
         .unit = "ms",
         LOWER},
	{.at = "/end/sum/lost_percent",
         METRIC = "share of the packets that were lost",
         .quantity = "loss",
         .unit = "%",
         LOWER},
	{.at = "/end/*", IGNORED = "a detail"},
	{.at = "/error", IGNORED = "tells why the run failed", OUTCOME},
	{.at = "/start/test_start/protocol", KEY = "an option of the run"},
	{.at = "/start/test_start/num_streams", KEY = "an option of the run"},
	{.at = "/start/test_start/blksize", KEY = "an option of the run"},
	{.at = "/start/test_start/reverse", KEY = "an option of the run"},
	{.at = "/start/test_start/target_bitrate", KEY = "an option of the run"},
};

static const struct schema_place iperf3_intervals[] = {
	{.at = "/sum/bits_per_second", METRIC = "bits each second", RATE, .unit = "bit/s"},
	{.at = "/sum_bidir_reverse/bits_per_second",
         METRIC = "bits each second, the other way",
         RATE,
         .unit = "bit/s"},
	{.at = "/sum/retransmits",
         METRIC = "segments sent again",
         .quantity = "retransmits",
         LOWER},
	{.at = "/sum/jitter_ms",
         METRIC = "jitter of the packets",
         .quantity = "jitter",
         .unit = "ms",
         LOWER},
	{.at = "/sum/lost_percent",
         METRIC = "share of the packets that were lost",
         .quantity = "loss",
         .unit = "%",
         LOWER},
};

static const struct schema_skip iperf3_intervals_skips[] = {
	{"/sum/omitted", "true", .always = true, .why = "omitted from the run"},
};

static const struct schema load[] = {
	{.tool = "k6",
         .base = "*/metrics/*",
         .needs = SCHEMA_LIST("/type", "/contains", "/values/*"),
         SCHEMA_PLACES(k6_summary),
         SCHEMA_UNITS(k6_units),
         .rest = MEANS_IGNORED,
         .rest_what = "a detail"},
	{.tool = "k6",
         .base = "/metrics/*",
         .needs = SCHEMA_LIST("/avg", "/med", "/p(95)"),
         SCHEMA_PLACES(k6_export)},
	{.tool = "k6",
         .base = "/*",
         .needs = SCHEMA_LIST("/metric", "/type", "/data/time", "/data/value"),
         SCHEMA_PLACES(k6_points),
         SCHEMA_SKIPS(k6_points_skips),
         .rest = MEANS_IGNORED,
         .rest_what = "describes a metric"},
	{.tool = "vegeta",
         .base = "*",
         .needs = SCHEMA_LIST("/latencies/mean", "/latencies/50th", "/throughput", "/success"),
         SCHEMA_PLACES(vegeta),
         .rest = MEANS_COVARIATE,
         .rest_what = "describes the run"},
	{.tool = "oha",
         .base = "",
         .needs = SCHEMA_LIST("/summary/successRate", "/summary/requestsPerSec",
                              "/latencyPercentiles/*"),
         SCHEMA_PLACES(oha),
         .rest = MEANS_IGNORED,
         .rest_what = "a detail of the distribution"},
	{.tool = "Locust",
         .needs = SCHEMA_LIST("Timestamp", "User Count", "Name", "Requests/s", "Failures/s"),
         SCHEMA_PLACES(locust_history),
         SCHEMA_SKIPS(locust_skips)},
	{.tool = "Locust",
         .needs = SCHEMA_LIST("Name", "Request Count", "Failure Count", "Median Response Time",
                              "Requests/s"),
         SCHEMA_PLACES(locust),
         SCHEMA_SKIPS(locust_skips)},
	{.tool = "hey",
         .needs = SCHEMA_LIST("response-time", "DNS+dialup", "status-code", "offset"),
         SCHEMA_PLACES(hey),
         SCHEMA_SKIPS(hey_skips),
         .rest = MEANS_IGNORED,
         .rest_what = "a part of the request's time"},
	{.tool = "ApacheBench",
         .needs = SCHEMA_LIST("Percentage served", "Time in ms"),
         SCHEMA_PLACES(ab_percentiles)},
	{.tool = "ApacheBench",
         .needs = SCHEMA_LIST("starttime", "seconds", "ctime", "dtime", "ttime", "wait"),
         SCHEMA_PLACES(ab_requests),
         .rest = MEANS_IGNORED,
         .rest_what = "a time, or the rest of two others"},
	{.tool = "NoSQLBench",
         .needs = SCHEMA_LIST("#Tag", "Interval_Start", "Interval_Length", "p50", "p9999"),
         SCHEMA_PLACES(histostats),
         SCHEMA_SKIPS(histostats_skips)},
	{.tool = "iperf3",
         .base = "",
         .needs = SCHEMA_LIST("/start/test_start/protocol", "/end/sum*/bits_per_second"),
         SCHEMA_PLACES(iperf3),
         .rest = MEANS_COVARIATE,
         .rest_what = "describes the run"},
	{.tool = "iperf3",
         .base = "/intervals/*",
         .needs = SCHEMA_LIST("/sum/bits_per_second", "/sum/start"),
         SCHEMA_PLACES(iperf3_intervals),
         SCHEMA_SKIPS(iperf3_intervals_skips),
         .rest = MEANS_IGNORED,
         .rest_what = "a detail of the interval",
         .context_keys = SCHEMA_LIST("protocol")},
	{.tool = "iperf3",
         .base = "/start/connected/*",
         .needs = SCHEMA_LIST("/socket", "/local_host", "/remote_host"),
         .rest = MEANS_IGNORED,
         .rest_what = "between which sockets it ran"},
	{.tool = "iperf3",
         .base = "/intervals/*/streams/*",
         .needs = SCHEMA_LIST("/bits_per_second", "/socket"),
         .rest = MEANS_IGNORED,
         .rest_what = "a stream of an interval, which the interval's sum has in it"},
	{.tool = "iperf3",
         .base = "/end/streams/*",
         .needs = SCHEMA_LIST("*bits_per_second", "*socket"),
         .rest = MEANS_IGNORED,
         .rest_what = "a stream of the run, which the run's sum has in it"},
	{.tool = "JMeter",
         .needs = SCHEMA_LIST("timeStamp", "elapsed", "label", "responseCode", "success"),
         SCHEMA_PLACES(jmeter),
         .rest = MEANS_IGNORED,
         .rest_what = "describes one request"},
};

struct schema_family schemas_of_load_generators(void)
{
	return (struct schema_family){load, ARRAY_LEN(load)};
}
