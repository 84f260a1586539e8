/* SPDX-License-Identifier: MIT */
/* Findings in their order, and metrics that scatter within the present run. */
#include "agents/analyst/work.h"

#include <math.h>

#define HIGH_CV         .25 /* stdev over |mean| beyond which a mean says little */
#define MIN_REPETITIONS 5
#define MAX_VARIANCE    10 /* such findings; the most extreme ones */

struct finding finding_about(struct work *w, enum finding_kind kind, enum severity severity,
                             unsigned artifact)
{
	unsigned *artifacts = work_alloc(w, 1, sizeof *artifacts);

	if (artifacts)
		artifacts[0] = artifact;
	return (struct finding){.kind = kind,
	                        .severity = severity,
	                        .p = NO_NUMBER,
	                        .p_adjusted = NO_NUMBER,
	                        .effect = NO_NUMBER,
	                        .artifacts = artifacts,
	                        .n_artifacts = 1};
}

struct finding *finding_add(struct work *w, const struct finding *f)
{
	struct dossier *d = w->d;
	struct finding *ret;

	if (!work_grow(w, &d->findings, d->n_findings, &w->cap_findings, sizeof *d->findings))
		return NULL;
	ret = &d->findings[d->n_findings++];
	*ret = *f;
	ret->id = (unsigned)d->n_findings;
	if (!ret->since)
		ret->since = w->settings->today;
	acknowledge(w, ret);
	return ret;
}

unsigned *finding_facts(struct work *w, const unsigned *from, size_t n, size_t *ret_n)
{
	unsigned *to = work_alloc(w, n, sizeof *to);

	*ret_n = 0;
	for (size_t i = 0; to && i < n; i++)
		if (from[i])
			to[(*ret_n)++] = from[i];
	return to;
}

struct scatter {
	const struct series *series;
	const struct group *group;
	size_t configuration, metric;
	double cv;
};

/* A cold start, outliers or two modes that were found say why they scatter. */
static bool is_explained(const struct work *w, const struct group *g, size_t cell)
{
	return w->explained && w->explained[g->id - 1] && w->explained[g->id - 1][cell];
}

/* The configuration and metric of a group whose values scatter most. */
static bool find_scatter(const struct work *w, struct scatter *s)
{
	const struct group *g = s->group;

	s->cv = HIGH_CV;
	for (size_t i = 0; i < g->n_configurations * g->n_metrics; i++) {
		const struct fact *cv = dossier_fact(w->d, g->cells[i].cv);

		if (!cv || g->metrics[i % g->n_metrics].better == BETTER_NONE ||
		    g->metrics[i % g->n_metrics].derived || cv->n < MIN_REPETITIONS ||
		    cv->value <= s->cv || is_explained(w, g, i))
			continue;
		s->cv = cv->value;
		s->configuration = i / g->n_metrics;
		s->metric = i % g->n_metrics;
	}
	return s->cv > HIGH_CV;
}

static void keep_scatter(struct scatter *list, size_t *n, const struct scatter *s)
{
	size_t at = *n;

	if (at == MAX_VARIANCE && s->cv <= list[at - 1].cv)
		return;
	if (at < MAX_VARIANCE)
		++*n;
	else
		at--;
	for (; at > 0 && list[at - 1].cv < s->cv; at--)
		list[at] = list[at - 1];
	list[at] = *s;
}

static void add_scatter(struct work *w, const struct scatter *s)
{
	const struct group *g = s->group;
	const struct group_cell *cell = &g->cells[s->configuration * g->n_metrics + s->metric];
	unsigned facts[] = {cell->cv, cell->min, cell->max, cell->center};
	struct gate *gate = work_alloc(w, 2, sizeof *gate);
	struct sentence text = {.n = 0};
	struct finding f = finding_about(w, FINDING_HIGH_VARIANCE, SEVERITY_LOW, g->artifact);

	if (w->failed)
		return;
	f.facts = finding_facts(w, facts, ARRAY_LEN(facts), &f.n_facts);
	gate[0] = (struct gate){"coefficient of variation", s->cv, HIGH_CV, true};
	gate[1] = (struct gate){"repetitions", (double)dossier_fact(w->d, cell->cv)->n,
	                        MIN_REPETITIONS, true};
	f.gates = gate, f.n_gates = 2;
	f.key = work_printf(w, "high_variance:%s/%s", s->series->key, g->metrics[s->metric].name);
	say_name(&text, g->metrics[s->metric].name);
	say(&text, " scatters in ");
	say_group(&text, g);
	if (g->n_keys) {
		say(&text, ", most for ");
		say_configuration(&text, g, &g->configurations[s->configuration]);
	}
	say(&text, ": from ");
	say_fact(&text, cell->min);
	say(&text, " to ");
	say_fact(&text, cell->max);
	say(&text, " about a median of ");
	say_fact(&text, cell->center);
	say(&text, " (coefficient of variation ");
	say_fact(&text, cell->cv);
	say(&text, ").");
	f.text = text_of(w, &text);
	(void)finding_add(w, &f);
}

void findings_variance(struct work *w)
{
	struct scatter list[MAX_VARIANCE];
	size_t n = 0;

	for (size_t i = 0; i < w->n_series; i++) {
		struct scatter s = {.series = &w->series[i]};

		if (!s.series->group)
			continue;
		s.group = &w->d->groups[s.series->group - 1];
		if (find_scatter(w, &s))
			keep_scatter(list, &n, &s);
	}
	for (size_t i = 0; i < n && !w->failed; i++)
		add_scatter(w, &list[i]);
}

/* What alarms, then what is broken, then what is good to know; the rest as it was found. */
static int order_of_kind(enum finding_kind k)
{
	static const int order[FINDING_KIND_COUNT] = {[FINDING_ENVIRONMENT] = 0,
	                                              [FINDING_REGRESSION] = 1,
	                                              [FINDING_EXPECTATION_MISSED] = 2,
	                                              [FINDING_CONTRADICTION] = 3,
	                                              [FINDING_GAP] = 4,
	                                              [FINDING_VANISHED] = 5,
	                                              [FINDING_IMPROVEMENT] = 6,
	                                              [FINDING_CHANGED] = 7,
	                                              [FINDING_TREND] = 8,
	                                              [FINDING_BEST] = 9,
	                                              [FINDING_CONCURRENCY] = 10,
	                                              [FINDING_EXPECTATION_MET] = 11,
	                                              [FINDING_NEW] = 12,
	                                              [FINDING_OUTLIER] = 13,
	                                              [FINDING_HIGH_VARIANCE] = 14};

	return order[k];
}

static int compare_findings(const void *x, const void *y)
{
	const struct finding *a = x, *b = y;
	double size_a = isfinite(a->effect) ? fabs(a->effect) : 0;
	double size_b = isfinite(b->effect) ? fabs(b->effect) : 0;

	if (a->severity != b->severity)
		return (int)a->severity - (int)b->severity;
	if (a->kind != b->kind)
		return order_of_kind(a->kind) - order_of_kind(b->kind);
	if (size_a < size_b || size_a > size_b)
		return size_a > size_b ? -1 : 1;
	return a->id < b->id ? -1 : 1; /* as they were found */
}

const struct change *change_of(const struct work *w, const struct finding *f)
{
	for (size_t i = 0; i < w->n_changes; i++)
		if (w->changes[i].key == f->key)
			return &w->changes[i];
	return NULL;
}

static bool is_whole_of(const struct change *whole, const struct change *part)
{
	return whole && part && part->part && !whole->part && whole->group == part->group &&
	       whole->configuration == part->configuration;
}

/* The time before its parts, of which one has always changed more. */
static void lift_wholes(struct work *w, struct finding *f, size_t n)
{
	for (size_t i = 1; i < n && w->n_changes; i++) {
		const struct change *whole = change_of(w, &f[i]);
		size_t to = i;
		struct finding one = f[i];

		for (size_t k = i; whole && k > 0 && f[k - 1].severity == one.severity &&
		                   f[k - 1].kind == one.kind;
		     k--)
			if (is_whole_of(whole, change_of(w, &f[k - 1])))
				to = k - 1;
		memmove(&f[to + 1], &f[to], (i - to) * sizeof *f);
		f[to] = one;
	}
}

void findings_order(struct work *w)
{
	struct dossier *d = w->d;

	if (d->n_findings)
		qsort(d->findings, d->n_findings, sizeof *d->findings, compare_findings);
	lift_wholes(w, d->findings, d->n_findings);
	for (size_t i = 0; i < d->n_findings; i++)
		d->findings[i].id = (unsigned)i + 1;
}
