/* SPDX-License-Identifier: MIT */
/*
 * GET /metrics: what the daemon counts (metrics.h), and what is now: jobs, open findings, model
 * servers, memory.
 */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/api_impl.h"

#define METRICS_BYTES ((size_t)16 << 20) /* a path in each of a thousand labels */
#define LABELS_BYTES  ((size_t)8 << 10)

static void job_metrics(struct buf *b, const struct jobs_counts *counts)
{
	metrics_head(b, "jobs", "gauge", "Jobs in the store by state.");
	for (size_t i = 0; i < ARRAY_LEN(counts->by_state); i++)
		buf_printf(b, "chimerad_jobs{state=\"%s\"} %" PRIu64 "\n",
		           job_state_name((enum job_state)i), counts->by_state[i]);
	metrics_head(b, "last_success_timestamp_seconds", "gauge",
	             "When the last review was published, 0 before the first.");
	buf_printf(b, "chimerad_last_success_timestamp_seconds %" PRId64 "\n",
	           counts->succeeded_at);
}

static void request_metrics(struct buf *b, const struct api *a)
{
	metrics_head(b, "http_requests_total", "counter", "Requests answered, by class of status.");
	for (size_t i = 2; i < ARRAY_LEN(a->answers); i++)
		buf_printf(b, "chimerad_http_requests_total{class=\"%zuxx\"} %" PRIu64 "\n", i,
		           a->answers[i]);
}

/* Resident pages, all and those that no file is behind. /proc answers from memory. */
static void memory_metrics(struct buf *b)
{
	uint64_t all = 0, shared = 0;
	FILE *f = fopen("/proc/self/statm", "re");
	bool known = f && fscanf(f, "%*u %" SCNu64 " %" SCNu64, &all, &shared) == 2;

	if (f)
		(void)fclose(f);
	if (!known)
		return;
	metrics_head(b, "memory_bytes", "gauge", "Resident memory; anon is what no file backs.");
	buf_printf(b, "chimerad_memory_bytes{kind=\"all\"} %" PRIu64 "\n",
	           all * (uint64_t)sysconf(_SC_PAGESIZE));
	buf_printf(b, "chimerad_memory_bytes{kind=\"anon\"} %" PRIu64 "\n",
	           (all - shared) * (uint64_t)sysconf(_SC_PAGESIZE));
}

static void endpoint_metrics(struct buf *b, const json_t *list)
{
	static const char *const gauges[] = {"slots", "busy", "queued", "reloads"};
	const json_t *one;
	size_t i;

	metrics_head(b, "endpoint_up", "gauge", "0 while a model server rests after failures.");
	json_array_foreach (list, i, one) {
		const char *state = json_string_value(json_object_get(one, "state"));

		buf_puts(b, "chimerad_endpoint_up{endpoint=\"");
		metrics_label(b, json_string_value(json_object_get(one, "name")));
		buf_printf(b, "\"} %d\n", state && strcmp(state, "resting") != 0);
	}
	for (size_t g = 0; g < ARRAY_LEN(gauges); g++) {
		buf_printf(b, "# TYPE chimerad_endpoint_%s gauge\n", gauges[g]);
		json_array_foreach (list, i, one) {
			const json_t *value = json_object_get(one, gauges[g]);

			buf_printf(b, "chimerad_endpoint_%s{endpoint=\"", gauges[g]);
			metrics_label(b, json_string_value(json_object_get(one, "name")));
			buf_printf(b, "\"} %" JSON_INTEGER_FORMAT "\n", json_integer_value(value));
		}
	}
}

static void add_label(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, "%s=\"", name);
	metrics_label(b, value ? value : "");
	buf_puts(b, "\"");
}

/* kind, state and subject; a subject without a name is told by its first path. */
static void add_labels(struct buf *b, const json_t *count)
{
	const char *subject = json_string_value(json_object_get(count, "subject"));
	const json_t *path = json_array_get(json_object_get(count, "paths"), 0);

	add_label(b, "kind", json_string_value(json_object_get(count, "kind")));
	buf_puts(b, ",");
	add_label(b, "state", json_string_value(json_object_get(count, "state")));
	buf_puts(b, ",");
	add_label(b, "subject", subject ? subject : json_string_value(path));
}

/* Subjects that differ may have the same labels. */
static json_t *sum_by_labels(const json_t *counts)
{
	json_t *sums = json_object();
	const json_t *one;
	size_t i;

	json_array_foreach (counts, i, one) {
		CLEANUP(buf_done) struct buf labels = BUF_INIT(LABELS_BYTES);
		json_int_t n = json_integer_value(json_object_get(one, "n"));

		add_labels(&labels, one);
		if (!labels.failed)
			(void)json_object_set_new(
				sums, buf_text(&labels),
				json_integer(n + json_integer_value(json_object_get(
							 sums, buf_text(&labels)))));
	}
	return sums;
}

static void finding_metrics(struct buf *b, const json_t *found)
{
	json_t *sums = sum_by_labels(json_object_get(found, "counts")), *n;
	const char *labels;

	metrics_head(b, "open_findings", "gauge",
	             "Findings of the last review of each subject that are open.");
	json_object_foreach (sums, labels, n)
		buf_printf(b, "chimerad_open_findings{%s} %" JSON_INTEGER_FORMAT "\n", labels,
		           json_integer_value(n));
	json_decref(sums);
	metrics_head(b, "open_findings_omitted", "gauge",
	             "Open findings of too many subjects and kinds to tell them all.");
	buf_printf(b, "chimerad_open_findings_omitted %" JSON_INTEGER_FORMAT "\n",
	           json_integer_value(json_object_get(found, "omitted")));
}

/* Without the store the rest is told all the same: that is when somebody looks. */
static void on_findings(void *arg, const struct jobs_result *r)
{
	struct api_call *c = arg;
	const struct api *a = c->api;
	struct buf b = BUF_INIT(METRICS_BYTES);
	struct jobs_counts counts = a->env.counts(a->env.arg);
	json_t *endpoints = a->env.endpoints(a->env.arg);

	metrics_head(&b, "build_info", "gauge", "The version, as a label.");
	buf_puts(&b, "chimerad_build_info{version=\"" CHIMERAD_VERSION "\"} 1\n");
	metrics_head(&b, "uptime_seconds", "gauge", "Seconds since the daemon started.");
	buf_printf(&b, "chimerad_uptime_seconds %.3f\n",
	           (double)(uv_now(a->env.loop) - a->begun_ms) / 1e3);
	metrics_head(&b, "ready", "gauge", "1 while jobs are accepted.");
	buf_printf(&b, "chimerad_ready %d\n", a->ready);
	metrics_head(&b, "store_up", "gauge", "0 when the store cannot be read.");
	buf_printf(&b, "chimerad_store_up %d\n", r->status == 0);
	job_metrics(&b, &counts);
	if (r->status == 0)
		finding_metrics(&b, r->json);
	request_metrics(&b, a);
	memory_metrics(&b);
	endpoint_metrics(&b, endpoints);
	json_decref(endpoints);
	if (a->env.metrics)
		metrics_print(&b, a->env.metrics);
	if (b.failed)
		buf_done(&b);
	api_answer_text(c, 200, "text/plain; version=0.0.4; charset=utf-8", b.data);
}

void api_metrics(struct api_call *c, const struct http_request *req)
{
	(void)req;
	c->query = (struct jobs_query){.op = JOBS_COUNT};
	api_ask(c, on_findings);
}
