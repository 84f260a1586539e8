/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <math.h>

#include "daemon/metrics.h"

static struct metrics m;
static struct buf text = BUF_INIT(1 << 20);

static void has(const char *line)
{
	cr_expect(strstr(buf_text(&text), line), "%s is not in\n%s", line, buf_text(&text));
}

static void print(void)
{
	metrics_print(&text, &m);
	cr_assert(!text.failed);
}

static void clear(void)
{
	buf_done(&text);
}

TestSuite(metrics, .fini = clear);

Test(metrics, a_bucket_counts_what_lies_at_or_below_its_bound)
{
	metrics_observe(&m, METRICS_CALL, 0.001);
	metrics_observe(&m, METRICS_CALL, 0.0011);
	metrics_observe(&m, METRICS_CALL, 1e6);
	print();
	has("chimerad_call_seconds_bucket{le=\"0.001\"} 1\n");
	has("chimerad_call_seconds_bucket{le=\"0.0025\"} 2\n");
	has("chimerad_call_seconds_bucket{le=\"1800\"} 2\n");
	has("chimerad_call_seconds_bucket{le=\"+Inf\"} 3\n");
	has("chimerad_call_seconds_sum 1000000\n");
	has("chimerad_call_seconds_count 3\n");
}

Test(metrics, what_was_not_measured_counts_for_nothing)
{
	const struct model_record none = MODEL_RECORD_NONE;

	metrics_observe(NULL, METRICS_CALL, 1);
	metrics_observe(&m, METRICS_REPORT, -1);
	metrics_observe(&m, METRICS_REPORT, (double)INFINITY);
	metrics_call(&m, &none, false);
	print();
	has("chimerad_stage_seconds_count{stage=\"report\"} 0\n");
	has("chimerad_ttft_seconds_count 0\n");
	has("chimerad_calls_total{end=\"failed\"} 1\n");
	has("chimerad_tokens_total{kind=\"output\"} 0\n");
}

Test(metrics, a_call_tells_its_times_and_tokens)
{
	struct model_record record = MODEL_RECORD_NONE;

	record.total_ms = 2000;
	record.ttft_ms = 40;
	record.queue_ms = 0;
	record.prompt_tokens = 300;
	record.output_tokens = 70;
	metrics_call(&m, &record, true);
	metrics_call(&m, &record, true);
	print();
	has("chimerad_call_seconds_sum 4\n");
	has("chimerad_ttft_seconds_bucket{le=\"0.05\"} 2\n");
	has("chimerad_call_queue_seconds_bucket{le=\"0.001\"} 2\n");
	has("chimerad_calls_total{end=\"succeeded\"} 2\n");
	has("chimerad_tokens_total{kind=\"prompt\"} 600\n");
	has("chimerad_tokens_total{kind=\"output\"} 140\n");
}

Test(metrics, a_label_cannot_end_its_line)
{
	metrics_label(&text, "a\"b\\c\nd");
	cr_expect_str_eq(buf_text(&text), "a\\\"b\\\\c\\nd");
}
