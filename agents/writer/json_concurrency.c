/* SPDX-License-Identifier: MIT */
/* What agents were alone and together, as report.json has it. */
#include <inttypes.h>

#include "agents/writer/json_impl.h"

#define MS_PER_S 1000

static const char *const answers[TRIAL_ANSWERS] = {"good", "empty", "run_away", "failed"};

json_t *make_measured(struct maker *m, const struct measured *x)
{
	json_t *o = json_object();

	make_put(m, o, "median", pointer_number(x->median));
	make_put(m, o, "low", pointer_number(x->low));
	make_put(m, o, "high", pointer_number(x->high));
	make_put(m, o, "level_pct", x->level > 0 ? pointer_number(100 * x->level) : json_null());
	make_put(m, o, "runs", json_integer((json_int_t)x->n));
	return o;
}

json_t *make_ignored(struct maker *m, const struct ignored_option *options, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *o = json_object();

		make_put(m, o, "option", pointer_text(options[i].name));
		make_put(m, o, "asked", pointer_number(options[i].asked));
		make_put(m, o, "used", pointer_number(options[i].used));
		make_push(m, list, o);
	}
	return list;
}

/* In hex: a number of so many bits is none of JSON's. */
json_t *make_seed(uint64_t seed)
{
	return json_sprintf("%016" PRIx64, seed);
}

static json_t *left_out(struct maker *m, const struct contest_agent *a)
{
	json_t *o = json_object();

	for (size_t i = ANSWER_EMPTY; i < TRIAL_ANSWERS; i++)
		make_put(m, o, answers[i], json_integer((json_int_t)a->left_out[i]));
	return o;
}

static json_t *each(struct maker *m, size_t i)
{
	const struct contest_agent *a = &m->meta->contest->each[i];
	json_t *o = json_object();

	make_put(m, o, "agent", pointer_text(m->meta->agents[i].name));
	make_put(m, o, "tokens_per_s", make_measured(m, &a->throughput));
	make_put(m, o, "ttft_ms", make_measured(m, &a->ttft_ms));
	make_put(m, o, "wall_s", make_measured(m, &a->wall_s));
	make_put(m, o, "tokens_per_s_together", make_measured(m, &a->throughput_together));
	make_put(m, o, "ttft_together_ms", make_measured(m, &a->ttft_together_ms));
	make_put(m, o, "stretch", pointer_number(a->stretch));
	make_put(m, o, "calls", json_integer((json_int_t)a->calls));
	make_put(m, o, "left_out", left_out(m, a));
	make_put(m, o, "ignored", make_ignored(m, a->ignored, a->n_ignored));
	return o;
}

/* Of its members, the names begin so. */
static void put_change(struct maker *m, json_t *o, const char *name, const struct contest_change *c)
{
	char key[64];

#define KEY(end) ((void)snprintf(key, sizeof key, "%s" end, name), key)
	make_put(m, o, KEY("_pct"), pointer_number(c->pct));
	make_put(m, o, KEY("_low_pct"), pointer_number(c->low_pct));
	make_put(m, o, KEY("_high_pct"), pointer_number(c->high_pct));
	make_put(m, o, KEY("_p"), pointer_number(c->p));
	make_put(m, o, KEY("_verdict"), pointer_text(c->verdict));
#undef KEY
}

static json_t *delta(struct maker *m, const struct contest_delta *d)
{
	json_t *o = json_object();

	make_put(m, o, "agent", pointer_text(m->meta->agents[d->b].name));
	make_put(m, o, "against", pointer_text(m->meta->agents[d->a].name));
	put_change(m, o, "throughput", &d->throughput);
	make_put(m, o, "ttft_ms", pointer_number(d->ttft_ms));
	make_put(m, o, "ttft_p", pointer_number(d->ttft.p));
	make_put(m, o, "ttft_verdict", pointer_text(d->ttft.verdict));
	make_put(m, o, "ranked", json_boolean(d->ranked));
	return o;
}

static json_t *trial_call(struct maker *m, const struct trial_call *c, size_t question)
{
	json_t *o = json_object();

	make_put(m, o, "question", json_integer((json_int_t)question + 1));
	make_put(m, o, "answer", json_string(answers[c->answer]));
	make_put(m, o, "output_tokens", pointer_number(c->tokens));
	make_put(m, o, "tokens_per_s", pointer_number(c->tokens_per_s));
	make_put(m, o, "queue_ms", pointer_number(c->queue_ms));
	make_put(m, o, "ttft_ms", pointer_number(c->ttft_ms));
	make_put(m, o, "load_ms", pointer_number(c->load_ms));
	make_put(m, o, "prompt_eval_ms", pointer_number(c->prompt_eval_ms));
	make_put(m, o, "total_ms", pointer_number(c->total_ms));
	make_put(m, o, "sentences", json_integer(c->stood));
	make_put(m, o, "struck", json_integer(c->struck));
	return o;
}

json_t *make_trial_calls(struct maker *m, const struct trials *t, const struct trial *trial,
                         size_t lane)
{
	json_t *calls = json_array();

	for (size_t q = 0; q < t->n_questions; q++) {
		const struct trial_call *c = &trial->calls[lane * t->n_questions + q];

		if (!c->unasked)
			make_push(m, calls, trial_call(m, c, q));
	}
	return calls;
}

static json_t *lane(struct maker *m, const struct trials *t, const struct trial *trial, size_t i,
                    const char *who)
{
	json_t *o = json_object();

	make_put(m, o, "agent", pointer_text(who));
	make_put(m, o, "calls", make_trial_calls(m, t, trial, i));
	return o;
}

static json_t *trial(struct maker *m, const struct trials *t, const struct trial *at)
{
	json_t *o = json_object(), *lanes = json_array();

	for (size_t i = 0; i < at->plan.n_who; i++)
		make_push(m, lanes, lane(m, t, at, i, m->meta->agents[at->plan.who[i]].name));
	make_put(m, o, "kind", json_string(trial_kind_name(at->plan.kind)));
	make_put(m, o, "run", json_integer(at->plan.round));
	make_put(m, o, "wall_s", pointer_number(at->wall_ms / MS_PER_S));
	make_put(m, o, "agents", lanes);
	return o;
}

static json_t *intervals(struct maker *m, const struct contest *c)
{
	json_t *o = json_object();

	make_put(m, o, "sequential_s", make_measured(m, &c->sequential_s));
	make_put(m, o, "concurrent_s", make_measured(m, &c->concurrent_s));
	make_put(m, o, "speedup", make_measured(m, &c->speedup));
	make_put(m, o, "tokens_per_wall_s", make_measured(m, &c->tokens_per_wall_s));
	make_put(m, o, "tokens_per_wall_s_solo", make_measured(m, &c->tokens_per_wall_s_solo));
	return o;
}

static json_t *grew(struct maker *m, const struct contest *c)
{
	json_t *o = json_object();

	for (enum contention_cause k = CAUSE_SLOT; k < CONTENTION_CAUSES; k++)
		make_put(m, o, contention_cause_name(k), pointer_number(c->grew_ms[k]));
	return o;
}

static void put_counts(struct maker *m, json_t *o, const struct contest *c)
{
	make_put(m, o, "runs", json_integer((json_int_t)c->runs));
	make_put(m, o, "runs_left_out", json_integer((json_int_t)c->runs_left_out));
	make_put(m, o, "questions", json_integer((json_int_t)c->questions));
	make_put(m, o, "questions_left_out", json_integer((json_int_t)c->questions_left_out));
	make_put(m, o, "equal_prompts", json_boolean(c->equal_prompts));
	make_put(m, o, "order_seed", make_seed(c->trials.seed));
}

static void put_lists(struct maker *m, json_t *o, const struct contest *c)
{
	json_t *agents = json_array(), *deltas = json_array(), *trials = json_array();

	for (size_t i = 0; i < c->agents; i++)
		make_push(m, agents, each(m, i));
	for (size_t i = 0; i < c->n_deltas; i++)
		make_push(m, deltas, delta(m, &c->deltas[i]));
	for (size_t i = 0; i < c->trials.n; i++)
		make_push(m, trials, trial(m, &c->trials, &c->trials.at[i]));
	make_put(m, o, "each", agents);
	make_put(m, o, "deltas", deltas);
	make_put(m, o, "trials", trials);
}

json_t *make_concurrency(struct maker *m)
{
	const struct contest *c = m->meta->contest;
	json_t *o;

	if (!c)
		return json_null();
	o = json_object();
	make_put(m, o, "agents", json_integer((json_int_t)c->agents));
	make_put(m, o, "sequential_s", pointer_number(c->sequential_s.median));
	make_put(m, o, "concurrent_s", pointer_number(c->concurrent_s.median));
	make_put(m, o, "speedup", pointer_number(c->speedup.median));
	make_put(m, o, "efficiency", pointer_number(c->efficiency));
	make_put(m, o, "contention", c->is_measured ? json_boolean(c->is_contended) : json_null());
	make_put(m, o, "tokens_per_wall_s", pointer_number(c->tokens_per_wall_s.median));
	make_put(m, o, "tokens_per_wall_s_solo", pointer_number(c->tokens_per_wall_s_solo.median));
	put_change(m, o, "gain", &c->gain);
	make_put(m, o, "uneven", json_boolean(c->is_uneven));
	make_put(m, o, "cause",
	         c->is_contended ? json_string(contention_cause_name(c->cause)) : json_null());
	make_put(m, o, "grew_ms", grew(m, c));
	make_put(m, o, "loads_differ", json_boolean(c->loads_differ));
	put_counts(m, o, c);
	make_put(m, o, "intervals", intervals(m, c));
	put_lists(m, o, c);
	return o;
}
