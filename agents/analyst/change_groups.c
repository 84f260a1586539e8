/* SPDX-License-Identifier: MIT */
/*
 * Changes that are one: metrics of one configuration that went the same way in the same run (mean,
 * median and a percentile of one regression), and many configurations in which one metric did.
 */
#include <math.h>

#include "agents/analyst/compared.h"

#define ALIKE_LEAST 4 /* configurations that are told as one */

static int64_t since_of(const struct told *t)
{
	return t->outcome.track->points[t->change->since].time_s;
}

static bool is_part(const struct told *t)
{
	const struct series *s = t->outcome.of->tracks.series;

	return s->roles[s->metrics[t->outcome.track->metric]].measure.part;
}

/* The changes of one table stand together. */
static bool is_near(const struct told *a, const struct told *b)
{
	return a->outcome.of == b->outcome.of;
}

static bool is_one_event(const struct told *a, const struct told *b)
{
	return is_near(a, b) && a->change->state == b->change->state && a->also == b->also &&
	       since_of(a) == since_of(b) &&
	       change_is_worse(&a->outcome, a->change->turn) ==
	               change_is_worse(&b->outcome, b->change->turn);
}

static double size_of(const struct told *t)
{
	const struct fact *f = dossier_fact(t->outcome.w->d, t->pair.delta);

	return f ? fabs(f->value) : 0;
}

/* The first metric that is not part of another leads; the rest follow in their order. */
static void join_metrics(struct told *list, size_t n, size_t first)
{
	struct told *lead = &list[first], *last;

	for (size_t i = first; i < n && is_near(&list[first], &list[i]); i++)
		if (!list[i].behind && is_one_event(&list[first], &list[i]) &&
		    list[i].outcome.track->configuration ==
		            list[first].outcome.track->configuration &&
		    is_part(lead) && !is_part(&list[i]))
			lead = &list[i];
	last = lead;
	for (size_t i = first; i < n && is_near(&list[first], &list[i]); i++) {
		if (&list[i] == lead || list[i].behind || !is_one_event(lead, &list[i]) ||
		    list[i].outcome.track->configuration != lead->outcome.track->configuration)
			continue;
		list[i].behind = true;
		last->with = &list[i];
		last = &list[i];
	}
}

static bool is_apart(const struct told *t)
{
	return t->behind || t->alone;
}

/* Of the configurations that are alike the one that changed most leads. */
static void join_configurations(struct told *list, size_t n, size_t first)
{
	struct told *lead = &list[first], *last;
	size_t alike = 0;

	for (size_t i = first; i < n && is_near(&list[first], &list[i]); i++) {
		if (is_apart(&list[i]) ||
		    list[i].outcome.track->metric != lead->outcome.track->metric ||
		    !is_one_event(&list[first], &list[i]))
			continue;
		alike++;
		if (size_of(&list[i]) > size_of(lead))
			lead = &list[i];
	}
	if (alike < ALIKE_LEAST)
		return;
	last = lead;
	for (size_t i = first; i < n && is_near(&list[first], &list[i]); i++) {
		if (&list[i] == lead || is_apart(&list[i]) ||
		    list[i].outcome.track->metric != lead->outcome.track->metric ||
		    !is_one_event(lead, &list[i]))
			continue;
		list[i].behind = true;
		last->alike = &list[i];
		last = &list[i];
	}
}

void changes_find(struct work *w)
{
	for (size_t i = 0; i < w->n_told; i++)
		if (!w->told[i].behind)
			join_metrics(w->told, w->n_told, i);
	for (size_t i = 0; i < w->n_told && w->n_acks; i++)
		w->told[i].alone = acks_have(w, change_key(&w->told[i]));
	for (size_t i = 0; i < w->n_told; i++)
		if (!is_apart(&w->told[i]))
			join_configurations(w->told, w->n_told, i);
	for (size_t i = 0; i < w->n_told && !w->failed; i++)
		if (!w->told[i].behind)
			change_find(&w->told[i]);
}
