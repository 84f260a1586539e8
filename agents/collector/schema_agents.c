/* SPDX-License-Identifier: MIT */
/*
 * What the Chimera agents left of their runs: metrics.json and summary.json. Their speedup and
 * efficiency compare two agents that ran at the same time with the sum of the same two times, and
 * so tell how alike their answers were in length, whatever the machine did; what grows with the
 * length of an answer compares answers, too. Neither is a metric. What we export ourselves under
 * these names has times that were measured one after the other, and says so in a member of its own.
 */
#include "agents/collector/schema_words.h"

#define AGENTS "Chimera agents"

#define LENGTH   "grows with the length of the answer"
#define AT_ONCE  "from times that were measured at once, not one after the other"
#define OF_CALLS "of unlike calls together: each of them tells more"
#define OF_TWO   "a difference of two others"
#define WORDS    "words"

static const struct schema_place calls[] = {
	{.at = "/stage", KEY = "what was asked"},
	{.at = "/metrics/throughput_tokens_per_sec",
         METRIC = "tokens written each second, by the server's clock",
         TOKENS_RATE},
	{.at = "/metrics/ttft_ms",
         METRIC = "time to the first token, with loading the model",
         FIRST_TOKEN,
         .unit = "ms"},
	{.at = "/metrics/prompt_eval_duration_ms",
         METRIC = "time for reading the prompt",
         .quantity = "prompt_eval_time",
         LOWER,
         .unit = "ms"},
	{.at = "/metrics/load_duration_ms",
         METRIC = "time for loading the model",
         .quantity = "load_time",
         LOWER,
         .unit = "ms"},
	{.at = "/metrics/*_duration_ms", IGNORED = LENGTH},
	{.at = "/metrics/tokens_generated", IGNORED = "the length of the answer"},
	{.at = "/run_number", IGNORED = "numbers the runs"},
	{.at = "/prompt", IGNORED = WORDS},
	{.at = "/response", IGNORED = WORDS},
};

/* A call that failed was written down as one of zeros. */
static const struct schema_skip no_tokens[] = {
	{.at = "/metrics/tokens_generated", .text = "0", .always = true, .why = "no tokens came"},
};

#define OF_A_RUN                                                         \
	{.at = "/collector_throughput",                                  \
	 METRIC = "tokens each second of the first agent",               \
	 TOKENS_RATE},                                                   \
		{.at = "/insight_throughput",                            \
	         METRIC = "tokens each second of the second agent",      \
	         TOKENS_RATE},                                           \
		{.at = "/collector_ttft_ms",                             \
	         METRIC = "time to the first token of the first agent",  \
	         FIRST_TOKEN,                                            \
	         .unit = "ms"},                                          \
		{.at = "/insight_ttft_ms",                               \
	         METRIC = "time to the first token of the second agent", \
	         FIRST_TOKEN,                                            \
	         .unit = "ms"},                                          \
		{.at = "/scenario", KEY = "which agents ran"},           \
		{.at = "/*_delta*", IGNORED = OF_TWO},                   \
		{.at = "/concurrent_wall_time_s", IGNORED = LENGTH},     \
	{                                                                \
		.at = "/run_number", IGNORED = "numbers the runs"        \
	}

static const struct schema_place runs[] = {
	OF_A_RUN,
	{.at = "/concurrency_speedup", IGNORED = AT_ONCE},
	{.at = "/efficiency_percent", IGNORED = AT_ONCE},
	{.at = "/sequential_estimated_s", IGNORED = AT_ONCE},
	{.at = "/resource_contention_detected", IGNORED = AT_ONCE},
};

static const struct schema_place measured_runs[] = {
	OF_A_RUN,
	{.at = "/concurrency_speedup",
         METRIC = "the agents one after the other, of the agents together",
         .quantity = "speedup",
         HIGHER},
	{.at = "/efficiency_percent", IGNORED = "the speedup for each agent"},
	{.at = "/sequential_*_s", IGNORED = LENGTH},
	{.at = "/resource_contention_detected", IGNORED = "follows from the speedup"},
};

#define READING                                                                                  \
	{.at = "*/workflow/ingest_seconds", METRIC = "time for reading the artifacts", SECONDS}, \
	{                                                                                        \
		.at = "*/workflow/*_seconds", IGNORED = LENGTH                                   \
	}

static const struct schema_place one_run[] = {
	READING,
	{.at = "/scenario", KEY = "which agents ran"},
	{.at = "/*/configuration/*", KEY = "an option of the model"},
	{.at = "*/system_info/*", COVARIATE = "describes the machine"},
	{.at = "*/base_url", COVARIATE = "where the model was served"},
	{.at = "/summary/*", IGNORED = "summary.json and the calls have it, too"},
};

static const struct schema_place one_agent_each[] = {
	READING,
	{.at = "/agent_type", COVARIATE = "follows from the agent"},
	{.at = "/model", KEY = "the model"},
	{.at = "/configuration/*", KEY = "an option of the model"},
	{.at = "/system_info/*", COVARIATE = "describes the machine"},
};

/* The twins in Python keep no calls, and their first token is the prompt's evaluation alone. */

#define PYTHON_AGENT(of)                                                                         \
	{.at = "/" of "/metrics/aggregate_metrics/average_tokens_per_second",                    \
	 METRIC = "mean of two calls, tokens written each second",                               \
	 TOKENS_RATE},                                                                           \
		{.at = "/" of "/metrics/aggregate_metrics/average_ttft_ms",                      \
	         METRIC = "mean of two calls, time for reading the prompt",                      \
	         .quantity = "prompt_eval_time",                                                 \
	         .unit = "ms",                                                                   \
	         LOWER},                                                                         \
		{.at = "/" of "/metrics/aggregate_metrics/p95_*", IGNORED = "of two calls"},     \
		{.at = "/" of "/metrics/aggregate_metrics/total_duration_ms", IGNORED = LENGTH}, \
		{.at = "/" of "/execution_time", IGNORED = LENGTH},                              \
		{.at = "/" of "/metrics/model", KEY = "the model"},                              \
	{                                                                                        \
		.at = "/" of "/metrics/configuration/*", KEY = "an option of the model"          \
	}

static const struct schema_place python_runs[] = {
	PYTHON_AGENT("baseline_results"),
	PYTHON_AGENT("chimera_results"),
};

#define TEXTS                                                                          \
	.context_else = SCHEMA_LIST("prompt", "timestamp", "generated_at", "summary",  \
	                            "raw_response", "report_markdown", "data_summary", \
	                            "agent_type")

static const struct schema agents[] = {
	{.tool = AGENTS,
         .base = "*/llm_calls/*",
         .needs = SCHEMA_LIST("/stage", "/metrics/throughput_tokens_per_sec",
                              "/metrics/tokens_generated"),
         SCHEMA_PLACES(calls),
         SCHEMA_SKIPS(no_tokens),
         .context_keys = SCHEMA_LIST("name", "label", "scenario", "model", "num_ctx", "num_gpu",
                                     "temperature", "top_p", "top_k", "min_p", "repeat_penalty"),
         TEXTS},
	{.tool = AGENTS,
         .base = "*/individual_runs/*",
         .needs = SCHEMA_LIST("/throughput_tokens_per_sec", "/tokens_generated"),
         .rest = MEANS_IGNORED,
         .rest_what = "llm_calls has it, too",
         TEXTS},
	{.tool = AGENTS,
         .base = "/runs/*",
         .needs = SCHEMA_LIST("/concurrency_speedup", "/sequential_measured_s",
                              "/collector_throughput"),
         SCHEMA_PLACES(measured_runs),
         .context_keys = SCHEMA_LIST("scenario", "model"),
         TEXTS},
	{.tool = AGENTS,
         .base = "/runs/*",
         .needs = SCHEMA_LIST("/concurrency_speedup", "/sequential_estimated_s",
                              "/collector_throughput"),
         SCHEMA_PLACES(runs),
         .context_keys = SCHEMA_LIST("scenario", "model"),
         TEXTS},
	{.tool = AGENTS,
         .base = "",
         .needs = SCHEMA_LIST("/aggregate/average_concurrency_speedup", "/agent_a/base_url"),
         .rest = MEANS_IGNORED,
         .rest_what = OF_CALLS},
	{.tool = AGENTS,
         .base = "*",
         .needs = SCHEMA_LIST("/collector/execution_time_s", "/summary/concurrency_speedup"),
         SCHEMA_PLACES(one_run),
         .rest = MEANS_IGNORED,
         .rest_what = OF_CALLS},
	{.tool = AGENTS,
         .base = "/*",
         .needs = SCHEMA_LIST("/aggregate_metrics/average_tokens_per_second",
                              "/workflow/ingest_seconds"),
         SCHEMA_PLACES(one_agent_each),
         .rest = MEANS_IGNORED,
         .rest_what = OF_CALLS},
	{.tool = AGENTS,
         .base = "/*",
         .needs = SCHEMA_LIST(
		 "/baseline_results/metrics/aggregate_metrics/average_tokens_per_second",
		 "/chimera_results/metrics/aggregate_metrics/average_tokens_per_second"),
         SCHEMA_PLACES(python_runs),
         .rest = MEANS_IGNORED,
         .rest_what = WORDS},
};

struct schema_family schemas_of_agents(void)
{
	return (struct schema_family){agents, ARRAY_LEN(agents)};
}
