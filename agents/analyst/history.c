/* SPDX-License-Identifier: MIT */
/*
 * Tonight against the earlier runs of the same series, those of the tree and those that earlier
 * reviews saw. The datum is one value a run, its median: repetitions of one run share the night,
 * so they are no evidence about nights.
 */
#include <errno.h>
#include <math.h>

#include "agents/analyst/conditions.h"
#include "agents/analyst/machine_shift.h"

static int better_sign(enum better b)
{
	return b == BETTER_HIGHER ? 1 : b == BETTER_LOWER ? -1 : 0;
}

static void fill_series(struct work *w, struct suite_series *to, const struct track *t,
                        const struct group *g)
{
	double *x = work_alloc(w, t->n, sizeof *x);
	uint32_t *run = work_alloc(w, t->n, sizeof *run);

	if (w->failed)
		return;
	for (size_t i = 0; i < t->n; i++) {
		x[i] = t->points[i].x;
		run[i] = t->points[i].run;
	}
	*to = (struct suite_series){
		.x = x, .run = run, .n = t->n, .better = better_sign(g->metrics[t->metric].better)};
}

static void read_series(struct work *w, struct series *s)
{
	struct compared_series *c = &w->compared[w->n_compared++];
	struct tracks *t = &c->tracks;

	tracks_read(w, t, s);
	c->suite = (struct suite){.series = work_alloc(w, t->n, sizeof *c->suite.series),
	                          .n = t->n,
	                          .runs = t->n_runs,
	                          .min_effect = w->settings->min_effect_pct / 100};
	for (size_t i = 0; i < t->n && !w->failed; i++)
		fill_series(w, &c->suite.series[i], &t->at[i], t->group);
}

void compared_read(struct work *w)
{
	size_t n = 0, family = 0;

	for (size_t i = 0; i < w->n_series; i++)
		n += w->series[i].group > 0;
	w->compared = work_alloc(w, n, sizeof *w->compared);
	for (size_t i = 0; i < w->n_series && !w->failed; i++)
		if (w->series[i].group)
			read_series(w, &w->series[i]);
	for (size_t i = 0; i < w->n_compared; i++)
		family += w->compared[i].tracks.n;
	for (size_t i = 0; i < w->n_compared; i++)
		w->compared[i].suite.family = family;
}

static void judge_all(struct work *w)
{
	struct suite **suites = work_alloc(w, w->n_compared, sizeof *suites);

	machine_shifts_find(w);
	for (size_t i = 0; i < w->n_compared && !w->failed; i++) {
		suites[i] = &w->compared[i].suite;
		w->failed |= suite_judge(suites[i]) < 0;
	}
	if (!w->failed)
		w->failed |= suite_settle(suites, w->n_compared,
		                          w->settings->q > 0 ? w->settings->q : SUITE_Q) < 0;
}

/* --- what was compared ------------------------------------------------------------------- */

struct outcome outcome_at(struct work *w, const struct compared_series *c, size_t i)
{
	return (struct outcome){
		.w = w, .of = c, .track = &c->tracks.at[i], .verdict = &c->suite.series[i].v};
}

static bool has_baseline(const struct work *w)
{
	return w->d->past && w->d->past->review;
}

static void count(struct work *w, const struct compared_series *c, size_t i)
{
	struct compared *to = &w->d->compared;
	const struct outcome o = outcome_at(w, c, i);
	const struct track *t = o.track;
	bool lacks_reference = reference_only(w) && !reference_of(&o);

	to->series++;
	if (t->n < 2 && !t->has_past && (c->tracks.n_in_tree > 1 || has_baseline(w)))
		to->new_series++;
	else if (t->n < 2 || lacks_reference || !o.verdict->tested)
		to->untestable++;
	else
		to->tested++;
}

static double smallest_change_pct(struct work *w)
{
	size_t n = 0;
	double *pct = work_alloc(w, w->d->compared.series, sizeof *pct);

	for (size_t i = 0; pct && i < w->n_compared; i++)
		for (size_t k = 0; k < w->compared[i].tracks.n; k++)
			if (w->compared[i].suite.series[k].v.tested)
				pct[n++] = 100 * w->compared[i].suite.series[k].v.noticed;
	if (!n)
		return NO_NUMBER;
	numbers_sort(pct, n);
	return quantile(pct, n, .5);
}

static bool is_new(const struct work *w)
{
	for (size_t i = 0; i < w->n_compared; i++)
		for (size_t k = 0; k < w->compared[i].tracks.n; k++)
			if (w->compared[i].tracks.at[k].is_new)
				return true;
	return false;
}

static enum verdict verdict_of(const struct work *w)
{
	const struct dossier *d = w->d;
	bool worse = false, better = false;

	if (has_baseline(w) && d->compared.series && !is_new(w))
		return VERDICT_NO_NEW_DATA;
	for (size_t i = 0; i < d->n_findings; i++) {
		const struct finding *f = &d->findings[i];
		int way = finding_alarms(f) ? dossier_way(d, f) : 0;

		worse |= way < 0;
		better |= way > 0;
	}
	if (worse || better)
		return worse && better ? VERDICT_MIXED : worse ? VERDICT_WORSE : VERDICT_BETTER;
	return d->compared.tested ? VERDICT_SAME : VERDICT_CANNOT_TELL;
}

/* --- in order --------------------------------------------------------------------------- */

static void keep_room(struct work *w, const struct compared_series *c)
{
	for (size_t i = 0; i < c->tracks.n; i++) {
		const struct outcome o = outcome_at(w, c, i);

		changes_keep_room(&o);
	}
}

static void tell_series(struct work *w, const struct compared_series *c)
{
	for (size_t i = 0; i < c->tracks.n && !w->failed; i++) {
		const struct outcome o = outcome_at(w, c, i);

		count(w, c, i);
		changes_tell(&o);
	}
	w->d->compared.vanished += c->tracks.vanished;
}

/* Sentences name days of runs; those that the tree tells are listed already. */
static void tell_earlier_days(struct work *w)
{
	size_t all = 0, n = 0;
	int64_t *times;

	for (size_t i = 0; i < w->n_compared; i++)
		for (size_t k = 0; k < w->compared[i].tracks.n; k++)
			all += w->compared[i].tracks.at[k].n;
	times = work_alloc(w, all, sizeof *times);
	for (size_t i = 0; times && i < w->n_compared; i++) {
		const struct tracks *t = &w->compared[i].tracks;

		for (size_t k = 0; k < t->n; k++)
			for (size_t m = 0; m < t->at[k].n; m++)
				if (!t->at[k].points[m].view || !t->at[k].points[m].view->dated)
					times[n++] = t->at[k].points[m].time_s;
	}
	if (times)
		runs_tell_earlier(w, times, n);
}

static void forget(struct work *w)
{
	for (size_t i = 0; i < w->n_compared; i++)
		suite_done(&w->compared[i].suite);
	machine_shifts_forget(w);
	w->compared = NULL;
	w->n_compared = 0;
	facts_release(w, w->facts.kept);
}

void history_compare(struct work *w)
{
	compared_read(w);
	if (!w->failed)
		judge_all(w);
	if (!w->failed && reference_only(w))
		references_judge(w);
	for (size_t i = 0; i < w->n_compared && !w->failed; i++)
		keep_room(w, &w->compared[i]);
	environment_keep_room(w);
	for (size_t i = 0; i < w->n_compared && !w->failed; i++)
		tell_series(w, &w->compared[i]);
	if (!w->failed)
		changes_find(w);
	if (!w->failed)
		lapsed_tell(w);
	if (!w->failed)
		environment_tell(w);
	conditions_remember(w);
	if (!w->failed)
		changes_tell_untested(w);
	if (!w->failed)
		vanished_tell(w);
	tell_earlier_days(w);
	w->d->compared.smallest_change_pct = smallest_change_pct(w);
	w->d->verdict = verdict_of(w);
	forget(w);
}
