/* SPDX-License-Identifier: MIT */
/*
 * What the last review suspected and this one, which has another run of it, does not: a reader who
 * was told of it in the morning is told the next morning that it came to nothing.
 */
#include <math.h>

#include "agents/analyst/compared.h"

#define MAX_LAPSED  10 /* findings */
#define LAPSE_FACTS 4  /* of each, at most */

/* The series that a suspicion was about. */
struct lapse {
	struct outcome of;
	size_t since; /* its first run that was suspected; 0: not found */
	double size;  /* how far it is from the runs before */
};

static bool is_told(const struct work *w, const char *key)
{
	for (size_t i = w->d->n_findings; i-- > 0;)
		if (strcmp(w->d->findings[i].key, key) == 0)
			return true;
	for (size_t i = 0; i < w->n_told; i++)
		if (strcmp(change_key(&w->told[i]), key) == 0 ||
		    strcmp(change_group_key(&w->told[i]), key) == 0)
			return true;
	return false;
}

/* Not of a machine, and no drift, which have keys of their own. */
static bool is_of_change(const char *key)
{
	static const enum finding_kind kinds[] = {FINDING_REGRESSION, FINDING_IMPROVEMENT,
	                                          FINDING_CHANGED};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const char *name = finding_kind_name(kinds[i]);

		if (strncmp(key, name, strlen(name)) == 0 && key[strlen(name)] == ':')
			return true;
	}
	return false;
}

/* "regression:SERIES/METRIC/KEY=TEXT@latest": what follows the series, without the mark; NULL:
 * another series. */
static const char *within(struct work *w, const char *key, const char *series)
{
	const char *what = strchr(key, ':'), *mark = "@latest";
	size_t len = strlen(series), n;

	if (!what || strncmp(++what, series, len) != 0 || what[len] != '/')
		return NULL;
	what += len + 1;
	n = strlen(what);
	if (n > strlen(mark) && strcmp(what + n - strlen(mark), mark) == 0)
		n -= strlen(mark);
	return work_printf(w, "%.*s", (int)n, what);
}

/* By itself, or as one of the configurations of a metric. */
static bool is_meant(const struct outcome *o, const char *what)
{
	struct work *w = o->w;
	const struct group *g = o->of->tracks.group;
	const char *all = work_printf(w, "%s/*", g->metrics[o->track->metric].name);

	return all &&
	       (strcmp(what, all) == 0 ||
	        strcmp(what, track_suffix(w, g, o->track->configuration, o->track->metric)) == 0);
}

static size_t run_of(const struct outcome *o, const char *day)
{
	for (size_t i = 0; i < o->track->n; i++)
		if (strcmp(day_of_run(o->w, o->track->points[i].time_s), day) == 0)
			return i;
	return 0;
}

static struct stretch_of_runs runs_before(const struct outcome *o, size_t since)
{
	size_t level = o->verdict->run.before;

	return (struct stretch_of_runs){level < since ? level : 0, since};
}

/* The same data find the same; a drift, or what all series share, is told in its place. */
static bool can_lapse(const struct outcome *o)
{
	const struct suite_verdict *common = &o->of->suite.common;

	return o->track->is_new && !o->verdict->drifts && common->run.state == SUITE_STEADY &&
	       common->level.state == SUITE_STEADY;
}

static void consider(struct lapse *l, const struct outcome *o, const char *day)
{
	size_t since = can_lapse(o) ? run_of(o, day) : 0;
	double before, size;

	if (!since || since + 1 >= o->track->n)
		return;
	before = median_of_runs(o->track, runs_before(o, since));
	size = fabs(median_of_runs(o->track, (struct stretch_of_runs){since, o->track->n}) -
	            before) /
	       fabs(before);
	if (!l->since || size > l->size)
		*l = (struct lapse){*o, since, size};
}

static struct lapse find(struct work *w, const struct past_suspicion *s)
{
	struct lapse ret = {.since = 0};

	for (size_t i = 0; i < w->n_compared && !w->failed; i++) {
		const struct compared_series *c = &w->compared[i];
		const char *what = within(w, s->key, c->tracks.series->key);

		for (size_t k = 0; what && k < c->tracks.n && !w->failed; k++) {
			struct outcome o = outcome_at(w, c, k);

			if (is_meant(&o, what))
				consider(&ret, &o, s->since);
		}
	}
	return ret;
}

static void tell(const struct lapse *l, const struct past_suspicion *suspicion)
{
	const struct outcome *o = &l->of;
	size_t n = o->track->n;
	struct pair p = pair_of_runs(o, runs_before(o, l->since),
	                             (struct stretch_of_runs){l->since, n});
	bool worse = strncmp(suspicion->key, "regression:", strlen("regression:")) == 0;
	struct finding f = change_finding(o, &p, change_is_worse(o, 1) == worse ? 1 : -1);
	struct sentence s = {.n = 0};

	if (!p.now || !p.reference)
		return;
	f.verdict = "undecided";
	f.state = "spike";
	f.key = suspicion->key;
	f.since = suspicion->since;
	f.effect = NO_NUMBER;
	f.facts = finding_facts(o->w, (unsigned[]){p.now, p.reference}, 2, &f.n_facts);
	change_say_what(&s, o);
	say(&s, "is not suspected any more: ");
	say_fact(&s, p.reference);
	say(&s, " before the run of ");
	say_name(&s, f.since);
	say(&s, ", ");
	say_fact(&s, p.now);
	say(&s, " since, too near to tell from noise.");
	f.text = text_of(o->w, &s);
	(void)finding_add(o->w, &f);
}

void lapsed_tell(struct work *w)
{
	const struct past *past = w->d->past;
	struct past_suspicion *list;
	size_t n, told = 0;

	if (!past || !past->suspicions || reference_only(w))
		return;
	if (past->suspicions(past->arg, w->arena, &list, &n) < 0) {
		w->failed = true;
		return;
	}
	for (size_t i = 0; i < n && told < MAX_LAPSED && !w->failed; i++) {
		struct lapse l = {.since = 0};

		if (is_of_change(list[i].key) && !is_told(w, list[i].key) &&
		    facts_room(w, FACTS_DETAIL, LAPSE_FACTS))
			l = find(w, &list[i]);
		if (l.since) {
			tell(&l, &list[i]);
			told++;
		}
	}
}
