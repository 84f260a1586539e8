/* SPDX-License-Identifier: MIT */
/*
 * /v1/chat/completions as llama-server, vLLM, LM Studio and their like speak it: server-sent
 * events, each with one JSON object.
 */
#include <errno.h>

#include "lib/model/wire.h"

static json_t *schema_body(const json_t *schema)
{
	return json_pack("{s:s, s:{s:s, s:b, s:o}}", "type", "json_schema", "json_schema", "name",
	                 "answer", "strict", 1, "schema", json_deep_copy(schema));
}

static json_t *openai_body(const struct wire_request *req)
{
	json_t *body = json_pack("{s:s, s:b, s:{s:b}, s:O}", "model", req->model, "stream", 1,
	                         "stream_options", "include_usage", 1, "messages", req->messages);

	if (!body)
		return NULL;
	wire_put_sampling(body, req->options);
	wire_put_int(body, "max_tokens", req->options->num_predict);
	if (req->schema)
		(void)json_object_set_new(body, "response_format", schema_body(req->schema));
	if (req->is_llama)
		(void)json_object_set_new(body, "cache_prompt", json_true());
	return body;
}

static void read_usage(struct wire_metrics *m, const json_t *usage)
{
	m->prompt_tokens = wire_int(usage, "prompt_tokens");
	m->output_tokens = wire_int(usage, "completion_tokens");
}

/* Only llama-server sends them. prompt_n is without the tokens that were in the cache. */
static void read_timings(struct wire_metrics *m, const json_t *timings)
{
	int64_t cached = wire_int(timings, "cache_n"), read = wire_int(timings, "prompt_n");

	if (m->prompt_tokens < 0 && read >= 0)
		m->prompt_tokens = read + (cached > 0 ? cached : 0);
	if (m->output_tokens < 0)
		m->output_tokens = wire_int(timings, "predicted_n");
	m->prompt_eval_ms = wire_ms(timings, "prompt_ms", 1);
	m->eval_ms = wire_ms(timings, "predicted_ms", 1);
}

static bool has_text(const json_t *object, const char *key)
{
	return json_string_length(json_object_get(object, key)) > 0;
}

static void read_choice(struct wire_event *ev, const json_t *choice)
{
	const json_t *delta = json_object_get(choice, "delta");
	const char *finish = json_string_value(json_object_get(choice, "finish_reason"));
	const json_t *content;

	if (!json_is_object(delta))
		delta = json_object_get(choice, "message"); /* an answer that was not streamed */
	content = json_object_get(delta, "content");
	if (json_is_string(content)) {
		ev->text = json_string_value(content);
		ev->text_len = json_string_length(content);
	}
	ev->thinking = has_text(delta, "reasoning_content") || has_text(delta, "reasoning");
	if (finish && (strcmp(finish, "abort") == 0 || strcmp(finish, "error") == 0))
		return; /* not complete: the end of the stream will say so */
	ev->done = finish != NULL;
	ev->cut = finish && strcmp(finish, "length") == 0;
}

/* {"error": ...}, or flat as vLLM once had it: {"object": "error", "message": ...}. */
static const json_t *error_in(const json_t *doc)
{
	const json_t *error = json_object_get(doc, "error");
	const char *object = json_string_value(json_object_get(doc, "object"));

	if (error && !json_is_null(error))
		return error;
	return object && strcmp(object, "error") == 0 ? doc : NULL;
}

static int openai_parse(const char *text, size_t len, wire_event_fn *fn, void *arg)
{
	CLEANUP(json_decrefp) json_t *doc = NULL;
	const json_t *error;
	struct wire_event ev;

	if (len == strlen("[DONE]") && memcmp(text, "[DONE]", len) == 0)
		return 0; /* finish_reason decides, and may be all that comes */
	doc = json_loadb(text, len, 0, NULL);
	if (!json_is_object(doc))
		return -EBADMSG;
	wire_event_init(&ev);
	error = error_in(doc);
	if (error) {
		ev.failed = true;
		wire_error_of(&ev.error, error);
		return fn(arg, &ev);
	}
	ev.model = json_string_value(json_object_get(doc, "model"));
	read_choice(&ev, json_array_get(json_object_get(doc, "choices"), 0));
	read_usage(&ev.metrics, json_object_get(doc, "usage"));
	read_timings(&ev.metrics, json_object_get(doc, "timings"));
	return fn(arg, &ev);
}

const struct wire wire_openai = {
	.path = "/v1/chat/completions", .sse = true, .body = openai_body, .parse = openai_parse};
