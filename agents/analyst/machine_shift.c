/* SPDX-License-Identifier: MIT */
#include "agents/analyst/machine_shift.h"

#define TABLES_MAX 4000
#define TABLE_MOST 40 /* series of one table: they shall not speak for all others */

/* --- nights ------------------------------------------------------------------------------ */

struct table_run {
	int64_t time_s;
	uint32_t table, run;
};

static int by_time(const void *x, const void *y)
{
	const struct table_run *a = x, *b = y;

	if (a->time_s != b->time_s)
		return a->time_s < b->time_s ? -1 : 1;
	if (a->table != b->table)
		return a->table < b->table ? -1 : 1;
	return a->run < b->run ? -1 : a->run > b->run;
}

static size_t count_runs(const struct machine_shift *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += m->tables[i].of->tracks.n_runs;
	return n;
}

/* Of a table each run once, whichever of its series has it. */
static size_t list_runs(struct machine_table *t, uint32_t table, struct table_run *ret)
{
	const struct tracks *tracks = &t->of->tracks;
	size_t n = 0;

	memset(t->night, 0, tracks->n_runs * sizeof *t->night);
	for (size_t i = 0; i < tracks->n; i++)
		for (size_t k = 0; k < tracks->at[i].n; k++) {
			const struct track_point *p = &tracks->at[i].points[k];

			if (t->night[p->run]++)
				continue;
			ret[n++] = (struct table_run){p->time_s, table, p->run};
		}
	return n;
}

/* last_in: by table, the last night in which it was measured, from 1. */
static void divide(struct machine_shift *m, const struct table_run *runs, size_t n, size_t *last_in)
{
	for (size_t i = 0; i < n; i++) {
		bool other = i == 0 || is_other_night(runs[i - 1].time_s, runs[i].time_s);

		if (other || last_in[runs[i].table] == m->nights)
			m->nights++;
		last_in[runs[i].table] = m->nights;
		m->tables[runs[i].table].night[runs[i].run] = (uint32_t)m->nights - 1;
	}
}

static void find_nights(struct work *w, struct machine_shift *m)
{
	size_t all = count_runs(m), n = 0;
	CLEANUP(freep) struct table_run *runs = calloc(all + 1, sizeof *runs);
	CLEANUP(freep) size_t *last_in = calloc(m->n + 1, sizeof *last_in);

	w->failed |= !runs || !last_in;
	for (size_t i = 0; i < m->n && !w->failed; i++) {
		m->tables[i].night = work_alloc(w, m->tables[i].of->tracks.n_runs + 1,
		                                sizeof *m->tables[i].night);
		if (m->tables[i].night)
			n += list_runs(&m->tables[i], (uint32_t)i, runs + n);
	}
	if (w->failed)
		return;
	qsort(runs, n, sizeof *runs, by_time);
	divide(m, runs, n, last_in);
}

/* --- the series -------------------------------------------------------------------------- */

static size_t taken_of(const struct machine_table *t)
{
	return t->of->suite.n < TABLE_MOST ? t->of->suite.n : TABLE_MOST;
}

/* The numbers stay the table's. */
static void add_series(struct work *w, struct suite *to, const struct suite_series *from,
                       const struct machine_table *t)
{
	uint32_t *run = work_alloc(w, from->n, sizeof *run);

	for (size_t k = 0; run && k < from->n; k++)
		run[k] = t->night[from->run[k]];
	to->series[to->n] = *from;
	to->series[to->n++].run = run;
}

static void fill_suite(struct work *w, struct machine_shift *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += taken_of(&m->tables[i]);
	m->suite = (struct suite){.series = work_alloc(w, n, sizeof *m->suite.series),
	                          .runs = m->nights,
	                          .min_effect = w->settings->min_effect_pct / 100};
	for (size_t i = 0; i < m->n && !w->failed; i++) {
		const struct machine_table *t = &m->tables[i];
		size_t taken = taken_of(t);

		for (size_t k = 0; k < taken && !w->failed; k++)
			add_series(w, &m->suite, &t->of->suite.series[k * t->of->suite.n / taken],
			           t);
	}
}

/* Each table is told what its machine did in each of its runs. */
static void give_shift(struct work *w, struct machine_shift *m)
{
	for (size_t i = 0; i < m->n && !w->failed; i++) {
		struct machine_table *t = &m->tables[i];
		size_t n = t->of->tracks.n_runs;

		t->shift = work_alloc(w, n + 1, sizeof *t->shift);
		for (size_t k = 0; t->shift && k < n; k++)
			t->shift[k] = m->suite.shift[t->night[k]];
		t->of->suite.given = t->shift;
	}
}

/* --- machines ---------------------------------------------------------------------------- */

static const char *machine_of(const struct compared_series *c)
{
	const char *machine = c->tracks.group->machine;

	return machine ? machine : "";
}

/* Tables in prose restate what others hold. */
static bool is_taken(const struct compared_series *c)
{
	const struct view *v = c->tracks.series->views[c->tracks.series->present];
	bool prose = v->artifact->format == FORMAT_MARKDOWN && !v->parts[0].table->schema;

	return c->tracks.n && c->tracks.n_runs > 1 && !prose;
}

static void collect(struct work *w, struct machine_shift *ret, const char *machine)
{
	*ret = (struct machine_shift){.machine = machine};
	ret->tables = work_alloc(w, w->n_compared, sizeof *ret->tables);
	for (size_t i = 0; ret->tables && i < w->n_compared && ret->n < TABLES_MAX; i++)
		if (is_taken(&w->compared[i]) && strcmp(machine_of(&w->compared[i]), machine) == 0)
			ret->tables[ret->n++].of = &w->compared[i];
}

static void judge(struct work *w, const char *machine)
{
	struct machine_shift *m = &w->machines[w->n_machines];

	collect(w, m, machine);
	if (w->failed || m->n < 2)
		return;
	find_nights(w, m);
	if (!w->failed)
		fill_suite(w, m);
	if (w->failed)
		return;
	w->n_machines++;
	w->failed |= suite_judge_common(&m->suite) < 0;
	if (!w->failed && m->suite.has_common)
		give_shift(w, m);
}

void machine_shifts_find(struct work *w)
{
	struct strmap names = {.arena = w->arena};
	size_t at;

	w->machines = work_alloc(w, w->n_compared, sizeof *w->machines);
	for (size_t i = 0; i < w->n_compared && !w->failed; i++) {
		size_t known = names.n;

		if (strmap_add(&names, str_of(machine_of(&w->compared[i])), &at) < 0)
			w->failed = true;
		else if (names.n > known)
			judge(w, machine_of(&w->compared[i]));
	}
}

void machine_shifts_forget(struct work *w)
{
	for (size_t i = 0; i < w->n_machines; i++)
		suite_done(&w->machines[i].suite);
	w->machines = NULL;
	w->n_machines = 0;
}
