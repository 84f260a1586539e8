/* SPDX-License-Identifier: MIT */
/*
 * Tonight against the one run that a chosen review measured. One run tells nothing of its own
 * noise: the history of the series does, as far as it is known; a difference of two single runs is
 * as sure as that of one run from a level at the square root of two times the distance. One
 * reference run never confirms anything.
 */
#include <math.h>

#include "agents/analyst/compared.h"

bool reference_only(const struct work *w)
{
	return w->d->past && w->d->past->against;
}

bool reference_find(const struct work *w, const struct track *t, size_t *ret)
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

static void set_gates(const struct outcome *o, struct finding *f, double limit)
{
	size_t earlier = o->track->n - 1; /* their noise is carried over changes of level */
	struct gate *gates = work_alloc(o->w, 4, sizeof *gates);
	double least = o->w->settings->min_effect_pct, size = fabs(f->effect);

	if (!gates)
		return;
	gates[0] = (struct gate){"reference runs", 1, SUITE_STAYED, false};
	gates[1] = (struct gate){"runs that tell the noise", (double)earlier, SUITE_RUNS,
	                         earlier >= SUITE_RUNS};
	gates[2] = (struct gate){"distance from the reference run, %", size, limit, size > limit};
	gates[3] = (struct gate){"effect, %", size, least, size > least};
	f->gates = gates;
	f->n_gates = 4;
}

static void tell(const struct outcome *o, const struct pair *p, int turn, double limit)
{
	struct finding f = change_finding(o, p, turn);
	struct sentence s = {.n = 0};

	if (o->w->failed)
		return;
	f.severity = change_is_worse(o, turn) ? SEVERITY_MEDIUM : SEVERITY_LOW;
	f.verdict = "changed";
	f.state = "suspected";
	f.since = day_of_run(o->w, o->track->points[o->track->n - 1].time_s);
	change_say_what(&s, o);
	change_say(&s, p);
	say(&s, ", against the one run of the baseline; likely, but not sure.");
	f.text = text_of(o->w, &s);
	set_gates(o, &f, limit);
	(void)finding_add(o->w, &f);
}

void reference_tell(const struct outcome *o, const struct pair *p)
{
	const struct fact *delta = dossier_fact(o->w->d, p->delta);
	double limit = 100 * M_SQRT2 * o->verdict->limit;

	if (delta && isfinite(limit) && fabs(delta->value) > limit &&
	    fabs(delta->value) > o->w->settings->min_effect_pct)
		tell(o, p, delta->value > 0 ? 1 : -1, limit);
}
