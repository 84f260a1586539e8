/* SPDX-License-Identifier: MIT */
/*
 * The model servers of a review: what each says of itself before it is asked, and at the end what
 * it has really used.
 */
#include <errno.h>

#include "daemon/review_impl.h"

#define SHARE_OF_PATIENCE 5    /* of what failures may cost, for finding out who is there */
#define AGAIN_MAX_MS      2000 /* at the end: the report can do without */

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* It goes from what those who would ask it may lose. */
static void count_lost(const struct review_server *s)
{
	struct review *r = s->review;
	uint64_t lost_ms = least((clock_mono_ns() - s->began_ns) / 1000000, s->max_ms);

	for (size_t side = 0; side < r->n_sides; side++)
		if (review_side_uses(r, side, s->name))
			r->sides[side].failed_ms += lost_ms;
}

static void server_on_about(void *arg, const struct model_about *about)
{
	struct review_server *s = arg;
	struct review *r = s->review;

	s->asked = NULL;
	if (about->status == 0 || !s->known)
		s->about = *about;
	if (about->status < 0 && !s->known)
		count_lost(s);
	s->known = true;
	review_schedule(r);
}

static void server_ask(struct review_server *s, uint64_t max_ms)
{
	struct review *r = s->review;
	struct error ignored = {0};

	s->max_ms = max_ms;
	s->began_ns = clock_mono_ns();
	if (model_inspect(&s->asked, r->env.model, s->name, review_model_at(r, s->name), max_ms,
	                  server_on_about, s, &ignored) < 0)
		s->asked = NULL;
}

static void ask_all(struct review *r)
{
	const char *names[REVIEW_SERVERS_MAX];

	r->n_servers = review_all_endpoint_names(r, names);
	for (size_t i = 0; i < r->n_servers; i++) {
		r->servers[i] = (struct review_server){.review = r, .name = names[i]};
		server_ask(&r->servers[i],
		           r->n_sides * review_patience_ms(r, 0) / SHARE_OF_PATIENCE);
	}
}

static void on_quiet(void *arg, int status, int lock, const char *why)
{
	struct review *r = arg;

	r->quiet = NULL;
	r->quiet_lock = lock;
	if (status == 0 && !review_stopping(r))
		ask_all(r);
	else if (status != -ECANCELED)
		review_turn_model_off(r, why);
	review_schedule(r);
}

void review_servers_ask(struct review *r)
{
	struct error err = {0};

	if (r->model_off)
		return;
	if (!quiet_is_wanted(r->env.config))
		ask_all(r);
	else if (quiet_start(&r->quiet, r->env.loop, r->env.config, on_quiet, r, &err) < 0)
		review_turn_model_off(r, err.text);
}

bool review_server_was_asked(const struct review *r, const struct review_server *server)
{
	for (size_t i = 0; i < r->n_steps; i++) {
		const struct checkpoint *c = &r->steps[i].saved;

		for (size_t k = 0; k < c->n_records; k++)
			if (!c->records[k].error[0] && !c->records[k].cached &&
			    strcmp(c->records[k].endpoint, server->name) == 0)
				return true;
	}
	return false;
}

bool review_servers_ask_again(struct review *r)
{
	bool any = false;

	if (r->asked_again)
		return review_servers_busy(r);
	r->asked_again = true;
	for (size_t i = 0; i < r->n_servers; i++) {
		if (!review_server_was_asked(r, &r->servers[i]))
			continue;
		server_ask(&r->servers[i], AGAIN_MAX_MS);
		any |= r->servers[i].asked != NULL;
	}
	return any;
}

bool review_servers_busy(const struct review *r)
{
	if (r->quiet)
		return true;
	for (size_t i = 0; i < r->n_servers; i++) {
		if (r->servers[i].asked)
			return true;
	}
	return false;
}

void review_servers_cancel(struct review *r)
{
	if (r->quiet)
		quiet_cancel(r->quiet);
	for (size_t i = 0; i < r->n_servers; i++) {
		if (r->servers[i].asked)
			model_inspect_cancel(r->servers[i].asked);
	}
}

const struct model_about *review_server_about(const struct review *r, const char *endpoint)
{
	for (size_t i = 0; i < r->n_servers; i++) {
		const struct review_server *s = &r->servers[i];

		if (strcmp(s->name, endpoint) == 0 && s->known && s->about.status == 0)
			return &s->about;
	}
	return NULL;
}

/* llama-server has the context that it was started with, Ollama what we ask for and the model has.
 */
int64_t review_servers_context(const struct review *r, int64_t asked)
{
	int64_t context = asked;

	for (size_t i = 0; i < r->n_servers; i++) {
		const struct review_server *s = &r->servers[i];
		bool told = strcmp(s->about.provider, "ollama") != 0;
		int64_t of = told ? s->about.context : s->about.context_trained;

		if (s->known && s->about.status == 0 && of > 0 && of < context)
			context = of;
	}
	return context;
}
