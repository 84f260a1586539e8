/* SPDX-License-Identifier: MIT */
/*
 * An expectation claims that its figure is of a configuration. It is not where that is not what
 * runs, where the figure is in a unit that the metric is not in, or where another configuration of
 * the table measured it.
 */
#include <math.h>

#include "agents/analyst/expect.h"
#include "agents/analyst/gap.h"
#include "agents/analyst/tracks.h"

static struct gap contradiction_of(unsigned number, enum severity severity)
{
	struct gap g = gap_new(severity);

	g.finding.kind = FINDING_CONTRADICTION;
	g.finding.expectation = number;
	return g;
}

static void say_source(struct sentence *s, const struct expectation *e)
{
	if (!e->source)
		return;
	say(s, " (");
	say_name(s, e->source);
	say(s, ")");
}

/* --- options --------------------------------------------------------------------------------- */

/* What an expectation says of options against what somebody runs on. */
struct held {
	struct gate gates[OPTIONS_COUNT];
	struct label claimed[OPTIONS_COUNT], run[OPTIONS_COUNT]; /* those that differ */
	size_t n_gates, n_differ;
};

static void hold_option(struct work *w, struct held *h, const struct expected_key *key,
                        size_t option, double run)
{
	const char *name = work_printf(w, "equal to the expected %s", option_name(option));
	const char *text = work_printf(w, "%.15g", run);
	double claimed;

	if (!name || !text || !expectation_number(key->text, &claimed) ||
	    h->n_gates == OPTIONS_COUNT)
		return;
	h->gates[h->n_gates] = (struct gate){name, run, claimed, !(run < claimed || run > claimed)};
	if (!h->gates[h->n_gates++].passed) {
		h->claimed[h->n_differ] = (struct label){key->name, key->text};
		h->run[h->n_differ++] = (struct label){key->name, text};
	}
}

static void hold(struct work *w, struct held *h, const struct expectation *e,
                 const struct party *party)
{
	*h = (struct held){.n_gates = 0};
	for (size_t i = 0; i < e->n_subject; i++) {
		size_t option;
		double run;

		if (!option_find(e->subject[i].name, &option))
			continue;
		run = option_value(&party->options, option);
		if (!isnan(run))
			hold_option(w, h, &e->subject[i], option, run);
	}
}

/* Some agent runs on all that the expectation says of options. */
static bool runs_somewhere(struct work *w, const struct expectation *e)
{
	const struct pipeline *p = w->settings->pipeline;

	for (size_t i = 0; i < pipeline_parties(p); i++) {
		struct party party = pipeline_party(p, i);
		struct held h;

		hold(w, &h, e, &party);
		if (h.n_gates && !h.n_differ)
			return true;
	}
	return false;
}

static void say_difference(struct sentence *s, const struct expectation *e, const struct held *h,
                           const struct party *party, bool elsewhere)
{
	say(s, "What is expected of ");
	say_name(s, e->metric);
	say_source(s, e);
	say(s, " is of a configuration with ");
	say_subject(s, h->claimed, h->n_differ);
	if (party->agent) {
		say(s, ", but the agent ");
		say_name(s, party->agent);
		say(s, " runs with ");
	} else {
		say(s, ", but the options of the pipeline say ");
	}
	say_subject(s, h->run, h->n_differ);
	say(s,
	    elsewhere ? ": it is a figure of another agent." : ": it is no figure of what runs.");
}

static void claim_of_options(struct work *w, unsigned number, const struct party *party)
{
	const struct expectation *e = &w->settings->expectations[number - 1];
	const char *subject = expectation_subject(w, e), *run = "", *key;
	struct gate *gates;
	struct held h;
	struct gap g;
	bool elsewhere;

	hold(w, &h, e, party);
	if (!h.n_differ || !subject)
		return;
	for (size_t i = 0; run && i < h.n_differ; i++)
		run = work_printf(w, "%s%s%s=%s", run, i ? "," : "", h.run[i].name, h.run[i].text);
	key = work_printf(w, "contradiction:expected-options:%s/%s/%s", subject, run ? run : "",
	                  party->agent ? party->agent : "");
	if (!key || gap_is_told(w, key)) /* of another metric of the same configuration */
		return;
	elsewhere = runs_somewhere(w, e);
	g = contradiction_of(number, elsewhere ? SEVERITY_INFO : SEVERITY_LOW);
	gates = work_alloc(w, h.n_gates, sizeof *gates);
	if (!gates)
		return;
	memcpy(gates, h.gates, h.n_gates * sizeof *gates);
	g.finding.gates = gates;
	g.finding.n_gates = h.n_gates;
	say_difference(&g.text, e, &h, party, elsewhere);
	(void)gap_add(w, &g, key);
}

void claims_of_options(struct work *w)
{
	const struct pipeline *p = w->settings->pipeline;

	for (size_t e = 1; p && e <= w->settings->n_expectations; e++)
		for (size_t i = 0; i < pipeline_parties(p) && !w->failed; i++) {
			struct party party = pipeline_party(p, i);

			claim_of_options(w, (unsigned)e, &party);
		}
}

/* --- the unit -------------------------------------------------------------------------------- */

/* A value of the metric in that table: of a configuration that is meant, else of any. */
static unsigned any_value(const struct group *g, size_t metric, const struct expectation *e)
{
	unsigned any = 0;

	for (size_t i = 0; i < g->n_configurations; i++) {
		unsigned fact = g->cells[i * g->n_metrics + metric].center;

		if (fact && expectation_means(e, &g->configurations[i]))
			return fact;
		any = any ? any : fact;
	}
	return any;
}

void claim_of_unit(struct work *w, unsigned number, const struct series *s, size_t metric)
{
	const struct expectation *e = &w->settings->expectations[number - 1];
	const struct group *group = series_group(w, s);
	struct gap g = contradiction_of(number, SEVERITY_MEDIUM);
	unsigned fact = any_value(group, metric, e);

	if (!fact)
		return;
	say_name(&g.text, e->metric);
	say(&g.text, " is expected in ");
	say_name(&g.text, e->unit);
	say_source(&g.text, e);
	say(&g.text, ", but ");
	say_group(&g.text, group);
	say(&g.text, " has it in ");
	say_name(&g.text, group->metrics[metric].unit);
	say(&g.text, ", as ");
	say_fact(&g.text, fact);
	say(&g.text, ": nothing is compared.");
	gap_artifact(w, &g, group->artifact);
	gap_fact(w, &g, fact);
	(void)gap_add(w, &g,
	              work_printf(w, "contradiction:expected-unit:%s/%s/%s", e->metric,
	                          expectation_subject(w, e), s->key));
}

/* --- another configuration ------------------------------------------------------------------- */

/* The one that is nearest to what is expected, and within its tolerance; false: none. */
static bool find_other(const struct work *w, const struct match *m, struct match *ret)
{
	const struct group *g = m->group;
	double nearest = m->expected->tolerance_pct;
	bool found = false;

	for (size_t i = 0; i < g->n_configurations; i++) {
		unsigned id = g->cells[i * g->n_metrics + m->metric].center;
		const struct fact *f = dossier_fact(w->d, id);
		double off = f ? expectation_deviation(m->expected, f->value) : NO_NUMBER;

		if (expectation_means(m->expected, &g->configurations[i]) ||
		    !(fabs(off) <= nearest) || (found && fabs(off) >= nearest))
			continue;
		*ret = *m;
		ret->configuration = i;
		ret->measured = id, ret->value = f->value;
		ret->deviation = off;
		nearest = fabs(off);
		found = true;
	}
	return found;
}

void claim_of_other(struct work *w, const struct match *m)
{
	const struct group_configuration *c = &m->group->configurations[m->configuration];
	struct gap g = contradiction_of(m->number, SEVERITY_LOW);
	struct gate *gate = work_alloc(w, 1, sizeof *gate);
	struct match other = *m;

	if (!gate || !find_other(w, m, &other))
		return;
	*gate = (struct gate){"deviation from the expected value of another configuration, %",
	                      other.deviation, m->expected->tolerance_pct, true};
	g.finding.gates = gate, g.finding.n_gates = 1;
	g.finding.effect = m->deviation;
	say(&g.text, "What is expected of ");
	say_name(&g.text, m->expected->metric);
	say_source(&g.text, m->expected);
	say(&g.text, " is not what ");
	say_configuration(&g.text, m->group, c);
	say(&g.text, " measured (");
	say_fact(&g.text, m->measured);
	say(&g.text, "), but what ");
	say_configuration(&g.text, m->group, &m->group->configurations[other.configuration]);
	say(&g.text, " of the same table did (");
	say_fact(&g.text, other.measured);
	say(&g.text, ").");
	gap_artifact(w, &g, m->group->artifact);
	gap_fact(w, &g, m->measured);
	gap_fact(w, &g, other.measured);
	(void)gap_add(w, &g,
	              work_printf(w, "contradiction:expected-of:%s/%s/%s",
	                          expectation_subject(w, m->expected), m->series->key,
	                          track_suffix(w, m->group, m->configuration, m->metric)));
}
