/* SPDX-License-Identifier: MIT */
/* Where a waiting call may go on. */
#include <errno.h>
#include <stdio.h>

#include "lib/model/call.h"

#define OVERTAKEN_MAX 8 /* then what fits the server better has to wait */

bool call_is_waiting(const struct model_call *c)
{
	return c->state == CALL_QUEUED || c->state == CALL_PROBING;
}

bool call_may_use(const struct model_call *c, const struct endpoint *ep)
{
	for (size_t i = 0; i < c->n_order; i++) {
		if (!c->tried[i] && &c->model->endpoints[c->order[i]] == ep)
			return true;
	}
	return false;
}

struct load call_load(const struct model_call *c, const struct endpoint *ep)
{
	struct load load = {.num_ctx = c->options.num_ctx, .num_gpu = c->options.num_gpu};

	(void)snprintf(load.model, sizeof load.model, "%s", call_model_name(c, ep));
	return load;
}

static bool loads_matter(const struct endpoint *ep)
{
	return ep->provider == PROVIDER_OLLAMA;
}

/* Whether ep would have to load its model anew for it. */
static enum load_answer ask_load(const struct model_call *c, struct endpoint *ep)
{
	const struct load load = call_load(c, ep);
	enum load_answer l = loads_ask(&ep->loads, &load);

	if (l != LOAD_FITS && c->overtaken >= OVERTAKEN_MAX)
		loads_await(&ep->loads, &load);
	return l;
}

static enum endpoint_answer ask(const struct model_call *c, struct endpoint *ep, bool may_reload)
{
	enum endpoint_answer a = endpoint_ask(ep, uv_now(c->model->loop));
	enum load_answer l = loads_matter(ep) ? ask_load(c, ep) : LOAD_FITS;

	if (a == ENDPOINT_GO && (l == LOAD_BUSY || (l == LOAD_RELOAD && !may_reload)))
		return ENDPOINT_FULL;
	return a;
}

/* Those that have waited longer, and would have had this slot but for what is loaded. */
static void overtake(const struct model_call *c, const struct endpoint *ep)
{
	struct model_call *other = loads_matter(ep) ? TAILQ_FIRST(&c->model->calls) : NULL;

	for (; other && other != c; other = TAILQ_NEXT(other, link)) {
		const struct load load = call_load(other, ep);

		if (call_is_waiting(other) && call_may_use(other, ep) &&
		    loads_ask(&ep->loads, &load) != LOAD_FITS)
			other->overtaken++;
	}
}

/* The best endpoint that is not `but`; *ret is set for GO and UNKNOWN, else to one that rests. */
static enum endpoint_answer seek_but(const struct model_call *c, const struct endpoint *but,
                                     bool may_reload, struct endpoint **ret)
{
	enum endpoint_answer best = ENDPOINT_NEVER;

	for (size_t i = 0; i < c->n_order; i++) {
		struct endpoint *ep = &c->model->endpoints[c->order[i]];
		enum endpoint_answer a = ask(c, ep, may_reload);

		if (c->tried[i] || ep == but)
			continue;
		if (a != ENDPOINT_FULL)
			*ret = ep;
		if (a == ENDPOINT_GO || a == ENDPOINT_UNKNOWN)
			return a;
		if (a < best)
			best = a;
	}
	return best;
}

static void nowhere_to_go(struct model_call *c, const struct endpoint *resting)
{
	if (resting && c->failure.class == FAILURE_NONE) {
		call_record_place(c, resting);
		failure_set(&c->failure, FAILURE_FINAL, -EHOSTDOWN,
		            "endpoint %.40s rests after several failures in a row: %.160s",
		            resting->name, resting->error);
	}
	call_end(c);
}

struct endpoint *call_seek(struct model_call *c, bool may_reload)
{
	struct endpoint *ep = NULL;
	enum endpoint_answer a;

	if (c->cancelled)
		return NULL;
	call_tell(c);
	a = seek_but(c, c->failures ? c->ep : NULL, may_reload, &ep);
	if (c->failures && a != ENDPOINT_GO && a != ENDPOINT_UNKNOWN) {
		enum endpoint_answer again = seek_but(c, NULL, may_reload, &ep);

		a = again < a ? again : a;
	}
	switch (a) {
	case ENDPOINT_GO:
		overtake(c, ep);
		call_send(c, ep);
		break;
	case ENDPOINT_UNKNOWN:
		if (c->state != CALL_PROBING)
			call_enter(c, CALL_PROBING);
		return ep;
	case ENDPOINT_FULL:
		if (c->state != CALL_QUEUED)
			call_enter(c, CALL_QUEUED);
		break;
	case ENDPOINT_RESTING:
	case ENDPOINT_NEVER:
		nowhere_to_go(c, ep);
		break;
	}
	return NULL;
}
