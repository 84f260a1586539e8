/* SPDX-License-Identifier: MIT */
/*
 * What is told of a report, and of a comparison.
 */
#include <errno.h>

#include "ctl/ci.h"
#include "ctl/ctl_json.h"
#include "ctl/summary.h"

#define DEPTH_MAX 16 /* facts over facts */

static const struct fail_on regressions = {.kinds = {[FINDING_REGRESSION] = true}};

/* --- reports ------------------------------------------------------------------- */

/* The first cell that a fact stands on, through the facts that it is made of. */
static const json_t *cell_of(const json_t *report, const char *id)
{
	const json_t *fact = summary_fact(report, id);

	for (int depth = 0; fact && depth < DEPTH_MAX; depth++) {
		const json_t *cell = json_array_get(json_object_get(fact, "cells"), 0);

		if (cell)
			return cell;
		id = json_string_value(json_array_get(json_object_get(fact, "from"), 0));
		fact = id ? summary_fact(report, id) : NULL;
	}
	return NULL;
}

static const json_t *artifact_of(const json_t *report, const char *id)
{
	const json_t *list = json_object_get(json_object_get(report, "inventory"), "artifacts");
	const json_t *one;
	size_t i;

	json_array_foreach (list, i, one) {
		if (strcmp(ctl_json_text(one, "id"), id) == 0)
			return one;
	}
	return NULL;
}

static const char *place_of(struct ci_list *l, const json_t *cell)
{
	const char *rows = ctl_json_text(cell, "rows"), *column = ctl_json_text(cell, "column");
	const char *pointer = ctl_json_text(cell, "pointer");

	if (*pointer)
		return *rows ? arena_printf(l->arena, "%s, elements %s", pointer, rows) : pointer;
	if (*rows)
		return arena_printf(l->arena, "column %s, rows %s", column, rows);
	return *column ? arena_printf(l->arena, "column %s", column) : NULL;
}

static void set_place(struct ci_list *l, struct ci_entry *e, const json_t *report,
                      const json_t *finding)
{
	const json_t *fact = json_array_get(json_object_get(finding, "facts"), 0);
	const json_t *cell = fact ? cell_of(report, json_string_value(fact)) : NULL;
	const json_t *inventory = json_object_get(report, "inventory"), *artifact;
	const char *id = ctl_json_text(cell, "artifact"), *root;

	if (!*id)
		id = json_string_value(json_array_get(json_object_get(finding, "artifacts"), 0));
	artifact = id ? artifact_of(report, id) : NULL;
	root = json_string_value(
		json_array_get(json_object_get(inventory, "roots"),
	                       (size_t)json_integer_value(json_object_get(artifact, "root"))));
	if (cell)
		e->place = place_of(l, cell);
	if (artifact && root)
		e->file = ci_path(l, root, ctl_json_text(artifact, "path"));
	e->line = (long)json_integer_value(json_object_get(cell, "line"));
}

static void add_finding(struct ci_list *l, const json_t *report, const json_t *finding, bool fails)
{
	CLEANUP(freep)
	char *sentence = summary_sentence(report, json_object_get(finding, "text"));
	bool untestable = strcmp(ctl_json_text(finding, "verdict"), "untestable") == 0;
	const char *state = ctl_json_text(finding, "state");
	struct ci_entry e = {.kind = ctl_json_text(finding, "kind"),
	                     .name = ctl_json_text(finding, "key"),
	                     .fails = fails};

	if (sentence && *(*state ? state : untestable ? "untestable" : ""))
		e.message = arena_printf(l->arena, "%s (%s) %s", ctl_json_text(finding, "id"),
		                         *state ? state : "untestable", sentence);
	else if (sentence)
		e.message = arena_printf(l->arena, "%s %s", ctl_json_text(finding, "id"), sentence);
	set_place(l, &e, report, finding);
	ci_add(l, &e);
}

int ci_of_report(struct ci_list *ret, const json_t *report, const struct fail_on *f,
                 struct error *err)
{
	const json_t *job = json_object_get(report, "job"), *finding;
	struct ci_list *l = ret;
	int r;
	size_t i;

	*l = (struct ci_list){.title = ctl_json_text(job, "title"),
	                      .verdict = ctl_json_text(job, "verdict"),
	                      .time = ctl_json_text(job, "finished_at"),
	                      .seconds = json_number_value(json_object_get(
				      json_object_get(report, "stages"), "total_s"))};
	f = f ? f : &regressions;
	r = ci_begin(l, err);
	if (r < 0)
		return r;
	if (f->no_new_data && strcmp(l->verdict, "no_new_data") == 0)
		ci_add(l, &(struct ci_entry){.kind = "no_new_data",
		                             .name = "no_new_data",
		                             .message = "no new data since the last review",
		                             .fails = true});
	json_array_foreach (json_object_get(report, "findings"), i, finding) {
		bool fails = fail_on_fails(f, finding);

		if (fails || fail_on_names(f, finding))
			add_finding(l, report, finding, fails);
	}
	return ci_end(l, f, err);
}

/* --- comparisons ------------------------------------------------------------------ */

static const char *name_of(struct ci_list *l, const struct compare_series *s)
{
	struct buf b = BUF_INIT(65536);
	const char *name;

	buf_printf(&b, "%s of %s", s->metric, s->title);
	if (*s->where)
		buf_printf(&b, " %s", s->where);
	for (size_t i = 0; i < s->n_subject; i++)
		buf_printf(&b, ", %s=%s", s->subject[i].name, s->subject[i].text);
	name = b.failed ? NULL : arena_strdup(l->arena, b.data);
	buf_done(&b);
	return name;
}

static const char *sentence_of(struct ci_list *l, const struct compare_pair *p, const char *name)
{
	struct buf b = BUF_INIT(65536);
	const char *sentence;

	buf_printf(&b, "%s: ", name ? name : "");
	compare_sentence(&b, p);
	sentence = b.failed ? NULL : arena_strdup(l->arena, b.data);
	buf_done(&b);
	return sentence;
}

static void set_series(struct ci_list *l, struct ci_entry *e, const struct compare_side *side,
                       const struct compare_series *s)
{
	const struct locator *cell = s->fact && s->fact->n_cells ? &s->fact->cells[0] : NULL;

	e->file = side->tree ? ci_path(l, side->name, s->title) : s->title;
	if (!cell)
		return;
	e->line = (long)cell->place.line;
	e->place = cell->pointer ? cell->pointer
	           : cell->rows && cell->column
	                   ? arena_printf(l->arena, "column %s, rows %s", cell->column, cell->rows)
	                   : cell->column;
}

static void add_pair(struct ci_list *l, const struct compared_sides *c, const struct fail_on *f,
                     const struct compare_pair *p)
{
	bool untestable = p->verdict == TWO_SAMPLE_UNTESTABLE;
	bool changed = p->verdict == TWO_SAMPLE_CHANGED;
	struct ci_entry e = {.kind = untestable ? "untestable" : finding_kind_name(compare_kind(p)),
	                     .fails = compare_alarms(p, f)};

	if (untestable ? !f->untestable : !changed || !f->kinds[compare_kind(p)])
		return;
	e.name = name_of(l, &p->base);
	e.message = sentence_of(l, p, e.name);
	set_series(l, &e, &c->new, &p->new);
	ci_add(l, &e);
}

static void add_lonely(struct ci_list *l, const struct compare_side *side, enum finding_kind kind,
                       const struct compare_series *s, const char *words)
{
	struct ci_entry e = {.kind = finding_kind_name(kind), .fails = true};

	e.name = name_of(l, s);
	e.message = arena_printf(l->arena, "%s: %s", e.name ? e.name : "", words);
	set_series(l, &e, side, s);
	ci_add(l, &e);
}

int ci_of_sides(struct ci_list *ret, const struct compared_sides *c, const struct fail_on *f,
                struct error *err)
{
	struct ci_list *l = ret;
	int r;

	*l = (struct ci_list){0};
	r = ci_begin(l, err);
	if (r < 0)
		return r;
	l->title = arena_printf(l->arena, "%s against %s", c->new.name, c->base.name);
	l->failed = !l->title;
	f = f ? f : &regressions;
	for (size_t i = 0; i < c->n_pairs; i++)
		add_pair(l, c, f, &c->pairs[i]);
	for (size_t i = 0; f->kinds[FINDING_VANISHED] && i < c->n_vanished; i++)
		add_lonely(l, &c->base, FINDING_VANISHED, &c->vanished[i],
		           "not in NEW, or failed there");
	for (size_t i = 0; f->kinds[FINDING_NEW] && i < c->n_added; i++)
		add_lonely(l, &c->new, FINDING_NEW, &c->added[i], "not in BASE, or failed there");
	return ci_end(l, f, err);
}
