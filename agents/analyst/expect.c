/* SPDX-License-Identifier: MIT */
/* What the pipeline expects of a measurement, held against what was measured. */
#include <math.h>
#include <stdlib.h>

#include "agents/analyst/expect.h"

#define MAX_MATCHES 8 /* findings of one expectation */
#define MAX_SAID    8 /* keys named in a sentence */

/* What was found of one expectation, and why nothing where nothing was. */
struct search {
	struct match *matches;
	size_t n, cap;
	bool named, metric, configuration; /* seen: the metric by its name, by any, what is meant */
	const struct series
		*other_unit; /* has the metric by name, and in another unit; NULL: none */
	size_t other_metric;
};

bool expectation_number(const char *text, double *ret)
{
	char *end;

	/* strtod() also takes blanks in front, hexadecimal, "nan" and "infinity" */
	if (!*text || text[strspn(text, "0123456789.eE+-")])
		return false;
	*ret = strtod(text, &end);
	return !*end && isfinite(*ret);
}

/* One tool writes what another one cuts. */
bool expectation_same_text(const char *a, const char *b)
{
	double x, y;

	if (strcmp(a, b) == 0)
		return true;
	return expectation_number(a, &x) && expectation_number(b, &y) && !(x < y) && !(x > y);
}

static bool holds_key(const struct group_configuration *c, const struct expected_key *key)
{
	for (size_t i = 0; i < c->n_subject; i++)
		if (strcmp(c->subject[i].name, key->name) == 0)
			return expectation_same_text(c->subject[i].text, key->text);
	return false;
}

bool expectation_means(const struct expectation *e, const struct group_configuration *c)
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

double expectation_deviation(const struct expectation *e, double measured)
{
	double off = measured - e->value, pct = fabs(off) > 0 ? 100 * off / fabs(e->value) : 0;

	return isfinite(pct) ? pct : NO_NUMBER; /* something where nothing was expected */
}

static void judge(struct match *m)
{
	m->deviation = expectation_deviation(m->expected, m->value);
	m->met = fabs(m->deviation) <= m->expected->tolerance_pct;
}

const char *expectation_subject(struct work *w, const struct expectation *e)
{
	const char *subject = "";

	for (size_t i = 0; subject && i < e->n_subject; i++)
		subject = work_printf(w, "%s%s%s=%s", subject, i ? "," : "", e->subject[i].name,
		                      e->subject[i].text);
	return subject;
}

/* The same in every night, and told apart from the other configurations of its table. */
static const char *key_of(struct work *w, const struct match *m)
{
	const struct group_configuration *c = &m->group->configurations[m->configuration];
	const char *subject = expectation_subject(w, m->expected), *rest = "";

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
	say_fact(&s, m->measured);
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
	say(&s, m->met         ? ": within what was expected."
	        : m->elsewhere ? ": outside of what was expected; another table fits better "
	                         "what is expected of this configuration."
	                       : ": outside of what was expected.");
	return text_of(w, &s);
}

/* Among the configurations of its table that did the same work; 0: nothing of it is ranked. */
static unsigned rank_of(struct work *w, const struct match *m)
{
	const struct group *g = m->group;
	enum better better = g->metrics[m->metric].better;
	unsigned *from = work_alloc(w, g->n_configurations + 1, sizeof *from);
	struct fact_of of = group_fact_of(m->series, g, m->configuration, m->metric);
	size_t n = 1, rank = 1;

	if (!from || better == BETTER_NONE || g->incomparable || g->repeats)
		return 0;
	from[0] = m->measured;
	for (size_t i = 0; i < g->n_configurations; i++) {
		unsigned other = g->cells[i * g->n_metrics + m->metric].center;
		const struct fact *f = dossier_fact(w->d, other);

		if (!f || i == m->configuration ||
		    (g->n_works && g->work_of[i] != g->work_of[m->configuration]))
			continue;
		from[n++] = other;
		rank += better == BETTER_LOWER ? f->value < m->value : f->value > m->value;
	}
	return n > 1 ? fact_over_list(w, &of, STAT_RANK, (double)rank, from, n) : 0;
}

static enum severity severity_of(const struct match *m)
{
	return m->met ? SEVERITY_INFO : m->elsewhere ? SEVERITY_LOW : SEVERITY_MEDIUM;
}

static void add_match(struct work *w, const struct match *m)
{
	struct gate *gate = work_alloc(w, 1, sizeof *gate);
	struct finding f = finding_about(
		w, m->met ? FINDING_EXPECTATION_MET : FINDING_EXPECTATION_MISSED, severity_of(m),
		m->group->artifact);
	f.effect = m->deviation;
	f.expectation = m->number;
	f.key = key_of(w, m);
	f.text = text_of_match(w, m);
	f.facts = finding_facts(w, &m->measured, 1, &f.n_facts);
	f.rank = rank_of(w, m);
	if (w->failed || !f.key || !gate)
		return;
	*gate = (struct gate){"deviation from the expected value, %", m->deviation,
	                      m->expected->tolerance_pct, m->met};
	f.gates = gate, f.n_gates = 1;
	(void)finding_add(w, &f);
}

/* The configurations of one group that meet, or miss, the expectation. */
static void match_group(struct work *w, struct search *s, struct match *m, bool met, size_t *room)
{
	const struct group *g = m->group;

	for (size_t i = 0; i < g->n_configurations && *room && !w->failed; i++) {
		const struct fact *measured;

		if (!expectation_means(m->expected, &g->configurations[i]))
			continue;
		s->configuration = true;
		measured = dossier_fact(w->d, g->cells[i * g->n_metrics + m->metric].center);
		if (!measured)
			continue;
		m->configuration = i;
		m->measured = measured->id, m->value = measured->value;
		judge(m);
		if (m->met != met || !work_grow(w, &s->matches, s->n, &s->cap, sizeof *s->matches))
			continue;
		s->matches[s->n++] = *m;
		--*room;
	}
}

static void note_other_unit(const struct work *w, struct search *s, const struct expectation *e,
                            const struct series *series)
{
	const struct group *g = series_group(w, series);

	for (size_t m = 0; m < g->n_metrics && !s->other_unit; m++)
		if (strcmp(g->metrics[m].name, e->metric) == 0) {
			s->other_unit = series;
			s->other_metric = m;
		}
}

typedef bool metric_fn(const struct expectation *e, const struct group *g, size_t *ret);

/* Those that miss it come first: none of them is left out for one that is as it should be. */
static size_t match_by(struct work *w, struct search *s, size_t number, metric_fn *metric)
{
	const struct expectation *e = &w->settings->expectations[number - 1];
	size_t room = MAX_MATCHES;

	for (int met = 0; met <= 1; met++)
		for (size_t i = 0; i < w->n_series; i++) {
			struct match m = {
				.expected = e, .number = (unsigned)number, .series = &w->series[i]};

			m.group = series_group(w, m.series);
			if (!m.group)
				continue;
			if (metric(e, m.group, &m.metric)) {
				s->metric = true;
				match_group(w, s, &m, met, &room);
			} else {
				note_other_unit(w, s, e, m.series);
			}
		}
	return MAX_MATCHES - room;
}

static bool same_claim(const struct match *a, const struct match *b)
{
	const struct expectation *x = a->expected, *y = b->expected;

	if (x->n_subject != y->n_subject || !x->source != !y->source ||
	    (x->source && strcmp(x->source, y->source) != 0))
		return false;
	for (size_t i = 0; i < x->n_subject; i++)
		if (strcmp(x->subject[i].name, y->subject[i].name) != 0 ||
		    !expectation_same_text(x->subject[i].text, y->subject[i].text))
			return false;
	return true;
}

/*
 * A citation is of one measurement. Where one table has something of what it says, another one that
 * has nothing of it measured something else, like another model.
 */
static bool fits_elsewhere(const struct search *s, const struct match *m)
{
	bool elsewhere = false;

	for (size_t i = 0; i < s->n; i++) {
		const struct match *o = &s->matches[i];

		if (!o->met || !same_claim(o, m))
			continue;
		if (o->group == m->group)
			return false;
		elsewhere = true;
	}
	return elsewhere;
}

static enum expected_outcome outcome_of(const struct search *s, size_t matched)
{
	if (matched)
		return EXPECTED_MEASURED;
	if (s->configuration)
		return EXPECTED_FAILED;
	if (s->other_unit && !s->named)
		return EXPECTED_OTHER_UNIT;
	return s->metric ? EXPECTED_NO_CONFIGURATION : EXPECTED_NO_METRIC;
}

static void search_one(struct work *w, struct search *s, size_t number)
{
	size_t matched;

	s->named = s->metric = s->configuration = false;
	s->other_unit = NULL;
	matched = match_by(w, s, number, metric_by_name);
	s->named = s->metric;
	if (!matched)
		matched = match_by(w, s, number, metric_by_quantity);
	w->d->expected[number - 1] = outcome_of(s, matched);
	if (w->d->expected[number - 1] == EXPECTED_OTHER_UNIT)
		claim_of_unit(w, (unsigned)number, s->other_unit, s->other_metric);
}

void expectations_judge(struct work *w)
{
	struct search s = {0};
	size_t n = w->settings->n_expectations;

	w->d->expected = n ? work_alloc(w, n, sizeof *w->d->expected) : NULL;
	if (!w->d->expected)
		return;
	w->d->n_expected = n;
	for (size_t e = 1; e <= n && !w->failed; e++)
		search_one(w, &s, e);
	for (size_t i = 0; i < s.n && !w->failed; i++) {
		struct match *m = &s.matches[i];

		m->elsewhere = !m->met && fits_elsewhere(&s, m);
		add_match(w, m);
		if (!m->met && !m->elsewhere)
			claim_of_other(w, m);
	}
	claims_of_options(w);
}
