/* SPDX-License-Identifier: MIT */
/*
 * What agents were alone and together, computed again from the trials that the report lists: from
 * the definitions (design: sequential and concurrent wall time of a run; speedup, efficiency,
 * tokens per wall second), not from the analyst's code.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl/verify_impl.h"

#define MS_PER_S    1000.0
#define CONTENTION  0.75 /* of the efficiency */
#define SLOWED      1.1  /* as long a token */
#define MOST_AGENTS 64
#define LIST_MAX    1000 /* runs, questions */

/* One agent's answers of one trial, those of questions that count. */
struct lane {
	double tokens, eval_s, ttft_ms, waited_ms, n;
	double wall_s; /* of the trial, where it was alone */
};

struct run {
	struct lane *solo, *together; /* of each agent */
	double sequential_s, concurrent_s;
	size_t trials;
	bool bad;
};

struct rerun {
	struct verify *v;
	const json_t *stated; /* the report's concurrency */
	const json_t *each;
	struct run *runs; /* by number, from 0 */
	struct lane *lanes;
	bool *dropped; /* by question, from 1 */
	double *x, *y; /* room for one number of each run */
	size_t n, agents;
};

static void rerun_done(struct rerun *r)
{
	free(r->runs);
	free(r->lanes);
	free(r->dropped);
	free(r->x);
	free(r->y);
}

/* 1 to LIST_MAX, else 0 */
static size_t small(json_int_t x)
{
	return x > 0 && x <= LIST_MAX ? (size_t)x : 0;
}

static size_t agent_of(const struct rerun *r, const json_t *lane)
{
	size_t i;
	const json_t *one;

	json_array_foreach (r->each, i, one)
		if (strcmp(verify_text(one, "agent"), verify_text(lane, "agent")) == 0)
			return i;
	return r->agents;
}

/* --- the trials -------------------------------------------------------------------------- */

/* A question that was not good in a warm-up is asked nobody again. */
static void drop(struct rerun *r, const json_t *lane)
{
	const json_t *call;
	size_t i;

	json_array_foreach (json_object_get(lane, "calls"), i, call)
		if (!verify_is_good(call))
			r->dropped[small(verify_int(call, "question"))] = true;
}

static void add_calls(struct rerun *r, struct run *run, struct lane *to, const json_t *lane)
{
	const json_t *call;
	size_t i;

	json_array_foreach (json_object_get(lane, "calls"), i, call) {
		if (r->dropped[small(verify_int(call, "question"))])
			continue;
		if (!verify_is_good(call)) {
			run->bad = true;
			continue;
		}
		to->tokens += verify_member(call, "output_tokens");
		to->eval_s += verify_member(call, "output_tokens") /
		              verify_member(call, "tokens_per_s");
		to->ttft_ms += verify_member(call, "ttft_ms");
		to->waited_ms += verify_member(call, "queue_ms") + verify_member(call, "total_ms");
		to->n++;
	}
}

static void add_trial(struct rerun *r, const json_t *trial)
{
	const char *kind = verify_text(trial, "kind");
	size_t number_of_run = small(verify_int(trial, "run")), i;
	bool together = strcmp(kind, "together") == 0;
	struct run *run = number_of_run <= r->n ? &r->runs[number_of_run] : &r->runs[0];
	const json_t *lane;

	run->trials++;
	*(together ? &run->concurrent_s : &run->sequential_s) += verify_member(trial, "wall_s");
	json_array_foreach (json_object_get(trial, "agents"), i, lane) {
		size_t who = agent_of(r, lane);
		struct lane *to;

		if (who == r->agents)
			continue;
		if (strcmp(kind, "warm_up") == 0) {
			drop(r, lane);
			continue;
		}
		to = &(together ? run->together : run->solo)[who];
		to->wall_s += verify_member(trial, "wall_s");
		add_calls(r, run, to, lane);
	}
}

/* --- figures ----------------------------------------------------------------------------- */

typedef double figure_fn(const struct run *run, size_t agent, size_t agents);

static double sequential(const struct run *run, size_t agent, size_t agents)
{
	(void)agent, (void)agents;
	return run->sequential_s;
}

static double concurrent(const struct run *run, size_t agent, size_t agents)
{
	(void)agent, (void)agents;
	return run->concurrent_s;
}

static double speedup(const struct run *run, size_t agent, size_t agents)
{
	(void)agent, (void)agents;
	return run->sequential_s / run->concurrent_s;
}

static double tokens(const struct lane *lanes, size_t agents)
{
	double sum = 0;

	for (size_t i = 0; i < agents; i++)
		sum += lanes[i].tokens;
	return sum;
}

static double rate_together(const struct run *run, size_t agent, size_t agents)
{
	(void)agent;
	return tokens(run->together, agents) / run->concurrent_s;
}

static double rate_solo(const struct run *run, size_t agent, size_t agents)
{
	(void)agent;
	return tokens(run->solo, agents) / run->sequential_s;
}

#define OF_AGENT(name, expression)                                                    \
	static double name(const struct run *run, size_t agent, size_t agents)        \
	{                                                                             \
		const struct lane *s = &run->solo[agent], *t = &run->together[agent]; \
                                                                                      \
		(void)agents, (void)s, (void)t;                                       \
		return expression;                                                    \
	}
OF_AGENT(own_rate, s->tokens / s->eval_s)
OF_AGENT(own_ttft, s->ttft_ms / s->n)
OF_AGENT(own_wall, s->wall_s)
OF_AGENT(own_rate_together, t->tokens / t->eval_s)
OF_AGENT(own_ttft_together, t->ttft_ms / t->n)
OF_AGENT(own_stretch, t->waited_ms / t->tokens / (s->waited_ms / s->tokens))

/* Of the runs that count, sorted; how many have the figure. */
static size_t values(const struct rerun *r, double *to, figure_fn *figure, size_t agent)
{
	size_t n = 0;

	for (size_t i = 1; i <= r->n; i++) {
		const struct run *run = &r->runs[i];
		double x = run->bad ? NO_NUMBER : figure(run, agent, r->agents);

		if (run->trials == r->agents + 1 && isfinite(x))
			to[n++] = x;
	}
	verify_sort(to, n);
	return n;
}

static void expect(const struct rerun *r, const json_t *in, const char *where, const char *key,
                   double again)
{
	char place[160];

	(void)snprintf(place, sizeof place, "concurrency%s%.80s", *where ? ", " : "", where);
	verify_figure(r->v, in, place, key, again);
}

static void expect_measured(const struct rerun *r, const json_t *in, const char *where,
                            const char *key, figure_fn *figure, size_t agent)
{
	const json_t *stated = json_object_get(in, key);
	size_t n = values(r, r->x, figure, agent);
	char place[160];

	(void)snprintf(place, sizeof place, "concurrency%s%.64s, %.32s", *where ? ", " : "", where,
	               key);
	if (figure == speedup && n) /* of the medians, as design has it */
		verify_figure(r->v, stated, place, "median",
		              verify_member(json_object_get(in, "sequential_s"), "median") /
		                      verify_member(json_object_get(in, "concurrent_s"), "median"));
	else
		verify_figure(r->v, stated, place, "median",
		              verify_statistic(STAT_MEDIAN, r->x, n));
	verify_interval(r->v, stated, place, r->x, n);
}

static void expect_whole(const struct rerun *r)
{
	const json_t *c = r->stated, *in = json_object_get(c, "intervals");
	static const char *const same_as[] = {"sequential_s", "concurrent_s", "speedup",
	                                      "tokens_per_wall_s", "tokens_per_wall_s_solo"};
	size_t good = values(r, r->x, sequential, 0);

	expect_measured(r, in, "", "sequential_s", sequential, 0);
	expect_measured(r, in, "", "concurrent_s", concurrent, 0);
	expect_measured(r, in, "", "speedup", speedup, 0);
	expect_measured(r, in, "", "tokens_per_wall_s", rate_together, 0);
	expect_measured(r, in, "", "tokens_per_wall_s_solo", rate_solo, 0);
	for (size_t i = 0; i < ARRAY_LEN(same_as); i++)
		expect(r, c, "", same_as[i],
		       verify_member(json_object_get(in, same_as[i]), "median"));
	expect(r, c, "", "efficiency", verify_member(c, "speedup") / (double)r->agents);
	expect(r, c, "", "runs", (double)good);
	expect(r, c, "", "runs_left_out", (double)(r->n - good));
}

/* Reference against other: the size by Hodges and Lehmann, and Mann and Whitney's p. */
static void expect_change(const struct rerun *r, const json_t *in, const char *pct, const char *p,
                          size_t n1, size_t n2)
{
	bool known;
	double ratio = verify_two_samples(STAT_HODGES_LEHMANN_RATIO, r->y, n2, r->x, n1, &known);

	if (pct && n1 && n2 && r->x[0] > 0 && r->y[0] > 0)
		expect(r, in, verify_text(in, "agent"), pct, 100 * (ratio - 1));
	expect(r, in, verify_text(in, "agent"), p,
	       verify_two_samples(STAT_MANN_WHITNEY_P, r->y, n2, r->x, n1, &known));
}

static void expect_gain(const struct rerun *r)
{
	size_t n1 = values(r, r->x, rate_solo, 0), n2 = values(r, r->y, rate_together, 0);

	expect_change(r, r->stated, "gain_pct", "gain_p", n1, n2);
}

static void expect_delta(const struct rerun *r, const json_t *delta)
{
	size_t other = agent_of(r, delta), base = 0, n1, n2;

	if (other == r->agents) {
		verify_wrong(r->v, "concurrency: a delta is of no agent");
		return;
	}
	n1 = values(r, r->x, own_rate, base), n2 = values(r, r->y, own_rate, other);
	expect_change(r, delta, "throughput_pct", "throughput_p", n1, n2);
	n1 = values(r, r->x, own_ttft, base), n2 = values(r, r->y, own_ttft, other);
	expect(r, delta, verify_text(delta, "agent"), "ttft_ms",
	       verify_statistic(STAT_MEDIAN, r->y, n2) - verify_statistic(STAT_MEDIAN, r->x, n1));
	expect_change(r, delta, NULL, "ttft_p", n1, n2);
}

/* Somebody waits for somebody: it took longer in all, and longer a token. */
static void expect_contention(const struct rerun *r)
{
	bool slowed = false;
	double efficiency = verify_member(r->stated, "efficiency");
	size_t i;
	const json_t *one;

	json_array_foreach (r->each, i, one)
		slowed |= verify_member(one, "stretch") > SLOWED;
	if (json_is_true(json_object_get(r->stated, "contention")) !=
	    (efficiency < CONTENTION && slowed))
		verify_wrong(r->v,
		             "concurrency: contention does not follow from its efficiency (%s)",
		             verify_real(efficiency).text);
}

static void expect_each(const struct rerun *r)
{
	const json_t *one;
	size_t i;

	json_array_foreach (r->each, i, one) {
		const char *name = verify_text(one, "agent");

		expect_measured(r, one, name, "tokens_per_s", own_rate, i);
		expect_measured(r, one, name, "ttft_ms", own_ttft, i);
		expect_measured(r, one, name, "wall_s", own_wall, i);
		expect_measured(r, one, name, "tokens_per_s_together", own_rate_together, i);
		expect_measured(r, one, name, "ttft_together_ms", own_ttft_together, i);
		expect(r, one, name, "stretch",
		       verify_statistic(STAT_MEDIAN, r->x, values(r, r->x, own_stretch, i)));
	}
	json_array_foreach (json_object_get(r->stated, "deltas"), i, one)
		expect_delta(r, one);
}

/* --- all of it --------------------------------------------------------------------------- */

static size_t runs_of(const json_t *trials)
{
	size_t most = 0, i;
	const json_t *trial;

	json_array_foreach (trials, i, trial)
		if (small(verify_int(trial, "run")) > most)
			most = small(verify_int(trial, "run"));
	return most;
}

/* Run 0 is the warm-up, question 0 one without a number. */
static bool make_room(struct rerun *r)
{
	size_t lanes = (r->n + 1) * r->agents;

	r->runs = calloc(r->n + 1, sizeof *r->runs);
	r->lanes = calloc(2 * lanes, sizeof *r->lanes);
	r->dropped = calloc(LIST_MAX + 1, sizeof *r->dropped);
	r->x = calloc(r->n + 1, sizeof *r->x);
	r->y = calloc(r->n + 1, sizeof *r->y);
	if (!r->runs || !r->lanes || !r->dropped || !r->x || !r->y)
		return false;
	for (size_t i = 0; i <= r->n; i++) {
		r->runs[i].solo = r->lanes + i * r->agents;
		r->runs[i].together = r->lanes + lanes + i * r->agents;
	}
	return true;
}

int verify_concurrency(struct verify *v, struct error *err)
{
	const json_t *c = json_object_get(v->report, "concurrency"), *trial;
	const json_t *trials = json_object_get(c, "trials");
	CLEANUP(rerun_done)
	struct rerun r = {.v = v,
	                  .stated = c,
	                  .each = json_object_get(c, "each"),
	                  .agents = small((json_int_t)json_array_size(json_object_get(c, "each")))};
	size_t i;

	if (!json_is_object(c) || !json_is_array(trials))
		return 0; /* nothing was measured, or not in this way */
	if (verify_int(c, "agents") != (json_int_t)r.agents || !r.agents ||
	    r.agents > MOST_AGENTS) {
		verify_wrong(v, "concurrency: agents are not as many as are told of each");
		return 0;
	}
	r.n = runs_of(trials);
	if (!make_room(&r))
		return error_set(err, -ENOMEM, "out of memory");
	json_array_foreach (trials, i, trial)
		add_trial(&r, trial);
	expect_whole(&r);
	expect_gain(&r);
	expect_each(&r);
	expect_contention(&r);
	return 0;
}
