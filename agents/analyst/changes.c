/* SPDX-License-Identifier: MIT */
/* What changed in one configuration and metric: the facts over its runs, and the finding. */
#include <math.h>

#include "agents/analyst/compared.h"
#include "lib/base/clock.h"

#define MAX_UNTESTED  10 /* findings about differences that could not be tested */
#define ROOM_FOR_RUNS 2  /* facts for single runs take at most one half of all */
#define DRIFT_ENDS    4  /* a drift is told by the first and the last quarter of its runs */
#define DRIFT_RUNS    3  /* at least */

const char *day_of_run(struct work *w, int64_t time_s)
{
	char text[CLOCK_TEXT_BYTES];

	clock_text(text, time_s);
	return work_printf(w, "%.10s", text);
}

/* --- facts over runs ------------------------------------------------------------------ */

static unsigned fact_of_run(struct work *w, const struct fact_of *of, const struct track_point *p)
{
	return fact_over_cells(w, of, p->cells.n > 1 ? STAT_MEDIAN : STAT_VALUE, p->x, &p->cells);
}

static double median_of_cells(struct work *w, const struct cells *c)
{
	CLEANUP(freep) double *scratch = reallocarray(NULL, c->n, sizeof *scratch);

	w->failed |= !scratch;
	if (!scratch)
		return NO_NUMBER;
	memcpy(scratch, c->numbers, c->n * sizeof *scratch);
	return numbers_quantile(scratch, c->n, .5);
}

static double median_of_runs(struct work *w, const struct track *t, struct stretch_of_runs s)
{
	double *x = work_alloc(w, s.end - s.first, sizeof *x);

	if (!x)
		return NO_NUMBER;
	for (size_t i = s.first; i < s.end; i++)
		x[i - s.first] = t->points[i].x;
	return numbers_quantile(x, s.end - s.first, .5);
}

/* Of the runs on the side of their center, seen from x, the one nearest to it; NULL: none. */
static const struct track_point *middle_run(const struct track *t, struct stretch_of_runs s,
                                            double center, double x)
{
	const struct track_point *found = NULL;
	double least = HUGE_VAL;

	for (size_t i = s.first; i < s.end; i++) {
		const struct track_point *p = &t->points[i];
		double off = fabs(p->x - center);

		if (off < least && (x > center ? x > p->x : x < p->x))
			least = off, found = p;
	}
	return found;
}

/*
 * The cells of several runs together: a fact that anybody can recompute. Where runs with many
 * repetitions pull it to the other side of x, which was judged run by run, a middle run stands.
 */
static unsigned fact_of_runs(const struct outcome *o, struct stretch_of_runs s, double x,
                             const char *one, const char *several)
{
	struct work *w = o->w;
	struct fact_of of = o->track->of;
	double center = median_of_runs(w, o->track, s), together;
	const struct track_point *middle = NULL;
	struct cells all = {0};

	for (size_t i = s.first; i < s.end; i++)
		cells_append(w, &all, &o->track->points[i].cells);
	if (w->failed || !all.n)
		return 0;
	of.label_suffix = s.end - s.first > 1 ? several : one;
	together = median_of_cells(w, &all);
	if (isfinite(x) && (x > together) != (x > center))
		middle = middle_run(o->track, s, center, x);
	if (middle) {
		of.label_suffix = one;
		return fact_of_run(w, &of, middle);
	}
	return fact_over_cells(w, &of, all.n > 1 ? STAT_MEDIAN : STAT_VALUE, together, &all);
}

struct pair pair_of_runs(const struct outcome *o, struct stretch_of_runs reference,
                         struct stretch_of_runs now)
{
	const struct track *t = o->track;
	double x = median_of_runs(o->w, t, now);
	struct fact_of of = t->of;
	struct pair ret = {.now = t->tonight};

	ret.reference = fact_of_runs(o, reference, x, ", earlier run", ", earlier runs");
	if (now.end - now.first > 1)
		ret.now = fact_of_runs(o, now, NO_NUMBER, "", ", runs since");
	else if (now.end < t->n)
		ret.now = fact_of_runs(o, now, NO_NUMBER, ", earlier run", "");
	of.label_suffix = " against earlier runs";
	ret.delta = fact_over_facts(o->w, &of, STAT_DELTA_PCT, ret.now, ret.reference);
	ret.ratio = fact_over_facts(o->w, &of, STAT_RATIO, ret.now, ret.reference);
	return ret;
}

static double size_of(const struct outcome *o, unsigned delta)
{
	const struct fact *f = dossier_fact(o->w->d, delta);

	return f ? f->value : 0;
}

/* It went the way that was judged, and far enough also with what all have in common in it. */
static bool bears_out(const struct outcome *o, const struct pair *p, int turn)
{
	double size = size_of(o, p->delta);

	return size * turn > 0 && fabs(size) > o->w->settings->min_effect_pct;
}

/* Each earlier run's own value, for trends, as long as there is room for such detail. */
static void tell_runs(const struct outcome *o)
{
	struct fact_of of = o->track->of;

	track_remember(o->w, o->track, &o->track->points[o->track->n - 1], o->track->tonight);
	of.label_suffix = ", earlier run";
	for (size_t i = 0; i + 1 < o->track->n; i++) {
		const struct track_point *p = &o->track->points[i];

		if (p->view && o->w->d->n_facts < o->w->max_facts / ROOM_FOR_RUNS)
			track_remember(o->w, o->track, p, fact_of_run(o->w, &of, p));
	}
}

/* --- words ----------------------------------------------------------------------------- */

static const struct group *group_of(const struct outcome *o)
{
	return o->of->tracks.group;
}

/* "Throughput of num_gpu 60, num_ctx 2048 (`x.csv`) " */
static void say_what(struct sentence *s, const struct outcome *o)
{
	const struct group *g = group_of(o);

	say_metric(o->w, s, g, o->track->metric, true);
	if (has_configuration_name(g)) {
		say(s, " of ");
		say_configuration(s, g, &g->configurations[o->track->configuration]);
	}
	say(s, " (");
	say_group(s, g);
	say(s, ") ");
}

/* "fell by 7.9 %, from 110.6 to 101.9 tok/s" */
static void say_change(struct sentence *s, const struct pair *p)
{
	say_fact_as(s, p->delta, AS_DIRECTION);
	say(s, " by ");
	say_fact_as(s, p->delta, AS_SIZE);
	say(s, ", from ");
	say_fact(s, p->reference);
	say(s, " to ");
	say_fact(s, p->now);
}

static const char *day_at(const struct outcome *o, size_t i)
{
	return day_of_run(o->w, o->track->points[i].time_s);
}

static void say_when(struct sentence *s, const struct outcome *o, const struct suite_change *c)
{
	bool since = c->state == SUITE_CONFIRMED || c == &o->verdict->latest;

	say(s, since ? ", since the run of " : ", in the run of ");
	say_name(s, day_at(o, c->since));
	if (c->state == SUITE_SUSPECTED)
		say(s, since ? "; likely, but not sure yet"
		             : "; the next runs will show whether it stays");
	if (c->state == SUITE_SPIKE)
		say(s, " only: it is back since");
}

/* Level after level a little worse is a loss, though each was taken for the new normal. */
static void say_best(struct sentence *s, const struct outcome *o, const struct suite_change *c)
{
	const struct suite_verdict *v = o->verdict;
	struct stretch_of_runs best = {v->best, v->best_end};

	if (c != &v->level || !v->best_end || v->best == c->before)
		return;
	say(s, "; its best level, up to the run of ");
	say_name(s, day_at(o, v->best_end - 1));
	say(s, ", was ");
	say_fact(s, fact_of_runs(o, best, NO_NUMBER, ", best level", ", best level"));
}

/* --- the finding ------------------------------------------------------------------------ */

static bool is_worse(const struct outcome *o, int turn)
{
	return (turn > 0) == (group_of(o)->metrics[o->track->metric].better == BETTER_LOWER);
}

static const char *const states[] = {[SUITE_STEADY] = NULL,
                                     [SUITE_SUSPECTED] = "suspected",
                                     [SUITE_CONFIRMED] = "confirmed",
                                     [SUITE_SPIKE] = "spike",
                                     [SUITE_RECOVERED] = "recovered"};

static enum severity severity_of(enum suite_state state, bool worse)
{
	if (state == SUITE_SPIKE || state == SUITE_RECOVERED)
		return SEVERITY_INFO;
	return !worse ? SEVERITY_LOW : state == SUITE_CONFIRMED ? SEVERITY_HIGH : SEVERITY_MEDIUM;
}

static void set_gates(const struct outcome *o, struct finding *f, const struct suite_change *c)
{
	const struct suite_verdict *v = o->verdict;
	struct gate *gates = work_alloc(o->w, 4, sizeof *gates);
	double min_effect = o->w->settings->min_effect_pct, size = fabs(f->effect);
	bool level = c == &v->level || c == &v->latest;
	size_t earlier = level ? c->since - c->before : v->references;
	size_t stayed = level ? o->track->n - c->since : v->streak;

	if (!gates)
		return;
	gates[0] = (struct gate){"earlier runs", (double)earlier, level ? SUITE_STAYED : SUITE_RUNS,
	                         earlier >= (level ? SUITE_STAYED : SUITE_RUNS)};
	if (level)
		gates[1] = (struct gate){"p of the change of level", c->p, o->of->suite.alpha,
		                         c->p <= o->of->suite.alpha};
	else
		gates[1] = (struct gate){
			"distance from the median of the earlier runs, %", 100 * v->distance,
			isfinite(v->limit) ? 100 * v->limit : NO_NUMBER, v->distance > v->limit};
	gates[2] = (struct gate){"effect, %", size, min_effect, size > min_effect};
	gates[3] = (struct gate){"runs in a row on this side", (double)stayed, SUITE_STAYED,
	                         stayed >= SUITE_STAYED};
	f->gates = gates;
	f->n_gates = 4;
}

static void note_change(const struct outcome *o, const struct suite_change *c, const char *key)
{
	struct work *w = o->w;
	const struct series *s = o->of->tracks.series;
	const struct track_point *before = &o->track->points[c->since ? c->since - 1 : 0];
	bool told = before->view ? before->view->dated : true;

	if (!work_grow(w, &w->changes, w->n_changes, &w->cap_changes, sizeof *w->changes))
		return;
	w->changes[w->n_changes++] = (struct change){
		.key = key,
		.before = told ? day_of_run(w, before->time_s) : NULL,
		.group = group_of(o),
		.configuration = o->track->configuration,
		.part = s->roles[s->metrics[o->track->metric]].measure.part};
}

static struct finding finding_of(const struct outcome *o, const struct pair *p, const char *kind)
{
	struct work *w = o->w;
	const struct group *g = group_of(o);
	unsigned *facts = work_alloc(w, 3, sizeof *facts);
	unsigned *artifacts = work_alloc(w, 1, sizeof *artifacts);
	struct finding f = {.p = NO_NUMBER,
	                    .p_adjusted = NO_NUMBER,
	                    .effect = size_of(o, p->delta),
	                    .facts = facts,
	                    .artifacts = artifacts,
	                    .n_artifacts = 1};

	if (w->failed)
		return f;
	facts[0] = p->delta, facts[1] = p->now, facts[2] = p->reference;
	f.n_facts = 3;
	artifacts[0] = g->artifact;
	f.key = work_printf(w, "%s:%s/%s", kind, o->of->tracks.series->key,
	                    track_suffix(w, g, o->track->configuration, o->track->metric));
	return f;
}

static const char *kind_name(const struct outcome *o, int turn)
{
	return finding_kind_name(is_worse(o, turn) ? FINDING_REGRESSION : FINDING_IMPROVEMENT);
}

static void say_outcome(struct sentence *s, const struct outcome *o, const struct suite_change *c,
                        const struct pair *p)
{
	say_what(s, o);
	if (c->state == SUITE_RECOVERED) {
		say(s, "has recovered: ");
		say_fact(s, p->reference);
		say(s, " before the run of ");
		say_name(s, day_at(o, c->since));
		say(s, ", ");
		say_fact(s, p->now);
		say(s, " now.");
		return;
	}
	say_change(s, p);
	say_when(s, o, c);
	say_best(s, o, c);
	say(s, ".");
}

/* `also`: the level has a finding of this kind already, which keeps the plain key. */
static void tell_change(const struct outcome *o, const struct suite_change *c, const struct pair *p,
                        bool also)
{
	bool worse = is_worse(o, c->turn);
	struct finding f = finding_of(o, p, kind_name(o, c->turn));
	struct sentence s = {.n = 0};

	if (o->w->failed)
		return;
	f.kind = worse ? FINDING_REGRESSION : FINDING_IMPROVEMENT;
	f.severity = severity_of(c->state, worse);
	f.verdict = "changed";
	f.state = states[c->state];
	f.since = day_at(o, c->since);
	f.p = c->p;
	f.p_adjusted = c->p_adjusted;
	if (also)
		f.key = work_printf(o->w, "%s@latest", f.key);
	if (c->state == SUITE_RECOVERED) /* how little is left is no change */
		f.facts++, f.n_facts--;
	set_gates(o, &f, c);
	say_outcome(&s, o, c, p);
	f.text = text_of(o->w, &s);
	if (finding_add(o->w, &f) && (c->state == SUITE_SUSPECTED || c->state == SUITE_CONFIRMED))
		note_change(o, c, f.key);
}

/* --- which runs tell it ------------------------------------------------------------------ */

static struct pair pair_of(const struct outcome *o, const struct suite_change *c)
{
	size_t n = o->track->n;
	struct stretch_of_runs reference = {c->before, c->since}, now = {n - 1, n};
	struct pair p;

	if (c->state == SUITE_SPIKE)
		now = (struct stretch_of_runs){c->since, c->since + 1};
	if ((c == &o->verdict->level && c->state == SUITE_CONFIRMED) || c == &o->verdict->latest)
		now.first = c->since;
	p = pair_of_runs(o, reference, now);
	if (!bears_out(o, &p, c->turn) && now.end - now.first > 1)
		p = pair_of_runs(o, reference, (struct stretch_of_runs){n - 1, n});
	return p;
}

static bool tell(const struct outcome *o, const struct suite_change *c, bool also)
{
	struct pair p;

	if (c->state == SUITE_STEADY)
		return false;
	p = pair_of(o, c);
	if (c->state != SUITE_RECOVERED && !bears_out(o, &p, c->turn))
		return false;
	if (!p.now || !p.reference)
		return false;
	tell_change(o, c, &p, also);
	return true;
}

static void tell_drift(const struct outcome *o)
{
	const struct suite_verdict *v = o->verdict;
	size_t n = o->track->n, first = v->run.before, k = (n - first) / DRIFT_ENDS;
	int turn = v->drift > 0 ? 1 : -1;
	struct sentence s = {.n = 0};
	struct finding f;
	struct pair p;

	k = k > DRIFT_RUNS ? k : DRIFT_RUNS;
	p = pair_of_runs(o, (struct stretch_of_runs){first, first + k},
	                 (struct stretch_of_runs){n - k, n});
	if (!bears_out(o, &p, turn))
		return;
	f = finding_of(o, &p, finding_kind_name(FINDING_TREND));
	if (o->w->failed)
		return;
	f.kind = FINDING_TREND;
	f.severity = is_worse(o, turn) ? SEVERITY_MEDIUM : SEVERITY_LOW;
	f.verdict = "changed";
	f.state = "confirmed";
	f.since = day_at(o, first);
	f.p = v->drift_p;
	say_what(&s, o);
	say(&s, "drifts: it ");
	say_change(&s, &p);
	say(&s, " between the first and the last runs since ");
	say_name(&s, f.since);
	say(&s, ", with no step between them.");
	f.text = text_of(o->w, &s);
	(void)finding_add(o->w, &f);
}

/* --- what could not be tested ------------------------------------------------------------ */

/* The most extreme differences of all series are kept for the end. */
struct untested {
	struct outcome outcome;
	struct pair pair;
	double size;
};

static void keep_untested(const struct outcome *o, const struct pair *p)
{
	struct work *w = o->w;
	struct untested *list = w->untested;
	double size = fabs(size_of(o, p->delta));
	size_t at = w->n_untested;

	if (size <= w->settings->min_effect_pct)
		return;
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
	list[at] = (struct untested){*o, *p, size};
}

static void tell_untested(const struct untested *u)
{
	const struct outcome *o = &u->outcome;
	int turn = size_of(o, u->pair.delta) > 0 ? 1 : -1;
	struct suite_change c = {.turn = turn};
	struct finding f = finding_of(o, &u->pair, "difference");
	struct sentence s = {.n = 0};

	if (o->w->failed)
		return;
	f.kind = is_worse(o, turn) ? FINDING_REGRESSION : FINDING_IMPROVEMENT;
	f.severity = SEVERITY_INFO;
	f.verdict = "untestable";
	f.since = day_at(o, o->track->n - 1);
	set_gates(o, &f, &c);
	say_what(&s, o);
	say_change(&s, &u->pair);
	say(&s, "; there are too few earlier runs to tell this from noise.");
	f.text = text_of(o->w, &s);
	(void)finding_add(o->w, &f);
}

void changes_tell_untested(struct work *w)
{
	for (size_t i = 0; i < w->n_untested && !w->failed; i++)
		tell_untested(&w->untested[i]);
}

void changes_tell(const struct outcome *o)
{
	const struct suite_verdict *v = o->verdict;
	size_t n = o->track->n;
	bool level, run;
	struct pair p;

	tell_runs(o);
	if (n < 2)
		return;
	level = tell(o, &v->level, false);
	run = tell(o, &v->run, level && v->level.turn == v->run.turn);
	if (!level && !run)
		run = tell(o, &v->latest, false);
	if (v->drifts)
		tell_drift(o);
	if (level || run)
		return;
	p = pair_of_runs(o,
	                 (struct stretch_of_runs){v->run.before < n - 1 ? v->run.before : 0, n - 1},
	                 (struct stretch_of_runs){n - 1, n});
	if (!v->tested)
		keep_untested(o, &p);
}
