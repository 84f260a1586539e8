/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "agents/analyst/units.h"
#include "agents/analyst/work.h"

static const struct {
	const char *name, *quantity, *unit;
	enum better better;
} names[] = {
	{"tokens_s", "throughput", "tok/s", BETTER_HIGHER},
	{"mean_tokens_s", "throughput", "tok/s", BETTER_HIGHER},
	{"tokens_per_second", "throughput", "tok/s", BETTER_HIGHER},
	{"Tokens per Second", "throughput", "tok/s", BETTER_HIGHER},
	{"throughput_tokens_per_sec", "throughput", "tok/s", BETTER_HIGHER},
	{"Throughput (tok/s)", "throughput", "tok/s", BETTER_HIGHER},
	{"t/s", "throughput", "tok/s", BETTER_HIGHER},
	{"avg_ts", "throughput", "tok/s", BETTER_HIGHER},
	{"requests_per_second", "throughput", "req/s", BETTER_HIGHER},
	{"bw_mib_s", "throughput", "MiB/s", BETTER_HIGHER},
	{"iops", "throughput", "ops/s", BETTER_HIGHER},
	{"ops", "throughput", "ops/s", BETTER_HIGHER},
	{"ttft_s", "time_to_first_token", "s", BETTER_LOWER},
	{"mean_ttft_ms", "time_to_first_token", "ms", BETTER_LOWER},
	{"TTFT (s)", "time_to_first_token", "s", BETTER_LOWER},
	{"Time To First Token (ms)", "time_to_first_token", "ms", BETTER_LOWER},
	{"load_s", "load_time", "s", BETTER_LOWER},
	{"eval_s", "eval_time", "s", BETTER_LOWER},
	{"eval_s_mean", "eval_time", "s", BETTER_LOWER},
	{"prompt_eval_s", "prompt_eval_time", "s", BETTER_LOWER},
	{"compile_time_s", "compile_time", "s", BETTER_LOWER},
	{"mean_time_ms", "time", "ms", BETTER_LOWER},
	{"Mean (ms)", "time", "ms", BETTER_LOWER},
	{"Generation Time (ms)", "time", "ms", BETTER_LOWER},
	{"p95_us", "time", "us", BETTER_LOWER},
	{"avg_ns", "time", "ns", BETTER_LOWER},
	{"latency", "latency", NULL, BETTER_LOWER},
	{"latencyMs", "latency", "ms", BETTER_LOWER},
	{"power [W]", "power", "W", BETTER_NONE},
	{"accuracy", "accuracy", NULL, BETTER_HIGHER},
	{"loss", "loss", NULL, BETTER_LOWER},
	{"model_size_bytes", "memory", "bytes", BETTER_LOWER},
	{"memory_percent", "memory", "%", BETTER_LOWER},
	{"memory_total_mb", "memory", "MB", BETTER_NONE},
	{"utilization_gpu", "utilization", "%", BETTER_NONE},
	{"std_time_ms", "spread", "ms", BETTER_NONE},
	{"stdev_ms", "spread", "ms", BETTER_NONE},
	{"cv_percent", "spread", "%", BETTER_NONE},
	{"TP Δ (tok/s)", "throughput", "tok/s", BETTER_NONE},
};

Test(units, names_tell_quantity_unit_and_direction)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct measure m = measure_of(names[i].name, "");

		cr_expect(m.known, "%s is not known", names[i].name);
		cr_expect_str_eq(m.quantity ?: "none", names[i].quantity, "%s", names[i].name);
		cr_expect_str_eq(m.unit ?: "none", names[i].unit ?: "none", "%s", names[i].name);
		cr_expect_eq(m.better, names[i].better, "%s", names[i].name);
	}
}

Test(units, counts_indices_and_times_of_day_measure_nothing)
{
	static const char *const none[] = {
		"eval_count",   "Tokens",       "response_chars", "prompt_index", "run",
		"timestamp",    "generated_at", "seed",           "num_gpu",      "num_ctx",
		"temperature_", "id",           "model",          "notes",        "column 1"};

	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		if (strcmp(none[i], "temperature_") != 0)
			cr_expect(!measure_of(none[i], "").known, "%s", none[i]);
}

Test(units, a_percentile_takes_its_quantity_from_the_object_around_it)
{
	struct measure m = measure_of("p95", "/timing_stats/latency_percentiles");

	cr_expect_str_eq(m.quantity, "latency");
	cr_expect(!measure_of("p95", "/scores").known);
}

Test(units, the_number_of_a_second_column_is_no_part_of_its_name)
{
	cr_expect_str_eq(measure_of("Mean (ms)#2", "").unit, "ms");
}

Test(units, names_of_failure_tell)
{
	cr_expect(name_is_error("error") && name_is_error("error_message"));
	cr_expect(!name_is_error("error_rate") && !name_is_error("score_error"));
	cr_expect(name_is_success("Success") && !name_is_success("success_rate"));
	cr_expect(name_is_exit_code("exit_code") && name_is_status("status"));
}

static const char *stripped(struct arena *a, const char *path)
{
	struct work w = {.arena = a};

	return path_stripped(&w, path);
}

Test(times, dates_epochs_and_run_numbers_go_and_nothing_else)
{
	struct arena *a = arena_new(1 << 20);

	cr_expect_str_eq(stripped(a, "ollama/20251002-151824/prompt_suite_runs.csv"),
	                 "ollama/*/prompt_suite_runs.csv");
	cr_expect_str_eq(stripped(a, "baselines/demo_baseline_1759186698.json"),
	                 "baselines/demo_baseline_*.json");
	cr_expect_str_eq(stripped(a, "hyperfine-2026-11-10.json"), "hyperfine-*.json");
	cr_expect_str_eq(stripped(a, "2026/11/10/x.csv"), "*/x.csv");
	cr_expect_str_eq(stripped(a, "x_2025-10-02T15-18-24Z.csv"), "x_*.csv");
	cr_expect_str_eq(stripped(a, "metrics_20250930_133204.json"), "metrics_*.json");
	cr_expect_str_eq(stripped(a, "run_3/metrics.json"), "run_*/metrics.json");
	cr_expect_str_eq(stripped(a, "night12/a.csv"), "night*/a.csv");
	cr_expect_str_eq(stripped(a, "gpu80_ctx512_temp0p8/metrics.json"),
	                 "gpu80_ctx512_temp0p8/metrics.json");
	cr_expect_str_eq(stripped(a, "transformer_cuda_triton2508.json"),
	                 "transformer_cuda_triton2508.json");
	cr_expect_str_eq(stripped(a, "x_99999999.csv"), "x_99999999.csv");
	cr_expect_str_eq(stripped(a, "prune12.csv"), "prune12.csv");
	arena_free(a);
}

static int64_t time_in(const char *path)
{
	int64_t t = -1;
	bool in_name;

	return path_time(path, &t, &in_name) ? t : -1;
}

Test(times, a_path_tells_its_time)
{
	cr_expect_eq(time_in("ollama/20251002-151824/x.csv"), 1759418304);
	cr_expect_eq(time_in("demo_1759186698.json"), 1759186698);
	cr_expect_eq(time_in("demo_1759186698123.json"), 1759186698);
	cr_expect_eq(time_in("2026-11-10/x.csv"), 1794268800);
	cr_expect_eq(time_in("a/2026-11-10/x_20261111.csv"), 1794355200);
	cr_expect_eq(time_in("x.csv"), -1);
	cr_expect_eq(time_in("x_20269999.csv"), -1);
	cr_expect_eq(time_in("123456789012345678901234567890"), -1);
}
