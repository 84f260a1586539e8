/* SPDX-License-Identifier: MIT */
/*
 * Does the prompt fit into the context, with the answer beside it? A prompt that does not is never
 * sent. llama-server counts the tokens itself where that could be in doubt; elsewhere they are
 * estimated from what the server told of earlier prompts.
 */
#include <errno.h>
#include <math.h>

#include "lib/model/call.h"

#define MARGIN          1.1 /* of an estimate: prompts are not all alike */
#define TOKEN_BYTES_MAX 8   /* of a prompt on average; English has four or five */
#define LEARN           0.2 /* weight of the latest prompt */
#define COUNTS_MAX      (4U << 20)

static int64_t least(int64_t a, int64_t b)
{
	return b < 0 ? a : a < 0 ? b : a < b ? a : b;
}

int64_t call_room(const struct model_call *c)
{
	int64_t asked = c->wire->sends_context ? c->options.num_ctx : -1;
	int64_t context = least(asked, c->ep->context);
	int64_t room = context - c->options.num_predict - MODEL_TEMPLATE_TOKENS;

	return context < 0 ? -1 : room > 0 ? room : 0;
}

size_t call_prompt_bytes(const struct model_call *c)
{
	const json_t *m;
	size_t i, n = 0;

	json_array_foreach (c->messages, i, m)
		n += json_string_length(json_object_get(m, "content"));
	return n;
}

/* A token is a byte at least. */
bool call_must_count(const struct model_call *c)
{
	int64_t room = call_room(c);

	return c->ep->is_llama && room >= 0 && (int64_t)call_prompt_bytes(c) > room;
}

static void refuse(struct model_call *c, int64_t tokens, const char *about)
{
	c->metrics.prompt_tokens = tokens;
	failure_set(&c->failure, FAILURE_ELSEWHERE, -E2BIG,
	            "the prompt has %s%lld tokens, and %lld fit into the context beside the answer",
	            about, (long long)tokens, (long long)call_room(c));
}

bool call_fits(struct model_call *c)
{
	int64_t room = call_room(c);
	double bytes = (double)call_prompt_bytes(c);
	double tokens = fmax(MARGIN * c->ep->tokens_per_byte * bytes, bytes / TOKEN_BYTES_MAX);

	if (room < 0 || c->ep->is_llama || !(tokens > (double)room))
		return true;
	refuse(c, (int64_t)tokens, "some ");
	return false;
}

/* --- counting --------------------------------------------------------------- */

static bool count_on_body(void *arg, const char *bytes, size_t len)
{
	struct model_call *c = arg;

	c->ep->heard = uv_now(c->model->loop);
	buf_add(&c->answer, bytes, len);
	return !c->answer.failed;
}

static void count_on_done(void *arg, const struct http_end *end)
{
	struct model_call *c = arg;
	CLEANUP(json_decrefp) json_t *doc = NULL;
	const json_t *tokens;

	c->http = NULL;
	if (end->status == 0)
		doc = json_loadb(buf_text(&c->answer), c->answer.len, 0, NULL);
	tokens = json_object_get(doc, "tokens");
	if (json_is_array(tokens) && (int64_t)json_array_size(tokens) > call_room(c))
		refuse(c, (int64_t)json_array_size(tokens), "");
	buf_done(&c->answer);
	call_counted(c);
}

static char *count_body(const struct model_call *c)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(SIZE_MAX);
	CLEANUP(json_decrefp) json_t *doc = NULL;
	const json_t *m;
	size_t i;

	json_array_foreach (c->messages, i, m)
		buf_puts(&text, json_string_value(json_object_get(m, "content")));
	doc = json_pack("{s:s}", "content", buf_text(&text));
	return doc && !text.failed ? json_dumps(doc, JSON_COMPACT) : NULL;
}

int call_count(struct model_call *c, struct error *err)
{
	static const struct http_ops ops = {count_on_body, count_on_done};
	CLEANUP(freep) char *body = count_body(c);
	const struct http_request req = {.url = &c->ep->url,
	                                 .path = "/tokenize",
	                                 .api_key = c->ep->api_key,
	                                 .body = body,
	                                 .body_len = body ? strlen(body) : 0,
	                                 .connect_ms = c->ep->timeouts.connect_ms,
	                                 .total_ms = c->ep->timeouts.connect_ms};

	if (!body)
		return error_set(err, -ENOMEM, "out of memory");
	return http_start(&c->http, c->model->http, &req, &ops, c, err);
}

/* --- what the server says afterwards ----------------------------------------- */

/*
 * A server that cuts a prompt answers as if nothing had happened: only the count tells. Ollama
 * keeps as much as the context holds, or since 0.30 half of it and the first few tokens; and no
 * tokenizer needs so few tokens for what was sent.
 */
bool call_prompt_was_cut(const struct model_call *c)
{
	int64_t n = c->metrics.prompt_tokens, half = c->record.options.num_ctx / 2;

	if (n <= 0 || half <= 0)
		return false;
	return n == c->record.options.num_ctx || (n >= half && n <= half + 3) ||
	       n < (int64_t)call_prompt_bytes(c) / TOKEN_BYTES_MAX;
}

void call_learn_tokens(struct model_call *c)
{
	double bytes = (double)call_prompt_bytes(c), seen;

	if (c->metrics.prompt_tokens <= 0 || bytes < 1 || call_prompt_was_cut(c))
		return;
	seen = (double)c->metrics.prompt_tokens / bytes;
	if (isnan(c->ep->tokens_per_byte))
		c->ep->tokens_per_byte = seen;
	else
		c->ep->tokens_per_byte += LEARN * (seen - c->ep->tokens_per_byte);
}
