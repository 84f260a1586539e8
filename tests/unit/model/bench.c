/* SPDX-License-Identifier: MIT */
#include "tests/unit/model/bench.h"

#include <criterion/criterion.h>
#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_progress(void *arg, const char *state, uint64_t tokens)
{
	struct asked *a = arg;

	a->progress++;
	if (a->cancel_at_first_token && strcmp(state, "streaming") == 0 && !a->cancelled) {
		a->cancelled = true;
		model_cancel(a->call);
		model_cancel(a->call);
		cr_expect_eq(a->done, 0, "on_done() ran inside model_cancel()");
	}
	if (a->at_progress)
		a->at_progress(a, state, tokens);
}

static void on_done(void *arg, const struct model_result *res)
{
	struct asked *a = arg;
	struct bench *b = a->bench;

	a->done++;
	a->status = res->status;
	a->record = res->record;
	a->lost_ms = res->lost_ms;
	a->room = res->room;
	a->answer_len = res->answer_len;
	cr_assert_eq(strlen(res->answer), res->answer_len);
	(void)snprintf(a->answer, sizeof a->answer, "%s", res->answer);
	b->finished[strlen(b->finished)] = a->user ? a->user[0] : 'a';
	if (a->then)
		bench_ask(b, a->then);
	if (--b->pending > 0)
		return;
	model_close(b->model);
	for (size_t i = 0; i < BENCH_PEERS; i++) {
		if (b->peer[i].url[0])
			fake_peer_stop(&b->peer[i]);
	}
}

void bench_init(struct bench *b, enum model_provider provider)
{
	memset(b, 0, sizeof *b);
	cr_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR); /* libuv writes with write(2) */
	cr_assert_eq(curl_global_init(CURL_GLOBAL_DEFAULT), CURLE_OK);
	(void)snprintf(b->dir, sizeof b->dir, "/tmp/chimera.XXXXXX");
	cr_assert(mkdtemp(b->dir));
	(void)snprintf(b->path, sizeof b->path, "%s/s", b->dir);
	cr_assert_eq(uv_loop_init(&b->loop), 0);
	fake_peer_start(&b->peer[0], &b->loop, NULL);
	b->endpoint[0] = (struct model_endpoint){.name = "local",
	                                         .provider = provider,
	                                         .url = b->peer[0].url,
	                                         .model = "gemma3",
	                                         .slots = 1,
	                                         .timeouts = {.connect_ms = 5000,
	                                                      .first_token_ms = 20000,
	                                                      .idle_ms = 20000,
	                                                      .total_ms = 60000}};
}

static void need_model(struct bench *b)
{
	struct error err = {0};
	size_t n = 0;

	while (b->endpoint[n].name)
		n++;
	if (!b->model)
		cr_assert_eq(model_new(&b->model, &b->loop, b->endpoint, n, &err), 0, "%s",
		             err.text);
}

void bench_ask_with(struct bench *b, struct asked *a, const struct model_request *req)
{
	static const struct model_ops ops = {on_progress, on_done};
	struct error err = {0};

	need_model(b);
	a->bench = b;
	a->user = req->user;
	b->pending++;
	cr_assert_eq(model_call(&a->call, b->model, req, &ops, a, &err), 0, "%s", err.text);
	cr_expect_eq(a->done, 0, "on_done() ran inside model_call()");
}

void bench_ask(struct bench *b, struct asked *a)
{
	struct model_request req = {.user = a->user ? a->user : "a question",
	                            .options = MODEL_OPTIONS_NONE};

	bench_ask_with(b, a, &req);
}

static void cancel_at(void *arg, const char *path)
{
	const struct asked *a = arg;

	if (strcmp(path, a->cancel_at) == 0)
		model_cancel(a->call);
}

void bench_cancel_at(struct bench *b, struct asked *a, const char *path)
{
	a->cancel_at = path;
	b->peer[0].at_request = cancel_at;
	b->peer[0].arg = a;
}

void bench_finish(struct bench *b)
{
	(void)uv_run(&b->loop, UV_RUN_DEFAULT);
	cr_expect_eq(b->pending, 0, "a call never ended");
	cr_expect_eq(uv_loop_close(&b->loop), 0, "a handle was left open");
	curl_global_cleanup();
	(void)unlink(b->path);
	(void)rmdir(b->dir);
}
