/* SPDX-License-Identifier: MIT */
#include "lib/model/probe.h"

#include <errno.h>

#include "lib/base/buf.h"
#include "lib/model/about.h"

#define ANSWER_MAX       (1U << 20) /* /props holds the chat template */
#define LOADING_PAUSE_MS 500

enum probe_state { ASKING_VERSION, ASKING_PROPS, ASKING_MODELS, PROBE_ENDING };

struct probe {
	enum probe_state state;
	uv_loop_t *loop;
	struct http *http;
	struct http_call *call; /* under way */
	struct endpoint *ep;
	probe_done_fn *done;
	void *arg;
	uv_timer_t timer; /* between tries while the server is loading */
	uint64_t loading_until;
	struct buf answer;
	struct failure failure;
};

static void probe_ask(struct probe *p);

static void probe_on_closed(uv_handle_t *handle)
{
	struct probe *p = handle->data;

	p->ep->probe = NULL;
	p->done(p->arg, p->ep, &p->failure);
	buf_done(&p->answer);
	free(p);
}

static void probe_end(struct probe *p)
{
	if (p->state == PROBE_ENDING)
		return;
	p->state = PROBE_ENDING;
	uv_close((uv_handle_t *)&p->timer, probe_on_closed);
}

static void probe_learn(struct probe *p, enum model_provider provider, unsigned slots, bool llama)
{
	endpoint_learn(p->ep, provider, slots, llama);
	probe_end(p);
}

static void probe_on_pause_over(uv_timer_t *timer)
{
	probe_ask(timer->data);
}

static void still_loading(struct probe *p)
{
	if (uv_now(p->loop) < p->loading_until) {
		(void)uv_timer_start(&p->timer, probe_on_pause_over, LOADING_PAUSE_MS, 0);
		return;
	}
	failure_set(&p->failure, FAILURE_ELSEWHERE, -ETIMEDOUT,
	            "%.120s has been loading its model for too long", endpoint_url(p->ep));
	probe_end(p);
}

/* Not what was hoped for: the next question. */
static void probe_next(struct probe *p)
{
	switch (p->state) {
	case ASKING_VERSION:
		p->state = ASKING_PROPS;
		break;
	case ASKING_PROPS:
		if (p->ep->configured == PROVIDER_OPENAI) {
			probe_learn(p, PROVIDER_OPENAI, 0, false);
			return;
		}
		p->state = ASKING_MODELS;
		break;
	case ASKING_MODELS:
		failure_set(
			&p->failure, FAILURE_ELSEWHERE, -EPROTO,
			"%.120s is neither Ollama nor llama-server nor OpenAI-compatible; correct "
			"the url, or name the provider",
			endpoint_url(p->ep));
		probe_end(p);
		return;
	case PROBE_ENDING:
		return;
	}
	probe_ask(p);
}

static unsigned slots_in(const json_t *doc)
{
	json_int_t n = json_integer_value(json_object_get(doc, "total_slots"));

	return n <= 0 ? 0 : n < UINT16_MAX ? (unsigned)n : UINT16_MAX;
}

static void learn_llama(struct probe *p, const json_t *props, unsigned slots)
{
	struct model_about about;

	about_init(&about);
	about_read_props(&about, props);
	probe_learn(p, PROVIDER_OPENAI, slots, true);
	p->ep->context = about.context;
}

static void probe_judge(struct probe *p)
{
	CLEANUP(json_decrefp)
	json_t *doc = json_loadb(buf_text(&p->answer), p->answer.len, 0, NULL);
	unsigned slots = slots_in(doc);

	if (p->state == ASKING_VERSION && json_is_string(json_object_get(doc, "version")))
		probe_learn(p, PROVIDER_OLLAMA, 1, false);
	else if (p->state == ASKING_PROPS && slots)
		learn_llama(p, doc, slots);
	else if (p->state == ASKING_MODELS && json_is_object(doc))
		probe_learn(p, PROVIDER_OPENAI, 0, false);
	else
		probe_next(p);
}

static bool probe_on_body(void *arg, const char *bytes, size_t len)
{
	struct probe *p = arg;

	buf_add(&p->answer, bytes, len);
	return !p->answer.failed;
}

static void probe_on_done(void *arg, const struct http_end *end)
{
	struct probe *p = arg;

	p->call = NULL;
	if (end->http_status)
		p->ep->heard = uv_now(p->loop);
	if (p->failure.class != FAILURE_NONE)
		probe_end(p);
	else if (failure_is_loading(end))
		still_loading(p);
	else if (end->status == 0)
		probe_judge(p);
	else if (end->status == -EREMOTEIO && end->http_status != 401 && end->http_status != 403)
		probe_next(p);
	else if (end->status == -EREMOTEIO)
		failure_of_http(&p->failure, end, p->ep, NULL), probe_end(p);
	else
		failure_no_server(&p->failure, p->ep, end->why), probe_end(p);
}

static int probe_send(struct probe *p, struct error *err)
{
	static const char *const paths[] = {[ASKING_VERSION] = "/api/version",
	                                    [ASKING_PROPS] = "/props",
	                                    [ASKING_MODELS] = "/v1/models"};
	static const struct http_ops ops = {probe_on_body, probe_on_done};
	struct http_request req = {.url = &p->ep->url,
	                           .path = paths[p->state],
	                           .api_key = p->ep->api_key,
	                           .connect_ms = p->ep->timeouts.connect_ms,
	                           .total_ms = p->ep->timeouts.connect_ms};

	buf_done(&p->answer);
	return http_start(&p->call, p->http, &req, &ops, p, err);
}

static void probe_ask(struct probe *p)
{
	struct error err = {0};

	if (probe_send(p, &err) == 0)
		return;
	failure_set(&p->failure, FAILURE_ELSEWHERE, err.code, "%s", err.text);
	probe_end(p);
}

int probe_start(struct probe **ret, uv_loop_t *loop, struct http *http, struct endpoint *ep,
                probe_done_fn *done, void *arg, struct error *err)
{
	struct probe *p = calloc(1, sizeof *p);
	int r;

	if (!p)
		return error_set(err, -ENOMEM, "out of memory");
	p->state = ep->configured == PROVIDER_OPENAI ? ASKING_PROPS : ASKING_VERSION;
	p->loop = loop;
	p->http = http;
	p->ep = ep;
	p->done = done;
	p->arg = arg;
	p->loading_until = uv_now(loop) + ep->timeouts.first_token_ms;
	p->answer.max = ANSWER_MAX;
	r = probe_send(p, err);
	if (r < 0) {
		free(p);
		return r;
	}
	(void)uv_timer_init(loop, &p->timer);
	p->timer.data = p;
	*ret = p;
	return 0;
}

void probe_cancel(struct probe *p)
{
	if (!p || p->state == PROBE_ENDING)
		return;
	failure_set(&p->failure, FAILURE_FINAL, -ECANCELED, "cancelled");
	if (p->call)
		http_cancel(p->call);
	else
		probe_end(p);
}
