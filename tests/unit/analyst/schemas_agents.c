/* SPDX-License-Identifier: MIT */
/* What the Chimera agents left: files of their shapes, with figures made for the test. */
#include <criterion/criterion.h>

#include "tests/unit/analyst/tool.h"

static struct builder b;

static void done(void)
{
	build_done(&b);
}

TestSuite(schemas_agents, .fini = done);

Test(schemas_agents, calls_are_what_was_measured)
{
	TOOL_EXPECT(&b, "fixture:chimera_agents/run_metrics.json", A_KEY("stage"), A_KEY("label"),
	            A_KEY("scenario"), A_KEY("model"),
	            A_METRIC("throughput_tokens_per_sec", "throughput", "tok/s", HIGHER),
	            A_METRIC("ttft_ms", "time_to_first_token", "ms", LOWER),
	            A_METRIC("load_duration_ms", "load_time", "ms", LOWER),
	            A_METRIC("ingest_seconds", "time", "s", LOWER), IS_IGNORED("eval_duration_ms"),
	            IS_IGNORED("tokens_generated"), IS_IGNORED("raw_response"),
	            IS_IGNORED("report_markdown"));
}

Test(schemas_agents, a_call_of_zeros_failed)
{
	TOOL_EXPECT(&b, "fixture:chimera_agents/run_metrics.json", A_KEY("stage"));
	cr_expect_eq(tool_left_out(&b, "no tokens came"), 1);
}

Test(schemas_agents, numbers_harvested_from_elsewhere_are_none_of_theirs)
{
	TOOL_EXPECT(&b, "fixture:chimera_agents/run_metrics.json", IS_IGNORED("csv_tokens_s"),
	            IS_IGNORED("average_tokens_per_second"));
}

Test(schemas_agents, a_speedup_of_times_measured_at_once_is_no_metric)
{
	TOOL_EXPECT(&b, "fixture:chimera_agents/summary.json", A_KEY("scenario"),
	            A_METRIC("collector_throughput", "throughput", "tok/s", HIGHER),
	            A_METRIC("insight_ttft_ms", "time_to_first_token", "ms", LOWER),
	            IS_IGNORED("concurrency_speedup"), IS_IGNORED("efficiency_percent"),
	            IS_IGNORED("sequential_estimated_s"), IS_IGNORED("throughput_delta"),
	            IS_IGNORED("resource_contention_detected"),
	            IS_IGNORED("concurrent_wall_time_s"));
}

Test(schemas_agents, a_single_run_tells_each_agent)
{
	const struct fact *f;

	TOOL_EXPECT(&b, "fixture:chimera_agents/single_metrics.json", A_KEY("name"), A_KEY("stage"),
	            A_METRIC("throughput_tokens_per_sec", "throughput", "tok/s", HIGHER),
	            IS_IGNORED("average_ttft_ms"));
	f = find_fact(&b.dossier, "ttft_ms", STAT_VALUE, "stage=analysis,name=chimera");
	cr_assert_not_null(f);
	cr_expect_float_eq(f->value, 158.6158, 1e-9);
}

Test(schemas_agents, the_first_token_of_the_python_twins_is_the_prompt_alone)
{
	TOOL_EXPECT(&b, "fixture:chimera_agents/python_metrics.json", A_KEY("num_ctx"),
	            IS_IGNORED("execution_time"), IS_IGNORED("report"));
}

/* Its own label and options, not those of the one beside it. */
Test(schemas_agents, each_agent_has_its_own_configuration)
{
	const struct fact *first, *second;

	TOOL_EXPECT(&b, "fixture:chimera_agents/run_metrics.json", A_KEY("label"),
	            A_KEY("num_ctx"));
	first = find_fact(&b.dossier, "throughput_tokens_per_sec", STAT_VALUE,
	                  "stage=analysis,scenario=baseline_vs_chimera,label=DataCollector,"
	                  "model=gemma3:latest");
	second = find_fact(&b.dossier, "throughput_tokens_per_sec", STAT_VALUE,
	                   "stage=analysis,scenario=baseline_vs_chimera,label=InsightAgent,"
	                   "num_gpu=80,num_ctx=512,temperature=0.8,model=gemma3:latest");
	cr_assert_not_null(first);
	cr_assert_not_null(second);
	cr_expect_float_eq(first->value, 41.1477, 1e-9);
	cr_expect_float_eq(second->value, 41.116, 1e-9);
}
