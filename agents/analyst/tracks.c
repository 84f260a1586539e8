/* SPDX-License-Identifier: MIT */
#include "agents/analyst/tracks.h"

#include <math.h>
#include <stdio.h>

#include "agents/analyst/statistics.h"
#include "agents/analyst/suite.h"

#define MAX_POINTS 100000 /* configurations x metrics x runs of one series, of the tree */

struct run {
	const struct view *view;
	struct configurations configurations;
	int *metrics, *keys; /* columns of this view, -1: none */
	uint64_t content;    /* of its artifact */
};

struct reading {
	struct work *w;
	struct tracks *to;
	struct run *runs; /* of the tree; oldest first, the present one last */
	size_t n_runs;
};

/* --- the runs of the tree -------------------------------------------------------------- */

bool track_is_followed(const struct group_metric *m)
{
	/* how much the repetitions scattered is told by them */
	return !m->derived && !(m->quantity && strcmp(m->quantity, "spread") == 0);
}

/* Columns of another run by their ids, -1 where it has none. */
static int *columns_in(struct work *w, const struct view *from, const int *columns, size_t n,
                       const struct view *to)
{
	int *ret = work_alloc(w, n, sizeof *ret);

	for (size_t i = 0; ret && i < n; i++)
		ret[i] = view_find(to, from->columns[columns[i]].id);
	return ret;
}

/* Of an artifact's bytes: the first digits of their digest. */
static uint64_t content_of(const struct view *v)
{
	const char *hex = strchr(v->artifact->digest, ':');
	char digits[17] = "";

	if (hex)
		(void)snprintf(digits, sizeof digits, "%.16s", hex + 1);
	return strtoull(digits, NULL, 16) >> 1; /* fits the store's signed numbers */
}

static void add_run(struct reading *r, const struct view *v)
{
	struct work *w = r->w;
	const struct series *s = r->to->series;
	const struct view *present = s->views[s->present];
	struct run *run = &r->runs[r->n_runs];

	run->view = v;
	run->content = content_of(v);
	run->keys = columns_in(w, present, s->keys, s->n_keys, v);
	run->metrics = columns_in(w, present, s->metrics, s->n_metrics, v);
	if (w->failed)
		return;
	if (v == present)
		run->configurations = s->configurations;
	else
		configurations_build(w, &run->configurations, v, run->keys, s->n_keys);
	r->n_runs++;
}

static size_t runs_allowed(const struct group *g)
{
	size_t series = g->n_configurations * g->n_metrics;
	size_t n = MAX_POINTS / (series ? series : 1), least = SUITE_RUNS + SUITE_STAYED;

	return n > TRACK_RUNS ? TRACK_RUNS : n < least ? least : n;
}

static void collect_runs(struct reading *r)
{
	const struct series *s = r->to->series;
	size_t most = runs_allowed(r->to->group), skip, usable = 0;

	for (size_t i = 0; i <= s->present; i++)
		usable += view_is_usable(s->views[i]);
	skip = usable > most ? usable - most : 0;
	r->runs = work_alloc(r->w, usable, sizeof *r->runs);
	for (size_t i = 0; i <= s->present && !r->w->failed; i++) {
		if (!view_is_usable(s->views[i]))
			continue;
		if (skip)
			skip--;
		else
			add_run(r, s->views[i]);
	}
}

/* --- points ---------------------------------------------------------------------------- */

static bool read_point(struct reading *r, struct track_point *p, const struct run *run,
                       const char *name, size_t metric)
{
	const struct series *s = r->to->series;
	/* earlier runs are told in the unit of the present one, whatever stands in their cells */
	struct picked picked = {
		.keys = run->keys, .n_keys = s->n_keys, .unit = &s->roles[s->metrics[metric]].unit};
	size_t at;

	if (run->metrics[metric] < 0 || !strmap_find(&run->configurations.names, str_of(name), &at))
		return false;
	picked.rows = configuration_rows(&run->configurations, at, &picked.n_rows);
	*p = (struct track_point){
		.time_s = run->view->time_s, .view = run->view, .content = run->content};
	cells_collect(r->w, &p->cells, run->view, &picked, (size_t)run->metrics[metric]);
	if (r->w->failed || !p->cells.n)
		return false;
	p->x = cells_median(r->w, &p->cells);
	return isfinite(p->x);
}

/* The present run's cells have been read for its fact already, perhaps millions of them. */
static void present_point(struct track_point *p, const struct run *run, const struct fact *f)
{
	*p = (struct track_point){.x = f->value,
	                          .time_s = run->view->time_s,
	                          .view = run->view,
	                          .content = run->content,
	                          .cells = {.numbers = (double *)(uintptr_t)f->samples,
	                                    .column = f->column,
	                                    .rows = f->rows,
	                                    .n = f->n_samples,
	                                    .at = (struct locator *)(uintptr_t)f->cells,
	                                    .n_at = f->n_cells,
	                                    .excluded = (struct exclusion *)(uintptr_t)f->excluded,
	                                    .n_excluded = f->n_excluded}};
}

/* In the tree: oldest first, the present one last. */
static size_t read_points(struct reading *r, struct track *t)
{
	const struct series *s = r->to->series;
	const struct view *v = s->views[s->present];
	size_t first = s->configurations.first[t->configuration], n = 0;
	const char *name = configuration_name(r->w, v, s->configurations.rows[first], s->keys,
	                                      s->n_keys);

	for (size_t i = 0; name && i + 1 < r->n_runs && !r->w->failed; i++)
		n += read_point(r, &t->points[n], &r->runs[i], name, t->metric);
	if (!name || r->w->failed)
		return 0;
	present_point(&t->points[n++], &r->runs[r->n_runs - 1], dossier_fact(r->w->d, t->tonight));
	return n;
}

/* --- earlier reviews ------------------------------------------------------------------- */

/* The time of a file is no name for a run: where nothing else dates it, its bytes are. */
static bool is_same_run(const struct track_point *p, const struct past_point *past)
{
	return past->time_s == p->time_s ||
	       (!p->view->dated && past->content && past->content == p->content);
}

static bool in_tree(struct track_point *points, size_t n, const struct past_point *past)
{
	for (size_t i = n; i-- > 0;) {
		if (!points[i].view || !is_same_run(&points[i], past))
			continue;
		points[i].past = past;
		return true;
	}
	return false;
}

/* What earlier reviews measured, as cells of this one: in line, as cells_join() likes them. */
struct past_cells {
	struct locator *at;
	double *numbers;
	size_t n;
};

static struct track_point read_past_point(struct past_cells *c, const struct past_point *past)
{
	double *number = &c->numbers[c->n];
	struct locator *at = &c->at[c->n++];

	*number = past->value;
	*at = (struct locator){.factor = 1, .review = past->review, .fact = past->fact};
	return (struct track_point){.x = past->value,
	                            .time_s = past->time_s,
	                            .past = past,
	                            .cells = {.numbers = number, .n = 1, .at = at, .n_at = 1}};
}

static void insert(struct track *t, size_t *n, struct track_point p)
{
	size_t at = *n;

	while (at > 0 && t->points[at - 1].time_s > p.time_s)
		at--;
	memmove(&t->points[at + 1], &t->points[at], (*n - at) * sizeof p);
	t->points[at] = p;
	++*n;
}

/* What the tree holds itself is read there; a run after the present one is of another story. */
static void merge_past(struct work *w, struct track *t, const struct past_point *past,
                       size_t n_past)
{
	struct past_cells cells = {.at = work_alloc(w, n_past, sizeof *cells.at),
	                           .numbers = work_alloc(w, n_past, sizeof *cells.numbers)};
	struct track_point present = t->points[t->n - 1];
	size_t n = t->n - 1;

	if (w->failed)
		return;
	t->has_past = n_past > 0;
	for (size_t i = 0; i < n_past; i++) {
		if (in_tree(&present, 1, &past[i]) || in_tree(t->points, n, &past[i]))
			continue;
		if (past[i].time_s < present.time_s)
			insert(t, &n, read_past_point(&cells, &past[i]));
	}
	t->is_new = !present.past;
	t->points[n++] = present;
	t->n = n;
}

static void keep_latest(struct track *t)
{
	if (t->n <= TRACK_RUNS)
		return;
	t->points += t->n - TRACK_RUNS;
	t->n = TRACK_RUNS;
}

static void read_past(struct reading *r, struct track *t)
{
	const struct past *past = r->w->d->past;
	struct past_point *points = NULL;
	struct track_point *room;
	size_t n = 0;

	if (!past || !past->review) {
		t->is_new = true;
		return;
	}
	if (past->points(past->arg, r->w->arena, t->key, &points, &n) < 0) {
		r->w->failed = true;
		return;
	}
	room = work_alloc(r->w, t->n + n, sizeof *room);
	if (!room)
		return;
	memcpy(room, t->points, t->n * sizeof *room);
	t->points = room;
	merge_past(r->w, t, points, n);
}

/* --- all of a series ------------------------------------------------------------------- */

const char *track_suffix(struct work *w, const struct group *g, size_t configuration, size_t metric)
{
	const struct group_configuration *c = &g->configurations[configuration];
	const char *key = g->metrics[metric].name;

	for (size_t i = 0; i < c->n_subject && key; i++)
		key = work_printf(w, "%s/%s=%s", key, c->subject[i].name, c->subject[i].text);
	return key ? key : "";
}

static const char *key_of(struct reading *r, size_t configuration, size_t metric)
{
	const char *unit = r->to->group->metrics[metric].unit;

	return text_clean(r->w, work_printf(r->w, "%s/%s%s%s%s", r->to->series->key,
	                                    track_suffix(r->w, r->to->group, configuration, metric),
	                                    unit ? " [" : "", unit ? unit : "", unit ? "]" : "")
	                                ?: "");
}

static void add_track(struct reading *r, size_t configuration, size_t metric)
{
	const struct group *g = r->to->group;
	struct track *t = &r->to->at[r->to->n];

	*t = (struct track){.configuration = configuration,
	                    .metric = metric,
	                    .tonight = g->cells[configuration * g->n_metrics + metric].center};
	if (!t->tonight || !(t->key = key_of(r, configuration, metric)))
		return;
	t->of = group_fact_of(r->to->series, g, configuration, metric);
	t->points = work_alloc(r->w, r->n_runs, sizeof *t->points);
	t->n = t->points ? read_points(r, t) : 0;
	if (!t->n)
		return;
	read_past(r, t);
	keep_latest(t);
	r->to->n++;
}

/* Runs get numbers by their times, the same for all tracks. */
static void number_runs(struct reading *r)
{
	struct tracks *t = r->to;
	size_t all = 0, n = 0;
	int64_t *times;

	for (size_t i = 0; i < t->n; i++)
		all += t->at[i].n;
	times = work_alloc(r->w, all, sizeof *times);
	for (size_t i = 0; times && i < t->n; i++)
		for (size_t k = 0; k < t->at[i].n; k++)
			times[n++] = t->at[i].points[k].time_s;
	if (!n)
		return;
	qsort(times, n, sizeof *times, runs_by_time);
	t->n_runs = 1;
	for (size_t i = 1; i < n; i++)
		if (times[i] != times[t->n_runs - 1])
			times[t->n_runs++] = times[i];
	for (size_t i = 0; i < t->n; i++) {
		for (size_t k = 0; k < t->at[i].n; k++) {
			struct track_point *p = &t->at[i].points[k];
			const int64_t *at = bsearch(&p->time_s, times, t->n_runs, sizeof *times,
			                            runs_by_time);

			p->run = (uint32_t)(at - times);
		}
	}
}

/* Configurations of the run before that are not there any more, or have no value now. */
static void count_vanished(struct reading *r)
{
	const struct run *now = &r->runs[r->n_runs - 1], *before = now - 1;
	const struct configurations *was = &before->configurations;
	const struct group *g = r->to->group;
	struct track_point p;
	size_t at;

	for (size_t i = 0; i < was->n && !r->w->failed; i++) {
		const char *name = configuration_name(r->w, before->view, was->rows[was->first[i]],
		                                      before->keys, r->to->series->n_keys);
		bool there = name && strmap_find(&now->configurations.names, str_of(name), &at);

		for (size_t m = 0; name && m < g->n_metrics; m++)
			if (track_is_followed(&g->metrics[m]) &&
			    !(there && g->cells[at * g->n_metrics + m].center))
				r->to->vanished += read_point(r, &p, before, name, m);
	}
}

void tracks_read(struct work *w, struct tracks *ret, struct series *s)
{
	const struct group *g = &w->d->groups[s->group - 1];
	struct reading r = {.w = w, .to = ret};

	*ret = (struct tracks){.series = s, .group = g, .key = text_clean(w, s->key)};
	collect_runs(&r);
	ret->at = work_alloc(w, g->n_configurations * g->n_metrics, sizeof *ret->at);
	for (size_t i = 0; i < g->n_configurations; i++)
		for (size_t m = 0; m < g->n_metrics && !w->failed; m++)
			if (track_is_followed(&g->metrics[m]))
				add_track(&r, i, m);
	if (!w->failed)
		number_runs(&r);
	if (!w->failed && r.n_runs > 1)
		count_vanished(&r);
	ret->n_in_tree = r.n_runs;
}

void track_remember(struct work *w, const struct track *t, const struct track_point *p,
                    unsigned fact)
{
	struct dossier *d = w->d;
	bool present = p == &t->points[t->n - 1];

	if (p->past)
		fact = 0;
	if (!fact && !present)
		return;
	if (work_grow(w, &d->history, d->n_history, &w->cap_history, sizeof *d->history))
		d->history[d->n_history++] = (struct history_point){t->key, p->time_s, fact,
		                                                    p->content};
}
