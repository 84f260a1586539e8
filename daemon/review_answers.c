/* SPDX-License-Identifier: MIT */
/*
 * Old answers to a review's questions. On the worker that has the dossier.
 *
 * The last answer to a question is kept, be it good or not: a model that wrote rubbish would write
 * it again. A program of another version checks otherwise, and so asks anew.
 */
#include <errno.h>
#include <stdio.h>

#include "agents/agent.h"
#include "daemon/answer_cache.h"
#include "daemon/review_impl.h"

/* NULL where the file cannot be used; why is logged once. */
static struct answer_cache *cache_of(struct review *r)
{
	if (!r->answers && r->answers_err.code == 0)
		(void)!answer_cache_open(&r->answers, r->env.config->state, &r->answers_err);
	return r->answers;
}

static int key_of(char ret[static DIGEST_TEXT_BYTES], const struct review_step *s, size_t i,
                  const char *identity, struct error *err)
{
	CLEANUP(json_decrefp) json_t *schema = NULL;
	const struct agent_spec *agent = s->review->sides[s->side].spec;
	const struct ask *ask = &s->asks[i];
	struct answer_question q = {.identity = identity,
	                            .agent = agent ? agent->name : NULL,
	                            .system = ask->system,
	                            .user = ask->user,
	                            .options = review_options(s)};
	int r = ask_schema(&schema, ask, err);

	q.schema = schema;
	if (r < 0)
		return r;
	return answer_key(ret, &q) < 0 ? error_set(err, -ENOMEM, "out of memory") : 0;
}

static int take_answer(struct review_step *s, size_t i, const struct model_about *about, char *text,
                       struct error *err)
{
	struct review_call *c = &s->calls[2 * i];
	struct model_record record = MODEL_RECORD_NONE;

	c->answer = text;
	c->answer_len = strlen(text);
	c->started = c->cached = record.cached = true;
	record.options = review_options(s);
	(void)snprintf(record.finish, sizeof record.finish, "stop");
	(void)snprintf(record.endpoint, sizeof record.endpoint, "%s", about->endpoint);
	(void)snprintf(record.provider, sizeof record.provider, "%s", about->provider);
	(void)snprintf(record.model, sizeof record.model, "%s", about->model);
	return checkpoint_add_record(&s->saved, &record) < 0
	               ? error_set(err, -ENOMEM, "out of memory")
	               : 0;
}

static int find_answer(struct review_step *s, size_t i, struct answer_cache *cache,
                       struct error *err)
{
	struct review *r = s->review;
	const char *names[REVIEW_SERVERS_MAX];
	size_t n = review_endpoint_names(r, s->side, names);
	char key[DIGEST_TEXT_BYTES], *text = NULL;

	for (size_t k = 0; k < n; k++) {
		const struct model_about *about = review_server_about(r, names[k]);

		if (!about || !about->identity[0])
			continue;
		if (key_of(key, s, i, about->identity, err) < 0)
			return err->code;
		if (answer_cache_get(cache, &text, key, &r->answers_err) > 0)
			return take_answer(s, i, about, text, err);
	}
	return 0;
}

int review_find_answers(struct review_step *s, struct error *err)
{
	struct review *r = s->review;
	bool is_off = review_model_off(r, s->side);
	struct answer_cache *cache = is_off || review_is_fresh(r) ? NULL : cache_of(r);
	int code = 0;

	for (size_t i = 0; cache && i < s->n_asks && code == 0; i++)
		code = find_answer(s, i, cache, err);
	return code;
}

int review_keep_answer(struct review_step *s, size_t i, struct error *err)
{
	struct review *r = s->review;
	const struct review_call *c = &s->calls[i];
	struct answer_cache *cache = cache_of(r);
	char key[DIGEST_TEXT_BYTES];

	if (!cache || c->cached || !c->by || !c->by->identity[0])
		return 0;
	if (key_of(key, s, i / 2, c->by->identity, err) < 0)
		return err->code;
	(void)!answer_cache_put(cache, key, c->answer, &r->answers_err);
	return 0;
}
