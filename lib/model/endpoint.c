/* SPDX-License-Identifier: MIT */
#include "lib/model/endpoint.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#define FAILURES_MAX   3     /* in a row, then the breaker opens */
#define REST_MS        10000 /* for so long; then one call may try */
#define TIMEOUT_MAX_MS (UINT64_C(7) * 24 * 3600 * 1000)
#define SLOTS_MAX      256 /* whatever a server claims */

static char *copy(const char *text, bool *ok)
{
	char *dup = text ? strdup(text) : NULL;

	*ok = *ok && (dup || !text);
	return dup;
}

/* It becomes a header: a line end in it would begin another one. */
static bool is_header_text(const char *text)
{
	for (; text && *text; text++) {
		if (iscntrl((unsigned char)*text))
			return false;
	}
	return true;
}

static uint64_t timeout(uint64_t ms, uint64_t otherwise)
{
	return ms == 0 ? otherwise : ms < TIMEOUT_MAX_MS ? ms : TIMEOUT_MAX_MS;
}

static struct model_timeouts timeouts(const struct model_timeouts *t)
{
	const struct model_timeouts d = MODEL_TIMEOUTS_DEFAULT;

	return (struct model_timeouts){
		.connect_ms = timeout(t->connect_ms, d.connect_ms),
		.first_token_ms = timeout(t->first_token_ms, d.first_token_ms),
		.idle_ms = timeout(t->idle_ms, d.idle_ms),
		.total_ms = timeout(t->total_ms, d.total_ms)};
}

int endpoint_init(struct endpoint *ep, const struct model_endpoint *from, struct error *err)
{
	bool ok = true;

	*ep = (struct endpoint){.timeouts = timeouts(&from->timeouts),
	                        .configured = from->provider,
	                        .configured_slots = from->slots < SLOTS_MAX ? from->slots
	                                                                    : SLOTS_MAX};
	ep->name = copy(from->name ? from->name : "", &ok);
	ep->model = copy(from->model, &ok);
	ep->api_key = copy(from->api_key, &ok);
	ep->keep_alive = copy(from->keep_alive, &ok);
	if (!ok)
		return error_set(err, -ENOMEM, "out of memory");
	if (!is_header_text(from->api_key))
		return error_set(err, -EINVAL, "endpoint %s: api_key: has control characters",
		                 ep->name);
	endpoint_forget(ep);
	if (ep->configured == PROVIDER_BUILTIN)
		return 0;
	if (!from->url)
		return error_set(err, -EINVAL, "endpoint %s: url: is missing", ep->name);
	if (url_parse(&ep->url, from->url, err) < 0)
		return error_wrap(err, "endpoint %s", ep->name);
	return 0;
}

void endpoint_done(struct endpoint *ep)
{
	free(ep->name);
	free(ep->model);
	free(ep->api_key);
	free(ep->keep_alive);
}

const char *endpoint_url(const struct endpoint *ep)
{
	return ep->url.socket_path[0] ? ep->url.socket_path : ep->url.base;
}

enum endpoint_answer endpoint_ask(const struct endpoint *ep, uint64_t now)
{
	bool shaky = ep->failures >= FAILURES_MAX;

	if (ep->configured == PROVIDER_BUILTIN)
		return ENDPOINT_NEVER;
	if (shaky && now < ep->rest_until)
		return ENDPOINT_RESTING;
	if (ep->provider == PROVIDER_DETECT || ep->slots == 0)
		return ENDPOINT_UNKNOWN;
	return ep->busy < (shaky ? 1 : ep->slots) ? ENDPOINT_GO : ENDPOINT_FULL;
}

void endpoint_learn(struct endpoint *ep, enum model_provider provider, unsigned slots,
                    bool is_llama)
{
	unsigned n = ep->configured_slots ? ep->configured_slots : slots ? slots : 1;

	ep->provider = provider;
	ep->slots = n < SLOTS_MAX ? n : SLOTS_MAX;
	ep->is_llama = is_llama;
}

void endpoint_forget(struct endpoint *ep)
{
	ep->provider = ep->configured;
	ep->slots = ep->configured_slots;
	ep->is_llama = ep->refuses_schema = false;
	ep->context = -1;
	ep->tokens_per_byte = (double)NAN;
	if (ep->configured == PROVIDER_OLLAMA && !ep->slots)
		ep->slots =
			1; /* Ollama does not tell its OLLAMA_NUM_PARALLEL, which is 1 unless set */
}

void endpoint_take(struct endpoint *ep)
{
	ep->busy++;
}

void endpoint_release(struct endpoint *ep)
{
	ep->busy--;
}

void endpoint_did_well(struct endpoint *ep, const char *text)
{
	ep->failures = 0;
	(void)snprintf(ep->error, sizeof ep->error, "%s", text);
}

void endpoint_failed(struct endpoint *ep, const char *text, uint64_t now)
{
	(void)snprintf(ep->error, sizeof ep->error, "%s", text);
	if (++ep->failures >= FAILURES_MAX)
		ep->rest_until = now + REST_MS;
}

const char *endpoint_state(const struct endpoint *ep, uint64_t now)
{
	if (ep->probe)
		return "probing";
	switch (endpoint_ask(ep, now)) {
	case ENDPOINT_GO:
	case ENDPOINT_FULL:
		return "ready";
	case ENDPOINT_RESTING:
		return "resting";
	case ENDPOINT_NEVER:
		return "builtin";
	case ENDPOINT_UNKNOWN:
		break;
	}
	return "unknown";
}
