/* SPDX-License-Identifier: MIT */
/*
 * What a picture shows better than words. Findings are put in order at the end, so the runs behind
 * them are only noted as they are found; those of the first ones become facts.
 */
#include <math.h>

#include "agents/analyst/compared.h"

#define LINES_MAX  8 /* findings whose runs are drawn */
#define LEAST_RUNS 4 /* fewer are told by two numbers */

struct line {
	struct chart_line chart; /* its runs are still the track's points */
	const struct track *track;
};

void chart_line(const struct outcome *o, const char *key, size_t first, unsigned reference,
                size_t since, double limit)
{
	struct work *w = o->w;

	if (o->track->n < LEAST_RUNS ||
	    !work_grow(w, &w->lines, w->n_lines, &w->cap_lines, sizeof *w->lines))
		return;
	w->lines[w->n_lines++] = (struct line){.chart = {.key = key,
	                                                 .n = o->track->n,
	                                                 .first = first,
	                                                 .reference = reference,
	                                                 .since = since,
	                                                 .limit = limit},
	                                       .track = o->track};
}

const struct label *chart_subject(struct work *w, const struct group *g, size_t configuration)
{
	const struct group_configuration *c = &g->configurations[configuration];
	struct label *subject = work_alloc(w, g->n_keys + 1, sizeof *subject);

	for (size_t k = 0; subject && k < g->n_keys; k++)
		subject[k] = (struct label){g->keys[k], configuration_text(c, g->keys[k])};
	return subject;
}

void chart_shift(const struct outcome *o, unsigned delta)
{
	struct work *w = o->w;
	struct charts *c = &w->d->charts;
	const struct group *g = o->of->tracks.group;
	double limit = reference_only(w) ? reference_of(o)->limit : o->verdict->limit;

	if (!delta || g->repeats || !o->verdict->tested || !(limit > 0) || !isfinite(limit))
		return;
	if (work_grow(w, &c->shifts, c->n_shifts, &w->cap_shifts, sizeof *c->shifts))
		c->shifts[c->n_shifts++] = (struct chart_shift){
			delta, o->track->tonight, 100 * limit,
			chart_subject(w, g, o->track->configuration), g->n_keys};
}

/* The value of each run as a fact; false: there is no room for them. */
static bool tell_runs(struct work *w, struct line *l)
{
	struct chart_run *runs = work_alloc(w, l->chart.n, sizeof *runs);

	if (!runs || !facts_room(w, FACTS_DETAIL, l->chart.n))
		return false;
	for (size_t i = 0; i < l->chart.n; i++) {
		struct track_point *p = &l->track->points[i];

		runs[i] = (struct chart_run){p->time_s, fact_of_earlier(w, l->track, p)};
		if (!p->fact)
			return false;
	}
	l->chart.runs = runs;
	return true;
}

static struct line *line_of(const struct work *w, const char *key)
{
	for (size_t i = 0; i < w->n_lines; i++)
		if (w->lines[i].chart.key == key)
			return &w->lines[i];
	return NULL;
}

/* What somebody has acknowledged or what was over by itself needs no second look. */
static bool is_worth_it(const struct finding *f)
{
	return finding_alarms(f) && f->kind != FINDING_ENVIRONMENT;
}

void charts_settle(struct work *w)
{
	struct charts *c = &w->d->charts;

	c->lines = work_alloc(w, LINES_MAX, sizeof *c->lines);
	for (size_t i = 0; c->lines && i < w->d->n_findings && c->n_lines < LINES_MAX; i++) {
		const struct finding *f = &w->d->findings[i];
		struct line *l = is_worth_it(f) ? line_of(w, f->key) : NULL;

		if (l && tell_runs(w, l))
			c->lines[c->n_lines++] = l->chart;
	}
}
