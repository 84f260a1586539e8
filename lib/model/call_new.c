/* SPDX-License-Identifier: MIT */
/* How a call comes into being, and goes. */
#include <errno.h>

#include "lib/model/call.h"

#define ANSWER_MAX ((size_t)1 << 20)

void call_free(struct model_call *c)
{
	if (!c)
		return;
	free(c->caller);
	free(c->name);
	json_decref(c->messages);
	json_decref(c->schema);
	free(c->order);
	free(c->tried);
	if (c->wire)
		wire_reader_done(&c->reader);
	buf_done(&c->answer);
	free(c);
}
DEFINE_CLEANUP(struct model_call *, call_free)

static int add_endpoint(struct model_call *c, size_t i)
{
	if (c->model->endpoints[i].configured != PROVIDER_BUILTIN)
		c->order[c->n_order++] = i;
	return 0;
}

static int add_named(struct model_call *c, const char *name, struct error *err)
{
	for (size_t i = 0; i < c->model->n_endpoints; i++) {
		if (strcmp(c->model->endpoints[i].name, name) == 0)
			return add_endpoint(c, i);
	}
	return error_set(err, -EINVAL, "endpoint %s: there is none of that name", name);
}

static int choose_endpoints(struct model_call *c, const struct model_request *req,
                            struct error *err)
{
	size_t n = req->n_endpoints ? req->n_endpoints : c->model->n_endpoints;
	int r = 0;

	c->order = calloc(n + 1, sizeof *c->order);
	c->tried = calloc(n + 1, sizeof *c->tried);
	if (!c->order || !c->tried)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n && r == 0; i++)
		r = req->n_endpoints ? add_named(c, req->endpoints[i], err) : add_endpoint(c, i);
	if (r == 0 && c->n_order == 0)
		r = error_set(err, -ENOENT, "no endpoint talks to a model server");
	return r;
}

static int copy_request(struct model_call *c, const struct model_request *req, struct error *err)
{
	c->options = req->options;
	c->priority = req->priority;
	c->name = req->model ? strdup(req->model) : NULL;
	c->caller = req->caller ? strdup(req->caller) : NULL;
	c->schema = req->schema ? json_deep_copy(req->schema) : NULL;
	c->messages = wire_messages(req->system, req->user);
	if (!c->messages)
		return error_set(err, -EILSEQ, "the prompt is not UTF-8");
	if ((req->model && !c->name) || (req->caller && !c->caller) || (req->schema && !c->schema))
		return error_set(err, -ENOMEM, "out of memory");
	return 0;
}

int call_new(struct model_call **ret, struct model *m, const struct model_request *req,
             const struct model_ops *ops, void *arg, struct error *err)
{
	CLEANUP(call_freep) struct model_call *c = calloc(1, sizeof *c);
	int r;

	if (!c)
		return error_set(err, -ENOMEM, "out of memory");
	c->model = m;
	c->ops = *ops;
	c->arg = arg;
	c->answer.max = ANSWER_MAX;
	c->patience_ms = req->patience_ms;
	c->since_ns = uv_hrtime();
	c->dirty = true;
	c->metrics = (struct wire_metrics)WIRE_METRICS_NONE;
	r = choose_endpoints(c, req, err);
	r = r ? r : copy_request(c, req, err);
	if (r < 0)
		return r;
	call_record_init(c);
	(void)uv_timer_init(m->loop, &c->timer);
	c->timer.data = c;
	*ret = TAKE(c);
	return 0;
}
