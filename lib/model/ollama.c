/* SPDX-License-Identifier: MIT */
/*
 * Ollama's own /api/chat: one JSON object a line. Not its /v1: only here are num_ctx, keep_alive,
 * truncate and shift heard.
 */
#include <errno.h>
#include <stdlib.h>

#include "lib/model/wire.h"

#define NS_PER_MS          1e6
#define KEEP_ALIVE_DEFAULT "30m"

/* The same set with every request: another num_ctx or num_gpu makes the server load anew. */
static json_t *options_body(const struct model_options *o)
{
	json_t *out = json_object();

	wire_put_sampling(out, o);
	wire_put_int(out, "num_ctx", o->num_ctx);
	wire_put_int(out, "num_gpu", o->num_gpu);
	wire_put_int(out, "num_predict", o->num_predict);
	return out;
}

/* "30m" goes as text, "1800" and "-1" as a number: a duration without a unit is refused. */
static json_t *keep_alive_body(const char *text)
{
	char *end;
	long long n;

	if (!text || !text[0])
		return json_string(KEEP_ALIVE_DEFAULT);
	n = strtoll(text, &end, 10);
	return *end ? json_string(text) : json_integer(n);
}

static json_t *ollama_body(const struct wire_request *req)
{
	json_t *body = json_pack("{s:s, s:b, s:b, s:b, s:b, s:O}", "model", req->model, "stream", 1,
	                         "truncate", 0, "shift", 0, "think", 0, "messages", req->messages);

	if (!body)
		return NULL;
	(void)json_object_set_new(body, "keep_alive", keep_alive_body(req->keep_alive));
	(void)json_object_set_new(body, "options", options_body(req->options));
	if (req->schema)
		(void)json_object_set_new(body, "format", json_deep_copy(req->schema));
	return body;
}

static void read_metrics(struct wire_metrics *m, const json_t *doc)
{
	m->prompt_tokens = wire_int(doc, "prompt_eval_count");
	m->output_tokens = wire_int(doc, "eval_count");
	m->load_ms = wire_ms(doc, "load_duration", NS_PER_MS);
	m->prompt_eval_ms = wire_ms(doc, "prompt_eval_duration", NS_PER_MS);
	m->eval_ms = wire_ms(doc, "eval_duration", NS_PER_MS);
}

static void read_text(struct wire_event *ev, const json_t *doc)
{
	const json_t *message = json_object_get(doc, "message");
	const json_t *content = json_object_get(message, "content");

	if (json_is_string(content)) {
		ev->text = json_string_value(content);
		ev->text_len = json_string_length(content);
	}
	ev->thinking = json_string_length(json_object_get(message, "thinking")) > 0;
	ev->model = json_string_value(json_object_get(doc, "model"));
}

static int ollama_parse(const char *line, size_t len, wire_event_fn *fn, void *arg)
{
	CLEANUP(json_decrefp) json_t *doc = json_loadb(line, len, 0, NULL);
	const json_t *error = json_object_get(doc, "error");
	const char *reason = json_string_value(json_object_get(doc, "done_reason"));
	struct wire_event ev;

	if (!json_is_object(doc))
		return -EBADMSG;
	wire_event_init(&ev);
	read_text(&ev, doc);
	if (error && !json_is_null(error)) {
		ev.failed = true;
		wire_error_of(&ev.error, error);
	} else if (json_is_true(json_object_get(doc, "done"))) {
		ev.done = true;
		ev.cut = reason && strcmp(reason, "length") == 0;
		read_metrics(&ev.metrics, doc);
	}
	return fn(arg, &ev);
}

const struct wire wire_ollama = {
	.path = "/api/chat", .sends_context = true, .body = ollama_body, .parse = ollama_parse};
