/* SPDX-License-Identifier: MIT */
/*
 * What somebody risks who acts on the findings, and what contains it: a row for each sort of risk
 * that a finding tells of, where a persona is to weigh them.
 */
#include "agents/analyst/ranking.h"

#include "agents/analyst/gap.h"

/* One row as it is written. */
struct row {
	struct sentence risk, mitigation;
	unsigned findings[MAX_CONFIGURATIONS];
	size_t n_findings;
};

typedef bool risk_fn(struct work *w, struct row *r, const struct finding *f);

static const struct ranking *choice_of(const struct work *w, const struct finding *f)
{
	for (size_t i = 0; i < w->n_rankings && f->kind == FINDING_BEST; i++)
		if (w->rankings[i].key == f->key && ranking_is_choice(w->rankings[i].group))
			return &w->rankings[i];
	return NULL;
}

static void say_best(struct sentence *s, const struct ranking *r)
{
	say_configuration(s, r->group, &r->group->configurations[r->best]);
}

/* What moved. */
static bool risk_change(struct work *w, struct row *r, const struct finding *f)
{
	(void)w;
	if (f->kind != FINDING_REGRESSION || !finding_alarms(f))
		return false;
	say(&r->risk,
	    "What got worse is taken for how the system is, and a choice is built on it.");
	say(&r->mitigation, "Settle the cause first: what changed since ");
	say_name(&r->mitigation, f->since);
	say(&r->mitigation, " is not a property of the configurations.");
	return true;
}

/* A figure that is quoted and does not hold. */
static bool risk_claim(struct work *w, struct row *r, const struct finding *f)
{
	const struct artifact *a = dossier_artifact(w->d, f->n_artifacts ? f->artifacts[0] : 0);

	if ((f->kind != FINDING_EXPECTATION_MISSED && f->kind != FINDING_CONTRADICTION) ||
	    f->severity > SEVERITY_MEDIUM || !a)
		return false;
	say(&r->risk, "Figures that were stated or expected are quoted on, and ");
	say_name(&r->risk, a->path);
	say(&r->risk, " does not bear them out.");
	say(&r->mitigation,
	    "Quote what was measured with its configuration, and measure again what "
	    "has to hold.");
	return true;
}

/* Best by one metric, and not by another. */
static bool risk_trade(struct work *w, struct row *r, const struct finding *f)
{
	const struct ranking *k = choice_of(w, f);

	if (!k || !k->conflict)
		return false;
	say(&r->risk, "Whoever takes ");
	say_best(&r->risk, k);
	say(&r->risk, " for ");
	say_metric(w, &r->risk, k->group, k->metric, false);
	say(&r->risk, " in ");
	say_group(&r->risk, k->group);
	say(&r->risk, " gives up what other configurations are best in.");
	say(&r->mitigation, "Choose from its Pareto front, by the metric that its users notice.");
	return true;
}

/* Best by luck. */
static bool risk_luck(struct work *w, struct row *r, const struct finding *f)
{
	const struct ranking *k = choice_of(w, f);

	(void)w;
	if (!k || k->alike || (!k->n_tied && k->best_n > 1 && !k->lucky))
		return false;
	say(&r->risk, "The lead of ");
	say_best(&r->risk, k);
	say(&r->risk, " in ");
	say_group(&r->risk, k->group);
	say(&r->risk, k->best_n == 1 ? " rests on a single value and may not come again."
	                             : " may be chance, as others tie with it.");
	say(&r->mitigation,
	    "Run it and the next ones again, several times each and in turn, before "
	    "it is adopted.");
	return true;
}

static bool is_quality(const char *quantity)
{
	static const char *const names[] = {"accuracy", "loss", "perplexity", "quality", "score"};

	for (size_t i = 0; quantity && i < ARRAY_LEN(names); i++)
		if (strcmp(quantity, names[i]) == 0)
			return true;
	return false;
}

static bool measures_quality(const struct group *g)
{
	for (size_t m = 0; m < g->n_metrics; m++)
		if (is_quality(g->metrics[m].quantity))
			return true;
	return false;
}

/* Fast, and nobody knows how good. */
static bool risk_quality(struct work *w, struct row *r, const struct finding *f)
{
	const struct ranking *k = choice_of(w, f);
	const char *quantity = k ? k->group->metrics[k->metric].quantity : NULL;

	if (!quantity || measures_quality(k->group) ||
	    (strcmp(quantity, "throughput") != 0 && strcmp(quantity, "time_to_first_token") != 0))
		return false;
	say(&r->risk, "Nothing in ");
	say_group(&r->risk, k->group);
	say(&r->risk, " measures the quality of the output: a choice by throughput or first token "
	              "may pay with it.");
	say(&r->mitigation, "Hold the output of the preferred configurations against a reference "
	                    "before one is adopted.");
	return true;
}

/* What failed is in no figure. */
static bool risk_gap(struct work *w, struct row *r, const struct finding *f)
{
	const struct artifact *a = dossier_artifact(w->d, f->n_artifacts ? f->artifacts[0] : 0);

	if (f->kind != FINDING_GAP || f->severity > SEVERITY_MEDIUM || !a)
		return false;
	say(&r->risk, "What failed or is missing is in no figure: what ");
	say_name(&r->risk, a->path);
	say(&r->risk, " should tell may change the picture.");
	say(&r->mitigation,
	    "Mend what failed and run it again before figures are compared with it.");
	return true;
}

/* A mean that says little. */
static bool risk_scatter(struct work *w, struct row *r, const struct finding *f)
{
	const struct artifact *a = dossier_artifact(w->d, f->n_artifacts ? f->artifacts[0] : 0);

	if ((f->kind != FINDING_HIGH_VARIANCE && f->kind != FINDING_OUTLIER) || !a)
		return false;
	say(&r->risk, "A mean of what scatters in ");
	say_name(&r->risk, a->path);
	say(&r->risk, " promises what single requests do not get.");
	say(&r->mitigation, "Warm up, repeat more often, and plan with quantiles.");
	return true;
}

static void add(struct work *w, const struct row *r)
{
	struct dossier *d = w->d;
	unsigned *findings = work_alloc(w, r->n_findings, sizeof *findings);

	if (!findings || !work_grow(w, &d->risks, d->n_risks, &w->cap_risks, sizeof *d->risks))
		return;
	memcpy(findings, r->findings, r->n_findings * sizeof *findings);
	d->risks[d->n_risks++] = (struct risk){.findings = findings,
	                                       .n_findings = r->n_findings,
	                                       .risk = text_of(w, &r->risk),
	                                       .mitigation = text_of(w, &r->mitigation)};
}

/* The first finding that tells of it has the words; all others of it are named with it. */
static void weigh(struct work *w, risk_fn *tells, struct row *first, struct row *scratch)
{
	first->n_findings = 0;
	first->risk.n = first->mitigation.n = 0;
	for (size_t i = 0; i < w->d->n_findings; i++) {
		const struct finding *f = &w->d->findings[i];

		scratch->risk.n = scratch->mitigation.n = 0;
		if (finding_is_acknowledged(f) || first->n_findings == ARRAY_LEN(first->findings) ||
		    !tells(w, first->n_findings ? scratch : first, f))
			continue;
		first->findings[first->n_findings++] = f->id;
	}
	if (first->n_findings)
		add(w, first);
}

void risks_weigh(struct work *w)
{
	static risk_fn *const sorts[] = {risk_change,  risk_claim, risk_trade,  risk_luck,
	                                 risk_quality, risk_gap,   risk_scatter};
	struct row *rows = work_alloc(w, 2, sizeof *rows);

	w->d->weighs_risks = w->settings->max_risks > 0;
	for (size_t i = 0; rows && i < ARRAY_LEN(sorts) && !w->failed; i++)
		if (w->d->n_risks < w->settings->max_risks)
			weigh(w, sorts[i], &rows[0], &rows[1]);
}
