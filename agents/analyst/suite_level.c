/* SPDX-License-Identifier: MIT */
/* One series: its levels, and where the latest run stands to them. */
#include <errno.h>
#include <math.h>

#include "agents/analyst/change_points.h"
#include "agents/analyst/drift.h"
#include "agents/analyst/statistics.h"
#include "agents/analyst/suite_impl.h"

#define NORMAL    1.4826 /* turns a median absolute deviation into a standard deviation */
#define ONE_SIDED .9995  /* one false alarm in a thousand series and runs, both sides together */
#define FEW_DF    15     /* degrees of freedom */
#define POWER_80  .8416  /* the normal quantile of 80 % */
#define REPLAYED  12     /* latest runs looked at for a streak */
#define LATEST    8      /* runs in which a step is looked for once more */
#define PLACES    2      /* independent ones among these, about */
#define FRESH     8      /* runs for which an improvement, or a recovery, is news */

/* --- levels ------------------------------------------------------------------------- */

static double relative(const struct level_input *in, double difference)
{
	return in->logarithms ? expm1(difference) : difference;
}

static double least_of(const struct level_input *in)
{
	return in->logarithms ? log1p(in->min_effect) : in->min_effect;
}

static int find_changes(struct change_points *ret, const struct level_input *in)
{
	struct change_points_options options = CHANGE_POINTS_GATED;
	CLEANUP(freep) double *x = calloc(in->n + 1, sizeof *x);

	if (!x)
		return -ENOMEM;
	for (size_t i = 0; i < in->n; i++)
		x[i] = in->logarithms ? exp(in->y[i] - in->y[0]) : in->y[i];
	options.min_effect = in->min_effect;
	return change_points_find(ret, x, in->n, &options);
}

static void center_levels(struct levels *l, const struct level_input *in, double *scratch)
{
	for (size_t i = 0; i < l->n; i++) {
		size_t n = l->at[i].end - l->at[i].first;

		memcpy(scratch, in->y + l->at[i].first, n * sizeof *scratch);
		l->at[i].center = numbers_quantile(scratch, n, .5);
	}
}

static struct levels levels_of(const struct change_points *c, size_t n)
{
	struct levels l = {.n = 1, .autocorrelation = c->autocorrelation};
	size_t skip = c->n >= LEVELS_MAX ? c->n - LEVELS_MAX + 1 : 0;

	l.at[0] = (struct level){.first = 0, .end = n, .p = NO_NUMBER};
	for (size_t i = skip; i < c->n; i++) {
		l.at[l.n - 1].end = c->at[i].index;
		l.at[l.n++] = (struct level){.first = c->at[i].index, .end = n, .p = NO_NUMBER};
	}
	return l;
}

static double mean_in(const double *y, const struct level *l)
{
	return mean_of(y + l->first, l->end - l->first);
}

static struct moderated_test test(const struct level_input *in, double deviation, double factor,
                                  const struct noise *noise)
{
	const struct moderated_prior none = {.variance = NO_NUMBER};
	double tail = in->noise ? in->noise->tail : 1;

	return moderated_test(in->noise ? &in->noise->prior : &none, deviation,
	                      factor * tail * tail, noise->variance, noise->df);
}

/* Variance of a mean of n runs, in those of one run, where each is partly the one before. */
static double variance_of_mean(size_t n, double autocorrelation)
{
	double sum = 1, power = 1;

	for (size_t k = 1; k < n && power > 1e-6; k++) {
		power *= autocorrelation;
		sum += 2 * (1 - (double)k / (double)n) * power;
	}
	return sum * (1 + autocorrelation) / (double)n;
}

/* How likely so large a step between two stretches is without one. */
static struct moderated_test step(const struct level_input *in, const struct level *a,
                                  const struct level *b, const struct noise *noise, double r)
{
	double factor = variance_of_mean(a->end - a->first, r) +
	                variance_of_mean(b->end - b->first, r);

	return test(in, mean_in(in->y, b) - mean_in(in->y, a), factor, noise);
}

static void drop_level(struct levels *l, size_t i)
{
	l->at[i - 1].end = l->at[i].end;
	memmove(&l->at[i], &l->at[i + 1], (l->n - i - 1) * sizeof l->at[0]);
	l->n--;
}

/* The step least sure goes first, until all hold against the number of series. */
static void drop_unsure(struct levels *l, const struct level_input *in, double r, double *scratch)
{
	while (l->n > 1) {
		struct noise noise;
		size_t worst = 1;

		center_levels(l, in, scratch);
		noise = levels_noise(l, in, in->n, scratch);
		for (size_t i = 1; i < l->n; i++) {
			l->at[i].p = step(in, &l->at[i - 1], &l->at[i], &noise, r).p;
			if (l->at[i].p > l->at[worst].p)
				worst = i;
		}
		if (l->at[worst].p <= in->alpha)
			return;
		drop_level(l, worst);
	}
	center_levels(l, in, scratch);
}

/* One bad run pulls the mean of its neighbours along, but not them to its side of the middle. */
static bool is_stayed(const struct level_input *in, const struct level *a, const struct level *b,
                      double moved)
{
	double middle = mean_in(in->y, a) + moved / 2;

	for (size_t i = b->first; i < b->end; i++)
		if ((in->y[i] - middle) * moved < 0)
			return false;
	return true;
}

/* Most runs of a lie on its own side of the middle between the means of the two. */
static bool most_lie_apart(const struct level_input *in, const struct level *a,
                           const struct level *b, double *scratch)
{
	double from = mean_in(in->y, a), moved = mean_in(in->y, b) - from;
	size_t n = a->end - a->first;

	memcpy(scratch, in->y + a->first, n * sizeof *scratch);
	return (numbers_quantile(scratch, n, .5) - from) / moved <= .5;
}

/* The likeliest step in the latest runs, where perhaps no change point is seen yet. */
static struct level latest_step(const struct levels *l, const struct level_input *in, double r,
                                const struct noise *noise, double *scratch)
{
	struct level now = l->at[l->n - 1], best = {.p = 1};

	for (size_t k = SUITE_STAYED; k <= LATEST && k + SUITE_STAYED <= now.end - now.first; k++) {
		struct level a = {.first = now.first, .end = now.end - k},
			     b = {.first = now.end - k, .end = now.end};
		double p = step(in, &a, &b, noise, r).p;

		b.center = mean_in(in->y, &b) - mean_in(in->y, &a);
		b.p = p;
		if (p < best.p && fabs(b.center) > least_of(in) &&
		    most_lie_apart(in, &a, &b, scratch) && most_lie_apart(in, &b, &a, scratch))
			best = b;
	}
	return best;
}

static void add_latest(struct levels *l, const struct level_input *in, double r, double *scratch)
{
	const struct noise noise = levels_noise(l, in, in->n, scratch);
	struct level step = latest_step(l, in, r, &noise, scratch), before = l->at[l->n - 1];

	before.end = step.first;
	if (step.p > in->alpha || l->n == LEVELS_MAX ||
	    !is_stayed(in, &before, &step, step.center)) {
		l->latest = step;
		return;
	}
	l->at[l->n - 1].end = step.first;
	l->at[l->n++] = step;
	center_levels(l, in, scratch);
}

int levels_find(struct levels *ret, const struct level_input *in)
{
	CLEANUP(change_points_done) struct change_points c = {0};
	int r = find_changes(&c, in);

	if (r == 0)
		*ret = levels_of(&c, in->n);
	return r;
}

void levels_hold(struct levels *l, const struct level_input *in, double *scratch)
{
	double r = in->noise ? in->noise->autocorrelation : l->autocorrelation;

	drop_unsure(l, in, r, scratch);
	if (in->noise)
		add_latest(l, in, r, scratch);
}

/* --- noise -------------------------------------------------------------------------- */

/* Deviations from their own levels, of the runs before `end`. */
size_t levels_residuals(const struct levels *l, const struct level_input *in, size_t end,
                        double *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		for (size_t k = l->at[i].first; k < l->at[i].end && k < end; k++)
			ret[n++] = in->y[k] - l->at[i].center;
	return n;
}

static double median_jump(const double *y, size_t n, double *scratch)
{
	for (size_t i = 1; i < n; i++)
		scratch[i - 1] = fabs(y[i] - y[i - 1]);
	return n > 1 ? numbers_quantile(scratch, n - 1, .5) : 0;
}

/* Robust: one bad night in ten must not hide the next. The larger of two views, as one of them is
 * small by accident in a few runs. */
static double robust_scale(double *residual, size_t n, double *scratch)
{
	double jump = NORMAL / M_SQRT2 * median_jump(residual, n, scratch), spread;

	for (size_t i = 0; i < n; i++)
		residual[i] = fabs(residual[i]);
	spread = NORMAL * numbers_quantile(residual, n, .5);
	return fmax(jump, spread);
}

static double sum_of_squares(const double *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i] * x[i];
	return sum;
}

struct noise levels_noise(const struct levels *l, const struct level_input *in, size_t end,
                          double *scratch)
{
	size_t n = levels_residuals(l, in, end, scratch), levels = 0;
	struct noise ret = {0};

	for (size_t i = 0; i < l->n; i++)
		levels += l->at[i].first < end;
	if (n <= levels)
		return ret;
	ret.df = (double)(n - levels);
	if (n < SUITE_RUNS) {
		ret.variance = sum_of_squares(scratch, n) / ret.df;
		return ret;
	}
	ret.variance = robust_scale(scratch, n, scratch + n);
	ret.variance *= ret.variance;
	return ret;
}

/* --- the latest run ------------------------------------------------------------------ */

struct against {
	double deviation, sd, df, p;
	bool tested, off;
	size_t n; /* runs of the reference */
};

/* Few degrees of freedom are rounded down. Finding a quantile is slow: not for what is within the
 * least effect anyway. */
static double limit_of(const struct against *a)
{
	double df = a->df < FEW_DF ? floor(a->df) : a->df;

	return df < 1 ? HUGE_VAL : student_t_quantile(ONE_SIDED, df) * a->sd;
}

/* y[at] against the runs [first, end) of the same level. */
static struct against stand(const struct level_input *in, const struct levels *l, size_t first,
                            size_t end, size_t at, double *scratch)
{
	struct noise noise = levels_noise(l, in, end, scratch);
	struct against ret = {.n = end - first};
	struct moderated_test t;
	double factor, center;

	ret.tested = ret.n > 0 && (in->noise || noise.df + 1 >= SUITE_RUNS);
	if (!ret.n)
		return ret;
	memcpy(scratch, in->y + first, ret.n * sizeof *scratch);
	center = numbers_quantile(scratch, ret.n, .5);
	factor = 1 + 1 / (double)ret.n;
	ret.deviation = in->y[at] - center;
	t = test(in, ret.deviation, factor, &noise);
	ret.p = t.p;
	ret.sd = sqrt(t.variance * factor) * (in->noise ? in->noise->tail : 1);
	ret.df = t.df;
	ret.off = ret.tested && fabs(ret.deviation) > least_of(in) &&
	          fabs(ret.deviation) > limit_of(&ret);
	return ret;
}

struct streak {
	struct against last;
	size_t since; /* first run of the streak; n: none */
	int side;
	bool ended; /* a streak ended with the latest run */
	size_t ended_at;
};

/* What deviates does not enter the reference while it lasts. */
static struct streak replay(const struct level_input *in, const struct levels *l, double *scratch)
{
	const struct level *now = &l->at[l->n - 1];
	size_t n = in->n;
	size_t i = n > now->first + 1 + REPLAYED ? n - REPLAYED : now->first + 1;
	struct streak s = {.since = n};

	for (; i < n; i++) {
		size_t end = s.since < i ? s.since : i;
		struct against a = stand(in, l, now->first, end, i, scratch);
		int side = a.deviation > 0 ? 1 : -1;

		if (s.since < i && a.off && side != s.side) { /* the other way: that was a spike */
			s.since = n;
			a = stand(in, l, now->first, i, i, scratch);
			side = a.deviation > 0 ? 1 : -1;
		}
		s.ended = !a.off && s.since < i;
		s.ended_at = s.ended ? s.since : 0;
		if (!a.off)
			s.since = n;
		else if (s.since >= i)
			s.since = i, s.side = side;
		s.last = a;
	}
	return s;
}

/* --- verdict ------------------------------------------------------------------------- */

static bool is_worse(const struct level_input *in, double from, double to)
{
	return in->better * (to - from) < -least_of(in);
}

/* The latest step down that has not been made up for; 0: none. */
static size_t open_step(const struct level_input *in, const struct levels *l)
{
	for (size_t i = l->n; i-- > 1;)
		if (is_worse(in, l->at[i - 1].center, l->at[i].center) &&
		    is_worse(in, l->at[i - 1].center, l->at[l->n - 1].center))
			return i;
	return 0;
}

static void set_step(struct suite_verdict *v, const struct levels *l, size_t i,
                     enum suite_state state)
{
	v->level = (struct suite_change){.state = state,
	                                 .turn = l->at[i].center > l->at[i - 1].center ? 1 : -1,
	                                 .before = l->at[i - 1].first,
	                                 .since = l->at[i].first,
	                                 .p = l->at[i].p,
	                                 .p_adjusted = NO_NUMBER};
}

/* A step down before this one up, which it made up for. */
static size_t made_up(const struct level_input *in, const struct levels *l)
{
	for (size_t i = l->n - 1; i-- > 1;)
		if (is_worse(in, l->at[i - 1].center, l->at[i].center))
			return i;
	return 0;
}

static void tell_levels(struct suite_verdict *v, const struct level_input *in,
                        const struct levels *l)
{
	size_t last = l->n - 1, gone, step;
	bool fresh = in->n - l->at[last].first <= FRESH;

	step = in->better ? open_step(in, l) : fresh ? last : 0;
	if (step) {
		set_step(v, l, step, SUITE_CONFIRMED);
		return;
	}
	if (!last || !fresh || !in->better)
		return;
	gone = made_up(in, l);
	if (gone)
		set_step(v, l, gone, SUITE_RECOVERED);
	else
		set_step(v, l, last, SUITE_CONFIRMED);
}

static void tell_best(struct suite_verdict *v, const struct level_input *in, const struct levels *l)
{
	size_t best = 0;

	for (size_t i = 1; in->better && i < l->n; i++)
		if (in->better * (l->at[i].center - l->at[best].center) > 0)
			best = i;
	if (l->n < 2 || !in->better || best == l->n - 1)
		return;
	v->best = l->at[best].first;
	v->best_end = l->at[best].end;
}

/* Its siblings tell better than a few runs of one series how much lingers from run to run. */
static double p_of_drift(const struct level_input *in, const struct drift *d)
{
	double own = d->autocorrelation,
	       r = in->noise ? fmax(own, in->noise->autocorrelation) : own;
	double inflation = (1 + r) * (1 - own) / ((1 - r) * (1 + own));

	return erfc(fabs(d->z) / sqrt(inflation) / M_SQRT2);
}

static int tell_drift(struct suite_verdict *v, const struct level_input *in, const struct levels *l)
{
	const struct level *now = &l->at[l->n - 1];
	struct drift d;
	int r;

	if (!in->better || now->end - now->first < DRIFT_LEAST)
		return 0; /* what nobody knows the meaning of may be a counter */
	r = drift_of(&d, in->y + now->first, now->end - now->first);
	if (r < 0)
		return r;
	v->drift = relative(in, d.change);
	v->drift_p = p_of_drift(in, &d);
	v->drifts = v->drift_p < fmin(DRIFT_P, in->alpha) && fabs(d.change) >= least_of(in);
	return 0;
}

/* Many runs on one side of one or two others may be those that were odd. */
static bool has_stayed(const struct suite_verdict *v)
{
	return v->streak >= SUITE_STAYED && v->references >= SUITE_STAYED;
}

static void tell_run(struct suite_verdict *v, const struct level_input *in, const struct levels *l,
                     const struct streak *s)
{
	double limit = s->last.n ? limit_of(&s->last) : 0;

	v->tested = s->last.tested;
	v->run.before = l->at[l->n - 1].first;
	v->references = s->last.n;
	v->distance = fabs(relative(in, s->last.deviation));
	v->limit = relative(in, limit);
	v->sd = s->last.tested ? s->last.sd : 0;
	v->df = s->last.tested ? s->last.df : 0;
	v->run.p = s->last.tested ? s->last.p : NO_NUMBER;
	v->streak = s->since < in->n ? in->n - s->since : 0;
	if (s->last.tested)
		v->noticed = fmax(relative(in, limit + POWER_80 * s->last.sd), in->min_effect);
	if (!v->streak && !s->ended)
		return;
	v->run.since = s->ended ? s->ended_at : s->since;
	v->run.turn = s->side;
	v->run.state = s->ended ? SUITE_SPIKE : has_stayed(v) ? SUITE_CONFIRMED : SUITE_SUSPECTED;
}

/* Several places were tried: the p of the best of them is that much smaller by chance. */
static void tell_latest(struct suite_verdict *v, const struct level_input *in,
                        const struct levels *l)
{
	const struct level *now = &l->at[l->n - 1], *step = &l->latest;

	v->latest.p = in->noise ? 1 : NO_NUMBER;
	if (!step->end)
		return;
	v->latest = (struct suite_change){.state = SUITE_SUSPECTED,
	                                  .turn = step->center > 0 ? 1 : -1,
	                                  .before = now->first,
	                                  .since = step->first,
	                                  .p = fmin(1, PLACES * step->p)};
}

int level_judge(struct suite_verdict *ret, const struct level_input *in, const struct levels *l)
{
	CLEANUP(freep) double *scratch = calloc(2 * in->n + 1, sizeof *scratch);
	struct streak s;

	*ret = (struct suite_verdict){.noticed = NO_NUMBER};
	ret->run.p = ret->level.p = NO_NUMBER;
	ret->run.p_adjusted = NO_NUMBER;
	if (!scratch)
		return -ENOMEM;
	s = replay(in, l, scratch);
	tell_run(ret, in, l, &s);
	tell_levels(ret, in, l);
	tell_latest(ret, in, l);
	tell_best(ret, in, l);
	return tell_drift(ret, in, l);
}
