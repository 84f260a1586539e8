/* SPDX-License-Identifier: MIT */
/* Inventory, facts, findings and what was said of them, as report.json has them. */
#include <stdio.h>

#include "agents/writer/json_impl.h"

static json_t *tables(struct maker *m, const struct artifact *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->n_tables; i++) {
		const struct table *t = &a->tables[i];
		char decimal[2] = {t->decimal == ',' ? ',' : '.', '\0'};
		json_t *o = json_object();

		make_put(m, o, "rows", json_integer((json_int_t)t->n_rows));
		make_put(m, o, "header_line",
		         t->header_line ? json_integer(t->header_line) : json_null());
		make_put(m, o, "decimal", json_string(decimal));
		make_push(m, list, o);
	}
	return list;
}

static json_t *artifact(struct maker *m, const struct artifact *a)
{
	json_t *o = json_object();

	make_put(m, o, "id", make_id('A', a->id));
	make_put(m, o, "root", json_integer(a->root));
	make_put(m, o, "path", pointer_text(a->path));
	make_put(m, o, "format", json_string(artifact_format_name(a->format)));
	make_put(m, o, "bytes", json_integer((json_int_t)a->bytes));
	make_put(m, o, "modified", make_time(a->modified_s));
	make_put(m, o, "digest", pointer_text(a->digest));
	make_put(m, o, "tables", tables(m, a));
	make_put(m, o, "status", json_string(artifact_status_name(a->status)));
	make_put(m, o, "reason", pointer_text(a->reason));
	return o;
}

static json_t *counts(struct maker *m)
{
	const struct inventory *v = &m->d->inventory;
	json_int_t n[FORMAT_OTHER + 1] = {[FORMAT_OTHER] = (json_int_t)v->n_other};
	json_t *o = json_object();

	for (size_t i = 0; i < v->n_artifacts; i++)
		n[v->artifacts[i].format]++;
	for (enum artifact_format f = FORMAT_CSV; f <= FORMAT_OTHER; f++)
		make_put(m, o, artifact_format_name(f), json_integer(n[f]));
	return o;
}

static json_t *statuses(struct maker *m)
{
	const struct inventory *v = &m->d->inventory;
	json_int_t n[STATUS_SKIPPED + 1] = {0}, copies = 0, analysed = 0;
	json_t *o = json_object();

	for (size_t i = 0; i < v->n_artifacts; i++) {
		const struct artifact *a = &v->artifacts[i];

		n[a->status]++;
		copies += a->duplicate_of != 0;
		analysed += (a->status == STATUS_OK || a->status == STATUS_PARTIAL) &&
		            a->duplicate_of == 0;
	}
	for (enum artifact_status s = STATUS_OK; s <= STATUS_SKIPPED; s++)
		make_put(m, o, artifact_status_name(s), json_integer(n[s]));
	make_put(m, o, "analysed", json_integer(analysed));
	make_put(m, o, "copies", json_integer(copies));
	return o;
}

static json_t *duplicates(struct maker *m)
{
	const struct inventory *v = &m->d->inventory;
	json_t *lists = json_array(), *by_first = json_object();

	for (size_t i = 0; i < v->n_artifacts; i++) {
		const struct artifact *a = &v->artifacts[i];
		char first[24];
		json_t *list;

		if (!a->duplicate_of)
			continue;
		(void)snprintf(first, sizeof first, "A%u", a->duplicate_of);
		list = json_object_get(by_first, first);
		if (!list) {
			list = json_array();
			make_push(m, list, json_string(first));
			make_push(m, lists, list);
			make_put(m, by_first, first, json_incref(list));
		}
		make_push(m, list, make_id('A', a->id));
	}
	json_decref(by_first);
	return lists;
}

json_t *make_inventory(struct maker *m)
{
	const struct inventory *v = &m->d->inventory;
	json_t *o = json_object(), *roots = json_array(), *artifacts = json_array();

	for (size_t i = 0; i < v->n_roots; i++)
		make_push(m, roots, pointer_text(v->roots[i]));
	for (size_t i = 0; i < v->n_artifacts; i++)
		make_push(m, artifacts, artifact(m, &v->artifacts[i]));
	make_put(m, o, "roots", roots);
	make_put(m, o, "counts", counts(m));
	make_put(m, o, "statuses", statuses(m));
	make_put(m, o, "bytes", json_integer((json_int_t)v->bytes));
	make_put(m, o, "reused", json_integer((json_int_t)v->n_reused));
	make_put(m, o, "artifacts", artifacts);
	make_put(m, o, "duplicates", duplicates(m));
	return o;
}

static json_t *locator(struct maker *m, const struct locator *l)
{
	json_t *o = json_object();

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
