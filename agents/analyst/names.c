/* SPDX-License-Identifier: MIT */
/* What a column is for when it does not measure, by its name. */
#include "agents/analyst/units.h"
#include "agents/analyst/words.h"

#include <string.h>

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

bool name_is_error(const char *name)
{
	struct words w = words_of(name);

	return words_are_any(&w, LIST("error", "err", "exception", "error_message", "error_msg",
	                              "error_text", "failure", "failed", "failure_reason",
	                              "exception_message", "traceback", "error_occurred",
	                              "skipped_reason", "skipped", "skip_message"));
}

bool name_is_success(const char *name)
{
	struct words w = words_of(name);

	return words_are_any(&w, LIST("success", "ok", "passed", "successful", "succeeded",
	                              "is_success", "valid", "success_flag"));
}

bool name_is_status(const char *name)
{
	struct words w = words_of(name);

	return words_are_any(&w,
	                     LIST("status", "state", "outcome", "result", "run_status", "verdict"));
}

bool name_is_exit_code(const char *name)
{
	struct words w = words_of(name);

	return words_are_any(&w, LIST("exit_code", "exit_codes", "exitcode", "exit_status",
	                              "returncode", "return_code", "rc"));
}

bool name_is_index(const char *name)
{
	static const char *const ends[] = {"index", "idx",   "id", "no",  "rank", "seed", "pid",
	                                   "row",   "trial", "#",  "num", "port", NULL};
	static const char *const whole[] = {"i",          "n",          "run",
	                                    "runs_index", "iteration",  "iter",
	                                    "rep",        "repetition", "repetition_index",
	                                    "repeat",     "attempt",    "step",
	                                    "line",       "order",      "sample_index",
	                                    "epoch",      "invocation", "round",
	                                    "fork",       "run_number", "test_number",
	                                    "process_id", "nr",         NULL};
	struct words w = words_of(name);

	if (strcmp(name, "#") == 0 || strcmp(name, "") == 0)
		return true;
	if (words_are_any(&w, whole))
		return true;
	for (const char *const *end = ends; *end; end++)
		if (strcmp(words_last(&w), *end) == 0)
			return true;
	return false;
}

bool name_is_count(const char *name)
{
	static const char *const nouns[] = {
		"count",    "counts",      "chars",    "characters", "tokens",   "token",
		"samples",  "runs",        "tests",    "iterations", "loops",    "rounds",
		"detected", "completed",   "requests", "errors",     "taken",    "failures",
		"rows",     "total",       "words",    "lines",      "outliers", "processes",
		"cycles",   "inferences",  "warmup",   "n",          "length",   "num",
		"prompts",  "repetitions", NULL};
	struct words w = words_of(name);

	return words_any(&w, nouns) || (w.n > 1 && words_has(&w, "number"));
}

bool name_is_tally(const char *name)
{
	struct words w = words_of(name);
	const char *last = words_last(&w);

	return strcmp(last, "count") == 0 || strcmp(last, "counts") == 0 ||
	       strcmp(last, "chars") == 0 || strcmp(last, "characters") == 0 ||
	       strcmp(last, "tokens") == 0;
}

/* What a benchmark is told, not what it finds out. */
static const char *const options[] = {"num_gpu",
                                      "num_ctx",
                                      "temperature",
                                      "temp",
                                      "top_p",
                                      "top_k",
                                      "min_p",
                                      "batch_size",
                                      "batch",
                                      "bs",
                                      "threads",
                                      "n_threads",
                                      "num_threads",
                                      "n_batch",
                                      "n_ubatch",
                                      "n_gpu_layers",
                                      "ngl",
                                      "gpu_layers",
                                      "concurrency",
                                      "max_concurrency",
                                      "repeat_penalty",
                                      "num_predict",
                                      "max_tokens",
                                      "n_prompt",
                                      "n_gen",
                                      "n_depth",
                                      "num_thread",
                                      "num_batch",
                                      "ctx",
                                      "context",
                                      "context_length",
                                      "n_ctx",
                                      "ctx_size",
                                      "num_keep",
                                      "clients",
                                      "connections",
                                      "users",
                                      "workers",
                                      "num_workers",
                                      "block_size",
                                      "iodepth",
                                      "numjobs",
                                      "jobs",
                                      "processes",
                                      "nodes",
                                      "ranks",
                                      "gpus",
                                      "n_gpus",
                                      "num_gpus",
                                      "tp",
                                      "pp",
                                      "dp",
                                      "tensor_parallel",
                                      "tensor_parallel_size",
                                      "pipeline_parallel_size",
                                      "request_rate",
                                      "qps_target",
                                      "num_prompts",
                                      "input_len",
                                      "output_len",
                                      "input_length",
                                      "output_length",
                                      "seq_len",
                                      "sequence_length",
                                      "size",
                                      "width",
                                      "height",
                                      "depth",
                                      "channels",
                                      "dim",
                                      "input_dim",
                                      "hidden_dim",
                                      "output_dim",
                                      "hidden_size",
                                      "layers",
                                      "num_layers",
                                      "heads",
                                      "bits",
                                      "level",
                                      "compression_level",
                                      "degree",
                                      "parallelism",
                                      "replicas",
                                      "shards",
                                      "partitions",
                                      "payload_size",
                                      "message_size",
                                      "buffer_size",
                                      "page_size",
                                      "chunk_size",
                                      "stride",
                                      "kernel_size",
                                      "learning_rate",
                                      "lr",
                                      "epochs",
                                      "rate_limit",
                                      "burstiness",
                                      "vus",
                                      "warmup_runs",
                                      "flash_attn",
                                      "cluster_size",
                                      "scale_factor",
                                      NULL};

bool name_is_option(const char *name)
{
	struct words w = words_of(name);

	return words_are_any(&w, options);
}

bool name_is_time(const char *name)
{
	struct words w = words_of(name);

	return words_any(&w,
	                 LIST("timestamp", "datetime", "date", "ts_utc", "created", "modified")) ||
	       words_are_any(&w, LIST("generated_at", "started_at", "finished_at", "start_time",
	                              "end_time", "test_time", "created_at", "updated_at",
	                              "time_stamp", "execution_time_utc", "earliest", "latest",
	                              "time_utc", "ended_at"));
}

bool name_is_prose(const char *name)
{
	struct words w = words_of(name);

	return words_any(&w, LIST("prompt", "prompts", "response", "answer", "text", "message",
	                          "description", "notes", "note", "comment", "question", "output",
	                          "stdout", "stderr", "log", "preview", "reason", "summary",
	                          "content", "transcript")) &&
	       !words_has(&w, "eval");
}

bool name_is_environment(const char *name)
{
	struct words w = words_of(name);

	return words_any(&w, LIST("version", "driver", "commit", "hostname", "host", "python", "os",
	                          "platform", "sha", "hash", "branch", "compiler", "cpuinfo",
	                          "build", "username", "cwd", "path", "url", "filename", "uuid",
	                          "cuda", "executable", "torch", "attribute")) ||
	       words_are_any(&w, LIST("gpu_name", "cpu_name", "gpu_info", "cpu_info", "gpu_model",
	                              "cpu_model", "cpu_model_name", "cpu_freq", "cpu_affinity",
	                              "pstate"));
}

bool name_is_sensor(const char *name)
{
	struct words w = words_of(name);

	return words_any(&w, LIST("power", "fan", "utilization", "utilisation", "clock", "pstate",
	                          "throttle", "vram", "watts")) ||
	       words_are_any(&w, LIST("cpu_percent", "memory_percent", "memory_used_mb",
	                              "memory_free_mb", "gpu_id", "temperature_gpu"));
}

bool name_is_unit(const char *name)
{
	struct words w = words_of(name);

	return words_are_any(&w, LIST("unit", "units", "time_unit", "score_unit", "metric_unit"));
}

bool name_is_quantity(const char *name)
{
	struct words w = words_of(name);

	return words_are_any(&w, LIST("metric", "metrics", "metric_name", "measure", "statistic",
	                              "stat", "quantity", "measurement"));
}

bool name_is_parameter(const char *name)
{
	struct words w = words_of(name);

	return w.n > 1 && strcmp(w.word[0], "parameter") == 0;
}

bool name_is_other_work(const char *name)
{
	struct words w = words_of(name);

	return words_are_any(&w, LIST("n_prompt", "n_gen", "n_depth", "test", "test_name",
	                              "test_case", "case", "case_name", "query", "query_name",
	                              "query_id", "statement", "task", "task_name", "benchmark",
	                              "benchmark_name", "bench", "prompt", "prompt_name",
	                              "prompt_id", "section", "fullname", "full_name", "run_name",
	                              "dataset", "scenario", "workload", "suite", "percentile",
	                              "percentage_served", "event", "stage"));
}

bool name_is_workload(const char *name)
{
	struct words w = words_of(name);

	return name_is_other_work(name) ||
	       words_are_any(&w, LIST("command", "cmd", "name", "kernel", "kernel_name", "function",
	                              "function_name", "func", "label", "title", "config_name",
	                              "configuration_name", "display_name", "method", "operation",
	                              "op", "variant", "experiment", "night", "day"));
}

bool name_is_work(const char *name)
{
	struct words w = words_of(name);

	return name_is_other_work(name) ||
	       words_are_any(&w, LIST("name", "kernel", "kernel_name", "function", "function_name",
	                              "func", "operation", "op"));
}

bool name_is_statistic(const char *word)
{
	static const char *const statistics[] = {
		"mean", "avg",   "average", "median", "min", "max",    "minimum",  "maximum",
		"std",  "stdev", "stddev",  "sd",     "sem", "stderr", "variance", "cv",
		"iqr",  "mad",   "q1",      "q3",     "p1",  "p5",     "p10",      "p25",
		"p50",  "p75",   "p90",     "p95",    "p99", "p999",   "p9999",    NULL};

	for (const char *const *s = statistics; *s; s++)
		if (strcmp(word, *s) == 0)
			return true;
	return false;
}
