/* SPDX-License-Identifier: MIT */
/* What all series of a table have in common: a machine that throttles, a driver that came. */
#include <math.h>

#include "agents/analyst/compared.h"

#define MAX_FROM        200 /* series whose ratios the fact stands on */
#define FACTS_OF_RATIO  4   /* each: two stretches of runs, and what lies between them */
#define MAX_DIFFERENCES 4   /* conditions that are named */

/* The tracks' points before and since a run of the suite. */
static bool divide(const struct track *t, const struct suite_change *c,
                   struct stretch_of_runs *reference, struct stretch_of_runs *now)
{
	size_t i = 0;

	while (i < t->n && t->points[i].run < c->before)
		i++;
	reference->first = i;
	while (i < t->n && t->points[i].run < c->since)
		i++;
	reference->end = now->first = i;
	now->end = t->n;
	return reference->end > reference->first && now->end > now->first;
}

static unsigned *ratios_of(struct work *w, const struct compared_series *c,
                           const struct suite_change *change, size_t *ret_n)
{
	unsigned *ratios = work_alloc(w, MAX_FROM, sizeof *ratios);
	struct stretch_of_runs reference, now;

	*ret_n = 0;
	for (size_t i = 0; ratios && i < c->tracks.n && *ret_n < MAX_FROM; i++) {
		const struct outcome o = {.w = w,
		                          .of = c,
		                          .track = &c->tracks.at[i],
		                          .verdict = &c->suite.series[i].v};
		struct pair p;

		if (!o.verdict->shares || !divide(o.track, change, &reference, &now))
			continue;
		p = pair_of_runs(&o, reference, now);
		if (p.ratio)
			ratios[(*ret_n)++] = p.ratio;
	}
	return ratios;
}

/* --- what differs ------------------------------------------------------------------------ */

/* The one text of a column in all rows of a run; NULL: there are several, or none. */
static const char *only_text(const struct view *v, int column)
{
	const char *ret = NULL;

	for (size_t r = 0; column >= 0 && r < v->n_rows; r++) {
		const struct cell c = view_cell(v, r, (size_t)column);

		if (view_row(v, r).failed)
			continue;
		if (!c.text || (ret && strcmp(ret, c.text) != 0))
			return NULL;
		ret = c.text;
	}
	return ret;
}

/* The runs on both sides of the change, as far as the tree holds them. */
static void views_about(const struct compared_series *c, const struct suite_change *change,
                        const struct view **before, const struct view **since)
{
	*before = *since = NULL;
	for (size_t i = 0; i < c->tracks.n; i++) {
		const struct track *t = &c->tracks.at[i];

		for (size_t k = 0; k < t->n; k++) {
			if (t->points[k].run + 1 == change->since)
				*before = t->points[k].view;
			if (t->points[k].run == change->since)
				*since = t->points[k].view;
		}
		if (*before && *since)
			return;
	}
}

/* "; driver was 535.1 and is 550.2": conditions that the artifacts tell of both runs. */
static void say_differences(struct work *w, struct sentence *s, const struct compared_series *c,
                            const struct suite_change *change)
{
	const struct series *series = c->tracks.series;
	const struct view *present = series->views[series->present], *before, *since;
	size_t said = 0;

	views_about(c, change, &before, &since);
	if (!before || !since)
		return;
	for (size_t i = 0; i < present->n_columns && said < MAX_DIFFERENCES; i++) {
		const char *id = present->columns[i].id, *was, *is;

		if (series->roles[i].role != ROLE_COVARIATE)
			continue;
		was = only_text(before, view_find(before, id));
		is = only_text(since, view_find(since, id));
		if (!was || !is || strcmp(was, is) == 0)
			continue;
		say(s, said++ ? ", " : "; what differs between the two runs: ");
		say_name(s, present->columns[i].name);
		say(s, " was ");
		say_name(s, text_tamed(w, was, ERROR_TEXT_BYTES));
		say(s, " and is ");
		say_name(s, text_tamed(w, is, ERROR_TEXT_BYTES));
	}
}

/* --- the finding ------------------------------------------------------------------------- */

static const char *day_of_suite_run(struct work *w, const struct compared_series *c, size_t run)
{
	for (size_t i = 0; i < c->tracks.n; i++)
		for (size_t k = 0; k < c->tracks.at[i].n; k++)
			if (c->tracks.at[i].points[k].run == run)
				return day_of_run(w, c->tracks.at[i].points[k].time_s);
	return NULL;
}

static void say_shift(struct work *w, struct sentence *s, const struct compared_series *c,
                      const struct suite_change *change, unsigned shift)
{
	bool worse = change->turn < 0;

	say(s, "The series of ");
	say_group(s, c->tracks.group);
	say(s, worse ? " got worse together, by " : " got better together, by ");
	say_fact_as(s, shift, AS_SIZE);
	say(s, change->state == SUITE_CONFIRMED ? ", since the run of " : ", in the run of ");
	say_name(s, day_of_suite_run(w, c, change->since));
	say_differences(w, s, c, change);
	say(s, ": look at the machine first.");
}

static void set_gates(struct work *w, struct finding *f, const struct suite_verdict *v,
                      const struct suite_change *change, size_t series)
{
	struct gate *gates = work_alloc(w, 3, sizeof *gates);

	if (!gates)
		return;
	gates[0] = (struct gate){"series", (double)series, SUITE_SERIES, series >= SUITE_SERIES};
	gates[1] = (struct gate){"effect, %", fabs(f->effect), w->settings->min_effect_pct,
	                         fabs(f->effect) > w->settings->min_effect_pct};
	gates[2] = (struct gate){"distance from the earlier runs, %", 100 * v->distance,
	                         100 * v->limit, v->distance > v->limit};
	f->gates = gates;
	f->n_gates = change == &v->run ? 3 : 2;
}

/* The runs that are held against each other; the present one last. */
static const unsigned *artifacts_of(struct work *w, const struct compared_series *c,
                                    const struct suite_change *change, size_t *ret_n)
{
	unsigned *ret = work_alloc(w, 3, sizeof *ret), present = c->tracks.group->artifact;
	const struct view *about[2];

	*ret_n = 0;
	views_about(c, change, &about[0], &about[1]);
	for (size_t i = 0; ret && i < ARRAY_LEN(about); i++)
		if (about[i] && about[i]->artifact->id != present &&
		    (*ret_n == 0 || ret[0] != about[i]->artifact->id))
			ret[(*ret_n)++] = about[i]->artifact->id;
	if (ret)
		ret[(*ret_n)++] = present;
	return ret;
}

static void tell(struct work *w, const struct compared_series *c, const struct suite_change *change)
{
	struct finding f = {.kind = FINDING_ENVIRONMENT, .p = change->p, .p_adjusted = NO_NUMBER};
	unsigned *facts = work_alloc(w, 1, sizeof *facts);
	struct sentence s = {.n = 0};
	unsigned *ratios;
	size_t n;

	ratios = ratios_of(w, c, change, &n);
	if (w->failed || n < SUITE_SERIES)
		return;
	facts[0] = fact_common_shift(w, "shift that the series have in common", ratios, n);
	if (!facts[0] || change->turn * dossier_fact(w->d, facts[0])->value <= 0)
		return;
	f.facts = facts, f.n_facts = 1;
	f.artifacts = artifacts_of(w, c, change, &f.n_artifacts);
	f.effect = dossier_fact(w->d, facts[0])->value;
	f.severity = change->turn > 0                   ? SEVERITY_LOW
	             : change->state == SUITE_CONFIRMED ? SEVERITY_HIGH
	                                                : SEVERITY_MEDIUM;
	f.verdict = "changed";
	f.state = change->state == SUITE_CONFIRMED ? "confirmed" : "suspected";
	f.since = day_of_suite_run(w, c, change->since);
	f.key = work_printf(w, "environment:%s", c->tracks.series->key);
	set_gates(w, &f, &c->suite.common, change, n);
	say_shift(w, &s, c, change, facts[0]);
	f.text = text_of(w, &s);
	(void)finding_add(w, &f);
}

/* NULL: they have nothing in common that is told. */
static const struct suite_change *change_in(const struct suite_verdict *v)
{
	if (v->level.state == SUITE_CONFIRMED)
		return &v->level;
	return v->run.state == SUITE_SUSPECTED || v->run.state == SUITE_CONFIRMED ? &v->run : NULL;
}

static size_t facts_for(const struct compared_series *c)
{
	size_t from = c->tracks.n < MAX_FROM ? c->tracks.n : MAX_FROM;

	return change_in(&c->suite.common) ? FACTS_OF_RATIO * from + 1 : 0;
}

void environment_keep_room(struct work *w, const struct compared_series *c)
{
	facts_keep(w, facts_for(c));
}

void environment_tell(struct work *w, const struct compared_series *c)
{
	const struct suite_change *change = change_in(&c->suite.common);

	facts_release(w, facts_for(c));
	if (change)
		tell(w, c, change);
}
