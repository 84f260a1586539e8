/* SPDX-License-Identifier: MIT */
/* Micro-benchmark frameworks: what their runners print. */
#include "agents/collector/text_tools.h"

/*
 * https://go.googlesource.com/proposal/+/master/design/14313-benchmark-format.md: "key: value"
 * lines hold for the results that follow; a result is a name, a number of iterations, and values
 * with their units. Repetitions (-count) are lines of one name.
 */
#define GO(role, quantity, unit, better)                                              \
	{                                                                             \
		role, quantity, unit, better, false, "by the format of Go benchmarks" \
	}

static const struct text_column go_columns[] = {
	{"name", GO(MEANS_KEY, NULL, NULL, BETTER_NONE)},
	{"iterations", GO(MEANS_IGNORED, NULL, NULL, BETTER_NONE)},
	{"pkg", GO(MEANS_KEY, NULL, NULL, BETTER_NONE)},
	{"goos", GO(MEANS_COVARIATE, NULL, NULL, BETTER_NONE)},
	{"goarch", GO(MEANS_COVARIATE, NULL, NULL, BETTER_NONE)},
	{"cpu", GO(MEANS_COVARIATE, NULL, NULL, BETTER_NONE)},
	{"ns/op", GO(MEANS_METRIC, "time", "ns/op", BETTER_LOWER)},
	{"sec/op", GO(MEANS_METRIC, "time", "s/op", BETTER_LOWER)},
	{"B/op", GO(MEANS_METRIC, "memory", "B/op", BETTER_LOWER)},
	{"allocs/op", GO(MEANS_METRIC, "allocations", "allocs/op", BETTER_LOWER)},
	{"MB/s", GO(MEANS_METRIC, "throughput", "MB/s", BETTER_HIGHER)},
	{"*/op", GO(MEANS_METRIC, NULL, NULL, BETTER_LOWER)},
	{"*/s", GO(MEANS_METRIC, NULL, NULL, BETTER_HIGHER)},
	{0}};

static const struct text_rule go_rules[] = {
	RULE(ROW, "Benchmark", "{w:name} {n:iterations}{+} {n} {u}", .sign = true),
	RULE(ROW, "Benchmark", "{w:name} {*}panic: {t:error}", .partial = true),
	RULE(ROW, "--- FAIL: Benchmark", "--- {w:error}: {w:name}{?} {*}", .partial = true),
	RULE(PARTIAL, "FAIL", "{*}"),
	RULE(PARTIAL, "panic: ", "{*}"),
	RULE(CARRY, "", "{c}:~{v}"),
	{0}};

const struct text_tool text_tool_go = {"go-bench", go_rules, {go_columns}};
