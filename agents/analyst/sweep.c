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
		ttft += fmax(0, c->ttft_ms - (c->load_ms > 0 ? c->load_ms : 0));
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

	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	return x->variant < y->variant ? -1 : 1;
}

static bool is_out(const struct trials *t, const struct standing *s)
{
	return !isfinite(s->score) || (t->n_ignored && t->n_ignored[s->variant]);
}

/* The better half of those who may go on, to the front; how many. */
static size_t halve(struct standing *s, size_t n, const struct trials *t)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++)
		if (!is_out(t, &s[i]))
			s[left++] = s[i];
	qsort(s, left, sizeof *s, by_score);
	return kept(left);
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
		n = halve(s, n, t);
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
	*ret_more = true;
	*ret = (struct trial_plan){.kind = TRIAL_WARM_UP, .n_who = 1};
	if (done == 0) {
		(void)round_of(s, scratch, t, 1, seed);
		ret->who[0] = s[0].variant; /* it is loaded for the first run, then */
		return 0;
	}
	done--;
	for (unsigned round = 1; round <= runs; round++) {
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
	*ret_more = false;
	return 0;
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
			v->calls += !t->dropped[q] && !trial->calls[q].unasked;
			stood += trial->calls[q].stood;
			all += trial->calls[q].stood + trial->calls[q].struck;
		}
		if (!isfinite(r.rate))
			continue;
		x->rates[x->n] = r.rate;
		x->ttfts[x->n++] = r.ttft_ms;
	}
	v->sentences = all;
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

static double noise_pct(const struct noise *noise)
{
	double found = noise->df ? sqrt(noise->squares / (double)noise->df) : 0;

	return 100 * fmax(found, MIN_NOISE);
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

/* How much less than another a variant may be and be as good, by the noise of all, relative. */
static double allowance(const struct tuning *s, double noise_pct, size_t n1, size_t n2)
{
	double p = 1 - ALPHA / (double)(s->n > 2 ? s->n - 1 : 1), df = (double)s->noise_df;
	double t = student_t_quantile(p, df > 0 ? df : 1);

	return t * noise_pct / 100 * sqrt(1 / (double)n1 + 1 / (double)n2);
}

static bool is_slower(const struct tuning *s, const struct sweep_variant *a,
                      const struct sweep_variant *b)
{
	return 1 - a->throughput.median / b->throughput.median >
	       allowance(s, s->noise_pct, a->throughput.n, b->throughput.n);
}

static void tie(struct tuning *s)
{
	for (size_t i = 0; i < s->n && s->winner < s->n; i++) {
		struct sweep_variant *v = &s->variants[i];

		if (v->rank && i != s->winner)
			v->tied = !is_slower(s, v, &s->variants[s->winner]);
		s->n_tied += v->tied;
	}
}

static bool is_later(const struct tuning *s, const struct sweep_variant *a,
                     const struct sweep_variant *b)
{
	return 1 - b->ttft_ms.median / a->ttft_ms.median >
	       allowance(s, s->ttft_noise_pct, a->ttft_ms.n, b->ttft_ms.n);
}

/* By the two shares, whose noise their counts tell. */
static bool is_poorer(const struct tuning *s, const struct sweep_variant *a,
                      const struct sweep_variant *b)
{
	double n1 = (double)a->sentences, n2 = (double)b->sentences;
	double p1 = a->quality_pct / 100, p2 = b->quality_pct / 100;
	double p = (n1 * p1 + n2 * p2) / (n1 + n2); /* NAN: one of them said nothing */

	return p2 - p1 > allowance(s, 100 * sqrt(p * (1 - p)), a->sentences, b->sentences);
}

/* Of those who are as fast, the one of whose words more is told to stand. */
static void prefer_words(struct tuning *s)
{
	size_t fastest = s->winner;

	for (size_t i = 0; i < s->n && fastest < s->n; i++) {
		const struct sweep_variant *v = &s->variants[i];

		if (v->tied && is_poorer(s, &s->variants[fastest], v) &&
		    (s->winner == fastest || v->quality_pct > s->variants[s->winner].quality_pct))
			s->winner = i;
	}
	if (s->winner == fastest)
		return;
	s->variants[fastest].tied = true;
	s->variants[s->winner].tied = false;
}

/* Told to be better in one, and to be worse in none. */
static bool dominates(const struct tuning *s, const struct sweep_variant *a,
                      const struct sweep_variant *b)
{
	bool worse = is_slower(s, a, b) || is_later(s, a, b) || is_poorer(s, a, b);

	return !worse && (is_slower(s, b, a) || is_later(s, b, a) || is_poorer(s, b, a));
}

static void find_front(struct tuning *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct sweep_variant *v = &s->variants[i];

		v->on_front = v->rank > 0;
		for (size_t k = 0; k < s->n && v->on_front; k++)
			v->on_front = !s->variants[k].rank || !dominates(s, &s->variants[k], v);
	}
}

int sweep_figures(struct tuning *s, const struct trials *t, struct arena *arena, struct error *err)
{
	struct samples x = {arena_calloc(arena, t->n + 1, sizeof(double)),
	                    arena_calloc(arena, t->n + 1, sizeof(double)), 0};
	struct noise noise = {0}, ttft_noise = {0};
	size_t warm_up = 0;

	s->trials = *t;
	if (!x.rates || !x.ttfts)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < s->n; i++) {
		struct sweep_variant *v = &s->variants[i];

		v->throughput = v->ttft_ms = (struct measured){NO_NUMBER, NO_NUMBER, NO_NUMBER, 0,
		                                               0};
		take(v, &x, t, i);
		add_noise(&noise, x.rates, x.n);
		add_noise(&ttft_noise, x.ttfts, x.n);
		if (x.n) {
			v->throughput = measured_of(x.rates, x.n);
			v->ttft_ms = measured_of(x.ttfts, x.n);
		}
		s->calls += v->calls;
	}
	for (size_t q = 0; q < t->n_questions; q++) {
		s->questions += !t->dropped[q];
		warm_up += t->n && !t->at[0].calls[q].unasked;
	}
	s->calls += warm_up;
	s->full_calls = warm_up + s->n * s->runs * s->questions;
	s->noise_df = noise.df;
	s->noise_pct = noise_pct(&noise);
	s->ttft_noise_pct = noise_pct(&ttft_noise);
	rank(s);
	tie(s);
	prefer_words(s);
	find_front(s);
	return 0;
}
