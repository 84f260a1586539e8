/* SPDX-License-Identifier: MIT */
/*
 * Whatever comes over the socket: cut anywhere it is read alike, and every whole request gets one
 * reply that is well formed.
 */
#include <assert.h>
#include <stdio.h>

#include "daemon/http_parse.h"
#include "tests/unit/daemon/null_api.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uv_loop_t loop;
static struct null_api null;

struct answer {
	bool come;
	struct http_reply reply;
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	assert(uv_loop_init(&loop) == 0);
	null_api_init(&null, &loop);
	return 0;
}

static void on_reply(void *arg, struct http_reply *reply)
{
	struct answer *a = arg;

	assert(!a->come);
	a->come = true;
	a->reply = *reply;
}

static void check_reply(const struct http_reply *r)
{
	json_t *json;

	assert(r->status >= 200 && r->status < 600 && r->type);
	assert(!r->location[0] || strspn(r->location, "/.abcdefghijklmnopqrstuvwxyz0123456789-") ==
	                                  strlen(r->location));
	if (r->source || !strstr(r->type, "json"))
		return;
	json = json_loadb(r->body, r->body_len, JSON_DECODE_ANY, NULL);
	assert(json);
	json_decref(json);
}

static void serve(struct http_parse *p)
{
	struct answer a = {0};
	struct http_request request;

	http_parse_request(p, &request);
	assert(request.method && request.target && request.body[request.body_len] == '\0');
	(void)!api_handle(null.api, &request, on_reply, &a);
	while (!a.come)
		(void)uv_run(&loop, UV_RUN_ONCE);
	check_reply(&a.reply);
	http_reply_done(&a.reply);
	while (api_in_flight(null.api))
		(void)uv_run(&loop, UV_RUN_ONCE);
	(void)uv_run(&loop, UV_RUN_NOWAIT);
}

/* Pieces of 1 to 255 bytes, their lengths from the seed; 0: all at once. */
static size_t feed(struct http_parse *p, const uint8_t *data, size_t size, unsigned seed)
{
	size_t at = 0;

	http_parse_init(p);
	while (at < size && p->state == HTTP_PARSE_MORE) {
		size_t piece = size - at, used = 0;

		if (seed) {
			seed = seed * 1103515245 + 12345;
			piece = (seed >> 16) % 255 + 1 < piece ? (seed >> 16) % 255 + 1 : piece;
		}
		(void)http_parse_feed(p, (const char *)data + at, piece, &used);
		assert(used <= piece && (p->state != HTTP_PARSE_MORE || used == piece));
		at += used;
	}
	assert(p->state != HTTP_PARSE_BAD || p->status >= 400);
	return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_parse whole, cut;
	size_t at = 1;

	while (at < size) {
		size_t used = feed(&whole, data + at, size - at, 0);

		assert(feed(&cut, data + at, size - at, data[0] + 1u) == used ||
		       whole.state == HTTP_PARSE_BAD);
		/* A head with two faults is refused for whichever its pieces show first. */
		assert(cut.state == whole.state);
		assert(cut.status == whole.status || whole.state == HTTP_PARSE_BAD);
		if (whole.state == HTTP_PARSE_DONE)
			serve(&cut);
		http_parse_done(&whole);
		http_parse_done(&cut);
		if (whole.state != HTTP_PARSE_DONE)
			break;
		at += used;
	}
	return 0;
}
