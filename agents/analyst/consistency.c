/* SPDX-License-Identifier: MIT */
/*
 * A file that restates another one must agree with it: `x_summary.csv` or `x.md` beside `x.csv`.
 * What is compared are the same configurations and metrics in the same unit; a mean by its name
 * ("mean_tokens_s", "tokens_s_mean") with the mean of the values, and so on. A number written with
 * few digits agrees within half a unit of the last of them.
 */
#include <math.h>

#include "agents/analyst/gap.h"
#include "agents/analyst/restated.h"

#define MAX_CONTRADICTIONS 10      /* findings: of so many pairs of tables */
#define MAX_PAIRS          2000000 /* configurations held against each other */

struct contradiction {
	const struct group *summary, *raw;
	size_t metric, configuration; /* of the summary: the worst */
	unsigned said, found;
	double off;
	size_t n, compared;
};

static void compare_cell(const struct work *w, struct contradiction *c, size_t configuration,
                         size_t metric, unsigned said, unsigned found)
{
	const struct fact *a = dossier_fact(w->d, said), *b = dossier_fact(w->d, found);
	double off;

	if (!a || !b || a->n != 1)
		return; /* several numbers are no statement of one */
	c->compared++;
	if (restated_agrees(a->value, b->value))
		return;
	c->n++;
	off = fabs(a->value - b->value) / fmax(fabs(b->value), 1e-300);
	if (off <= c->off)
		return;
	c->off = off;
	c->metric = metric, c->configuration = configuration;
	c->said = said, c->found = found;
}

static void compare_metric(const struct work *w, struct contradiction *c, size_t metric,
                           size_t raw_metric, enum restated as, const int *matches)
{
	const struct group *s = c->summary, *r = c->raw;

	for (size_t i = 0; i < s->n_configurations; i++) {
		const struct group_cell *cell;

		if (matches[i] < 0)
			continue;
		cell = &r->cells[(size_t)matches[i] * r->n_metrics + raw_metric];
		compare_cell(w, c, i, metric, s->cells[i * s->n_metrics + metric].center,
		             restated_fact(cell, as));
	}
}

static void say_contradiction(struct work *w, struct gap *g, const struct contradiction *c)
{
	const struct group *s = c->summary;

	say_group(&g->text, s);
	say(&g->text, " says ");
	say_fact(&g->text, c->said);
	say(&g->text, " for ");
	say_name(&g->text, s->metrics[c->metric].name);
	if (has_configuration_name(s)) {
		say(&g->text, " of ");
		say_configuration(&g->text, s, &s->configurations[c->configuration]);
	}
	say(&g->text, ", but ");
	say_group(&g->text, c->raw);
	say(&g->text, " gives ");
	say_fact(&g->text, c->found);
	say(&g->text, c->n > 1 ? "; that is the largest of several differences." : ".");
	gap_fact(w, g, c->said);
	gap_fact(w, g, c->found);
}

static void add(struct work *w, const struct contradiction *c)
{
	struct gap g = gap_new(SEVERITY_MEDIUM);

	g.finding.kind = FINDING_CONTRADICTION;
	g.finding.effect = 100 * c->off;
	gap_artifact(w, &g, c->summary->artifact);
	gap_artifact(w, &g, c->raw->artifact);
	say_contradiction(w, &g, c);
	(void)gap_add(w, &g,
	              work_printf(w, "contradiction:%s#%s", c->summary->path, c->summary->where));
}

static bool compare_groups(struct work *w, const struct group *summary, const struct group *raw)
{
	struct contradiction c = {.summary = summary, .raw = raw};
	const int *matches = NULL;

	for (size_t m = 0; m < summary->n_metrics; m++) {
		enum restated as;
		size_t raw_metric;

		if (!restated_metric(raw, &summary->metrics[m], &raw_metric, &as))
			continue;
		if (!matches && !(matches = restated_configurations(w, summary, raw)))
			return false;
		compare_metric(w, &c, m, raw_metric, as, matches);
	}
	if (c.n)
		add(w, &c);
	return c.n > 0;
}

void consistency_check(struct work *w)
{
	size_t told = 0, pairs = 0;

	for (size_t i = 0; i < w->d->n_groups; i++)
		for (size_t k = 0; k < w->d->n_groups && !w->failed; k++) {
			const struct group *s = &w->d->groups[i], *r = &w->d->groups[k];

			if (i == k || !restated_file(s, r))
				continue;
			pairs += s->n_configurations * r->n_configurations;
			if (told == MAX_CONTRADICTIONS || pairs > MAX_PAIRS)
				return;
			told += compare_groups(w, s, r);
		}
}
