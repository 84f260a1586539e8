/* SPDX-License-Identifier: MIT */
/* perf and callgrind: counts of events, one column for each event, one row for each run. */
#include "agents/collector/text_tools.h"

/* clang-format off */

static const struct text_column perf_columns[] = {
	{"* +-", {MEANS_METRIC, "spread", "%", BETTER_NONE, true, BY("perf: of the runs")}},
	{"command", KEY("perf")},
	{"benchmark", KEY("perf")},
	{"function", KEY("perf")},
	{"seconds time elapsed", LOWER("perf", "time", "s")},
	{"seconds user", LOWER("perf", "user_time", "s")},
	{"seconds sys", LOWER("perf", "system_time", "s")},
	{"task-clock*", LOWER("perf", "cpu_time", "ms")},
	{"cpu-clock*", LOWER("perf", "cpu_time", "ms")},
	{"cycles*", LOWER("perf", "cycles", "cycles")},
	{"instructions*", LOWER("perf", "instructions", "instructions")},
	{"branch-misses*", LOWER("perf", "misses", "misses")},
	{"cache-misses*", LOWER("perf", "misses", "misses")},
	{"*-misses", LOWER("perf", "misses", "misses")},
	{"page-faults*", LOWER("perf", "page_faults", "faults")},
	{"context-switches*", LOWER("perf", "context_switches", "switches")},
	{"insn per cycle", HIGHER("perf", "instructions_per_cycle", NULL)},
	{"Total time", LOWER("perf bench", "time", "s")},
	{"usecs/op", LOWER("perf bench", "time", "us")},
	{"ops/sec", HIGHER("perf bench", "throughput", "ops/s")},
	{"GB/sec", HIGHER("perf bench", "bandwidth", "GB/s")},
	{"time", IGNORED("perf")},
	{"runs", IGNORED("perf")},
	{"*", COVARIATE("perf")},
	{0}};

/*
 * With -I a line begins with its time, and all lines of one time are a row. What stands behind the
 * "#" is kept where its name tells what it is: "K/sec" stands behind many events.
 */
#define SPREAD "{?} {*}( +- {s}% ){*}"

static const struct text_rule stat_rules[] = {
	RULE(ROW, "Performance counter stats for",
	     "Performance counter stats for '{t:command}' ({n:runs} runs):", .to = 1, .sign = true),
	RULE(ROW, "Performance counter stats for", "Performance counter stats for '{t:command}':",
	     .to = 1, .sign = true),
	RULE(ROW, "Performance counter stats for", "Performance counter stats for {t:command}", .to = 1,
	     .sign = true),
	RULE(PASS, "#", "# time counts unit events", .to = 3, .sign = true),
	RULE(ADD, "", "{n:seconds time elapsed} seconds time elapsed{*}", .in = 1, .to = 2),
	RULE(ADD, "", "{n:seconds time elapsed} +- {n:} seconds time elapsed{*}", .in = 1, .to = 2),
	RULE(ADD, "", "{n:seconds user} seconds user", .in = 2),
	RULE(ADD, "", "{n:seconds sys} seconds sys", .in = 2),
	RULE(PARTIAL, "<not counted> msec", "{*}", .in = 1),
	RULE(ADD, "<not ", "{v}  {u}{?} {*}", .in = 1, .partial = true),
	RULE(ADD, "", "{n} msec {u} # {n:CPUs utilized} CPUs utilized" SPREAD, .in = 1),
	RULE(ADD, "", "{n} msec {u}" SPREAD, .in = 1),
	RULE(ADD, "", "{n} Joules {u}" SPREAD, .in = 1),
	RULE(ADD, "", "{n} {u} # {n:insn per cycle} insn per cycle" SPREAD, .in = 1),
	RULE(ADD, "", "{n} {u} # {n:GHz} GHz" SPREAD, .in = 1),
	RULE(ADD, "", "{n} {u}" SPREAD, .in = 1),
	RULE(AGAIN, "", "{n:time} {n} msec {u}{?} {*}", .in = 3),
	RULE(AGAIN, "", "{n:time} {n} Joules {u}{?} {*}", .in = 3),
	RULE(AGAIN, "", "{n:time} {n} {u}{?} {*}", .in = 3),
	RULE(PARTIAL, "", "{n:time} <not {*}", .in = 3),
	{0}};

static const struct text_tool stat_tool =
	TOOL("perf-stat", stat_rules, perf_columns, .one_sign = true, .locale = true);

/*
 * perf stat -x, or -x\; has no header: events that everybody counts tell it from other lists. With
 * -r the spread stands behind the event, with -I the time before it all.
 */
#define STAT_SIGNS(comma)                                                                     \
	RULE(PASS, "", "{*}" comma "{*}" comma "{x:}{*}" comma "{n:}{?}{*}", .sign = true), \
	RULE(PASS, "", "{*}" comma "{*}" comma "{*}" comma "{x:}{*}" comma "{n:}{?}{*}",     \
	     .sign = true)

#define STAT_LINES(comma)                                                                        \
	RULE(AGAIN, "<not ", "{v}" comma "{*}" comma "{e}" comma "{n:}{?}{*}", .partial = true), \
	RULE(AGAIN, "", "{v}" comma "{*}" comma "{e}" comma "{s}%" comma "{n:}" comma           \
	                "{n:}{?}{*}"),                                                           \
	RULE(AGAIN, "", "{v}" comma "{*}" comma "{e}" comma "{n:}" comma "{n:}{?}{*}"),        \
	RULE(AGAIN, "", "{n:time}" comma "{v}" comma "{*}" comma "{e}" comma "{n:}" comma      \
	                "{n:}{?}{*}")

static const struct text_rule list_rules[] = {
	RULE(PASS, "#", "{*}"),
	STAT_LINES(","),
	STAT_LINES(";"),
	STAT_SIGNS(","),
	STAT_SIGNS(";"),
	{0}};

static const struct text_tool list_tool =
	TOOL("perf-stat", list_rules, perf_columns, .one_sign = true);

static const struct text_rule bench_rules[] = {
	RULE(CARRY, "# Running '", "# Running '{t:benchmark}' benchmark:", .forget = true, .to = 1,
	     .sign = true),
	RULE(CARRY, "# function '", "# function '{w:function}' {*}", .to = 2),
	RULE(ROW, "Total time:", "Total time: {n:Total time} [sec]", .in = 1),
	RULE(ROW, "", "{n:GB/sec} GB/sec", .in = 2),
	RULE(ADD, "", "{n:usecs/op} usecs/op", .in = 1),
	RULE(ADD, "", "{n:ops/sec} ops/sec", .in = 1),
	RULE(ROW, "Averaged", "Averaged {n:ops/sec} operations/sec (+- {n:}%), {*}", .in = 1),
	{0}};

static const struct text_tool bench_tool =
	TOOL("perf-bench", bench_rules, perf_columns);

static const struct text_column callgrind_columns[] = {
	{"command", KEY("callgrind")},
	{"Collected", LOWER("callgrind", "instructions", "instructions")},
	{"*refs", LOWER("callgrind", "accesses", "accesses")},
	{"*misses", LOWER("callgrind", "misses", "misses")},
	{0}};

static const struct text_rule callgrind_rules[] = {
	RULE(CARRY, "==", "=={n:}== Command: {t:command}"),
	RULE(ROW, "==", "=={n:}== Collected : {n:Collected}{?} {*}", .sign = true),
	RULE(ADD, "==", "=={n:}== {k}: {n}{?} {*}"),
	{0}};

static const struct text_tool callgrind_tool =
	TOOL("callgrind", callgrind_rules, callgrind_columns);

/* clang-format on */

const struct text_tool *const text_tools_perf[] = {&stat_tool, &list_tool, &bench_tool,
                                                   &callgrind_tool, NULL};
