/* SPDX-License-Identifier: MIT */
/* Load generators: what they print about a server or a network. */
#include "agents/collector/text_tools.h"

/* clang-format off */

static const struct text_column wrk_columns[] = {
	{"url", KEY("wrk")},
	{"threads", KEY("wrk")},
	{"connections", KEY("wrk")},
	{"test", IGNORED("wrk")},
	{"requests", COUNTS("wrk", QUANTITY_ATTEMPTS)},
	{"Requests/sec", HIGHER("wrk", "requests_per_second", "req/s")},
	{"Transfer/sec", HIGHER("wrk", "bandwidth", "/s")},
	{"Latency Stdev", IGNORED("wrk")},
	{"Latency *", LOWER("wrk", "latency", NULL)},
	{"*%", LOWER("wrk", "latency", NULL)},
	{"Non-2xx or 3xx responses", LOWER("wrk", QUANTITY_ERRORS, NULL)},
	{"errors *", LOWER("wrk", QUANTITY_ERRORS, NULL)},
	{"*", IGNORED("wrk")},
	{0}};

static const struct text_rule wrk_rules[] = {
	RULE(ROW, "Running ", "Running {q:test} test @ {w:url}", .to = 1),
	RULE(ROW, "unable to connect to", "{t:error}", .to = 1),
	RULE(ADD, "", "{n:threads} threads and {n:connections} connections", .in = 1),
	RULE(PASS, "Thread Stats", "Thread Stats Avg Stdev {*}", .sign = true),
	RULE(ADD, "Latency ", "Latency {q:Latency Avg} {q:Latency Stdev} {q:Latency Max} {n:}%"),
	RULE(ADD, "Req/Sec", "Req/Sec {q:Req/Sec Avg} {q:Req/Sec Stdev} {q:Req/Sec Max} {n:}%"),
	RULE(PASS, "Latency Distribution", "{*}", .to = 2),
	RULE(ADD, "", "{n:requests} requests in {q:time}, {q:read} read", .to = 1),
	RULE(ADD, "", "{u} {q}", .in = 2),
	RULE(ADD, "Socket errors:",
	     "Socket errors: connect {n:errors connect}, read {n:errors read}, "
	     "write {n:errors write}, timeout {n:errors timeout}", .partial = true),
	RULE(ADD, "Non-2xx", "Non-2xx or 3xx responses: {n:Non-2xx or 3xx responses}", .partial = true),
	RULE(ADD, "Requests/sec:", "Requests/sec: {n:Requests/sec}"),
	RULE(ADD, "Transfer/sec:", "Transfer/sec: {q:Transfer/sec}"),
	{0}};

static const struct text_tool wrk_tool =
	TOOL("wrk", wrk_rules, wrk_columns);

static const struct text_column ab_columns[] = {
	{"Server Hostname", KEY("ab")},
	{"Server Port", KEY("ab")},
	{"Document Path", KEY("ab")},
	{"Concurrency Level", KEY("ab")},
	{"Server Software", COVARIATE("ab")},
	{"Requests per second", HIGHER("ab", "requests_per_second", "req/s")},
	{"Time per request", LOWER("ab", "latency", "ms")},
	{"*%", LOWER("ab", "latency", "ms")},
	{"Transfer rate", HIGHER("ab", "bandwidth", "Kbyte/s")},
	{"Complete requests", COUNTS("ab", QUANTITY_ATTEMPTS)},
	{"Failed requests", LOWER("ab", "failed_requests", NULL)},
	{"Non-2xx responses", LOWER("ab", QUANTITY_ERRORS, NULL)},
	{"failed to *", LOWER("ab", QUANTITY_ERRORS, NULL)},
	{"*", IGNORED("ab")},
	{0}};

static const struct text_rule ab_rules[] = {
	RULE(ROW, "This is ApacheBench", "This is ApacheBench, Version {*}", .to = 1, .sign = true),
	RULE(ADD, "Server Software:", "Server Software: {t:Server Software}"),
	RULE(ADD, "Server Hostname:", "Server Hostname: {w:Server Hostname}"),
	RULE(ADD, "Server Port:", "Server Port: {n:Server Port}"),
	RULE(ADD, "Document Path:", "Document Path: {t:Document Path}"),
	RULE(ADD, "Concurrency Level:", "Concurrency Level: {n:Concurrency Level}"),
	RULE(ADD, "Time taken for tests:", "Time taken for tests: {q:Time taken for tests}"),
	RULE(ADD, "Complete requests:", "Complete requests: {n:Complete requests}"),
	RULE(ADD, "Failed requests:", "Failed requests: {n:Failed requests}"),
	RULE(ADD, "(Connect:", "(Connect: {n:failed to connect}, Receive: {n:failed to receive}, "
	     "Length: {n:of another length}, Exceptions: {n:failed to go on})", .partial = true),
	RULE(ADD, "Non-2xx responses:", "Non-2xx responses: {n:Non-2xx responses}", .partial = true),
	RULE(ADD, "Requests per second:", "Requests per second: {n:Requests per second} [#/sec] {*}",
	     .sign = true),
	RULE(ADD, "Time per request:", "Time per request: {n:Time per request} [ms] (mean)"),
	RULE(ADD, "Transfer rate:", "Transfer rate: {n:Transfer rate} [Kbytes/sec] received"),
	RULE(PASS, "Percentage of the requests served", "{*}", .to = 2),
	RULE(ADD, "", "{u} {n}{?} (longest request)", .in = 2),
	RULE(ADD, "apr_", "{t:error}", .partial = true),
	RULE(ADD, "Benchmarking ", "Benchmarking {*}apr_{t:error}", .partial = true),
	{0}};

static const struct text_tool ab_tool =
	TOOL("ab", ab_rules, ab_columns, .one_sign = true);

static const struct text_column h2load_columns[] = {
	{"Application protocol", KEY("h2load")},
	{"clients", KEY("h2load")},
	{"total requests", KEY("h2load")},
	{"req/s", HIGHER("h2load", "requests_per_second", "req/s")},
	{"throughput", HIGHER("h2load", "bandwidth", NULL)},
	{"total", COUNTS("h2load", QUANTITY_ATTEMPTS)},
	{"failed", LOWER("h2load", QUANTITY_ERRORS, NULL)},
	{"errored", IGNORED("h2load")},
	{"timeout", IGNORED("h2load")},
	{"time for request mean", LOWER("h2load", "latency", NULL)},
	{"time for request min", LOWER("h2load", "latency", NULL)},
	{"time for request max", LOWER("h2load", "latency", NULL)},
	{"time to 1st byte mean", LOWER("h2load", "latency", NULL)},
	{"*", IGNORED("h2load")},
	{0}};

static const struct text_rule h2load_rules[] = {
	RULE(ROW, "starting benchmark", "starting benchmark..."),
	RULE(ADD, "spawning thread #0:",
	     "spawning thread #0: {n:clients} total client(s). {n:total requests} total requests"),
	RULE(ADD, "Application protocol:", "Application protocol: {w:Application protocol}"),
	RULE(ADD, "finished in", "finished in {q:finished in}, {n:req/s} req/s, {q:throughput}",
	     .sign = true),
	RULE(ADD, "requests:",
	     "requests: {n:total} total, {n:started} started, {n:done} done, {n:succeeded} succeeded, "
	     "{n:failed} failed, {n:errored} errored, {n:timeout} timeout", .sign = true),
	RULE(ADD, "time for request:", "time for request: {q:time for request min} "
	     "{q:time for request max} {q:time for request mean} {q:time for request sd} {*}"),
	RULE(ADD, "time to 1st byte:", "time to 1st byte: {q:time to 1st byte min} "
	     "{q:time to 1st byte max} {q:time to 1st byte mean} {q:time to 1st byte sd} {*}"),
	{0}};

static const struct text_tool h2load_tool =
	TOOL("h2load", h2load_rules, h2load_columns);

static const struct text_column hey_columns[] = {
	{"Requests/sec", HIGHER("hey", "requests_per_second", "req/s")},
	{"Slowest", LOWER("hey", "latency", NULL)},
	{"Fastest", LOWER("hey", "latency", NULL)},
	{"Average", LOWER("hey", "latency", NULL)},
	{"*%", LOWER("hey", "latency", NULL)},
	{"[2*", COUNTS("hey", QUANTITY_PASSED)},
	{"[3*", COUNTS("hey", QUANTITY_PASSED)},
	{"[*", LOWER("hey", QUANTITY_ERRORS, NULL)},
	{"errors", LOWER("hey", QUANTITY_ERRORS, NULL)},
	{"*", IGNORED("hey")},
	{0}};

static const struct text_rule hey_rules[] = {
	RULE(ROW, "Summary:", "Summary:", .to = 1),
	RULE(ADD, "Total:", "Total: {q:Total}", .in = 1),
	RULE(ADD, "Slowest:", "Slowest: {q:Slowest}", .in = 1, .sign = true),
	RULE(ADD, "Fastest:", "Fastest: {q:Fastest}", .in = 1, .sign = true),
	RULE(ADD, "Average:", "Average: {q:Average}", .in = 1),
	RULE(ADD, "Requests/sec:", "Requests/sec: {n:Requests/sec}", .in = 1, .sign = true),
	RULE(PASS, "Latency distribution:", "{*}", .to = 2),
	RULE(PASS, "Details", "{*}", .to = 3),
	RULE(PASS, "Status code distribution:", "{*}", .to = 4),
	RULE(PASS, "0% in 0.0000", "{*}", .in = 2),
	RULE(ADD, "", "{u} in {q}", .in = 2),
	RULE(ADD, "[2", "{u} {n} responses", .in = 4),
	RULE(ADD, "[3", "{u} {n} responses", .in = 4),
	RULE(ADD, "[", "{u} {n} responses", .in = 4, .partial = true),
	RULE(PARTIAL, "Error distribution:", "{*}", .to = 5),
	RULE(ADD, "[", "[{n:errors}] {*}", .in = 5),
	{0}};

static const struct text_tool hey_tool =
	TOOL("hey", hey_rules, hey_columns);

static const struct text_column hdr_columns[] = {
	{"Percentile", KEY("HdrHistogram")},
	{"Value", LOWER("HdrHistogram", "latency", NULL)},
	{"Mean", LOWER("HdrHistogram", "latency", NULL)},
	{"Max", LOWER("HdrHistogram", "latency", NULL)},
	{"*", IGNORED("HdrHistogram")},
	{0}};

/* The values are in whatever was recorded, divided by whatever was asked for. */
static const struct text_rule hdr_rules[] = {
	RULE(PASS, "Value", "Value Percentile TotalCount 1/(1-Percentile)", .to = 1, .sign = true),
	RULE(ROW, "#[Mean", "#[Mean = {n:Mean}, StdDeviation = {n:StdDeviation}]", .in = 1, .table = 1),
	RULE(ADD, "#[Max", "#[Max = {n:Max}, Total{*}= {n:TotalCount}]", .in = 1, .to = 2, .table = 1),
	RULE(ROW, "", "{n:Value} {n:Percentile} {n:TotalCount}{?} {*}", .in = 1),
	{0}};

static const struct text_tool hdr_tool =
	TOOL("HdrHistogram", hdr_rules, hdr_columns, .columns[1] = hdr_columns);

static const struct text_column iperf_columns[] = {
	{"host", KEY("iperf")},
	{"ID", KEY("iperf")},
	{"role", KEY("iperf")},
	{"Bitrate", HIGHER("iperf", "bandwidth", NULL)},
	{"Retr", LOWER("iperf", "retransmits", NULL)},
	{"Jitter", LOWER("iperf", "jitter", NULL)},
	{"*", IGNORED("iperf")},
	{0}};

/* The sums at the end name their side; what names none is an interval. */
static const struct text_rule iperf_rules[] = {
	RULE(CARRY, "Connecting to host", "Connecting to host {w:host}, port {n:port}", .forget = true),
	RULE(PASS, "[ ID]", "[ ID] Interval Transfer B{*}", .sign = true),
	RULE(ROW, "[", "[~{w:ID}] {w:Interval} sec {q:Transfer} {q:Bitrate} {n:Retr} {q:Cwnd}",
	     .table = 1),
	RULE(ROW, "[", "[~{w:ID}] {w:Interval} sec {q:Transfer} {q:Bitrate} {q:Jitter} "
	     "{w:Lost/Total} ({n:lost}%) {w:role}"),
	RULE(ROW, "[", "[~{w:ID}] {w:Interval} sec {q:Transfer} {q:Bitrate} {q:Jitter} "
	     "{w:Lost/Total} ({n:lost}%)", .table = 1),
	RULE(ROW, "[", "[~{w:ID}] {w:Interval} sec {q:Transfer} {q:Bitrate} {n:Retr} {w:role}"),
	RULE(ROW, "[", "[~{w:ID}] {w:Interval} sec {q:Transfer} {q:Bitrate} {n:Datagrams}", .table = 1),
	RULE(ROW, "[", "[~{w:ID}] {w:Interval} sec {q:Transfer} {q:Bitrate} {w:role}"),
	RULE(ROW, "[", "[~{w:ID}] {w:Interval} sec {q:Transfer} {q:Bitrate}", .table = 1),
	RULE(PARTIAL, "iperf3: error", "{*}"),
	{0}};

static const struct text_tool iperf_tool =
	TOOL("iperf", iperf_rules, iperf_columns, .columns[1] = iperf_columns);

/* clang-format on */

const struct text_tool *const text_tools_load[] = {&wrk_tool, &ab_tool,    &h2load_tool, &hey_tool,
                                                   &hdr_tool, &iperf_tool, NULL};
