/* SPDX-License-Identifier: MIT */
/* What every table and column was taken for, so that people can ask and disagree. */
#include "agents/analyst/work.h"

static const struct view *decided_view(const struct series *s)
{
	return s->roles ? s->views[s->decided] : NULL;
}

/* From 1, 0: none. */
static size_t metric_of(const struct series *s, size_t column)
{
	for (size_t m = 0; s->group && m < s->n_metrics; m++)
		if ((size_t)s->metrics[m] == column)
			return m + 1;
	return 0;
}

static const char *pointer_of(const struct view *v, size_t column)
{
	for (size_t p = 0; p < v->n_parts; p++) {
		int at = v->parts[p].map[column];

		if (at >= 0)
			return v->parts[p].table->columns[at].pointer;
	}
	return NULL;
}

static bool names_work(const struct work *w, const struct series *s, const char *column)
{
	const struct group *g = series_group(w, s);

	for (size_t k = 0; g && k < g->n_work_keys; k++)
		if (strcmp(g->work_keys[k], column) == 0)
			return true;
	return false;
}

static struct role_note note_of(const struct work *w, const struct series *s, const struct view *v,
                                size_t column)
{
	static const char *const names[] = {"key", "metric", "covariate", "ignored"};
	const struct column_role *r = &s->roles[column];
	bool metric = r->role == ROLE_METRIC;

	return (struct role_note){.artifact = v->artifact->id,
	                          .table = v->parts[0].table->number,
	                          .column = v->columns[column].name,
	                          .role = names[r->role],
	                          .why = r->why,
	                          .pointer = pointer_of(v, column),
	                          .quantity = metric ? r->measure.quantity : NULL,
	                          .unit = metric ? r->measure.unit : NULL,
	                          .better = metric ? r->measure.better : BETTER_NONE,
	                          .restates = metric && r->derived,
	                          .metric = metric_of(s, column),
	                          .names_work = names_work(w, s, v->columns[column].name),
	                          .rule_role = r->rule_role,
	                          .rule_unit = r->rule_unit,
	                          .rule_better = r->rule_better};
}

static void note_table(struct work *w, const struct view *v)
{
	struct table_note *note = &w->d->table_notes[v->number];
	const struct table_time *t = &w->d->times[v->number];
	unsigned *tables = work_alloc(w, v->n_parts, sizeof *tables);
	size_t n = 0;

	for (size_t p = 0; tables && p < v->n_parts; p++)
		if (n == 0 || tables[n - 1] != v->parts[p].table->number)
			tables[n++] = v->parts[p].table->number;
	*note = (struct table_note){.artifact = v->artifact->id,
	                            .tables = tables,
	                            .n_tables = n,
	                            .shape = v->shape,
	                            .n_rows = v->n_rows,
	                            .n_failed = v->n_failed,
	                            .n_noted = v->n_noted,
	                            .first_s = t->first_s,
	                            .last_s = t->last_s,
	                            .time_by = time_source_name(t->source),
	                            .time_name = t->name,
	                            .n_runs = t->runs};
}

/* All runs of a series are taken for what the one is that decided. */
static size_t note_series(struct work *w, const struct series *s, struct role_note *columns)
{
	const struct view *decided = decided_view(s);
	size_t n = decided ? decided->n_columns : 0;

	for (size_t c = 0; c < n; c++)
		columns[c] = note_of(w, s, decided, c);
	for (size_t i = 0; i < s->n_views; i++) {
		struct table_note *note = &w->d->table_notes[s->views[i]->number];

		note->columns = n ? columns : NULL;
		note->n_columns = n;
		note->decided_by = decided ? decided->artifact->id : 0;
		note->group = s->group;
		if (s->views[i] == decided)
			note->n_configurations = s->configurations.n;
	}
	return n;
}

void notes_take(struct work *w)
{
	struct dossier *d = w->d;
	size_t n = 0;

	for (size_t i = 0; i < w->n_series; i++)
		n += decided_view(&w->series[i]) ? decided_view(&w->series[i])->n_columns : 0;
	d->roles = work_alloc(w, n, sizeof *d->roles);
	d->table_notes = work_alloc(w, w->n_views, sizeof *d->table_notes);
	if (w->failed)
		return;
	d->n_table_notes = w->n_views;
	for (size_t i = 0; i < w->n_views; i++)
		note_table(w, w->views[i]);
	n = 0;
	for (size_t i = 0; i < w->n_series; i++)
		if (w->series[i].group)
			n += note_series(w, &w->series[i], d->roles + n);
	d->n_roles = n;
	for (size_t i = 0; i < w->n_series; i++)
		if (!w->series[i].group)
			n += note_series(w, &w->series[i], d->roles + n);
}
