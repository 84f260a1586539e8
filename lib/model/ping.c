/* SPDX-License-Identifier: MIT */
#include "lib/model/ping.h"

struct ping {
	uv_loop_t *loop;
	struct http_call *call;
	struct endpoint *ep;
	ping_done_fn *done;
	void *arg;
};

static bool ping_on_body(void *arg, const char *bytes, size_t len)
{
	struct ping *p = arg;

	(void)bytes;
	(void)len;
	p->ep->heard = uv_now(p->loop);
	return true;
}

static void ping_on_done(void *arg, const struct http_end *end)
{
	struct ping *p = arg;

	if (end->http_status)
		p->ep->heard = uv_now(p->loop);
	p->ep->ping = NULL;
	p->done(p->arg);
	free(p);
}

/* What each answers from memory, without the model. */
static const char *path_of(const struct endpoint *ep)
{
	if (ep->provider == PROVIDER_OLLAMA)
		return "/api/version";
	return ep->is_llama ? "/health" : "/v1/models";
}

void ping_start(struct endpoint *ep, uv_loop_t *loop, struct http *http, ping_done_fn *done,
                void *arg)
{
	static const struct http_ops ops = {ping_on_body, ping_on_done};
	const struct http_request req = {.url = &ep->url,
	                                 .path = path_of(ep),
	                                 .api_key = ep->api_key,
	                                 .connect_ms = ep->timeouts.connect_ms,
	                                 .total_ms = ep->timeouts.connect_ms};
	struct error ignored = {0};
	struct ping *p;

	if (ep->ping)
		return;
	p = calloc(1, sizeof *p);
	if (!p)
		return;
	*p = (struct ping){.loop = loop, .ep = ep, .done = done, .arg = arg};
	if (http_start(&p->call, http, &req, &ops, p, &ignored) < 0)
		free(p);
	else
		ep->ping = p;
}

void ping_cancel(struct ping *p)
{
	if (p)
		http_cancel(p->call);
}
