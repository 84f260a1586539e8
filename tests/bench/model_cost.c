/* SPDX-License-Identifier: MIT */
/* What one call costs us without a server: its body, its stream, the check of its answer. */
#include <assert.h>
#include <stdio.h>

#include "lib/claims/claims.h"
#include "lib/model/watchdog.h"
#include "lib/model/wire.h"
#include "tests/bench/bench.h"
#include "tests/unit/claims/world.h"

#define STREAM_TOKENS 500
#define PROMPT_TOKENS 4000
#define PROMPT_BYTES  (PROMPT_TOKENS * 3)
#define CLAIMS        6

static const char *const words[] = {"the ",   "driver ",  "of ",    "that ", "night ",  "may ",
                                    "be ",    "behind ",  "what ",  "was ",  "seen ",   "here ",
                                    "memory", " traffic", " cache", " and ", "thermal", " limits"};

static const char *const things[CLAIMS] = {"driver", "kernel", "clocks",
                                           "cache",  "memory", "firmware"};

struct dialect {
	const struct wire *wire;
	struct buf events[STREAM_TOKENS + 1]; /* each as it comes from the network */
};

struct call {
	struct dialect *dialect;
	json_t *messages, *schema;
	struct world world;
	struct buf claims;
};

/* Never the same for long, as the watchdog would have it end. */
static const char *word(unsigned i)
{
	unsigned mixed = i * 2654435761U;

	return words[(mixed >> 16) % ARRAY_LEN(words)];
}

static void put_event(struct dialect *d, unsigned i, bool last)
{
	struct buf *b = &d->events[i];

	b->max = 4096;
	if (d->wire == &wire_ollama)
		buf_printf(b,
		           "{\"model\":\"gemma3:4b\",\"created_at\":\"2026-08-21T10:00:00."
		           "123456789Z\","
		           "\"message\":{\"role\":\"assistant\",\"content\":\"%s\"},\"done\":%s}\n",
		           last ? "" : word(i), last ? "true" : "false");
	else
		buf_printf(
			b,
			"data: {\"choices\":[{\"finish_reason\":%s,\"index\":0,\"delta\":"
			"{\"content\":\"%s\"}}],\"created\":1795248254,\"id\":\"chatcmpl-Xy0aUq1\","
			"\"model\":\"gemma3\",\"system_fingerprint\":\"b11669\","
			"\"object\":\"chat.completion.chunk\"}\n\n",
			last ? "\"stop\"" : "null", last ? "" : word(i));
	assert(!b->failed);
}

static void dialect_init(struct dialect *d, const struct wire *wire)
{
	d->wire = wire;
	for (unsigned i = 0; i <= STREAM_TOKENS; i++)
		put_event(d, i, i == STREAM_TOKENS);
}

/* --- what is measured ------------------------------------------------------ */

struct reading {
	struct buf answer;
	struct watchdog dog;
	bool done;
};

static int on_event(void *arg, const struct wire_event *ev)
{
	struct reading *r = arg;
	size_t from = r->answer.len;

	r->done = r->done || ev->done;
	if (!ev->text_len)
		return 0;
	buf_add(&r->answer, ev->text, ev->text_len);
	return watchdog_feed(&r->dog, r->answer.data, from, r->answer.len) ? -1 : 0;
}

static void read_stream(void *arg)
{
	const struct dialect *d = arg;
	struct reading r = {.answer = BUF_INIT(1 << 20)};
	struct wire_reader reader;
	int failed = 0;

	wire_reader_init(&reader, d->wire, WIRE_LINE_MAX, on_event, &r);
	for (size_t i = 0; i <= STREAM_TOKENS; i++)
		failed |= wire_reader_feed(&reader, d->events[i].data, d->events[i].len);
	failed |= wire_reader_end(&reader);
	if (failed || !r.done)
		exit(1);
	wire_reader_done(&reader);
	buf_done(&r.answer);
}

static void build_body(void *arg)
{
	const struct call *c = arg;
	const struct model_options options = {.temperature = 0.2,
	                                      .top_p = 0.95,
	                                      .min_p = 0,
	                                      .repeat_penalty = 1,
	                                      .top_k = 64,
	                                      .num_ctx = 8192,
	                                      .num_gpu = -1,
	                                      .num_predict = 750,
	                                      .seed = 4242};
	const struct wire_request req = {.model = "gemma3:4b",
	                                 .messages = c->messages,
	                                 .schema = c->schema,
	                                 .options = &options,
	                                 .is_llama = true};
	json_t *body = c->dialect->wire->body(&req);
	char *text = json_dumps(body, JSON_COMPACT);

	if (!text || strlen(text) < PROMPT_BYTES)
		exit(1);
	free(text);
	json_decref(body);
}

static void check_answer(void *arg)
{
	struct call *c = arg;

	world_init(&c->world);
	if (claims_check(&c->world.d, &c->world.scope, "bench", c->claims.data, c->claims.len,
	                 &c->world.outcome, &c->world.err) < 0 ||
	    c->world.outcome.accepted < CLAIMS)
		exit(1);
	arena_free(c->world.d.arena);
}

static void whole_call(void *arg)
{
	struct call *c = arg;

	build_body(c);
	read_stream(c->dialect);
	check_answer(c);
}

/* --- the whole -------------------------------------------------------------- */

static json_t *prompt(void)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(PROMPT_BYTES + 100);

	for (unsigned i = 0; b.len < PROMPT_BYTES; i++)
		buf_printf(&b, "F%u %s\"%s\": %u.%u ms\n", i, word(i), word(i * 7), i % 977,
		           i % 10);
	return wire_messages("You are a careful analyst of benchmarks.", buf_text(&b));
}

static void call_init(struct call *c, struct dialect *d)
{
	c->dialect = d;
	c->messages = prompt();
	world_init(&c->world);
	if (!c->messages || claims_schema(&c->schema, &c->world.scope, &c->world.err) < 0)
		exit(1);
	arena_free(c->world.d.arena);
	c->claims.max = 1 << 16;
	buf_puts(&c->claims, "{\"claims\":[");
	for (int i = 0; i < CLAIMS; i++)
		buf_printf(&c->claims,
		           "%s{\"about\":[\"K1\"],\"text\":\"Record the %s of the run. The %s may "
		           "have "
		           "been held back by a thermal limit.\"}",
		           i ? "," : "", things[i], things[CLAIMS - 1 - i]);
	buf_puts(&c->claims, "]}");
}

static void call_done(struct call *c)
{
	json_decref(c->messages);
	json_decref(c->schema);
	buf_done(&c->claims);
	for (size_t i = 0; i <= STREAM_TOKENS; i++)
		buf_done(&c->dialect->events[i]);
}

int main(int argc, char **argv)
{
	static struct dialect ollama, openai;
	static struct call a, b;
	const struct bench list[] = {
		{"Model/ReadStream/ollama/tokens:500", read_stream, &ollama, 0},
		{"Model/ReadStream/openai/tokens:500", read_stream, &openai, 0},
		{"Model/BuildBody/ollama/tokens:4000", build_body, &a, 0},
		{"Model/BuildBody/openai/tokens:4000", build_body, &b, 0},
		{"Model/CheckAnswer/claims:6", check_answer, &a, 0},
		{"Model/WholeCall/ollama", whole_call, &a, 0},
		{"Model/WholeCall/openai", whole_call, &b, 0},
	};
	int r;

	dialect_init(&ollama, &wire_ollama);
	dialect_init(&openai, &wire_openai);
	call_init(&a, &ollama);
	call_init(&b, &openai);
	r = bench_run(list, ARRAY_LEN(list), argc > 1 ? argv[1] : NULL, 5, 200);
	call_done(&a);
	call_done(&b);
	return r;
}
