/* SPDX-License-Identifier: MIT */
#include "agents/analyst/as_of.h"

#include <errno.h>

#include "agents/analyst/work.h"

#define SCRATCH_BYTES_MAX ((uint64_t)2 << 30)

/* One run of one series. */
struct entry {
	const struct view *view;
	size_t series;
	int64_t when_s;
	bool measured;
};

/* All runs of a tree, by time. */
struct entries {
	struct work w;
	struct dossier d;
	struct entry *at;
	size_t n;
};

static void entries_done(struct entries *e)
{
	arena_free(e->w.arena);
}

/* --- the runs --------------------------------------------------------------------------- */

static void list(struct entries *e)
{
	size_t most = 0;

	for (size_t i = 0; i < e->w.n_series; i++)
		most += e->w.series[i].n_views;
	e->at = work_alloc(&e->w, most, sizeof *e->at);
	for (size_t i = 0; e->at && i < e->w.n_series; i++) {
		const struct series *s = &e->w.series[i];

		for (size_t k = 0; k < s->n_views; k++) {
			const struct view *v = s->views[k];

			e->at[e->n++] = (struct entry){.view = v,
			                               .series = i,
			                               .when_s = v->run_s,
			                               .measured = s->n_metrics > 0 &&
			                                           v->n_rows > v->n_failed +
			                                                               v->n_noted};
		}
	}
}

static int by_path_time(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;

	if (a->view->run_s != b->view->run_s)
		return a->view->run_s < b->view->run_s ? -1 : 1;
	return (a->series > b->series) - (a->series < b->series);
}

/* The time in the path is that of a whole collection, not of its runs. */
static void tell_apart(struct entries *e)
{
	for (size_t i = 0, n; i < e->n; i += n) {
		bool shared = false;

		for (n = 1; i + n < e->n && e->at[i + n].view->run_s == e->at[i].view->run_s; n++) {
			const struct entry *a = &e->at[i + n - 1], *b = &e->at[i + n];

			shared |= a->series == b->series && a->view->time_s != b->view->time_s;
		}
		for (size_t k = i; shared && k < i + n; k++)
			e->at[k].when_s = e->at[k].view->time_s;
	}
}

static int by_time(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;

	return (a->when_s > b->when_s) - (a->when_s < b->when_s);
}

/* Artifacts are marked while they are analysed; those of the dossier stay as they were. */
static struct artifact *copy_artifacts(const struct inventory *inv, struct arena *arena)
{
	struct artifact *ret = arena_calloc(arena, inv->n_artifacts + 1, sizeof *ret);

	if (ret && inv->n_artifacts)
		memcpy(ret, inv->artifacts, inv->n_artifacts * sizeof *ret);
	return ret;
}

static int find_entries(struct entries *e, const struct dossier *d,
                        const struct analyst_settings *s)
{
	struct work *w = &e->w;

	w->arena = arena_new(SCRATCH_BYTES_MAX);
	if (!w->arena)
		return -ENOMEM;
	w->settings = s;
	w->d = &e->d;
	e->d = (struct dossier){.arena = w->arena, .inventory = d->inventory};
	e->d.inventory.artifacts = copy_artifacts(&d->inventory, w->arena);
	if (!e->d.inventory.artifacts)
		return -ENOMEM;
	views_build(w);
	for (size_t i = 0; i < w->n_views && !w->failed; i++)
		failures_find(w, w->views[i]);
	series_build(w);
	list(e);
	if (w->failed)
		return -ENOMEM;
	qsort(e->at, e->n, sizeof *e->at, by_path_time);
	tell_apart(e);
	qsort(e->at, e->n, sizeof *e->at, by_time);
	return 0;
}

/* --- nights ------------------------------------------------------------------------------ */

/* The runs at one time belong to the night before it: soon after, and nothing is measured twice. */
static bool continues(const struct entries *e, const struct analyst_night *night,
                      const size_t *last_in, size_t number, size_t from, size_t to)
{
	if (!number || is_other_night(night->last_s, e->at[from].when_s))
		return false;
	for (size_t i = from; i < to; i++)
		if (e->at[i].measured && last_in[e->at[i].series] == number)
			return false;
	return true;
}

static bool any_measured(const struct entries *e, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (e->at[i].measured)
			return true;
	return false;
}

/* last_in: the number of the last night, from 1, in which a series was measured. */
static size_t divide(struct entries *e, struct analyst_night *ret, size_t *last_in)
{
	size_t n = 0;

	for (size_t i = 0, to; i < e->n; i = to) {
		int64_t t = e->at[i].when_s;

		for (to = i + 1; to < e->n && e->at[to].when_s == t;)
			to++;
		if (!any_measured(e, i, to))
			continue;
		if (!continues(e, n ? &ret[n - 1] : NULL, last_in, n, i, to))
			ret[n++].first_s = t;
		ret[n - 1].last_s = t;
		for (size_t k = i; k < to; k++)
			if (e->at[k].measured)
				last_in[e->at[k].series] = n;
	}
	return n;
}

int analyst_nights(struct analyst_night **ret, size_t *ret_n, const struct dossier *d,
                   const struct analyst_settings *s)
{
	CLEANUP(entries_done) struct entries e = {0};
	int r = find_entries(&e, d, s);
	CLEANUP(freep) struct analyst_night *nights = calloc(e.n + 1, sizeof *nights);
	CLEANUP(freep) size_t *last_in = calloc(e.w.n_series + 1, sizeof *last_in);

	if (r < 0 || !nights || !last_in)
		return -ENOMEM;
	*ret_n = divide(&e, nights, last_in);
	*ret = TAKE(nights);
	return 0;
}

/* --- what is later ----------------------------------------------------------------------- */

/* Of one artifact of the tree as it is now. */
struct state {
	bool **hidden; /* by table: rows that are not there yet; NULL: all are */
	bool has_views, visible;
	bool by_content; /* what it holds tells its time, whatever its copies are called */
	unsigned id;     /* in the copy; 0: not there */
};

struct cutting {
	struct dossier *d;
	struct entries e;
	const struct inventory *from;
	struct state *states;
	int64_t as_of_s;
	bool failed;
};

static bool *hidden_rows(struct cutting *c, struct state *s, const struct artifact *a,
                         const struct table *t)
{
	size_t i = (size_t)(t - a->tables);

	if (!s->hidden)
		s->hidden = arena_calloc(c->e.w.arena, a->n_tables + 1, sizeof *s->hidden);
	if (s->hidden && !s->hidden[i])
		s->hidden[i] = arena_calloc(c->e.w.arena, t->n_rows + 1, sizeof **s->hidden);
	c->failed |= !s->hidden || !s->hidden[i];
	return c->failed ? NULL : s->hidden[i];
}

static void hide(struct cutting *c, struct state *s, const struct view *v)
{
	for (size_t r = 0; r < v->n_rows && !c->failed; r++) {
		const struct view_row row = view_row(v, r);
		bool *rows = hidden_rows(c, s, v->artifact, v->parts[row.part].table);

		if (rows)
			rows[row.row] = true;
	}
}

static int64_t time_of_file(const struct artifact *a)
{
	int64_t t;
	bool in_name;

	return path_time(a->path, &t, &in_name) ? t : a->modified_s;
}

static void look_at_views(struct cutting *c)
{
	for (size_t i = 0; i < c->e.n && !c->failed; i++) {
		const struct entry *one = &c->e.at[i];
		struct state *s = &c->states[one->view->artifact->id - 1];
		bool there = one->when_s <= c->as_of_s;

		s->has_views = true;
		s->visible |= there;
		if (!there)
			hide(c, s, one->view);
	}
	for (size_t i = 0; i < c->e.d.n_times; i++)
		c->states[c->e.d.times[i].artifact - 1].by_content |= c->e.d.times[i].source <=
		                                                      TIME_FIELD;
}

/* A copy with a date of its own may have been there before what is listed as the first. */
static void look_at_files(struct cutting *c)
{
	for (size_t i = 0; i < c->from->n_artifacts; i++) {
		const struct artifact *a = &c->from->artifacts[i];
		struct state *s = &c->states[i];
		const struct state *first = a->duplicate_of ? &c->states[a->duplicate_of - 1] : s;

		if (!s->has_views)
			s->visible = time_of_file(a) <= c->as_of_s;
		if (first->by_content && !first->visible)
			s->visible = false;
	}
}

/* --- the copy ---------------------------------------------------------------------------- */

static void copy_column(struct cutting *c, struct column *to, const struct table *t, size_t column,
                        const bool *hidden, size_t n_rows)
{
	const struct column *from = &t->columns[column];
	struct text_place *places = NULL;
	size_t n = 0;

	*to = *from;
	to->store = STORE_PLAIN;
	to->values = arena_calloc(c->d->arena, n_rows + 1, sizeof *to->values);
	if (from->places)
		to->places = places = arena_calloc(c->d->arena, n_rows + 1, sizeof *places);
	c->failed |= !to->values || (from->places && !places);
	for (size_t r = 0; r < t->n_rows && !c->failed; r++) {
		if (hidden[r])
			continue;
		if (places)
			places[n] = from->places[r];
		to->values[n++] = table_cell(t, r, column);
	}
}

/* Later rows stand anywhere. */
static void pick_rows(struct cutting *c, struct table *to, const struct table *t,
                      const bool *hidden)
{
	struct column *columns = arena_calloc(c->d->arena, t->n_columns + 1, sizeof *columns);
	struct row_note *notes = arena_calloc(c->d->arena, t->n_notes + 1, sizeof *notes);
	uint32_t row = 0;

	c->failed |= !columns || !notes;
	for (size_t i = 0; i < t->n_columns && !c->failed; i++)
		copy_column(c, &columns[i], t, i, hidden, to->n_rows);
	to->columns = columns;
	to->notes = notes;
	to->n_notes = 0;
	for (size_t r = 0, note = 0; r < t->n_rows && !c->failed; r++) {
		bool noted = note < t->n_notes && t->notes[note].row == r;

		if (noted && !hidden[r])
			notes[to->n_notes++] = (struct row_note){row, t->notes[note].why};
		note += noted;
		row += !hidden[r];
	}
}

/* False: no row of it was there. */
static bool cut_table(struct cutting *c, struct table *to, const struct table *t,
                      const bool *hidden)
{
	size_t kept = 0, first = t->n_rows;

	*to = *t;
	for (size_t r = 0; r < t->n_rows && hidden; r++) {
		kept += !hidden[r];
		first = hidden[r] && first == t->n_rows ? r : first;
	}
	if (!hidden || first == t->n_rows)
		return true;
	to->n_rows = kept;
	if (kept > first) {
		pick_rows(c, to, t, hidden);
		return true;
	}
	while (to->n_notes && to->notes[to->n_notes - 1].row >= kept)
		to->n_notes--;
	return kept > 0;
}

static void cut_tables(struct cutting *c, struct artifact *to, const struct artifact *holder)
{
	const struct state *s = &c->states[holder->id - 1];

	to->tables = arena_calloc(c->d->arena, holder->n_tables + 1, sizeof *to->tables);
	to->n_tables = 0;
	c->failed |= !to->tables;
	for (size_t i = 0; i < holder->n_tables && !c->failed; i++) {
		const bool *hidden = s->hidden && s->visible ? s->hidden[i] : NULL;
		struct table *t = &to->tables[to->n_tables];

		if (!cut_table(c, t, &holder->tables[i], hidden))
			continue;
		t->number -= (unsigned)(i - to->n_tables); /* of those that are there */
		t->artifact = to;
		to->n_tables++;
	}
}

/* Of copies that are there the first holds the tables. */
static void copy_artifact(struct cutting *c, struct artifact *to, const struct artifact *a,
                          unsigned *first_copy)
{
	const struct artifact *holder = a;

	*to = *a;
	to->id = (unsigned)(to - c->d->inventory.artifacts) + 1;
	c->states[a->id - 1].id = to->id;
	if (a->duplicate_of) {
		unsigned *first = &first_copy[a->duplicate_of - 1];

		holder = &c->from->artifacts[a->duplicate_of - 1];
		to->duplicate_of = c->states[holder->id - 1].id ?: *first;
		if (to->duplicate_of)
			return;
		*first = to->id;
	}
	cut_tables(c, to, holder);
}

static void copy_inventory(struct cutting *c)
{
	struct inventory *inv = &c->d->inventory;
	size_t n = c->from->n_artifacts;
	unsigned *first_copy = arena_calloc(c->e.w.arena, n + 1, sizeof *first_copy);

	inv->artifacts = arena_calloc(c->d->arena, n + 1, sizeof *inv->artifacts);
	inv->n_artifacts = inv->n_gone = 0;
	inv->bytes = 0;
	c->failed |= !first_copy || !inv->artifacts;
	for (size_t i = 0; i < n && !c->failed; i++) {
		const struct artifact *a = &c->from->artifacts[i];

		if (!c->states[i].visible)
			continue;
		copy_artifact(c, &inv->artifacts[inv->n_artifacts++], a, first_copy);
		inv->bytes += a->bytes;
	}
}

static void cutting_done(struct cutting *c)
{
	entries_done(&c->e);
}

int as_of_cut(struct dossier *d, const struct analyst_settings *s)
{
	struct inventory all = d->inventory;
	CLEANUP(cutting_done) struct cutting c = {.d = d, .from = &all, .as_of_s = s->as_of_s};
	int r = find_entries(&c.e, d, s);

	if (r < 0)
		return r;
	c.states = arena_calloc(c.e.w.arena, all.n_artifacts + 1, sizeof *c.states);
	if (!c.states)
		return -ENOMEM;
	look_at_views(&c);
	look_at_files(&c);
	copy_inventory(&c);
	return c.failed ? -ENOMEM : 0;
}
