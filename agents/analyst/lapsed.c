/* SPDX-License-Identifier: MIT */
/*
 * What the last review suspected and this one, which has another run of it, does not: a reader who
 * was told of it in the morning is told the next morning that it came to nothing.
 */
#include <math.h>

#include "agents/analyst/compared.h"

#define MAX_LAPSED  10 /* findings */
#define LAPSE_FACTS 4  /* of each, at most */

/* A suspicion that tonight says nothing of, and the series that it was about. */
struct lapse {
	const struct past_suspicion *suspicion;
	struct outcome of;
	size_t since; /* its first run that was suspected; 0: not found */
	double size;  /* how far it is from the runs before */
};

struct lapses {
	struct lapse *at;
	struct strmap names; /* of series, as within a key; their numbers are those of `at` */
};

static void note_key(struct work *w, struct strmap *keys, const char *key)
{
	size_t at;

	w->failed |= !key || strmap_add(keys, str_of(key), &at) < 0;
}

/* What tonight says something of, by itself or with others. */
static void read_told(struct work *w, struct strmap *keys)
{
	for (size_t i = 0; i < w->d->n_findings && !w->failed; i++)
		note_key(w, keys, w->d->findings[i].key);
	for (size_t i = 0; i < w->n_told && !w->failed; i++) {
		note_key(w, keys, change_key(&w->told[i]));
		note_key(w, keys, change_group_key(&w->told[i]));
	}
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

/* "regression:SERIES/METRIC/KEY=TEXT@latest": what stands between the colon and the mark. */
static struct str name_in(const char *key)
{
	static const char mark[] = "@latest";
	const char *what = strchr(key, ':') + 1;
	size_t n = strlen(what), tail = sizeof mark - 1;

	if (n > tail && memcmp(what + n - tail, mark, tail) == 0)
		n -= tail;
	return (struct str){what, n};
}

/* Those of last night's suspicions that are not told of. */
static void read_open(struct work *w, struct lapses *ret, const struct past_suspicion *list,
                      size_t n)
{
	struct strmap told = {.arena = w->arena};
	size_t at;

	*ret = (struct lapses){.at = work_alloc(w, n, sizeof *ret->at),
	                       .names = {.arena = w->arena}};
	read_told(w, &told);
	for (size_t i = 0; i < n && !w->failed; i++) {
		if (!is_of_change(list[i].key) || strmap_find(&told, str_of(list[i].key), &at))
			continue;
		w->failed |= strmap_add(&ret->names, name_in(list[i].key), &at) < 0;
		if (!w->failed && !ret->at[at].suspicion)
			ret->at[at].suspicion = &list[i];
	}
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

static bool is_told_of(const struct outcome *o)
{
	for (size_t i = 0; i < o->w->n_told; i++)
		if (o->w->told[i].outcome.track == o->track)
			return true;
	return false;
}

/* The same data find the same; another change, a drift, or what all series share, is told in its
 * place. */
static bool can_lapse(const struct outcome *o)
{
	const struct suite_verdict *common = &o->of->suite.common;

	return o->track->is_new && !is_told_of(o) && !o->verdict->drifts &&
	       common->run.state == SUITE_STEADY && common->level.state == SUITE_STEADY;
}

static void consider(struct lapse *l, const struct outcome *o)
{
	size_t since = can_lapse(o) ? run_of(o, l->suspicion->since) : 0;
	double before, size;

	if (!since || since + 1 >= o->track->n)
		return;
	before = median_of_runs(o->track, runs_before(o, since));
	size = fabs(median_of_runs(o->track, (struct stretch_of_runs){since, o->track->n}) -
	            before) /
	       fabs(before);
	if (!l->since || size > l->size)
		*l = (struct lapse){l->suspicion, *o, since, size};
}

static void find_named(struct lapses *l, const struct outcome *o, const char *name)
{
	size_t at;

	if (name && strmap_find(&l->names, str_of(name), &at))
		consider(&l->at[at], o);
}

/* By itself, or as one of the configurations of a metric. */
static void find(struct lapses *l, const struct outcome *o)
{
	struct work *w = o->w;
	const struct group *g = o->of->tracks.group;
	const char *series = o->of->tracks.series->key;
	size_t metric = o->track->metric;
	struct arena_mark mark = arena_mark(w->arena);

	find_named(l, o,
	           work_printf(w, "%s/%s", series,
	                       track_suffix(w, g, o->track->configuration, metric)));
	find_named(l, o, work_printf(w, "%s/%s/*", series, g->metrics[metric].name));
	arena_rewind(w->arena, &mark);
}

static void tell(const struct lapse *l)
{
	const struct past_suspicion *suspicion = l->suspicion;
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
	struct lapses l;
	size_t n, told = 0;

	if (!past || !past->suspicions || reference_only(w))
		return;
	if (past->suspicions(past->arg, w->arena, &list, &n) < 0) {
		w->failed = true;
		return;
	}
	if (!n)
		return;
	read_open(w, &l, list, n);
	for (size_t i = 0; l.names.n && i < w->n_compared && !w->failed; i++)
		for (size_t k = 0; k < w->compared[i].tracks.n && !w->failed; k++) {
			struct outcome o = outcome_at(w, &w->compared[i], k);

			find(&l, &o);
		}
	for (size_t i = 0; i < l.names.n && told < MAX_LAPSED && !w->failed; i++)
		if (l.at[i].since && facts_room(w, FACTS_DETAIL, LAPSE_FACTS)) {
			tell(&l.at[i]);
			told++;
		}
}
