/* SPDX-License-Identifier: MIT */
#include "agents/analyst/ranking.h"

#include <errno.h>

#define TEST_PAIRS_MAX  1000000 /* of two samples; so many values of one run tell little */
#define NOISE_ALL_PAIRS 8       /* values up to which each is held against each */
#define NOISE_PAIRS_MAX 65536   /* in a group */
#define NOISE_SHAMOS    .9539   /* median distance of two normal values, in standard deviations */
#define MEDIAN_SE       1.2533  /* standard error of a median over that of a mean, normal values */

bool ranking_is_choice(const struct group *g)
{
	bool choice = false;

	for (size_t k = 0; k < g->n_keys; k++) {
		if (name_is_other_work(g->keys[k]))
			return false;
		choice |= !name_is_workload(g->keys[k]);
	}
	return choice;
}

const char *ranking_key(struct work *w, const struct series *s, const struct group *g,
                        const char *what)
{
	return work_printf(w, "best:%s/%s%s", g->id ? s->key : g->title, what,
	                   g->work_name ? g->work_name : "");
}

bool ranking_primary(const struct group *g, size_t *ret)
{
	for (size_t m = 0; m < g->n_metrics; m++) {
		*ret = m;
		if (g->metrics[m].best)
			return true;
	}
	return false;
}

static const struct fact *center_of(const struct work *w, const struct group *g,
                                    size_t configuration, size_t metric)
{
	return dossier_fact(w->d, g->cells[configuration * g->n_metrics + metric].center);
}

static void copy_samples(double *to, const struct fact *f)
{
	for (size_t i = 0; i < f->n_samples; i++)
		to[i] = fact_sample(f, i);
}

/* --- noise ----------------------------------------------------------------------------- */

struct distances {
	double *at;
	size_t n;
};

static bool is_full(const struct distances *d)
{
	return d->n == NOISE_PAIRS_MAX;
}

static void add_distance(struct distances *d, double a, double b, double middle)
{
	if (!is_full(d))
		d->at[d->n++] = a > 0 && b > 0 ? fabs(log(a / b)) : fabs(a - b) / fabs(middle);
}

/* Each value of a few against each; of many each of the first half against one of the second. */
static void add_distances(struct distances *d, const struct fact *f)
{
	size_t n = f->n_samples, half = n / 2;

	if (n < 2 || !(fabs(f->value) > 0))
		return;
	if (n > NOISE_ALL_PAIRS) {
		for (size_t i = 0; i < half && !is_full(d); i++)
			add_distance(d, fact_sample(f, i), fact_sample(f, i + half), f->value);
		return;
	}
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			add_distance(d, fact_sample(f, i), fact_sample(f, k), f->value);
}

/*
 * Of the logarithm of one value, over all configurations: Shamos' estimate (1976), which
 * neither a few odd values nor configurations of two or three repetitions mislead.
 */
static double noise_of(struct work *w, const struct ranking *r)
{
	CLEANUP(freep) double *room = reallocarray(NULL, NOISE_PAIRS_MAX, sizeof *room);
	struct distances d = {.at = room};

	w->failed |= !room;
	for (size_t i = 0; room && i < r->group->n_configurations; i++) {
		const struct fact *f = center_of(w, r->group, i, r->metric);

		if (f && !r->group->configurations[i].failed)
			add_distances(&d, f);
	}
	return d.n ? numbers_quantile(d.at, d.n, .5) / NOISE_SHAMOS : 0;
}

/* Standard error of a center, as a multiple of the noise of one value. */
static double error_of_center(size_t n)
{
	return (n > 2 ? MEDIAN_SE : 1) / sqrt((double)n);
}

/* --- ties ------------------------------------------------------------------------------ */

static bool can_test(size_t n1, size_t n2)
{
	return n1 >= RANKING_LEAST && n2 >= RANKING_LEAST && n1 <= TEST_PAIRS_MAX / n2;
}

/* Its p value is for the side on which the best is better. The ratio is told of the first alone. */
static int compare_with_best(struct ranking *ranking, struct rival *r, const struct fact *f,
                             const double *best)
{
	enum better better = ranking->group->metrics[ranking->metric].better;
	size_t best_n = ranking->best_n;
	CLEANUP(freep) double *x = reallocarray(NULL, f->n_samples + best_n, sizeof *x);
	double *y;
	int ret;

	if (!x)
		return -ENOMEM;
	y = x + f->n_samples;
	copy_samples(x, f);
	memcpy(y, best, best_n * sizeof *y);
	ret = r == ranking->rivals ? two_sample_compare(&r->of, x, f->n_samples, y, best_n)
	                           : two_sample_test(&r->of, x, f->n_samples, y, best_n);
	if (ret < 0)
		return ret;
	r->p = (r->of.cles > .5) == (better == BETTER_HIGHER) ? r->of.p / 2 : 1 - r->of.p / 2;
	r->tested = true;
	r->has_ratio = x[0] > 0 && y[0] > 0; /* sorted by now */
	return 0;
}

static bool can_test_any(const struct ranking *r)
{
	for (size_t i = 0; i < r->n_rivals; i++)
		if (can_test(r->rivals[i].n, r->best_n))
			return true;
	return false;
}

static void test_rivals(struct work *w, struct ranking *r)
{
	const struct fact *best = center_of(w, r->group, r->best, r->metric);
	CLEANUP(freep) double *numbers = NULL;

	/* Repetitions in files of their own are of different runs: they only look independent. */
	if (!r->group->id || !can_test_any(r))
		return;
	numbers = reallocarray(NULL, r->best_n, sizeof *numbers);
	w->failed |= !numbers;
	if (!numbers)
		return;
	copy_samples(numbers, best);
	numbers_sort(numbers, r->best_n);
	for (size_t i = 0; i < r->n_rivals && !w->failed; i++) {
		struct rival *one = &r->rivals[i];

		if (can_test(one->n, r->best_n) &&
		    compare_with_best(r, one, center_of(w, r->group, one->configuration, r->metric),
		                      numbers) < 0)
			w->failed = true;
	}
}

/* What cannot be rejected even if every value of the best were better is not tested. */
static void withdraw_hopeless(struct ranking *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_rivals; i++)
		n += r->rivals[i].tested;
	for (size_t i = 0; i < r->n_rivals; i++) {
		struct rival *one = &r->rivals[i];

		one->tested = one->tested && one->of.p_least / 2 * (double)n <= RANKING_ALPHA;
		r->n_tested += one->tested;
	}
}

static void adjust(struct work *w, struct ranking *r)
{
	CLEANUP(freep) double *p = calloc(r->n_tested + 1, sizeof *p);
	size_t n = 0;

	w->failed |= !p;
	for (size_t i = 0; p && i < r->n_rivals; i++)
		if (r->rivals[i].tested)
			p[n++] = r->rivals[i].p;
	if (!p || adjust_holm(p, n) < 0) {
		w->failed = true;
		return;
	}
	n = 0;
	for (size_t i = 0; i < r->n_rivals; i++)
		if (r->rivals[i].tested)
			r->rivals[i].p_adjusted = p[n++];
}

double rival_distance(const struct rival *r, enum better better)
{
	double near = better == BETTER_HIGHER ? r->of.low - 1 : 1 - r->of.high;

	return near > 0 ? near : 0;
}

/*
 * Of equals the medians lie this far apart, one time in twenty for any of so many. Noise is about
 * factors: what is half as fast is as far off as what is twice as fast.
 */
static double band_of(const struct ranking *r, const struct rival *one, double min_effect)
{
	double a = error_of_center(r->best_n), b = error_of_center(one->n);
	double z = student_t_quantile(1 - RANKING_ALPHA / (double)r->n_rivals, HUGE_VAL);
	double factor = z * r->noise * sqrt(a * a + b * b);
	bool higher = r->group->metrics[r->metric].better == BETTER_HIGHER;

	return fmax(min_effect, higher ? -expm1(-factor) : expm1(factor));
}

static void find_ties(struct work *w, struct ranking *r)
{
	double min_effect = w->settings->min_effect_pct / 100;

	for (size_t i = 0; i < r->n_rivals; i++) {
		struct rival *one = &r->rivals[i];
		enum better better = r->group->metrics[r->metric].better;

		if (one->tested)
			one->tied = one->p_adjusted > RANKING_ALPHA ||
			            !(rival_distance(one, better) > min_effect);
		else
			one->tied = one->behind <= (one->band = band_of(r, one, min_effect));
		r->n_tied += one->tied;
	}
}

/* Not only that nothing tells them apart: they are known to be near. */
static bool are_alike(const struct ranking *r, double min_effect)
{
	for (size_t i = 0; i < r->n_rivals; i++) {
		const struct rival *one = &r->rivals[i];

		if (one->tested ? one->of.low < 1 - min_effect || one->of.high > 1 + min_effect
		                : one->behind > min_effect)
			return false;
	}
	return true;
}

/*
 * The luckiest of n equals lies Blom's (1958) expected maximum above the middle. The best of many
 * whose lead is smaller owes it to luck as likely as not.
 */
static bool is_lucky(const struct ranking *r)
{
	double n = (double)r->n_rivals + 1;
	double most = student_t_quantile((n - .375) / (n + .25), HUGE_VAL);

	if (n <= RANKING_MANY || !r->n_tied)
		return false;
	if (!(r->noise > 0))
		return true; /* nothing tells the noise, and the next one is as good */
	return r->rivals[0].behind < most * r->noise * error_of_center(r->best_n);
}

/* --- the ranking ------------------------------------------------------------------------ */

static int nearest_first(const void *x, const void *y)
{
	const struct rival *a = x, *b = y;

	if (a->behind < b->behind || a->behind > b->behind)
		return a->behind < b->behind ? -1 : 1;
	return a->configuration < b->configuration ? -1 : 1;
}

static void list_rivals(struct work *w, struct ranking *r)
{
	const struct group *g = r->group;
	double best = center_of(w, g, r->best, r->metric)->value;

	r->rivals = work_alloc(w, g->n_configurations, sizeof *r->rivals);
	for (size_t i = 0; r->rivals && i < g->n_configurations; i++) {
		const struct fact *f = center_of(w, g, i, r->metric);
		double behind;

		if (!f || i == r->best || g->configurations[i].failed)
			continue;
		behind = fabs(best - f->value) / fabs(best);
		if (g->metrics[r->metric].better == BETTER_HIGHER ? f->value > best
		                                                  : f->value < best)
			continue; /* left out of the ranking as no possible value */
		r->most_n = f->n_samples > r->most_n ? f->n_samples : r->most_n;
		r->rivals[r->n_rivals++] = (struct rival){.configuration = i,
		                                          .n = f->n_samples,
		                                          .value = f->value,
		                                          .behind = isfinite(behind)   ? behind
		                                                    : f->value == best ? 0
		                                                                       : HUGE_VAL,
		                                          .p_adjusted = NO_NUMBER};
	}
	if (r->n_rivals)
		qsort(r->rivals, r->n_rivals, sizeof *r->rivals, nearest_first);
}

static void find_best_by_mean(const struct work *w, struct ranking *r)
{
	const struct group *g = r->group;
	const struct fact *best = dossier_fact(w->d,
	                                       g->cells[r->best * g->n_metrics + r->metric].mean);

	r->best_by_mean = r->best;
	for (size_t i = 0; best && i < r->n_rivals; i++) {
		size_t c = r->rivals[i].configuration;
		const struct fact *f = dossier_fact(w->d,
		                                    g->cells[c * g->n_metrics + r->metric].mean);

		if (f && (g->metrics[r->metric].better == BETTER_HIGHER ? f->value > best->value
		                                                        : f->value < best->value)) {
			best = f;
			r->best_by_mean = c;
		}
	}
}

bool ranking_of(struct work *w, struct ranking *ret, const struct series *s, const struct group *g,
                size_t metric)
{
	struct ranking r = {.series = s, .group = g, .metric = metric};

	if (w->failed || !g->metrics[metric].best)
		return false;
	r.best = g->metrics[metric].best - 1;
	r.best_n = r.most_n = center_of(w, g, r.best, metric)->n_samples;
	list_rivals(w, &r);
	if (w->failed || !r.n_rivals)
		return false;
	test_rivals(w, &r);
	withdraw_hopeless(&r);
	adjust(w, &r);
	r.noise = noise_of(w, &r);
	find_ties(w, &r);
	r.lucky = is_lucky(&r);
	r.alike = are_alike(&r, w->settings->min_effect_pct / 100);
	find_best_by_mean(w, &r);
	*ret = r;
	return !w->failed;
}
