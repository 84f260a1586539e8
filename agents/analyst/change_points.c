/* SPDX-License-Identifier: MIT */
#include "agents/analyst/change_points.h"

#include <errno.h>
#include <math.h>

#include "agents/analyst/autocorrelation.h"
#include "agents/analyst/edivisive.h"
#include "agents/analyst/pairs.h"
#include "agents/analyst/statistics.h"

struct merge {
	const double *x;
	size_t n;
	const struct change_points_options *options;
	struct change_points found;
	double *sorted, *scratch, *residual; /* sorted: by segment */
	size_t *start;                       /* of the segments but the first */
};

/* --- what a change point is between its neighbours ------------------------------------ */

static size_t from_of(const struct merge *m, size_t i)
{
	return i == 0 ? 0 : m->found.at[i - 1].index;
}

static size_t to_of(const struct merge *m, size_t i)
{
	return i + 1 < m->found.n ? m->found.at[i + 1].index : m->n;
}

static struct change_side side_of(const struct level *l)
{
	return (struct change_side){(size_t)l->n, l->mean, NO_NUMBER, l->sd};
}

static void test(const struct merge *m, size_t i)
{
	struct change_point *c = m->found.at + i;
	size_t from = from_of(m, i), to = to_of(m, i);
	struct level before = level_of(m->x + from, c->index - from);
	struct level after = level_of(m->x + c->index, to - c->index);

	c->before = side_of(&before);
	c->after = side_of(&after);
	c->p = c->p_autocorrelated = level_p(&before, &after);
}

static double effect_of(double shift, double median)
{
	double zero = shift > 0 || shift < 0 ? copysign(HUGE_VAL, shift) : 0;

	return median > 0 || median < 0 ? shift / fabs(median) : zero;
}

/* Of two sorted sides. */
static void describe(const struct merge *m, size_t i)
{
	struct change_point *c = m->found.at + i;
	const double *x = m->sorted + from_of(m, i), *y = m->sorted + c->index;
	struct pairs pairs = {x, y, c->before.n, c->after.n, false};

	c->before.median = quantile(x, c->before.n, .5);
	c->after.median = quantile(y, c->after.n, .5);
	c->cles = pairs_cles(x, c->before.n, y, c->after.n);
	c->shift = pairs_middle(&pairs);
	c->effect = effect_of(c->shift, c->before.median);
}

/* --- what is wrong with the worst one: its place, or n where nothing is --------------- */

typedef double measure_fn(const struct change_point *c);

static double sureness(const struct change_point *c)
{
	return -c->p;
}

static double magnitude(const struct change_point *c)
{
	double m1 = c->before.mean, m2 = c->after.mean;
	double forward = m1 > 0 || m1 < 0 ? fabs(m2 / m1 - 1) : 0;
	double backward = m2 > 0 || m2 < 0 ? fabs(m1 / m2 - 1) : 0;

	return fmax(forward, backward);
}

static double shorter_side(const struct change_point *c)
{
	return (double)(c->before.n < c->after.n ? c->before.n : c->after.n);
}

static double superiority(const struct change_point *c)
{
	return fmax(c->cles, 1 - c->cles);
}

static double size_of_effect(const struct change_point *c)
{
	return fabs(c->effect);
}

static double sureness_autocorrelated(const struct change_point *c)
{
	return -c->p_autocorrelated;
}

/*
 * The first of the smallest, or of the smallest the least sure: of two changes that share a short
 * side one may well be true.
 */
static size_t least(const struct change_points *f, measure_fn *measure, bool least_sure)
{
	size_t best = 0;

	for (size_t i = 1; i < f->n; i++) {
		double value = measure(f->at + i), smallest = measure(f->at + best);

		if (value < smallest ||
		    (least_sure && value <= smallest && f->at[i].p > f->at[best].p))
			best = i;
	}
	return best;
}

static size_t least_upto(const struct change_points *f, measure_fn *measure, double limit)
{
	size_t i = least(f, measure, false);

	return f->n > 0 && measure(f->at + i) <= limit ? i : f->n;
}

static size_t least_below(const struct change_points *f, measure_fn *measure, double limit)
{
	size_t i = least(f, measure, true);

	return f->n > 0 && measure(f->at + i) < limit ? i : f->n;
}

static size_t weakest(const struct merge *m)
{
	const struct change_points *f = &m->found;
	size_t i = least_upto(f, sureness, -m->options->max_p);

	return i < f->n ? i : least_upto(f, magnitude, m->options->min_magnitude);
}

static double effective(size_t n, double r)
{
	return (double)n * (1 - r) / (1 + r);
}

static void test_again(struct merge *m)
{
	struct change_points *f = &m->found;
	double r;

	for (size_t i = 0; i < m->n; i++)
		m->residual[i] = m->x[i];
	for (size_t i = 0; i <= f->n; i++) {
		double median = i == f->n ? f->at[i - 1].after.median : f->at[i].before.median;

		for (size_t k = from_of(m, i); k < (i < f->n ? f->at[i].index : m->n); k++)
			m->residual[k] -= median;
		if (i < f->n)
			m->start[i] = f->at[i].index;
	}
	r = f->autocorrelation = autocorrelation_of(m->residual, m->n, m->start, f->n, m->scratch);
	for (size_t i = 0; i < f->n; i++) {
		struct change_point *c = f->at + i;
		struct level before = {effective(c->before.n, r), c->before.mean, c->before.sd};
		struct level after = {effective(c->after.n, r), c->after.mean, c->after.sd};

		c->p_autocorrelated = level_p(&before, &after);
	}
}

static size_t worst(struct merge *m)
{
	const struct change_points *f = &m->found;
	size_t i = weakest(m);

	if (i == f->n)
		i = least_below(f, shorter_side, (double)m->options->min_segment);
	if (i == f->n)
		i = least_below(f, superiority, m->options->min_cles);
	if (i == f->n)
		i = least_below(f, size_of_effect, m->options->min_effect);
	if (i < f->n || f->n == 0 || !m->options->autocorrelation)
		return i;
	test_again(m);
	return least_upto(f, sureness_autocorrelated, -m->options->max_p);
}

/* --- the merge ------------------------------------------------------------------------ */

static void drop(struct merge *m, size_t i)
{
	struct change_points *f = &m->found;

	memmove(f->at + i, f->at + i + 1, (--f->n - i) * sizeof *f->at);
}

/*
 * Otava looks again at the two behind the one that it dropped, not at its neighbours. Its published
 * answers depend on that, and so it loses some clear steps; ours must not.
 */
static void merge_candidates(struct merge *m)
{
	bool neighbours = m->options->gated;
	size_t i;

	for (i = 0; i < m->found.n; i++)
		test(m, i);
	while ((i = weakest(m)) < m->found.n) {
		size_t first = neighbours && i > 0 ? i - 1 : i;

		drop(m, i);
		for (size_t k = first; k < first + 2 && k < m->found.n; k++)
			test(m, k);
	}
}

static void sort_segment(const struct merge *m, size_t from, size_t to)
{
	memcpy(m->sorted + from, m->x + from, (to - from) * sizeof *m->x);
	numbers_sort(m->sorted + from, to - from);
}

static void describe_all(const struct merge *m)
{
	size_t n = m->found.n;

	for (size_t i = 0; i <= n; i++)
		sort_segment(m, from_of(m, i), i < n ? m->found.at[i].index : m->n);
	for (size_t i = 0; i < n; i++)
		describe(m, i);
}

static void pass_gates(struct merge *m)
{
	for (size_t i; (i = worst(m)) < m->found.n;) {
		sort_segment(m, from_of(m, i), to_of(m, i));
		drop(m, i);
		for (size_t k = i > 0 ? i - 1 : 0; k <= i && k < m->found.n; k++) {
			test(m, k);
			describe(m, k);
		}
	}
}

static void merge(struct merge *m)
{
	merge_candidates(m);
	if (m->found.n == 0 || !m->options->gated)
		return;
	describe_all(m);
	pass_gates(m);
}

static int merge_prepare(struct merge *m, double *qhat)
{
	struct change_points *f = &m->found;
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += qhat[i] > 0;
	if (n == 0)
		return 0;
	f->at = calloc(n, sizeof *f->at);
	m->start = calloc(n, sizeof *m->start);
	if (!f->at || !m->start)
		return -ENOMEM;
	for (size_t i = 0; i < m->n; i++)
		if (qhat[i] > 0)
			f->at[f->n++] = (struct change_point){.index = i,
			                                      .qhat = qhat[i],
			                                      .cles = NO_NUMBER,
			                                      .shift = NO_NUMBER,
			                                      .effect = NO_NUMBER};
	return 0;
}

static void merge_done(struct merge *m)
{
	change_points_done(&m->found);
	free(m->start);
}

/* Otava's: candidates may be less sure than what is asked for in the end. */
static double first_pass_p(double max_p)
{
	return max_p < .05 ? 10 * max_p : max_p < .5 ? 2 * max_p : max_p;
}

int change_points_find(struct change_points *ret, const double *x, size_t n,
                       const struct change_points_options *options)
{
	CLEANUP(freep) double *numbers = calloc(n + 1, 4 * sizeof *numbers);
	CLEANUP(merge_done) struct merge m = {.x = x, .n = n, .options = options};
	double *qhat = numbers, max_p = first_pass_p(options->max_p);

	if (!numbers || edivisive_find(qhat, x, n, options->window, max_p) < 0)
		return -ENOMEM;
	m.sorted = numbers + n;
	m.residual = numbers + 2 * n;
	m.scratch = numbers + 3 * n;
	if (merge_prepare(&m, qhat) < 0)
		return -ENOMEM;
	merge(&m);
	if (m.found.n == 0)
		change_points_done(&m.found);
	*ret = m.found;
	m.found = (struct change_points){0};
	return 0;
}

void change_points_done(struct change_points *c)
{
	free(c->at);
	*c = (struct change_points){0};
}
