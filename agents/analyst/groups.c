/* SPDX-License-Identifier: MIT */
/* The present run of a series as configurations by metrics, every figure a fact. */
#include "agents/analyst/bounds.h"
#include "agents/analyst/sums.h"
#include "agents/analyst/workloads.h"

#define FACTS_OF_CELL  8
#define P95_VALUES_MIN 20 /* of fewer it is little else than the largest */

static size_t distinct(struct work *w, const struct view *v, int column)
{
	struct strmap values = {.arena = w->arena};
	size_t at;

	for (size_t r = 0; r < v->n_rows && values.n <= MAX_CONFIGURATIONS; r++)
		if (strmap_add(&values, str_of(view_cell(v, r, (size_t)column).text), &at) < 0)
			w->failed = true;
	return values.n;
}

/* Without the key of most values: its rows become repetitions. */
static void drop_widest_key(struct work *w, struct series *s, const struct view *v)
{
	size_t widest = 0, most = 0;

	for (size_t k = 0; k < s->n_keys; k++) {
		size_t n = distinct(w, v, s->keys[k]);

		if (n > most) {
			most = n;
			widest = k;
		}
	}
	s->roles[s->keys[widest]].role = ROLE_IGNORED;
	s->roles[s->keys[widest]].why =
		"too many configurations: rows that differ by it are taken as repetitions";
	s->n_keys--;
	memmove(&s->keys[widest], &s->keys[widest + 1], (s->n_keys - widest) * sizeof *s->keys);
}

static void build_configurations(struct work *w, struct series *s, const struct view *v)
{
	configurations_build(w, &s->configurations, v, s->keys, s->n_keys);
	while (!w->failed && s->configurations.n > MAX_CONFIGURATIONS && s->n_keys) {
		drop_widest_key(w, s, v);
		configurations_build(w, &s->configurations, v, s->keys, s->n_keys);
	}
}

/* The keys whose texts differ from one configuration to another. */
static void list_keys(struct work *w, struct group *g, const struct series *s, const struct view *v)
{
	const struct configurations *c = &s->configurations;
	const char **keys = work_alloc(w, s->n_keys, sizeof *keys);

	for (size_t k = 0; keys && k < s->n_keys; k++) {
		const char *first = view_cell(v, c->rows[0], (size_t)s->keys[k]).text;

		for (size_t i = 1; i < c->n; i++) {
			uint32_t row = c->rows[c->first[i]];

			if (strcmp(first, view_cell(v, row, (size_t)s->keys[k]).text) == 0)
				continue;
			keys[g->n_keys++] = v->columns[s->keys[k]].name;
			break;
		}
	}
	g->keys = keys;
}

static void fill_subject(struct work *w, struct group_configuration *gc, const struct series *s,
                         const struct view *v, uint32_t row)
{
	struct label *subject = work_alloc(w, s->n_keys, sizeof *subject);

	for (size_t k = 0; subject && k < s->n_keys; k++) {
		const struct cell c = view_cell(v, row, (size_t)s->keys[k]);

		if (*c.text)
			subject[gc->n_subject++] = (struct label){v->columns[s->keys[k]].name,
			                                          c.text};
	}
	gc->subject = subject;
}

static void fill_configurations(struct work *w, struct group *g, const struct series *s,
                                const struct view *v)
{
	g->configurations = work_alloc(w, s->configurations.n, sizeof *g->configurations);
	for (size_t i = 0; g->configurations && i < s->configurations.n; i++) {
		struct group_configuration *gc = &g->configurations[i];
		const uint32_t *rows = configuration_rows(&s->configurations, i, &gc->n_rows);

		for (size_t r = 0; v->n_failed + v->n_noted && r < gc->n_rows; r++)
			gc->n_failed += view_row(v, rows[r]).failed != NULL;
		gc->failed = gc->n_failed == gc->n_rows;
		fill_subject(w, gc, s, v, rows[0]);
	}
	g->n_configurations = s->configurations.n;
}

struct fact_of group_fact_of(const struct series *s, const struct group *g, size_t configuration,
                             size_t metric)
{
	return (struct fact_of){
		.label_suffix = "",
		.measure = &s->roles[s->metrics[metric]].measure,
		.metric = s->views[s->present]->columns[s->metrics[metric]].name,
		.subject = g->configurations[configuration].subject,
		.n_subject = g->configurations[configuration].n_subject,
	};
}

static void fill_statistics(struct work *w, struct group_cell *cell, const struct fact_of *of,
                            const struct cells *c, const struct summary *sum)
{
	if (c->n == 1) {
		cell->center = fact_over_cells(w, of, STAT_VALUE, sum->median, c);
		return;
	}
	cell->center = fact_over_cells(w, of, STAT_MEDIAN, sum->median, c);
	if (!facts_room(w, FACTS_MATRIX, FACTS_OF_CELL - 1)) {
		facts_note_plain(w, cell->center);
		return;
	}
	cell->count = fact_over_cells(w, of, STAT_COUNT, (double)c->n, c);
	cell->min = fact_over_cells(w, of, STAT_MIN, sum->min, c);
	cell->max = fact_over_cells(w, of, STAT_MAX, sum->max, c);
	cell->mean = fact_over_cells(w, of, STAT_MEAN, sum->mean, c);
	cell->stdev = fact_over_cells(w, of, STAT_STDEV, sum->stdev, c);
	if (c->n >= P95_VALUES_MIN)
		cell->p95 = fact_over_cells(w, of, STAT_P95, sum->p95, c);
	cell->cv = fact_over_cells(w, of, STAT_CV, sum->cv, c);
}

static void fill_cell(struct work *w, struct group *g, const struct series *s, const struct view *v,
                      size_t i, size_t m, struct summed *one)
{
	struct fact_of of = group_fact_of(s, g, i, m);

	facts_release(w, 1);
	if (w->d->n_facts >= facts_share(w, FACTS_MATRIX)) {
		w->facts.full = true;
		return;
	}
	sums_of_cell(w, one, s, v, i, m);
	if (!w->failed && one->cells.n)
		fill_statistics(w, &g->cells[i * g->n_metrics + m], &of, &one->cells, &one->sum);
}

static void fill_cells(struct work *w, struct group *g, const struct series *s,
                       const struct view *v)
{
	size_t n = g->n_configurations * g->n_metrics;
	CLEANUP(freep) struct summed *all = calloc(n + 1, sizeof *all);

	w->failed |= !all;
	if (!all)
		return;
	sums_of_columns(w, all, s, v);
	for (size_t i = 0; i < n && !w->failed; i++)
		fill_cell(w, g, s, v, i / g->n_metrics, i % g->n_metrics, &all[i]);
}

static bool is_better(enum better better, double a, double b)
{
	return better == BETTER_HIGHER ? a > b : a < b;
}

/* NULL: it is not ranked. */
static const struct fact *usable_center(const struct work *w, const struct group *g,
                                        size_t configuration, size_t metric, bool no_negative)
{
	const struct fact *f = dossier_fact(w->d,
	                                    g->cells[configuration * g->n_metrics + metric].center);

	return !f || g->configurations[configuration].failed || (no_negative && f->value < 0) ? NULL
	                                                                                      : f;
}

/* Of one metric, among configurations that are held against each other. */
struct ranked {
	const struct fact *best_fact, *worst_fact; /* NULL: there is none yet */
	size_t best, worst;
};

static void rank_one(struct ranked *r, const struct fact *f, size_t configuration,
                     enum better better)
{
	if (!r->best_fact || is_better(better, f->value, r->best_fact->value)) {
		r->best_fact = f;
		r->best = configuration;
	}
	if (!r->worst_fact || is_better(better, r->worst_fact->value, f->value)) {
		r->worst_fact = f;
		r->worst = configuration;
	}
}

static void rank(struct work *w, struct group *g, const struct series *s, size_t m)
{
	struct group_metric *gm = &g->metrics[m];
	struct ranked r = {.best = 0};
	const struct fact *best, *worst;
	struct fact_of of = group_fact_of(s, g, 0, m);
	bool no_negative = bounds_no_negative(of.measure, of.metric);

	for (size_t i = 0; i < g->n_configurations; i++) {
		const struct fact *f = usable_center(w, g, i, m, no_negative);

		if (f)
			rank_one(&r, f, i, gm->better);
	}
	if (r.best == r.worst) /* one configuration, or all alike: nothing to choose */
		return;
	gm->best = (unsigned)r.best + 1;
	gm->worst = (unsigned)r.worst + 1;
	best = r.best_fact;
	worst = r.worst_fact;
	g->cells[(gm->best - 1) * g->n_metrics + m].best = true;
	of.n_subject = 0;
	if (!(best->value > 0) || !(worst->value > 0))
		return;
	if (best->value > worst->value) {
		of.label_suffix = ", best to worst";
		gm->spread = fact_over_facts(w, &of, STAT_RATIO, best->id, worst->id);
	} else {
		of.label_suffix = ", worst to best";
		gm->spread = fact_over_facts(w, &of, STAT_RATIO, worst->id, best->id);
	}
}

/* A name that several metrics bear is told apart by what stands above it. */
static const char *metric_name(struct work *w, const struct series *s, const struct view *v,
                               size_t m)
{
	const struct view_column *c = &v->columns[s->metrics[m]];

	for (size_t other = 0; other < s->n_metrics; other++)
		if (other != m && *c->parent &&
		    strcmp(v->columns[s->metrics[other]].name, c->name) == 0)
			return work_printf(w, "%s/%s", c->parent + 1, c->name);
	return c->name;
}

static void fill_metrics(struct work *w, struct group *g, const struct series *s,
                         const struct view *v)
{
	g->metrics = work_alloc(w, s->n_metrics, sizeof *g->metrics);
	for (size_t m = 0; g->metrics && m < s->n_metrics; m++) {
		const struct measure *of = &s->roles[s->metrics[m]].measure;

		g->metrics[m] = (struct group_metric){.name = metric_name(w, s, v, m),
		                                      .quantity = of->quantity,
		                                      .unit = of->unit,
		                                      .better = of->better,
		                                      .derived = s->roles[s->metrics[m]].derived};
	}
	g->n_metrics = s->n_metrics;
}

static void mark_best_of_work(struct group *g, size_t m, const struct ranked *r)
{
	if (r->best != r->worst) /* one configuration, or all alike: nothing to choose */
		g->cells[r->best * g->n_metrics + m].best = true;
}

/* Of each work by itself; how far they are apart is told with what is ranked (best.c). */
static void mark_best_of_works(struct work *w, struct group *g, const struct series *s, size_t m)
{
	struct ranked *works = work_alloc(w, g->n_works, sizeof *works);
	struct fact_of of = group_fact_of(s, g, 0, m);
	bool no_negative = bounds_no_negative(of.measure, of.metric);

	for (size_t i = 0; works && i < g->n_configurations; i++) {
		const struct fact *f = usable_center(w, g, i, m, no_negative);

		if (f)
			rank_one(&works[g->work_of[i]], f, i, g->metrics[m].better);
	}
	for (size_t i = 0; works && i < g->n_works; i++)
		mark_best_of_work(g, m, &works[i]);
}

void group_rank(struct work *w, struct group *g, const struct series *s)
{
	for (size_t m = 0; m < g->n_metrics && !w->failed && !g->incomparable; m++) {
		if (g->metrics[m].better == BETTER_NONE || g->metrics[m].derived)
			continue;
		if (g->n_works)
			mark_best_of_works(w, g, s, m);
		else
			rank(w, g, s, m);
	}
}

void group_plan(struct work *w, struct series *s)
{
	if (s->present == s->n_views)
		return;
	build_configurations(w, s, s->views[s->present]);
	facts_keep(w, (s->configurations.n + 1) * s->n_metrics);
}

void group_build(struct work *w, struct series *s)
{
	const struct view *v = s->present < s->n_views ? s->views[s->present] : NULL;
	struct dossier *d = w->d;
	struct group g = {0};

	if (!v || !s->configurations.n)
		return;
	g.title = v->artifact->path;
	g.where = v->where;
	g.machine = v->machine ? v->machine : "";
	g.path = s->path;
	g.artifact = v->artifact->id;
	list_keys(w, &g, s, v);
	fill_configurations(w, &g, s, v);
	fill_metrics(w, &g, s, v);
	g.cells = work_alloc(w, g.n_configurations * g.n_metrics, sizeof *g.cells);
	fill_cells(w, &g, s, v);
	facts_release(w, s->n_metrics);
	workloads_split(w, &g, s);
	group_rank(w, &g, s);
	if (!work_grow(w, &d->groups, d->n_groups, &w->cap_groups, sizeof *d->groups))
		return;
	g.id = (unsigned)d->n_groups + 1;
	d->groups[d->n_groups++] = g;
	s->group = g.id;
}
