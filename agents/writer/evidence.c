/* SPDX-License-Identifier: MIT */
/*
 * Where every cited fact came from: one line for a fact that a sentence cites, one line for each
 * column of a table, with all of its facts.
 */
#include <stdio.h>

#include "agents/writer/page.h"

#define MAX_FROM 4

static void say_source(struct page *p, const struct fact *f)
{
	const struct locator *l = &f->cells[0];
	const struct artifact *a = dossier_artifact(p->d, l->artifact);

	if (l->review) {
		ink_words(&p->ink, "review ");
		ink_id_text(&p->ink, l->review);
	}
	if (a)
		ink_name(&p->ink, a->path);
	if (l->table) {
		ink_words(&p->ink, ", table ");
		ink_figure(&p->ink, NUMBER_MEASURE, "/facts/%u/cells/0/table", f->id - 1);
	}
	if (l->column) {
		ink_words(&p->ink, ", column ");
		ink_name(&p->ink, l->column);
	}
}

/* "all rows of model=a but 17": what stands in them tells which. */
static void say_where(struct page *p, const struct locator *l)
{
	ink_words(&p->ink, l->n_where ? "all rows of " : "rows ");
	page_subject(p, l->where, l->n_where);
	if (l->except) {
		ink_words(&p->ink, " but ");
		ink_name(&p->ink, l->except);
	}
}

void page_cells(struct page *p, const struct fact *f)
{
	const struct locator *l = &f->cells[0];

	if (l->pointer)
		ink_name(&p->ink, l->pointer);
	if (l->rows) {
		ink_words(&p->ink, l->pointer ? " " : "");
		ink_words(&p->ink, strpbrk(l->rows, ",-") ? "rows " : "row ");
		ink_name(&p->ink, l->rows);
	}
	if (l->where)
		say_where(p, l);
	if (l->place.line) {
		ink_words(&p->ink, "line ");
		ink_figure(&p->ink, NUMBER_MEASURE, "/facts/%u/cells/0/line", f->id - 1);
		ink_words(&p->ink, " column ");
		ink_figure(&p->ink, NUMBER_MEASURE, "/facts/%u/cells/0/column", f->id - 1);
	}
	if (f->n_cells > 1) {
		ink_words(&p->ink, "; places in all ");
		ink_figure(&p->ink, NUMBER_MEASURE, "/facts/%u/cells", f->id - 1);
	}
}

static void say_origin(struct page *p, const struct fact *f)
{
	if (f->n_cells) {
		say_source(p, f);
		ink_words(&p->ink, ", ");
		page_cells(p, f);
		return;
	}
	ink_words(&p->ink, f->n_from ? "from " : "–");
	page_ids(p, 'F', f->from, f->n_from > MAX_FROM ? MAX_FROM : f->n_from);
	if (f->n_from > MAX_FROM) {
		ink_words(&p->ink, " and others, in all ");
		ink_figure(&p->ink, NUMBER_MEASURE, "/facts/%u/from", f->id - 1);
	}
}

static void say_fact_row(struct page *p, const struct fact *f)
{
	page_cell(p);
	ink_id(&p->ink, 'F', f->id);
	page_cell(p);
	ink_label(&p->ink, f->label);
	if (f->n_subject) {
		ink_words(&p->ink, ", ");
		page_subject(p, f->subject, f->n_subject);
	}
	page_cell(p);
	page_value(p, f->id);
	page_cell(p);
	ink_figure(&p->ink, NUMBER_MEASURE, "/facts/%u/n", f->id - 1);
	page_cell(p);
	say_origin(p, f);
	page_row(p);
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Whether two facts stand in one column of one table; in one table, when room is short. */
static bool shares_source(const struct page *p, const struct fact *a, const struct fact *b)
{
	if (p->group_of[a->id] != p->group_of[b->id] ||
	    a->cells[0].artifact != b->cells[0].artifact || a->cells[0].table != b->cells[0].table)
		return false;
	return p->limits.evidence_by_table ||
	       (is_same(a->metric, b->metric) && is_same(a->unit, b->unit) &&
	        is_same(a->cells[0].column, b->cells[0].column));
}

static bool same_labels(const struct locator *a, const struct locator *b)
{
	if ((a->where != NULL) != (b->where != NULL) || a->n_where != b->n_where)
		return false;
	for (size_t i = 0; i < a->n_where; i++)
		if (!is_same(a->where[i].name, b->where[i].name) ||
		    !is_same(a->where[i].text, b->where[i].text))
			return false;
	return true;
}

static bool same_rows(const struct fact *a, const struct fact *b)
{
	return a && !a->cells[0].pointer && !b->cells[0].pointer && a->n_cells == 1 &&
	       b->n_cells == 1 && a->cells[0].place.line == b->cells[0].place.line &&
	       is_same(a->cells[0].rows, b->cells[0].rows) &&
	       is_same(a->cells[0].except, b->cells[0].except) &&
	       same_labels(&a->cells[0], &b->cells[0]);
}

/* "rows 3-4: F1, F2; rows 5: ...": in the order of the table above, which has the values. */
static void say_cell_facts(struct page *p, size_t from, bool *said)
{
	const struct fact *first = dossier_fact(p->d, p->sheet[from]), *before = NULL;

	for (size_t i = from; i < p->n_sheet; i++) {
		const struct fact *f = dossier_fact(p->d, p->sheet[i]);

		if (said[i] || !shares_source(p, first, f))
			continue;
		said[i] = true;
		if (same_rows(before, f)) {
			ink_words(&p->ink, ", ");
		} else {
			ink_words(&p->ink, before ? "; " : "");
			page_cells(p, f);
			ink_words(&p->ink, ": ");
		}
		ink_id(&p->ink, 'F', f->id);
		before = f;
	}
}

static void say_column_source(struct page *p, const struct fact *f)
{
	const struct artifact *a = dossier_artifact(p->d, f->cells[0].artifact);

	if (p->limits.evidence_by_table) {
		if (a)
			ink_name(&p->ink, a->path);
		if (f->cells[0].table) {
			ink_words(&p->ink, ", table ");
			ink_figure(&p->ink, NUMBER_MEASURE, "/facts/%u/cells/0/table", f->id - 1);
		}
		ink_words(&p->ink, ", its columns in order");
		return;
	}
	say_source(p, f);
	if (f->metric && !f->cells[0].column) {
		ink_words(&p->ink, ", ");
		ink_name(&p->ink, f->metric);
	}
}

static void say_left(struct page *p, size_t left)
{
	if (!left)
		return;
	ink_words(&p->ink, "\nFurther facts that this text cites, with their sources in "
	                   "report.json: ");
	page_omitted(p, left);
	ink_words(&p->ink, ".\n");
}

/* Cited by a sentence or a list, and by no table of section 3. */
static bool is_cited_alone(const struct page *p)
{
	for (size_t i = 0; i < p->ink.n_cited; i++)
		if (!p->in_sheet[p->ink.cited[i]])
			return true;
	return false;
}

static void say_sentence_facts(struct page *p, unsigned *room, bool shared)
{
	unsigned keep = shared ? *room / 3 : 0; /* for the columns of tables */
	size_t left = 0;

	page_begin(p, "table", "code");
	ink_words(&p->ink, "| Fact | What | Value | n | Source |\n");
	page_rule(p, "ttnnt");
	page_table(p, true);
	for (size_t i = 0; i < p->ink.n_cited; i++) {
		const struct fact *f = dossier_fact(p->d, p->ink.cited[i]);

		if (p->in_sheet[f->id])
			continue;
		if (*room > keep) {
			say_fact_row(p, f);
			*room -= 1;
		} else {
			left++;
		}
	}
	page_table(p, false);
	say_left(p, left);
	page_end(p);
}

static void say_column_facts(struct page *p, unsigned room)
{
	size_t left = 0;
	bool *said = arena_calloc(p->ink.arena, p->n_sheet + 1, sizeof *said);

	if (!said) {
		p->failed = true;
		return;
	}
	page_begin(p, "table", "code");
	ink_words(&p->ink, "| Of a table above | Its facts, row by row |\n");
	page_rule(p, "tt");
	page_table(p, true);
	for (size_t i = 0; i < p->n_sheet; i++) {
		if (said[i])
			continue;
		if (room) {
			page_cell(p);
			say_column_source(p, dossier_fact(p->d, p->sheet[i]));
			page_cell(p);
			say_cell_facts(p, i, said);
			page_row(p);
			room--;
		} else {
			left++;
		}
	}
	page_table(p, false);
	say_left(p, left);
	page_end(p);
}

void page_evidence(struct page *p)
{
	unsigned room = p->limits.evidence;

	page_begin(p, "prose", "code");
	ink_heading(&p->ink, 7, 2);
	ink_words(&p->ink, "Evidence\n\n");
	ink_words(&p->ink,
	          p->ink.n_cited ? "The facts that this text cites; all others are in report.json."
	                         : "This text cites no fact.");
	page_end(p);
	if (is_cited_alone(p))
		say_sentence_facts(p, &room, p->n_sheet > 0);
	if (p->n_sheet)
		say_column_facts(p, room);
}
