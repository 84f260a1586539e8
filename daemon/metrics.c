/* SPDX-License-Identifier: MIT */
#include "daemon/metrics.h"

#include <inttypes.h>
#include <math.h>

/* Upper bounds in seconds: a socket's answer is in the first ones, a night's review in the last. */
static const double bounds[METRICS_BUCKETS - 1] = {
	0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 300, 1800};

static const struct {
	const char *name, *label, *help; /* the help of the first of a name stands for all */
} times[METRICS_TIMES] = {
	[METRICS_QUEUE_WAIT] = {"queue_wait_seconds", "", "From a job's submission to its start."},
	[METRICS_INGEST] = {"stage_seconds", "stage=\"ingest\"", "Stages of published reviews."},
	[METRICS_ANALYSIS] = {"stage_seconds", "stage=\"analysis\"", NULL},
	[METRICS_REPORT] = {"stage_seconds", "stage=\"report\"", NULL},
	[METRICS_REVIEW] = {"review_seconds", "", "Published reviews as a whole."},
	[METRICS_CALL] = {"call_seconds", "", "Model calls, waiting for a slot included."},
	[METRICS_CALL_QUEUE] = {"call_queue_seconds", "", "Model calls: waiting for a slot."},
	[METRICS_TTFT] = {"ttft_seconds", "", "Model calls: from being sent to the first token."},
	[METRICS_STORE] = {"store_seconds", "", "Pieces of work of the store's thread."},
	[METRICS_LOOP_LAG] = {"loop_lag_seconds", "",
                              "How long a turn of the loop kept everything else waiting."},
};

void metrics_observe(struct metrics *m, enum metrics_time what, double seconds)
{
	size_t i = 0;

	if (!m || !isfinite(seconds) || seconds < 0)
		return;
	while (i < ARRAY_LEN(bounds) && seconds > bounds[i])
		i++;
	m->times[what].in[i]++;
	m->times[what].sum += seconds;
}

static uint64_t tokens(int64_t n)
{
	return n > 0 ? (uint64_t)n : 0;
}

void metrics_call(struct metrics *m, const struct model_record *record, bool succeeded)
{
	if (!m)
		return;
	m->calls[succeeded]++;
	m->prompt_tokens += tokens(record->prompt_tokens);
	m->output_tokens += tokens(record->output_tokens);
	metrics_observe(m, METRICS_CALL, record->total_ms / 1e3);
	metrics_observe(m, METRICS_CALL_QUEUE, record->queue_ms / 1e3);
	metrics_observe(m, METRICS_TTFT, record->ttft_ms / 1e3);
}

/* --- as text ------------------------------------------------------------ */

void metrics_head(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_printf(b, "# HELP chimerad_%s %s\n# TYPE chimerad_%s %s\n", name, help, name, type);
}

void metrics_label(struct buf *b, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n') {
			buf_puts(b, "\\n");
			continue;
		}
		if (*text == '"' || *text == '\\')
			buf_putc(b, '\\');
		buf_putc(b, *text);
	}
}

static void print_histogram(struct buf *b, enum metrics_time what, const struct metrics *m)
{
	const struct metrics_histogram *h = &m->times[what];
	const char *name = times[what].name, *label = times[what].label;
	const char *comma = *label ? "," : "";
	uint64_t n = 0;

	if (times[what].help)
		metrics_head(b, name, "histogram", times[what].help);
	for (size_t i = 0; i < ARRAY_LEN(bounds); i++) {
		n += h->in[i];
		buf_printf(b, "chimerad_%s_bucket{%s%sle=\"%g\"} %" PRIu64 "\n", name, label, comma,
		           bounds[i], n);
	}
	n += h->in[METRICS_BUCKETS - 1];
	buf_printf(b, "chimerad_%s_bucket{%s%sle=\"+Inf\"} %" PRIu64 "\n", name, label, comma, n);
	buf_printf(b, "chimerad_%s_sum%s%s%s %.9g\n", name, *label ? "{" : "", label,
	           *label ? "}" : "", h->sum);
	buf_printf(b, "chimerad_%s_count%s%s%s %" PRIu64 "\n", name, *label ? "{" : "", label,
	           *label ? "}" : "", n);
}

static void print_counter(struct buf *b, const char *name, const char *label, uint64_t n)
{
	buf_printf(b, "chimerad_%s%s %" PRIu64 "\n", name, label, n);
}

void metrics_print(struct buf *b, const struct metrics *m)
{
	for (int i = 0; i < METRICS_TIMES; i++)
		print_histogram(b, (enum metrics_time)i, m);
	metrics_head(b, "calls_total", "counter", "Model calls, by how they ended.");
	print_counter(b, "calls_total", "{end=\"succeeded\"}", m->calls[true]);
	print_counter(b, "calls_total", "{end=\"failed\"}", m->calls[false]);
	metrics_head(b, "tokens_total", "counter", "Tokens, by the servers' count.");
	print_counter(b, "tokens_total", "{kind=\"prompt\"}", m->prompt_tokens);
	print_counter(b, "tokens_total", "{kind=\"output\"}", m->output_tokens);
	metrics_head(b, "reviews_total", "counter", "Published reviews, by verdict.");
	for (int v = 0; v < (int)ARRAY_LEN(m->verdicts); v++)
		buf_printf(b, "chimerad_reviews_total{verdict=\"%s\"} %" PRIu64 "\n",
		           verdict_name((enum verdict)v), m->verdicts[v]);
}
