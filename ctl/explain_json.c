/* SPDX-License-Identifier: MIT */
/* What was explained, for scripts: docs/chimeractl.1 describes it. */
#include "agents/writer/json.h"
#include "agents/writer/pointer.h"
#include "ctl/explain.h"
#include "lib/base/clock.h"

/* Takes the value over; a NULL value makes jansson refuse, and the whole fails. */
static void put(json_t *o, const char *key, json_t *value, bool *failed)
{
	if (json_object_set_new(o, key, value) < 0)
		*failed = true;
}

static void push(json_t *a, json_t *value, bool *failed)
{
	if (json_array_append_new(a, value) < 0)
		*failed = true;
}

static json_t *id_or_null(unsigned id)
{
	return id ? json_sprintf("A%u", id) : json_null();
}

static json_t *time_text(int64_t s)
{
	char text[CLOCK_TEXT_BYTES];

	clock_text(text, s);
	return json_string(text);
}

static json_t *rules_json(const struct role_note *c, bool *failed)
{
	json_t *list = json_array();

	if (c->rule_role)
		push(list, json_string("role"), failed);
	if (c->rule_unit)
		push(list, json_string("unit"), failed);
	if (c->rule_better)
		push(list, json_string("better"), failed);
	return list;
}

static json_t *samples_json(const struct dossier *d, const struct table_note *t,
                            const struct role_note *c, bool *failed)
{
	const struct fact *facts[2];
	size_t n = explain_samples(d, t, c, facts);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *full = writer_json_fact(facts[i]), *o = json_object();
		static const char *const members[] = {"subject", "statistic", "value", "n",
		                                      "cells"};

		for (size_t m = 0; m < ARRAY_LEN(members); m++)
			put(o, members[m], json_incref(json_object_get(full, members[m])), failed);
		json_decref(full);
		push(list, o, failed);
	}
	return list;
}

static json_t *column_json(const struct dossier *d, const struct table_note *t,
                           const struct role_note *c, bool *failed)
{
	double factor = explain_factor(d, t, c);
	json_t *o = json_object();

	put(o, "name", pointer_text(c->column), failed);
	put(o, "pointer", pointer_text(c->pointer), failed);
	put(o, "role", json_string(c->role), failed);
	put(o, "why", pointer_text(c->why), failed);
	put(o, "quantity", pointer_text(c->quantity), failed);
	put(o, "unit", pointer_text(c->unit), failed);
	put(o, "factor", factor > 0 ? pointer_number(factor) : json_null(), failed);
	put(o, "better", json_string(better_name(c->better)), failed);
	put(o, "restates", json_boolean(c->restates), failed);
	put(o, "configured", rules_json(c, failed), failed);
	put(o, "samples", samples_json(d, t, c, failed), failed);
	return o;
}

static json_t *time_json(const struct table_note *n, bool *failed)
{
	json_t *o = json_object();

	put(o, "source", json_string(n->time_by), failed);
	put(o, "name", pointer_text(n->time_name), failed);
	put(o, "first", time_text(n->first_s), failed);
	put(o, "last", time_text(n->last_s), failed);
	put(o, "runs", json_integer((json_int_t)n->n_runs), failed);
	return o;
}

static json_t *columns_json(const struct dossier *d, const struct table_note *t, bool *failed)
{
	json_t *list = json_array();

	for (size_t c = 0; t->decided_by == t->artifact && c < t->n_columns; c++)
		push(list, column_json(d, t, &t->columns[c], failed), failed);
	return list;
}

static json_t *table_json(const struct dossier *d, const struct artifact *a,
                          const struct table_note *n, bool *failed)
{
	const struct table *t = explain_table(a, n->tables[0]);
	bool elsewhere = n->decided_by && n->decided_by != a->id;
	json_t *o = json_object(), *numbers = json_array();
	char decimal[2] = {t->decimal == ',' ? ',' : '.', '\0'};

	for (size_t i = 0; i < n->n_tables; i++)
		push(numbers, json_integer(n->tables[i]), failed);
	put(o, "tables", numbers, failed);
	put(o, "shape", pointer_text(n->shape), failed);
	put(o, "base", pointer_text(t->base), failed);
	put(o, "schema", pointer_text(t->schema), failed);
	put(o, "rows", json_integer((json_int_t)n->n_rows), failed);
	put(o, "failed", json_integer((json_int_t)n->n_failed), failed);
	put(o, "passed_over", json_integer((json_int_t)n->n_noted), failed);
	put(o, "header_line", t->header_line ? json_integer(t->header_line) : json_null(), failed);
	put(o, "decimal", json_string(decimal), failed);
	put(o, "time", time_json(n, failed), failed);
	put(o, "configurations",
	    n->n_configurations ? json_integer((json_int_t)n->n_configurations) : json_null(),
	    failed);
	put(o, "columns_of", elsewhere ? id_or_null(n->decided_by) : json_null(), failed);
	put(o, "columns", columns_json(d, n, failed), failed);
	return o;
}

/* note: the first that is not before this artifact's, moved behind them. */
static json_t *artifact_json(const struct dossier *d, const struct artifact *a, size_t *note,
                             bool *failed)
{
	json_t *o = json_object(), *tables = json_array();

	put(o, "id", id_or_null(a->id), failed);
	put(o, "root", json_integer(a->root), failed);
	put(o, "path", pointer_text(a->path), failed);
	put(o, "format", json_string(artifact_format_name(a->format)), failed);
	put(o, "bytes", json_integer((json_int_t)a->bytes), failed);
	put(o, "modified", time_text(a->modified_s), failed);
	put(o, "status", json_string(artifact_status_name(a->status)), failed);
	put(o, "reason", pointer_text(a->reason), failed);
	put(o, "duplicate_of", id_or_null(a->duplicate_of), failed);
	put(o, "machine", pointer_text(a->machine), failed);
	for (; *note < d->n_table_notes && d->table_notes[*note].artifact == a->id; ++*note)
		push(tables, table_json(d, a, &d->table_notes[*note], failed), failed);
	put(o, "tables", tables, failed);
	return o;
}

json_t *explain_json(const struct explained *e)
{
	const struct inventory *v = &e->dossier.inventory;
	json_t *o = json_object(), *roots = json_array(), *artifacts = json_array();
	bool failed = false;
	size_t note = 0;

	for (size_t i = 0; i < v->n_roots; i++)
		push(roots, pointer_text(v->roots[i]), &failed);
	for (size_t i = 0; i < v->n_artifacts; i++)
		push(artifacts, artifact_json(&e->dossier, &v->artifacts[i], &note, &failed),
		     &failed);
	put(o, "schema", json_string("chimerad.explain/1"), &failed);
	put(o, "roots", roots, &failed);
	put(o, "artifacts", artifacts, &failed);
	if (failed)
		json_decref(TAKE(o));
	return o;
}
