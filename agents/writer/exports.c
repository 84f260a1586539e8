/* SPDX-License-Identifier: MIT */
#include "agents/writer/exports.h"

#include <errno.h>

#include "agents/writer/json_impl.h"
#include "lib/base/clock.h"

#define SIDES         2 /* the harness had two agents */
#define MS_PER_S      1000
#define EXPORT_FORM   (JSON_INDENT(2) | JSON_REAL_PRECISION(15)) /* 0.3 as somebody wrote it */
#define SPEED_OF(run) ((run)->sequential_s / (run)->concurrent_s)

static const char *const sides[SIDES] = {"collector", "insight"};

static const struct contest_run *run_at(const struct report_meta *meta, size_t i)
{
	const struct contest *c = meta->contest;

	for (size_t k = 0; k < c->n_rounds; k++)
		if (c->rounds[k].good && i-- == 0)
			return &c->rounds[k];
	return NULL;
}

size_t exports_runs(const struct report_meta *meta)
{
	return meta->contest->runs;
}

unsigned exports_run(const struct report_meta *meta, size_t i)
{
	return run_at(meta, i)->run;
}

static double efficiency_of(const struct report_meta *meta, const struct contest_run *run)
{
	return 100 * SPEED_OF(run) / (double)meta->contest->agents;
}

static json_t *summary_of(struct maker *m, const struct contest_run *run)
{
	const struct contest *c = m->meta->contest;
	const struct contest_part *a = &run->together[0], *b = &run->together[1];
	json_t *o = json_object();

	make_put(m, o, "run_number", json_integer(run->run));
	make_put(m, o, "scenario", pointer_text(m->meta->pipeline));
	make_put(m, o, "throughput_delta", pointer_number(b->rate - a->rate));
	make_put(m, o, "ttft_delta_ms", pointer_number(a->ttft_ms - b->ttft_ms));
	make_put(m, o, "concurrency_speedup", pointer_number(SPEED_OF(run)));
	make_put(m, o, "efficiency_percent", pointer_number(efficiency_of(m->meta, run)));
	make_put(m, o, "sequential_estimated_s", pointer_number(run->sequential_s));
	make_put(m, o, "sequential_measured_s", pointer_number(run->sequential_s));
	make_put(m, o, "concurrent_wall_time_s", pointer_number(run->concurrent_s));
	make_put(m, o, "resource_contention_detected", json_boolean(c->is_contended));
	make_put(m, o, "collector_throughput", pointer_number(a->rate));
	make_put(m, o, "insight_throughput", pointer_number(b->rate));
	make_put(m, o, "collector_ttft_ms", pointer_number(a->ttft_ms));
	make_put(m, o, "insight_ttft_ms", pointer_number(b->ttft_ms));
	return o;
}

/* --- one run ---------------------------------------------------------------- */

static const struct trial *together_of(const struct contest *c, unsigned run)
{
	for (size_t i = 0; i < c->trials.n; i++)
		if (c->trials.at[i].plan.round == run &&
		    c->trials.at[i].plan.kind == TRIAL_TOGETHER)
			return &c->trials.at[i];
	return NULL;
}

static const struct trial_call *calls_of(const struct contest *c, const struct trial *t, size_t who)
{
	for (size_t i = 0; i < t->plan.n_who; i++)
		if (t->plan.who[i] == who)
			return &t->calls[i * c->trials.n_questions];
	return NULL;
}

static double known(double x)
{
	return x > 0 ? x : 0; /* the harness had no word for what a server does not tell */
}

static json_t *call_metrics(struct maker *m, const struct trial_call *c)
{
	json_t *o = json_object();

	make_put(m, o, "ttft_ms", pointer_number(c->ttft_ms));
	make_put(m, o, "throughput_tokens_per_sec", pointer_number(c->tokens_per_s));
	make_put(m, o, "total_duration_ms", pointer_number(c->total_ms));
	make_put(m, o, "tokens_generated", pointer_number(c->tokens));
	make_put(m, o, "prompt_eval_duration_ms", pointer_number(c->prompt_eval_ms));
	make_put(m, o, "eval_duration_ms", pointer_number(MS_PER_S * c->tokens / c->tokens_per_s));
	make_put(m, o, "load_duration_ms", pointer_number(c->load_ms));
	return o;
}

static double rate_of(const struct trial_call *c)
{
	return c->tokens_per_s;
}

static double ttft_of(const struct trial_call *c)
{
	return c->ttft_ms;
}

/* As the harness has it: of unlike questions, so it tells nothing of noise. null: of one alone. */
static json_t *spread(const struct trials *t, const struct trial_call *calls,
                      double (*value)(const struct trial_call *))
{
	double sum = 0, squares = 0;
	size_t n = 0;

	for (size_t q = 0; q < t->n_questions; q++) {
		if (t->dropped[q])
			continue;
		sum += value(&calls[q]);
		n++;
	}
	for (size_t q = 0; q < t->n_questions && n > 1; q++)
		if (!t->dropped[q])
			squares += pow(value(&calls[q]) - sum / (double)n, 2);
	return pointer_number(n > 1 ? sqrt(squares / (double)(n - 1)) : (double)NAN);
}

static json_t *aggregate(struct maker *m, const struct contest_part *p,
                         const struct trial_call *calls)
{
	const struct trials *t = &m->meta->contest->trials;
	double total = 0, load = 0, prompt = 0, eval = 0;
	json_t *o = json_object();

	for (size_t q = 0; q < t->n_questions; q++) {
		if (t->dropped[q])
			continue;
		total += calls[q].total_ms;
		load += known(calls[q].load_ms);
		prompt += known(calls[q].prompt_eval_ms);
		eval += known(MS_PER_S * calls[q].tokens / calls[q].tokens_per_s);
	}
	make_put(m, o, "average_tokens_per_second", pointer_number(p->rate));
	make_put(m, o, "average_ttft_ms", pointer_number(p->ttft_ms));
	make_put(m, o, "stddev_throughput", spread(t, calls, rate_of));
	make_put(m, o, "stddev_ttft", spread(t, calls, ttft_of));
	make_put(m, o, "total_duration_ms", pointer_number(total));
	make_put(m, o, "total_tokens_generated", pointer_number(p->tokens));
	make_put(m, o, "prompt_eval_duration_ms", pointer_number(prompt));
	make_put(m, o, "eval_duration_ms", pointer_number(eval));
	make_put(m, o, "load_duration_ms", pointer_number(load));
	return o;
}

static json_t *config(struct maker *m, size_t who)
{
	json_t *agent = make_agent(m, who), *o = json_object();

	make_put(m, o, "id", json_string(sides[who]));
	make_put(m, o, "label", json_incref(json_object_get(agent, "name")));
	make_put(m, o, "model", json_incref(json_object_get(agent, "model")));
	make_put(m, o, "base_url", json_incref(json_object_get(agent, "endpoint")));
	make_put(m, o, "options", json_incref(json_object_get(agent, "options")));
	json_decref(agent);
	return o;
}

static json_t *stage(struct maker *m, const struct trial_call *c, size_t question)
{
	json_t *o = json_object();

	make_put(m, o, "stage", json_sprintf("question %zu", question + 1));
	make_put(m, o, "metrics", call_metrics(m, c));
	return o;
}

static json_t *execution(struct maker *m, const struct contest_run *run, size_t who)
{
	const struct contest *c = m->meta->contest;
	const struct trial_call *calls = calls_of(c, together_of(c, run->run), who);
	const struct contest_part *p = &run->together[who];
	json_t *o = json_object(), *result = json_object(), *each = json_array();
	json_t *stages = json_array(), *of = config(m, who);

	for (size_t q = 0; q < c->trials.n_questions; q++) {
		if (c->trials.dropped[q])
			continue;
		make_push(m, each, call_metrics(m, &calls[q]));
		make_push(m, stages, stage(m, &calls[q], q));
	}
	make_put(m, result, "agent_type", pointer_text(m->meta->agents[who].name));
	make_put(m, result, "model", json_incref(json_object_get(of, "model")));
	make_put(m, result, "configuration", json_incref(json_object_get(of, "options")));
	make_put(m, result, "runs", json_integer((json_int_t)json_array_size(each)));
	make_put(m, result, "individual_runs", each);
	make_put(m, result, "llm_calls", stages);
	make_put(m, result, "aggregate_metrics", aggregate(m, p, calls));
	make_put(m, result, "timestamp", make_time(m->meta->finished_at_s));
	make_put(m, o, "config", of);
	make_put(m, o, "result", result);
	make_put(m, o, "execution_time_s", pointer_number(p->wall_ms / MS_PER_S));
	return o;
}

/* --- files -------------------------------------------------------------------- */

static int dump(const char *bytes, size_t n, void *arg)
{
	struct buf *b = arg;

	buf_add(b, bytes, n);
	return b->failed ? -1 : 0;
}

static int print(struct buf *b, const struct maker *m, json_t *o, struct error *err)
{
	int r = m->failed ? -1 : json_dump_callback(o, dump, b, EXPORT_FORM);

	buf_puts(b, "\n");
	json_decref(o);
	return r < 0 || b->failed ? error_set(err, -ENOMEM, "out of memory") : 0;
}

int exports_metrics(struct buf *b, const struct report_meta *meta, size_t i, struct error *err)
{
	const struct contest_run *run = run_at(meta, i);
	struct maker m = {.meta = meta};
	json_t *o = json_object();

	make_put(&m, o, "run_number", json_integer(run->run));
	make_put(&m, o, "scenario", pointer_text(meta->pipeline));
	for (size_t who = 0; who < SIDES; who++)
		make_put(&m, o, sides[who], execution(&m, run, who));
	make_put(&m, o, "summary", summary_of(&m, run));
	return print(b, &m, o, err);
}

struct averages {
	double throughput_delta, ttft_delta_ms, speedup, efficiency;
};

static struct averages averages_of(const struct report_meta *meta)
{
	size_t n = exports_runs(meta);
	struct averages a = {0};

	for (size_t i = 0; i < n; i++) {
		const struct contest_run *run = run_at(meta, i);
		const struct contest_part *x = run->together, *y = run->together + 1;

		a.throughput_delta += (y->rate - x->rate) / (double)n;
		a.ttft_delta_ms += (x->ttft_ms - y->ttft_ms) / (double)n;
		a.speedup += SPEED_OF(run) / (double)n;
		a.efficiency += efficiency_of(meta, run) / (double)n;
	}
	return a;
}

int exports_summary_json(struct buf *b, const struct report_meta *meta, struct error *err)
{
	struct averages a = averages_of(meta);
	struct maker m = {.meta = meta};
	json_t *o = json_object(), *runs = json_array(), *all = json_object();

	for (size_t i = 0; i < exports_runs(meta); i++)
		make_push(&m, runs, summary_of(&m, run_at(meta, i)));
	make_put(&m, all, "average_throughput_delta", pointer_number(a.throughput_delta));
	make_put(&m, all, "average_ttft_delta_ms", pointer_number(a.ttft_delta_ms));
	make_put(&m, all, "average_concurrency_speedup", pointer_number(a.speedup));
	make_put(&m, all, "average_efficiency", pointer_number(a.efficiency));
	make_put(&m, o, "scenario", pointer_text(meta->pipeline));
	make_put(&m, o, "runs", runs);
	make_put(&m, o, "aggregate", all);
	make_put(&m, o, "agent_a", config(&m, 0));
	make_put(&m, o, "agent_b", config(&m, 1));
	make_put(&m, o, "generated_at", make_time(meta->finished_at_s));
	return print(b, &m, o, err);
}

void exports_summary_md(struct buf *b, const struct report_meta *meta)
{
	struct averages a = averages_of(meta);

	buf_printf(b, "# Multi-Agent Summary (%s)\n\n", meta->pipeline);
	buf_printf(b, "Runs: %zu\n", exports_runs(meta));
	buf_printf(b, "Average Throughput Δ: %+.2f tok/s\n", a.throughput_delta);
	buf_printf(b, "Average TTFT Δ: %+.2f ms\n", a.ttft_delta_ms);
	buf_printf(b, "Average Speedup: %.2fx\n", a.speedup);
	buf_printf(b, "Average Efficiency: %.1f%%\n\n## Agent Configurations\n", a.efficiency);
	for (size_t i = 0; i < SIDES; i++)
		buf_printf(b, "- Agent %c: %s\n", "AB"[i], meta -> agents[i].name);
}
