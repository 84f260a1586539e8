/* SPDX-License-Identifier: MIT */
/* Steps, calls and their totals, as report.json has them. */
#include <math.h>

#include "agents/writer/json_impl.h"

static json_t *calls_of(struct maker *m, const char *step)
{
	json_t *a = json_array();

	for (size_t i = 0; i < m->meta->n_calls; i++)
		if (strcmp(m->meta->calls[i].step, step) == 0)
			make_push(m, a, make_id('M', i + 1));
	return a;
}

json_t *make_steps(struct maker *m)
{
	json_t *a = json_array();

	for (size_t i = 0; i < m->meta->n_steps; i++) {
		const struct report_step *s = &m->meta->steps[i];
		json_t *o = json_object();

		make_put(m, o, "id", pointer_text(s->id));
		make_put(m, o, "stage", json_string(stage_name(s->stage)));
		make_put(m, o, "agent", pointer_text(s->agent));
		make_put(m, o, "persona", pointer_text(s->persona));
		make_put(m, o, "prompt", pointer_text(s->prompt));
		make_put(m, o, "started_at", make_time(s->started_at_s));
		make_put(m, o, "wall_ms", pointer_number(s->wall_ms));
		make_put(m, o, "model_ms", pointer_number(s->model_ms));
		make_put(m, o, "calls", calls_of(m, s->id));
		make_put(m, o, "builtin",
		         s->builtin ? pointer_text(s->builtin_why ? s->builtin_why : "")
		                    : json_null());
		make_put(m, o, "omitted", json_integer((json_int_t)s->omitted));
		make_push(m, a, o);
	}
	return a;
}

json_t *make_options(struct maker *m, const struct model_options *p)
{
	const struct {
		const char *name;
		double value;
	} reals[] = {{"temperature", p->temperature},
	             {"top_p", p->top_p},
	             {"min_p", p->min_p},
	             {"repeat_penalty", p->repeat_penalty}};
	const struct {
		const char *name;
		int64_t value;
	} integers[] = {{"top_k", p->top_k},
	                {"num_ctx", p->num_ctx},
	                {"num_gpu", p->num_gpu},
	                {"num_predict", p->num_predict},
	                {"seed", p->seed}};
	json_t *o = json_object();

	for (size_t i = 0; i < ARRAY_LEN(reals); i++)
		if (isfinite(reals[i].value))
			make_put(m, o, reals[i].name, json_real(reals[i].value));
	for (size_t i = 0; i < ARRAY_LEN(integers); i++)
		if (integers[i].value >= 0)
			make_put(m, o, integers[i].name, json_integer(integers[i].value));
	return o;
}

/* A duration in ms, null where nobody measured it: NAN or negative. */
static json_t *duration(double ms)
{
	return ms >= 0 ? pointer_number(ms) : json_null();
}

static json_t *call(struct maker *m, size_t i)
{
	const struct report_call *c = &m->meta->calls[i];
	const struct model_record *r = &c->record;
	json_t *o = json_object();

	make_put(m, o, "id", make_id('M', i + 1));
	make_put(m, o, "step", pointer_text(c->step));
	make_put(m, o, "endpoint", pointer_text(r->endpoint));
	make_put(m, o, "provider", pointer_text(r->provider));
	make_put(m, o, "model", pointer_text(r->model));
	make_put(m, o, "options", make_options(m, &r->options));
	make_put(m, o, "prompt_tokens", make_count(r->prompt_tokens));
	make_put(m, o, "output_tokens", make_count(r->output_tokens));
	make_put(m, o, "queue_ms", duration(r->queue_ms));
	make_put(m, o, "ttft_ms", duration(r->ttft_ms));
	make_put(m, o, "load_ms", duration(r->load_ms));
	make_put(m, o, "prompt_eval_ms", duration(r->prompt_eval_ms));
	make_put(m, o, "eval_ms", duration(r->eval_ms));
	make_put(m, o, "total_ms", duration(r->total_ms));
	make_put(m, o, "tokens_per_s", duration(r->tokens_per_s));
	make_put(m, o, "attempts", json_integer(r->attempts));
	make_put(m, o, "finish", pointer_text(r->finish));
	make_put(m, o, "truncated", json_boolean(r->truncated));
	make_put(m, o, "cached", json_boolean(r->cached));
	make_put(m, o, "error", r->error[0] ? pointer_text(r->error) : json_null());
	return o;
}

json_t *make_calls(struct maker *m)
{
	json_t *a = json_array();

	for (size_t i = 0; i < m->meta->n_calls; i++)
		make_push(m, a, call(m, i));
	return a;
}

/* A sum over the calls that know their part. */
struct sum {
	double all;
	size_t n;
};

static void sum_add(struct sum *s, double value)
{
	if (!(value >= 0) || !isfinite(value))
		return;
	s->all += value;
	s->n++;
}

static json_t *sum_json(const struct sum *s)
{
	return s->n ? json_real(s->all) : json_null();
}

static bool is_of(const char *id, const struct report_step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(steps[i].id, id) == 0)
			return true;
	return false;
}

/*
 * Sums; but ttft_ms is the mean, and tokens_per_s the tokens over the evaluation time of the calls
 * that tell both. An answer out of the cache took no time tonight and is not counted in.
 */
json_t *make_totals_of(struct maker *m, const struct report_step *steps, size_t n)
{
	struct sum output = {0}, ttft = {0}, load = {0}, prompt = {0}, eval = {0}, total = {0};
	double tokens = 0, ms = 0;
	json_t *o = json_object();
	size_t cached = 0, calls = 0;

	for (size_t i = 0; i < m->meta->n_calls; i++) {
		const struct model_record *r = &m->meta->calls[i].record;

		if (!is_of(m->meta->calls[i].step, steps, n))
			continue;
		calls++;
		cached += r->cached;
		if (r->cached)
			continue;
		sum_add(&output, (double)r->output_tokens);
		sum_add(&ttft, r->ttft_ms);
		sum_add(&load, r->load_ms);
		sum_add(&prompt, r->prompt_eval_ms);
		sum_add(&eval, r->eval_ms);
		sum_add(&total, r->total_ms);
		if (r->output_tokens > 0 && r->eval_ms > 0) {
			tokens += (double)r->output_tokens;
			ms += r->eval_ms;
		}
	}
	make_put(m, o, "calls", json_integer((json_int_t)calls));
	make_put(m, o, "cached", json_integer((json_int_t)cached));
	make_put(m, o, "output_tokens", json_integer((json_int_t)output.all));
	make_put(m, o, "tokens_per_s", ms > 0 ? pointer_number(1000 * tokens / ms) : json_null());
	make_put(m, o, "ttft_ms", ttft.n ? json_real(ttft.all / (double)ttft.n) : json_null());
	make_put(m, o, "load_ms", sum_json(&load));
	make_put(m, o, "prompt_eval_ms", sum_json(&prompt));
	make_put(m, o, "eval_ms", sum_json(&eval));
	make_put(m, o, "total_ms", sum_json(&total));
	return o;
}

json_t *make_totals(struct maker *m)
{
	return make_totals_of(m, m->meta->steps, m->meta->n_steps);
}
