/* SPDX-License-Identifier: MIT */
/* Benchmarks of a whole machine, and tools that time other programs. */
#include "agents/collector/text_tools.h"

/* clang-format off */

static const struct text_column sysbench_columns[] = {
	{"threads", KEY("sysbench")},
	{"test", KEY("sysbench")},
	{"operation", KEY("sysbench")},
	{"block size", KEY("sysbench")},
	{"sysbench", COVARIATE("sysbench")},
	{"Prime numbers limit", COVARIATE("sysbench")},
	{"events per second", HIGHER("sysbench", "throughput", "events/s")},
	{"transactions per sec.", HIGHER("sysbench", "transactions_per_second", "tx/s")},
	{"queries per sec.", HIGHER("sysbench", "queries_per_second", "queries/s")},
	{"operations per second", HIGHER("sysbench", "throughput", "ops/s")},
	{"MiB/sec", HIGHER("sysbench", "bandwidth", "MiB/s")},
	{"reads/s", HIGHER("sysbench", "throughput", "ops/s")},
	{"writes/s", HIGHER("sysbench", "throughput", "ops/s")},
	{"fsyncs/s", HIGHER("sysbench", "throughput", "ops/s")},
	{"read, MiB/s", HIGHER("sysbench", "bandwidth", "MiB/s")},
	{"written, MiB/s", HIGHER("sysbench", "bandwidth", "MiB/s")},
	{"total time", LOWER("sysbench", "time", NULL)},
	{"min", LOWER("sysbench", "latency", "ms")},
	{"avg", LOWER("sysbench", "latency", "ms")},
	{"max", LOWER("sysbench", "latency", "ms")},
	{"*percentile", LOWER("sysbench", "latency", "ms")},
	{"ignored errors", LOWER("sysbench", "ignored_errors", NULL)},
	{"reconnects", LOWER("sysbench", "reconnects", NULL)},
	{"*", IGNORED("sysbench")},
	{0}};

static const struct text_column sysbench_interval_columns[] = {
	{"thds", KEY("sysbench")},
	{"test", KEY("sysbench")},
	{"operation", KEY("sysbench")},
	{"block size", KEY("sysbench")},
	{"tps", HIGHER("sysbench", "transactions_per_second", "tx/s")},
	{"qps", HIGHER("sysbench", "queries_per_second", "queries/s")},
	{"eps", HIGHER("sysbench", "throughput", "events/s")},
	{"MiB/sec", HIGHER("sysbench", "bandwidth", "MiB/s")},
	{"reads", HIGHER("sysbench", "bandwidth", NULL)},
	{"writes", HIGHER("sysbench", "bandwidth", NULL)},
	{"lat*", LOWER("sysbench", "latency", "ms")},
	{"err/s", LOWER("sysbench", "ignored_errors", "errors/s")},
	{"reconn/s", LOWER("sysbench", "reconnects", "reconnects/s")},
	{"*", IGNORED("sysbench")},
	{0}};

static const struct text_rule sysbench_rules[] = {
	RULE(CARRY, "sysbench ", "sysbench {w:sysbench} (using {*}", .forget = true, .sign = true),
	RULE(CARRY, "Number of threads:", "Number of threads: {n:threads}"),
	RULE(CARRY, "Prime numbers limit:", "Prime numbers limit: {n:Prime numbers limit}"),
	RULE(CARRY, "Running ", "Running {t:test} test with the following options:"),
	RULE(CARRY, "Doing ", "Doing {t:test} test"),
	RULE(CARRY, "block size:", "block size: {w:block size}"),
	RULE(CARRY, "Block size ", "Block size {w:block size}"),
	RULE(CARRY, "operation:", "operation: {w:operation}"),
	RULE(ROW, "Threads started!", "Threads started!", .to = 1),
	RULE(ROW, "[ ", "[ {q:interval} ] thds: {n:thds} tps: {n:tps} qps: {n:qps} "
	     "(r/w/o: {n:r}/{n:w}/{n:o}) {k}: {n} err/s: {n:err/s} reconn/s: {n:reconn/s}",
	     .table = 1),
	RULE(ROW, "[ ", "[ {q:interval} ] thds: {n:thds} eps: {n:eps} {k}: {n}", .table = 1),
	RULE(ROW, "[ ", "[ {q:interval} ] reads: {q:reads} writes: {q:writes} fsyncs: {n:fsyncs}/s "
	     "{k}: {n}", .table = 1),
	RULE(ROW, "[ ", "[ {q:interval} ] {n:MiB/sec} MiB/sec{?} {*}", .table = 1),
	RULE(ADD, "events per second:", "events per second: {n:events per second}"),
	RULE(ADD, "events/s (eps):", "events/s (eps): {n:events per second}"),
	RULE(ADD, "transactions:",
	     "transactions: {n:transactions} ({n:transactions per sec.} per sec.)"),
	RULE(ADD, "queries:", "queries: {n:queries} ({n:queries per sec.} per sec.)"),
	RULE(ADD, "ignored errors:", "ignored errors: {n:ignored errors} ({n:} per sec.)"),
	RULE(ADD, "reconnects:", "reconnects: {n:reconnects} ({n:} per sec.)"),
	RULE(ADD, "Total operations:",
	     "Total operations: {n:Total operations} ({n:operations per second} per second)"),
	RULE(ADD, "", "{n:MiB transferred} MiB transferred ({n:MiB/sec} MiB/sec)"),
	RULE(ADD, "reads/s:", "reads/s: {n:reads/s}"),
	RULE(ADD, "writes/s:", "writes/s: {n:writes/s}"),
	RULE(ADD, "fsyncs/s:", "fsyncs/s: {n:fsyncs/s}"),
	RULE(ADD, "read, MiB/s:", "read, MiB/s: {n:read, MiB/s}"),
	RULE(ADD, "written, MiB/s:", "written, MiB/s: {n:written, MiB/s}"),
	RULE(ADD, "total time:", "total time: {q:total time}"),
	RULE(ADD, "time elapsed:", "time elapsed: {q:total time}"),
	RULE(ADD, "total number of events:", "total number of events: {n:total number of events}"),
	RULE(PASS, "Latency (ms):", "Latency (ms):", .to = 2),
	RULE(PASS, "Threads fairness:", "Threads fairness:", .to = 3),
	RULE(ADD, "", "{k}: {n}", .in = 2),
	RULE(ADD, "FATAL:", "FATAL: {t:error}"),
	{0}};

static const struct text_tool sysbench_tool =
	TOOL("sysbench", sysbench_rules, sysbench_columns, .columns[1] = sysbench_interval_columns);

static const struct text_column fio_columns[] = {
	{"job", KEY("fio")},
	{"direction", KEY("fio")},
	{"jobs", KEY("fio")},
	{"IOPS", HIGHER("fio", "iops", "ops/s")},
	{"BW", HIGHER("fio", "bandwidth", NULL)},
	{"lat avg", LOWER("fio", "latency", NULL)},
	{"clat 99.00th", LOWER("fio", "latency", NULL)},
	{"*", IGNORED("fio")},
	{0}};

/* Latencies have their unit beside their name, another one in each job: each cell has its own. */
#define FIO_LATENCY(unit, state) \
	RULE(ADD, "lat (" unit "):", "lat (" unit "): min={*}avg={n:lat avg|" unit "}, stdev={*}"), \
	RULE(PASS, "clat percentiles (" unit "):", "{*}", .to = state), \
	RULE(ADD, "|", "{*}99.00th=[~{n:clat 99.00th|" unit "}]{*}", .in = state)

static const struct text_rule fio_rules[] = {
	FIO_LATENCY("nsec", 1), FIO_LATENCY("usec", 2), FIO_LATENCY("msec", 3),
	RULE(PASS, "sync percentiles", "{*}", .to = 4),
	RULE(PASS, "slat percentiles", "{*}", .to = 4),
	RULE(PASS, "lat percentiles", "{*}", .to = 4),
	RULE(CARRY, "", "{t:job}: (groupid={n:}, jobs={n:jobs}): err=~{n:exit_code}: pid={*}",
	     .forget = true, .sign = true),
	RULE(CARRY, "", "{t:job}: (groupid={n:}, jobs={n:jobs}): err=~{n:exit_code} ({*}): pid={*}",
	     .forget = true, .sign = true),
	RULE(ROW, "", "{w:direction}: IOPS={q:IOPS}, BW={q:BW} ({*}", .sign = true),
	RULE(PASS, "Run status group", "{*}"),
	RULE(PARTIAL, "fio: ", "{*}"),
	{0}};

static const struct text_tool fio_tool =
	TOOL("fio", fio_rules, fio_columns, .one_sign = true);

static const struct text_column stress_columns[] = {
	{"stressor", KEY("stress-ng")},
	{"bogo ops/s (real time)", HIGHER("stress-ng", "throughput", "ops/s")},
	{"bogo ops/s (usr+sys time)", HIGHER("stress-ng", "throughput", "ops/s")},
	{"*", IGNORED("stress-ng")},
	{0}};

static const struct text_rule stress_rules[] = {
	RULE(PASS, "stress-ng: ", "stress-ng: {*}stressor bogo ops real time {*}", .sign = true),
	RULE(ROW, "stress-ng: ", "stress-ng: {w:} [{w:}] {w:stressor} {n:bogo ops} {n:real time} "
	     "{n:usr time} {n:sys time} {n:bogo ops/s (real time)} {n:bogo ops/s (usr+sys time)}{?} {*}"),
	RULE(PARTIAL, "stress-ng: fail", "{*}"),
	RULE(PARTIAL, "stress-ng: error", "{*}"),
	{0}};

static const struct text_tool stress_tool =
	TOOL("stress-ng", stress_rules, stress_columns);

static const struct text_column dd_columns[] = {
	{"bytes", KEY("dd")},
	{"time", LOWER("dd", "time", NULL)},
	{"rate", HIGHER("dd", "bandwidth", NULL)},
	{0}};

static const struct text_rule dd_rules[] = {
	RULE(ROW, "", "{n:bytes} bytes{*} copied, {q:time}, {q:rate}", .sign = true),
	{0}};

static const struct text_tool dd_tool =
	TOOL("dd", dd_rules, dd_columns);

static const struct text_column openssl_columns[] = {
	{"type", KEY("openssl speed")},
	{"bits", KEY("openssl speed")},
	{"block size", KEY("openssl speed")},
	{"throughput", HIGHER("openssl speed", "bandwidth", "bytes/s")},
	{"*bytes", HIGHER("openssl speed", "bandwidth", "bytes/s")},
	{"*/s", HIGHER("openssl speed", "throughput", "ops/s")},
	{"*", IGNORED("openssl speed")},
	{0}};

/*
 * One size a column; more than the usual ones are asked for with -bytes, and then there is one. The
 * times of signatures are one over their rates with hardly a digit. -mr is for machines.
 */
static const struct text_rule openssl_rules[] = {
	RULE(PASS, "+H:", "+H:16:64:256:1024:8192:16384", .sign = true),
	RULE(CARRY, "+H:", "+H:{n:block size}", .sign = true),
	RULE(ROW, "+F:", "+F:{n:}:{w:type}:{n:16 bytes}:{n:64 bytes}:{n:256 bytes}:{n:1024 bytes}:"
	     "{n:8192 bytes}:{n:16384 bytes}"),
	RULE(ROW, "+F:", "+F:{n:}:{w:type}:{n:throughput}"),
	RULE(PASS, "sign", "sign verify sign/s verify/s", .to = 4, .sign = true),
	RULE(PASS, "op", "op op/s", .to = 5),
	RULE(ROW, "", "{n:bits} bits {t:type}  {q:sign} {q:verify} {n:sign/s} {n:verify/s}", .in = 4),
	RULE(ROW, "", "{w:type} {n:bits} bits {q:sign} {q:verify} {n:sign/s} {n:verify/s}", .in = 4),
	RULE(ROW, "", "{n:bits} bits {t:type}  {q:op} {n:op/s}", .in = 5),
	RULE(PASS, "The 'numbers' are in 1000s", "The 'numbers' are in 1000s of bytes per second {*}",
	     .sign = true),
	RULE(PASS, "type ", "type 16 bytes 64 bytes 256 bytes 1024 bytes 8192 bytes 16384 bytes",
	     .to = 1),
	RULE(CARRY, "type ", "type {n:block size} bytes", .to = 3, .forget = true),
	RULE(PASS, "type ", "{*}", .to = 2),
	RULE(ROW, "", "{t:type}  {q:throughput}", .in = 3),
	RULE(ROW, "", "{t:type}  {q:16 bytes} {q:64 bytes} {q:256 bytes} {q:1024 bytes} {q:8192 bytes} "
	     "{q:16384 bytes}", .in = 1),
	{0}};

static const struct text_tool openssl_tool =
	TOOL("openssl-speed", openssl_rules, openssl_columns, .one_sign = true);

static const struct text_column zstd_columns[] = {
	{"level", KEY("zstd")},
	{"file", KEY("zstd")},
	{"ratio", HIGHER("zstd", "compression_ratio", NULL)},
	{"compression", HIGHER("zstd", "throughput", NULL)},
	{"decompression", HIGHER("zstd", "throughput", NULL)},
	{"compressed", LOWER("zstd", "size", "bytes")},
	{"*", IGNORED("zstd")},
	{0}};

/* It overwrites its line until the level stands at the end of it: what was there last counts. */
#define ZSTD(mark) \
	RULE(CARRY, mark, mark "{t:file}~: {n:size} -> {n:compressed} (x{n:ratio}), {q:compression}, " \
	     "{q:decompression}", .sign = true)

static const struct text_rule zstd_rules[] = {
	ZSTD("|-"), ZSTD("/-"), ZSTD("--"), ZSTD("\\-"),
	RULE(ROW, "", "{n:level}#", .forget = true),
	RULE(ROW, "", "{n:level}#{t:file}~: {n:size} -> {n:compressed} (x{n:ratio}), "
	     "{q:compression}~, {q:decompression}", .sign = true),
	RULE(ROW, "", "{n:level}#{t:file}~: {n:size} -> {n:compressed} ({n:ratio}), "
	     "{q:compression}~, {q:decompression}", .sign = true),
	RULE(PASS, "bench ", "bench {w:} : input {n:} bytes{*}", .to = 1),
	RULE(ROW, "-", "-{n:level} {n:compressed} ({n:ratio}) {q:compression} {q:decompression} {t:file}",
	     .in = 1, .sign = true),
	{0}};

static const struct text_tool zstd_tool =
	TOOL("zstd", zstd_rules, zstd_columns, .one_sign = true);

static const struct text_column sqlite_columns[] = {
	{"statement", KEY("sqlite3")},
	{"real", LOWER("sqlite3", "time", "s")},
	{"user", LOWER("sqlite3", "user_time", "s")},
	{"sys", LOWER("sqlite3", "system_time", "s")},
	{0}};

/*
 * The statement is there after ".echo on"; what it answers stands behind it. One of several lines
 * has no cell that names it.
 */
static const struct text_rule sqlite_rules[] = {
	RULE(ROW, "Run Time:", "Run Time: real {n:real} user {n:user} sys {n:sys}", .forget = true,
	     .sign = true, .to = 1),
	RULE(PASS, ".", ".{w:}{*}", .to = 1),
	RULE(PASS, "", "{*}", .in = 2),
	RULE(CARRY, "", "{t:statement};"),
	RULE(PASS, "", "{*}", .to = 2),
	{0}};

static const struct text_tool sqlite_tool =
	TOOL("sqlite3-timer", sqlite_rules, sqlite_columns, .ordinal = "statement");

static const struct text_column time_columns[] = {
	{"command", KEY("time")},
	{"User time (seconds)", LOWER("time", "user_time", "s")},
	{"System time (seconds)", LOWER("time", "system_time", "s")},
	{"Elapsed (wall clock) time", LOWER("time", "time", "s")},
	{"elapsed", LOWER("time", "time", "s")},
	{"real", LOWER("time", "time", "s")},
	{"user", LOWER("time", "user_time", "s")},
	{"sys", LOWER("time", "system_time", "s")},
	{"system", LOWER("time", "system_time", "s")},
	{"Maximum resident set size (kbytes)", LOWER("time", "memory", "Kbyte")},
	{"maxresident", LOWER("time", "memory", "Kbyte")},
	{"*", IGNORED("time")},
	{0}};

/* Minutes and hours have no number that could be cited: such a time stays text. */
static const struct text_rule time_rules[] = {
	RULE(ROW, "Command terminated by", "Command terminated {t:error}", .to = 2),
	RULE(ADD, "Command being timed:", "Command being timed: \"{t:command}\"", .in = 2, .to = 1),
	RULE(ADD, "Command being timed:", "Command being timed: {t:command}", .in = 2, .to = 1),
	RULE(ROW, "Command being timed:", "Command being timed: \"{t:command}\"", .to = 1),
	RULE(ROW, "Command being timed:", "Command being timed: {t:command}", .to = 1),
	RULE(ADD, "Elapsed (wall clock) time",
	     "Elapsed (wall clock) time (h:mm:ss or m:ss): 0:{n:Elapsed (wall clock) time}", .in = 1),
	RULE(ADD, "Elapsed (wall clock) time",
	     "Elapsed (wall clock) time (h:mm:ss or m:ss): {t:Elapsed (wall clock) time}", .in = 1),
	RULE(ADD, "Exit status:", "{k}: {n}", .in = 1, .to = 3),
	RULE(ADD, "Percent of CPU", "{k}: {n}%", .in = 1),
	RULE(ADD, "", "{k}: {n}", .in = 1),
	RULE(PASS, "Maximum resident", "Maximum resident set size (kbytes): {n:}", .sign = true),
	RULE(ROW, "", "{n:user}user {n:system}system 0:{n:elapsed}elapsed {n:CPU}%CPU "
	     "({n:}avgtext+{n:}avgdata {n:maxresident}maxresident)k", .sign = true),
	RULE(ROW, "", "{n:user}user {n:system}system {t:elapsed}elapsed {n:CPU}%CPU "
	     "({n:}avgtext+{n:}avgdata {n:maxresident}maxresident)k", .sign = true),
	{0}};

static const struct text_tool time_tool =
	TOOL("time", time_rules, time_columns, .one_sign = true);

static const struct text_rule bash_rules[] = {
	RULE(ROW, "real", "real 0m{n:real}s", .sign = true),
	RULE(ADD, "user", "user 0m{n:user}s", .sign = true),
	RULE(ADD, "sys", "sys 0m{n:sys}s", .sign = true),
	RULE(ROW, "real", "real {w:real}"),
	RULE(ADD, "user", "user {w:user}"),
	RULE(ADD, "sys", "sys {w:sys}"),
	{0}};

static const struct text_tool bash_tool =
	TOOL("bash-time", bash_rules, time_columns);

static const struct text_rule posix_rules[] = {
	RULE(ROW, "real", "real {n:real}", .sign = true),
	RULE(ADD, "user", "user {n:user}", .sign = true),
	RULE(ADD, "sys", "sys {n:sys}", .sign = true),
	{0}};

static const struct text_tool posix_tool =
	TOOL("posix-time", posix_rules, time_columns);

static const struct text_column mlperf_columns[] = {
	{"SUT name", KEY("MLPerf")},
	{"Scenario", KEY("MLPerf")},
	{"Mode", KEY("MLPerf")},
	{"target_latency (ns)", COVARIATE("MLPerf")},
	{"Samples per second", HIGHER("MLPerf", "throughput", "samples/s")},
	{"Tokens per second", HIGHER("MLPerf", "throughput", "tok/s")},
	{"*amples per second", HIGHER("MLPerf", "throughput", "samples/s")},
	{"*okens per second", HIGHER("MLPerf", "throughput", "tok/s")},
	{"QPS w/*", HIGHER("MLPerf", "throughput", "queries/s")},
	{"*latency (ns)", LOWER("MLPerf", "latency", "ns")},
	{"*Token (ns)", LOWER("MLPerf", "latency", "ns")},
	{"*", COVARIATE("MLPerf")},
	{0}};

/* "Result is : INVALID": a run that broke the rules of its scenario is a failed one. */
static const struct text_rule mlperf_rules[] = {
	RULE(ROW, "MLPerf Results Summary", "MLPerf Results Summary", .to = 1, .sign = true),
	RULE(ADD, "Result is", "Result is~: {w:Result}", .in = 1),
	RULE(PASS, "*", "{*}", .in = 1),
	RULE(PARTIAL, "", "{n:} ERROR{*}", .in = 1),
	RULE(PARTIAL, "", "{n:} error{*} encountered{*}", .in = 1),
	RULE(ADD, "", "{k}~: {v}", .in = 1),
	{0}};

static const struct text_tool mlperf_tool =
	TOOL("mlperf", mlperf_rules, mlperf_columns);

/* clang-format on */

const struct text_tool *const text_tools_system[] = {
	&sysbench_tool, &fio_tool,  &stress_tool, &dd_tool,    &openssl_tool, &zstd_tool,
	&sqlite_tool,   &time_tool, &bash_tool,   &posix_tool, &mlperf_tool,  NULL};
