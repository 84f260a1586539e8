/* SPDX-License-Identifier: MIT */
/* Models and GPUs: what their tools wrote, and what becomes of it. */
#include <criterion/criterion.h>

#include "tests/unit/analyst/tool.h"

static struct builder b;

static void done(void)
{
	build_done(&b);
}

TestSuite(schemas_models, .fini = done);

Test(schemas_models, llama_bench_keeps_the_build_and_the_machine_out_of_the_key)
{
	TOOL_EXPECT(&b, "fixture:llama_bench/sweep.json", A_KEY("n_prompt"), A_KEY("n_gen"),
	            A_KEY("n_threads"), A_KEY("model_type"), A_KEY("type_k"), A_KEY("n_batch"),
	            A_COVARIATE("build_commit"), A_COVARIATE("build_number"),
	            A_COVARIATE("cpu_info"), A_COVARIATE("model_filename"),
	            A_COVARIATE("model_size"), IS_IGNORED("test_time"),
	            A_METRIC("samples_ts", "throughput", "tok/s", HIGHER),
	            RESTATES("samples_ns", "time", "ns", LOWER),
	            RESTATES("avg_ts", "throughput", "tok/s", HIGHER),
	            RESTATES("stddev_ts", "spread", "tok/s", NONE));
	cr_expect_null(strstr(tool_subject(&b, 0, 0), "build"));
}

Test(schemas_models, llama_bench_csv_has_no_samples_but_their_mean)
{
	TOOL_EXPECT(&b, "fixture:llama_bench/sweep.csv", A_KEY("n_prompt"),
	            A_METRIC("avg_ts", "throughput", "tok/s", HIGHER),
	            RESTATES("avg_ns", "time", "ns", LOWER), A_COVARIATE("build_commit"));
}

Test(schemas_models, llama_bench_writes_markdown_for_readers_and_consoles)
{
	const struct fact *f;

	TOOL_EXPECT(&b, "fixture:llama_bench/README.md", A_KEY("model"), A_KEY("threads"),
	            A_KEY("test"), A_COVARIATE("size"), A_COVARIATE("heading"),
	            A_METRIC("t/s", "throughput", "tok/s", HIGHER));
	cr_expect_eq(b.dossier.n_groups, 2);
	f = find_fact(&b.dossier, "t/s", STAT_VALUE, "threads=2,test=pp64");
	cr_assert_not_null(f);
	cr_expect_float_eq(f->value, 435.54, 0);
	build_done(&b);
	TOOL_EXPECT(&b, "fixture:llama_bench/console.txt", A_KEY("threads"), A_KEY("test"),
	            A_METRIC("t/s", "throughput", "tok/s", HIGHER));
}

Test(schemas_models, llmperf_tells_seconds_and_what_was_asked_for)
{
	TOOL_EXPECT(&b, "fixture:llmperf/tiny_150_20_summary.json", A_KEY("model"),
	            A_KEY("num_concurrent_requests"), A_KEY("mean_input_tokens"),
	            A_METRIC("results_ttft_s_quantiles_p50", "time_to_first_token", "s", LOWER),
	            A_METRIC("results_ttft_s_quantiles_p99", "time_to_first_token", "s", LOWER),
	            RESTATES("results_ttft_s_mean", "time_to_first_token", "s", LOWER),
	            RESTATES("results_ttft_s_stddev", "spread", "s", NONE),
	            A_METRIC("results_mean_output_throughput_token_per_s", "throughput", "tok/s",
	                     HIGHER),
	            RESTATES("results_request_output_throughput_token_per_s_stddev", "spread",
	                     "tok/s", NONE),
	            A_METRIC("results_error_rate", "error_rate", NULL, LOWER),
	            IS_IGNORED("results_number_output_tokens_mean"), IS_IGNORED("timestamp"));
}

Test(schemas_models, a_request_of_llmperf_that_failed_is_not_counted)
{
	const struct fact *f;

	TOOL_EXPECT(&b, "fixture:llmperf/tiny_150_20_individual_responses.json",
	            A_METRIC("ttft_s", "time_to_first_token", "s", LOWER),
	            A_METRIC("end_to_end_latency_s", "latency", "s", LOWER),
	            IS_IGNORED("error_code"));
	f = find_fact(&b.dossier, "ttft_s", STAT_MEDIAN, "");
	cr_assert_not_null(f);
	cr_expect_eq(f->n, 3);
	cr_expect_float_eq(f->value, 0.22, 0);
}

Test(schemas_models, a_page_may_have_a_column_for_each_test_of_llama_bench)
{
	TOOL_EXPECT_OF(&b, "README.md",
	               "| backend | -fa | pp512 | tg128 | max_mem |\n|-|-|-|-|-|\n"
	               "| hip | 0 | 648.5 | 49.5 | 6598 |\n| hip | 1 | 924.5 | 51.5 | 5913 |\n",
	               A_KEY("backend"), A_KEY("-fa"),
	               A_METRIC("pp512", "throughput", "tok/s", HIGHER),
	               A_METRIC("tg128", "throughput", "tok/s", HIGHER),
	               A_METRIC("max_mem", "memory", NULL, LOWER));
}

static const char vllm[] =
	"{\"date\": \"20240821-211835\", \"backend\": \"vllm\", \"model_id\": \"meta/llama\","
	"\"tokenizer_id\": \"meta/llama\", \"num_prompts\": 200, \"request_rate\": \"inf\","
	"\"burstiness\": 1.0, \"max_concurrency\": null, \"duration\": 12.5, \"completed\": 200,"
	"\"total_input_tokens\": 42659, \"total_output_tokens\": 43545, \"request_throughput\": "
	"16.5,"
	"\"output_throughput\": 3490.5, \"total_token_throughput\": 6900.5, \"mean_ttft_ms\": "
	"1850.5,"
	"\"median_ttft_ms\": 1800.5, \"std_ttft_ms\": 900.5, \"p99_ttft_ms\": 3300.5,"
	"\"mean_tpot_ms\": 40.5, \"median_tpot_ms\": 39.5, \"std_tpot_ms\": 10.5,"
	"\"p99_tpot_ms\": 99.5, \"mean_itl_ms\": 38.5, \"median_itl_ms\": 30.5, \"std_itl_ms\": "
	"20.5,"
	"\"p99_itl_ms\": 120.5, \"input_lens\": [10, 12], \"output_lens\": [5, 6],"
	"\"ttfts\": [0.5, 0.6], \"errors\": [\"\", \"\"]}";

Test(schemas_models, vllm_tells_requests_in_seconds_and_their_summary_in_milliseconds)
{
	TOOL_EXPECT_OF(&b, "vllm.json", vllm, A_KEY("model_id"), A_KEY("backend"),
	               A_KEY("request_rate"), A_KEY("num_prompts"), A_COVARIATE("tokenizer_id"),
	               A_METRIC("request_throughput", "throughput", "req/s", HIGHER),
	               A_METRIC("output_throughput", "throughput", "tok/s", HIGHER),
	               A_METRIC("median_ttft_ms", "time_to_first_token", "ms", LOWER),
	               A_METRIC("p99_ttft_ms", "time_to_first_token", "ms", LOWER),
	               RESTATES("mean_ttft_ms", "time_to_first_token", "ms", LOWER),
	               RESTATES("ttfts", "time_to_first_token", "s", LOWER),
	               RESTATES("std_tpot_ms", "spread", "ms", NONE),
	               A_METRIC("median_itl_ms", "inter_token_latency", "ms", LOWER),
	               IS_IGNORED("duration"), IS_IGNORED("total_input_tokens"),
	               IS_IGNORED("input_lens"), IS_IGNORED("date"));
}

static const char vllm_latency[] = "{\"avg_latency\": 1.25, \"latencies\": [1.0, 1.5],"
				   "\"percentiles\": {\"10\": 1.05, \"50\": 1.25, \"99\": 1.49}}";

Test(schemas_models, vllm_latencies_are_repetitions_in_seconds)
{
	TOOL_EXPECT_OF(&b, "latency.json", vllm_latency,
	               A_METRIC("latencies", "latency", "s", LOWER),
	               RESTATES("avg_latency", "latency", "s", LOWER),
	               RESTATES("99", "latency", "s", LOWER));
}

static const char lm_eval[] =
	"{\"results\": {\"arc_easy\": {\"alias\": \"arc_easy\", \"acc,none\": 0.75,"
	"\"acc_stderr,none\": 0.0125, \"acc_norm,none\": 0.7, \"acc_norm_stderr,none\": 0.0125},"
	"\"wikitext\": {\"alias\": \"wikitext\", \"word_perplexity,none\": 10.5,"
	"\"word_perplexity_stderr,none\": \"N/A\", \"byte_perplexity,none\": 1.5},"
	"\"piqa\": {\"alias\": \"piqa\", \"acc,none\": 0.8, \"acc_stderr,none\": 0.01,"
	"\"acc_norm,none\": 0.81, \"acc_norm_stderr,none\": 0.0125}}, \"git_hash\": \"abc\","
	"\"config\": {\"model\": \"hf\", \"model_args\": \"pretrained=x\"}}";

Test(schemas_models, scores_of_lm_eval_have_a_direction_each)
{
	TOOL_EXPECT_OF(&b, "results.json", lm_eval, A_METRIC("acc,none", "acc", NULL, HIGHER),
	               A_METRIC("acc_norm,none", "acc_norm", NULL, HIGHER),
	               A_METRIC("word_perplexity,none", "word_perplexity", NULL, LOWER),
	               A_METRIC("acc_stderr,none", "spread", NULL, NONE));
}

static const char ncu[] =
	"\"ID\",\"Process ID\",\"Process Name\",\"Host Name\",\"Kernel "
	"Name\",\"Context\",\"Stream\","
	"\"Block Size\",\"Grid Size\",\"Device\",\"CC\",\"Section Name\",\"Metric Name\","
	"\"Metric Unit\",\"Metric Value\"\n"
	"\"0\",\"9\",\"app\",\"gpu-7\",\"add\",\"1\",\"7\",\"(256, 1, 1)\",\"(8, 1, "
	"1)\",\"0\",\"8.0\","
	"\"Speed\",\"Duration\",\"us\",\"5.5\"\n"
	"\"0\",\"9\",\"app\",\"gpu-7\",\"add\",\"1\",\"7\",\"(256, 1, 1)\",\"(8, 1, "
	"1)\",\"0\",\"8.0\","
	"\"Speed\",\"DRAM Throughput\",\"%\",\"44.5\"\n"
	"\"1\",\"9\",\"app\",\"gpu-7\",\"mul\",\"1\",\"7\",\"(256, 1, 1)\",\"(8, 1, "
	"1)\",\"0\",\"8.0\","
	"\"Speed\",\"Duration\",\"us\",\"7.5\"\n"
	"\"1\",\"9\",\"app\",\"gpu-7\",\"mul\",\"1\",\"7\",\"(256, 1, 1)\",\"(8, 1, "
	"1)\",\"0\",\"8.0\","
	"\"Speed\",\"DRAM Throughput\",\"%\",\"55.5\"\n";

Test(schemas_models, metrics_of_nsight_compute_in_one_column_are_one_for_each_unit)
{
	const struct fact *f;

	TOOL_EXPECT_OF(&b, "ncu.csv", ncu, A_KEY("Kernel Name"), A_KEY("Metric Name"),
	               A_COVARIATE("Host Name"), IS_IGNORED("Process ID"));
	cr_expect_str_eq(b.dossier.inventory.artifacts[0].machine, "gpu-7");
	f = find_fact(&b.dossier, "Metric Value", STAT_VALUE,
	              "Kernel Name=mul,Metric Name=Duration");
	cr_assert_not_null(f);
	cr_expect_str_eq(f->unit, "us");
	cr_expect_float_eq(f->value, 7.5, 0);
	f = find_fact(&b.dossier, "Metric Value", STAT_VALUE,
	              "Kernel Name=mul,Metric Name=DRAM Throughput");
	cr_assert_not_null(f);
	cr_expect_str_eq(f->unit, "%");
}

static const char ncu_page_raw[] =
	"\"ID\",\"Process ID\",\"Kernel Name\",\"Block Size\",\"Grid Size\","
	"\"gpu__time_duration.sum\"\n"
	"\"\",\"\",\"\",\"\",\"\",\"nsecond\"\n"
	"\"0\",\"9\",\"add\",\"(256, 1, 1)\",\"(8, 1, 1)\",\"1,234.5\"\n"
	"\"1\",\"9\",\"mul\",\"(256, 1, 1)\",\"(8, 1, 1)\",\"7.5\"\n";

Test(schemas_models, the_first_row_of_nsight_compute_raw_holds_the_units)
{
	TOOL_EXPECT_OF(&b, "raw.csv", ncu_page_raw, A_KEY("Kernel Name"),
	               A_METRIC("gpu__time_duration.sum", "time", "ns", LOWER));
	cr_expect_float_eq(
		find_fact(&b.dossier, "gpu__time_duration.sum", STAT_VALUE, "Kernel Name=add")
			->value,
		1234.5, 0);
}

static const char nsys[] =
	"Time (%),Total Time (ns),Instances,Avg (ns),Med (ns),Min (ns),Max (ns),StdDev (ns),Name\n"
	"60.5,6000,2,3000.0,3000.0,2000,4000,1414.2,add\n"
	"39.5,4000,2,2000.0,2000.0,1000,3000,1414.2,mul\n";

Test(schemas_models, nsys_is_told_by_the_median)
{
	TOOL_EXPECT_OF(&b, "nsys.csv", nsys, A_KEY("Name"),
	               A_METRIC("Med (ns)", "time", "ns", LOWER),
	               RESTATES("Avg (ns)", "time", "ns", LOWER),
	               RESTATES("Max (ns)", "time", "ns", LOWER), IS_IGNORED("Time (%)"),
	               IS_IGNORED("Instances"));
}

static const char nvidia_smi[] =
	"timestamp, name, temperature.gpu, utilization.gpu [%], power.draw [W], clocks.sm [MHz]\n"
	"2024/05/01 10:00:00.000, NVIDIA A10, 40, 10, 60.5, 1500\n"
	"2024/05/01 10:00:01.000, NVIDIA A10, 41, 99, 150.5, 1695\n"
	"2024/05/01 10:00:02.000, NVIDIA A10, 43, 98, 151.5, 1695\n";

Test(schemas_models, what_a_gpu_reads_off_itself_is_neither_better_nor_worse)
{
	TOOL_EXPECT_OF(&b, "smi.csv", nvidia_smi, IS_IGNORED("timestamp"), A_COVARIATE("name"),
	               A_METRIC("temperature.gpu", "temperature", "°C", NONE),
	               A_METRIC("power.draw [W]", "power", "W", NONE),
	               A_METRIC("utilization.gpu [%]", "utilization", "%", NONE),
	               A_METRIC("clocks.sm [MHz]", "clock", "MHz", NONE));
}
