/* SPDX-License-Identifier: MIT */
/*
 * bench - a loop, a fake peer or two, and a model client that talks to them.
 */
#pragma once

#include "lib/model/model.h"
#include "tests/unit/model/fake_peer.h"

#define BENCH_PEERS 2

struct bench {
	uv_loop_t loop;
	struct fake_peer peer[BENCH_PEERS];
	struct model_endpoint endpoint[BENCH_PEERS + 1];
	struct model *model;
	char dir[32], path[64];
	unsigned pending;  /* at 0 everything is closed */
	char finished[64]; /* first letter of the user message of each call, as they end */
};

struct asked {
	struct bench *bench;
	struct model_call *call;
	const char *user;
	unsigned done, progress;
	int status;
	char answer[4096];
	size_t answer_len;
	uint64_t lost_ms;
	int64_t room;
	struct model_record record;
	/* What to do meanwhile. */
	bool cancel_at_first_token, cancelled;
	const char *cancel_at; /* a path that the peer is asked for */
	json_int_t reloads;
	struct asked *then; /* asked when this one is done */
	void (*at_progress)(struct asked *a, const char *state, uint64_t tokens);
};

#define SCRIPTS(p, ...)                                                          \
	do {                                                                     \
		static const struct fake_step *const scripts_[] = {__VA_ARGS__}; \
		(p)->scripts = scripts_;                                         \
		(p)->n_scripts = sizeof scripts_ / sizeof scripts_[0];           \
	} while (0)

/* One peer on TCP, as endpoint "local" of that provider, with one slot and timers that do not
 * matter. */
void bench_init(struct bench *b, enum model_provider provider);
void bench_ask(struct bench *b, struct asked *a); /* an option-less question */
void bench_ask_with(struct bench *b, struct asked *a, const struct model_request *req);
/* Cancels the call of a when a request for path has reached the peer. */
void bench_cancel_at(struct bench *b, struct asked *a, const char *path);
/* Runs until all has been answered, and proves that nothing leaked. */
void bench_finish(struct bench *b);

/* bench_init() with `replies`, one question, bench_finish(). */
#define ASK_ONCE(a, b, provider, ...)                \
	do {                                         \
		bench_init(b, provider);             \
		SCRIPTS(&(b)->peer[0], __VA_ARGS__); \
		bench_ask(b, a);                     \
		bench_finish(b);                     \
	} while (0)
