/* SPDX-License-Identifier: MIT */
/* Facts, findings and what was said of them, as report.json has them. */
#include "agents/writer/json_impl.h"

static json_t *locator(struct maker *m, const struct locator *l)
{
	json_t *o = json_object();

	if (l->review) {
		make_put(m, o, "review", pointer_text(l->review));
		make_put(m, o, "fact", make_id('F', l->fact));
		return o;
	}
	make_put(m, o, "artifact", make_id('A', l->artifact));
	if (l->table)
		make_put(m, o, "table", json_integer(l->table));
	if (l->pointer)
		make_put(m, o, "pointer", pointer_text(l->pointer));
	if (l->rows)
		make_put(m, o, "rows", pointer_text(l->rows));
	if (l->where)
		make_put(m, o, "where", make_subject(m, l->where, l->n_where));
	if (l->except)
		make_put(m, o, "except", pointer_text(l->except));
	if (l->column)
		make_put(m, o, "column", pointer_text(l->column));
	if (l->place.line) {
		make_put(m, o, "line", json_integer(l->place.line));
		make_put(m, o, "column", json_integer(l->place.column));
		make_put(m, o, "length", json_integer(l->place.length));
	}
	if (l->factor != 1.0 && l->factor != 0.0) /* a locator left at zeros has no factor */
		make_put(m, o, "factor", json_real(l->factor));
	return o;
}

static json_t *excluded(struct maker *m, const struct fact *f)
{
	json_t *a = json_array();

	for (size_t i = 0; i < f->n_excluded; i++) {
		json_t *o = locator(m, &f->excluded[i].at);

		make_put(m, o, "why", pointer_text(f->excluded[i].why));
		make_push(m, a, o);
	}
	return a;
}

static json_t *fact(struct maker *m, const struct fact *f)
{
	json_t *o = json_object(), *cells = json_array();

	for (size_t i = 0; i < f->n_cells; i++)
		make_push(m, cells, locator(m, &f->cells[i]));
	make_put(m, o, "id", make_id('F', f->id));
	make_put(m, o, "label", pointer_text(f->label));
	make_put(m, o, "metric", pointer_text(f->metric));
	make_put(m, o, "quantity", pointer_text(f->quantity));
	make_put(m, o, "unit", pointer_text(f->unit));
	make_put(m, o, "better", json_string(better_name(f->better)));
	make_put(m, o, "subject", make_subject(m, f->subject, f->n_subject));
	make_put(m, o, "statistic", json_string(statistic_name(f->statistic)));
	make_put(m, o, "value", pointer_number(f->value));
	make_put(m, o, "n", make_count(f->n));
	make_put(m, o, "ci", json_null());
	make_put(m, o, "cells", cells);
	make_put(m, o, "excluded", excluded(m, f));
	make_put(m, o, "from", make_ids(m, 'F', f->from, f->n_from));
	return o;
}

json_t *writer_json_fact(const struct fact *f)
{
	struct maker m = {0};
	json_t *o = fact(&m, f);

	if (m.failed)
		json_decref(TAKE(o));
	return o;
}

json_t *make_facts(struct maker *m)
{
	json_t *a = json_array();

	for (size_t i = 0; i < m->d->n_facts; i++)
		make_push(m, a, fact(m, &m->d->facts[i]));
	return a;
}

static json_t *text(struct maker *m, const struct text *t)
{
	json_t *a = json_array();

	for (size_t i = 0; i < t->n; i++) {
		const struct segment *s = &t->segments[i];
		json_t *o = json_object();

		if (s->fact) {
			make_put(m, o, "f", make_id('F', s->fact));
			make_put(m, o, "as", json_string(segment_as_name(s->as)));
		} else {
			make_put(m, o, "t",
			         pointer_text(s->words  ? s->words
			                      : s->name ? s->name
			                                : ""));
		}
		make_push(m, a, o);
	}
	return a;
}

static json_t *gates(struct maker *m, const struct finding *k)
{
	json_t *a = json_array();

	for (size_t i = 0; i < k->n_gates; i++) {
		json_t *o = json_object();

		make_put(m, o, "name", pointer_text(k->gates[i].name));
		make_put(m, o, "value", pointer_number(k->gates[i].value));
		make_put(m, o, "threshold", pointer_number(k->gates[i].threshold));
		make_put(m, o, "passed", json_boolean(k->gates[i].passed));
		make_push(m, a, o);
	}
	return a;
}

static json_t *finding(struct maker *m, const struct finding *k)
{
	json_t *o = json_object();

	make_put(m, o, "id", make_id('K', k->id));
	make_put(m, o, "key", pointer_text(k->key));
	make_put(m, o, "since", pointer_text(k->since));
	make_put(m, o, "kind", json_string(finding_kind_name(k->kind)));
	make_put(m, o, "severity", json_string(severity_name(k->severity)));
	make_put(m, o, "facts", make_ids(m, 'F', k->facts, k->n_facts));
	make_put(m, o, "artifacts", make_ids(m, 'A', k->artifacts, k->n_artifacts));
	make_put(m, o, "gates", gates(m, k));
	make_put(m, o, "verdict", pointer_text(k->verdict));
	make_put(m, o, "state", pointer_text(k->state));
	make_put(m, o, "p", pointer_number(k->p));
	make_put(m, o, "p_adjusted", pointer_number(k->p_adjusted));
	make_put(m, o, "effect", pointer_number(k->effect));
	make_put(m, o, "text", text(m, &k->text));
	if (k->expectation)
		make_put(m, o, "expectation", json_integer((json_int_t)k->expectation - 1));
	if (k->rank)
		make_put(m, o, "rank", make_id('F', k->rank));
	return o;
}

json_t *make_findings(struct maker *m)
{
	json_t *a = json_array();

	for (size_t i = 0; i < m->d->n_findings; i++)
		make_push(m, a, finding(m, &m->d->findings[i]));
	return a;
}

json_t *make_recommendations(struct maker *m)
{
	json_t *a = json_array();

	for (size_t i = 0; i < m->d->n_recommendations; i++) {
		const struct recommendation *r = &m->d->recommendations[i];
		json_t *o = json_object();

		make_put(m, o, "id", make_id('R', r->id));
		make_put(m, o, "findings", make_ids(m, 'K', r->findings, r->n_findings));
		make_put(m, o, "text", text(m, &r->text));
		make_put(m, o, "by", json_string(r->by_model ? "model" : "builtin"));
		make_push(m, a, o);
	}
	return a;
}

json_t *make_risks(struct maker *m)
{
	json_t *a = json_array();

	for (size_t i = 0; i < m->d->n_risks; i++) {
		const struct risk *k = &m->d->risks[i];
		json_t *o = json_object();

		make_put(m, o, "findings", make_ids(m, 'K', k->findings, k->n_findings));
		make_put(m, o, "risk", text(m, &k->risk));
		make_put(m, o, "mitigation", text(m, &k->mitigation));
		make_put(m, o, "by", json_string(k->by_model ? "model" : "builtin"));
		make_push(m, a, o);
	}
	return a;
}

json_t *make_commentary(struct maker *m)
{
	json_t *a = json_array();

	for (size_t i = 0; i < m->d->n_comments; i++) {
		const struct comment *c = &m->d->comments[i];
		json_t *o = json_object(), *about = make_ids(m, 'K', c->findings, c->n_findings);

		for (size_t k = 0; k < c->n_facts; k++)
			make_push(m, about, make_id('F', c->facts[k]));
		make_put(m, o, "id", make_id('C', c->id));
		make_put(m, o, "about", about);
		make_put(m, o, "text", text(m, &c->text));
		make_put(m, o, "hypothesis", json_boolean(c->hypothesis));
		make_push(m, a, o);
	}
	return a;
}
