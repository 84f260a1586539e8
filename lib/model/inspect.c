/* SPDX-License-Identifier: MIT */
#include "lib/model/inspect.h"

#include <errno.h>
#include <stdio.h>

#include "lib/model/about.h"
#include "lib/model/call.h"

#define ANSWER_MAX (4U << 20) /* /api/show holds licence and template, /api/tags every model */

struct question {
	const char *path;
	bool names_model; /* a POST that says which */
	void (*read)(struct model_about *a, const json_t *doc);
};

static const struct question of_ollama[] = {{"/api/version", false, about_read_version},
                                            {"/api/tags", false, about_read_tags},
                                            {"/api/show", true, about_read_show},
                                            {"/api/ps", false, about_read_ps},
                                            {0}};
static const struct question of_openai[] = {
	{"/props", false, about_read_props}, {"/v1/models", false, about_read_models}, {0}};

static void ask_next(struct model_inspection *i);

/* --- the end ------------------------------------------------------------ */

static void inspect_on_closed(uv_handle_t *handle)
{
	struct model_inspection *i = handle->data;
	struct model *m = i->model;

	LIST_REMOVE(i, link);
	i->done(i->arg, &i->about);
	buf_done(&i->answer);
	free(i);
	model_kick(m); /* closing may wait for it */
}

static void inspect_end(struct model_inspection *i)
{
	struct model_about *a = &i->about;

	if (i->state == INSPECT_ENDING)
		return;
	i->state = INSPECT_ENDING;
	if (i->cancelled) {
		a->status = -ECANCELED;
		(void)snprintf(a->error, sizeof a->error, "cancelled");
	}
	a->slots = i->ep->slots;
	a->reloads = i->ep->loads.reloads;
	(void)snprintf(a->provider, sizeof a->provider, "%s", model_provider_name(i->ep->provider));
	uv_close((uv_handle_t *)&i->timer, inspect_on_closed);
}

static void inspect_fail(struct model_inspection *i, const struct failure *f)
{
	i->about.status = f->code;
	(void)snprintf(i->about.error, sizeof i->about.error, "%s", f->text);
	inspect_end(i);
}

/* --- one question after the other ---------------------------------------- */

static bool inspect_on_body(void *arg, const char *bytes, size_t len)
{
	struct model_inspection *i = arg;

	buf_add(&i->answer, bytes, len);
	return !i->answer.failed;
}

/* A server need not know every question, but Ollama tells its version. */
static bool is_fatal(const struct model_inspection *i, const struct http_end *end)
{
	if (end->status != -EREMOTEIO)
		return end->status < 0 && !i->answer.failed;
	return end->http_status == 401 || end->http_status == 403 || failure_is_loading(end) ||
	       i->next == of_ollama;
}

static void read_answer(struct model_inspection *i)
{
	CLEANUP(json_decrefp)
	json_t *doc = json_loadb(buf_text(&i->answer), i->answer.len, 0, NULL);

	if (json_is_object(doc))
		i->next->read(&i->about, doc);
	if (i->next->read == about_read_props && json_object_get(doc, "total_slots")) {
		i->ep->is_llama = true;
		i->ep->context = i->about.context;
	}
}

static void inspect_on_done(void *arg, const struct http_end *end)
{
	struct model_inspection *i = arg;
	struct failure f = {0};

	i->call = NULL;
	if (end->http_status)
		i->ep->heard = uv_now(i->model->loop);
	if (!i->cancelled && i->about.status == 0 && is_fatal(i, end)) {
		failure_of_http(&f, end, i->ep, i->about.model);
		inspect_fail(i, &f);
		return;
	}
	if (end->status == 0)
		read_answer(i);
	i->next++;
	if (i->cancelled || i->about.status < 0 || !i->next->path)
		inspect_end(i);
	else
		ask_next(i);
}

static int post_model(struct model_inspection *i, const struct http_request *req,
                      const struct http_ops *ops, struct error *err)
{
	CLEANUP(json_decrefp) json_t *doc = json_pack("{s:s}", "model", i->about.model);
	CLEANUP(freep) char *body = doc ? json_dumps(doc, JSON_COMPACT) : NULL;
	struct http_request post = *req;

	if (!body)
		return error_set(err, -ENOMEM, "out of memory");
	post.body = body;
	post.body_len = strlen(body);
	return http_start(&i->call, i->model->http, &post, ops, i, err);
}

static void ask_next(struct model_inspection *i)
{
	static const struct http_ops ops = {inspect_on_body, inspect_on_done};
	const struct http_request req = {.url = &i->ep->url,
	                                 .path = i->next->path,
	                                 .api_key = i->ep->api_key,
	                                 .connect_ms = i->ep->timeouts.connect_ms,
	                                 .total_ms = i->ep->timeouts.connect_ms};
	struct failure f = {0};
	struct error err = {0};
	int r;

	buf_done(&i->answer);
	i->answer = (struct buf)BUF_INIT(ANSWER_MAX);
	r = i->next->names_model ? post_model(i, &req, &ops, &err)
	                         : http_start(&i->call, i->model->http, &req, &ops, i, &err);
	if (r == 0)
		return;
	failure_set(&f, FAILURE_FINAL, r, "%s", err.text);
	inspect_fail(i, &f);
}

static void inspect_begin(struct model_inspection *i)
{
	i->state = INSPECT_ASKING;
	i->next = i->ep->provider == PROVIDER_OLLAMA ? of_ollama : of_openai;
	ask_next(i);
}

void inspect_on_probed(struct model_inspection *i, const struct failure *f)
{
	if (i->state != INSPECT_PROBING)
		return;
	if (f->class == FAILURE_NONE)
		inspect_begin(i);
	else
		inspect_fail(i, f);
}

/* --- public ------------------------------------------------------------- */

static void inspect_time_out(struct model_inspection *i)
{
	struct failure f = {0};

	failure_set(&f, FAILURE_ELSEWHERE, -ETIMEDOUT, "%.120s gives no answer in time",
	            endpoint_url(i->ep));
	i->about.status = f.code;
	(void)snprintf(i->about.error, sizeof i->about.error, "%s", f.text);
	if (i->call)
		http_cancel(i->call);
	else
		inspect_end(i);
}

static void inspect_on_timer(uv_timer_t *timer)
{
	struct model_inspection *i = timer->data;

	if (i->cancelled) {
		inspect_end(i);
	} else if (i->state != INSPECT_NEW) {
		inspect_time_out(i);
	} else {
		(void)uv_timer_start(&i->timer, inspect_on_timer, i->max_ms, 0);
		i->state = INSPECT_PROBING;
		if (i->ep->provider == PROVIDER_DETECT)
			model_probe(i->model, i->ep);
		else
			inspect_begin(i);
	}
}

static struct endpoint *find_endpoint(const struct model *m, const char *name)
{
	for (size_t i = 0; i < m->n_endpoints; i++) {
		if (strcmp(m->endpoints[i].name, name) == 0 &&
		    m->endpoints[i].configured != PROVIDER_BUILTIN)
			return &m->endpoints[i];
	}
	return NULL;
}

void model_forgive(struct model *m, const char *endpoint)
{
	struct endpoint *ep = find_endpoint(m, endpoint);

	if (ep)
		endpoint_did_well(ep, ep->error);
}

int model_inspect(struct model_inspection **ret, struct model *m, const char *endpoint,
                  const char *model, uint64_t max_ms, model_about_fn *done, void *arg,
                  struct error *err)
{
	struct endpoint *ep = find_endpoint(m, endpoint);
	struct model_inspection *i;

	if (m->closing)
		return error_set(err, -ESHUTDOWN, "the model client is closing");
	if (!ep)
		return error_set(err, -ENOENT, "endpoint %s: there is none of that name", endpoint);
	i = calloc(1, sizeof *i);
	if (!i)
		return error_set(err, -ENOMEM, "out of memory");
	i->model = m;
	i->ep = ep;
	i->max_ms = max_ms;
	i->done = done;
	i->arg = arg;
	about_init(&i->about);
	(void)snprintf(i->about.endpoint, sizeof i->about.endpoint, "%s", ep->name);
	(void)snprintf(i->about.model, sizeof i->about.model, "%s",
	               model       ? model
	               : ep->model ? ep->model
	                           : "");
	LIST_INSERT_HEAD(&m->inspections, i, link);
	(void)uv_timer_init(m->loop, &i->timer);
	i->timer.data = i;
	(void)uv_timer_start(&i->timer, inspect_on_timer, 0, 0);
	*ret = i;
	return 0;
}

void model_inspect_cancel(struct model_inspection *i)
{
	if (i->cancelled || i->state == INSPECT_ENDING)
		return;
	i->cancelled = true;
	if (i->call)
		http_cancel(i->call);
	else
		(void)uv_timer_start(&i->timer, inspect_on_timer, 0, 0);
}
