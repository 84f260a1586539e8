/* SPDX-License-Identifier: MIT */
/* What a call cost, and how it went: its entry in the report. */
#include <errno.h>
#include <stdio.h>

#include "lib/base/clock.h"
#include "lib/model/call.h"

#define NS_PER_MS 1e6

void call_record_init(struct model_call *c)
{
	c->record = (struct model_record)MODEL_RECORD_NONE;
	c->record.options = c->options;
	c->record.begun_ns = clock_mono_ns();
	(void)snprintf(c->record.model, sizeof c->record.model, "%s", c->name ? c->name : "");
}

const char *call_model_name(const struct model_call *c, const struct endpoint *ep)
{
	return c->name ? c->name : ep->model ? ep->model : "";
}

void call_record_place(struct model_call *c, const struct endpoint *ep)
{
	struct model_record *rec = &c->record;

	(void)snprintf(rec->endpoint, sizeof rec->endpoint, "%s", ep->name);
	(void)snprintf(rec->provider, sizeof rec->provider, "%s",
	               model_provider_name(ep->provider));
}

void call_record_begin(struct model_call *c)
{
	struct model_record *rec = &c->record;

	call_record_place(c, c->ep);
	(void)snprintf(rec->model, sizeof rec->model, "%s", call_model_name(c, c->ep));
	if (c->options.num_predict == -1)
		c->options.num_predict = WIRE_PREDICT_DEFAULT;
	rec->options = c->options;
	if (!c->wire->sends_context)
		rec->options.num_ctx = rec->options.num_gpu = -1;
}

static void record_server(struct model_record *rec, const struct wire_metrics *m)
{
	rec->prompt_tokens = m->prompt_tokens;
	rec->output_tokens = m->output_tokens;
	rec->load_ms = m->load_ms;
	rec->prompt_eval_ms = m->prompt_eval_ms;
	rec->eval_ms = m->eval_ms;
	if (m->output_tokens > 0 && m->eval_ms > 0)
		rec->tokens_per_s = (double)m->output_tokens * 1000 / m->eval_ms;
}

static double spent_ms(const struct model_call *c)
{
	uint64_t sum = 0;

	for (int s = 0; s < CALL_STATES; s++)
		sum += s == CALL_QUEUED ? 0 : c->spent_ns[s];
	return (double)sum / NS_PER_MS;
}

void call_record_fill(struct model_call *c, int status)
{
	struct model_record *rec = &c->record;
	const char *finish = c->cut ? "length" : "stop";

	record_server(rec, &c->metrics);
	rec->truncated = call_prompt_was_cut(c);
	rec->queue_ms = (double)c->spent_ns[CALL_QUEUED] / NS_PER_MS;
	rec->total_ms = spent_ms(c);
	rec->attempts = c->attempts;
	if (c->first_ns)
		rec->ttft_ms = (double)(c->first_ns - c->sent_ns) / NS_PER_MS;
	if (status < 0)
		finish = status == -ECANCELED ? "cancelled" : "error";
	(void)snprintf(rec->finish, sizeof rec->finish, "%s", finish);
	if (status == -ECANCELED)
		(void)snprintf(rec->error, sizeof rec->error, "cancelled");
	else if (status < 0 && c->failures > 1)
		(void)snprintf(rec->error, sizeof rec->error, "%.230s (%u tries)", c->failure.text,
		               c->failures);
	else if (status < 0)
		(void)snprintf(rec->error, sizeof rec->error, "%s", c->failure.text);
	wire_tidy(rec->error);
	wire_tidy(rec->model);
}
