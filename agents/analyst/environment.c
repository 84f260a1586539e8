/* SPDX-License-Identifier: MIT */
/*
 * What all series of a table have in common, or of several tables of one machine: it throttles, a
 * driver came.
 */
#include <math.h>

#include "agents/analyst/conditions.h"
#include "agents/analyst/gap.h"
#include "agents/analyst/machine_shift.h"

#define MAX_FROM       200 /* series whose ratios the fact stands on */
#define FACTS_OF_RATIO 4   /* each: two stretches of runs, and what lies between them */
#define MAX_ARTIFACTS  12  /* that a finding about many tables points at */
#define PART           .5  /* of the shift: a table that moves so far has part in it */

/* A table that has part in it. */
struct sharer {
	const struct compared_series *of;
	const uint32_t *night; /* by run of the table; NULL: the runs themselves */
};

struct event {
	struct work *w;
	const struct suite_verdict *verdict;
	const struct suite_change *change;
	struct sharer *parts;
	size_t n;
	const char *machine; /* of all of its tables; NULL: of one table */
	bool one_run;        /* against that of a chosen review */
};

static const struct group *group_of(const struct sharer *p)
{
	return p->of->tracks.group;
}

static size_t night_of(const struct sharer *p, const struct track_point *point)
{
	return p->night ? p->night[point->run] : point->run;
}

/* The tracks' points before and since the change. */
static bool divide(const struct sharer *p, const struct track *t, const struct suite_change *c,
                   struct stretch_of_runs *reference, struct stretch_of_runs *now)
{
	size_t i = 0;

	while (i < t->n && night_of(p, &t->points[i]) < c->before)
		i++;
	reference->first = i;
	while (i < t->n && night_of(p, &t->points[i]) < c->since)
		i++;
	reference->end = now->first = i;
	now->end = t->n;
	return reference->end > reference->first && now->end > now->first;
}

/* What of a track is held against what. */
static bool stretches(const struct event *e, const struct sharer *p, size_t track,
                      struct stretch_of_runs *reference, struct stretch_of_runs *now)
{
	const struct track *t = &p->of->tracks.at[track];

	if (!e->one_run)
		return divide(p, t, e->change, reference, now);
	*reference = (struct stretch_of_runs){p->of->against[track].at,
	                                      p->of->against[track].at + 1};
	*now = (struct stretch_of_runs){t->n - 1, t->n};
	return p->of->against[track].there;
}

/* --- which tables have part in it -------------------------------------------------------- */

/* How far its series moved, as logarithms, better being up; 0: they did not, or none did. */
static double moved(struct work *w, const struct sharer *p, const struct suite_change *change)
{
	const struct compared_series *c = p->of;
	CLEANUP(freep) double *logs = calloc(c->tracks.n + 1, sizeof *logs);
	struct stretch_of_runs reference, now;
	size_t n = 0;

	w->failed |= !logs;
	for (size_t i = 0; logs && i < c->tracks.n; i++) {
		const struct track *t = &c->tracks.at[i];

		if (c->suite.series[i].v.shares && divide(p, t, change, &reference, &now))
			logs[n++] = c->suite.series[i].better *
			            log(median_of_runs(t, now) / median_of_runs(t, reference));
	}
	return n ? numbers_quantile(logs, n, .5) : 0;
}

/* NULL: they have nothing in common that is told. */
static const struct suite_change *change_in(const struct suite_verdict *v)
{
	if (v->level.state == SUITE_CONFIRMED)
		return &v->level;
	return v->run.state == SUITE_SUSPECTED || v->run.state == SUITE_CONFIRMED ? &v->run : NULL;
}

static double shift_of(const struct machine_shift *m, const struct suite_change *c)
{
	CLEANUP(freep) double *scratch = calloc(m->nights + 1, sizeof *scratch);
	size_t end = c == &m->suite.common.run ? c->since + 1 : m->nights;
	double now, before;

	if (!scratch)
		return 0;
	memcpy(scratch, m->suite.shift + c->since, (end - c->since) * sizeof *scratch);
	now = numbers_quantile(scratch, end - c->since, .5);
	memcpy(scratch, m->suite.shift + c->before, (c->since - c->before) * sizeof *scratch);
	before = numbers_quantile(scratch, c->since - c->before, .5);
	return now - before;
}

static struct event event_of_machine(struct work *w, const struct machine_shift *m)
{
	struct event e = {.w = w,
	                  .verdict = &m->suite.common,
	                  .change = change_in(&m->suite.common),
	                  .machine = m->machine};
	double all;

	if (!e.change || e.change->since <= e.change->before)
		return e;
	all = shift_of(m, e.change);
	e.parts = work_alloc(w, m->n, sizeof *e.parts);
	for (size_t i = 0; e.parts && i < m->n && !w->failed; i++) {
		struct sharer p = {m->tables[i].of, m->tables[i].night};

		if (moved(w, &p, e.change) * (all > 0 ? 1 : -1) >= PART * fabs(all) &&
		    fabs(all) > 0)
			e.parts[e.n++] = p;
	}
	return e;
}

/* The table tells the same of itself; where a level begins may be a night off. */
static bool is_told_by(const struct event *e, const struct compared_series *c,
                       const struct suite_change *own)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct sharer *p = &e->parts[i];

		if (p->of == c)
			return own->turn == e->change->turn &&
			       p->night[own->since] + 1 >= e->change->since &&
			       p->night[own->since] <= e->change->since + 1;
	}
	return false;
}

/* --- what differs ------------------------------------------------------------------------ */

static bool runs_against_one(const struct compared_series *c, struct run_at ret[static 2])
{
	for (size_t i = 0; i < c->tracks.n; i++) {
		const struct track_point *points = c->tracks.at[i].points;
		const struct track_point *now = &points[c->tracks.at[i].n - 1];
		const struct track_point *one = &points[c->against[i].at];

		if (!c->against[i].there)
			continue;
		ret[0] = (struct run_at){one->view, one->time_s};
		ret[1] = (struct run_at){now->view, now->time_s};
		return true;
	}
	return false;
}

/* The runs on both sides of the change. */
static bool runs_about(const struct event *e, const struct sharer *p, struct run_at ret[static 2])
{
	struct stretch_of_runs reference, now;

	if (e->one_run)
		return runs_against_one(p->of, ret);
	for (size_t i = 0; i < p->of->tracks.n; i++) {
		const struct track *t = &p->of->tracks.at[i];

		if (!divide(p, t, e->change, &reference, &now))
			continue;
		for (size_t side = 0; side < 2; side++) {
			const struct track_point *at = &t->points[now.first - 1 + side];

			ret[side] = (struct run_at){at->view, at->time_s};
		}
		return true;
	}
	return false;
}

/* --- the finding ------------------------------------------------------------------------- */

/* A share of them of each table. */
static unsigned *ratios_of(const struct event *e, size_t *ret_n)
{
	unsigned *ratios = work_alloc(e->w, MAX_FROM, sizeof *ratios);
	struct stretch_of_runs reference, now;

	*ret_n = 0;
	for (size_t i = 0; ratios && i < e->n; i++) {
		const struct sharer *part = &e->parts[i];
		size_t left = MAX_FROM - *ret_n, most = (left + e->n - i - 1) / (e->n - i);

		for (size_t k = 0; k < part->of->tracks.n && most; k++) {
			const struct outcome o = {.w = e->w,
			                          .of = part->of,
			                          .track = &part->of->tracks.at[k],
			                          .verdict = &part->of->suite.series[k].v};
			struct pair p;

			if (!o.verdict->shares || !stretches(e, part, k, &reference, &now))
				continue;
			p = pair_of_runs(&o, reference, now);
			if (!p.ratio)
				continue;
			ratios[(*ret_n)++] = p.ratio;
			most--;
		}
	}
	return ratios;
}

static const char *day_of(const struct event *e, size_t night)
{
	for (size_t p = 0; p < e->n; p++) {
		const struct tracks *t = &e->parts[p].of->tracks;

		for (size_t i = 0; i < t->n; i++)
			for (size_t k = 0; k < t->at[i].n; k++)
				if (night_of(&e->parts[p], &t->at[i].points[k]) == night)
					return day_of_run(e->w, t->at[i].points[k].time_s);
	}
	return NULL;
}

static void say_tables(const struct event *e, struct sentence *s)
{
	if (!e->machine) {
		say_group(s, group_of(&e->parts[0]));
		return;
	}
	for (size_t i = 0; i < e->n; i++)
		gap_name(s, group_of(&e->parts[i])->title, i, e->n);
}

static void say_shift(const struct event *e, struct sentence *s, unsigned shift)
{
	struct differences d = {.n = 0};
	bool worse = e->change->turn < 0;
	struct run_at runs[2];

	say(s, "The series of ");
	say_tables(e, s);
	say(s, worse ? " got worse together, by " : " got better together, by ");
	say_fact_as(s, shift, AS_SIZE);
	say(s, e->change->state == SUITE_CONFIRMED ? ", since the run of " : ", in the run of ");
	say_name(s, day_of(e, e->change->since));
	for (size_t i = 0; i < e->n && d.n < MAX_DIFFERENCES; i++)
		if (runs_about(e, &e->parts[i], runs))
			conditions_say(e->w, s, &e->parts[i].of->tracks, runs, &d);
	say(s, ": look at the machine first.");
}

static void set_gates(const struct event *e, struct finding *f, size_t series)
{
	double least = e->w->settings->min_effect_pct;
	struct gate *gates = work_alloc(e->w, 3, sizeof *gates);

	if (!gates)
		return;
	gates[0] = (struct gate){"series", (double)series, SUITE_SERIES, series >= SUITE_SERIES};
	gates[1] = (struct gate){"effect, %", fabs(f->effect), least, fabs(f->effect) > least};
	gates[2] = (struct gate){"distance from the earlier runs, %", 100 * e->verdict->distance,
	                         100 * e->verdict->limit, e->verdict->distance > e->verdict->limit};
	f->gates = gates;
	f->n_gates = e->change == &e->verdict->run ? 3 : 2;
}

/* The runs that are held against each other; the present one last. Of many tables that only. */
static void point_at(const struct event *e, struct finding *f)
{
	struct gap g = {0};
	struct run_at about[2] = {{0}};

	if (!e->machine)
		(void)runs_about(e, &e->parts[0], about);
	for (size_t i = 0; i < ARRAY_LEN(about); i++)
		if (about[i].view &&
		    about[i].view->artifact->id != group_of(&e->parts[0])->artifact)
			gap_artifact(e->w, &g, about[i].view->artifact->id);
	for (size_t i = 0; i < e->n && i < MAX_ARTIFACTS; i++)
		gap_artifact(e->w, &g, group_of(&e->parts[i])->artifact);
	f->artifacts = g.artifacts;
	f->n_artifacts = g.finding.n_artifacts;
}

static const char *key_of(const struct event *e)
{
	if (!e->machine)
		return work_printf(e->w, "environment:%s", e->parts[0].of->tracks.series->key);
	return work_printf(e->w, ENVIRONMENT_OF_MACHINE "%s%s", *e->machine ? " " : "", e->machine);
}

/* False: there is nothing to tell. */
static bool tell(const struct event *e)
{
	const struct suite_change *change = e->change;
	struct finding f = {.kind = FINDING_ENVIRONMENT, .p = change->p, .p_adjusted = NO_NUMBER};
	struct work *w = e->w;
	unsigned *facts = work_alloc(w, 1, sizeof *facts);
	struct sentence s = {.n = 0};
	unsigned *ratios;
	size_t n;

	ratios = ratios_of(e, &n);
	if (w->failed || n < SUITE_SERIES)
		return false;
	facts[0] = fact_common_shift(w, "shift that the series have in common", ratios, n);
	if (!facts[0] || change->turn * dossier_fact(w->d, facts[0])->value <= 0)
		return false;
	f.facts = facts, f.n_facts = 1;
	point_at(e, &f);
	f.effect = dossier_fact(w->d, facts[0])->value;
	f.severity = change->turn > 0                   ? SEVERITY_LOW
	             : change->state == SUITE_CONFIRMED ? SEVERITY_HIGH
	                                                : SEVERITY_MEDIUM;
	f.verdict = "changed";
	f.state = change->state == SUITE_CONFIRMED ? "confirmed" : "suspected";
	f.since = day_of(e, change->since);
	f.key = key_of(e);
	set_gates(e, &f, n);
	say_shift(e, &s, facts[0]);
	f.text = text_of(w, &s);
	return finding_add(w, &f) != NULL;
}

/* --- of a review ------------------------------------------------------------------------- */

static size_t facts_for(size_t series)
{
	return FACTS_OF_RATIO * (series < MAX_FROM ? series : MAX_FROM) + 1;
}

/* The machine on the night of the chosen review, and tonight. */
static void tell_against_one(struct work *w, const struct compared_series *c)
{
	struct sharer part = {.of = c};
	struct suite_verdict v = {.distance = fabs(expm1(c->shift)), .limit = c->shift_limit};
	struct event e = {
		.w = w, .verdict = &v, .change = &v.run, .parts = &part, .n = 1, .one_run = true};

	if (!c->against || !(v.distance > v.limit))
		return;
	v.run = (struct suite_change){.state = SUITE_SUSPECTED,
	                              .turn = c->shift > 0 ? 1 : -1,
	                              .since = c->tracks.n_runs - 1,
	                              .p = c->shift_p};
	(void)tell(&e);
}

void environment_keep_room(struct work *w)
{
	for (size_t i = 0; i < w->n_compared; i++)
		if (change_in(&w->compared[i].suite.common))
			facts_keep(w, facts_for(w->compared[i].tracks.n));
	for (size_t i = 0; i < w->n_machines; i++)
		if (change_in(&w->machines[i].suite.common))
			facts_keep(w, facts_for(w->machines[i].suite.n));
}

static bool is_told(const struct event *machines, size_t n, const struct compared_series *c,
                    const struct suite_change *own)
{
	for (size_t i = 0; i < n; i++)
		if (is_told_by(&machines[i], c, own))
			return true;
	return false;
}

/* What several tables tell is one finding; what a table tells alone, one more. */
void environment_tell(struct work *w)
{
	struct event *machines = work_alloc(w, w->n_machines, sizeof *machines);
	size_t n = 0;

	facts_release(w, w->facts.kept);
	if (reference_only(w)) {
		for (size_t i = 0; i < w->n_compared && !w->failed; i++)
			tell_against_one(w, &w->compared[i]);
		return;
	}
	for (size_t i = 0; machines && i < w->n_machines && !w->failed; i++) {
		machines[n] = event_of_machine(w, &w->machines[i]);
		n += machines[n].n > 1 && tell(&machines[n]);
	}
	for (size_t i = 0; i < w->n_compared && !w->failed; i++) {
		struct sharer part = {.of = &w->compared[i]};
		struct event e = {.w = w,
		                  .verdict = &part.of->suite.common,
		                  .change = change_in(&part.of->suite.common),
		                  .parts = &part,
		                  .n = 1};

		if (e.change && !is_told(machines, n, part.of, e.change))
			(void)tell(&e);
	}
}
