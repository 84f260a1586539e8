/* SPDX-License-Identifier: MIT */
/*
 * endpoint - one model server: what is known of it, its slots, and its breaker.
 *
 * It decides who may start and moves no bytes. Times are uv_now() milliseconds.
 */
#pragma once

#include "lib/model/loads.h"
#include "lib/model/model.h"
#include "lib/model/url.h"

struct ping;
struct probe;

struct endpoint {
	char *name, *model, *api_key, *keep_alive; /* all but name may be NULL */
	struct url url;
	struct model_timeouts timeouts;
	enum model_provider configured, provider; /* provider: DETECT until it is known */
	unsigned configured_slots, slots;         /* slots: 0 until they are known */
	bool is_llama;                            /* llama-server, by its own /props */
	bool refuses_schema;                      /* answers only where none is asked for */
	int64_t context;                          /* tokens of one slot of llama-server, else -1 */
	double tokens_per_byte;                   /* of prompts so far, NAN: none yet */
	struct probe *probe;                      /* under way */
	struct ping *ping;                        /* under way */
	uint64_t heard;                           /* when it last gave any sign of life */
	unsigned busy;
	struct loads loads; /* of Ollama */
	unsigned failures;  /* in a row */
	uint64_t rest_until;
	char error[256]; /* of the last outcome, "" for a success */
};

int endpoint_init(struct endpoint *ep, const struct model_endpoint *from,
                  struct error *err) MUST_USE;
void endpoint_done(struct endpoint *ep);

/* The url for people. */
const char *endpoint_url(const struct endpoint *ep);

enum endpoint_answer {
	ENDPOINT_GO,      /* a slot is free */
	ENDPOINT_FULL,    /* wait */
	ENDPOINT_UNKNOWN, /* probe it first, and wait */
	ENDPOINT_RESTING, /* the breaker is open: ask elsewhere */
	ENDPOINT_NEVER,   /* talks to no server */
};
enum endpoint_answer endpoint_ask(const struct endpoint *ep, uint64_t now);

/* What a probe found. slots 0: the server does not tell. */
void endpoint_learn(struct endpoint *ep, enum model_provider provider, unsigned slots,
                    bool is_llama);

void endpoint_take(struct endpoint *ep);    /* after ENDPOINT_GO */
void endpoint_release(struct endpoint *ep); /* once for each take */

/*
 * The outcome of what was asked of it: the third failure in a row opens the breaker. A server that
 * refuses what was asked is well; text then says what it refused, else it is "".
 */
void endpoint_did_well(struct endpoint *ep, const char *text);
void endpoint_failed(struct endpoint *ep, const char *text, uint64_t now);

/* The server may be another one now: ask it again who it is. */
void endpoint_forget(struct endpoint *ep);

/* ready, resting, probing, unknown, builtin */
const char *endpoint_state(const struct endpoint *ep, uint64_t now);
