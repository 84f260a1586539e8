/* SPDX-License-Identifier: MIT */
/*
 * server - a model server that says what its script tells it to, for tests and benchmarks.
 *
 * A process of its own, on TCP of 127.0.0.1; conn.c moves bytes, reply.c reads what the script says
 * of a request, dialect.c knows how servers talk, speech.c lets answers come as slowly as a model
 * would, journal.c tells what was asked.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/queue.h>
#include <uv.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"

#define NUL_OR(json, otherwise) (json_is_string(json) ? json_string_value(json) : (otherwise))

enum dialect { DIALECT_OLLAMA, DIALECT_LLAMA, DIALECT_OPENAI };

enum step_kind {
	STEP_END,   /* of the reply, as HTTP has it */
	STEP_BYTES, /* of its body; none: only the head goes out */
	STEP_WAIT,
	STEP_SPEAK,
	STEP_STALL, /* until the client goes away */
	STEP_HOLD,  /* until SIGUSR1, of which one is enough for ever */
	STEP_HANG_UP,
	STEP_RESET, /* a hard RST */
};

struct step {
	enum step_kind kind;
	uint64_t ms;
	struct buf bytes;
};

/* A good answer as a model writes it: queued for a slot, loaded, thought about, and then token by
 * token. */
struct speech {
	const char *text; /* borrowed of the script */
	size_t text_len;
	unsigned tokens;
	uint64_t load_ms, first_ms, token_ms;
	bool stamps;           /* each token is the time at which it is sent, uv_hrtime() */
	const json_t *members; /* that the last event has instead of its own; may be NULL */
};

#define STEPS_MAX 64

struct reply {
	unsigned status;
	const char *type; /* of its content */
	bool plain;       /* no head: the bytes are all */
	bool close;       /* the end of the connection ends it */
	bool whole;       /* its one piece is all of it: it has a length */
	size_t piece;     /* bytes a write, 0: as they come */
	struct speech speech;
	struct step steps[STEPS_MAX + 1]; /* the last one is STEP_END */
	size_t n;
};

struct request {
	char method[8], path[64];
	const char *body; /* "" for none */
	size_t len;
	json_t *json; /* NULL: the body is not JSON */
};

struct conn {
	TAILQ_ENTRY(conn) link;    /* server.conns */
	TAILQ_ENTRY(conn) waiting; /* server.queue */
	struct server *server;
	uv_tcp_t tcp;
	uv_timer_t timer;
	unsigned open;
	bool closing;
	uint64_t id;
	struct buf in;
	size_t request_len; /* of it */

	/* the reply under way */
	uint64_t n; /* of its request, 0: there is none */
	struct reply *reply;
	size_t at;       /* in its steps */
	struct buf head; /* not sent yet */
	size_t piece_at; /* in the bytes of a step */
	uint64_t sent;   /* bytes of the body */
	bool draining;   /* goes on once all is written */
	bool queued, speaking;
	uint64_t began_ms;
	unsigned told; /* tokens */
};

struct server {
	uv_loop_t loop;
	uv_tcp_t listener;
	uv_signal_t term, release;
	TAILQ_HEAD(, conn) conns;
	TAILQ_HEAD(, conn) queue; /* wait for a slot */
	uint64_t n_conns, n_requests;
	unsigned speaking;
	uint64_t lock_until_ms; /* for scripts with a lock: one token at a time */
	bool released;
	FILE *journal; /* may be NULL */

	json_t *script;
	enum dialect dialect;
	const char *model;
	int64_t n_ctx, min_ctx, layers; /* of Ollama: less is raised to min_ctx */
	unsigned slots;
	bool lock;
	unsigned *used; /* how often each rule has been */
	json_t *loaded; /* the load-time options that the model is loaded with; NULL: it is not */
};

/* script.c */
int server_script(struct server *s, const char *text_or_path, struct error *err) MUST_USE;
/* The rule for a request, or NULL; it counts as used. */
const json_t *script_rule(struct server *s, const struct request *req);
/* What req would have the model loaded with: a new reference. */
json_t *script_load_options(const struct request *req);

/* reply.c: NULL: no memory, or a rule that nobody can follow. */
struct reply *reply_new(struct server *s, const struct request *req);
void reply_free(struct reply *r);
void reply_head(struct buf *b, const struct reply *r);
bool reply_is_chunked(const struct reply *r);

/* dialect.c */
bool dialect_is_chat(const struct request *req);
/* What a server of this dialect says by itself to all but chats, as JSON; NULL: 404. */
json_t *dialect_answer(struct server *s, const struct request *req);
/* One event of a stream around a JSON value. */
void dialect_event(struct buf *b, enum dialect d, const json_t *value);
void dialect_token(struct buf *b, const struct server *s, const char *text, size_t len);
void dialect_end(struct buf *b, const struct server *s, const struct speech *sp, size_t prompt_len);
void dialect_begin(struct buf *b, const struct server *s);

/* conn.c */
int conn_accept(struct server *s) MUST_USE;
void conn_release(struct conn *c);                            /* goes on if it was held */
void conn_say(struct conn *c, const char *bytes, size_t len); /* of the body of its reply */
void conn_next(struct conn *c);                               /* step */
void conn_close(struct conn *c, const char *how);             /* of its reply, if there is one */

/* speech.c */
void speech_start(struct conn *c);
void speech_stop(struct conn *c); /* gives its slot to the next. Idempotent */

/* journal.c: `how` it ended: answered, client_closed, hung_up, reset, stopped. */
void journal_request(struct conn *c, const struct request *req);
void journal_end(struct conn *c, const char *how);
