/* SPDX-License-Identifier: MIT */
/* The model side of a step: who is asked, on what options, and what a failure costs. */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "daemon/review_impl.h"

#define SEED_DEFAULT      4242 /* fixed: the same evidence should read the same */
#define TOKENS_PER_WORD   3    /* of an answer, JSON and ids around the words included */
#define OUTPUT_TOKENS_MIN 300
#define BYTES_PER_TOKEN   2    /* pessimistic for tables full of digits, each of which is a token */
#define ASKS_MAX          8    /* a for_each step: the rest is in the tables anyhow */
#define FAILURES_MAX      3    /* in a row: then the server is not asked again in this review */
#define SHORTER           0.9  /* of what fits, for a question that was too long */
#define ROOM_MIN          512  /* tokens, for a question of a variant of a matrix */
#define PATIENCE_MIN_MS   1000 /* no server can show in less that it is alive */

const char *review_request_text(const struct review *r, const char *key)
{
	return json_string_value(json_object_get(r->request, key));
}

static bool endpoint_talks(const struct config_endpoint *e)
{
	return e->provider != PROVIDER_BUILTIN;
}

bool review_endpoint_wanted(const struct review *r, const struct config_endpoint *e)
{
	const char *asked = review_request_text(r, "endpoint");

	return endpoint_talks(e) &&
	       (!asked || strcmp(asked, e->name) == 0 || (e->url && strcmp(asked, e->url) == 0));
}

void review_ask_setup(struct review *r)
{
	const struct config *c = r->env.config;
	const char *asked = review_request_text(r, "endpoint");
	size_t n = 0;

	for (size_t i = 0; i < c->n_endpoints; i++)
		n += review_endpoint_wanted(r, &c->endpoints[i]);
	if (asked && strcmp(asked, "builtin") == 0)
		r->model_off = "builtin was asked for";
	else if (!r->env.model || n == 0)
		r->model_off = asked ? "the endpoint asked for is not configured"
		                     : "no endpoint is configured";
}

/* --- options ------------------------------------------------------------ */

#define SETS 3 /* of options, the one that goes first in front */

#define OPTION_OF(name, is_given, fallback)        \
	(is_given(sets[0]->name)   ? sets[0]->name \
	 : is_given(sets[1]->name) ? sets[1]->name \
	 : is_given(sets[2]->name) ? sets[2]->name \
	                           : (fallback))
#define GIVEN(i)                ((i) >= 0)
#define REAL_OF(name, fallback) OPTION_OF(name, isfinite, fallback)
#define INT_OF(name, fallback)  OPTION_OF(name, GIVEN, fallback)

/*
 * What the agent says goes first, then pipeline and persona, which is of many pipelines; every
 * option is sent, as the defaults of servers differ.
 */
struct model_options review_options_with(const struct review_step *s,
                                         const struct option_set *first)
{
	const struct option_set *const sets[SETS] = {first, &s->review->pipeline->options,
	                                             &s->persona->options};
	int64_t words = s->persona->max_words ? (int64_t)s->persona->max_words : 250;
	int64_t output = words * TOKENS_PER_WORD;

	if (output < OUTPUT_TOKENS_MIN)
		output = OUTPUT_TOKENS_MIN;
	return (struct model_options){.temperature = REAL_OF(temperature, 0.2),
	                              .top_p = REAL_OF(top_p, 0.95),
	                              .min_p = REAL_OF(min_p, 0.0),
	                              .repeat_penalty = REAL_OF(repeat_penalty, 1.0),
	                              .top_k = INT_OF(top_k, 64),
	                              .num_ctx = INT_OF(num_ctx, REVIEW_NUM_CTX),
	                              .num_gpu = INT_OF(num_gpu, -1),
	                              .num_predict = INT_OF(num_predict, output),
	                              .seed = INT_OF(seed, SEED_DEFAULT)};
}

struct model_options review_options(const struct review_step *s)
{
	static const struct option_set none = OPTION_SET_NONE;
	const struct agent_spec *agent = s->review->sides[s->side].spec;

	return review_options_with(s, agent ? &agent->options : &none);
}

/* Variants of a matrix are asked the same, too; but for those who have no room for any question. */
static int64_t smallest_context(const struct pipeline *p, const struct model_options *o)
{
	int64_t least = o->num_predict + MODEL_TEMPLATE_TOKENS + ROOM_MIN, ret = o->num_ctx;

	for (size_t i = 0; i < pipeline_variants(p); i++) {
		int64_t of = pipeline_variant(p, i).num_ctx;

		ret = of >= least && of < ret ? of : ret;
	}
	return ret;
}

/* Several agents are asked the same: as much as fits the smallest context among them. */
struct ask_limits review_ask_limits(const struct review_step *s)
{
	const struct review *r = s->review;
	int64_t left = INT64_MAX;

	for (size_t i = 0; i < r->n_steps; i++) {
		struct model_options o;
		int64_t room;

		if (r->steps[i].spec != s->spec)
			continue;
		o = review_options(&r->steps[i]);
		room = review_servers_context(r, smallest_context(r->pipeline, &o)) - o.num_predict;
		left = room < left ? room : left;
	}
	left -= MODEL_TEMPLATE_TOKENS;
	if (pipeline_variants(
		    r->pipeline)) /* a trial asks no shorter question after a too long one */
		left = (int64_t)(SHORTER * (double)left);
	return (struct ask_limits){.max_prompt_bytes = left > 256 ? (size_t)left * BYTES_PER_TOKEN
	                                                          : 512,
	                           .max_asks = ASKS_MAX};
}

/* --- calls -------------------------------------------------------------- */

static void call_event(const struct review_call *c, const char *state, const char *endpoint,
                       json_int_t tokens, double tokens_per_s)
{
	struct review_step *s = c->step;

	review_event(s->review, "call",
	             json_pack("{sssIsssssIsf}", "step", s->id, "n", (json_int_t)(c - s->calls),
	                       "state", state, "endpoint", endpoint, "tokens", tokens,
	                       "tokens_per_s", isfinite(tokens_per_s) ? tokens_per_s : 0.0));
}

static void call_on_progress(void *arg, const char *state, uint64_t tokens)
{
	call_event(arg, state, "", (json_int_t)tokens, 0.0);
}

/* Each has a share of what failures may cost, so that nobody's dead server uses up another's. */
static uint64_t share_ms(const struct review *r)
{
	return r->env.config->failed_calls_ms / r->n_sides;
}

uint64_t review_patience_ms(const struct review *r, size_t side)
{
	uint64_t max = share_ms(r), lost = r->sides[side].failed_ms;
	uint64_t left = max > lost ? max - lost : 0;

	return left > PATIENCE_MIN_MS ? left : PATIENCE_MIN_MS;
}

const char *review_model_off(const struct review *r, size_t side)
{
	return r->model_off ? r->model_off : r->sides[side].model_off;
}

size_t review_side_off(const struct review *r)
{
	size_t side = 0;

	while (side < r->n_sides && !review_model_off(r, side))
		side++;
	return side;
}

void review_turn_model_off(struct review *r, const char *why)
{
	if (r->model_off)
		return;
	(void)snprintf(r->model_off_text, sizeof r->model_off_text, "%.255s", why);
	r->model_off = r->model_off_text;
	for (size_t i = 0; i < r->n_steps; i++)
		review_step_cancel_calls(&r->steps[i]);
}

static void turn_side_off(struct review *r, size_t side, const char *why)
{
	struct review_side *s = &r->sides[side];

	if (s->model_off)
		return;
	(void)snprintf(s->model_off_text, sizeof s->model_off_text, "%.255s", why);
	s->model_off = s->model_off_text;
	for (size_t i = 0; i < r->n_steps; i++)
		if (r->steps[i].side == side)
			review_step_cancel_calls(&r->steps[i]);
}

static void share_patience(struct review *r, size_t side)
{
	for (size_t i = 0; i < r->n_steps; i++) {
		struct review_step *s = &r->steps[i];

		for (size_t k = 0; s->side == side && s->calling && k < 2 * s->n_asks; k++) {
			if (s->calls[k].call)
				model_set_patience(s->calls[k].call, review_patience_ms(r, side));
		}
	}
}

void review_count_cost(struct review *r, size_t side, const struct model_result *result)
{
	struct review_side *s = &r->sides[side];
	const char *why = result->record.error;

	s->failed_ms += result->lost_ms;
	s->failures = result->status < 0 ? s->failures + 1 : 0;
	if (s->failures >= FAILURES_MAX || (result->lost_ms && s->failed_ms >= share_ms(r)))
		turn_side_off(r, side,
		              why[0] ? why : "tries that failed took as long as failed_calls");
	else if (result->lost_ms)
		share_patience(r, side);
}

static void call_on_done(void *arg, const struct model_result *result)
{
	struct review_call *c = arg;
	struct review_step *s = c->step;
	struct review *r = s->review;

	c->call = NULL;
	s->calling--;
	if (result->status == 0) {
		c->answer = strndup(result->answer, result->answer_len);
		c->answer_len = c->answer ? strlen(c->answer) : 0;
		c->by = review_server_about(r, result->record.endpoint);
	}
	if (result->status == -E2BIG) {
		c->tokens = result->record.prompt_tokens;
		c->room = result->room;
		c->too_long = true;
	} else if (result->status != -ECANCELED) {
		review_count_cost(r, s->side, result);
		metrics_call(r->env.metrics, &result->record, result->status == 0);
	}
	if (checkpoint_add_record(&s->saved, &result->record) < 0) {
		error_set(&s->err, -ENOMEM, "out of memory");
		review_fail(r, &s->err);
	}
	call_event(c, result->status == 0 ? "done" : "failed", result->record.endpoint,
	           result->record.output_tokens, result->record.tokens_per_s);
	review_schedule(r);
}

static int call_start(struct review_call *c, struct error *err)
{
	static const struct model_ops ops = {call_on_progress, call_on_done};
	struct review_step *s = c->step;
	struct review *r = s->review;
	const struct ask *ask = c->shorter ? c->shorter : &s->asks[(c - s->calls) / 2];
	const char *names[REVIEW_SERVERS_MAX], *user = ask->user;
	json_t *schema = NULL;
	int code = ask_schema(&schema, ask, err);
	struct model_request req = {.endpoints = names,
	                            .n_endpoints = review_endpoint_names(r, s->side, names),
	                            .caller = r->sides[s->side].caller,
	                            .system = ask->system,
	                            .schema = schema,
	                            .patience_ms = review_patience_ms(r, s->side),
	                            .options = review_options(s)};

	if (code < 0)
		return code;
	(void)!model_priority_read(
		&req.priority,
		json_object_get(json_object_get(r->request, "parameters"), "priority"));
	if (c->complaint) {
		user = arena_printf(r->arena,
		                    "%s\n\nYour last answer was refused: %s. Answer again.",
		                    ask->user, c->complaint);
		req.options.seed++;
	}
	req.user = user;
	req.model = review_model_name(r, s->side);
	code = user ? model_call(&c->call, r->env.model, &req, &ops, c, err)
	            : error_set(err, -ENOMEM, "out of memory");
	json_decref(schema);
	return code;
}

/* As much of it as fits by what the server said of the whole, else half. */
static size_t shorter_bytes(const struct review_call *c, const struct ask *ask)
{
	double bytes = (double)(strlen(ask->system) + strlen(ask->user));

	return (size_t)(c->tokens > 0 && c->room > 0
	                        ? SHORTER * bytes * (double)c->room / (double)c->tokens
	                        : bytes / 2);
}

static bool begins(const unsigned *some, size_t n_some, const unsigned *all, size_t n_all)
{
	return n_some <= n_all && memcmp(some, all, n_some * sizeof *some) == 0;
}

/* What it offers has the same ids there: an answer to it may be kept as one to the whole. */
static bool is_beginning_of(const struct ask *shorter, const struct ask *whole)
{
	const struct claims_scope *a = &shorter->scope, *b = &whole->scope;

	return strcmp(shorter->title, whole->title) == 0 &&
	       begins(a->facts, a->n_facts, b->facts, b->n_facts) &&
	       begins(a->findings, a->n_findings, b->findings, b->n_findings);
}

int review_ask_shorter(struct review_step *s, size_t i, struct error *err)
{
	struct review *r = s->review;
	const struct agent *agent = agent_of((enum task)s->persona->task);
	struct ask_limits limits = review_ask_limits(s);
	struct ask *asks;
	size_t n;
	int code;

	limits.max_prompt_bytes = shorter_bytes(&s->calls[2 * i], &s->asks[i]);
	code = agent->ask(&r->dossier, s->persona, (enum for_each)s->spec->for_each, &limits,
	                  r->arena, &asks, &n, err);
	for (size_t k = 0; code == 0 && k < n; k++) {
		if (!is_beginning_of(&asks[k], &s->asks[i]))
			continue;
		s->calls[2 * i + 1].shorter = &asks[k];
		s->calls[2 * i + 1].wanted = true;
	}
	return code;
}

void review_ask_calls(struct review_step *s)
{
	struct review *r = s->review;
	struct error err = {0};

	s->state = STEP_CALLING;
	for (size_t i = 0; i < 2 * s->n_asks; i++) {
		struct review_call *c = &s->calls[i];

		if (!c->wanted || c->started || review_model_off(r, s->side))
			continue;
		c->started = true;
		if (call_start(c, &err) == 0) {
			s->calling++;
			continue;
		}
		turn_side_off(r, s->side, err.text);
	}
}
