/* SPDX-License-Identifier: MIT */
#include "agents/analyst/suite.h"

#include <errno.h>
#include <math.h>

#include "agents/analyst/statistics.h"
#include "agents/analyst/suite_impl.h"
#include "agents/analyst/two_sample.h"

#define ALPHA  .006 /* that a review confirms a change that is none, as the tests tell it */
#define ROUNDS 3    /* the noise settles in two */
#define POLISH 4    /* rounds; the shift of a run and the middle of a series settle in two */
#define LATEST_Q                                                                                \
	3 /* a step seen in three runs may be taken up on less: it costs one false suspicion in \
	     two thousand */
#define TAIL                 .998 /* the share of residuals within which the noise is measured; beyond ... */
#define NORMAL_TAIL          3.090 /* ... so many standard deviations it is more than normal */
#define TAIL_LEAST           1000
#define LEAST_AUTOCORRELATED .1 /* below, it makes no difference */
#define MOST_AUTOCORRELATED  .9

/* --- what is judged ------------------------------------------------------------------ */

struct work_series {
	double *y;   /* logarithms, or relative to the median of all */
	double *own; /* less what is common to all */
	double middle;
	bool logarithms;
	struct levels found, levels; /* levels: those of `found` that hold */
	struct noise noise;
};

struct judging {
	struct suite *s;
	struct work_series *w;
	double *numbers; /* all y and own */
	double *scratch; /* twice as long as the longest series, or as there are runs or series */
	struct suite_noise noise;
	bool has_noise;
};

static void judging_done(struct judging *j)
{
	free(j->w);
	free(j->numbers);
	free(j->scratch);
}

static bool all_positive(const double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!(x[i] > 0))
			return false;
	return true;
}

static double median_of(const double *x, size_t n, double *scratch)
{
	memcpy(scratch, x, n * sizeof *x);
	return numbers_quantile(scratch, n, .5);
}

static void take_numbers(struct judging *j, const struct suite_series *from, struct work_series *to)
{
	double scale = fabs(median_of(from->x, from->n, j->scratch));

	to->logarithms = all_positive(from->x, from->n);
	for (size_t i = 0; i < from->n; i++)
		to->y[i] = to->logarithms ? log(from->x[i])
		           : scale > 0    ? from->x[i] / scale
		                          : from->x[i];
	memcpy(to->own, to->y, from->n * sizeof *to->y);
	to->middle = median_of(to->y, from->n, j->scratch);
}

static int prepare(struct judging *j, struct suite *s)
{
	size_t all = 0, most = s->n > s->runs ? s->n : s->runs;
	double *at;

	j->s = s;
	for (size_t i = 0; i < s->n; i++) {
		all += s->series[i].n;
		most = s->series[i].n > most ? s->series[i].n : most;
	}
	j->w = calloc(s->n + 1, sizeof *j->w);
	j->numbers = calloc(2 * all + 1, sizeof *j->numbers);
	j->scratch = calloc(2 * most + 1, sizeof *j->scratch);
	s->shift = calloc(s->runs + 1, sizeof *s->shift);
	if (!j->w || !j->numbers || !j->scratch || !s->shift)
		return -ENOMEM;
	at = j->numbers;
	for (size_t i = 0; i < s->n; i++) {
		j->w[i].y = at;
		j->w[i].own = at + s->series[i].n;
		at += 2 * s->series[i].n;
		take_numbers(j, &s->series[i], &j->w[i]);
	}
	return 0;
}

/* --- what is common to all ------------------------------------------------------------ */

static bool shares(const struct suite *s, const struct work_series *w, size_t i)
{
	return s->series[i].better && w[i].logarithms;
}

/* Where each series stands in `run`, turned so that better is up, from its middle. Of several
 * values of one run the last counts. */
static size_t deviations(struct judging *j, size_t run, size_t *at)
{
	size_t n = 0;

	for (size_t i = 0; i < j->s->n; i++) {
		const struct suite_series *s = &j->s->series[i];

		size_t from = at[i];

		while (at[i] < s->n && s->run[at[i]] == run)
			at[i]++;
		if (at[i] > from && shares(j->s, j->w, i))
			j->scratch[n++] = s->better * (j->w[i].y[at[i] - 1] - j->w[i].middle);
	}
	return n;
}

static void polish_shifts(struct judging *j, size_t *at)
{
	struct suite *s = j->s;

	memset(at, 0, s->n * sizeof *at);
	for (size_t run = 0; run < s->runs; run++) {
		size_t n = deviations(j, run, at);

		s->shift[run] = n >= SUITE_SERIES ? numbers_quantile(j->scratch, n, .5)
		                : run             ? s->shift[run - 1]
		                                  : 0;
	}
}

static void polish_middles(struct judging *j)
{
	for (size_t i = 0; i < j->s->n; i++) {
		const struct suite_series *s = &j->s->series[i];
		struct work_series *w = &j->w[i];

		for (size_t k = 0; k < s->n; k++)
			w->own[k] = w->y[k] - s->better * j->s->shift[s->run[k]];
		w->middle = median_of(w->own, s->n, j->scratch);
	}
}

/* How much of the common shift a series takes part in: 1 all of it, 0 none. */
static double share_of(const struct suite *s, const struct work_series *w, size_t i)
{
	const struct suite_series *one = &s->series[i];
	double with = 0, all = 0;

	for (size_t k = 0; k < one->n; k++) {
		double common = one->better * s->shift[one->run[k]];

		with += (w->y[k] - w->middle) * common;
		all += common * common;
	}
	return all > 0 ? with / all : 0;
}

/* What does not move with the others (memory, when the clock is slow) keeps its own values. */
static void take_own(struct judging *j)
{
	for (size_t i = 0; i < j->s->n; i++) {
		struct work_series *w = &j->w[i];

		if (!shares(j->s, j->w, i) || share_of(j->s, w, i) < .5)
			memcpy(w->own, w->y, j->s->series[i].n * sizeof *w->y);
	}
}

static bool has_common(const struct judging *j)
{
	size_t n = 0;

	for (size_t i = 0; i < j->s->n; i++)
		n += shares(j->s, j->w, i) && j->s->series[i].n > 1;
	return n >= SUITE_SERIES;
}

static int take_out_common(struct judging *j)
{
	CLEANUP(freep) size_t *at = calloc(j->s->n + 1, sizeof *at);

	if (!at)
		return -ENOMEM;
	for (int i = 0; i < POLISH; i++) {
		polish_shifts(j, at);
		polish_middles(j);
	}
	take_own(j);
	return 0;
}

/* Too few runs to know how much a machine scatters: only what is large and clear is suspected. */
static int judge_early_common(struct judging *j)
{
	struct suite *s = j->s;
	CLEANUP(freep) size_t *at = calloc(s->n + 1, sizeof *at);
	struct suite_verdict *v = &s->common;
	struct common_shift c;
	double moved;
	size_t n = 0;
	int r;

	if (!at)
		return -ENOMEM;
	for (size_t run = 0; run < s->runs; run++)
		n = deviations(j, run, at);
	if (n < SUITE_SERIES || s->runs < 2)
		return 0;
	r = common_shift_of(&c, j->scratch, n);
	if (r < 0)
		return r;
	moved = s->shift[s->runs - 1] - median_of(s->shift, s->runs - 1, j->scratch);
	v->distance = fabs(expm1(moved));
	v->limit = common_shift_limit(&c, s->min_effect);
	if (v->distance <= v->limit)
		return 0;
	v->streak = 1;
	v->run = (struct suite_change){.state = SUITE_SUSPECTED,
	                               .turn = moved > 0 ? 1 : -1,
	                               .since = s->runs - 1,
	                               .p = c.p};
	return 0;
}

static int judge_common(struct judging *j)
{
	struct suite *s = j->s;
	const struct level_input in = {.y = s->shift,
	                               .n = s->runs,
	                               .logarithms = true,
	                               .better = 1,
	                               .min_effect = s->min_effect,
	                               .alpha = ALPHA};
	struct levels levels;
	int r;

	if (s->runs <= SUITE_RUNS)
		return judge_early_common(j);
	r = levels_find(&levels, &in);
	if (r < 0)
		return r;
	levels_hold(&levels, &in, j->scratch);
	return level_judge(&s->common, &in, &levels);
}

/* --- one by one ------------------------------------------------------------------------ */

static struct level_input input_of(const struct judging *j, size_t i)
{
	const struct suite *s = j->s;

	return (struct level_input){.y = j->w[i].own,
	                            .n = s->series[i].n,
	                            .logarithms = j->w[i].logarithms,
	                            .better = s->series[i].better,
	                            .min_effect = s->min_effect,
	                            .alpha = s->alpha,
	                            .noise = j->has_noise ? &j->noise : NULL};
}

/* From the noise of all; where one run before this one is all there is, from how they scatter now.
 */
static int find_prior(struct judging *j)
{
	size_t n = 0;
	CLEANUP(freep) double *variance = calloc(2 * j->s->n + 1, sizeof *variance);
	double *df = variance ? variance + j->s->n : NULL;
	int r;

	if (!variance)
		return -ENOMEM;
	for (size_t i = 0; i < j->s->n; i++) {
		const struct work_series *w = &j->w[i];

		if (!w->logarithms || !(w->noise.df > 0))
			continue;
		variance[n] = w->noise.variance;
		df[n++] = w->noise.df;
	}
	if (n < SUITE_SERIES)
		return 0;
	r = moderated_prior_of(&j->noise.prior, variance, df, n);
	j->has_noise = r == 0 && j->noise.prior.df > 0;
	return r;
}

/* All residuals before the present run, in units of their own scale: how far out its extremes lie,
 * and how much of a run is in the next one. */
static int pool_residuals(struct judging *j)
{
	size_t all = 0, n = 0;
	CLEANUP(freep) double *z = NULL;
	double with = 0, square = 0, runs = 0;

	for (size_t i = 0; i < j->s->n; i++)
		all += j->s->series[i].n;
	z = calloc(all + 1, sizeof *z);
	if (!z)
		return -ENOMEM;
	for (size_t i = 0; i < j->s->n; i++) {
		const struct level_input in = input_of(j, i);
		const struct work_series *w = &j->w[i];
		double sd = sqrt(
			moderated_variance(&j->noise.prior, w->noise.variance, w->noise.df));
		double *own = z + n;
		size_t k = w->logarithms ? levels_residuals(&w->levels, &in, in.n - 1, own) : 0;

		for (size_t m = 0; m < k; m++) {
			own[m] /= sd;
			with += m ? own[m] * own[m - 1] : 0;
			square += own[m] * own[m];
		}
		runs += k > 0;
		n += k;
	}
	with = square > 0 ? with / square : 0;
	with += n > 0 ? (1 + 3 * with) * runs / (double)n : 0; /* Kendall's bias of short series */
	j->noise.autocorrelation = with < LEAST_AUTOCORRELATED ? 0
	                                                       : fmin(with, MOST_AUTOCORRELATED);
	for (size_t m = 0; m < n; m++)
		z[m] = fabs(z[m]);
	j->noise.tail = 1;
	if (n >= TAIL_LEAST)
		j->noise.tail = fmax(1, numbers_quantile(z, n, TAIL) / NORMAL_TAIL);
	return 0;
}

static void hold_levels(struct judging *j)
{
	for (size_t i = 0; i < j->s->n; i++) {
		struct level_input in = input_of(j, i);
		struct work_series *w = &j->w[i];

		if (!w->logarithms)
			in.noise = NULL;
		w->levels = w->found;
		levels_hold(&w->levels, &in, j->scratch);
		w->noise = levels_noise(&w->levels, &in, in.n - 1, j->scratch);
	}
}

/* Levels are told by the noise, and noise is what is left about the levels. */
static int settle_levels(struct judging *j)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < j->s->n; i++) {
		const struct level_input in = input_of(j, i);

		r = levels_find(&j->w[i].found, &in);
	}
	for (int round = 0; r == 0 && round < ROUNDS; round++) {
		hold_levels(j);
		r = find_prior(j);
		if (r == 0 && j->has_noise)
			r = pool_residuals(j);
	}
	if (r == 0)
		hold_levels(j);
	return r;
}

static int judge_each(struct judging *j)
{
	int r = settle_levels(j);

	for (size_t i = 0; r == 0 && i < j->s->n; i++) {
		struct level_input in = input_of(j, i);

		if (!j->w[i].logarithms)
			in.noise = NULL;
		r = level_judge(&j->s->series[i].v, &in, &j->w[i].levels);
		j->s->series[i].v.shares = shares(j->s, j->w, i);
	}
	return r;
}

static int start(struct judging *j, struct suite *s)
{
	int r = prepare(j, s);

	s->alpha = ALPHA / (double)(s->family ? s->family : 1);
	s->common = (struct suite_verdict){.noticed = NO_NUMBER};
	s->has_common = r == 0 && has_common(j);
	if (s->has_common)
		r = take_out_common(j);
	return r == 0 && s->has_common ? judge_common(j) : r;
}

static void take_out_given(struct judging *j)
{
	struct suite *s = j->s;

	memcpy(s->shift, s->given, s->runs * sizeof *s->shift);
	polish_middles(j);
	take_own(j);
}

int suite_judge_common(struct suite *s)
{
	CLEANUP(judging_done) struct judging j = {0};

	return start(&j, s);
}

int suite_judge(struct suite *s)
{
	CLEANUP(judging_done) struct judging j = {0};
	int r = start(&j, s);

	if (r < 0)
		return r;
	if (!s->has_common && s->given)
		take_out_given(&j);
	return judge_each(&j);
}

void suite_done(struct suite *s)
{
	free(TAKE(s->shift));
}

/* One sort of suspicion of all series. */
static int settle(struct suite *const *suites, size_t n, double q, bool latest)
{
	size_t all = 0, k = 0;
	CLEANUP(freep) double *p = NULL;
	int r;

	for (size_t i = 0; i < n; i++)
		all += suites[i]->n;
	p = calloc(all + 1, sizeof *p);
	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		for (size_t m = 0; m < suites[i]->n; m++) {
			const struct suite_verdict *v = &suites[i]->series[m].v;
			double one = latest ? v->latest.p : v->run.p;

			if (isfinite(one))
				p[k++] = one;
		}
	r = adjust_bh(p, k);
	k = 0;
	for (size_t i = 0; r == 0 && i < n; i++)
		for (size_t m = 0; m < suites[i]->n; m++) {
			struct suite_verdict *v = &suites[i]->series[m].v;
			struct suite_change *c = latest ? &v->latest : &v->run;

			if (!isfinite(c->p))
				continue;
			c->p_adjusted = p[k++];
			if (c->state == SUITE_SUSPECTED && !(c->p_adjusted <= q))
				c->state = SUITE_STEADY;
		}
	return r;
}

int suite_settle(struct suite *const *suites, size_t n, double q)
{
	int r = settle(suites, n, q, false);

	return r < 0 ? r : settle(suites, n, LATEST_Q * q, true);
}
