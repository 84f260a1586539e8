/* SPDX-License-Identifier: MIT */
/* What changed in one configuration and metric, and the facts over its runs that tell it. */
#include <math.h>

#include "agents/analyst/compared.h"

#define MAX_UNTESTED  10 /* findings about differences that could not be tested */
#define ROOM_FOR_RUNS 2  /* facts for single runs take at most one half of all */
#define DRIFT_ENDS    4  /* a drift is told by the first and the last quarter of its runs */
#define DRIFT_RUNS    3  /* at least */
#define PAIR_FACTS    4  /* of two stretches of runs, and what lies between them */
#define CHANGE_FACTS  5  /* those, and the best level */

/* --- facts over runs ------------------------------------------------------------------ */

static unsigned fact_of_run(struct work *w, const struct fact_of *of, const struct track_point *p)
{
	return fact_over_cells(w, of, p->cells.n > 1 ? STAT_MEDIAN : STAT_VALUE, p->x, &p->cells);
}

double median_of_runs(const struct track *t, struct stretch_of_runs s)
{
	double x[TRACK_RUNS];

	for (size_t i = s.first; i < s.end; i++)
		x[i - s.first] = t->points[i].x;
	return numbers_quantile(x, s.end - s.first, .5);
}

/* Of the runs on the side of their center, seen from x, the one nearest to it; NULL: none. */
static const struct track_point *middle_run(const struct track *t, struct stretch_of_runs s,
                                            double center, double x)
{
	const struct track_point *found = NULL;
	double least = HUGE_VAL;

	for (size_t i = s.first; i < s.end; i++) {
		const struct track_point *p = &t->points[i];
		double off = fabs(p->x - center);

		if (off < least && (x > center ? x > p->x : x < p->x))
			least = off, found = p;
	}
	return found;
}

static void join_runs(struct work *w, struct cells *ret, const struct track *t,
                      struct stretch_of_runs s)
{
	size_t n = s.end - s.first;
	CLEANUP(freep) const struct cells **parts = calloc(n + 1, sizeof *parts);

	w->failed |= !parts;
	for (size_t i = 0; parts && i < n; i++)
		parts[i] = &t->points[s.first + i].cells;
	if (parts)
		cells_join(w, ret, parts, n);
}

/*
 * The cells of several runs together: a fact that anybody can recompute. Where runs with many
 * repetitions pull it to the other side of x, which was judged run by run, a middle run stands.
 */
static unsigned fact_of_runs(const struct outcome *o, struct stretch_of_runs s, double x,
                             const char *one, const char *several)
{
	struct work *w = o->w;
	struct fact_of of = o->track->of;
	double center = median_of_runs(o->track, s), together;
	const struct track_point *middle = NULL;
	struct cells all = {0};

	join_runs(w, &all, o->track, s);
	if (w->failed || !all.n)
		return 0;
	of.label_suffix = s.end - s.first > 1 ? several : one;
	together = cells_median(w, &all);
	if (isfinite(x) && (x > together) != (x > center))
		middle = middle_run(o->track, s, center, x);
	if (middle) {
		of.label_suffix = one;
		return fact_of_run(w, &of, middle);
	}
	return fact_over_cells(w, &of, all.n > 1 ? STAT_MEDIAN : STAT_VALUE, together, &all);
}

struct pair pair_of_runs(const struct outcome *o, struct stretch_of_runs reference,
                         struct stretch_of_runs now)
{
	const struct track *t = o->track;
	double x = median_of_runs(t, now);
	struct fact_of of = t->of;
	struct pair ret = {.now = t->tonight};

	ret.reference = fact_of_runs(o, reference, x, ", earlier run", ", earlier runs");
	if (now.end - now.first > 1)
		ret.now = fact_of_runs(o, now, NO_NUMBER, "", ", runs since");
	else if (now.end < t->n)
		ret.now = fact_of_runs(o, now, NO_NUMBER, ", earlier run", "");
	of.label_suffix = " against earlier runs";
	ret.delta = fact_over_facts(o->w, &of, STAT_DELTA_PCT, ret.now, ret.reference);
	ret.ratio = fact_over_facts(o->w, &of, STAT_RATIO, ret.now, ret.reference);
	return ret;
}

static double size_of(const struct outcome *o, unsigned delta)
{
	const struct fact *f = dossier_fact(o->w->d, delta);

	return f ? f->value : 0;
}

unsigned change_best_fact(const struct outcome *o)
{
	const struct stretch_of_runs best = {o->verdict->best, o->verdict->best_end};

	return fact_of_runs(o, best, NO_NUMBER, ", best level", ", best level");
}

/* It went the way that was judged, and far enough also with what all have in common in it. */
static bool bears_out(const struct outcome *o, const struct pair *p, int turn)
{
	double size = size_of(o, p->delta);

	return size * turn > 0 && fabs(size) > o->w->settings->min_effect_pct;
}

unsigned fact_of_earlier(struct work *w, const struct track *t, struct track_point *p)
{
	struct fact_of of = t->of;

	of.label_suffix = ", earlier run";
	if (!p->fact)
		p->fact = fact_of_run(w, &of, p);
	return p->fact;
}

/* Each earlier run's own value, for trends, as long as there is room for such detail. */
static void tell_runs(const struct outcome *o)
{
	o->track->points[o->track->n - 1].fact = o->track->tonight;
	track_remember(o->w, o->track, &o->track->points[o->track->n - 1], o->track->tonight);
	for (size_t i = 0; i + 1 < o->track->n; i++) {
		struct track_point *p = &o->track->points[i];

		if (!p->view ||
		    o->w->d->n_facts + o->w->facts.kept >= o->w->facts.max / ROOM_FOR_RUNS)
			continue;
		track_remember(o->w, o->track, p, fact_of_earlier(o->w, o->track, p));
	}
}

/* --- which runs tell it ------------------------------------------------------------------ */

static struct pair pair_of(const struct outcome *o, const struct suite_change *c)
{
	size_t n = o->track->n;
	struct stretch_of_runs reference = {c->before, c->since}, now = {n - 1, n};
	struct pair p;

	if (c->state == SUITE_SPIKE)
		now = (struct stretch_of_runs){c->since, c->since + 1};
	if ((c == &o->verdict->level && c->state == SUITE_CONFIRMED) || c == &o->verdict->latest)
		now.first = c->since;
	p = pair_of_runs(o, reference, now);
	if (!bears_out(o, &p, c->turn) && now.end - now.first > 1)
		p = pair_of_runs(o, reference, (struct stretch_of_runs){n - 1, n});
	return p;
}

static bool tell(const struct outcome *o, const struct suite_change *c, bool also)
{
	struct pair p;

	if (c->state == SUITE_STEADY)
		return false;
	p = pair_of(o, c);
	if (c->state != SUITE_RECOVERED && !bears_out(o, &p, c->turn))
		return false;
	if (!p.now || !p.reference)
		return false;
	if (!work_grow(o->w, &o->w->told, o->w->n_told, &o->w->cap_told, sizeof *o->w->told))
		return true;
	o->w->told[o->w->n_told++] = (struct told){
		.outcome = *o, .change = c, .pair = p, .also = also};
	if (c->state != SUITE_SPIKE) /* that was an earlier run */
		chart_shift(o, p.delta);
	return true;
}

static void tell_drift(const struct outcome *o)
{
	const struct suite_verdict *v = o->verdict;
	size_t n = o->track->n, first = v->run.before, k = (n - first) / DRIFT_ENDS;
	struct pair p;

	k = k > DRIFT_RUNS ? k : DRIFT_RUNS;
	p = pair_of_runs(o, (struct stretch_of_runs){first, first + k},
	                 (struct stretch_of_runs){n - k, n});
	if (bears_out(o, &p, v->drift > 0 ? 1 : -1))
		change_find_drift(o, &p);
}

/* --- what could not be tested ------------------------------------------------------------ */

/* The most extreme differences of all series are kept for the end. */
struct untested {
	struct outcome outcome;
	struct stretch_of_runs reference;
	struct pair pair; /* all 0: there was no room for its facts yet */
	double size;
};

static void keep_untested(const struct outcome *o, struct stretch_of_runs reference,
                          const struct pair *p, double size)
{
	struct work *w = o->w;
	struct untested *list = w->untested;
	size_t at = w->n_untested;

	if (size <= w->settings->min_effect_pct)
		return;
	if (!list)
		list = w->untested = work_alloc(w, MAX_UNTESTED, sizeof *list);
	if (!list || (at == MAX_UNTESTED && size <= list[at - 1].size))
		return;
	if (at < MAX_UNTESTED)
		w->n_untested++;
	else
		at--;
	for (; at > 0 && list[at - 1].size < size; at--)
		list[at] = list[at - 1];
	list[at] = (struct untested){*o, reference, *p, size};
}

/* Roughly what the facts will say, where there is no room for those of every series. */
static double size_by_runs(const struct outcome *o, struct stretch_of_runs reference)
{
	double from = median_of_runs(o->track, reference);
	double to = o->track->points[o->track->n - 1].x;

	return fabs(from) > 0 ? 100 * fabs(to - from) / fabs(from) : 0;
}

/* Its difference from earlier runs, though it is no change that is told. */
static void tell_difference(const struct outcome *o, struct stretch_of_runs reference)
{
	size_t n = o->track->n;
	struct pair p = {0};
	double size;

	if (facts_room(o->w, FACTS_DETAIL, PAIR_FACTS)) {
		p = pair_of_runs(o, reference, (struct stretch_of_runs){n - 1, n});
		size = fabs(size_of(o, p.delta));
		chart_shift(o, p.delta);
	} else {
		facts_note_uncompared(o->w, o->track->tonight);
		size = size_by_runs(o, reference);
	}
	if (!o->verdict->tested)
		keep_untested(o, reference, &p, size);
}

static void tell_against_one(const struct outcome *o)
{
	const struct against_one *one = reference_of(o);
	struct stretch_of_runs reference;
	size_t n = o->track->n;
	struct pair p;

	if (!one)
		return;
	reference = (struct stretch_of_runs){one->at, one->at + 1};
	if (!reference_is_beyond(o)) {
		tell_difference(o, reference);
		return;
	}
	facts_release(o->w, CHANGE_FACTS);
	p = pair_of_runs(o, reference, (struct stretch_of_runs){n - 1, n});
	chart_shift(o, p.delta);
	reference_tell(o, &p);
}

static void tell_steady(const struct outcome *o)
{
	size_t n = o->track->n, before = o->verdict->run.before;

	tell_difference(o, (struct stretch_of_runs){before < n - 1 ? before : 0, n - 1});
}

/* --- what decided -------------------------------------------------------------------------- */

static double in_percent(double relative)
{
	return isfinite(relative) ? 100 * relative : NO_NUMBER;
}

static void note_noise(const struct outcome *o)
{
	const struct suite_verdict *v = o->verdict;
	const struct against_one *one = reference_only(o->w) ? reference_of(o) : NULL;
	struct dossier *d = o->w->d;
	struct noise_note n = {.fact = o->track->tonight,
	                       .earlier = one ? 1 : v->references,
	                       .streak = one ? 0 : v->streak,
	                       .distance_pct = NO_NUMBER,
	                       .limit_pct = NO_NUMBER,
	                       .sd_pct = NO_NUMBER,
	                       .noticed_pct = NO_NUMBER,
	                       .p = NO_NUMBER};

	if (o->track->n < 2 || (reference_only(o->w) && !one))
		return;
	if (v->tested) {
		n.distance_pct = in_percent(one ? fabs(expm1(one->own)) : v->distance);
		n.limit_pct = in_percent(one ? one->limit : v->limit);
		n.sd_pct = in_percent(expm1(v->sd));
		n.noticed_pct = in_percent(v->noticed);
		n.p = one ? one->adjusted : v->run.p;
	}
	if (work_grow(o->w, &d->noise, d->n_noise, &o->w->cap_noise, sizeof n))
		d->noise[d->n_noise++] = n;
}

static bool is_steady(const struct outcome *o)
{
	const struct suite_verdict *v = o->verdict;

	if (reference_only(o->w))
		return !reference_is_beyond(o);
	return v->level.state == SUITE_STEADY && v->run.state == SUITE_STEADY &&
	       v->latest.state == SUITE_STEADY && !v->drifts;
}

void changes_keep_room(const struct outcome *o)
{
	if (!is_steady(o))
		facts_keep(o->w, CHANGE_FACTS);
}

void changes_tell(const struct outcome *o)
{
	const struct suite_verdict *v = o->verdict;
	bool level, run;

	tell_runs(o);
	note_noise(o);
	if (reference_only(o->w)) {
		tell_against_one(o);
		return;
	}
	if (!is_steady(o))
		facts_release(o->w, CHANGE_FACTS);
	if (o->track->n < 2)
		return;
	level = tell(o, &v->level, false);
	run = tell(o, &v->run, level && v->level.turn == v->run.turn);
	if (!level && !run)
		run = tell(o, &v->latest, false);
	if (v->drifts)
		tell_drift(o);
	if (!level && !run)
		tell_steady(o);
}

void changes_tell_untested(struct work *w)
{
	for (size_t i = 0; i < w->n_untested && !w->failed; i++) {
		struct untested *u = &w->untested[i];
		size_t n = u->outcome.track->n;

		if (!u->pair.now)
			u->pair = pair_of_runs(&u->outcome, u->reference,
			                       (struct stretch_of_runs){n - 1, n});
		change_find_untested(&u->outcome, &u->pair);
	}
}
