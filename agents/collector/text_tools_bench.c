/* SPDX-License-Identifier: MIT */
/* Micro-benchmarks: what their runners print. */
#include "agents/collector/text_tools.h"

/* clang-format off */

/*
 * https://go.googlesource.com/proposal/+/master/design/14313-benchmark-format.md: "key: value" lines
 * hold for the results that follow; a result is a name, a number of iterations, and values with
 * their units. Repetitions (-count) are lines of one name.
 */
static const struct text_column go_columns[] = {
	{"name", KEY("Go benchmarks")},
	{"iterations", IGNORED("Go benchmarks")},
	{"pkg", KEY("Go benchmarks")},
	{"goos", COVARIATE("Go benchmarks")},
	{"goarch", COVARIATE("Go benchmarks")},
	{"cpu", COVARIATE("Go benchmarks")},
	{"ns/op", LOWER("Go benchmarks", "time", "ns/op")},
	{"sec/op", LOWER("Go benchmarks", "time", "s/op")},
	{"B/op", LOWER("Go benchmarks", "memory", "B/op")},
	{"allocs/op", LOWER("Go benchmarks", "allocations", "allocs/op")},
	{"MB/s", HIGHER("Go benchmarks", "throughput", "MB/s")},
	{"*/op", LOWER("Go benchmarks", NULL, NULL)},
	{"*/s", HIGHER("Go benchmarks", NULL, NULL)},
	{0}};

static const struct text_rule go_rules[] = {
	RULE(ROW, "Benchmark", "{w:name} {n:iterations}{+} {n} {u}", .sign = true),
	RULE(ROW, "Benchmark", "{w:name} {*}panic: {t:error}"),
	RULE(ROW, "--- FAIL: Benchmark", "--- {w:error}: {w:name}{?} {*}"),
	RULE(PARTIAL, "FAIL", "{*}"),
	RULE(PARTIAL, "panic: ", "{*}"),
	RULE(CARRY, "", "{c}:~{v}"),
	{0}};

static const struct text_tool go_tool =
	TOOL("go-bench", go_rules, go_columns);

/* go test -json: the text in fields of JSON, line by line; a name and its results may be two. */
#define GO_OUTPUT "{*}\"Package\":\"{t:pkg}\"{*}\"Output\":\""
#define GO_ROW(rest) RULE(ROW, "{\"Time\":\"", GO_OUTPUT rest "{n:iterations}\\{+}t~{n} {u}\\", \
	                  .sign = true, .forget = true)

static const struct text_rule go_json_rules[] = {
	GO_ROW("{t:name}~\\t "),
	GO_ROW(" "),
	RULE(CARRY, "{\"Time\":\"", "{*}\"Output\":\"{t:name}~\\t\"}"),
	RULE(ROW, "{\"Time\":\"", GO_OUTPUT "--- {w:error}: {t:name}\\n\"}", .partial = true),
	RULE(PARTIAL, "{\"Time\":\"", "{*}\"Output\":\"FAIL{*}"),
	RULE(PARTIAL, "{\"Time\":\"", "{*}\"Output\":\"panic: {*}"),
	{0}};

static const struct text_tool go_json_tool =
	TOOL("go-bench", go_json_rules, go_columns, .one_sign = true, .in_json = true);

static const struct text_column google_columns[] = {
	{"name", KEY("Google Benchmark")},
	{"Time", LOWER("Google Benchmark", "time", NULL)},
	{"CPU", LOWER("Google Benchmark", "cpu_time", NULL)},
	{"Iterations", IGNORED("Google Benchmark")},
	{"bytes_per_second", HIGHER("Google Benchmark", "bandwidth", "bytes/s")},
	{"items_per_second", HIGHER("Google Benchmark", "throughput", "items/s")},
	{"error", IGNORED("Google Benchmark")},
	{"*", {MEANS_METRIC, NULL, NULL, BETTER_NONE, false, BY("Google Benchmark: a user counter")}},
	{0}};

static const struct text_rule google_rules[] = {
	RULE(PASS, "Benchmark", "Benchmark Time CPU Iterations{?} {*}", .to = 1, .sign = true),
	RULE(ROW, "", "{w:name} ERROR OCCURRED: '{t:error}'", .in = 1),
	RULE(ROW, "", "{w:name} {q:Time} {q:CPU} {n:Iterations}{+} {u}={a}", .in = 1),
	RULE(ROW, "", "{w:name} {q:Time} {q:CPU} {n:Iterations}{?} {*}", .in = 1),
	{0}};

static const struct text_aside google_asides[] = {
	{"_mean", "the mean of other rows", true},
	{"_median", "the median of other rows", false},
	{"_stddev", "the spread of other rows", false},
	{"_cv", "the spread of other rows", false},
	{"_BigO", "a fit to other rows", false},
	{"_RMS", "a fit to other rows", false},
	{0}};

static const struct text_tool google_tool =
	TOOL("google-benchmark", google_rules, google_columns, .asides = google_asides);

static const struct text_column hyperfine_columns[] = {
	{"command", KEY("hyperfine")},
	{"mean", LOWER("hyperfine", "time", NULL)},
	{"σ", IGNORED("hyperfine")},
	{"User", LOWER("hyperfine", "user_time", NULL)},
	{"System", LOWER("hyperfine", "system_time", NULL)},
	{"min", LOWER("hyperfine", "time", NULL)},
	{"max", LOWER("hyperfine", "time", NULL)},
	{"runs", IGNORED("hyperfine")},
	{0}};

static const struct text_rule hyperfine_rules[] = {
	RULE(ROW, "Benchmark #", "Benchmark #{n:}: {t:command}"),
	RULE(ROW, "Benchmark ", "Benchmark {n:}: {t:command}"),
	RULE(ADD, "Time (", "Time (mean ± σ): {q:mean} ± {q:σ}{?} [User: {q:User}, System: {q:System}]",
	     .sign = true),
	RULE(ADD, "Time (", "Time (abs ≡): {q:mean}{?} [User: {q:User}, System: {q:System}]",
	     .sign = true),
	RULE(ADD, "Range (", "Range (min … max): {q:min} … {q:max}{?} {n:runs} runs"),
	RULE(ADD, "Error: ", "Error: {t:error}"),
	RULE(ADD, "Warning: Ignoring non-zero exit", "Warning: {t:error}"),
	RULE(PARTIAL, "Warning: ", "{*}"),
	{0}};

static const struct text_tool hyperfine_tool =
	TOOL("hyperfine", hyperfine_rules, hyperfine_columns, .one_sign = true);

static const struct text_column criterion_columns[] = {
	{"name", KEY("Criterion.rs")},
	{"time", LOWER("Criterion.rs", "time", NULL)},
	{"thrpt", HIGHER("Criterion.rs", "throughput", NULL)},
	{"*", IGNORED("Criterion.rs")},
	{0}};

static const struct text_rule criterion_rules[] = {
	RULE(CARRY, "Benchmarking ", "Benchmarking {t:name}: Analyzing"),
	RULE(ROW, "time:", "time: [{q:time low} {q:time} {q:time high}]", .sign = true, .forget = true),
	RULE(ROW, "", "{t:name}  time: [{q:time low} {q:time} {q:time high}]", .sign = true,
	     .forget = true),
	RULE(ADD, "thrpt:", "thrpt: [{q:thrpt low} {q:thrpt} {q:thrpt high}]"),
	{0}};

static const struct text_tool criterion_tool =
	TOOL("criterion", criterion_rules, criterion_columns, .one_sign = true);

static const struct text_column cargo_columns[] = {
	{"name", KEY("cargo bench")},
	{"ns/iter", LOWER("cargo bench", "time", "ns")},
	{"MB/s", HIGHER("cargo bench", "throughput", "MB/s")},
	{"+/-", IGNORED("cargo bench")},
	{0}};

static const struct text_rule cargo_rules[] = {
	RULE(ROW, "test ", "test {t:name} ... bench: {n:ns/iter} ns/iter (+/- {n:+/-}){?} = {n:MB/s} MB/s",
	     .sign = true),
	RULE(PARTIAL, "test ", "test {*} ... FAILED"),
	{0}};

static const struct text_tool cargo_tool =
	TOOL("cargo-bench", cargo_rules, cargo_columns);

static const struct text_column catch2_columns[] = {
	{"benchmark name", KEY("Catch2")},
	{"mean", LOWER("Catch2", "time", NULL)},
	{"*", IGNORED("Catch2")},
	{0}};

/* Three lines a benchmark: the header of the table says what stands in which. */
static const struct text_rule catch2_rules[] = {
	RULE(PASS, "benchmark name", "benchmark name samples iterations {*}", .to = 1, .sign = true),
	RULE(PASS, "mean", "mean low mean high mean", .sign = true),
	RULE(ROW, "", "{t:benchmark name}  {n:samples} {n:iterations} {q:estimated}", .in = 1, .to = 2),
	RULE(ADD, "", "{q:mean} {q:low mean} {q:high mean}", .in = 2, .to = 3),
	RULE(ADD, "", "{q:std dev} {q:low std dev} {q:high std dev}", .in = 3, .to = 1),
	{0}};

static const struct text_tool catch2_tool =
	TOOL("catch2", catch2_rules, catch2_columns);

static const struct text_column benchmarkjs_columns[] = {
	{"name", KEY("benchmark.js")},
	{"ops/sec", HIGHER("benchmark.js", "throughput", "ops/s")},
	{"*", IGNORED("benchmark.js")},
	{0}};

static const struct text_rule benchmarkjs_rules[] = {
	RULE(ROW, "", "{t:name} x {n:ops/sec} ops/sec ±{n:±%}% ({n:runs} run{*} sampled)", .sign = true),
	{0}};

static const struct text_tool benchmarkjs_tool =
	TOOL("benchmark.js", benchmarkjs_rules, benchmarkjs_columns);

/*
 * asv run. What a benchmark measures its own name tells: schema_suites.c. Of several parameters the
 * first one is down, the others across, together: "text / reverse".
 */
static const struct text_column asv_columns[] = {{0}};

static const char *const asv_errors[] = {"failed", NULL};

static const struct text_grid asv_grid = {"result", "error", asv_errors, "n/a"};

static const struct text_rule asv_rules[] = {
	RULE(CARRY, "[", "[~{n:}%] · For {*} commit {w:commit}{?} {*}", .forget = true),
	RULE(CARRY, "[", "[~{n:}%] ·· Benchmarking {w:environment}", .sign = true),
	RULE(HEAD, "[", "[~{n:}%] ··· =={*}", .to = 1),
	RULE(CARRY, "[", "[~{n:}%] ··· {w:benchmark} ok"),
	RULE(CARRY, "[", "[~{n:}%] ··· {w:benchmark} {n:}/{n:} failed"),
	RULE(ROW, "[", "[~{n:}%] ··· {w:benchmark} {n:result|min}±{n:}m"),
	RULE(ROW, "[", "[~{n:}%] ··· {w:benchmark} {a:result}"),
	RULE(PASS, "[", "[~{n:}%] ··· {w:} n/a"),
	RULE(ROW, "[", "[~{n:}%] ··· {w:benchmark} {c:error}"),
	RULE(PASS, "[", "{*}"),
	RULE(PASS, "==", "{*}"),
	RULE(ACROSS, "-- ", "-- {f:across}", .in = 1),
	RULE(PASS, "--", "{*}"),
	RULE(HEAD, "", "{f:head}{?}{+}  {f:head}", .in = 1, .to = 2),
	RULE(GRID, "", "{f:cell}{+}  {f:cell}", .in = 2),
	{0}};

static const struct text_tool asv_tool =
	TOOL("asv", asv_rules, asv_columns, .grid = &asv_grid);

/* asv compare and asv continuous before 0.6; later ones write Markdown. The first mark judges. */
#define ASV_PAIR(mark) \
	RULE(ROW, mark, mark "{a:before} {a:after} {w:} {t:benchmark}", .in = 1)

static const struct text_rule asv_compare_rules[] = {
	RULE(PASS, "before", "before after ratio", .to = 1, .sign = true),
	RULE(CARRY, "[", "[{w:commit before}] [{w:commit after}]", .in = 1, .sign = true),
	ASV_PAIR("+ "), ASV_PAIR("- "), ASV_PAIR("! "), ASV_PAIR("x "), ASV_PAIR(""),
	{0}};

static const struct text_tool asv_compare_tool =
	TOOL("asv", asv_compare_rules, asv_columns);

/* clang-format on */

const struct text_tool *const text_tools_bench[] = {
	&go_tool,        &go_json_tool,     &google_tool, &hyperfine_tool,
	&criterion_tool, &cargo_tool,       &catch2_tool, &benchmarkjs_tool,
	&asv_tool,       &asv_compare_tool, NULL};
