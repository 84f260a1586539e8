/* SPDX-License-Identifier: MIT */
/* Load generators and storage: what they wrote, and what becomes of it. */
#include <criterion/criterion.h>

#include "tests/unit/analyst/tool.h"

static struct builder b;

static void done(void)
{
	build_done(&b);
}

TestSuite(schemas_load, .fini = done);

static const char k6[] =
	"{\"root_group\": {\"name\": \"\", \"path\": \"\"}, \"state\": {\"testRunDurationMs\": "
	"30012.5},"
	"\"metrics\": {\"http_req_duration\": {\"type\": \"trend\", \"contains\": \"time\", "
	"\"values\":"
	"{\"avg\": 12.5, \"min\": 3.1, \"med\": 10.2, \"max\": 99.5, \"p(90)\": 20.5, \"p(95)\": "
	"31.5},"
	"\"thresholds\": {\"p(95)<20\": {\"ok\": false}}}, \"http_req_waiting\": {\"type\": "
	"\"trend\","
	"\"contains\": \"time\", \"values\": {\"avg\": 11.5, \"min\": 3.0, \"med\": 9.2, \"max\": "
	"98.5,"
	"\"p(90)\": 19.5, \"p(95)\": 30.5}}, \"http_req_tls_handshaking\": {\"type\": \"trend\","
	"\"contains\": \"time\", \"values\": {\"avg\": 1.5, \"min\": 0.5, \"med\": 1.25, \"max\": "
	"2.5,"
	"\"p(90)\": 2.0, \"p(95)\": 2.25}}}}";

Test(schemas_load, k6_times_are_milliseconds_and_the_median_stands_for_them)
{
	TOOL_EXPECT_OF(&b, "summary.json", k6, A_KEY("metric"),
	               A_METRIC("med", "time", "ms", LOWER), RESTATES("avg", "time", "ms", LOWER),
	               A_METRIC("p(95)", "time", "ms", LOWER),
	               RESTATES("p(90)", "time", "ms", LOWER), RESTATES("max", "time", "ms", LOWER),
	               A_COVARIATE("contains"));
	cr_expect_float_eq(
		find_fact(&b.dossier, "med", STAT_VALUE, "metric=http_req_duration")->value, 10.2,
		0);
}

static const char k6_points[] =
	"{\"type\":\"Metric\",\"data\":{\"name\":\"vus\",\"type\":\"gauge\"},\"metric\":\"vus\"}\n"
	"{\"metric\":\"http_reqs\",\"type\":\"Point\",\"data\":{\"time\":\"2024-05-01T10:00:00Z\","
	"\"value\":1.5,\"tags\":{\"status\":\"200\"}}}\n"
	"{\"metric\":\"http_reqs\",\"type\":\"Point\",\"data\":{\"time\":\"2024-05-01T10:00:01Z\","
	"\"value\":2.5,\"tags\":{\"status\":\"200\"}}}\n"
	"{\"metric\":\"vus\",\"type\":\"Point\",\"data\":{\"time\":\"2024-05-01T10:00:01Z\","
	"\"value\":10,\"tags\":null}}\n";

Test(schemas_load, k6_points_are_values_of_metrics_and_descriptions_are_none)
{
	TOOL_EXPECT_OF(&b, "points.json", k6_points, A_KEY("metric"), IS_IGNORED("time"),
	               A_METRIC("value", NULL, NULL, NONE));
	cr_expect_eq(tool_left_out(&b, "describes a metric, is no value of it"), 1);
	cr_expect_float_eq(find_fact(&b.dossier, "value", STAT_MEAN, "metric=http_reqs")->value, 2,
	                   0);
}

static const char vegeta[] =
	"{\"latencies\":{\"total\":237119463,\"mean\":2371194,\"50th\":2854306,\"90th\":3228223,"
	"\"95th\":3478629,\"99th\":3530000,\"max\":3660505,\"min\":1949582},\"bytes_in\":{"
	"\"total\":"
	"606700,\"mean\":6067},\"bytes_out\":{\"total\":0,\"mean\":0},\"earliest\":"
	"\"2015-09-19T14:45:50.645818631+02:00\",\"latest\":\"2015-09-19T14:45:51.635818575+02:"
	"00\","
	"\"end\":\"2015-09-19T14:45:51.639325797+02:00\",\"duration\":989999944,\"wait\":3507222,"
	"\"requests\":100,\"rate\":101.01010672380401,\"throughput\":101.00012489812,\"success\":1,"
	"\"status_codes\":{\"200\":100},\"errors\":[]}";

Test(schemas_load, vegeta_measures_in_nanoseconds)
{
	TOOL_EXPECT_OF(&b, "vegeta.json", vegeta, A_METRIC("50th", "latency", "ns", LOWER),
	               A_METRIC("99th", "latency", "ns", LOWER),
	               RESTATES("mean", "latency", "ns", LOWER),
	               RESTATES("total", "latency", "ns", LOWER),
	               A_METRIC("throughput", "throughput", "req/s", HIGHER),
	               A_METRIC("success", "success_rate", NULL, HIGHER), A_COVARIATE("rate"),
	               IS_IGNORED("requests"));
}

static const char oha[] =
	"{\"summary\":{\"successRate\":1.0,\"total\":1.5,\"slowest\":0.25,\"fastest\":0.001,"
	"\"average\":0.0125,\"requestsPerSec\":4000.5,\"totalData\":600,\"sizePerRequest\":6,"
	"\"sizePerSec\":24000.5},\"responseTimeHistogram\":{\"0.001\":1,\"0.02\":5},"
	"\"latencyPercentiles\":{\"p10\":0.002,\"p50\":0.01,\"p90\":0.02,\"p99\":0.125,"
	"\"p99.9\":0.2},\"rps\":{\"mean\":3990.5,\"stddev\":100.5},\"statusCodeDistribution\":"
	"{\"200\":100},\"errorDistribution\":{}}";

Test(schemas_load, oha_measures_in_seconds)
{
	TOOL_EXPECT_OF(
		&b, "oha.json", oha, A_METRIC("requestsPerSec", "throughput", "req/s", HIGHER),
		A_METRIC("p50", "latency", "s", LOWER), A_METRIC("p99", "latency", "s", LOWER),
		RESTATES("average", "latency", "s", LOWER),
		RESTATES("slowest", "latency", "s", LOWER), IS_IGNORED("0.001"));
}

static const char locust[] =
	"Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,"
	"Min Response Time,Max Response Time,Average Content "
	"Size,Requests/s,Failures/s,50%,66%,75%,"
	"80%,90%,95%,98%,99%,99.9%,99.99%,100%\n"
	"GET,/cart,100,0,12,13.5,3,99,512,10.5,0.0,12,14,15,17,20,30,40,50,99,99,99\n"
	"GET,/shop,200,2,22,23.5,5,199,512,20.5,0.2,22,24,25,27,30,40,50,60,199,199,199\n"
	",Aggregated,300,2,19,20.1,3,199,512,31.0,0.2,19,24,25,27,30,40,50,60,199,199,199\n";

Test(schemas_load, the_sum_of_locust_is_no_request_of_its_own)
{
	TOOL_EXPECT_OF(&b, "run_stats.csv", locust, A_KEY("Name"), A_KEY("Type"),
	               A_METRIC("Median Response Time", "latency", "ms", LOWER),
	               A_METRIC("99%", "latency", "ms", LOWER),
	               RESTATES("Average Response Time", "latency", "ms", LOWER),
	               RESTATES("95%", "latency", "ms", LOWER),
	               A_METRIC("Requests/s", "throughput", "req/s", HIGHER),
	               A_METRIC("Failures/s", "failure_rate", "req/s", LOWER),
	               IS_IGNORED("Request Count"));
	cr_expect_eq(tool_left_out(&b, "sums up the rows beside it"), 1);
	cr_expect_eq(b.dossier.groups[0].n_configurations, 2);
}

static const char jtl[] =
	"timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,"
	"failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect\n"
	"1700000000000,120,Login,200,OK,T 1-1,text,true,,500,100,1,1,http://a/login,110,0,10\n"
	"1700000000200,140,Login,200,OK,T 1-1,text,true,,500,100,1,1,http://a/login,130,0,11\n"
	"1700000000300,5,Login,500,Oops,T 1-2,text,false,bad,50,100,2,2,http://a/login,5,0,1\n"
	"1700000000400,20,List,200,OK,T 1-1,text,true,,900,100,2,2,http://a/list,18,0,0\n";

Test(schemas_load, what_jmeter_says_failed_is_not_counted)
{
	const struct fact *f;

	TOOL_EXPECT_OF(&b, "run.csv", jtl, A_KEY("label"),
	               A_METRIC("elapsed", "latency", "ms", LOWER),
	               A_METRIC("Latency", "time_to_first_byte", "ms", LOWER),
	               A_METRIC("Connect", "connect_time", "ms", LOWER), IS_IGNORED("success"),
	               IS_IGNORED("threadName"), IS_IGNORED("bytes"), IS_IGNORED("URL"));
	f = find_fact(&b.dossier, "elapsed", STAT_MEAN, "label=Login");
	cr_assert_not_null(f);
	cr_expect_float_eq(f->value, 130, 0);
}

Test(schemas_load, percentiles_are_no_repetitions)
{
	TOOL_EXPECT(&b, "fixture:ab/percentiles.csv", A_KEY("Percentage served"),
	            A_METRIC("Time in ms", "latency", "ms", LOWER));
	build_done(&b);
	TOOL_EXPECT(&b, "fixture:ab/requests.tsv", IS_IGNORED("seconds"), IS_IGNORED("starttime"),
	            A_METRIC("ttime", "latency", "ms", LOWER),
	            A_METRIC("wait", "time_to_first_byte", "ms", LOWER));
}

Test(schemas_load, hey_measures_in_seconds)
{
	TOOL_EXPECT(&b, "fixture:hey/requests.csv", IS_IGNORED("offset"), IS_IGNORED("status-code"),
	            A_METRIC("response-time", "latency", "s", LOWER));
}

Test(schemas_load, iperf3_is_told_by_what_was_received)
{
	TOOL_EXPECT(&b, "fixture:iperf3/tcp.json", A_KEY("protocol"), A_KEY("num_streams"),
	            A_METRIC("bits_per_second", "throughput", "bit/s", HIGHER),
	            A_COVARIATE("cookie"), A_METRIC("retransmits", "retransmits", NULL, LOWER));
	cr_expect_eq(b.dossier.n_groups, 2, "the run, and its intervals");
}

Test(schemas_load, intervals_of_iperf3_are_repetitions_but_for_those_omitted)
{
	const struct fact *f;

	TOOL_EXPECT(&b, "fixture:iperf3/omit.json", A_KEY("protocol"),
	            A_METRIC("bits_per_second", "throughput", "bit/s", HIGHER));
	cr_expect_eq(tool_left_out(&b, "omitted from the run"), 1);
	f = find_fact(&b.dossier, "bits_per_second", STAT_MEDIAN, "");
	cr_assert_not_null(f);
	cr_expect_eq(f->n, 2);
}

Test(schemas_load, iperf3_measures_both_directions)
{
	size_t rates = 0;

	TOOL_EXPECT(&b, "fixture:iperf3/bidir.json",
	            A_METRIC("bits_per_second", "throughput", "bit/s", HIGHER));
	cr_expect_eq(b.dossier.n_groups, 2);
	for (size_t i = 0; i < b.dossier.n_facts; i++) {
		const struct fact *f = &b.dossier.facts[i];

		rates += f->metric && strcmp(f->metric, "bits_per_second") == 0 &&
		         (f->statistic == STAT_VALUE || f->statistic == STAT_MEDIAN);
	}
	cr_expect_eq(rates, 6, "four sums, two lists of intervals: %zu", rates);
}

Test(schemas_load, fio_measures_what_a_job_does_and_not_the_zeros_of_the_rest)
{
	TOOL_EXPECT(&b, "fixture:fio/jobs.json", A_KEY("jobname"),
	            A_METRIC("bw_bytes", "throughput", "bytes/s", HIGHER),
	            A_METRIC("iops", "throughput", "ops/s", HIGHER),
	            A_METRIC("99.000000", "latency", "ns", LOWER), IS_IGNORED("io_bytes"),
	            RESTATES("50.000000", "latency", "ns", LOWER), IS_IGNORED("groupid"));
	for (size_t i = 0; i < b.dossier.n_facts; i++)
		cr_expect(!b.dossier.facts[i].metric ||
		          strcmp(b.dossier.facts[i].metric, "iops") != 0 ||
		          b.dossier.facts[i].value > 0);
}

Test(schemas_load, a_job_of_fio_that_met_an_error_failed)
{
	cr_assert(tool_read(&b, "fixture:fio/failing.json"));
	cr_expect_eq(b.dossier.n_groups, 0);
	cr_expect_eq(b.dossier.inventory.artifacts[0].status, STATUS_PARTIAL);
}

static const char clickbench[] = "{\"system\": \"DuckDB\", \"date\": \"2024-05-01\", \"machine\": "
				 "\"c6a.4xlarge, 500gb gp2\","
				 "\"cluster_size\": 1, \"load_time\": 420.5, \"data_size\": "
				 "14000000000, \"tags\": [\"C++\"],"
				 "\"result\": [[0.5, 0.25, 0.125], [1.5, null, 1.25]]}";

Test(schemas_load, clickbench_names_its_machine)
{
	TOOL_EXPECT_OF(&b, "duckdb.json", clickbench, A_KEY("system"), A_COVARIATE("machine"),
	               A_METRIC("load_time", "load_time", "s", LOWER),
	               A_METRIC("data_size", "memory", "bytes", LOWER),
	               A_METRIC("result 0", "time", "s", LOWER));
	cr_expect_str_eq(b.dossier.inventory.artifacts[0].machine, "c6a.4xlarge, 500gb gp2");
}

Test(schemas_load, each_query_of_clickbench_is_a_metric_of_three_tries)
{
	const struct fact *f;

	TOOL_EXPECT(&b, "fixture:clickbench/complete.json", A_KEY("system"),
	            A_METRIC("result 0", "time", "s", LOWER),
	            A_METRIC("result 2", "time", "s", LOWER));
	cr_expect_eq(b.dossier.n_groups, 1);
	f = find_fact(&b.dossier, "result 1", STAT_MEDIAN, "");
	cr_assert_not_null(f);
	cr_expect_eq(f->n, 3);
	cr_expect_float_eq(f->value, 293.601, 0);
}

Test(schemas_load, a_query_of_clickbench_that_failed_is_told_and_not_counted)
{
	TOOL_EXPECT(&b, "fixture:clickbench/failing.json", IS_IGNORED("result 3"),
	            IS_IGNORED("result 4"), A_METRIC("result 2", "time", "s", LOWER));
	cr_expect_eq(b.dossier.inventory.artifacts[0].status, STATUS_PARTIAL);
}

Test(schemas_load, a_run_of_which_most_requests_failed_is_no_measurement)
{
	static const char *const failing[] = {"fixture:ab/failing.txt", "fixture:ab/refused.txt",
	                                      "fixture:wrk/failing.txt", "fixture:hey/failing.txt",
	                                      "fixture:hey/refused.txt"};

	for (size_t i = 0; i < ARRAY_LEN(failing); i++) {
		cr_assert(tool_read(&b, failing[i]));
		cr_expect_eq(b.dossier.n_groups, 0, "%s", failing[i]);
		cr_expect_eq(b.dossier.inventory.artifacts[0].status, STATUS_PARTIAL, "%s",
		             failing[i]);
		build_done(&b);
	}
	cr_assert(tool_read(&b, "fixture:wrk/failing.txt"));
	cr_expect_not_null(strstr(
		b.dossier.inventory.artifacts[0].reason,
		"1 of 1 rows failed (Non-2xx or 3xx responses tells that half failed, or more)"));
}

Test(schemas_load, a_run_of_which_few_requests_failed_counts_and_is_named)
{
	static const char *const flaky[] = {"fixture:ab/flaky.txt", "fixture:wrk/flaky.txt",
	                                    "fixture:hey/flaky.txt"};

	for (size_t i = 0; i < ARRAY_LEN(flaky); i++) {
		if (i)
			build_done(&b);
		cr_assert(tool_read(&b, flaky[i]));
		cr_expect_eq(b.dossier.n_groups, 1, "%s", flaky[i]);
		cr_expect_eq(b.dossier.inventory.artifacts[0].status, STATUS_PARTIAL, "%s",
		             flaky[i]);
	}
}

Test(schemas_load, failed_requests_are_counted_in_tables_too)
{
	tool_read_text(&b, "run_stats.csv",
	               "Type,Name,Request Count,Failure Count,Median Response Time,Requests/s\n"
	               "GET,/a,100,60,5,10.5\nGET,/b,100,2,22,20.5\n");
	cr_assert_eq(b.dossier.n_groups, 1);
	cr_expect_str_eq(b.dossier.inventory.artifacts[0].reason,
	                 "1 of 2 rows failed (Failure Count tells that half failed, or more)");
	build_done(&b);
	tool_read_text(&b, "vegeta.json",
	               "{\"latencies\":{\"mean\":2371194,\"50th\":2854306,\"99th\":3530000},"
	               "\"throughput\":10.5,\"success\":0.25,\"requests\":100}");
	cr_expect_eq(b.dossier.n_groups, 0);
}

Test(schemas_load, what_wrk_transfers_is_told_each_second)
{
	TOOL_EXPECT(&b, "fixture:wrk/plain.txt", A_KEY("url"),
	            A_METRIC("Transfer/sec", "bandwidth", "KB/s", HIGHER));
}

Test(schemas_load, statements_of_sqlite_are_told_apart)
{
	TOOL_EXPECT(&b, "fixture:sqlite3/timer.txt", A_KEY("statement"),
	            A_METRIC("real", "time", "s", LOWER));
	cr_assert_eq(b.dossier.groups[0].n_configurations, 4);
	cr_expect_str_eq(tool_subject(&b, 0, 1), "statement=2");
	build_done(&b);
	cr_assert(tool_read(&b, "fixture:sqlite3/echo.txt"));
	cr_assert_eq(b.dossier.groups[0].n_configurations, 4);
	cr_expect_str_eq(tool_subject(&b, 0, 0),
	                 "statement=SELECT count(*) FROM t WHERE b = 'row 13'");
	cr_expect_str_eq(tool_subject(&b, 0, 1), "statement=3", "of several lines");
}

Test(schemas_load, counters_of_perf_are_numbers_in_quotes)
{
	TOOL_EXPECT(&b, "fixture:perf/stat.json", A_KEY("event"), A_COVARIATE("pcnt-running"),
	            A_METRIC("counter-value", "time", "ms", LOWER));
	cr_expect_eq(tool_left_out(&b, "the event was not counted"), 4);
	cr_expect_eq(b.dossier.groups[0].n_configurations, 4);
	build_done(&b);
	cr_assert(tool_read(&b, "fixture:perf/stat.csv"));
	cr_expect_str_eq(b.dossier.inventory.artifacts[0].reason,
	                 "line 7: <not supported>,,cycles,0,100.00,,");
}

Test(schemas_load, openssl_is_read_whatever_it_is_asked_for)
{
	TOOL_EXPECT(&b, "fixture:openssl/asym.txt", A_KEY("type"), A_KEY("bits"),
	            A_METRIC("sign/s", "throughput", "ops/s", HIGHER),
	            A_METRIC("verify/s", "throughput", "ops/s", HIGHER), IS_IGNORED("sign"));
	cr_expect_float_eq(find_fact(&b.dossier, "sign/s", STAT_VALUE, "type=rsa,bits=1024")->value,
	                   7959.1, 0);
	build_done(&b);
	TOOL_EXPECT(&b, "fixture:openssl/sha256-bytes.txt", A_KEY("block size"),
	            A_METRIC("throughput", "bandwidth", "bytes/s", HIGHER));
	build_done(&b);
	TOOL_EXPECT(&b, "fixture:openssl/mr.txt", A_KEY("type"),
	            A_METRIC("16384 bytes", "bandwidth", "bytes/s", HIGHER));
}

Test(schemas_load, percentiles_of_a_histogram_are_no_repetitions)
{
	TOOL_EXPECT(&b, "fixture:hdrhistogram/percentiles.txt", A_KEY("Percentile"),
	            A_METRIC("Value", "latency", NULL, LOWER),
	            A_METRIC("Mean", "latency", NULL, LOWER));
	cr_expect_eq(b.dossier.groups[0].metrics[0].best, 0, "each is about something else");
	cr_expect_float_eq(
		find_fact(&b.dossier, "Value", STAT_VALUE, "Percentile=0.100000000000")->value,
		0.182, 0);
}

Test(schemas_load, latencies_in_the_text_of_fio_have_a_unit_each_and_are_one_metric)
{
	TOOL_EXPECT(&b, "fixture:fio/units.txt", A_KEY("job"), A_KEY("direction"),
	            A_METRIC("lat avg", "latency", "ms", LOWER),
	            A_METRIC("clat 99.00th", "latency", "ms", LOWER));
	cr_expect_float_eq(
		find_fact(&b.dossier, "clat 99.00th", STAT_VALUE, "job=large-write")->value, 584,
		0);
	cr_expect_float_eq(
		find_fact(&b.dossier, "clat 99.00th", STAT_VALUE, "job=small-read")->value,
		0.002352, 1e-9);
}

Test(schemas_load, statistics_of_nosqlbench_may_be_of_anything)
{
	TOOL_EXPECT(&b, "sample:otava_csv/histostat.csv", A_KEY("#Tag"),
	            IS_IGNORED("Interval_Start"), A_METRIC("p50", NULL, NULL, NONE),
	            RESTATES("p999", NULL, NULL, NONE));
	cr_expect_eq(tool_left_out(&b, "nothing was measured in the interval"), 9);
}
