/* SPDX-License-Identifier: MIT */
/* How Ollama, llama-server and other OpenAI-compatible servers talk when nothing is wrong. */
#include "tests/server/server.h"

#define BYTES_PER_TOKEN 3 /* of a prompt */
#define NS_PER_MS       1000000

bool dialect_is_chat(const struct request *req)
{
	return strcmp(req->path, "/api/chat") == 0 ||
	       strcmp(req->path, "/v1/chat/completions") == 0;
}

/* --- what is not a chat -------------------------------------------------- */

static json_t *tags(const struct server *s)
{
	return json_pack("{s:[{s:s, s:s, s:s, s:{s:s, s:s}}]}", "models", "name", s->model, "model",
	                 s->model, "digest", "c0ffee", "details", "family", "gemma3", "format",
	                 "gguf");
}

static json_t *ps(const struct server *s)
{
	const json_t *asked = json_object_get(s->loaded, "num_ctx");
	json_int_t ctx = asked ? json_integer_value(asked) : (json_int_t)s->n_ctx;

	if (!s->loaded)
		return json_pack("{s:[]}", "models");
	return json_pack("{s:[{s:s, s:s, s:s, s:I, s:I, s:I}]}", "models", "name", s->model,
	                 "model", s->model, "digest", "c0ffee", "size", (json_int_t)1 << 30,
	                 "size_vram", (json_int_t)1 << 30, "context_length",
	                 ctx < s->min_ctx ? (json_int_t)s->min_ctx : ctx);
}

static json_t *show(const struct server *s)
{
	return json_pack("{s:{s:s, s:I, s:I}, s:[s]}", "model_info", "general.architecture",
	                 "gemma3", "gemma3.context_length", (json_int_t)s->n_ctx,
	                 "gemma3.block_count", (json_int_t)s->layers, "capabilities", "completion");
}

static json_t *props(const struct server *s)
{
	return json_pack("{s:{s:I}, s:I, s:s, s:s}", "default_generation_settings", "n_ctx",
	                 (json_int_t)s->n_ctx, "total_slots", (json_int_t)s->slots, "model_alias",
	                 s->model, "build_info", "b11669");
}

static json_t *slots(const struct server *s)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < s->slots; i++)
		(void)json_array_append_new(all, json_pack("{s:I, s:I, s:b}", "id", (json_int_t)i,
		                                           "n_ctx", (json_int_t)s->n_ctx,
		                                           "is_processing", i < s->speaking));
	return all;
}

static json_t *tokenize(const struct request *req)
{
	size_t n = json_string_length(json_object_get(req->json, "content"));
	json_t *tokens = json_array();

	for (size_t i = 0; i < (n + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN; i++)
		(void)json_array_append_new(tokens, json_integer((json_int_t)i));
	return json_pack("{s:o}", "tokens", tokens);
}

static json_t *models(const struct server *s)
{
	return json_pack("{s:s, s:[{s:s, s:s}]}", "object", "list", "data", "id", s->model,
	                 "object", "model");
}

static json_t *ollama_answer(const struct server *s, const char *path)
{
	if (strcmp(path, "/api/version") == 0)
		return json_pack("{s:s}", "version", "0.33.0");
	if (strcmp(path, "/api/tags") == 0)
		return tags(s);
	if (strcmp(path, "/api/ps") == 0)
		return ps(s);
	return strcmp(path, "/api/show") == 0 ? show(s) : NULL;
}

static json_t *llama_answer(const struct server *s, const struct request *req)
{
	if (strcmp(req->path, "/health") == 0)
		return json_pack("{s:s}", "status", "ok");
	if (strcmp(req->path, "/props") == 0)
		return props(s);
	if (strcmp(req->path, "/slots") == 0)
		return slots(s);
	return strcmp(req->path, "/tokenize") == 0 ? tokenize(req) : NULL;
}

json_t *dialect_answer(struct server *s, const struct request *req)
{
	const char *path = req->path;

	if (strcmp(path, "/v1/models") == 0)
		return models(s);
	return s->dialect == DIALECT_OLLAMA  ? ollama_answer(s, path)
	       : s->dialect == DIALECT_LLAMA ? llama_answer(s, req)
	                                     : NULL;
}

/* --- a stream ------------------------------------------------------------ */

static void put_json(struct buf *b, const json_t *value)
{
	CLEANUP(freep) char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	buf_puts(b, text ? text : "null");
}

void dialect_event(struct buf *b, enum dialect d, const json_t *value)
{
	buf_puts(b, d == DIALECT_OLLAMA ? "" : "data: ");
	put_json(b, value);
	buf_puts(b, d == DIALECT_OLLAMA ? "\n" : "\n\n");
}

static void put_frame(struct buf *b, const struct server *s, const char *delta, const char *finish)
{
	buf_printf(b,
	           "data: {\"choices\":[{\"finish_reason\":%s,\"index\":0,\"delta\":{%s}}],"
	           "\"created\":1795248254,\"id\":\"chatcmpl-Xy0aUq1\",\"model\":\"%s\","
	           "\"system_fingerprint\":\"b11669\",\"object\":\"chat.completion.chunk\"}\n\n",
	           finish, delta, s->model);
}

void dialect_begin(struct buf *b, const struct server *s)
{
	if (s->dialect != DIALECT_OLLAMA)
		put_frame(b, s, "\"role\":\"assistant\",\"content\":null", "null");
}

void dialect_token(struct buf *b, const struct server *s, const char *text, size_t len)
{
	CLEANUP(json_decrefp) json_t *value = json_stringn_nocheck(text, len);
	CLEANUP(buf_done) struct buf delta = BUF_INIT(65536);

	buf_puts(&delta, "\"content\":");
	put_json(&delta, value);
	if (s->dialect == DIALECT_OLLAMA)
		buf_printf(b,
		           "{\"model\":\"%s\",\"created_at\":\"2026-08-21T10:00:00.123456789Z\","
		           "\"message\":{\"role\":\"assistant\",%s},\"done\":false}\n",
		           s->model, buf_text(&delta));
	else
		put_frame(b, s, buf_text(&delta), "null");
}

static json_t *ollama_end(const struct server *s, const struct speech *sp, json_int_t prompt)
{
	json_int_t eval = (json_int_t)(sp->tokens * sp->token_ms) * NS_PER_MS + 1;
	json_int_t first = (json_int_t)sp->first_ms * NS_PER_MS + 1;
	json_int_t load = (json_int_t)sp->load_ms * NS_PER_MS + 5000000;

	return json_pack("{s:s, s:s, s:{s:s, s:s}, s:b, s:s, s:I, s:I, s:I, s:I, s:I, s:I}",
	                 "model", s->model, "created_at", "2026-08-21T10:00:01.123456789Z",
	                 "message", "role", "assistant", "content", "", "done", 1, "done_reason",
	                 "stop", "total_duration", load + first + eval, "load_duration", load,
	                 "prompt_eval_count", prompt, "prompt_eval_duration", first, "eval_count",
	                 (json_int_t)sp->tokens, "eval_duration", eval);
}

static json_t *usage_event(const struct server *s, const struct speech *sp, json_int_t prompt)
{
	json_t *event = json_pack("{s:[], s:s, s:{s:I, s:I, s:I}}", "choices", "model", s->model,
	                          "usage", "completion_tokens", (json_int_t)sp->tokens,
	                          "prompt_tokens", prompt, "total_tokens",
	                          prompt + (json_int_t)sp->tokens);

	if (s->dialect == DIALECT_LLAMA)
		(void)json_object_set_new(event, "timings",
		                          json_pack("{s:I, s:I, s:f, s:I, s:f}", "cache_n",
		                                    (json_int_t)0, "prompt_n", prompt, "prompt_ms",
		                                    (double)sp->first_ms + 0.01, "predicted_n",
		                                    (json_int_t)sp->tokens, "predicted_ms",
		                                    (double)(sp->tokens * sp->token_ms) + 0.01));
	return event;
}

void dialect_end(struct buf *b, const struct server *s, const struct speech *sp, size_t prompt_len)
{
	json_int_t prompt = (json_int_t)(prompt_len / BYTES_PER_TOKEN);
	bool ollama = s->dialect == DIALECT_OLLAMA;
	CLEANUP(json_decrefp)
	json_t *last = ollama ? ollama_end(s, sp, prompt) : usage_event(s, sp, prompt);

	(void)json_object_update(last, (json_t *)(uintptr_t)sp->members);
	if (!ollama)
		put_frame(b, s, "", "\"stop\"");
	dialect_event(b, s->dialect, last);
	buf_puts(b, ollama ? "" : "data: [DONE]\n\n");
}
