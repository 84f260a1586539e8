/* SPDX-License-Identifier: MIT */
/*
 * model - calls to model servers: endpoints, slots, streams, retries, and what each call cost.
 *
 * One struct model per process and loop. A call waits in order for a slot of an endpoint that it
 * may use, streams the answer, and ends once: on_done() runs exactly once per model_call(), from
 * the loop, never from inside a function of this header, and frees the call when it returns.
 * Knows callers, not jobs. The process has called curl_global_init() and ignores SIGPIPE.
 */
#pragma once

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "lib/base/error.h"

enum model_provider { PROVIDER_DETECT, PROVIDER_OLLAMA, PROVIDER_OPENAI, PROVIDER_BUILTIN };
const char *model_provider_name(enum model_provider p); /* detect ollama openai builtin */

struct model_timeouts { /* 0: the default */
	uint64_t connect_ms, first_token_ms, idle_ms, total_ms;
};
#define MODEL_TIMEOUTS_DEFAULT              \
	{                                   \
		5000, 600000, 60000, 900000 \
	}

struct model_endpoint {
	const char *name;
	enum model_provider provider;
	const char *url;        /* http://127.0.0.1:11434, unix:/run/llama.sock */
	const char *model;      /* default model name, may be NULL */
	const char *api_key;    /* NULL: none */
	const char *keep_alive; /* Ollama, "30m" */
	unsigned slots;         /* 0: what the server tells, else 1 */
	struct model_timeouts timeouts;
};

struct model_options { /* NAN or -1: not sent */
	double temperature, top_p, min_p, repeat_penalty;
	int64_t top_k, num_ctx, num_gpu, num_predict, seed;
};
/* Of a context: marks of turns, and what a chat template adds of its own. */
#define MODEL_TEMPLATE_TOKENS 64
#define MODEL_OPTIONS_NONE                                                             \
	{                                                                              \
		(double)NAN, (double)NAN, (double)NAN, (double)NAN, -1, -1, -1, -1, -1 \
	}

struct model_request {                /* borrowed for the call of model_call() only */
	const char *const *endpoints; /* names, in order of preference; n 0: any */
	size_t n_endpoints;
	const char *model;  /* NULL: the endpoint's */
	const char *system; /* may be NULL */
	const char *user;
	const json_t *schema; /* JSON Schema of the answer; NULL: free text */
	struct model_options options;
	const char *caller; /* who asks, NULL for nobody in particular: slots go round among them */
	int priority;       /* -9 to 9: a higher one goes before all lower ones */
	/*
	 * How long tries that fail may take, all together; 0: as long as the timeouts allow. What
	 * a server that gives signs of life needs does not count: those are bytes of any answer,
	 * and the answer to a small question that it is asked when it has been silent.
	 */
	uint64_t patience_ms;
};

/* One entry of `calls` in report.json. Times in ms, NAN or -1 where unknown (printed null). */
struct model_record {
	char endpoint[64], provider[16], model[128];
	struct model_options options; /* what was sent */
	int64_t prompt_tokens, output_tokens;
	double queue_ms, ttft_ms, load_ms, prompt_eval_ms, eval_ms, total_ms, tokens_per_s;
	uint64_t begun_ns; /* clock_mono_ns() when it was asked for; 0: in another life */
	unsigned attempts;
	char finish[16]; /* stop, length, error, cancelled */
	bool truncated;
	bool cached; /* the answer is an old one kept by us: its times are no measurement. Not yet
	              */
	char error[256]; /* "" when it succeeded */
};

/* Nothing known and nothing measured. */
#define MODEL_RECORD_NONE                                                                       \
	{                                                                                       \
		.options = MODEL_OPTIONS_NONE, .prompt_tokens = -1, .output_tokens = -1,        \
		.queue_ms = (double)NAN, .ttft_ms = (double)NAN, .load_ms = (double)NAN,        \
		.prompt_eval_ms = (double)NAN, .eval_ms = (double)NAN, .total_ms = (double)NAN, \
		.tokens_per_s = (double)NAN                                                     \
	}

struct model_result {
	/* 0, or negative errno: the record's error says why. -E2BIG: the prompt is too long. */
	int status;
	const char *answer; /* complete text; "" on failure */
	size_t answer_len;
	uint64_t lost_ms; /* of patience_ms */
	int64_t room;     /* tokens of a prompt that fit where it was asked last; -1: unknown */
	struct model_record record;
};

struct model_ops {
	/* State or count changed: "queued", "sent", "streaming". At most 10 a second per call. May
	 * be NULL. */
	void (*on_progress)(void *arg, const char *state, uint64_t tokens);
	void (*on_done)(void *arg, const struct model_result *result);
};

/* A priority as a number or as its text; false: it is none. */
bool model_priority_read(int *ret, const json_t *value);

struct model;
struct model_call;

int model_new(struct model **ret, uv_loop_t *loop, const struct model_endpoint *endpoints, size_t n,
              struct error *err) MUST_USE;
void model_close(struct model *m); /* cancels every call; memory goes once the loop has run */

/* -ENOENT: no endpoint that talks to a server (only builtin, or none named so). */
int model_call(struct model_call **ret, struct model *m, const struct model_request *req,
               const struct model_ops *ops, void *arg, struct error *err) MUST_USE;
void model_cancel(
	struct model_call *c); /* closes the connection; on_done gets -ECANCELED. Idempotent */

/* Another patience_ms than it was called with, since others of the same caller have used it up. */
void model_set_patience(struct model_call *c, uint64_t patience_ms);

/* What failed at an endpoint was to blame on what was asked: it does not rest for that. */
void model_forgive(struct model *m, const char *endpoint);

/* What a server says of itself and of one model. -1, NAN and "" where it does not say. */
struct model_about {
	char endpoint[64], provider[16], version[64], model[128];
	char identity[160];      /* another one when the model is, be its name the same */
	int64_t context_trained; /* tokens that the model was made for */
	int64_t context;         /* tokens that a request has now; of Ollama once it is loaded */
	int64_t layers;          /* of the model, the one of its output among them */
	double gpu_share;        /* of the model as it is loaded, 0 to 1 */
	unsigned slots, reloads; /* reloads: that our own requests made necessary so far */
	bool loaded;
	bool drops_system; /* its template has no place for what a persona says */
	int status;        /* 0, or negative errno: it cannot be used, and error says why */
	char error[256];   /* with the way out */
};

typedef void model_about_fn(void *arg, const struct model_about *about);
struct model_inspection;

/*
 * Asks one endpoint about a model (NULL: its own), without a slot and without loading anything, for
 * max_ms at most. done() runs exactly once, from the loop. -ENOENT: no such endpoint, or it talks
 * to no server.
 */
int model_inspect(struct model_inspection **ret, struct model *m, const char *endpoint,
                  const char *model, uint64_t max_ms, model_about_fn *done, void *arg,
                  struct error *err) MUST_USE;
void model_inspect_cancel(struct model_inspection *i); /* done() gets -ECANCELED. Idempotent */

/* For GET /v1/endpoints: array of {name, provider, url, model, slots, busy, queued, state, error}.
 */
json_t *model_status(const struct model *m);
