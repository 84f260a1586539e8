/* SPDX-License-Identifier: MIT */
/*
 * wire - the two dialects of model servers: what a request looks like, and what the stream says.
 *
 * Pure functions over bytes: nothing here knows of sockets or loops.
 */
#pragma once

#include <jansson.h>

#include "lib/base/lines.h"
#include "lib/model/alike.h"
#include "lib/model/model.h"
#include "lib/model/sse.h"

#define WIRE_LINE_MAX        ((size_t)8 << 20)
#define WIRE_PREDICT_DEFAULT 2048 /* a server's own default is without end */
#define WIRE_TEXT_BYTES      200

/* -1 and NAN: the server did not say. */
struct wire_metrics {
	int64_t prompt_tokens, output_tokens;
	double load_ms, prompt_eval_ms, eval_ms;
};
#define WIRE_METRICS_NONE                                     \
	{                                                     \
		-1, -1, (double)NAN, (double)NAN, (double)NAN \
	}

struct wire_error {
	char text[WIRE_TEXT_BYTES]; /* one line of UTF-8, never "" after a failure */
	char type[48];
};

/* One step of the stream. Strings are borrowed during the callback. */
struct wire_event {
	const char *text; /* of the answer; "" for none */
	size_t text_len;
	bool thinking; /* the server is at work on text that is not the answer */
	bool done;     /* the answer is complete */
	bool cut;      /* ... because of num_predict or the context */
	bool failed;   /* error is set */
	struct wire_error error;
	struct wire_metrics metrics;
	const char *model; /* NULL: not told */
};

typedef int wire_event_fn(void *arg, const struct wire_event *ev);

struct wire_request { /* borrowed */
	const char *model;
	const char *keep_alive;
	const json_t *messages, *schema; /* schema may be NULL */
	const struct model_options *options;
	bool is_llama; /* llama-server's own fields may be sent */
};

struct wire {
	const char *path;
	bool sse;
	bool sends_context; /* num_ctx and num_gpu go with each request */
	json_t *(*body)(const struct wire_request *req); /* NULL: no memory */
	/* One line, or the data of one event. -EBADMSG: not what the dialect says. */
	int (*parse)(const char *text, size_t len, wire_event_fn *fn, void *arg);
};

extern const struct wire wire_ollama, wire_openai;

/* [system?] user; NULL when a text is not UTF-8 or there is no memory. */
json_t *wire_messages(const char *system, const char *user) MUST_USE;

/* --- the stream --- */

struct wire_reader {
	const struct wire *wire;
	struct lines lines;
	struct sse sse;
	struct alike alike;
	const char *event; /* that is being parsed */
	size_t event_len;
	wire_event_fn *fn;
	void *arg;
};

void wire_reader_init(struct wire_reader *r, const struct wire *wire, size_t line_max,
                      wire_event_fn *fn, void *arg);
/* The first non-zero return of fn, -EMSGSIZE, -EBADMSG or -ENOMEM. Feed no more after that. */
int wire_reader_feed(struct wire_reader *r, const char *bytes, size_t len) MUST_USE;
/* The connection has ended: a last line without its end may still be whole. */
int wire_reader_end(struct wire_reader *r) MUST_USE;
void wire_reader_done(struct wire_reader *r);

/* --- for the dialects --- */

void wire_event_init(struct wire_event *ev);
int64_t wire_int(const json_t *object, const char *key); /* -1: none, or not a sane count */
double wire_ms(const json_t *object, const char *key, double per_ms); /* NAN likewise */
void wire_put_int(json_t *object, const char *key, int64_t value);    /* not when -1 */
/* The options that every server names alike; those that are NAN or -1 are left out. */
void wire_put_sampling(json_t *object, const struct model_options *o);
void wire_metrics_merge(struct wire_metrics *into, const struct wire_metrics *news);

/* `error` of any of their shapes: a text, a text that is JSON, an object. */
void wire_error_of(struct wire_error *ret, const json_t *error);
/* The body of an answer that is not 2xx. */
void wire_error_parse(struct wire_error *ret, const char *body, size_t len);

/* Makes it one line of UTF-8: control characters become blanks, wrong bytes question marks. */
void wire_tidy(char *text);
