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

static struct text text_of_difference(const struct outcome *o, const struct pair *p)
{
	const struct group *g = o->of->tracks.group;
	struct sentence s = {.n = 0};

	say_metric(o->w, &s, g, o->track->metric, true);
	if (has_configuration_name(g)) {
		say(&s, " of ");
		say_configuration(&s, g, &g->configurations[o->track->configuration]);
	}
	say(&s, " (");
	say_group(&s, g);
	say(&s, ") ");
	say_fact_as(&s, p->delta, AS_DIRECTION);
	say(&s, " by ");
	say_fact_as(&s, p->delta, AS_SIZE);
	say(&s, ", from ");
	say_fact(&s, p->reference);
	say(&s, " to ");
	say_fact(&s, p->now);
	say(&s, ", against the one run of the baseline; likely, but not sure.");
	return text_of(o->w, &s);
}

static void tell(const struct outcome *o, const struct pair *p, double change, double limit)
{
	struct work *w = o->w;
	const struct group *g = o->of->tracks.group;
	enum better better = g->metrics[o->track->metric].better;
	bool worse = (change > 0) == (better == BETTER_LOWER);
	unsigned *facts = work_alloc(w, 3, sizeof *facts);
	unsigned *artifacts = work_alloc(w, 1, sizeof *artifacts);
	struct finding f = {.kind = better == BETTER_NONE ? FINDING_CHANGED
	                            : worse               ? FINDING_REGRESSION
	                                                  : FINDING_IMPROVEMENT,
	                    .severity = worse && better != BETTER_NONE ? SEVERITY_MEDIUM
	                                                               : SEVERITY_LOW,
	                    .verdict = "changed",
	                    .state = "suspected",
	                    .p = NO_NUMBER,
	                    .p_adjusted = NO_NUMBER,
	                    .effect = change};

	if (w->failed)
		return;
	facts[0] = p->delta, facts[1] = p->now, facts[2] = p->reference;
	f.facts = facts, f.n_facts = 3;
	artifacts[0] = g->artifact;
	f.artifacts = artifacts, f.n_artifacts = 1;
	f.since = day_of_run(w, o->track->points[o->track->n - 1].time_s);
	f.key = work_printf(w, "%s:%s/%s", finding_kind_name(f.kind), o->of->tracks.series->key,
	                    track_suffix(w, g, o->track->configuration, o->track->metric));
	f.text = text_of_difference(o, p);
	set_gates(o, &f, limit);
	(void)finding_add(w, &f);
}

void reference_tell(const struct outcome *o, const struct pair *p)
{
	const struct fact *delta = dossier_fact(o->w->d, p->delta);
	double limit = 100 * M_SQRT2 * o->verdict->limit;

	if (delta && isfinite(limit) && fabs(delta->value) > limit &&
	    fabs(delta->value) > o->w->settings->min_effect_pct)
		tell(o, p, delta->value, limit);
}
