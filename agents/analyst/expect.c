/* SPDX-License-Identifier: MIT */
/* What the pipeline expects of a measurement, held against what was measured. */
#include <math.h>
#include <stdlib.h>

#include "agents/analyst/expect.h"
#include "agents/analyst/work.h"
#include "lib/evidence/pipeline.h"

#define MAX_MATCHES 8 /* findings of one expectation */
#define MAX_SAID    8 /* keys named in a sentence */

/* Where an expectation met a measurement. */
struct match {
	const struct expectation *expected;
	unsigned number; /* its own, from 1 */
	const struct series *series;
	const struct group *group;
	size_t configuration, metric;
	const struct fact *measured;
	double deviation; /* %, NAN: nothing was expected, and something measured */
	bool met;
};

static bool number_of(const char *text, double *ret)
{
	char *end;

	/* strtod() also takes blanks in front, hexadecimal, "nan" and "infinity" */
	if (!*text || text[strspn(text, "0123456789.eE+-")])
		return false;
	*ret = strtod(text, &end);
	return !*end && isfinite(*ret);
}

/* "999" is "999.0": one tool writes what another one cuts. */
static bool same_text(const char *a, const char *b)
{
	double x, y;

	if (strcmp(a, b) == 0)
		return true;
	return number_of(a, &x) && number_of(b, &y) && !(x < y) && !(x > y);
}

static bool holds_key(const struct group_configuration *c, const struct expected_key *key)
{
	for (size_t i = 0; i < c->n_subject; i++)
		if (strcmp(c->subject[i].name, key->name) == 0)
			return same_text(c->subject[i].text, key->text);
	return false;
}

static bool is_meant(const struct expectation *e, const struct group_configuration *c)
{
	for (size_t i = 0; i < e->n_subject; i++)
		if (!holds_key(c, &e->subject[i]))
			return false;
	return true;
}

static bool same_unit(const char *a, const char *b)
{
	const char *x = unit_of_text(a), *y = unit_of_text(b);

	return strcmp(x ? x : a, y ? y : b) == 0;
}

/* Two figures in different units cannot be compared; one without a unit is in the other's. */
static bool units_agree(const struct expectation *e, const struct group_metric *m)
{
	return !e->unit || !m->unit || same_unit(e->unit, m->unit);
}

static bool metric_by_name(const struct expectation *e, const struct group *g, size_t *ret)
{
	for (size_t m = 0; m < g->n_metrics; m++)
		if (strcmp(g->metrics[m].name, e->metric) == 0) {
			*ret = m;
			return units_agree(e, &g->metrics[m]);
		}
	return false;
}

/* The first that measures what the name says, in the same unit. */
static bool metric_by_quantity(const struct expectation *e, const struct group *g, size_t *ret)
{
	struct measure meant = measure_of(e->metric, "");
	const char *unit = e->unit ? e->unit : meant.unit;

	for (size_t m = 0; meant.quantity && unit && m < g->n_metrics; m++) {
		const struct group_metric *gm = &g->metrics[m];

		if (gm->quantity && gm->unit && !gm->derived &&
		    strcmp(gm->quantity, meant.quantity) == 0 && same_unit(unit, gm->unit)) {
			*ret = m;
			return true;
		}
	}
	return false;
}

static void judge(struct match *m)
{
	double off = m->measured->value - m->expected->value, size = fabs(m->expected->value);

	m->deviation = fabs(off) > 0 ? 100 * off / size : 0;
	if (!isfinite(m->deviation)) /* something where nothing was expected */
		m->deviation = NO_NUMBER;
	m->met = fabs(m->deviation) <= m->expected->tolerance_pct;
}

/* The same in every night, and told apart from the other configurations of its table. */
static const char *key_of(struct work *w, const struct match *m)
{
	const struct group_configuration *c = &m->group->configurations[m->configuration];
	const char *subject = "", *rest = "";

	for (size_t i = 0; subject && i < m->expected->n_subject; i++)
		subject = work_printf(w, "%s%s%s=%s", subject, i ? "," : "",
		                      m->expected->subject[i].name, m->expected->subject[i].text);
	for (size_t i = 0; rest && i < c->n_subject; i++) {
		bool said = false;

		for (size_t k = 0; k < m->expected->n_subject; k++)
			said |= strcmp(m->expected->subject[k].name, c->subject[i].name) == 0;
		if (!said)
			rest = work_printf(w, "%s%s%s=%s", rest, *rest ? "," : "/",
			                   c->subject[i].name, c->subject[i].text);
	}
	return subject && rest ? work_printf(w, "expectation:%s/%s/%s%s", m->expected->metric,
	                                     subject, m->series->key, rest)
	                       : NULL;
}

static struct text text_of_match(struct work *w, const struct match *m)
{
	const struct group_configuration *c = &m->group->configurations[m->configuration];
	struct sentence s = {.n = 0};

	say(&s, "Measured ");
	say_name(&s, m->group->metrics[m->metric].name);
	say(&s, " at ");
	say_fact(&s, m->measured->id);
	if (c->n_subject) {
		say(&s, " for ");
		say_subject(&s, c->subject, c->n_subject < MAX_SAID ? c->n_subject : MAX_SAID);
	}
	say(&s, " in ");
	say_name(&s, m->group->title);
	if (*m->group->where) {
		say(&s, " (");
		say_name(&s, m->group->where);
		say(&s, ")");
	}
	say(&s, m->met ? ": within what was expected." : ": outside of what was expected.");
	return text_of(w, &s);
}

static void add_match(struct work *w, const struct match *m)
{
	struct gate *gate = work_alloc(w, 1, sizeof *gate);
	struct finding f = finding_about(
		w, m->met ? FINDING_EXPECTATION_MET : FINDING_EXPECTATION_MISSED,
		m->met ? SEVERITY_INFO : SEVERITY_MEDIUM, m->group->artifact);

	f.effect = m->deviation;
	f.expectation = m->number;
	f.key = key_of(w, m);
	f.text = text_of_match(w, m);
	f.facts = finding_facts(w, &m->measured->id, 1, &f.n_facts);
	if (w->failed || !f.key || !gate)
		return;
	*gate = (struct gate){"deviation from the expected value, %", m->deviation,
	                      m->expected->tolerance_pct, m->met};
	f.gates = gate, f.n_gates = 1;
	(void)finding_add(w, &f);
}

/* The configurations of one group that meet, or miss, the expectation. */
static void match_group(struct work *w, struct match *m, bool met, size_t *room)
{
	const struct group *g = m->group;

	for (size_t i = 0; i < g->n_configurations && *room && !w->failed; i++) {
		if (!is_meant(m->expected, &g->configurations[i]))
			continue;
		m->configuration = i;
		m->measured = dossier_fact(w->d, g->cells[i * g->n_metrics + m->metric].center);
		if (!m->measured)
			continue;
		judge(m);
		if (m->met != met)
			continue;
		add_match(w, m);
		--*room;
	}
}

typedef bool metric_fn(const struct expectation *e, const struct group *g, size_t *ret);

/* Those that miss it come first: none of them is left out for one that is as it should be. */
static size_t match_by(struct work *w, size_t number, metric_fn *metric)
{
	const struct expectation *e = &w->settings->expectations[number - 1];
	size_t room = MAX_MATCHES;

	for (int met = 0; met <= 1; met++)
		for (size_t i = 0; i < w->n_series; i++) {
			struct match m = {
				.expected = e, .number = (unsigned)number, .series = &w->series[i]};

			if (!m.series->group)
				continue;
			m.group = &w->d->groups[m.series->group - 1];
			if (metric(e, m.group, &m.metric))
				match_group(w, &m, met, &room);
		}
	return MAX_MATCHES - room;
}

void expectations_judge(struct work *w)
{
	for (size_t e = 1; e <= w->settings->n_expectations; e++)
		if (!match_by(w, e, metric_by_name))
			(void)match_by(w, e, metric_by_quantity);
}
