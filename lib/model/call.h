/* SPDX-License-Identifier: MIT */
/*
 * call - one question to a model: waits for a slot, tries, tries again, and ends once.
 */
#pragma once

#include <sys/queue.h>

#include "lib/base/buf.h"
#include "lib/model/failure.h"
#include "lib/model/watchdog.h"

/* What all calls share; the struct itself is model.c's. */
struct model {
	uv_loop_t *loop;
	struct http *http;
	struct endpoint *endpoints;
	size_t n_endpoints;
	TAILQ_HEAD(call_list, model_call) calls; /* by turn, then by age */
	uint64_t turn;                           /* of the call that was served last */
	LIST_HEAD(inspections, model_inspection) inspections;
	uv_idle_t kick; /* gives out slots soon, from the loop */
	bool closing;
};

enum call_state {
	CALL_QUEUED,    /* wants a slot */
	CALL_PROBING,   /* wants to know an endpoint first */
	CALL_COUNTING,  /* has a slot, and lets the server count the prompt's tokens */
	CALL_SENT,      /* waits for the first token */
	CALL_STREAMING, /* text is coming */
	CALL_BACKOFF,   /* will be queued again */
	CALL_ENDING,    /* waits for its timer to close */
	CALL_STATES
};

struct model_call {
	TAILQ_ENTRY(model_call) link;
	struct model *model;
	enum call_state state;
	uint64_t since_ns; /* when that state began */
	uint64_t spent_ns[CALL_STATES];
	struct model_ops ops;
	void *arg;
	uv_timer_t timer;

	/* what is asked */
	char *caller, *name; /* may be NULL */
	json_t *messages, *schema;
	struct model_options options; /* of the next try */
	size_t *order;                /* indexes of endpoints, the preferred one first */
	bool *tried;                  /* parallel to order: never again */
	size_t n_order;
	int priority;
	uint64_t turn;
	unsigned overtaken; /* by calls that fit what the server has loaded */

	/* the try under way, or the last one */
	struct endpoint *ep;
	struct http_call *http;
	const struct wire *wire;
	const struct endpoint *bare; /* it is asked without the schema */
	struct wire_reader reader;
	struct buf answer;
	struct watchdog dog;
	struct wire_metrics metrics;
	struct failure failure;
	bool done, cut;
	uint64_t tokens;
	uint64_t sent_ns, first_ns;
	uint64_t token_due, idle_due; /* uv_now() times, as all that end in _due */
	uint64_t try_began, news_at;  /* likewise; of its stream: endpoint.heard is of any */

	/* all tries together */
	unsigned attempts, failures, loading_waits;
	uint64_t loading_due, total_due; /* 0: not begun */
	uint64_t patience_ms, lost_ms;   /* patience 0: without end */
	uint64_t pinged_at;
	uint64_t wake_due;
	uint64_t progress_due;
	bool dirty; /* progress that was not told yet */
	bool cancelled;
	struct model_record record;
};

/* Everything but its place in model.calls. The request is borrowed for the call. */
int call_new(struct model_call **ret, struct model *m, const struct model_request *req,
             const struct model_ops *ops, void *arg, struct error *err) MUST_USE;
void call_free(struct model_call *c); /* its timer is closed, or it was never started */

/* Its record: at birth, once it is known who failed it, when it is sent to c->ep, at the end. */
void call_record_init(struct model_call *c);
void call_record_place(struct model_call *c, const struct endpoint *ep);
void call_record_begin(struct model_call *c);
void call_record_fill(struct model_call *c, int status);
const char *call_model_name(const struct model_call *c, const struct endpoint *ep); /* or "" */

/* call_patience.c: times as all that end in _due; 0 where patience has no end. Of a try under way.
 */
uint64_t call_silence_due(const struct model_call *c);
uint64_t call_ping_due(const struct model_call *c);
void call_charge_try(struct model_call *c);
bool call_is_out_of_patience(const struct model_call *c);

/* call.c, for the others: a new state; the end; the next try, at ep. */
void call_enter(struct model_call *c, enum call_state state);
void call_tell(struct model_call *c);
void call_end(struct model_call *c);
void call_send(struct model_call *c, struct endpoint *ep);

/* call_budget.c: tokens of the prompt that fit beside the answer at c->ep; -1: nobody knows. */
int64_t call_room(const struct model_call *c);
size_t call_prompt_bytes(const struct model_call *c);
bool call_must_count(const struct model_call *c);
int call_count(struct model_call *c, struct error *err) MUST_USE; /* ends in call_counted() */
bool call_fits(struct model_call *c); /* by an estimate; false: c->failure says so */
bool call_prompt_was_cut(const struct model_call *c);
void call_learn_tokens(struct model_call *c); /* from what the server said of this prompt */
void call_counted(struct model_call *c);      /* call.c */

/* call_seek.c */
bool call_is_waiting(const struct model_call *c);
/* It may use ep and is not past that. */
bool call_may_use(const struct model_call *c, const struct endpoint *ep);
/* What ep has to load for it. */
struct load call_load(const struct model_call *c, const struct endpoint *ep);
/*
 * Looks for a slot; one where the model would have to be loaded anew only if may_reload. Returns an
 * endpoint that has to be probed first, or NULL.
 */
struct endpoint *call_seek(struct model_call *c, bool may_reload);

/* ep, which it may use, could not be probed. */
void call_on_probe_failed(struct model_call *c, struct endpoint *ep, const struct failure *f);
void call_cancel(struct model_call *c);
void call_set_patience(struct model_call *c, uint64_t patience_ms);

/* Of model.c: runs call_seek() for all that wait, soon. */
void model_kick(struct model *m);
/* Of model.c: ep is asked what it is. */
void model_probe(struct model *m, struct endpoint *ep);
/* Of model.c: ep is asked for a sign of life. */
void model_ping(struct model *m, struct endpoint *ep);
/* Of model.c: c has reported and is about to be freed. */
void model_forget(struct model *m, struct model_call *c);
