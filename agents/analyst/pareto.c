/* SPDX-License-Identifier: MIT */
/*
 * Where no configuration of a sweep is among the best by all of its metrics: the Pareto front,
 * which are those that no other one beats. No weights are made up; what differs by less than
 * matters beats nothing.
 */
#include "agents/analyst/ranking.h"

#define OBJECTIVES_MAX 3
#define FRONT_MAX      5 /* configurations that are named; of more the front says nothing */

struct front {
	const struct series *series;
	const struct group *group;
	size_t metrics[OBJECTIVES_MAX], n_metrics;
	size_t members[FRONT_MAX], n; /* n: how many there are, also beyond FRONT_MAX */
};

static const struct fact *value_of(const struct work *w, const struct front *f, size_t i, size_t m)
{
	const struct group *g = f->group;

	return g->configurations[i].failed
	               ? NULL
	               : dossier_fact(w->d, g->cells[i * g->n_metrics + f->metrics[m]].center);
}

static bool same_quantity(const struct group_metric *a, const struct group_metric *b)
{
	return a->quantity && b->quantity && strcmp(a->quantity, b->quantity) == 0;
}

/* The nearest metrics of different quantities: two views of one time are no conflict. */
static void choose_objectives(struct front *f)
{
	const struct group *g = f->group;

	for (size_t m = 0; m < g->n_metrics && f->n_metrics < OBJECTIVES_MAX; m++) {
		bool other = g->metrics[m].best && g->metrics[m].quantity &&
		             !f->series->roles[f->series->metrics[m]].measure.part;

		for (size_t k = 0; k < f->n_metrics && other; k++)
			other = !same_quantity(&g->metrics[m], &g->metrics[f->metrics[k]]);
		if (other)
			f->metrics[f->n_metrics++] = m;
	}
}

static bool is_among_best(const struct ranking *r, size_t configuration)
{
	for (size_t i = 0; i < r->n_rivals; i++)
		if (r->rivals[i].configuration == configuration)
			return r->rivals[i].tied;
	return configuration == r->best;
}

/* One wins all, which saves all tests. */
static bool is_one_winner(const struct front *f)
{
	for (size_t m = 1; m < f->n_metrics; m++)
		if (f->group->metrics[f->metrics[m]].best != f->group->metrics[f->metrics[0]].best)
			return false;
	return true;
}

/* No configuration is in the tie set of each metric. */
static bool is_conflict(struct work *w, const struct front *f, const struct ranking *primary)
{
	struct ranking by[OBJECTIVES_MAX] = {*primary};

	if (is_one_winner(f))
		return false;
	for (size_t m = primary->metric == f->metrics[0]; m < f->n_metrics; m++)
		if (!ranking_of(w, &by[m], f->series, f->group, f->metrics[m]))
			return false;
	for (size_t i = 0; i < f->group->n_configurations; i++) {
		bool best = true;

		for (size_t m = 0; m < f->n_metrics && best; m++)
			best = is_among_best(&by[m], i);
		if (best)
			return false;
	}
	return true;
}

/* +1: a is better by more than min_effect, -1: b is, 0: neither. */
static int compare(enum better better, double a, double b, double min_effect)
{
	double more = better == BETTER_HIGHER ? a - b : b - a, least = min_effect * fabs(b);

	return more > least ? 1 : more < -least ? -1 : 0;
}

static bool is_measured(const struct work *w, const struct front *f, size_t i)
{
	for (size_t m = 0; m < f->n_metrics; m++)
		if (!value_of(w, f, i, m))
			return false;
	return true;
}

static bool dominates(const struct work *w, const struct front *f, size_t a, size_t b)
{
	double min_effect = w->settings->min_effect_pct / 100;
	bool better = false;

	for (size_t m = 0; m < f->n_metrics; m++) {
		int c = compare(f->group->metrics[f->metrics[m]].better,
		                value_of(w, f, a, m)->value, value_of(w, f, b, m)->value,
		                min_effect);

		if (c < 0)
			return false;
		better |= c > 0;
	}
	return better;
}

static bool is_dominated(const struct work *w, const struct front *f, size_t i)
{
	for (size_t k = 0; k < f->group->n_configurations; k++)
		if (k != i && is_measured(w, f, k) && dominates(w, f, k, i))
			return true;
	return false;
}

/* The winner of the first metric comes first: it is what the finding is checked by. */
static void find_members(const struct work *w, struct front *f)
{
	size_t first = f->group->metrics[f->metrics[0]].best - 1;

	for (size_t k = 0; k < f->group->n_configurations; k++) {
		size_t i = k == 0 ? first : k <= first ? k - 1 : k;

		if (!is_measured(w, f, i) || is_dominated(w, f, i))
			continue;
		if (f->n < FRONT_MAX)
			f->members[f->n] = i;
		f->n++;
	}
}

static void say_member(struct work *w, struct sentence *s, const struct front *f, size_t i)
{
	say_configuration(s, f->group, &f->group->configurations[i]);
	say(s, " (");
	for (size_t m = 0; m < f->n_metrics; m++) {
		say(s, m ? ", " : "");
		say_fact(s, value_of(w, f, i, m)->id);
	}
	say(s, ")");
}

static struct text sentence_of(struct work *w, const struct front *f)
{
	struct sentence s = {.n = 0};

	say(&s, "No configuration of ");
	say_group(&s, f->group);
	say(&s, " is among the best in ");
	for (size_t m = 0; m < f->n_metrics; m++) {
		say(&s, m == 0 ? "" : m + 1 == f->n_metrics ? " and " : ", ");
		say_metric(w, &s, f->group, f->metrics[m], false);
	}
	say(&s, " alike. The Pareto front is ");
	for (size_t i = 0; i < f->n; i++) {
		say(&s, i == 0 ? "" : i + 1 == f->n ? " and " : ", ");
		say_member(w, &s, f, f->members[i]);
	}
	say(&s, f->n < f->group->n_configurations ? "; by one of these each other one is beaten."
	                                          : ": it is all of them.");
	return text_of(w, &s);
}

static bool is_member(const struct front *f, size_t configuration)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->members[i] == configuration)
			return true;
	return false;
}

static void draw_front(struct work *w, const struct front *f, const char *key)
{
	struct charts *c = &w->d->charts;
	const struct group *g = f->group;
	struct chart_choice *choices = work_alloc(w, g->n_configurations, sizeof *choices);
	size_t n = 0;

	for (size_t i = 0; choices && i < g->n_configurations; i++) {
		if (!is_measured(w, f, i))
			continue;
		choices[n].x = value_of(w, f, i, 0)->id;
		choices[n].y = value_of(w, f, i, 1)->id;
		choices[n].on_front = is_member(f, i);
		choices[n].n_subject = g->n_keys;
		choices[n++].subject = chart_subject(w, g, i);
	}
	if (choices && work_grow(w, &c->fronts, c->n_fronts, &w->cap_fronts, sizeof *c->fronts))
		c->fronts[c->n_fronts++] = (struct chart_front){key, choices, n, f->n_metrics == 2};
}

static void add_front(struct work *w, const struct front *f)
{
	unsigned facts[FRONT_MAX * OBJECTIVES_MAX];
	struct finding finding = finding_about(w, FINDING_BEST, SEVERITY_INFO, f->group->artifact);
	size_t n = 0;

	if (w->failed)
		return;
	for (size_t i = 0; i < f->n; i++)
		for (size_t m = 0; m < f->n_metrics; m++)
			facts[n++] = value_of(w, f, f->members[i], m)->id;
	finding.facts = finding_facts(w, facts, n, &finding.n_facts);
	finding.key = ranking_key(w, f->series, f->group, "pareto");
	finding.text = sentence_of(w, f);
	draw_front(w, f, finding.key);
	(void)finding_add(w, &finding);
}

void findings_pareto(struct work *w)
{
	for (size_t i = 0; i < w->n_rankings && !w->failed; i++) {
		struct front f = {.series = w->rankings[i].series, .group = w->rankings[i].group};

		if (!w->rankings[i].key || !ranking_is_choice(f.group))
			continue;
		choose_objectives(&f);
		if (f.n_metrics < 2 || !is_conflict(w, &f, &w->rankings[i]))
			continue;
		w->rankings[i].conflict = true;
		find_members(w, &f);
		if (f.n > 1 && f.n <= FRONT_MAX)
			add_front(w, &f);
	}
}
