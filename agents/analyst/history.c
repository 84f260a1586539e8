/* SPDX-License-Identifier: MIT */
/*
 * Tonight against the earlier runs of the same series. The datum is one value a run, its median:
 * repetitions of one run share the night, so they are no evidence about nights.
 */
#include "agents/analyst/work.h"

#include <math.h>

#include "agents/analyst/statistics.h"
#include "lib/base/clock.h"

#define CONFIDENCE    .9995  /* one-sided: one false alarm in a thousand series and nights */
#define CONFIRMED     3      /* runs in a row on the other side */
#define MAX_RUNS      120    /* the latest ones; older ones say little about tonight's noise */
#define MAX_POINTS    100000 /* configurations x metrics x runs of one series */
#define MAX_UNTESTED  10     /* findings about differences that could not be tested */
#define ROOM_FOR_RUNS 2      /* facts for single runs take at most one half of all */

struct run {
	const struct view *view;
	struct configurations configurations;
	int *metrics, *keys; /* columns of this view, -1: none */
};

struct point {
	double x; /* median of the run */
	struct cells cells;
	const struct run *run;
};

struct history {
	struct work *w;
	struct series *series;
	const struct group *group;
	struct run *runs; /* oldest first, the present one last */
	size_t n_runs;
	struct point *points; /* of one configuration and metric */
	double *x, *scratch;
};

/* One series judged. */
struct judgement {
	struct reference reference;
	size_t streak; /* runs at the end that deviate in one direction, the present one included */
	size_t n_before; /* points before them */
	double x;
};

static bool is_followed(const struct group_metric *m)
{
	return m->better != BETTER_NONE && !m->derived;
}

/* Bisecting a quantile takes thousands of steps, and every series asks for the same few. */
static double t_of(struct work *w, size_t n)
{
	if (!w->t)
		w->t = work_alloc(w, MAX_RUNS + 1, sizeof *w->t);
	if (!w->t || n < 2 || n > MAX_RUNS)
		return HUGE_VAL;
	if (!(w->t[n] > 0))
		w->t[n] = student_t_quantile(CONFIDENCE, (double)n - 1);
	return w->t[n];
}

static bool is_off(struct history *h, const struct reference *r, double x)
{
	return deviates(r, t_of(h->w, r->n), x, h->w->settings->min_effect_pct);
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

static void add_run(struct history *h, const struct view *v)
{
	struct work *w = h->w;
	const struct series *s = h->series;
	const struct view *present = s->views[s->present];
	struct run *r = &h->runs[h->n_runs];

	r->view = v;
	r->keys = columns_in(w, present, s->keys, s->n_keys, v);
	r->metrics = columns_in(w, present, s->metrics, s->n_metrics, v);
	if (w->failed)
		return;
	if (v == present)
		r->configurations = s->configurations;
	else
		configurations_build(w, &r->configurations, v, r->keys, s->n_keys);
	h->n_runs++;
}

static size_t runs_allowed(const struct group *g)
{
	size_t series = g->n_configurations * g->n_metrics;
	size_t n = MAX_POINTS / (series ? series : 1);

	return n > MAX_RUNS                         ? MAX_RUNS
	       : n < REFERENCE_MIN_RUNS + CONFIRMED ? REFERENCE_MIN_RUNS + CONFIRMED
	                                            : n;
}

static bool has_usable_rows(const struct view *v)
{
	return v->n_rows > v->n_failed + v->n_noted;
}

static void collect_runs(struct history *h)
{
	const struct series *s = h->series;
	size_t most = runs_allowed(h->group), skip = 0, usable = 0;

	for (size_t i = 0; i <= s->present; i++)
		usable += has_usable_rows(s->views[i]);
	skip = usable > most ? usable - most : 0;
	h->runs = work_alloc(h->w, usable, sizeof *h->runs);
	h->points = work_alloc(h->w, usable, sizeof *h->points);
	h->x = work_alloc(h->w, usable, sizeof *h->x);
	h->scratch = work_alloc(h->w, usable, sizeof *h->scratch);
	for (size_t i = 0; i <= s->present && !h->w->failed; i++) {
		if (!has_usable_rows(s->views[i]))
			continue;
		if (skip)
			skip--;
		else
			add_run(h, s->views[i]);
	}
}

static double median(struct work *w, const struct cells *c)
{
	CLEANUP(freep) double *scratch = reallocarray(NULL, c->n, sizeof *scratch);

	w->failed |= !scratch;
	if (!scratch)
		return NO_NUMBER;
	memcpy(scratch, c->numbers, c->n * sizeof *scratch);
	return numbers_quantile(scratch, c->n, .5);
}

/* Earlier runs are told in the unit of the present one, whatever stands in their cells. */
static const struct column_unit *unit_of_metric(const struct history *h, size_t metric)
{
	return &h->series->roles[h->series->metrics[metric]].unit;
}

static bool read_point(struct history *h, struct point *p, const struct run *r, const char *name,
                       size_t metric)
{
	struct picked picked = {
		.keys = r->keys, .n_keys = h->series->n_keys, .unit = unit_of_metric(h, metric)};
	size_t at;

	if (r->metrics[metric] < 0 || !strmap_find(&r->configurations.names, str_of(name), &at))
		return false;
	picked.rows = configuration_rows(&r->configurations, at, &picked.n_rows);
	cells_collect(h->w, &p->cells, r->view, &picked, (size_t)r->metrics[metric]);
	if (h->w->failed || !p->cells.n)
		return false;
	p->x = median(h->w, &p->cells);
	p->run = r;
	return isfinite(p->x);
}

/* Earlier values of one configuration and metric, oldest first; the present one comes last. */
static size_t read_points(struct history *h, size_t configuration, size_t metric)
{
	const struct series *s = h->series;
	const struct view *v = s->views[s->present];
	size_t first = s->configurations.first[configuration], n = 0;
	const char *name = configuration_name(h->w, v, s->configurations.rows[first], s->keys,
	                                      s->n_keys);

	for (size_t i = 0; name && i < h->n_runs && !h->w->failed; i++) {
		bool present = i + 1 == h->n_runs;

		if (read_point(h, &h->points[n], &h->runs[i], name, metric))
			h->x[n] = h->points[n].x, n++;
		else if (present)
			return 0;
	}
	return n;
}

/*
 * Replays the runs. What deviates does not enter the reference while it lasts; a streak that
 * ends or turns was a spike, and joins it: medians bear that.
 */
static struct judgement judge(struct history *h, size_t n)
{
	struct judgement j = {.x = h->x[n - 1]};
	double sign = 0;

	for (size_t i = 0; i < n; i++) {
		double side;

		j.n_before = i - j.streak;
		j.reference = j.n_before ? reference_of(h->x, j.n_before, h->scratch)
		                         : (struct reference){0};
		if (!is_off(h, &j.reference, h->x[i])) {
			j.streak = 0;
			continue;
		}
		side = h->x[i] > j.reference.center ? 1 : -1;
		if (j.streak && (side < sign || side > sign)) {
			j.streak = 0; /* judged against a reference that now holds the spike */
			j.n_before = i;
			j.reference = reference_of(h->x, i, h->scratch);
			if (!is_off(h, &j.reference, h->x[i]))
				continue;
			side = h->x[i] > j.reference.center ? 1 : -1;
		}
		sign = side;
		j.streak++;
	}
	return j;
}

static const char *date_of(struct work *w, int64_t time_s)
{
	char text[CLOCK_TEXT_BYTES];

	clock_text(text, time_s);
	return work_printf(w, "%.10s", text);
}

static unsigned fact_of_run(struct work *w, const struct fact_of *of, const struct point *p)
{
	return fact_over_cells(w, of, p->cells.n > 1 ? STAT_MEDIAN : STAT_VALUE, p->x, &p->cells);
}

/* Of the runs on the side of their center, seen from x, the one nearest to it; n: none. */
static size_t middle_run(const struct history *h, const struct judgement *j)
{
	double center = j->reference.center, least = HUGE_VAL;
	size_t n = j->n_before, found = n;

	for (size_t i = 0; i < n; i++) {
		double off = fabs(h->x[i] - center);

		if (off < least && (j->x > center ? j->x > h->x[i] : j->x < h->x[i]))
			least = off, found = i;
	}
	return found;
}

/*
 * The reference runs' cells together: a fact that anybody can recompute. Where runs with many
 * repetitions pull it to the other side of x, which was judged run by run, a middle run stands.
 */
static unsigned fact_of_reference(struct history *h, struct fact_of of, const struct judgement *j)
{
	struct cells all = {0};
	size_t n = j->n_before, middle = n;
	double x;

	for (size_t i = 0; i < n; i++)
		cells_append(h->w, &all, &h->points[i].cells);
	if (h->w->failed || !all.n)
		return 0;
	x = median(h->w, &all);
	if ((j->x > x) != (j->x > j->reference.center))
		middle = middle_run(h, j);
	of.label_suffix = ", earlier run";
	if (middle < n)
		return fact_of_run(h->w, &of, &h->points[middle]);
	of.label_suffix = n > 1 ? ", earlier runs" : ", earlier run";
	return fact_over_cells(h->w, &of, all.n > 1 ? STAT_MEDIAN : STAT_VALUE, x, &all);
}

/* Each earlier run's own value, for trends, as long as there is room for such detail. */
static void facts_of_runs(struct history *h, struct fact_of of, size_t n)
{
	of.label_suffix = ", earlier run";
	for (size_t i = 0; n > 1 && i < n; i++)
		if (h->w->d->n_facts < h->w->max_facts / ROOM_FOR_RUNS)
			(void)fact_of_run(h->w, &of, &h->points[i]);
}

static void gates_of(struct work *w, struct finding *f, const struct judgement *j,
                     double effect_pct)
{
	struct gate *gates = work_alloc(w, 4, sizeof *gates);
	double away = fabs(j->x - j->reference.center),
	       limit = reference_limit(&j->reference, t_of(w, j->reference.n));
	double min_effect = w->settings->min_effect_pct;

	if (!gates)
		return;
	gates[0] = (struct gate){"earlier runs", (double)j->reference.n, REFERENCE_MIN_RUNS,
	                         j->reference.n >= REFERENCE_MIN_RUNS};
	gates[1] = (struct gate){"distance from the median of the earlier runs", away,
	                         isfinite(limit) ? limit : NO_NUMBER, away > limit};
	gates[2] = (struct gate){"effect, %", fabs(effect_pct), min_effect,
	                         fabs(effect_pct) > min_effect};
	gates[3] = (struct gate){"runs in a row on this side", (double)j->streak, CONFIRMED,
	                         j->streak >= CONFIRMED};
	f->gates = gates;
	f->n_gates = 4;
}

struct outcome {
	size_t configuration, metric;
	struct judgement judgement;
	unsigned tonight, reference, delta;
	const char *since, *before; /* days; before: of the last run before the streak, or NULL */
};

/* "Throughput of num_gpu 60, num_ctx 2048 (`x.csv`) fell by 7.9 %, from 110.6 to 101.9 tok/s" */
static void say_change(struct sentence *s, const struct history *h, const struct outcome *o)
{
	const struct group *g = h->group;

	say_metric(h->w, s, g, o->metric, true);
	if (has_configuration_name(g)) {
		say(s, " of ");
		say_configuration(s, g, &g->configurations[o->configuration]);
	}
	say(s, " (");
	say_group(s, g);
	say(s, ") ");
	say_fact_as(s, o->delta, AS_DIRECTION);
	say(s, " by ");
	say_fact_as(s, o->delta, AS_SIZE);
	say(s, ", from ");
	say_fact(s, o->reference);
	say(s, " to ");
	say_fact(s, o->tonight);
}

static bool got_worse(const struct history *h, const struct outcome *o)
{
	bool fell = dossier_fact(h->w->d, o->delta)->value < 0;

	return fell == (h->group->metrics[o->metric].better == BETTER_HIGHER);
}

static const char *subject_key(struct work *w, const struct group_configuration *gc)
{
	const char *key = "";

	for (size_t i = 0; i < gc->n_subject && key; i++)
		key = work_printf(w, "%s/%s=%s", key, gc->subject[i].name, gc->subject[i].text);
	return key ? key : "";
}

static void say_since(struct sentence *s, const struct outcome *o, bool confirmed)
{
	say(s, confirmed ? ", since the run of " : ", in the run of ");
	say_name(s, o->since);
	if (!confirmed)
		say(s, "; the next runs will show whether it stays");
}

static void note_change(struct history *h, const struct outcome *o, const char *key)
{
	struct work *w = h->w;
	const struct measure *measure = &h->series->roles[h->series->metrics[o->metric]].measure;

	if (!work_grow(w, &w->changes, w->n_changes, &w->cap_changes, sizeof *w->changes))
		return;
	w->changes[w->n_changes++] = (struct change){.key = key,
	                                             .before = o->before,
	                                             .group = h->group,
	                                             .configuration = o->configuration,
	                                             .part = measure->part};
}

static void finding_of(struct history *h, const struct outcome *o, bool tested)
{
	struct work *w = h->w;
	const struct judgement *j = &o->judgement;
	const struct group_metric *m = &h->group->metrics[o->metric];
	bool worse = got_worse(h, o), confirmed = j->streak >= CONFIRMED;
	double effect = dossier_fact(w->d, o->delta)->value;
	struct sentence s = {.n = 0};
	struct finding f = {.kind = worse ? FINDING_REGRESSION : FINDING_IMPROVEMENT,
	                    .severity = !tested     ? SEVERITY_INFO
	                                : !worse    ? SEVERITY_LOW
	                                : confirmed ? SEVERITY_HIGH
	                                            : SEVERITY_MEDIUM,
	                    .verdict = tested ? "changed" : "untestable",
	                    .state = !tested     ? NULL
	                             : confirmed ? "confirmed"
	                                         : "suspected",
	                    .since = o->since,
	                    .p = NO_NUMBER,
	                    .p_adjusted = NO_NUMBER,
	                    .effect = effect};
	unsigned *facts = work_alloc(w, 3, sizeof *facts);
	unsigned *artifacts = work_alloc(w, 1, sizeof *artifacts);

	if (w->failed)
		return;
	facts[0] = o->delta, facts[1] = o->tonight, facts[2] = o->reference;
	artifacts[0] = h->group->artifact;
	f.facts = facts, f.n_facts = 3;
	f.artifacts = artifacts, f.n_artifacts = 1;
	f.key = work_printf(w, "%s:%s/%s%s", tested ? finding_kind_name(f.kind) : "difference",
	                    h->series->key, m->name,
	                    subject_key(w, &h->group->configurations[o->configuration]));
	gates_of(w, &f, j, effect);
	say_change(&s, h, o);
	if (!tested)
		say(&s, "; there are too few earlier runs to tell this from noise");
	else
		say_since(&s, o, confirmed);
	say(&s, ".");
	f.text = text_of(w, &s);
	if (finding_add(w, &f) && tested)
		note_change(h, o, f.key);
}

/* The most extreme untested differences of all series are kept for the end. */
struct untested {
	struct history history;
	struct outcome outcome;
	double size;
};

static void keep_untested(struct history *h, const struct outcome *o)
{
	struct work *w = h->w;
	struct untested *list = w->untested;
	double size = fabs(dossier_fact(w->d, o->delta)->value);
	size_t at = w->n_untested;

	if (!list)
		list = w->untested = work_alloc(w, MAX_UNTESTED, sizeof *list);
	if (!list || (at == MAX_UNTESTED && size <= list[at - 1].size))
		return;
	if (at < MAX_UNTESTED)
		w->n_untested++;
	else
		at--;
	for (; at > 0 && list[at - 1].size < size; at--)
		list[at] = list[at - 1];
	list[at] = (struct untested){*h, *o, size};
}

static void note_smallest(struct work *w, const struct judgement *j)
{
	double least = w->settings->min_effect_pct, pct;

	if (!(fabs(j->reference.center) > 0) ||
	    !work_grow(w, &w->smallest, w->n_smallest, &w->cap_smallest, sizeof *w->smallest))
		return;
	pct = 100 * reference_limit(&j->reference, t_of(w, j->reference.n)) /
	      fabs(j->reference.center);
	w->smallest[w->n_smallest++] = fmax(pct, least);
}

static void settle(struct history *h, struct outcome *o, size_t n)
{
	struct work *w = h->w;
	struct judgement *j = &o->judgement;
	bool tested = j->reference.n >= REFERENCE_MIN_RUNS;

	w->d->compared.tested += tested;
	w->d->compared.untestable += !tested;
	if (tested)
		note_smallest(w, j);
	if (!o->delta)
		return;
	if (tested && j->streak > 0) {
		const struct view *last = h->points[n - j->streak - 1].run->view;

		o->since = date_of(w, h->points[n - j->streak].run->view->time_s);
		o->before = last->dated ? date_of(w, last->time_s) : NULL;
		finding_of(h, o, true);
	} else if (!tested &&
	           fabs(dossier_fact(w->d, o->delta)->value) > w->settings->min_effect_pct) {
		o->since = date_of(w, h->points[n - 1].run->view->time_s);
		keep_untested(h, o);
	}
}

static void compare_cell(struct history *h, size_t configuration, size_t metric)
{
	struct work *w = h->w;
	const struct group *g = h->group;
	struct fact_of of = group_fact_of(h->series, g, configuration, metric);
	struct outcome o = {.configuration = configuration, .metric = metric};
	size_t n;

	o.tonight = g->cells[configuration * g->n_metrics + metric].center;
	if (!o.tonight)
		return;
	w->d->compared.series++;
	n = h->n_runs > 1 ? read_points(h, configuration, metric) : 1;
	if (n < 2) {
		if (h->n_runs > 1)
			w->d->compared.new_series++;
		else
			w->d->compared.untestable++;
		return;
	}
	o.judgement = judge(h, n);
	if (o.judgement.streak == 0) /* then the present run is no part of its own reference */
		o.judgement.n_before = n - 1,
		o.judgement.reference = reference_of(h->x, n - 1, h->scratch);
	facts_of_runs(h, of, n - 1);
	o.reference = fact_of_reference(h, of, &o.judgement);
	of.label_suffix = " against earlier runs";
	o.delta = fact_over_facts(w, &of, STAT_DELTA_PCT, o.tonight, o.reference);
	(void)fact_over_facts(w, &of, STAT_RATIO, o.tonight, o.reference);
	settle(h, &o, n);
}

/* Configurations of the run before that are not there any more, or have no value now. */
static void count_vanished(struct history *h)
{
	const struct run *now = &h->runs[h->n_runs - 1], *before = now - 1;
	const struct group *g = h->group;
	struct cells c;
	size_t at;

	for (size_t i = 0; i < before->configurations.n && !h->w->failed; i++) {
		const struct configurations *bc = &before->configurations;
		struct picked p = {.keys = before->keys, .n_keys = h->series->n_keys};
		const char *name = configuration_name(h->w, before->view, bc->rows[bc->first[i]],
		                                      before->keys, h->series->n_keys);
		bool there = name && strmap_find(&now->configurations.names, str_of(name), &at);

		p.rows = configuration_rows(bc, i, &p.n_rows);
		for (size_t m = 0; m < g->n_metrics && !h->w->failed; m++) {
			if (!is_followed(&g->metrics[m]) || before->metrics[m] < 0 ||
			    (there && g->cells[at * g->n_metrics + m].center))
				continue;
			p.unit = unit_of_metric(h, m);
			cells_collect(h->w, &c, before->view, &p, (size_t)before->metrics[m]);
			h->w->d->compared.vanished += c.n > 0;
		}
	}
}

void history_compare(struct work *w, struct series *s)
{
	const struct group *g = s->group ? &w->d->groups[s->group - 1] : NULL;
	struct history h = {.w = w, .series = s, .group = g};

	if (!g)
		return;
	collect_runs(&h);
	for (size_t i = 0; i < g->n_configurations; i++)
		for (size_t m = 0; m < g->n_metrics && !w->failed; m++)
			if (is_followed(&g->metrics[m]))
				compare_cell(&h, i, m);
	if (!w->failed && h.n_runs > 1)
		count_vanished(&h);
}

static enum verdict verdict_of(const struct dossier *d)
{
	bool worse = false, better = false;

	for (size_t i = 0; i < d->n_findings; i++) {
		const struct finding *f = &d->findings[i];

		worse |= f->state && f->kind == FINDING_REGRESSION;
		better |= f->state && f->kind == FINDING_IMPROVEMENT;
	}
	if (worse || better)
		return worse && better ? VERDICT_MIXED : worse ? VERDICT_WORSE : VERDICT_BETTER;
	return d->compared.tested ? VERDICT_SAME : VERDICT_CANNOT_TELL;
}

void history_finish(struct work *w)
{
	struct dossier *d = w->d;

	for (size_t i = 0; i < w->n_untested && !w->failed; i++)
		finding_of(&w->untested[i].history, &w->untested[i].outcome, false);
	d->compared.smallest_change_pct = NO_NUMBER;
	if (w->n_smallest) {
		numbers_sort(w->smallest, w->n_smallest);
		d->compared.smallest_change_pct = quantile(w->smallest, w->n_smallest, .5);
	}
	d->verdict = verdict_of(d);
}
