/* SPDX-License-Identifier: MIT */
#include "agents/analyst/sweep.h"

#include <errno.h>

#include "agents/analyst/contest.h"
#include "agents/analyst/statistics.h"

#define FINALISTS  3
#define ALPHA      0.05  /* of any being called worse that is as good as the best */
#define MIN_NOISE  0.005 /* of the median: nobody's clock is better than that */
#define MEANINGFUL 2     /* values of one variant that tell of noise */

static size_t kept(size_t n)
{
	size_t half = (n + 1) / 2;

	return half > FINALISTS ? half : n < FINALISTS ? n : FINALISTS;
}

size_t sweep_trials(size_t variants, unsigned runs)
{
	size_t n = 1;

	for (unsigned i = 0; i < runs; i++) {
		n += variants;
		variants = kept(variants);
	}
	return n;
}

/* --- one trial -------------------------------------------------------------- */

struct run {
	double rate, ttft_ms; /* NAN: an answer was not good */
};

/* Loading is the price of the sweep, not of the variant: it is taken out of the first token. */
static struct run run_of(const struct trials *t, const struct trial *trial)
{
	struct run r = {NO_NUMBER, NO_NUMBER};
	double tokens = 0, eval_s = 0, ttft = 0;
	size_t n = 0;

	for (size_t q = 0; q < t->n_questions; q++) {
		const struct trial_call *c = &trial->calls[q];

		if (t->dropped[q])
			continue;
		if (c->answer != ANSWER_GOOD)
			return r;
		tokens += c->tokens;
		eval_s += c->tokens / c->tokens_per_s;
		ttft += c->ttft_ms - (c->load_ms > 0 ? c->load_ms : 0);
		n++;
	}
	if (n && eval_s > 0)
		r = (struct run){tokens / eval_s, ttft / (double)n};
	return r;
}

/* The throughputs of one variant up to a round; how many. `ret` holds a number for each round. */
static size_t rates_of(double *ret, const struct trials *t, size_t variant, unsigned round)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct trial *trial = &t->at[i];
		double rate;

		if (!trial->plan.round || trial->plan.round > round ||
		    trial->plan.who[0] != variant)
			continue;
		rate = run_of(t, trial).rate;
		if (isfinite(rate))
			ret[n++] = rate;
	}
	return n;
}

/* --- what comes next ---------------------------------------------------------- */

struct standing {
	size_t variant;
	double score; /* NAN: nothing good so far */
	uint64_t lot;
};

static int by_score(const void *a, const void *b)
{
	const struct standing *x = a, *y = b;
	double p = isfinite(x->score) ? x->score : -1, q = isfinite(y->score) ? y->score : -1;

	if (p != q)
		return p < q ? 1 : -1;
	return x->variant < y->variant ? -1 : 1;
}

static int by_lot(const void *a, const void *b)
{
	const struct standing *x = a, *y = b;

	return x->lot < y->lot ? -1 : x->lot > y->lot;
}

/* Who is in a round, in the order in which they are measured; returns how many. */
static size_t round_of(struct standing *s, double *scratch, const struct trials *t, unsigned round,
                       uint64_t seed)
{
	size_t n = t->n_who;

	for (size_t i = 0; i < n; i++)
		s[i] = (struct standing){.variant = i};
	for (unsigned r = 1; r < round; r++) {
		for (size_t i = 0; i < n; i++) {
			size_t k = rates_of(scratch, t, s[i].variant, r);

			s[i].score = k ? numbers_quantile(scratch, k, 0.5) : NO_NUMBER;
		}
		qsort(s, n, sizeof *s, by_score);
		n = kept(n);
	}
	for (size_t i = 0; i < n; i++)
		s[i].lot = trial_lot(seed + round, s[i].variant);
	qsort(s, n, sizeof *s, by_lot);
	return n;
}

int sweep_next(bool *ret_more, struct trial_plan *ret, const struct trials *t, unsigned runs,
               uint64_t seed)
{
	CLEANUP(freep) struct standing *s = calloc(t->n_who, sizeof *s);
	CLEANUP(freep) double *scratch = calloc(t->n + 1, sizeof *scratch);
	size_t done = t->n;

	if (!s || !scratch)
		return -ENOMEM;
	*ret_more = done < sweep_trials(t->n_who, runs);
	if (!*ret_more)
		return 0;
	*ret = (struct trial_plan){.kind = TRIAL_WARM_UP, .n_who = 1};
	if (done == 0) {
		(void)round_of(s, scratch, t, 1, seed);
		ret->who[0] = s[0].variant; /* it is loaded for the first run, then */
		return 0;
	}
	done--;
	for (unsigned round = 1;; round++) {
		size_t n = round_of(s, scratch, t, round, seed);

		if (done < n) {
			*ret = (struct trial_plan){.kind = TRIAL_SOLO,
			                           .round = round,
			                           .who = {s[done].variant},
			                           .n_who = 1};
			return 0;
		}
		done -= n;
	}
}

/* --- what it comes to --------------------------------------------------------- */

struct samples {
	double *rates, *ttfts;
	size_t n;
};

static void take(struct sweep_variant *v, struct samples *x, const struct trials *t, size_t variant)
{
	size_t stood = 0, all = 0;

	x->n = 0;
	for (size_t i = 0; i < t->n; i++) {
		const struct trial *trial = &t->at[i];
		struct run r;

		if (!trial->plan.round || trial->plan.who[0] != variant)
			continue;
		r = run_of(t, trial);
		v->trials++;
		for (size_t q = 0; q < t->n_questions; q++) {
			v->calls += !t->dropped[q];
			stood += trial->calls[q].stood;
			all += trial->calls[q].stood + trial->calls[q].struck;
		}
		if (!isfinite(r.rate))
			continue;
		x->rates[x->n] = r.rate;
		x->ttfts[x->n++] = r.ttft_ms;
	}
	v->quality_pct = all ? 100 * (double)stood / (double)all : NO_NUMBER;
}

/* Squares of the relative distances from each variant's own mean, pooled. */
struct noise {
	double squares;
	size_t df;
};

static void add_noise(struct noise *noise, const double *x, size_t n)
{
	double mean = n ? mean_of(x, n) : 0;

	if (n < MEANINGFUL || !(mean > 0))
		return;
	for (size_t i = 0; i < n; i++)
		noise->squares += (x[i] / mean - 1) * (x[i] / mean - 1);
	noise->df += n - 1;
}

static bool is_ranked(const struct sweep_variant *v)
{
	return v->throughput.n > 0 && !v->n_ignored;
}

static bool is_better(const struct sweep_variant *a, const struct sweep_variant *b)
{
	return a->throughput.median > b->throughput.median;
}

static void rank(struct tuning *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct sweep_variant *v = &s->variants[i];

		if (!is_ranked(v))
			continue;
		v->rank = 1;
		for (size_t k = 0; k < s->n; k++)
			v->rank += is_ranked(&s->variants[k]) && is_better(&s->variants[k], v);
	}
	s->winner = s->n;
	for (size_t i = s->n; i-- > 0;) /* of equals, who ran more often */
		if (s->variants[i].rank == 1 &&
		    (s->winner == s->n ||
		     s->variants[i].throughput.n >= s->variants[s->winner].throughput.n))
			s->winner = i;
}

/* How much less than the best a variant may be and be as good, by the noise of all. */
static double allowance(const struct tuning *s, const struct sweep_variant *v)
{
	const struct sweep_variant *best = &s->variants[s->winner];
	double p = 1 - ALPHA / (double)(s->n > 2 ? s->n - 1 : 1), df = (double)s->noise_df;
	double t = student_t_quantile(p, df > 0 ? df : 1);

	return t * s->noise_pct / 100 *
	       sqrt(1 / (double)v->throughput.n + 1 / (double)best->throughput.n);
}

static void tie(struct tuning *s)
{
	for (size_t i = 0; i < s->n && s->winner < s->n; i++) {
		struct sweep_variant *v = &s->variants[i];
		double best = s->variants[s->winner].throughput.median;

		if (v->rank && i != s->winner)
			v->tied = 1 - v->throughput.median / best <= allowance(s, v);
		s->n_tied += v->tied;
	}
}

/* At least as good in each, and better in one. */
static bool dominates(const struct sweep_variant *a, const struct sweep_variant *b)
{
	double x[] = {a->throughput.median, -a->ttft_ms.median, a->quality_pct};
	double y[] = {b->throughput.median, -b->ttft_ms.median, b->quality_pct};
	bool better = false;

	for (size_t i = 0; i < ARRAY_LEN(x); i++) {
		if (!isfinite(x[i]) || !isfinite(y[i]))
			continue;
		if (x[i] < y[i])
			return false;
		better |= x[i] > y[i];
	}
	return better;
}

static void find_front(struct tuning *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct sweep_variant *v = &s->variants[i];

		v->on_front = v->rank > 0;
		for (size_t k = 0; k < s->n && v->on_front; k++)
			v->on_front = !s->variants[k].rank || !dominates(&s->variants[k], v);
	}
}

int sweep_figures(struct tuning *s, const struct trials *t, struct arena *arena, struct error *err)
{
	struct samples x = {arena_calloc(arena, t->n + 1, sizeof(double)),
	                    arena_calloc(arena, t->n + 1, sizeof(double)), 0};
	struct noise noise = {0};

	if (!x.rates || !x.ttfts)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < s->n; i++) {
		struct sweep_variant *v = &s->variants[i];

		v->throughput = v->ttft_ms = (struct measured){NO_NUMBER, NO_NUMBER, NO_NUMBER, 0,
		                                               0};
		take(v, &x, t, i);
		add_noise(&noise, x.rates, x.n);
		if (x.n) {
			v->throughput = measured_of(x.rates, x.n);
			v->ttft_ms = measured_of(x.ttfts, x.n);
		}
		s->calls += v->calls;
	}
	for (size_t q = 0; q < t->n_questions; q++)
		s->questions += !t->dropped[q];
	s->calls += t->n ? t->n_questions : 0; /* of the warm-up */
	s->full_calls = s->n * s->runs * s->questions;
	s->noise_df = noise.df;
	s->noise_pct = 100 * fmax(noise.df ? sqrt(noise.squares / (double)noise.df) : 0, MIN_NOISE);
	rank(s);
	tie(s);
	find_front(s);
	return 0;
}
