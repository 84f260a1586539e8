/* SPDX-License-Identifier: MIT */
#include "agents/analyst/contest.h"

#include <errno.h>

#include "agents/analyst/statistics.h"
#include "agents/analyst/two_sample.h"

#define LEVEL       0.95
#define MS_PER_S    1000.0
#define NO_MEASURED ((struct measured){NO_NUMBER, NO_NUMBER, NO_NUMBER, 0, 0})

/* --- the order ------------------------------------------------------------ */

static bool together_first(uint64_t seed, size_t round)
{
	return (trial_lot(seed, round / 2) & 1) ^ (round & 1);
}

/* Of the agents alone, who is i-th: who begins goes round, and every other round backwards. */
static size_t solo_of(uint64_t seed, size_t round, size_t i, size_t agents)
{
	size_t at = round & 1 ? agents - 1 - i : i;

	return (at + trial_lot(seed, 1 << 20) % agents + round / 2) % agents;
}

size_t contest_trials(size_t agents, unsigned runs)
{
	return agents + (size_t)runs * (agents + 1);
}

bool contest_next(struct trial_plan *ret, size_t done, size_t agents, unsigned runs, uint64_t seed)
{
	size_t round, at;
	bool first;

	if (done >= contest_trials(agents, runs))
		return false;
	*ret = (struct trial_plan){.kind = TRIAL_WARM_UP, .who = {done}, .n_who = 1};
	if (done < agents)
		return true;
	round = (done - agents) / (agents + 1);
	at = (done - agents) % (agents + 1);
	first = together_first(seed, round);
	ret->round = (unsigned)round + 1;
	ret->kind = at == (first ? 0 : agents) ? TRIAL_TOGETHER : TRIAL_SOLO;
	if (ret->kind == TRIAL_SOLO) {
		ret->who[0] = solo_of(seed, round, at - (first ? 1 : 0), agents);
		return true;
	}
	for (size_t i = 0; i < agents; i++)
		ret->who[i] = solo_of(seed, round, i, agents);
	ret->n_who = agents;
	return true;
}

/* --- medians -------------------------------------------------------------- */

/* How likely the true median lies between the k-th smallest and the k-th largest, k from 0. */
static double level_of(size_t n, size_t k)
{
	double p = pow(0.5, (double)n), tail = 0;

	for (size_t i = 0; i <= k; i++) {
		tail += p;
		p *= (double)(n - i) / (double)(i + 1);
	}
	return 1 - 2 * tail;
}

struct measured measured_of(double *x, size_t n)
{
	struct measured m = {.n = n, .low = NO_NUMBER, .high = NO_NUMBER};
	size_t k = 0;

	numbers_sort(x, n);
	m.median = quantile(x, n, 0.5);
	if (n < 2)
		return m;
	while (k + 1 < n / 2 && level_of(n, k + 1) >= LEVEL)
		k++;
	m.low = x[k];
	m.high = x[n - 1 - k];
	m.level = level_of(n, k);
	return m;
}

/* --- rounds --------------------------------------------------------------- */

/* One agent's part of one trial. */
struct part {
	struct contest_part sum;
	double parts_ms[CONTENTION_CAUSES]; /* what its time went to */
};

static double or_zero(double x)
{
	return x > 0 ? x : 0;
}

/* What of the time to the first token was neither loading nor reading the prompt, somebody waited
 * for; the prompt belongs to the work, as the tokens do. */
static void split(struct part *p, const struct trial_call *c)
{
	double load = or_zero(c->load_ms), prompt = or_zero(c->prompt_eval_ms);
	double ttft = or_zero(c->ttft_ms);

	p->parts_ms[CAUSE_SLOT] += or_zero(c->queue_ms);
	p->parts_ms[CAUSE_RELOAD] += load;
	p->parts_ms[CAUSE_QUEUE] += or_zero(ttft - load - prompt);
	p->parts_ms[CAUSE_MEMORY] += c->total_ms - ttft + (prompt < ttft ? prompt : 0);
}

static struct part part_of(const struct trials *t, const struct trial *trial, size_t lane)
{
	struct part p = {0};
	double eval_s = 0, ttft = 0;
	size_t n = 0;

	for (size_t q = 0; q < t->n_questions; q++) {
		const struct trial_call *c = &trial->calls[lane * t->n_questions + q];

		if (t->dropped[q] || c->answer != ANSWER_GOOD)
			continue;
		split(&p, c);
		p.sum.wall_ms += c->queue_ms + c->total_ms;
		p.sum.tokens += c->tokens;
		eval_s += c->tokens / c->tokens_per_s;
		ttft += c->ttft_ms;
		n++;
	}
	p.sum.rate = n ? p.sum.tokens / eval_s : NO_NUMBER;
	p.sum.ttft_ms = n ? ttft / (double)n : NO_NUMBER;
	return p;
}

static bool all_good(const struct trials *t, const struct trial *trial)
{
	for (size_t i = 0; i < trial->plan.n_who * t->n_questions; i++)
		if (!t->dropped[i % t->n_questions] && trial->calls[i].answer != ANSWER_GOOD)
			return false;
	return true;
}

/* What a round came to: each agent alone and together. */
struct round {
	struct part solo[AGENTS_MAX], together[AGENTS_MAX];
	double solo_ms[AGENTS_MAX], sequential_ms, concurrent_ms;
	size_t trials;
	bool good;
};

static void round_add(struct round *r, const struct trials *t, const struct trial *trial)
{
	r->trials++;
	r->good &= all_good(t, trial);
	for (size_t i = 0; i < trial->plan.n_who; i++) {
		size_t who = trial->plan.who[i];

		if (trial->plan.kind == TRIAL_TOGETHER)
			r->together[who] = part_of(t, trial, i);
		else
			r->solo[who] = part_of(t, trial, i);
	}
	if (trial->plan.kind == TRIAL_TOGETHER) {
		r->concurrent_ms = trial->wall_ms;
	} else {
		r->solo_ms[trial->plan.who[0]] = trial->wall_ms;
		r->sequential_ms += trial->wall_ms;
	}
}

struct rounds {
	struct round *at;
	size_t n;
	double *scratch; /* twice n numbers */
	size_t agents;
};

static int rounds_of(struct rounds *ret, const struct trials *t, struct arena *arena)
{
	size_t most = 0;

	for (size_t i = 0; i < t->n; i++)
		if (t->at[i].plan.round > most)
			most = t->at[i].plan.round;
	*ret = (struct rounds){.at = arena_calloc(arena, most + 1, sizeof *ret->at),
	                       .scratch = arena_calloc(arena, 2 * most + 2, sizeof(double)),
	                       .n = most,
	                       .agents = t->n_who};
	if (!ret->at || !ret->scratch)
		return -ENOMEM;
	for (size_t i = 0; i < most; i++)
		ret->at[i].good = true;
	for (size_t i = 0; i < t->n; i++)
		if (t->at[i].plan.round)
			round_add(&ret->at[t->at[i].plan.round - 1], t, &t->at[i]);
	for (size_t i = 0; i < most; i++)
		ret->at[i].good &= ret->at[i].trials == t->n_who + 1;
	return 0;
}

/* --- figures -------------------------------------------------------------- */

typedef double round_value(const struct round *r, size_t agent, size_t agents);

/* Of the good rounds; how many have the value. */
static size_t values_of(double *ret, const struct rounds *rounds, round_value *value, size_t agent,
                        size_t agents)
{
	size_t n = 0;

	for (size_t i = 0; i < rounds->n; i++) {
		double x = rounds->at[i].good ? value(&rounds->at[i], agent, agents) : NO_NUMBER;

		if (isfinite(x))
			ret[n++] = x;
	}
	return n;
}

static struct measured median_of(const struct rounds *rounds, round_value *value, size_t agent,
                                 size_t agents)
{
	size_t n = values_of(rounds->scratch, rounds, value, agent, agents);

	return n ? measured_of(rounds->scratch, n) : NO_MEASURED;
}

static double sequential_s(const struct round *r, size_t agent, size_t agents)
{
	(void)agent, (void)agents;
	return r->sequential_ms / MS_PER_S;
}

static double concurrent_s(const struct round *r, size_t agent, size_t agents)
{
	(void)agent, (void)agents;
	return r->concurrent_ms / MS_PER_S;
}

static double speedup(const struct round *r, size_t agent, size_t agents)
{
	(void)agent, (void)agents;
	return r->sequential_ms / r->concurrent_ms;
}

static double rate_together(const struct round *r, size_t agent, size_t agents)
{
	double tokens = 0;

	(void)agent;
	for (size_t i = 0; i < agents; i++)
		tokens += r->together[i].sum.tokens;
	return tokens * MS_PER_S / r->concurrent_ms;
}

static double rate_solo(const struct round *r, size_t agent, size_t agents)
{
	double tokens = 0;

	(void)agent;
	for (size_t i = 0; i < agents; i++)
		tokens += r->solo[i].sum.tokens;
	return tokens * MS_PER_S / r->sequential_ms;
}

#define VALUE_OF_AGENT(name, expression)                                       \
	static double name(const struct round *r, size_t agent, size_t agents) \
	{                                                                      \
		(void)agents;                                                  \
		return expression;                                             \
	}
VALUE_OF_AGENT(agent_rate, r->solo[agent].sum.rate)
VALUE_OF_AGENT(agent_ttft, r->solo[agent].sum.ttft_ms)
VALUE_OF_AGENT(agent_wall, r->solo_ms[agent] / MS_PER_S)
VALUE_OF_AGENT(agent_rate_together, r->together[agent].sum.rate)
VALUE_OF_AGENT(agent_ttft_together, r->together[agent].sum.ttft_ms)
VALUE_OF_AGENT(agent_stretch, r->together[agent].sum.wall_ms / r->together[agent].sum.tokens /
                                      (r->solo[agent].sum.wall_ms / r->solo[agent].sum.tokens))

static void count_calls(struct contest *c, const struct trials *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct trial *trial = &t->at[i];

		for (size_t k = 0; k < trial->plan.n_who * t->n_questions; k++) {
			struct contest_agent *a = &c->each[trial->plan.who[k / t->n_questions]];

			if (trial->calls[k].unasked)
				continue;
			a->calls++;
			a->left_out[trial->calls[k].answer]++;
		}
	}
}

static void fill_agents(struct contest *c, const struct rounds *rounds)
{
	for (size_t i = 0; i < c->agents; i++) {
		struct contest_agent *a = &c->each[i];

		a->throughput = median_of(rounds, agent_rate, i, c->agents);
		a->ttft_ms = median_of(rounds, agent_ttft, i, c->agents);
		a->wall_s = median_of(rounds, agent_wall, i, c->agents);
		a->throughput_together = median_of(rounds, agent_rate_together, i, c->agents);
		a->ttft_together_ms = median_of(rounds, agent_ttft_together, i, c->agents);
		a->stretch = median_of(rounds, agent_stretch, i, c->agents).median;
	}
}

/* Together against alone, as if as many tokens had been written alone: their number is not what
 * anybody waits for. */
static double growth(const struct round *r, size_t agents, enum contention_cause cause)
{
	double sum = 0;

	for (size_t i = 0; i < agents; i++) {
		double scale = cause == CAUSE_MEMORY
		                       ? r->together[i].sum.tokens / r->solo[i].sum.tokens
		                       : 1;

		sum += r->together[i].parts_ms[cause] - scale * r->solo[i].parts_ms[cause];
	}
	return sum;
}

static void fill_cause(struct contest *c, const struct rounds *rounds)
{
	for (enum contention_cause k = CAUSE_SLOT; k < CONTENTION_CAUSES; k++) {
		size_t n = 0;

		for (size_t i = 0; i < rounds->n; i++)
			if (rounds->at[i].good)
				rounds->scratch[n++] = growth(&rounds->at[i], c->agents, k);
		c->grew_ms[k] = n ? measured_of(rounds->scratch, n).median : NO_NUMBER;
		if (c->grew_ms[k] > c->grew_ms[c->cause])
			c->cause = k;
	}
}

static void fill_whole(struct contest *c, const struct rounds *rounds)
{
	bool slowed = false;

	c->sequential_s = median_of(rounds, sequential_s, 0, c->agents);
	c->concurrent_s = median_of(rounds, concurrent_s, 0, c->agents);
	c->speedup = median_of(rounds, speedup, 0, c->agents);
	c->speedup.median = c->sequential_s.median / c->concurrent_s.median;
	c->efficiency = c->speedup.median / (double)c->agents;
	c->tokens_per_wall_s = median_of(rounds, rate_together, 0, c->agents);
	c->tokens_per_wall_s_solo = median_of(rounds, rate_solo, 0, c->agents);
	c->is_measured = c->sequential_s.n > 0;
	for (size_t i = 0; i < c->agents; i++)
		slowed |= c->each[i].stretch > CONTEST_SLOWED;
	c->is_contended = c->is_measured && c->efficiency < CONTEST_CONTENTION && slowed;
	c->is_uneven = c->is_measured && c->efficiency < CONTEST_CONTENTION && !slowed;
}

static int fill_runs(struct contest *c, const struct rounds *rounds, struct arena *arena)
{
	c->rounds = arena_calloc(arena, rounds->n + 1, sizeof *c->rounds);
	for (size_t i = 0; c->rounds && i < rounds->n; i++) {
		const struct round *r = &rounds->at[i];
		struct contest_run *run = &c->rounds[i];

		*run = (struct contest_run){.run = (unsigned)i + 1,
		                            .good = r->good,
		                            .sequential_s = r->sequential_ms / MS_PER_S,
		                            .concurrent_s = r->concurrent_ms / MS_PER_S};
		for (size_t k = 0; k < c->agents; k++)
			run->together[k] = r->together[k].sum;
	}
	c->n_rounds = rounds->n;
	return c->rounds ? 0 : -ENOMEM;
}

/* --- one agent against another -------------------------------------------- */

/* What is compared: of one agent, or of all. */
struct sample {
	round_value *value;
	size_t agent;
};

/* p is of the one test; nothing is corrected for: each pair is asked for by name. */
static int compare(struct contest_change *ret, struct two_sample *t, const struct rounds *rounds,
                   const struct sample *base, const struct sample *other)
{
	double *x = rounds->scratch, *y = rounds->scratch + rounds->n;
	size_t n1 = values_of(x, rounds, base->value, base->agent, rounds->agents);
	size_t n2 = values_of(y, rounds, other->value, other->agent, rounds->agents);

	*ret = (struct contest_change){NO_NUMBER, NO_NUMBER, NO_NUMBER, NO_NUMBER,
	                               two_sample_verdict_name(TWO_SAMPLE_UNTESTABLE)};
	*t = (struct two_sample){.median1 = NO_NUMBER, .median2 = NO_NUMBER};
	if (!n1 || !n2)
		return 0;
	if (two_sample_compare(t, x, n1, y, n2) < 0)
		return -ENOMEM;
	ret->pct = 100 * (t->ratio - 1);
	ret->low_pct = t->confidence > 0 ? 100 * (t->low - 1) : NO_NUMBER;
	ret->high_pct = t->confidence > 0 ? 100 * (t->high - 1) : NO_NUMBER;
	ret->p = t->p;
	ret->verdict = two_sample_verdict_name(two_sample_judge(t, t->p, CONTEST_MATTERS));
	return 0;
}

static int fill_delta(struct contest_delta *d, const struct contest *c, const struct rounds *rounds)
{
	struct two_sample rate, ttft;

	if (compare(&d->throughput, &rate, rounds, &(struct sample){agent_rate, d->a},
	            &(struct sample){agent_rate, d->b}) < 0 ||
	    compare(&d->ttft, &ttft, rounds, &(struct sample){agent_ttft, d->a},
	            &(struct sample){agent_ttft, d->b}) < 0)
		return -ENOMEM;
	d->ttft_ms = ttft.median2 - ttft.median1;
	d->ranked = !c->each[d->a].n_ignored && !c->each[d->b].n_ignored && c->equal_prompts;
	return 0;
}

static int fill_gain(struct contest *c, const struct rounds *rounds)
{
	struct two_sample rate;

	return compare(&c->gain, &rate, rounds, &(struct sample){rate_solo, 0},
	               &(struct sample){rate_together, 0});
}

int contest_figures(struct contest *ret, const struct trials *t, struct arena *arena,
                    struct error *err)
{
	struct rounds rounds;
	int r = rounds_of(&rounds, t, arena);

	ret->trials = *t;
	ret->agents = t->n_who;
	ret->questions = t->n_questions;
	for (size_t q = 0; q < t->n_questions; q++)
		ret->questions_left_out += t->dropped[q];
	ret->n_deltas = t->n_who - 1;
	ret->deltas = arena_calloc(arena, t->n_who, sizeof *ret->deltas);
	if (r < 0 || !ret->deltas)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < rounds.n; i++) {
		if (rounds.at[i].good)
			ret->runs++;
		else
			ret->runs_left_out++;
	}
	count_calls(ret, t);
	fill_agents(ret, &rounds);
	fill_whole(ret, &rounds);
	fill_cause(ret, &rounds);
	r = fill_runs(ret, &rounds, arena);
	if (r == 0)
		r = fill_gain(ret, &rounds);
	for (size_t i = 0; i < ret->n_deltas && r == 0; i++) {
		ret->deltas[i] = (struct contest_delta){.a = 0, .b = i + 1};
		r = fill_delta(&ret->deltas[i], ret, &rounds);
	}
	return r < 0 ? error_set(err, r, "out of memory") : 0;
}
