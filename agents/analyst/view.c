/* SPDX-License-Identifier: MIT */
#include "agents/analyst/work.h"

#include "agents/analyst/shapes.h"

#define MAX_VIEW_COLUMNS 1024
#define MAX_MAP_ENTRIES  (4u << 20) /* of one view: parts times columns */

/* One part before the columns of all of its view are known. */
struct piece {
	const struct table *table;
	const char *section; /* pointer of the object whose numbers these are, NULL: all */
	const struct label *labels;
	size_t n_labels;
	struct sections sections;
};

struct draft {
	struct view *view;
	struct piece *pieces;
	size_t n_pieces, cap_pieces, cap_columns;
	struct strmap ids;
	bool overflow;
};

const char *pointer_parent(struct work *w, const char *pointer)
{
	const char *slash = pointer ? strrchr(pointer, '/') : NULL;

	return slash && slash > pointer ? work_printf(w, "%.*s", (int)(slash - pointer), pointer)
	                                : "";
}

static const struct cell no_cell = {.kind = CELL_EMPTY, .text = ""};

struct cell view_cell(const struct view *v, size_t row, size_t column)
{
	const struct view_row r = view_row(v, row);
	const struct part *p = &v->parts[r.part];
	int at = p->map[column];

	if (at >= 0)
		return table_cell(p->table, r.row, (size_t)at);
	return at == MAP_NONE ? no_cell : p->own[MAP_OWN - at];
}

const struct table *view_table(const struct view *v, size_t row)
{
	return v->parts[view_row(v, row).part].table;
}

const struct column *view_table_column(const struct view *v, size_t row, size_t column)
{
	const struct part *p = &v->parts[view_row(v, row).part];

	return p->map[column] >= 0 ? &p->table->columns[p->map[column]] : NULL;
}

struct view_row *view_row_known(struct work *w, struct view *v, size_t row)
{
	if (!v->known) {
		v->known = work_alloc(w, v->n_rows, sizeof *v->known);
		for (size_t r = 0; v->known && r < v->n_rows; r++)
			v->known[r].row = (uint32_t)r;
	}
	return v->known ? &v->known[row] : NULL;
}

const struct column *view_only_column(const struct view *v, size_t column)
{
	const struct part *p = v->parts;

	return v->n_parts == 1 && !v->whole && p->map[column] >= 0
	               ? &p->table->columns[p->map[column]]
	               : NULL;
}

bool view_is_measured(const struct view *v, size_t column)
{
	for (size_t i = 0; i < v->n_parts && !v->whole; i++) {
		const struct part *p = &v->parts[i];

		if (p->map[column] >= 0 &&
		    p->table->columns[p->map[column]].store == STORE_MEASURED)
			return true;
	}
	return false;
}

int view_find(const struct view *v, const char *id)
{
	for (size_t c = 0; c < v->n_columns; c++)
		if (strcmp(v->columns[c].id, id) == 0)
			return (int)c;
	return -1;
}

/* What a column is called in every run; of a section, without the section. */
static const char *id_of(struct work *w, const struct piece *p, size_t c)
{
	const struct column *col = &p->table->columns[c];

	if (col->is_row_key)
		return "#key";
	if (!col->pointer)
		return col->split ? work_printf(w, "%s@%s", col->name, col->split) : col->name;
	if (col->split)
		return work_printf(w, "%s@%s", col->pointer, col->split);
	if (p->section && p->sections.measures[c])
		return work_printf(w, "/%s", col->name);
	return *col->pointer ? col->pointer : "/";
}

/* The number of a column in the view, -1 when there is no room for it. */
static int draft_column(struct work *w, struct draft *d, const struct view_column *c)
{
	size_t number;

	if (!c->id || strmap_add(&d->ids, str_of(c->id), &number) < 0) {
		w->failed = true;
		return -1;
	}
	if (number >= MAX_VIEW_COLUMNS)
		return -1;
	if (number < d->view->n_columns)
		return (int)number;
	if (!work_grow(w, &d->view->columns, d->view->n_columns, &d->cap_columns, sizeof *c))
		return -1;
	d->view->columns[d->view->n_columns++] = *c;
	return (int)number;
}

static bool in_piece(const struct piece *p, size_t c, const char *parent)
{
	return !p->section || !p->sections.measures[c] || strcmp(parent, p->section) == 0;
}

static void map_columns(struct work *w, struct draft *d, const struct piece *p, int *map)
{
	for (size_t c = 0; c < p->table->n_columns && !w->failed; c++) {
		const struct column *col = &p->table->columns[c];
		const char *parent = pointer_parent(w, col->pointer);
		struct view_column vc = {.name = col->name,
		                         .parent = parent,
		                         .is_row_key = col->is_row_key,
		                         .restates = p->sections.restates[c],
		                         .meaning = col->meaning};
		int at;

		if (!parent || !in_piece(p, c, parent))
			continue;
		vc.id = id_of(w, p, c);
		at = draft_column(w, d, &vc);
		if (map && at >= 0)
			map[at] = (int)c;
	}
}

/* Columns for what stands around the table, and for the section. */
static void map_labels(struct work *w, struct draft *d, const struct piece *p, int *map,
                       struct cell *own)
{
	size_t n = p->n_labels + (p->section ? 1 : 0);

	for (size_t i = 0; i < n && !w->failed; i++) {
		const struct column_meaning *const *meanings = p->table->context_meanings;
		bool section = i == p->n_labels;
		const char *name = section ? "section" : p->labels[i].name;
		const char *text = section ? p->section + (*p->section == '/') : p->labels[i].text;
		struct view_column vc = {.id = work_printf(w, "#%s", name),
		                         .name = name,
		                         .parent = "",
		                         .is_added = true,
		                         .is_row_key = section};
		int at;

		if (meanings && i < p->table->n_context)
			vc.meaning = meanings[i];
		at = draft_column(w, d, &vc);
		if (!map || at < 0)
			continue;
		map[at] = MAP_OWN - (int)i;
		own[i] = (struct cell){.kind = *text ? CELL_TEXT : CELL_EMPTY, .text = text};
	}
}

static void add_rows(struct view *v, size_t part)
{
	const struct table *t = v->parts[part].table;
	size_t note = 0;

	if (!v->known)
		v->n_rows += t->n_rows;

	for (size_t r = 0; v->known && r < t->n_rows; r++) {
		struct view_row *row = &v->known[v->n_rows++];

		*row = (struct view_row){.part = (uint32_t)part, .row = (uint32_t)r};
		if (note < t->n_notes && t->notes[note].row == r) {
			row->failed = t->notes[note++].why;
			row->fail_column = -1;
			v->n_noted++;
		}
	}
}

static void finish_part(struct work *w, struct draft *d, size_t i)
{
	const struct piece *p = &d->pieces[i];
	int *map = work_alloc(w, d->view->n_columns, sizeof *map);
	struct cell *own = work_alloc(w, p->n_labels + 1, sizeof *own);

	if (w->failed)
		return;
	for (size_t c = 0; c < d->view->n_columns; c++)
		map[c] = MAP_NONE;
	map_columns(w, d, p, map);
	map_labels(w, d, p, map, own);
	d->view->parts[i] = (struct part){p->table, map, own};
	add_rows(d->view, i);
}

static void finish(struct work *w, struct draft *d)
{
	struct view *v = d->view;
	size_t rows = 0;

	for (size_t i = 0; i < d->n_pieces && !w->failed; i++) {
		map_columns(w, d, &d->pieces[i], NULL);
		map_labels(w, d, &d->pieces[i], NULL, NULL);
	}
	for (size_t i = 0; i < d->n_pieces; i++) {
		if ((i + 1) * v->n_columns > MAX_MAP_ENTRIES) {
			d->n_pieces = i;
			d->overflow = true;
			break;
		}
		rows += d->pieces[i].table->n_rows;
	}
	v->parts = work_alloc(w, d->n_pieces, sizeof *v->parts);
	if (d->n_pieces != 1 || d->pieces->table->n_notes)
		v->known = work_alloc(w, rows, sizeof *v->known);
	v->n_parts = d->n_pieces;
	for (size_t i = 0; i < d->n_pieces && !w->failed; i++)
		finish_part(w, d, i);
}

static void add_piece(struct work *w, struct draft *d, const struct piece *p)
{
	if (work_grow(w, &d->pieces, d->n_pieces, &d->cap_pieces, sizeof *p))
		d->pieces[d->n_pieces++] = *p;
}

static void add_table(struct work *w, struct draft *d, const struct table *t,
                      const struct shape *shape)
{
	struct piece p = {.table = t, .labels = shape->labels, .n_labels = shape->n_labels};

	sections_of(w, t, &p.sections);
	if (!p.sections.n)
		add_piece(w, d, &p);
	for (size_t i = 0; i < p.sections.n; i++) {
		p.section = p.sections.parents[i];
		add_piece(w, d, &p);
	}
}

/* A pointer with a member called "*" cannot be told from one over all members. */
static bool has_star(const char *base)
{
	return strstr(base, "/*/") != NULL;
}

static void views_of(struct work *w, struct artifact *a)
{
	struct strmap bases, shapes = {.arena = w->arena};
	struct draft *drafts = work_alloc(w, a->n_tables, sizeof *drafts);
	struct shape shape;
	size_t n = 0, at;

	bases_of(w, a, &bases);
	for (size_t i = 0; i < a->n_tables && !w->failed; i++) {
		if (a->tables[i].base && has_star(a->tables[i].base))
			continue;
		shape_of(w, &shape, &a->tables[i], &bases);
		if (w->failed || strmap_add(&shapes, str_of(shape.text), &at) < 0)
			break;
		if (at == n) {
			drafts[n++] = (struct draft){.view = work_alloc(w, 1, sizeof(struct view)),
			                             .ids = {.arena = w->arena}};
			if (w->failed)
				return;
			drafts[at].view->artifact = a;
			drafts[at].view->shape = shape.text;
			drafts[at].view->where = a->n_tables > 1 ? shape.text : "";
		}
		add_table(w, &drafts[at], &a->tables[i], &shape);
	}
	for (size_t i = 0; i < n && !w->failed; i++) {
		finish(w, &drafts[i]);
		drafts[i].view->number = w->n_views;
		if (work_grow(w, &w->views, w->n_views, &w->cap_views, sizeof *w->views))
			w->views[w->n_views++] = drafts[i].view;
		if (drafts[i].overflow && a->status == STATUS_OK) {
			a->status = STATUS_PARTIAL;
			a->reason = "more tables of one shape than can be put together";
		}
	}
}

void views_build(struct work *w)
{
	for (size_t i = 0; i < w->d->inventory.n_artifacts && !w->failed; i++) {
		struct artifact *a = &w->d->inventory.artifacts[i];

		if (!a->duplicate_of && a->n_tables)
			views_of(w, a);
	}
}
