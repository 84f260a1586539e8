/* SPDX-License-Identifier: MIT */
/* What the present run of a series lacks: metrics, repetitions, and the variance of real ones. */
#include "agents/analyst/gap.h"
#include "agents/analyst/suite.h"

#include "agents/analyst/words.h"

#define MOST       3 /* a metric is missing where three times as many have it */
#define UNEQUAL    2 /* repetitions differ by more than this factor */
#define SAID_KEYS  4
#define SAME_LEAST 5 /* so many equal repetitions are no accident */
#define LIST(...)  ((const char *const[]){__VA_ARGS__, NULL})

static const struct group_cell *cell_of(const struct group *g, size_t configuration, size_t metric)
{
	return &g->cells[configuration * g->n_metrics + metric];
}

static void say_in(struct sentence *s, const struct group *g)
{
	say(s, " in ");
	say_group(s, g);
}

/* A configuration of more keys is no name that anybody reads. */
static bool is_sayable(const struct group *g)
{
	return g->n_keys && g->n_keys <= SAID_KEYS;
}

/* Metrics. */

struct lack {
	const struct series *series;
	const struct group *group;
	size_t metric;
	size_t have, lack;
};

static struct lack lack_of(const struct series *s, const struct group *g, size_t metric)
{
	struct lack ret = {.series = s, .group = g, .metric = metric};

	for (size_t i = 0; i < g->n_configurations; i++) {
		if (g->configurations[i].failed)
			continue;
		if (cell_of(g, i, metric)->center)
			ret.have++;
		else
			ret.lack++;
	}
	return ret;
}

static bool is_lacking(const struct lack *l)
{
	const struct group_metric *m = &l->group->metrics[l->metric];

	return m->better != BETTER_NONE && !m->derived && l->lack && l->have >= MOST * l->lack;
}

/* One cell of each configuration that has the metric. */
static void count_having(struct work *w, struct gap *g, const struct lack *l)
{
	const struct view *v = l->series->views[l->series->present];
	int column = l->series->metrics[l->metric];
	uint32_t *rows = work_alloc(w, l->have, sizeof *rows);
	int *columns = work_alloc(w, l->have, sizeof *columns);
	struct gap_cells cells = {0};
	size_t n = 0;

	for (size_t i = 0; !w->failed && i < l->group->n_configurations; i++) {
		size_t n_rows, r = 0;
		const uint32_t *of = configuration_rows(&l->series->configurations, i, &n_rows);
		enum cell_kind kind = CELL_EMPTY;

		if (l->group->configurations[i].failed || !cell_of(l->group, i, l->metric)->center)
			continue;
		for (; r < n_rows && kind != CELL_NUMBER && kind != CELL_LIST; r++)
			kind = view_row(v, of[r]).failed ? CELL_EMPTY
			                                 : view_cell(v, of[r], (size_t)column).kind;
		rows[n] = of[r - 1];
		columns[n++] = column;
	}
	gap_cells(w, &cells, v, rows, columns, n);
	(void)gap_count(w, g, "configurations that have the metric", &cells);
}

/* One more of a list of which *n are said; false: it ends here. */
static bool say_next(struct sentence *s, const struct group *g, size_t configuration, size_t *n)
{
	if (*n == GAP_SAID) {
		say(s, " and others");
		return false;
	}
	say(s, (*n)++ == 0 ? "" : "; ");
	say_configuration(s, g, &g->configurations[configuration]);
	return true;
}

static void say_lacking(struct sentence *s, const struct lack *l)
{
	const struct group *g = l->group;
	size_t n = 0;

	for (size_t i = 0; i < g->n_configurations; i++) {
		bool has = g->configurations[i].failed || cell_of(g, i, l->metric)->center;

		if (!has && !say_next(s, g, i, &n))
			return;
	}
}

static void find_lacking(struct work *w, struct gap_fold *f, const struct series *s,
                         const struct group *g)
{
	struct gap gap = gap_new(SEVERITY_LOW);
	struct lack first = {0};
	size_t more = 0;

	for (size_t m = 0; m < g->n_metrics; m++) {
		struct lack l = lack_of(s, g, m);

		if (!is_lacking(&l))
			continue;
		if (!first.group)
			first = l;
		else
			more++;
	}
	if (!first.group || !is_sayable(g))
		return;
	say_name(&gap.text, g->metrics[first.metric].name);
	say(&gap.text, more ? " and other metrics have" : " has");
	say(&gap.text, " no value for ");
	say_lacking(&gap.text, &first);
	say_in(&gap.text, g);
	say(&gap.text, "; configurations that have one: ");
	count_having(w, &gap, &first);
	say(&gap.text, ".");
	gap_artifact(w, &gap, g->artifact);
	if (gap.finding.n_facts)
		gap_add_folded(w, f, &gap, work_printf(w, "gap:lacking:%s", s->key));
}

static bool has_numbers(const struct view *v, size_t column)
{
	for (size_t r = 0; r < v->n_rows; r++) {
		enum cell_kind kind = view_cell(v, r, column).kind;

		if (!view_row(v, r).failed && (kind == CELL_NUMBER || kind == CELL_LIST))
			return true;
	}
	return false;
}

/* A metric of the run before, of which the present one has not a single value. */
static bool is_lost(const struct view *before, size_t column, const struct view *now)
{
	const struct view_column *c = &before->columns[column];
	struct measure m = measure_of(c->name, c->parent);
	int at = view_find(now, c->id);

	return m.known && m.flow && !c->is_added && !c->restates && has_numbers(before, column) &&
	       (at < 0 || !has_numbers(now, (size_t)at));
}

static void find_lost(struct work *w, struct gap_fold *f, const struct series *s,
                      const struct group *g)
{
	const struct view *now = s->views[s->present], *before;
	struct gap gap = gap_new(SEVERITY_MEDIUM);
	size_t n = 0, said = 0;

	if (s->present == 0)
		return;
	before = s->views[s->present - 1];
	for (size_t c = 0;
	     before->n_rows > before->n_failed + before->n_noted && c < before->n_columns; c++)
		n += is_lost(before, c, now);
	for (size_t c = 0; n && c < before->n_columns; c++)
		if (is_lost(before, c, now))
			gap_name(&gap.text, before->columns[c].name, said++, n);
	if (!n)
		return;
	say(&gap.text, n == 1 ? " was measured in " : " were measured in ");
	say_name(&gap.text, before->artifact->path);
	say(&gap.text, " and not in ");
	say_group(&gap.text, g);
	say(&gap.text, ".");
	gap_artifact(w, &gap, before->artifact->id);
	gap_artifact(w, &gap, now->artifact->id);
	gap_add_folded(w, f, &gap, work_printf(w, "gap:lost:%s", s->key));
}

/* Repetitions. */

/* A table that sums up repetitions has one row for each configuration, and that is as it should. */
static bool sums_up(const struct series *s, const struct group *g)
{
	const struct view *v = s->views[s->present];

	for (size_t c = 0; c < v->n_columns; c++) {
		struct words w = words_of(v->columns[c].name);

		for (size_t i = 0; i < w.n; i++)
			if (name_is_statistic(w.word[i]))
				return true;
		if (words_are_any(&w, LIST("n", "runs", "rounds", "samples", "iterations",
		                           "repetitions", "loops", "count", "requests", "reps")))
			return true;
	}
	for (size_t m = 0; m < g->n_metrics; m++)
		if (g->metrics[m].derived)
			return true;
	return false;
}

/* How often a configuration was measured: its most repeated metric tells. */
static unsigned repetitions(const struct work *w, const struct group *g, size_t configuration,
                            unsigned *ret_fact)
{
	unsigned most = 0;

	*ret_fact = 0;
	for (size_t m = 0; m < g->n_metrics; m++) {
		const struct group_cell *c = cell_of(g, configuration, m);
		const struct fact *f = dossier_fact(w->d, c->center);

		if (!f || f->n <= (long)most)
			continue;
		most = (unsigned)f->n;
		*ret_fact = c->count;
	}
	return most;
}

struct repeated {
	size_t measured, once; /* configurations */
	unsigned least, most;
	size_t at_least, at_most; /* configurations */
	unsigned least_fact, most_fact;
};

static struct repeated repeated_of(const struct work *w, const struct group *g)
{
	struct repeated r = {0};

	for (size_t i = 0; i < g->n_configurations; i++) {
		unsigned fact, n = repetitions(w, g, i, &fact);

		if (!n)
			continue;
		if (!r.measured || n < r.least)
			r.least = n, r.at_least = i, r.least_fact = fact;
		if (!r.measured || n > r.most)
			r.most = n, r.at_most = i, r.most_fact = fact;
		r.measured++;
		r.once += n == 1;
	}
	return r;
}

static void say_once(const struct work *w, struct sentence *s, const struct group *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n_configurations; i++) {
		unsigned fact;

		if (repetitions(w, g, i, &fact) == 1 && !say_next(s, g, i, &n))
			return;
	}
}

static void find_unequal(struct work *w, struct gap_fold *f, const struct series *s,
                         const struct group *g, const struct repeated *r)
{
	bool single = r->least == 1 && r->once * 2 <= r->measured;
	struct gap gap = gap_new(single ? SEVERITY_LOW : SEVERITY_INFO);

	if (r->measured < 2 || !is_sayable(g) || !r->most_fact || r->most <= UNEQUAL * r->least)
		return;
	if (single) {
		say(&gap.text, "Measured once");
		say_in(&gap.text, g);
		say(&gap.text, ": ");
		say_once(w, &gap.text, g);
		say(&gap.text, "; ");
	} else {
		say(&gap.text, "Repetitions differ");
		say_in(&gap.text, g);
		say(&gap.text, ": ");
		if (r->least_fact) {
			say_configuration(&gap.text, g, &g->configurations[r->at_least]);
			say(&gap.text, " has ");
			say_fact(&gap.text, r->least_fact);
		} else {
			say(&gap.text, "some were measured once");
		}
		say(&gap.text, ", ");
	}
	say_configuration(&gap.text, g, &g->configurations[r->at_most]);
	say(&gap.text, " has ");
	say_fact(&gap.text, r->most_fact);
	say(&gap.text, " repetitions.");
	gap_fact(w, &gap, r->least_fact);
	gap_fact(w, &gap, r->most_fact);
	gap_artifact(w, &gap, g->artifact);
	gap_add_folded(w, f, &gap, work_printf(w, "gap:repetitions:%s", s->key));
}

/* Tables where nothing is repeated: one finding for all of them. */
static void find_single(struct work *w, const struct series *const *single, size_t n)
{
	struct gap gap = gap_new(SEVERITY_INFO);

	if (!n)
		return;
	say(&gap.text, "Every configuration was measured once in ");
	for (size_t i = 0; i < n; i++) {
		const struct group *g = series_group(w, single[i]);

		gap_artifact(w, &gap, g->artifact);
		gap_name(&gap.text, g->title, i, n);
	}
	say(&gap.text, ": nothing there tells a difference from noise.");
	(void)gap_add(w, &gap, "gap:single");
}

static bool is_single(const struct series *s, const struct group *g, const struct repeated *r)
{
	return r->measured > 1 && r->most == 1 && s->present + 1 < SUITE_RUNS && !sums_up(s, g);
}

/* Variance. */

static bool is_frozen(const struct work *w, const struct series *s, const struct group *g,
                      size_t configuration, size_t metric)
{
	const struct group_cell *c = cell_of(g, configuration, metric);
	const struct fact *min = dossier_fact(w->d, c->min), *max = dossier_fact(w->d, c->max);
	const struct measure *m = &s->roles[s->metrics[metric]].measure;

	return min && max && c->count && m->flow && !g->metrics[metric].derived &&
	       min->n >= SAME_LEAST && !(max->value > min->value) && gap_is_exact(min->value);
}

static void find_frozen(struct work *w, struct gap_fold *f, const struct series *s,
                        const struct group *g)
{
	struct gap gap = gap_new(SEVERITY_LOW);
	const struct group_cell *first = NULL;
	size_t more = 0, at = 0;

	for (size_t i = 0; i < g->n_configurations * g->n_metrics; i++) {
		if (!is_frozen(w, s, g, i / g->n_metrics, i % g->n_metrics))
			continue;
		if (!first)
			first = &g->cells[i], at = i;
		else
			more++;
	}
	if (!first)
		return;
	say_name(&gap.text, g->metrics[at % g->n_metrics].name);
	if (is_sayable(g)) {
		say(&gap.text, " of ");
		say_configuration(&gap.text, g, &g->configurations[at / g->n_metrics]);
	}
	say_in(&gap.text, g);
	say(&gap.text, " is ");
	say_fact(&gap.text, first->center);
	say(&gap.text, " in all ");
	say_fact(&gap.text, first->count);
	say(&gap.text, " repetitions, to the last digit");
	say(&gap.text, more ? ", and so it is elsewhere there" : "");
	say(&gap.text, ": copied or kept, not measured again.");
	gap_fact(w, &gap, first->center);
	gap_fact(w, &gap, first->count);
	gap_artifact(w, &gap, g->artifact);
	gap_add_folded(w, f, &gap, work_printf(w, "gap:frozen:%s", s->key));
}

void gaps_in_runs(struct work *w)
{
	struct gap_fold lacking = {.key = "gap:lacking",
	                           .words = "Some configurations lack a metric also in "};
	struct gap_fold lost = {.key = "gap:lost",
	                        .words = "Metrics of earlier runs are missing also in "};
	struct gap_fold unequal = {.key = "gap:repetitions",
	                           .words = "Repetitions differ also in "};
	struct gap_fold frozen = {.key = "gap:frozen",
	                          .words = "Repetitions are all the same also in "};
	const struct series **single = work_alloc(w, w->n_series, sizeof *single);
	size_t n = 0;

	for (size_t i = 0; i < w->n_series && !w->failed; i++) {
		const struct series *s = &w->series[i];
		const struct group *g = series_group(w, s);
		struct repeated r;

		if (!g || !is_measured(s->views[s->present]))
			continue;
		r = repeated_of(w, g);
		find_lacking(w, &lacking, s, g);
		find_lost(w, &lost, s, g);
		find_unequal(w, &unequal, s, g, &r);
		find_frozen(w, &frozen, s, g);
		if (is_single(s, g, &r))
			single[n++] = s;
	}
	gap_fold_end(w, &lacking);
	gap_fold_end(w, &lost);
	gap_fold_end(w, &unequal);
	gap_fold_end(w, &frozen);
	if (!w->failed)
		find_single(w, single, n);
}
