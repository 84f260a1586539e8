/* SPDX-License-Identifier: MIT */
#include "lib/model/model.h"

#include <errno.h>

#include "lib/model/call.h"
#include "lib/model/inspect.h"
#include "lib/model/ping.h"
#include "lib/model/probe.h"

const char *model_provider_name(enum model_provider p)
{
	switch (p) {
	case PROVIDER_DETECT:
		return "detect";
	case PROVIDER_OLLAMA:
		return "ollama";
	case PROVIDER_OPENAI:
		return "openai";
	case PROVIDER_BUILTIN:
		return "builtin";
	}
	return "unknown";
}

bool model_priority_read(int *ret, const json_t *value)
{
	const char *text = json_string_value(value);
	char *end = NULL;
	long long n = text ? strtoll(text, &end, 10) : json_integer_value(value);

	if (!json_is_integer(value) && (!text || !*text || *end))
		return false;
	if (n < -9 || n > 9)
		return false;
	*ret = (int)n;
	return true;
}

/* --- the end ------------------------------------------------------------ */

static void model_free(struct model *m)
{
	for (size_t i = 0; i < m->n_endpoints; i++)
		endpoint_done(&m->endpoints[i]);
	free(m->endpoints);
	free(m);
}

static void model_on_closed(uv_handle_t *handle)
{
	model_free(handle->data);
}

static bool is_idle(const struct model *m)
{
	for (size_t i = 0; i < m->n_endpoints; i++) {
		if (m->endpoints[i].probe || m->endpoints[i].ping)
			return false;
	}
	return TAILQ_EMPTY(&m->calls) && LIST_EMPTY(&m->inspections);
}

void model_forget(struct model *m, struct model_call *c)
{
	TAILQ_REMOVE(&m->calls, c, link);
	model_kick(m);
}

/* --- signs of life ------------------------------------------------------ */

static void model_on_pinged(void *arg)
{
	model_kick(arg); /* it may have been the last that closing waits for */
}

void model_ping(struct model *m, struct endpoint *ep)
{
	if (!m->closing)
		ping_start(ep, m->loop, m->http, model_on_pinged, m);
}

/* --- slots are given out ------------------------------------------------ */

static void model_on_probed(void *arg, struct endpoint *ep, const struct failure *f)
{
	struct model *m = arg;
	struct model_inspection *i, *next;
	struct model_call *c;

	if (f->unhealthy)
		endpoint_failed(ep, f->text, uv_now(m->loop));
	else if (f->class != FAILURE_FINAL)
		endpoint_did_well(ep, f->text);
	if (f->class != FAILURE_NONE && f->class != FAILURE_FINAL) {
		for (c = TAILQ_FIRST(&m->calls); c; c = TAILQ_NEXT(c, link)) {
			if (c->state == CALL_PROBING && call_may_use(c, ep))
				call_on_probe_failed(c, ep, f);
		}
	}
	for (i = LIST_FIRST(&m->inspections); i; i = next) {
		next = LIST_NEXT(i, link);
		if (i->ep == ep)
			inspect_on_probed(i, f);
	}
	model_kick(m);
}

void model_probe(struct model *m, struct endpoint *ep)
{
	struct error err = {0};
	struct failure f = {0};

	if (ep->probe ||
	    probe_start(&ep->probe, m->loop, m->http, ep, model_on_probed, m, &err) == 0)
		return;
	failure_set(&f, FAILURE_ELSEWHERE, err.code, "%s", err.text);
	model_on_probed(m, ep, &f);
}

/* In the order of the list; a call leaves it in a later turn of the loop. */
static void seek_all(struct model *m, bool may_reload)
{
	struct model_call *c;

	for (c = TAILQ_FIRST(&m->calls); c; c = TAILQ_NEXT(c, link)) {
		struct endpoint *unknown = call_is_waiting(c) ? call_seek(c, may_reload) : NULL;

		if (unknown)
			model_probe(m, unknown);
	}
}

/* First those that fit what the servers have loaded. */
static void model_on_kick(uv_idle_t *idle)
{
	struct model *m = idle->data;

	(void)uv_idle_stop(idle);
	for (size_t i = 0; i < m->n_endpoints; i++)
		loads_forget_waits(&m->endpoints[i].loads);
	seek_all(m, false);
	seek_all(m, true);
	if (m->closing && is_idle(m) && m->http) {
		http_close(TAKE(m->http));
		uv_close((uv_handle_t *)&m->kick, model_on_closed);
	}
}

/*
 * Not by a timer of 0 ms: those run one after the other as long as there are any, and a call that
 * fails would start the next one before anybody could hear of it and call off the rest.
 */
void model_kick(struct model *m)
{
	if (m->http)
		(void)uv_idle_start(&m->kick, model_on_kick);
}

/* --- the queue ---------------------------------------------------------- */

static bool same_caller(const struct model_call *a, const struct model_call *b)
{
	if (!a->caller || !b->caller)
		return a->caller == b->caller;
	return strcmp(a->caller, b->caller) == 0;
}

static bool goes_before(const struct model_call *a, const struct model_call *b)
{
	return a->priority != b->priority ? a->priority > b->priority : a->turn < b->turn;
}

/*
 * Callers of one priority take turns: the n-th waiting call of each comes before the next one of
 * any. Whoever is alone is served first come, first served.
 */
static void model_enqueue(struct model *m, struct model_call *c)
{
	struct model_call *other;

	c->turn = m->turn;
	for (other = TAILQ_FIRST(&m->calls); other; other = TAILQ_NEXT(other, link)) {
		if (same_caller(c, other) && other->turn >= c->turn)
			c->turn = other->turn + 1;
	}
	other = TAILQ_LAST(&m->calls, call_list);
	while (other && goes_before(c, other))
		other = TAILQ_PREV(other, call_list, link);
	if (other)
		TAILQ_INSERT_AFTER(&m->calls, other, c, link);
	else
		TAILQ_INSERT_HEAD(&m->calls, c, link);
}

/* --- public ------------------------------------------------------------- */

static int add_endpoints(struct model *m, const struct model_endpoint *from, size_t n,
                         struct error *err)
{
	int r = 0;

	m->endpoints = calloc(n + 1, sizeof *m->endpoints);
	if (!m->endpoints)
		return error_set(err, -ENOMEM, "out of memory");
	for (; r == 0 && m->n_endpoints < n; m->n_endpoints++)
		r = endpoint_init(&m->endpoints[m->n_endpoints], &from[m->n_endpoints], err);
	return r;
}

int model_new(struct model **ret, uv_loop_t *loop, const struct model_endpoint *endpoints, size_t n,
              struct error *err)
{
	struct model *m = calloc(1, sizeof *m);
	int r;

	if (!m)
		return error_set(err, -ENOMEM, "out of memory");
	TAILQ_INIT(&m->calls);
	LIST_INIT(&m->inspections);
	m->loop = loop;
	r = add_endpoints(m, endpoints, n, err);
	r = r ? r : http_new(&m->http, loop, err);
	if (r < 0) {
		model_free(m);
		return r;
	}
	(void)uv_idle_init(loop, &m->kick);
	m->kick.data = m;
	*ret = m;
	return 0;
}

void model_close(struct model *m)
{
	struct model_inspection *asked;
	struct model_call *c;

	if (!m || m->closing)
		return;
	m->closing = true;
	for (c = TAILQ_FIRST(&m->calls); c; c = TAILQ_NEXT(c, link))
		call_cancel(c);
	LIST_FOREACH (asked, &m->inspections, link)
		model_inspect_cancel(asked);
	for (size_t i = 0; i < m->n_endpoints; i++)
		probe_cancel(m->endpoints[i].probe);
	for (size_t i = 0; i < m->n_endpoints; i++)
		ping_cancel(m->endpoints[i].ping);
	model_kick(m);
}

int model_call(struct model_call **ret, struct model *m, const struct model_request *req,
               const struct model_ops *ops, void *arg, struct error *err)
{
	struct model_call *c;
	int r;

	if (m->closing)
		return error_set(err, -ESHUTDOWN, "the model client is closing");
	r = call_new(&c, m, req, ops, arg, err);
	if (r < 0)
		return r;
	model_enqueue(m, c);
	model_kick(m);
	*ret = c;
	return 0;
}

void model_cancel(struct model_call *c)
{
	call_cancel(c);
}

void model_set_patience(struct model_call *c, uint64_t patience_ms)
{
	call_set_patience(c, patience_ms);
}

static json_int_t count_queued(const struct model *m, const struct endpoint *ep)
{
	const struct model_call *c;
	json_int_t n = 0;

	for (c = TAILQ_FIRST(&m->calls); c; c = TAILQ_NEXT(c, link))
		n += call_is_waiting(c) && call_may_use(c, ep);
	return n;
}

json_t *model_status(const struct model *m)
{
	json_t *all = json_array();

	for (size_t i = 0; i < m->n_endpoints; i++) {
		const struct endpoint *ep = &m->endpoints[i];
		const char *url = ep->configured == PROVIDER_BUILTIN ? NULL : endpoint_url(ep);

		(void)json_array_append_new(
			all,
			json_pack("{s:s, s:s, s:s?, s:s?, s:i, s:i, s:I, s:i, s:s, s:s?}", "name",
		                  ep->name, "provider", model_provider_name(ep->provider), "url",
		                  url, "model", ep->model, "slots", (int)ep->slots, "busy",
		                  (int)ep->busy, "queued", count_queued(m, ep), "reloads",
		                  (int)ep->loads.reloads, "state",
		                  endpoint_state(ep, uv_now(m->loop)), "error",
		                  ep->error[0] ? ep->error : NULL));
	}
	return all;
}
