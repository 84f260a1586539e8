/* SPDX-License-Identifier: MIT */
/* Models and GPUs: how fast a model answers, how well, and what the GPU did. */
#include "agents/collector/schema_words.h"

/* llama-bench: what was asked of it is the key, what it ran on is not. */

#define LLAMA_COLUMNS(p, samples)                                                 \
	{.at = p "samples_ts", METRIC = "repetitions", TOKENS_RATE},              \
		{.at = p "samples_ns",                                            \
	         METRIC = "the repetitions as times",                             \
	         TIME,                                                            \
	         .unit = "ns",                                                    \
	         .of = {p "samples_ts"}},                                         \
		{.at = p "avg_ts",                                                \
	         METRIC = "mean of the repetitions",                              \
	         TOKENS_RATE,                                                     \
	         .of = {samples}},                                                \
		{.at = p "avg_ns",                                                \
	         METRIC = "mean of the repetitions as times",                     \
	         TIME,                                                            \
	         .unit = "ns",                                                    \
	         .of = {samples, p "avg_ts"}},                                    \
		{.at = p "stddev_ts",                                             \
	         METRIC = "spread of the repetitions",                            \
	         SPREAD,                                                          \
	         .unit = "tok/s",                                                 \
	         .of = {samples, p "avg_ts"}},                                    \
		{.at = p "stddev_ns",                                             \
	         METRIC = "spread of the repetitions as times",                   \
	         SPREAD,                                                          \
	         .unit = "ns",                                                    \
	         .of = {samples, p "avg_ts"}},                                    \
		{.at = p "build_*", COVARIATE = "describes the build"},           \
		{.at = p "cpu_info", COVARIATE = "describes the machine"},        \
		{.at = p "gpu_info", COVARIATE = "describes the machine"},        \
		{.at = p "model_filename", COVARIATE = "where the model lies"},   \
		{.at = p "model_type", KEY = "the model"},                        \
		{.at = p "model_size", COVARIATE = "follows from the model"},     \
		{.at = p "model_n_params", COVARIATE = "follows from the model"}, \
	{                                                                         \
		.at = p "test_time", IGNORED = "a time"                           \
	}

static const struct schema_place llama_json[] = {LLAMA_COLUMNS("/", "/samples_ts")};
static const struct schema_place llama_csv[] = {LLAMA_COLUMNS("", NULL)};

static const struct schema_place llama_markdown[] = {
	{.at = "t/s", METRIC = "mean of the repetitions and its spread", TOKENS_RATE},
	{.at = "size", COVARIATE = "follows from the model"},
	{.at = "params", COVARIATE = "follows from the model"},
};

/* Pages that have a column for each of its usual tests, or for each batch of a sweep. */

#define LLAMA_BATCH(size)                                              \
	{                                                              \
		.at = size, METRIC = "tokens each second", TOKENS_RATE \
	}

static const struct schema_place llama_sweeps[] = {
	LLAMA_BATCH("1"),    LLAMA_BATCH("2"),   LLAMA_BATCH("4"),    LLAMA_BATCH("8"),
	LLAMA_BATCH("16"),   LLAMA_BATCH("32"),  LLAMA_BATCH("64"),   LLAMA_BATCH("128"),
	LLAMA_BATCH("256"),  LLAMA_BATCH("512"), LLAMA_BATCH("1024"), LLAMA_BATCH("2048"),
	LLAMA_BATCH("4096"),
};

static const struct schema_place llama_pages[] = {
	{.at = "pp*", METRIC = "tokens read each second", TOKENS_RATE},
	{.at = "tg*", METRIC = "tokens written each second", TOKENS_RATE},
	{.at = "max_mem*", METRIC = "largest memory", .quantity = "memory", LOWER},
};

/* vLLM: times of single requests are seconds, of summaries milliseconds. */

#define VLLM_SUMMARY(name, text, ...)                                                         \
	{.at = "/median_" name "_ms", METRIC = "median of " text, .unit = "ms", __VA_ARGS__}, \
		{.at = "/p99_" name "_ms",                                                    \
	         METRIC = "far percentile of " text,                                          \
	         .unit = "ms",                                                                \
	         __VA_ARGS__},                                                                \
		{.at = "/std_" name "_ms",                                                    \
	         METRIC = "spread of " text,                                                  \
	         SPREAD,                                                                      \
	         .unit = "ms",                                                                \
	         .of = {"/median_" name "_ms"}},                                              \
	{                                                                                     \
		.at = "/*_" name "_ms", METRIC = "a statistic of " text, .unit = "ms",        \
		.of = {"/median_" name "_ms"}, __VA_ARGS__                                    \
	}

static const struct schema_place vllm_serving[] = {
	{.at = "/request_throughput", METRIC = "requests each second", REQUEST_RATE},
	{.at = "/request_goodput*",
         METRIC = "requests each second within the objectives",
         .quantity = "goodput",
         .unit = "req/s",
         HIGHER},
	{.at = "/output_throughput", METRIC = "tokens written each second", TOKENS_RATE},
	{.at = "/total_token_throughput",
         METRIC = "tokens read and written each second",
         TOKENS_RATE},
	VLLM_SUMMARY("ttft", "the times to the first token", FIRST_TOKEN),
	VLLM_SUMMARY("tpot", "the times per output token", .quantity = "time_per_output_token",
                     LOWER),
	VLLM_SUMMARY("itl", "the times between tokens", .quantity = "inter_token_latency", LOWER),
	VLLM_SUMMARY("e2el", "the times of whole answers", LATENCY),
	{.at = "/ttfts",
         METRIC = "times to the first token, request by request",
         FIRST_TOKEN,
         .unit = "s",
         .of = {"/median_ttft_ms"}},
	{.at = "/itls*", IGNORED = "times between tokens, request by request"},
	{.at = "/input_lens", IGNORED = "lengths of the requests"},
	{.at = "/output_lens", IGNORED = "lengths of the answers"},
	{.at = "/generated_texts", IGNORED = "the answers"},
	{.at = "/errors", IGNORED = "what went wrong"},
	{.at = "/date", IGNORED = "a time"},
	{.at = "/duration", IGNORED = "how long the run was"},
	{.at = "/completed", IGNORED = "a count", .quantity = QUANTITY_PASSED},
	{.at = "/failed", IGNORED = "a count", .quantity = QUANTITY_ERRORS},
	{.at = "/total_*_tokens", IGNORED = "a count"},
	{.at = "/success", IGNORED = "tells whether the run failed", OUTCOME},
	{.at = "/error", IGNORED = "tells why the run failed", OUTCOME},
	{.at = "/model_id", KEY = "the model"},
	{.at = "/tokenizer_id", COVARIATE = "follows from the model"},
	{.at = "/backend", KEY = "the server's kind"},
	{.at = "/endpoint_type", KEY = "the server's kind"},
	{.at = "/label", KEY = "what the run calls itself"},
	{.at = "/num_prompts", KEY = "how many requests there were"},
	{.at = "/request_rate", KEY = "how many requests were sent each second"},
	{.at = "/burstiness", KEY = "how evenly they were sent"},
	{.at = "/max_concurrency", KEY = "how many requests ran at a time"},
	{.at = "/best_of", KEY = "an option"},
};

static const struct schema_place vllm_throughput[] = {
	{.at = "/requests_per_second", METRIC = "requests each second", REQUEST_RATE},
	{.at = "/tokens_per_second", METRIC = "tokens each second", TOKENS_RATE},
	{.at = "/elapsed_time",
         METRIC = "how long the run was",
         SECONDS,
         .of = {"/tokens_per_second"}},
	{.at = "/num_requests", KEY = "how many requests there were"},
	{.at = "/total_num_tokens", IGNORED = "a count"},
};

static const struct schema_place vllm_latency[] = {
	{.at = "/latencies", METRIC = "repetitions", LATENCY, .unit = "s"},
	{.at = "/avg_latency",
         METRIC = "mean of the repetitions",
         LATENCY,
         .unit = "s",
         .of = {"/latencies"}},
	{.at = "/percentiles/*",
         METRIC = "percentile of the repetitions",
         LATENCY,
         .unit = "s",
         .of = {"/latencies", "/avg_latency"}},
};

/* llmperf: seconds, in summaries and request by request. */

#define LLMPERF_REST(name, text, ...)                                         \
	{                                                                     \
		.at = "/results_" name "_*", METRIC = "a statistic of " text, \
		.of = {"/results_" name "_quantiles_p50"}, __VA_ARGS__        \
	}
#define LLMPERF_SPREAD(name, text, in)                                                \
	{                                                                             \
		.at = "/results_" name "_stddev", METRIC = "spread of " text, SPREAD, \
		.of = {"/results_" name "_quantiles_p50"}, .unit = in                 \
	}
#define LLMPERF_TIMES(name, text, ...)                    \
	{.at = "/results_" name "_quantiles_p50",         \
	 METRIC = "median of " text,                      \
	 .unit = "s",                                     \
	 __VA_ARGS__},                                    \
		{.at = "/results_" name "_quantiles_p99", \
	         METRIC = "far percentile of " text,      \
	         .unit = "s",                             \
	         __VA_ARGS__},                            \
		LLMPERF_SPREAD(name, text, "s"),          \
		LLMPERF_REST(name, text, .unit = "s", __VA_ARGS__)

static const struct schema_place llmperf_summary[] = {
	LLMPERF_TIMES("ttft_s", "the times to the first token", FIRST_TOKEN),
	LLMPERF_TIMES("inter_token_latency_s", "the times between tokens",
                      .quantity = "inter_token_latency", LOWER),
	LLMPERF_TIMES("end_to_end_latency_s", "the times of whole answers", LATENCY),
	{.at = "/results_request_output_throughput_token_per_s_quantiles_p50",
         METRIC = "median of the tokens each second of a request",
         TOKENS_RATE},
	LLMPERF_SPREAD("request_output_throughput_token_per_s",
                       "the tokens each second of a request", "tok/s"),
	LLMPERF_REST("request_output_throughput_token_per_s", "the tokens each second of a request",
                     TOKENS_RATE),
	{.at = "/results_mean_output_throughput_token_per_s",
         METRIC = "tokens each second of all requests together",
         TOKENS_RATE},
	{.at = "/results_num_completed_requests_per_min",
         METRIC = "requests each minute",
         RATE,
         .unit = "req/min"},
	{.at = "/results_error_rate",
         METRIC = "share of the requests that failed",
         .quantity = "error_rate",
         LOWER},
	{.at = "/results_num_requests_started", IGNORED = "a count", .quantity = QUANTITY_ATTEMPTS},
	{.at = "/results_number_errors", IGNORED = "a count", .quantity = QUANTITY_ERRORS},
	{.at = "/results_*", IGNORED = "a count"},
	{.at = "/version", COVARIATE = "of the format"},
	{.at = "/name", IGNORED = "the model and the tokens again"},
	{.at = "/timestamp", IGNORED = "a time"},
	{.at = "/stddev_*_tokens", KEY = "what was asked for"},
	{.at = "/mean_*_tokens", KEY = "what was asked for"},
	{.at = "/num_concurrent_requests", KEY = "how many requests ran at a time"},
	{.at = "/model", KEY = "the model"},
};

static const struct schema_place llmperf_requests[] = {
	{.at = "/ttft_s", METRIC = "time to the first token", FIRST_TOKEN, .unit = "s"},
	{.at = "/inter_token_latency_s",
         METRIC = "time between tokens",
         .quantity = "inter_token_latency",
         .unit = "s",
         LOWER},
	{.at = "/end_to_end_latency_s", METRIC = "time of the whole answer", LATENCY, .unit = "s"},
	{.at = "/request_output_throughput_token_per_s",
         METRIC = "tokens each second",
         TOKENS_RATE},
	{.at = "/error_msg", IGNORED = "tells why the request failed", OUTCOME},
};

/* lm-eval: a table with a task a row; a metric's filter stands behind a comma. */

#define LM_SCORE(name, text, direction)                                    \
	{.at = "/" name ",*", METRIC = text, .quantity = name, direction}, \
	{                                                                  \
		.at = "/" name, METRIC = text, .quantity = name, direction \
	}

static const struct schema_place lm_eval[] = {
	{.at = "", KEY = "names the task"},
	{.at = "/alias", IGNORED = "the task's name as printed"},
	{.at = "/*_stderr", METRIC = "standard error of a score", SPREAD},
	{.at = "/*_stderr,*", METRIC = "standard error of a score", SPREAD},
	LM_SCORE("acc", "share of right answers", HIGHER),
	LM_SCORE("acc_norm", "share of right answers, by length", HIGHER),
	LM_SCORE("exact_match", "share of exact answers", HIGHER),
	LM_SCORE("f1", "harmonic mean of precision and recall", HIGHER),
	LM_SCORE("mc1", "share of right answers", HIGHER),
	LM_SCORE("mc2", "share of right answers", HIGHER),
	LM_SCORE("bleu", "likeness to the reference", HIGHER),
	LM_SCORE("word_perplexity", "perplexity of a word", LOWER),
	LM_SCORE("byte_perplexity", "perplexity of a byte", LOWER),
	LM_SCORE("bits_per_byte", "bits for a byte", LOWER),
	LM_SCORE("perplexity", "perplexity", LOWER),
	{.at = "/ppl", METRIC = "perplexity", .quantity = "perplexity", LOWER},
	{.at = "/sample_len", IGNORED = "a count"},
};

/* Nsight Compute: a metric a row, in its own unit; or a metric a column, the first row units. */

static const struct schema_place ncu_long[] = {
	{.at = "ID", IGNORED = "numbers the launches"},
	{.at = "Process ID", IGNORED = "numbers the processes"},
	{.at = "Process Name", COVARIATE = "the program"},
	{.at = "Host Name", COVARIATE = "the machine"},
	{.at = "Kernel Name", KEY = "names the kernel"},
	{.at = "Context", COVARIATE = "where it ran"},
	{.at = "Stream", COVARIATE = "where it ran"},
	{.at = "Block Size", KEY = "shape of the launch"},
	{.at = "Grid Size", KEY = "shape of the launch"},
	{.at = "Device", COVARIATE = "where it ran"},
	{.at = "CC", COVARIATE = "what the device can do"},
	{.at = "Section Name", IGNORED = "groups the metrics"},
	{.at = "Metric Name", KEY = "names the metric"},
	{.at = "Metric Unit", COVARIATE = "the unit of the value"},
	{.at = "Metric Value", METRIC = "value of the metric", .unit_at = "Metric Unit"},
	{.at = "Rule *", IGNORED = "advice of the tool"},
	{.at = "Estimated Speedup*", IGNORED = "advice of the tool"},
};

static const struct schema_place ncu_raw[] = {
	{.at = "ID", IGNORED = "numbers the launches"},
	{.at = "Kernel Name", KEY = "names the kernel"},
	{.at = "Block Size", KEY = "shape of the launch"},
	{.at = "Grid Size", KEY = "shape of the launch"},
	{.at = "Process ID", IGNORED = "numbers the processes"},
	{.at = "Process Name", COVARIATE = "the program"},
	{.at = "Host Name", COVARIATE = "the machine"},
	{.at = "Context", COVARIATE = "where it ran"},
	{.at = "Stream", COVARIATE = "where it ran"},
	{.at = "Device", COVARIATE = "where it ran"},
	{.at = "CC", COVARIATE = "what the device can do"},
	{.at = "gpu__time_duration.*",
         METRIC = "how long the kernel ran",
         .quantity = "time",
         LOWER},
	{.at = "device__attribute_*", COVARIATE = "describes the device"},
	{.at = "launch__*", COVARIATE = "describes the launch"},
};

/* nsys: the unit stands in the headers. */

static const struct schema_place nsys[] = {
	{.at = "Name", KEY = "names the kernel, call or range"},
	{.at = "Operation", KEY = "names the operation"},
	{.at = "Range", KEY = "names the range"},
	{.at = "Style", COVARIATE = "kind of the range"},
	{.at = "Med (*)", METRIC = "median of the instances", TIME},
	{.at = "Avg (*)", METRIC = "mean of the instances", TIME, .of = {"Med (*)"}},
	{.at = "Average (*)", METRIC = "mean of the instances", TIME, .of = {"Med (*)"}},
	{.at = "Average", METRIC = "mean of the instances", TIME},
	{.at = "Min*", METRIC = "shortest instance", TIME, .of = {"Med (*)", "Avg (*)", "Average"}},
	{.at = "Max*", METRIC = "longest instance", TIME, .of = {"Med (*)", "Avg (*)", "Average"}},
	{.at = "StdDev (*)", METRIC = "spread of the instances", SPREAD, .of = {"Med (*)"}},
	{.at = "Total Time*", METRIC = "sum of the instances", TIME},
	{.at = "Time (%)", IGNORED = "share of the whole"},
	{.at = "Time(%)", IGNORED = "share of the whole"},
	{.at = "Instances", IGNORED = "a count"},
	{.at = "Num Calls", IGNORED = "a count"},
	{.at = "Count", IGNORED = "a count"},
};

/* nvidia-smi: what the device reads off itself is neither better nor worse. */

static const struct schema_place nvidia_smi[] = {
	{.at = "timestamp", IGNORED = "a time"},
	{.at = "index", KEY = "numbers the devices"},
	{.at = "name", COVARIATE = "describes the device"},
	{.at = "uuid", COVARIATE = "describes the device"},
	{.at = "driver_version", COVARIATE = "describes the device"},
	{.at = "pci.*", COVARIATE = "describes the device"},
	{.at = "pstate", COVARIATE = "state of the device"},
	{.at = "memory.total *", COVARIATE = "describes the device"},
	{.at = "power.draw*", METRIC = "power of the device", .quantity = "power"},
	{.at = "power.limit*", COVARIATE = "a setting of the device"},
	{.at = "temperature.*",
         METRIC = "temperature of the device",
         .quantity = "temperature",
         .unit = "°C"},
	{.at = "utilization.*", METRIC = "how busy the device was", .quantity = "utilization"},
	{.at = "memory.*", METRIC = "memory of the device", .quantity = "memory"},
	{.at = "clocks.*", METRIC = "clock of the device", .quantity = "clock"},
	{.at = "fan.speed*", METRIC = "fan of the device", .quantity = "fan_speed"},
};

static const struct schema models[] = {
	{.tool = "llama-bench",
         .base = "*",
         .needs = SCHEMA_LIST("/build_commit", "/n_prompt", "/n_gen", "/avg_ts", "/avg_ns"),
         SCHEMA_PLACES(llama_json),
         .rest = MEANS_KEY,
         .rest_what = "an option of the run"},
	{.tool = "llama-bench",
         .needs = SCHEMA_LIST("build_commit", "n_prompt", "n_gen", "avg_ts", "avg_ns"),
         SCHEMA_PLACES(llama_csv),
         .rest = MEANS_KEY,
         .rest_what = "an option of the run"},
	{.tool = "llama-bench",
         .needs = SCHEMA_LIST("model", "size", "params", "backend", "test", "t/s"),
         SCHEMA_PLACES(llama_markdown),
         .rest = MEANS_KEY,
         .rest_what = "an option of the run"},
	{.tool = "llama-bench",
         .needs = SCHEMA_LIST("backend", "pp512", "tg128"),
         SCHEMA_PLACES(llama_pages),
         .rest = MEANS_KEY,
         .rest_what = "an option of the run"},
	{.tool = "llama-bench",
         .needs = SCHEMA_LIST("backend", "-fa", "-b", "128", "512"),
         SCHEMA_PLACES(llama_sweeps),
         .rest = MEANS_KEY,
         .rest_what = "an option of the run",
         .context_keys = SCHEMA_LIST("heading")},
	{.tool = "vLLM",
         .base = "*",
         .needs = SCHEMA_LIST("/request_throughput", "/output_throughput", "/num_prompts",
                              "/mean_ttft_ms"),
         SCHEMA_PLACES(vllm_serving)},
	{.tool = "vLLM",
         .base = "*",
         .needs = SCHEMA_LIST("/elapsed_time", "/num_requests", "/total_num_tokens",
                              "/requests_per_second", "/tokens_per_second"),
         SCHEMA_PLACES(vllm_throughput)},
	{.tool = "vLLM",
         .base = "*",
         .needs = SCHEMA_LIST("/avg_latency", "/latencies", "/percentiles/*"),
         SCHEMA_PLACES(vllm_latency)},
	{.tool = "llmperf",
         .base = "*",
         .needs = SCHEMA_LIST("/results_ttft_s_quantiles_p50", "/results_end_to_end_latency_s_*",
                              "/num_concurrent_requests"),
         SCHEMA_PLACES(llmperf_summary),
         .rest = MEANS_KEY,
         .rest_what = "what the run was told of itself"},
	{.tool = "llmperf",
         .base = "/*",
         .needs = SCHEMA_LIST("/error_code", "/ttft_s", "/inter_token_latency_s",
                              "/end_to_end_latency_s", "/number_output_tokens"),
         SCHEMA_PLACES(llmperf_requests),
         .rest = MEANS_IGNORED,
         .rest_what = "describes the request"},
	{.tool = "lm-eval",
         .base = "/results/*",
         .needs = SCHEMA_LIST("/*_stderr,none"),
         SCHEMA_PLACES(lm_eval)},
	{.tool = "lm-eval",
         .base = "/results/*",
         .needs = SCHEMA_LIST("/*_stderr"),
         SCHEMA_PLACES(lm_eval)},
	{.tool = "Nsight Compute",
         .needs = SCHEMA_LIST("ID", "Kernel Name", "Metric Name", "Metric Unit", "Metric Value"),
         SCHEMA_PLACES(ncu_long),
         .machine = "Host Name"},
	{.tool = "Nsight Compute",
         .needs = SCHEMA_LIST("ID", "Kernel Name", "Block Size", "Grid Size", "*__*"),
         SCHEMA_PLACES(ncu_raw),
         .units_row = "ID",
         .machine = "Host Name"},
	{.tool = "nsys",
         .needs = SCHEMA_LIST("Time*(%)", "Total Time*", "Min*", "Max*"),
         SCHEMA_PLACES(nsys)},
	{.tool = "nvidia-smi",
         .needs = SCHEMA_LIST("timestamp", "*.gpu*"),
         SCHEMA_PLACES(nvidia_smi)},
	{.tool = "nvidia-smi",
         .needs = SCHEMA_LIST("timestamp", "power.draw*"),
         SCHEMA_PLACES(nvidia_smi)},
};

struct schema_family schemas_of_models(void)
{
	return (struct schema_family){models, ARRAY_LEN(models)};
}
