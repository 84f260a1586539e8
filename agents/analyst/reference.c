/* SPDX-License-Identifier: MIT */
/*
 * Tonight against the one run that a chosen review measured. One run tells nothing of its own
 * noise: the history of the series does, as far as it is known; a difference of two single runs is
 * as sure as that of one run from a level at the square root of two times the distance. What all
 * series of a table have in common is the machine's and taken out of each; what is left must hold
 * against their number (Benjamini and Hochberg). One reference run never confirms anything.
 */
#include <math.h>

#include "agents/analyst/compared.h"
#include "agents/analyst/moderated.h"
#include "agents/analyst/two_sample.h"

bool reference_only(const struct work *w)
{
	return w->d->past && w->d->past->against;
}

static bool find(const struct work *w, const struct track *t, size_t *ret)
{
	const char *review = w->d->past->review;

	for (size_t i = t->n - 1; review && i-- > 0;) {
		const struct past_point *past = t->points[i].past;

		if (!past || strcmp(past->review, review) != 0)
			continue;
		*ret = i;
		return true;
	}
	return false;
}

/* --- how far they moved, together and alone ------------------------------------------------ */

static double difference_of(double now, double then)
{
	if (now > 0 && then > 0)
		return log(now / then);
	return fabs(then) > 0 ? (now - then) / fabs(then) : 0;
}

static void look(struct work *w, struct compared_series *c, size_t i)
{
	struct against_one *one = &c->against[i];
	const struct track *t = &c->tracks.at[i];

	*one = (struct against_one){.p = NO_NUMBER, .adjusted = NO_NUMBER};
	one->there = find(w, t, &one->at);
	if (!one->there)
		return;
	one->own = difference_of(t->points[t->n - 1].x, t->points[one->at].x);
	one->moved = c->suite.series[i].v.shares ? c->suite.series[i].better * one->own : 0;
}

/*
 * How far the machine itself is from one night to another its earlier nights tell; where they are
 * too few, only what is large and clear is another machine.
 */
static double limit_of_shift(const struct work *w, const struct compared_series *c,
                             const struct common_shift *common)
{
	double least = w->settings->min_effect_pct / 100;

	if (c->suite.has_common && c->suite.runs > SUITE_RUNS)
		return fmax(M_SQRT2 * c->suite.common.limit, least);
	return common_shift_limit(common, least);
}

static void find_shift(struct work *w, struct compared_series *c)
{
	CLEANUP(freep) double *r = calloc(c->tracks.n + 1, sizeof *r);
	struct common_shift common;
	size_t n = 0;

	w->failed |= !r;
	for (size_t i = 0; r && i < c->tracks.n; i++)
		if (c->against[i].there && c->suite.series[i].v.shares)
			r[n++] = c->against[i].moved;
	if (n < SUITE_SERIES)
		return;
	w->failed |= common_shift_of(&common, r, n) < 0;
	if (w->failed)
		return;
	c->shift = common.shift;
	c->shift_p = common.p;
	c->shift_limit = limit_of_shift(w, c, &common);
}

/* One run against another is as sure as one from a level at the square root of two times as far. */
static void test(struct compared_series *c, size_t i)
{
	struct against_one *one = &c->against[i];
	const struct suite_series *s = &c->suite.series[i];
	double error = M_SQRT2 * s->v.sd;

	if (!one->there || !s->v.tested)
		return;
	if (s->v.shares)
		one->own -= s->better * c->shift;
	one->limit = M_SQRT2 * s->v.limit;
	one->p = error > 0 ? student_t_p(one->own / error, s->v.df) : fabs(one->own) > 0 ? 0 : 1;
}

static double *places(struct work *w, double *ret, bool put)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_compared; i++)
		for (size_t k = 0; k < w->compared[i].tracks.n; k++) {
			struct against_one *one = &w->compared[i].against[k];

			if (!isfinite(one->p))
				continue;
			if (put)
				one->adjusted = ret[n++];
			else
				ret[n++] = one->p;
		}
	return ret + n;
}

static void adjust(struct work *w)
{
	size_t all = 0;
	CLEANUP(freep) double *p = NULL;

	for (size_t i = 0; i < w->n_compared; i++)
		all += w->compared[i].tracks.n;
	p = calloc(all + 1, sizeof *p);
	w->failed |= !p;
	if (w->failed)
		return;
	w->failed |= adjust_bh(p, (size_t)(places(w, p, false) - p)) < 0;
	(void)places(w, p, true);
}

void references_judge(struct work *w)
{
	for (size_t i = 0; i < w->n_compared && !w->failed; i++) {
		struct compared_series *c = &w->compared[i];

		c->against = work_alloc(w, c->tracks.n, sizeof *c->against);
		for (size_t k = 0; c->against && k < c->tracks.n; k++)
			look(w, c, k);
		if (c->against)
			find_shift(w, c);
		for (size_t k = 0; !w->failed && k < c->tracks.n; k++)
			test(c, k);
	}
	if (!w->failed)
		adjust(w);
}

const struct against_one *reference_of(const struct outcome *o)
{
	const struct against_one *one = &o->of->against[o->track - o->of->tracks.at];

	return one->there ? one : NULL;
}

static double share_allowed(const struct work *w)
{
	return w->settings->q > 0 ? w->settings->q : SUITE_Q;
}

bool reference_is_beyond(const struct outcome *o)
{
	const struct against_one *one = reference_of(o);
	double least = o->w->settings->min_effect_pct / 100, moved;

	if (!one || !(one->adjusted <= share_allowed(o->w)))
		return false;
	moved = fabs(expm1(one->own));
	return moved > least && isfinite(one->limit) && moved > one->limit;
}

/* --- the finding --------------------------------------------------------------------------- */

static void set_gates(const struct outcome *o, struct finding *f, const struct against_one *one)
{
	double own = 100 * fabs(expm1(one->own)), limit = 100 * one->limit;
	double q = share_allowed(o->w);
	bool together = fabs(o->of->shift) > 0;
	size_t earlier = o->track->n - 1; /* their noise is carried over changes of level */
	struct gate *gates = work_alloc(o->w, 5, sizeof *gates);
	double least = o->w->settings->min_effect_pct, size = fabs(f->effect);

	if (!gates)
		return;
	gates[0] = (struct gate){"reference runs", 1, SUITE_STAYED, false};
	gates[1] = (struct gate){"runs that tell the noise", (double)earlier, SUITE_RUNS,
	                         earlier >= SUITE_RUNS};
	gates[2] = (struct gate){together ? "distance beyond what all have in common, %"
	                                  : "distance from the reference run, %",
	                         own, limit, own > limit};
	gates[3] = (struct gate){"p of the distance, adjusted", one->adjusted, q,
	                         one->adjusted <= q};
	gates[4] = (struct gate){"effect, %", size, least, size > least};
	f->gates = gates;
	f->n_gates = 5;
}

void reference_tell(const struct outcome *o, const struct pair *p)
{
	const struct fact *delta = dossier_fact(o->w->d, p->delta);
	const struct against_one *one = reference_of(o);
	int turn = one->own > 0 ? 1 : -1;
	struct sentence s = {.n = 0};
	struct finding f;

	/* what stood still while all others moved has no difference of its own to show */
	if (!delta || delta->value * turn <= 0 ||
	    fabs(delta->value) <= o->w->settings->min_effect_pct)
		return;
	f = change_finding(o, p, turn);
	if (o->w->failed)
		return;
	f.severity = change_is_worse(o, turn) ? SEVERITY_MEDIUM : SEVERITY_LOW;
	f.verdict = "changed";
	f.state = "suspected";
	f.p = one->p;
	f.p_adjusted = one->adjusted;
	f.since = day_of_run(o->w, o->track->points[o->track->n - 1].time_s);
	change_say_what(&s, o);
	change_say(&s, p);
	say(&s, ", against the one run of the baseline; likely, but not sure.");
	f.text = text_of(o->w, &s);
	set_gates(o, &f, one);
	chart_line(o, f.key, one->at, p->reference, o->track->n - 1, one->limit);
	(void)finding_add(o->w, &f);
}
