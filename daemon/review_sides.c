/* SPDX-License-Identifier: MIT */
/* Who does the steps of a review: one agent, or several at the same time over the same facts. */
#include <errno.h>

#include "daemon/review_impl.h"

static int load_step(struct review *r, size_t side, size_t i, struct error *err)
{
	const struct agent_spec *agent = r->sides[side].spec;
	struct review_step *s = &r->steps[r->n_steps++];
	int code;

	s->review = r;
	s->spec = &r->pipeline->steps[i];
	s->side = side;
	s->work.data = s;
	s->id = agent ? arena_printf(r->arena, "%s/%s", agent->name, s->spec->id) : s->spec->id;
	if (!s->id)
		return error_set(err, -ENOMEM, "out of memory");
	code = persona_load(&s->persona, r->env.config->personas,
	                    agent_persona(r->pipeline, agent, i), err);
	return code < 0 ? error_wrap(err, "step %s", s->id) : 0;
}

int review_load_steps(struct review *r, struct error *err)
{
	const struct pipeline *p = r->pipeline;
	int code = 0;

	r->n_sides = p->n_agents ? p->n_agents : 1;
	r->steps = calloc(r->n_sides * p->n_steps, sizeof *r->steps);
	if (!r->steps)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < r->n_sides; i++) {
		r->sides[i].spec = p->n_agents ? &p->agents[i] : NULL;
		r->sides[i].caller = arena_printf(r->arena, "%s/%zu", r->job.id, i);
		if (!r->sides[i].caller)
			return error_set(err, -ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < r->n_sides * p->n_steps && code == 0; i++)
		code = load_step(r, i / p->n_steps, i % p->n_steps, err);
	return code;
}

/* Nobody adds to the dossier of all once it is analysed, so its lists may be shared. */
struct dossier *review_side_dossier(struct review *r, size_t side)
{
	struct review_side *s = &r->sides[side];

	if (!s->spec)
		return &r->dossier;
	if (!s->forked)
		s->own = r->dossier;
	s->forked = true;
	return &s->own;
}

/* --- endpoints ---------------------------------------------------------- */

static const struct config_endpoint *find_endpoint(const struct review *r, const char *name)
{
	const struct config *c = r->env.config;

	for (size_t i = 0; i < c->n_endpoints; i++)
		if (strcmp(c->endpoints[i].name, name) == 0 &&
		    review_endpoint_wanted(r, &c->endpoints[i]))
			return &c->endpoints[i];
	return NULL;
}

static size_t add_name(const char *names[static REVIEW_SERVERS_MAX], size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return n;
	if (n < REVIEW_SERVERS_MAX)
		names[n++] = name;
	return n;
}

/* Its own; else those of the pipeline; where none of these is configured, all there are. */
size_t review_endpoint_names(const struct review *r, size_t side,
                             const char *names[static REVIEW_SERVERS_MAX])
{
	const struct agent_spec *agent = r->sides[side].spec;
	const struct config *c = r->env.config;
	const struct pipeline *p = r->pipeline;
	const struct config_endpoint *e;
	size_t n = 0;

	e = agent && agent->endpoint ? find_endpoint(r, agent->endpoint) : NULL;
	if (e)
		return add_name(names, n, e->name);
	for (size_t k = 0; k < p->n_endpoints; k++) {
		e = find_endpoint(r, p->endpoints[k]);
		if (e)
			n = add_name(names, n, e->name);
	}
	if (n > 0)
		return n;
	for (size_t i = 0; i < c->n_endpoints; i++)
		if (review_endpoint_wanted(r, &c->endpoints[i]))
			n = add_name(names, n, c->endpoints[i].name);
	return n;
}

size_t review_all_endpoint_names(const struct review *r,
                                 const char *names[static REVIEW_SERVERS_MAX])
{
	const char *own[REVIEW_SERVERS_MAX];
	size_t n = 0;

	for (size_t side = 0; side < r->n_sides; side++) {
		size_t n_own = review_endpoint_names(r, side, own);

		for (size_t i = 0; i < n_own; i++)
			n = add_name(names, n, own[i]);
	}
	return n;
}

const char *review_model_name(const struct review *r, size_t side)
{
	const char *asked = review_request_text(r, "model"), *first = NULL;
	const char *names[REVIEW_SERVERS_MAX];
	size_t n = review_endpoint_names(r, side, names);
	bool all = true;

	for (size_t i = n; i-- > 0;) {
		first = find_endpoint(r, names[i])->model;
		all &= first != NULL;
	}
	if (asked || all)
		return asked;
	return first ? first : r->pipeline->model;
}

bool review_side_uses(const struct review *r, size_t side, const char *endpoint)
{
	const char *names[REVIEW_SERVERS_MAX];
	size_t n = review_endpoint_names(r, side, names);

	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], endpoint) == 0)
			return true;
	return false;
}

const char *review_model_at(const struct review *r, const char *endpoint)
{
	for (size_t side = 0; side < r->n_sides; side++)
		if (review_side_uses(r, side, endpoint))
			return review_model_name(r, side);
	return NULL;
}
