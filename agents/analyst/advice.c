/* SPDX-License-Identifier: MIT */
/*
 * What to do next: plain sentences for the findings that ask for something, worst first. What
 * asks for the same thing shares one.
 */
#include "agents/analyst/ranking.h"
#include "agents/analyst/repetitions.h"

#define MAX_ADVICE     8
#define MAX_GAPS       4 /* of them, so that broken files leave room for the rest */
#define MAX_BEST       2
#define MAX_VARIANCE   1
#define MAX_SAID_FILES 3

struct advice {
	struct sentence text;
	unsigned *findings;
	size_t n_findings;
};

static void add(struct work *w, const struct advice *a)
{
	struct dossier *d = w->d;

	if (!work_grow(w, &d->recommendations, d->n_recommendations, &w->cap_recommendations,
	               sizeof *d->recommendations))
		return;
	d->recommendations[d->n_recommendations] = (struct recommendation){
		.id = (unsigned)d->n_recommendations + 1,
		.findings = a->findings,
		.n_findings = a->n_findings,
		.text = text_of(w, &a->text)};
	d->n_recommendations++;
}

static const char *path_of(const struct work *w, const struct finding *f)
{
	const struct artifact *a =
		f->n_artifacts ? dossier_artifact(w->d, f->artifacts[f->n_artifacts - 1]) : NULL;

	return a ? a->path : NULL;
}

/* What a gap's sentence gives in brackets: the error, or why a file was not read. */
static const char *cause_of(const struct finding *f)
{
	const char *cause = NULL;

	for (size_t i = 0; f->kind == FINDING_GAP && i + 1 < f->text.n; i++) {
		const char *words = f->text.segments[i].words;
		size_t n = words ? strlen(words) : 0;

		if (n && words[n - 1] == '(' && f->text.segments[i + 1].name)
			cause = f->text.segments[i + 1].name;
	}
	return cause;
}

static bool same_cause(const struct finding *a, const struct finding *b)
{
	const char *x = cause_of(a), *y = cause_of(b);

	return x && y && strcmp(x, y) == 0 && (a->n_facts > 0) == (b->n_facts > 0);
}

/* One path for each finding; the latest file where a finding is about several. */
static void say_paths(struct work *w, struct sentence *s, const struct advice *a)
{
	for (size_t i = 0; i < a->n_findings && i < MAX_SAID_FILES; i++) {
		if (i > 0)
			say(s, i + 1 == a->n_findings ? " and " : ", ");
		say_name(s, path_of(w, dossier_finding(w->d, a->findings[i])));
	}
	if (a->n_findings > MAX_SAID_FILES)
		say(s, " and others");
}

static bool is_first_of_cause(const struct work *w, const struct finding *f)
{
	for (size_t i = 0; i + 1 < f->id; i++)
		if (same_cause(&w->d->findings[i], f))
			return false;
	return true;
}

static bool advise_gap(struct work *w, struct advice *a, const struct finding *f)
{
	if (!cause_of(f) || !is_first_of_cause(w, f))
		return false;
	a->n_findings = 0;
	for (size_t i = f->id - 1; i < w->d->n_findings; i++)
		if (same_cause(f, &w->d->findings[i]))
			a->findings[a->n_findings++] = (unsigned)i + 1;
	if (f->n_facts) {
		say(&a->text, "Mend the cause of \"");
		say_name(&a->text, cause_of(f));
		say(&a->text, "\", then rerun what failed in ");
		say_paths(w, &a->text, a);
	} else {
		say(&a->text, "Repair, replace or remove ");
		say_paths(w, &a->text, a);
	}
	return true;
}

static void say_measured(struct sentence *s, const struct change *c, const char *path)
{
	if (has_configuration_name(c->group)) {
		say_configuration(s, c->group, &c->group->configurations[c->configuration]);
		say(s, " in ");
	}
	say_name(s, path);
}

static bool advise_regression(struct work *w, struct advice *a, const struct finding *f)
{
	const char *path = path_of(w, f);
	const struct change *c = change_of(w, f);

	if (!f->state || !path || !c) /* neither a spike nor a recovery asks for anything */
		return false;
	if (strcmp(f->state, "suspected") == 0) {
		say(&a->text, "Measure ");
		say_measured(&a->text, c, path);
		say(&a->text, " again before looking for the cause of its change");
		return true;
	}
	say(&a->text, c->before ? "Compare what changed between the runs of "
	                        : "Compare what changed before the run of ");
	if (c->before) {
		say_name(&a->text, c->before);
		say(&a->text, " and ");
	}
	say_name(&a->text, f->since);
	say(&a->text, " (commit, configuration, machine) for ");
	say_measured(&a->text, c, path);
	return true;
}

static const struct ranking *ranking_of_finding(const struct work *w, const struct finding *f)
{
	for (size_t i = 0; i < w->n_rankings; i++)
		if (w->rankings[i].key == f->key)
			return &w->rankings[i];
	return NULL;
}

static void say_ranked(struct work *w, struct sentence *s, const struct ranking *r)
{
	say(s, " for ");
	say_metric(w, s, r->group, r->metric, false);
	say(s, " in ");
	say_group(s, r->group);
}

/* One that ties is named; more of them are those that the finding tells of. */
static void say_tie_set(struct sentence *s, const struct ranking *r)
{
	say_configuration(s, r->group, &r->group->configurations[r->best]);
	if (r->n_tied > 1) {
		say(s, " and the configurations that tie with it");
		return;
	}
	for (size_t i = 0; i < r->n_rivals; i++) {
		const struct rival *one = &r->rivals[i];

		if (!one->tied)
			continue;
		say(s, " and ");
		say_configuration(s, r->group, &r->group->configurations[one->configuration]);
	}
}

static void advise_tie(struct work *w, struct sentence *s, const struct ranking *r)
{
	if (r->alike && r->n_tied > 1) {
		say(s, "Choose by another metric in ");
		say_group(s, r->group);
		say(s, ": by ");
		say_metric(w, s, r->group, r->metric, false);
		say(s, " its configurations are as good as each other");
		return;
	}
	say(s, "Run ");
	say_tie_set(s, r);
	say(s, " again, several times each and in turn, before choosing one");
	say_ranked(w, s, r);
}

static bool advise_best(struct work *w, struct advice *a, const struct finding *f)
{
	const struct ranking *r = ranking_of_finding(w, f);

	if (!r || r->conflict || !ranking_is_choice(r->group))
		return false;
	if (r->n_tied) {
		advise_tie(w, &a->text, r);
		return true;
	}
	say(&a->text, "Prefer ");
	say_configuration(&a->text, r->group, &r->group->configurations[r->best]);
	say_ranked(w, &a->text, r);
	if (r->best_n == 1)
		say(&a->text, ", after repeating it: single values decide nothing");
	else if (!r->rivals[0].tested)
		say(&a->text, ", after more repetitions of it and of the next one");
	return true;
}

/* One piece of advice for all that were cold. */
static bool advise_cold(struct work *w, struct advice *a, const struct finding *f)
{
	a->n_findings = 0;
	for (size_t i = f->id - 1; i < w->d->n_findings; i++)
		if (repetitions_are(&w->d->findings[i], REPETITIONS_COLD))
			a->findings[a->n_findings++] = (unsigned)i + 1;
	say(&a->text, "Warm up before measuring for ");
	say_paths(w, &a->text, a);
	say(&a->text, a->n_findings > 1 ? ", or report their first values apart from the others"
	                                : ", or report the first values apart from the others");
	return true;
}

static bool advise_scatter(struct work *w, struct advice *a, const struct finding *f)
{
	const struct fact *of = f->n_facts ? dossier_fact(w->d, f->facts[0]) : NULL;
	bool modes = repetitions_are(f, REPETITIONS_MODES);

	if (!of || !of->metric || !path_of(w, f))
		return false;
	say(&a->text, modes ? "Find out what puts " : "Repeat more often, or report quantiles of ");
	say_name(&a->text, of->metric);
	say(&a->text, " in ");
	say_name(&a->text, path_of(w, f));
	say(&a->text, modes ? " into two states, and report them apart" : ": its mean says little");
	return true;
}

/* One cause for many series comes before any of them. */
static bool advise_environment(struct work *w, struct advice *a, const struct finding *f)
{
	if (f->severity > SEVERITY_MEDIUM || !path_of(w, f))
		return false;
	say(&a->text, "Find out what changed on the machine with the run of ");
	say_name(&a->text, f->since);
	say(&a->text, " (driver, clocks, temperature, neighbours) before looking at single series");
	if (strncmp(f->key, ENVIRONMENT_OF_MACHINE, strlen(ENVIRONMENT_OF_MACHINE)) == 0)
		return true;
	say(&a->text, " of ");
	say_name(&a->text, path_of(w, f));
	return true;
}

static bool advise(struct work *w, struct advice *a, const struct finding *f)
{
	if (finding_is_acknowledged(f))
		return false;
	if (f->kind == FINDING_GAP)
		return advise_gap(w, a, f);
	if (f->kind == FINDING_ENVIRONMENT)
		return advise_environment(w, a, f);
	if (f->kind == FINDING_REGRESSION)
		return advise_regression(w, a, f);
	if (f->kind == FINDING_BEST)
		return advise_best(w, a, f);
	if (repetitions_are(f, REPETITIONS_COLD))
		return advise_cold(w, a, f);
	return f->kind == FINDING_HIGH_VARIANCE && advise_scatter(w, a, f);
}

static bool same_piece(const char *a, const char *b)
{
	return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static bool same_text(const struct text *a, const struct sentence *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!same_piece(a->segments[i].words, b->segments[i].words) ||
		    !same_piece(a->segments[i].name, b->segments[i].name))
			return false;
	return true;
}

/* The same advice for another finding is one recommendation for both. */
static bool joins(struct work *w, const struct advice *a)
{
	for (size_t i = 0; i < w->d->n_recommendations; i++) {
		struct recommendation *r = &w->d->recommendations[i];
		unsigned *ids;

		if (!same_text(&r->text, &a->text))
			continue;
		ids = work_alloc(w, r->n_findings + 1, sizeof *ids);
		if (!ids)
			return true;
		memcpy(ids, r->findings, r->n_findings * sizeof *ids);
		ids[r->n_findings++] = a->findings[0];
		r->findings = ids;
		return true;
	}
	return false;
}

static size_t most_of(enum finding_kind k)
{
	return k == FINDING_GAP             ? MAX_GAPS
	       : k == FINDING_BEST          ? MAX_BEST
	       : k == FINDING_HIGH_VARIANCE ? MAX_VARIANCE
	       : k == FINDING_OUTLIER       ? MAX_VARIANCE
	                                    : MAX_ADVICE;
}

void advice_give(struct work *w)
{
	size_t given[FINDING_KIND_COUNT] = {0};
	unsigned *findings = work_alloc(w, w->d->n_findings, sizeof *findings);

	for (size_t i = 0; !w->failed && i < w->d->n_findings; i++) {
		const struct finding *f = &w->d->findings[i];
		struct advice a = {.findings = findings, .n_findings = 1};

		if (w->d->n_recommendations == MAX_ADVICE)
			return;
		findings[0] = f->id;
		if (given[f->kind] == most_of(f->kind) || !advise(w, &a, f))
			continue;
		say(&a.text, ".");
		if (joins(w, &a))
			continue;
		given[f->kind]++;
		add(w, &a);
		findings = work_alloc(w, w->d->n_findings, sizeof *findings);
	}
}
