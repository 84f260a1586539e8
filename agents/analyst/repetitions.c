/* SPDX-License-Identifier: MIT */
#include "agents/analyst/repetitions.h"

#include "agents/analyst/drift.h"
#include "agents/analyst/run_shape.h"
#include "agents/analyst/two_sample.h"

#define ALPHA      .01 /* of a review: of 300 of noise one (normal) and six (lognormal) tell of it */
#define TOLD_MAX   10  /* such findings of a review, the most extreme ones */
#define DRIFT_MOST 200 /* values of one run; its cost grows with their square */
#define DRIFT_PART 3   /* first and last third are held against each other */

enum look { LOOK_COLD, LOOK_MODES, LOOK_OUTLIERS, LOOK_DRIFT };
#define LOOK_COUNT (LOOK_DRIFT + 1)

/* Something seen in the values of one configuration and metric. */
struct sight {
	enum look look;
	const struct series *series;
	const struct group *group;
	size_t configuration, metric;
	size_t n_alike; /* configurations with the same, by this metric */
	size_t n_looked;
	double score; /* how much it matters, as a share */
	double p;     /* adjusted for all that were looked at; NAN: none */
	struct run_shape shape;
	struct drift drift;
};

struct sights {
	struct work *w;
	double tests;             /* how many runs are looked at in this review */
	struct run_shape *shapes; /* of each, and how sure it is that its first value was cold */
	double *cold_p;
	size_t next;
	struct sight told[TOLD_MAX];
	size_t n;
};

/* NULL: there is nothing to look at. */
static const struct fact *values_of(const struct work *w, const struct group *g, size_t i, size_t m)
{
	const struct fact *f = dossier_fact(w->d, g->cells[i * g->n_metrics + m].center);

	if (g->metrics[m].better == BETTER_NONE || g->metrics[m].derived)
		return NULL;
	return f && f->n_samples >= RUN_SHAPE_LEAST && f->n_samples <= RUN_SHAPE_MOST ? f : NULL;
}

/* Rows of prose are in the order of the argument, and restate what data files hold. */
static const struct group *group_of(const struct work *w, const struct series *s)
{
	return s->group && s->views[0]->artifact->format != FORMAT_MARKDOWN
	               ? &w->d->groups[s->group - 1]
	               : NULL;
}

static double count_tests(const struct work *w)
{
	double n = 0;

	for (size_t i = 0; i < w->n_series; i++) {
		const struct group *g = group_of(w, &w->series[i]);

		for (size_t k = 0; g && k < g->n_configurations * g->n_metrics; k++)
			n += values_of(w, g, k / g->n_metrics, k % g->n_metrics) != NULL;
	}
	return n;
}

static void copy_values(double *to, const struct fact *f)
{
	for (size_t i = 0; i < f->n_samples; i++)
		to[i] = fact_sample(f, i);
}

/* Of all that are looked at, in their order: how many cold starts chance would show among them. */
static void measure_group(struct sights *all, const struct group *g)
{
	double room[RUN_SHAPE_MOST];

	for (size_t k = 0; k < g->n_configurations * g->n_metrics; k++) {
		const struct fact *f = values_of(all->w, g, k / g->n_metrics, k % g->n_metrics);
		struct run_shape *shape = &all->shapes[all->next];

		if (!f)
			continue;
		copy_values(room, f);
		if (run_shape_of(shape, room, f->n_samples, g->metrics[k % g->n_metrics].better,
		                 ALPHA / all->tests) < 0)
			all->w->failed = true;
		all->cold_p[all->next++] = shape->cold_p;
	}
}

static void measure(struct sights *all)
{
	struct work *w = all->w;

	all->shapes = work_alloc(w, (size_t)all->tests, sizeof *all->shapes);
	all->cold_p = work_alloc(w, (size_t)all->tests, sizeof *all->cold_p);
	for (size_t i = 0; i < w->n_series && !w->failed; i++) {
		const struct group *g = group_of(w, &w->series[i]);

		if (g)
			measure_group(all, g);
	}
	if (!w->failed && adjust_bh(all->cold_p, all->next) < 0)
		w->failed = true;
	all->next = 0;
}

/* --- what is seen in one run -------------------------------------------------------------------
 */

static bool see_drift(struct sights *all, struct sight *s, const double *x, size_t n)
{
	double min_effect = all->w->settings->min_effect_pct / 100;

	if (n < DRIFT_LEAST || n > DRIFT_MOST)
		return false;
	if (drift_of(&s->drift, x, n) < 0) {
		all->w->failed = true;
		return false;
	}
	s->p = fmin(1, s->drift.p * all->tests);
	s->score = fabs(s->drift.change) / fabs(s->drift.median);
	return drift_is_real(&s->drift, min_effect) && s->p <= ALPHA && isfinite(s->score);
}

/* The first that is true: a cold start explains an outlier, and two modes a scatter. */
static bool see(struct sights *all, struct sight *s, double cold_p, const double *x, size_t n)
{
	double min_effect = all->w->settings->min_effect_pct / 100;

	s->p = NO_NUMBER;
	s->score = s->shape.shift;
	if (cold_p <= ALPHA && s->shape.cold_mads > RUN_SHAPE_MADS && s->score > min_effect) {
		s->look = LOOK_COLD;
		s->p = cold_p;
		return true;
	}
	if (s->shape.gap > 0) {
		s->look = LOOK_MODES;
		s->score = stdev_of(x, n) / fabs(mean_of(x, n));
		return isfinite(s->score) && s->score > min_effect;
	}
	if (s->shape.n_outliers && s->score > min_effect) {
		s->look = LOOK_OUTLIERS;
		s->p = fmin(1, s->shape.outlier_p * all->tests);
		return true;
	}
	s->look = LOOK_DRIFT;
	return see_drift(all, s, x, n);
}

/* --- what is seen in one group ------------------------------------------------------------------
 */

static bool is_part(const struct sight *s)
{
	return s->series->roles[s->series->metrics[s->metric]].measure.part;
}

/* A time is told before the parts of it, else what matters most. */
static bool is_before(const struct sight *a, const struct sight *b)
{
	if (a->look == LOOK_COLD && is_part(a) != is_part(b))
		return !is_part(a);
	return a->score > b->score;
}

static void note(struct sights *all, struct sight *best, const struct sight *s)
{
	struct sight *known = &best[s->look];

	if (s->look == LOOK_COLD)
		all->w->explained[s->group->id - 1]
				 [s->configuration * s->group->n_metrics + s->metric] = true;
	if (!known->group || is_before(s, known))
		*known = *s;
}

/* maybe: cells whose first value looks cold, and alone proves nothing. */
static void look_at_cell(struct sights *all, struct sight *best, const struct sight *where,
                         bool *maybe, double *room)
{
	const struct fact *f = values_of(all->w, where->group, where->configuration, where->metric);
	struct sight s = *where;
	double cold_p;

	if (!f)
		return;
	copy_values(room, f);
	s.shape = all->shapes[all->next];
	cold_p = all->cold_p[all->next++];
	if (see(all, &s, cold_p, room, f->n_samples))
		note(all, best, &s);
	else if (s.shape.cold_p < 1 && s.shape.cold_mads > RUN_SHAPE_MADS)
		maybe[s.configuration * s.group->n_metrics + s.metric] = true;
}

/* A repetition that one metric shows to be cold is so for the others that look like it. */
static void spread_cold(struct work *w, const struct group *g, const bool *maybe)
{
	bool *cold = w->explained[g->id - 1];

	for (size_t i = 0; i < g->n_configurations; i++) {
		bool any = false;

		for (size_t m = 0; m < g->n_metrics; m++)
			any |= cold[i * g->n_metrics + m];
		for (size_t m = 0; m < g->n_metrics && any; m++)
			cold[i * g->n_metrics + m] |= maybe[i * g->n_metrics + m];
	}
}

static void count_alike(struct sights *all, struct sight *s)
{
	const struct group *g = s->group;

	for (size_t i = 0; i < g->n_configurations; i++) {
		s->n_looked += values_of(all->w, g, i, s->metric) != NULL;
		s->n_alike += s->look == LOOK_COLD &&
		              all->w->explained[g->id - 1][i * g->n_metrics + s->metric];
	}
}

static void keep(struct sights *all, const struct sight *s)
{
	size_t at = all->n;

	if (at == TOLD_MAX && s->score <= all->told[at - 1].score)
		return;
	if (at < TOLD_MAX)
		all->n++;
	else
		at--;
	for (; at > 0 && all->told[at - 1].score < s->score; at--)
		all->told[at] = all->told[at - 1];
	all->told[at] = *s;
}

static void look_at_group(struct sights *all, const struct series *s, const struct group *g)
{
	struct sight best[LOOK_COUNT] = {0};
	double room[RUN_SHAPE_MOST];
	bool *maybe = work_alloc(all->w, g->n_configurations * g->n_metrics, sizeof *maybe);

	all->w->explained[g->id - 1] = work_alloc(all->w, g->n_configurations * g->n_metrics,
	                                          sizeof(bool));
	for (size_t k = 0; k < g->n_configurations * g->n_metrics && !all->w->failed; k++) {
		struct sight where = {.series = s,
		                      .group = g,
		                      .configuration = k / g->n_metrics,
		                      .metric = k % g->n_metrics};

		look_at_cell(all, best, &where, maybe, room);
	}
	if (!all->w->failed)
		spread_cold(all->w, g, maybe);
	for (int look = 0; look < LOOK_COUNT && !all->w->failed; look++) {
		if (!best[look].group)
			continue;
		count_alike(all, &best[look]);
		keep(all, &best[look]);
	}
}

/* --- sentences ---------------------------------------------------------------------------------
 */

static const struct group_cell *cell_of(const struct sight *s)
{
	return &s->group->cells[s->configuration * s->group->n_metrics + s->metric];
}

static void say_where(struct work *w, struct sentence *t, const struct sight *s, bool begins)
{
	say_metric(w, t, s->group, s->metric, begins);
	say(t, " in ");
	say_group(t, s->group);
	if (!s->group->n_keys)
		return;
	say(t, " (");
	say_configuration(t, s->group, &s->group->configurations[s->configuration]);
	say(t, ")");
}

/* The value that is farthest from the median. */
static unsigned farthest(const struct work *w, const struct sight *s)
{
	const struct group_cell *c = cell_of(s);
	const struct fact *min = dossier_fact(w->d, c->min), *max = dossier_fact(w->d, c->max);
	const struct fact *median = dossier_fact(w->d, c->center);

	if (!min || !max)
		return 0;
	return max->value - median->value > median->value - min->value ? c->max : c->min;
}

/* Other metrics of the configuration whose first value was cold. */
static void say_cold_too(struct work *w, struct sentence *t, const struct sight *s)
{
	const bool *cold = w->explained[s->group->id - 1] + s->configuration * s->group->n_metrics;
	size_t n = 0, said = 0;

	for (size_t m = 0; m < s->group->n_metrics; m++)
		n += m != s->metric && cold[m];
	for (size_t m = 0; m < s->group->n_metrics; m++) {
		if (m == s->metric || !cold[m])
			continue;
		say(t, said    ? said + 1 == n ? " and " : ", "
		       : n > 1 ? "; so were those of "
		               : "; so was that of ");
		say_metric(w, t, s->group, m, false);
		said++;
	}
}

static void say_cold(struct work *w, struct sentence *t, const struct sight *s)
{
	const struct group_cell *c = cell_of(s);

	say(t, "The first of ");
	say_fact(t, c->count);
	say(t, " values of ");
	say_where(w, t, s, false);
	say(t, " was cold: ");
	say_fact(t, s->group->metrics[s->metric].better == BETTER_HIGHER ? c->min : c->max);
	say(t, " against a median of ");
	say_fact(t, c->center);
	say(t, ", which makes the mean ");
	say_fact(t, c->mean);
	say_cold_too(w, t, s);
	if (s->n_alike > 1)
		say(t, s->n_alike == s->n_looked ? ". It is so in each configuration"
		                                 : ". It is so in other configurations, too");
	say(t, ".");
}

static void say_modes(struct work *w, struct sentence *t, const struct sight *s)
{
	const struct group_cell *c = cell_of(s);

	say_where(w, t, s, true);
	say(t, " has two modes: its ");
	say_fact(t, c->count);
	say(t, " values from ");
	say_fact(t, c->min);
	say(t, " to ");
	say_fact(t, c->max);
	say(t, " lie in two groups with a gap between, which neither the median (");
	say_fact(t, c->center);
	say(t, ") nor the mean (");
	say_fact(t, c->mean);
	say(t, ") tells.");
}

static void say_outliers(struct work *w, struct sentence *t, const struct sight *s)
{
	const struct group_cell *c = cell_of(s);

	say(t, s->shape.n_outliers > 1 ? "A few of " : "One of ");
	say_fact(t, c->count);
	say(t, " values of ");
	say_where(w, t, s, false);
	say(t, s->shape.n_outliers > 1 ? " lie far off: the farthest is " : " lies far off: ");
	say_fact(t, farthest(w, s));
	say(t, " against a median of ");
	say_fact(t, c->center);
	say(t, ", which makes the mean ");
	say_fact(t, c->mean);
	say(t, ".");
}

/* --- a drift: the first third of the run and its last --------------------------------------------
 */

struct thirds {
	unsigned first, last, change; /* 0: its values are no rows of one number each */
};

static unsigned median_of_rows(struct work *w, const struct sight *s, const uint32_t *rows,
                               size_t n, const char *suffix)
{
	const struct series *of_series = s->series;
	struct fact_of of = group_fact_of(of_series, s->group, s->configuration, s->metric);
	struct picked p = {.rows = rows,
	                   .n_rows = n,
	                   .keys = of_series->keys,
	                   .n_keys = of_series->n_keys,
	                   .unit = &of_series->roles[of_series->metrics[s->metric]].unit};
	struct cells c = {0};
	double scratch[DRIFT_MOST];

	cells_collect(w, &c, of_series->views[of_series->present], &p,
	              (size_t)of_series->metrics[s->metric]);
	if (w->failed || c.n != n)
		return 0;
	memcpy(scratch, c.numbers, n * sizeof *scratch);
	of.n_subject = 0; /* it is no peer of the configurations that are ranked */
	of.label_suffix = suffix;
	return fact_over_cells(w, &of, STAT_MEDIAN, numbers_quantile(scratch, n, .5), &c);
}

static struct thirds thirds_of(struct work *w, const struct sight *s)
{
	struct fact_of of = group_fact_of(s->series, s->group, s->configuration, s->metric);
	size_t n, part = s->drift.n / DRIFT_PART;
	const uint32_t *rows = configuration_rows(&s->series->configurations, s->configuration, &n);
	struct thirds t = {0};

	if (n != s->drift.n)
		return t;
	t.first = median_of_rows(w, s, rows, part, ", first third of the run");
	t.last = median_of_rows(w, s, rows + n - part, part, ", last third of the run");
	of.n_subject = 0;
	of.label_suffix = ", last third against first";
	if (t.first && t.last)
		t.change = fact_over_facts(w, &of, STAT_DELTA_PCT, t.last, t.first);
	return t;
}

static void say_drift(struct work *w, struct sentence *t, const struct sight *s,
                      const struct thirds *parts)
{
	const struct group_cell *c = cell_of(s);

	say_where(w, t, s, true);
	say(t, s->drift.change > 0 ? " rises" : " falls");
	say(t, " through the run");
	if (parts->change) {
		say(t, ", by ");
		say_fact_as(t, parts->change, AS_SIZE);
		say(t, ": the median of its first third is ");
		say_fact(t, parts->first);
		say(t, ", that of its last ");
		say_fact(t, parts->last);
		say(t, ".");
		return;
	}
	say(t, ", between ");
	say_fact(t, c->min);
	say(t, " and ");
	say_fact(t, c->max);
	say(t, " (median ");
	say_fact(t, c->center);
	say(t, ").");
}

/* --- findings ------------------------------------------------------------------------------------
 */

static void gates_of(struct work *w, struct finding *f, const struct sight *s)
{
	double min_effect = w->settings->min_effect_pct;
	struct gate *gate = work_alloc(w, 3, sizeof *gate);
	size_t n = 0;

	if (!gate)
		return;
	if (s->look == LOOK_COLD)
		gate[n++] = (struct gate){REPETITIONS_COLD, s->shape.cold_mads, RUN_SHAPE_MADS,
		                          true};
	if (s->look == LOOK_MODES)
		gate[n++] = (struct gate){REPETITIONS_MODES, s->shape.gap, RUN_SHAPE_GAP, true};
	if (isfinite(s->p))
		gate[n++] = (struct gate){"p, adjusted", s->p, ALPHA, true};
	if (s->look == LOOK_COLD || s->look == LOOK_OUTLIERS)
		gate[n++] = (struct gate){"share of the mean, %", 100 * s->score, min_effect, true};
	if (s->look == LOOK_DRIFT)
		gate[n++] = (struct gate){"change over the run, % of the median", 100 * s->score,
		                          min_effect, true};
	f->gates = gate;
	f->n_gates = n;
}

static void add_sight(struct work *w, const struct sight *s)
{
	static const enum finding_kind kinds[] = {FINDING_OUTLIER, FINDING_HIGH_VARIANCE,
	                                          FINDING_OUTLIER, FINDING_TREND};
	static const char *const ends[] = {"/first", "/modes", "", "/run"};
	const struct group_cell *c = cell_of(s);
	struct thirds parts = s->look == LOOK_DRIFT ? thirds_of(w, s) : (struct thirds){0};
	unsigned facts[] = {c->center,   c->mean,    c->min,       c->max,
	                    parts.first, parts.last, parts.change, c->count};
	struct sentence t = {.n = 0};
	struct finding f = finding_about(w, kinds[s->look], SEVERITY_LOW, s->group->artifact);

	if (w->failed || !c->min)
		return; /* there was no room for its facts */
	f.p_adjusted = s->p;
	f.facts = finding_facts(w, facts, ARRAY_LEN(facts), &f.n_facts);
	gates_of(w, &f, s);
	if (s->look == LOOK_COLD)
		f.p = s->shape.cold_p;
	if (s->look == LOOK_OUTLIERS)
		f.p = s->shape.outlier_p;
	if (s->look == LOOK_DRIFT)
		f.p = s->drift.p;
	f.key = work_printf(w, "%s:%s/%s%s", finding_kind_name(f.kind), s->series->key,
	                    s->group->metrics[s->metric].name, ends[s->look]);
	if (s->look == LOOK_COLD)
		say_cold(w, &t, s);
	else if (s->look == LOOK_MODES)
		say_modes(w, &t, s);
	else if (s->look == LOOK_OUTLIERS)
		say_outliers(w, &t, s);
	else
		say_drift(w, &t, s, &parts);
	f.text = text_of(w, &t);
	(void)finding_add(w, &f);
}

void findings_repetitions(struct work *w)
{
	struct sights all = {.w = w};

	w->explained = work_alloc(w, w->d->n_groups, sizeof *w->explained);
	if (w->failed)
		return;
	all.tests = count_tests(w);
	measure(&all);
	for (size_t i = 0; i < w->n_series && all.tests > 0 && !w->failed; i++) {
		const struct group *g = group_of(w, &w->series[i]);

		if (g)
			look_at_group(&all, &w->series[i], g);
	}
	for (size_t i = 0; i < all.n && !w->failed; i++) {
		const struct sight *s = &all.told[i];

		w->explained[s->group->id - 1][s->configuration * s->group->n_metrics + s->metric] =
			true;
		add_sight(w, s);
	}
}
