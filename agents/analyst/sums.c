/* SPDX-License-Identifier: MIT */
#include "agents/analyst/sums.h"

#include <stdatomic.h>

#include "lib/base/crew.h"

#define ROWS_MANY 100000 /* below, a thread costs more than it saves */

static struct picked pick(const struct series *s, size_t configuration, size_t metric)
{
	struct picked p = {
		.keys = s->keys, .n_keys = s->n_keys, .unit = &s->roles[s->metrics[metric]].unit};

	p.rows = configuration_rows(&s->configurations, configuration, &p.n_rows);
	return p;
}

/* A MEASURED column whose numbers are all bare, and count as they stand. */
static bool is_gathered(const struct series *s, const struct view *v, size_t metric)
{
	size_t column = (size_t)s->metrics[metric];
	const struct column *c = view_only_column(v, column);

	if (!c || !view_is_measured(v, column) || !s->roles[column].unit.bare)
		return false;
	for (size_t i = 0; i < c->n_others; i++)
		if (c->others[i].cell.kind == CELL_NUMBER)
			return false;
	return true;
}

void sums_of_cell(struct work *w, struct summed *ret, const struct series *s, const struct view *v,
                  size_t configuration, size_t metric)
{
	struct picked p = pick(s, configuration, metric);
	CLEANUP(freep) double *scratch = NULL;

	if (ret->gathered)
		return;
	cells_collect(w, &ret->cells, v, &p, (size_t)s->metrics[metric]);
	if (w->failed || !ret->cells.n)
		return;
	scratch = reallocarray(NULL, ret->cells.n, sizeof *scratch);
	w->failed |= !scratch;
	if (!scratch)
		return;
	memcpy(scratch, ret->cells.numbers, ret->cells.n * sizeof *scratch);
	ret->sum = summary_of(scratch, ret->cells.n);
}

/* Threads take one metric after the other; they read the view, and write what is theirs. */
struct crew {
	const struct series *s;
	const struct view *v;
	struct summed *ret;
	atomic_size_t next;
	atomic_bool failed;
};

/* One thread's: a gathered column, and the numbers of one of its configurations. */
struct desk {
	void *room;
	double *numbers;
};

static bool desk_init(struct desk *d, const struct configurations *c, size_t n_rows)
{
	size_t most = 0;

	for (size_t i = 0; i < c->n; i++)
		most = c->first[i + 1] - c->first[i] > most ? c->first[i + 1] - c->first[i] : most;
	d->room = reallocarray(NULL, n_rows, sizeof(double));
	d->numbers = reallocarray(NULL, most, sizeof *d->numbers);
	return d->room && d->numbers;
}

static void desk_done(struct desk *d)
{
	free(d->room);
	free(d->numbers);
}

static bool sum_column(const struct crew *c, size_t metric, const struct desk *d)
{
	const struct configurations *configurations = &c->s->configurations;
	const struct column *column = view_only_column(c->v, (size_t)c->s->metrics[metric]);
	struct column gathered;

	if (!configurations_gather(configurations, column, c->v->n_rows, d->room, &gathered))
		return false;
	for (size_t i = 0; i < configurations->n; i++) {
		struct summed *one = &c->ret[i * c->s->n_metrics + metric];
		struct picked p = pick(c->s, i, metric);

		one->gathered = true;
		one->cells.n = cells_usable(c->v, &p, &gathered, configurations->first[i],
		                            d->numbers);
		if (one->cells.n)
			one->sum = summary_of(d->numbers, one->cells.n);
	}
	return true;
}

static void work(void *arg)
{
	struct crew *c = arg;
	CLEANUP(desk_done) struct desk d = {0};

	for (size_t m; (m = atomic_fetch_add(&c->next, 1)) < c->s->n_metrics;) {
		if (!is_gathered(c->s, c->v, m))
			continue;
		if ((!d.room && !desk_init(&d, &c->s->configurations, c->v->n_rows)) ||
		    !sum_column(c, m, &d)) {
			atomic_store(&c->failed, true);
			break;
		}
	}
}

/* The places of the cells, which one thread alone may write into the arena. */
static void place_columns(struct work *w, struct summed *ret, const struct series *s,
                          const struct view *v)
{
	for (size_t i = 0; i < s->configurations.n * s->n_metrics && !w->failed; i++) {
		size_t metric = i % s->n_metrics;
		struct picked p = pick(s, i / s->n_metrics, metric);

		if (ret[i].gathered)
			cells_place_usable(w, &ret[i].cells, v, &p, (size_t)s->metrics[metric],
			                   ret[i].cells.n);
	}
}

void sums_of_columns(struct work *w, struct summed *ret, const struct series *s,
                     const struct view *v)
{
	struct crew c = {.s = s, .v = v, .ret = ret};
	unsigned threads = v->n_rows < ROWS_MANY ? 1 : w->settings->threads;

	crew_run(threads, work, &c);
	w->failed |= atomic_load(&c.failed);
	place_columns(w, ret, s, v);
}
