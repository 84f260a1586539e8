/* SPDX-License-Identifier: MIT */
/* The best configurations of each sweep: what ties with them, and how sure that is. */
#include "agents/analyst/file_sweeps.h"
#include "agents/analyst/ranking.h"
#include "agents/analyst/workloads.h"

/* Names of a sweep over files, each ranked by itself; works beyond the first. */
#define PARTS_MAX 8
#define SAID_TIES 3 /* configurations named beside the best */

/* The facts of one such finding. */
struct said {
	unsigned best, worst, next, spread, behind;
	unsigned ratio, p, cles; /* of the best against the next, where tested */
	unsigned n_tied, n_all;
	unsigned by_mean; /* mean of the configuration that leads by it; 0: the best does */
};

static unsigned center(const struct ranking *r, size_t configuration)
{
	return r->group->cells[configuration * r->group->n_metrics + r->metric].center;
}

static struct fact_of fact_of_metric(const struct ranking *r, const char *suffix)
{
	struct fact_of of = group_fact_of(r->series, r->group, 0, r->metric);

	of.n_subject = 0;
	of.label_suffix = suffix;
	return of;
}

static unsigned count_of(struct work *w, const struct ranking *r, size_t n, const char *suffix)
{
	struct fact_of of = fact_of_metric(r, suffix);
	CLEANUP(freep) unsigned *from = calloc(n + 1, sizeof *from);
	size_t k = 0;

	w->failed |= !from;
	if (from && n > r->n_rivals)
		from[k++] = center(r, r->best);
	for (size_t i = 0; from && i < r->n_rivals && k < n; i++)
		if (n >= r->n_rivals || r->rivals[i].tied)
			from[k++] = center(r, r->rivals[i].configuration);
	return from ? fact_over_list(w, &of, STAT_COUNT, (double)k, from, k) : 0;
}

static void compare_next(struct work *w, const struct ranking *r, struct said *s)
{
	const struct rival *next = &r->rivals[0];
	struct fact_of of = fact_of_metric(r, ", next against best");
	unsigned from[] = {s->best, s->next};

	s->behind = fact_over_facts(w, &of, next->behind > 1 ? STAT_RATIO : STAT_DELTA_PCT, s->next,
	                            s->best);
	of.label_suffix = ", best against next";
	if (!next->tested)
		return;
	if (next->has_ratio)
		s->ratio = fact_over_list(w, &of, STAT_HODGES_LEHMANN_RATIO, next->of.ratio, from,
		                          2);
	s->p = fact_over_list(w, &of, STAT_MANN_WHITNEY_P, next->of.p, from, 2);
	s->cles = fact_over_list(w, &of, STAT_CLES, next->of.cles, from, 2);
}

static struct said facts_of(struct work *w, const struct ranking *r)
{
	const struct group_metric *gm = &r->group->metrics[r->metric];
	struct said s = {.best = center(r, r->best),
	                 .worst = center(r, gm->worst - 1),
	                 .next = center(r, r->rivals[0].configuration),
	                 .spread = gm->spread};

	compare_next(w, r, &s);
	if (r->n_tied > SAID_TIES) {
		s.n_tied = count_of(w, r, r->n_tied, ", configurations tied with the best");
		s.n_all = count_of(w, r, r->n_rivals + 1, ", configurations ranked");
	}
	if (r->best_by_mean != r->best && r->n_tied <= SAID_TIES)
		s.by_mean = r->group->cells[r->best_by_mean * r->group->n_metrics + r->metric].mean;
	return s;
}

/* --- the sentence ----------------------------------------------------------------------- */

static void say_one(struct sentence *t, const struct ranking *r, size_t configuration)
{
	say_configuration(t, r->group, &r->group->configurations[configuration]);
	say(t, " at ");
	say_fact(t, center(r, configuration));
}

/* "(ratio 1.04, p 0.31)", or how far apart the medians are */
static void say_next(struct sentence *t, const struct ranking *r, const struct said *s,
                     const char *opens)
{
	if (r->rivals[0].tested) {
		say(t, opens);
		say(t, s->ratio ? "ratio " : "");
		say_fact(t, s->ratio);
		say(t, s->ratio ? ", p " : "p ");
		say_fact(t, s->p);
		say(t, ")");
	} else if (s->behind && r->rivals[0].behind > 0) {
		say(t, opens);
		say_fact_as(t, s->behind, AS_SIZE);
		say(t, r->rivals[0].behind > 1 ? " times as much)" : " behind)");
	}
}

static void say_tied(struct sentence *t, const struct ranking *r, const struct said *s)
{
	size_t said = 0;

	say(t, ", tied with ");
	for (size_t i = 0; i < r->n_rivals && said < r->n_tied; i++) {
		if (!r->rivals[i].tied)
			continue;
		if (said > 0)
			say(t, said + 1 == r->n_tied ? " and " : ", ");
		say_one(t, r, r->rivals[i].configuration);
		if (i == 0)
			say_next(t, r, s, " (");
		said++;
	}
}

/* Of many that tie the number says more than their names. */
static void say_many_tied(struct sentence *t, const struct ranking *r, const struct said *s)
{
	if (r->n_tied == r->n_rivals) {
		say(t, "; all the ");
	} else {
		say(t, "; of ");
		say_fact(t, s->n_all);
		say(t, " configurations, ");
	}
	say_fact(t, s->n_tied);
	say(t, r->n_tied == r->n_rivals ? " others tie with it" : " tie with it");
}

static void say_rivals(struct sentence *t, const struct ranking *r, const struct said *s)
{
	if (r->n_tied > SAID_TIES) {
		say_many_tied(t, r, s);
		say_next(t, r, s, " (the next: ");
	} else if (r->n_tied) {
		say_tied(t, r, s);
	} else {
		say(t, "; the next is ");
		say_one(t, r, r->rivals[0].configuration);
		say_next(t, r, s, " (");
	}
}

static void say_worst(struct sentence *t, const struct ranking *r, const struct said *s)
{
	size_t worst = r->group->metrics[r->metric].worst - 1;

	if (worst == r->rivals[0].configuration || (r->n_rivals == r->n_tied && !s->n_tied))
		return; /* told already */
	say(t, "; worst: ");
	say_one(t, r, worst);
	if (s->spread) {
		say(t, ", apart by a factor of ");
		say_fact(t, s->spread);
	}
}

static bool is_tied_by_noise(const struct work *w, const struct ranking *r)
{
	for (size_t i = 0; i < r->n_rivals; i++)
		if (r->rivals[i].tied && !r->rivals[i].tested &&
		    100 * r->rivals[i].behind > w->settings->min_effect_pct)
			return true;
	return false;
}

static void say_basis(const struct work *w, struct sentence *t, const struct ranking *r)
{
	if (r->n_tested == r->n_rivals)
		return;
	if (!r->group->id)
		say(t, " Each is a run of its own: ranked, not tested");
	else if (r->most_n == 1)
		say(t, " One value each: ranked, not tested");
	else if (r->n_tested)
		say(t, " Some have too few repetitions: these are ranked, not tested");
	else if (r->best_n < RANKING_LEAST || r->most_n <= RANKING_LEAST)
		say(t, " Too few repetitions: ranked, not tested");
	else
		say(t, " Ranked by medians, not tested");
	say(t,
	    is_tied_by_noise(w, r) ? "; what the noise of repetitions can explain is a tie." : ".");
}

static void say_doubts(struct sentence *t, const struct ranking *r, const struct said *s)
{
	if (s->by_mean) {
		say(t, " By the mean, ");
		say_configuration(t, r->group, &r->group->configurations[r->best_by_mean]);
		say(t, " leads, at ");
		say_fact(t, s->by_mean);
		say(t, ": the order depends on the statistic.");
	} else if (r->lucky && r->n_tied < r->n_rivals)
		say(t, " Of so many near equals the first is also the luckiest: its lead is "
		       "optimistic.");
}

static struct text sentence_of(struct work *w, const struct ranking *r, const struct said *s)
{
	struct sentence t = {.n = 0};

	say(&t, "Best ");
	say_metric(w, &t, r->group, r->metric, false);
	say(&t, " in ");
	say_group(&t, r->group);
	say(&t, ": ");
	say_one(&t, r, r->best);
	say_rivals(&t, r, s);
	say_worst(&t, r, s);
	say(&t, ".");
	say_basis(w, &t, r);
	say_doubts(&t, r, s);
	return text_of(w, &t);
}

/* --- the finding ------------------------------------------------------------------------- */

static void add_gate(struct finding *f, struct gate *gates, const char *name, double value,
                     double threshold, bool passed)
{
	gates[f->n_gates++] = (struct gate){name, value, threshold, passed};
	f->gates = gates;
}

static size_t fewest(const struct ranking *r)
{
	return r->rivals[0].n < r->best_n ? r->rivals[0].n : r->best_n;
}

/* What decided between the best and the next. */
static void add_gates(struct work *w, struct finding *f, const struct ranking *r)
{
	const struct rival *next = &r->rivals[0];
	double away = 100 * rival_distance(next, r->group->metrics[r->metric].better);
	double min_effect = w->settings->min_effect_pct;
	struct gate *gates = work_alloc(w, 3, sizeof *gates);

	if (!gates)
		return;
	add_gate(f, gates, "repetitions", (double)fewest(r), RANKING_LEAST,
	         fewest(r) >= RANKING_LEAST);
	if (!next->tested) {
		add_gate(f, gates, "distance of the next, %", 100 * next->behind, 100 * next->band,
		         !next->tied);
		return;
	}
	add_gate(f, gates, "one-sided p, adjusted", next->p_adjusted, RANKING_ALPHA,
	         next->p_adjusted <= RANKING_ALPHA);
	add_gate(f, gates, "ratio at the near end of its interval, % from equal", away, min_effect,
	         away > min_effect);
}

static const char *verdict_of(const struct work *w, const struct ranking *r)
{
	const struct rival *next = &r->rivals[0];
	double m = w->settings->min_effect_pct / 100;

	if (!next->tested)
		return two_sample_verdict_name(TWO_SAMPLE_UNTESTABLE);
	if (!next->tied)
		return two_sample_verdict_name(TWO_SAMPLE_CHANGED);
	if (next->of.low >= 1 - m && next->of.high <= 1 + m)
		return two_sample_verdict_name(TWO_SAMPLE_EQUAL);
	return two_sample_verdict_name(TWO_SAMPLE_UNDECIDED);
}

/* The two that lead, how they compare, and those that are named beside them. */
static void list_facts(struct work *w, struct finding *f, const struct ranking *r,
                       const struct said *s)
{
	unsigned facts[] = {s->best, s->worst,  s->spread, s->behind,  s->next, s->ratio, s->p,
	                    s->cles, s->n_tied, s->n_all,  s->by_mean, 0,       0};
	size_t n = ARRAY_LEN(facts) - 2, tied = 0;

	if (s->next == s->worst)
		facts[4] = 0;
	for (size_t i = 1; i < r->n_rivals && tied < 2 && r->n_tied <= SAID_TIES; i++)
		if (r->rivals[i].tied && center(r, r->rivals[i].configuration) != s->worst)
			facts[n + tied++] = center(r, r->rivals[i].configuration);
	f->facts = finding_facts(w, facts, n + tied, &f->n_facts);
}

static void add_best(struct work *w, struct ranking *r)
{
	struct said s = facts_of(w, r);
	struct finding f = finding_about(w, FINDING_BEST, SEVERITY_INFO, r->group->artifact);

	if (w->failed ||
	    !work_grow(w, &w->rankings, w->n_rankings, &w->cap_rankings, sizeof *w->rankings))
		return;
	list_facts(w, &f, r, &s);
	add_gates(w, &f, r);
	f.verdict = verdict_of(w, r);
	if (r->rivals[0].tested) {
		f.p = r->rivals[0].p;
		f.p_adjusted = r->rivals[0].p_adjusted;
	}
	f.text = sentence_of(w, r, &s);
	f.key = r->key = ranking_key(w, r->series, r->group, r->group->metrics[r->metric].name);
	w->rankings[w->n_rankings++] = *r;
	(void)finding_add(w, &f);
}

/* Kept for what its options do. */
static void keep(struct work *w, const struct ranking *r)
{
	if (work_grow(w, &w->rankings, w->n_rankings, &w->cap_rankings, sizeof *w->rankings))
		w->rankings[w->n_rankings++] = *r;
}

/* Each work by itself; what an option does can be told of all. */
static void rank_works(struct work *w, const struct series *s, const struct group *g, size_t *told)
{
	struct ranking whole = {.series = s, .group = g};
	bool any = false;

	for (size_t i = 0; i < g->n_works && (!any || *told < PARTS_MAX) && !w->failed; i++) {
		struct group *part = work_alloc(w, 1, sizeof *part);
		struct ranking r;
		size_t m;

		if (!part || !workloads_part(w, part, g, i))
			continue;
		group_rank(w, part, s);
		if (!ranking_primary(part, &m) || !ranking_of(w, &r, s, part, m))
			continue;
		*told += any;
		r.part = any = true;
		whole.metric = m;
		add_best(w, &r);
	}
	if (any)
		keep(w, &whole);
}

/* Tables in prose restate what data files hold, and come behind all that is about those. */
static void rank_all(struct work *w, bool prose)
{
	size_t parts = 0;

	for (size_t i = 0; i < w->n_series && !w->failed; i++) {
		const struct series *s = &w->series[i];
		const struct group *g = series_group(w, s);
		struct ranking r;
		size_t m;

		if (!g || g->repeats || (s->views[0]->artifact->format == FORMAT_MARKDOWN) != prose)
			continue;
		if (g->n_works)
			rank_works(w, s, g, &parts);
		else if (ranking_primary(g, &m) && ranking_of(w, &r, s, g, m))
			add_best(w, &r);
	}
}

static void rank_files(struct work *w)
{
	size_t parts = 0;

	for (size_t i = 0; i < w->n_file_sweeps && !w->failed; i++) {
		const struct file_sweep *f = &w->file_sweeps[i];
		struct ranking r;
		size_t m;

		if (!ranking_primary(&f->group, &m) || !ranking_of(w, &r, f->series, &f->group, m))
			continue;
		r.part = f->part;
		if (f->names_differ)
			keep(w, &r);
		else if (!f->part || parts++ < PARTS_MAX)
			add_best(w, &r);
	}
}

void findings_best(struct work *w)
{
	rank_all(w, false);
	rank_files(w);
	findings_pareto(w);
	findings_marginal(w);
	rank_all(w, true);
}
