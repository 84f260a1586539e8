/* SPDX-License-Identifier: MIT */
/* What changed, in words and with its gates: one finding for all that went together. */
#include <math.h>

#include "agents/analyst/compared.h"
#include "lib/base/clock.h"

#define MAX_WITH  4   /* other metrics that are named */
#define MAX_ALIKE 400 /* configurations behind one finding */

const char *day_of_run(struct work *w, int64_t time_s)
{
	char text[CLOCK_TEXT_BYTES];

	clock_text(text, time_s);
	return work_printf(w, "%.10s", text);
}

static const struct group *group_of(const struct outcome *o)
{
	return o->of->tracks.group;
}

/* --- words ----------------------------------------------------------------------------- */

/* "Throughput of num_gpu 60, num_ctx 2048 (`x.csv`) " */
void change_say_what(struct sentence *s, const struct outcome *o)
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
void change_say(struct sentence *s, const struct pair *p)
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

	if (c != &v->level || !v->best_end || v->best == c->before)
		return;
	say(s, "; its best level, up to the run of ");
	say_name(s, day_at(o, v->best_end - 1));
	say(s, ", was ");
	say_fact(s, change_best_fact(o));
}

/* --- the finding ------------------------------------------------------------------------ */

static enum better better_of(const struct outcome *o)
{
	return group_of(o)->metrics[o->track->metric].better;
}

bool change_is_worse(const struct outcome *o, int turn)
{
	return better_of(o) == (turn > 0 ? BETTER_LOWER : BETTER_HIGHER);
}

/* Where nobody knows which way is better, a change is just one. */
static enum finding_kind kind_of(const struct outcome *o, int turn)
{
	if (better_of(o) == BETTER_NONE)
		return FINDING_CHANGED;
	return change_is_worse(o, turn) ? FINDING_REGRESSION : FINDING_IMPROVEMENT;
}

static double effect_of(const struct outcome *o, const struct pair *p)
{
	const struct fact *f = dossier_fact(o->w->d, p->delta);

	return f ? f->value : 0;
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

/* Of a change for the better or worse, told by these facts; "difference" for one not tested. */
static const char *key_of_track(const struct outcome *o, const char *key)
{
	return work_printf(
		o->w, "%s:%s/%s", key, o->of->tracks.series->key,
		track_suffix(o->w, group_of(o), o->track->configuration, o->track->metric));
}

static struct finding finding_of(const struct outcome *o, const struct pair *p,
                                 enum finding_kind kind, const char *key)
{
	struct work *w = o->w;
	struct finding f = finding_about(w, kind, SEVERITY_INFO, group_of(o)->artifact);
	unsigned facts[] = {p->delta, p->now, p->reference};

	f.effect = effect_of(o, p);
	f.facts = finding_facts(w, facts, ARRAY_LEN(facts), &f.n_facts);
	f.key = key_of_track(o, key);
	return f;
}

struct finding change_finding(const struct outcome *o, const struct pair *p, int turn)
{
	enum finding_kind kind = kind_of(o, turn);

	return finding_of(o, p, kind, finding_kind_name(kind));
}

static const char *kind_name(const struct outcome *o, int turn)
{
	return finding_kind_name(kind_of(o, turn));
}

/* Other metrics of the same configuration that went along. */
static void say_with(struct sentence *s, const struct told *t)
{
	const struct told *one = t->with;

	for (size_t i = 0; one && i < MAX_WITH; i++, one = one->with) {
		say(s, i ? ", " : "; with it ");
		say_metric(t->outcome.w, s, group_of(&t->outcome), one->outcome.track->metric,
		           false);
		say(s, " ");
		say_fact_as(s, one->pair.delta, AS_DIRECTION);
		say(s, " by ");
		say_fact_as(s, one->pair.delta, AS_SIZE);
	}
	if (one)
		say(s, " and others");
}

/* Other configurations in which the same metric went the same way in the same run. */
static void say_alike(struct sentence *s, const struct told *t, unsigned count, unsigned mean)
{
	if (!t->alike)
		return;
	say(s, "; the same in ");
	say_fact(s, count);
	say(s, " other configurations, whose ratios have a geometric mean of ");
	say_fact(s, mean);
}

static void say_outcome(struct sentence *s, const struct told *t, unsigned count, unsigned mean)
{
	const struct outcome *o = &t->outcome;
	const struct suite_change *c = t->change;

	change_say_what(s, o);
	if (c->state == SUITE_RECOVERED) {
		say(s, "has recovered: ");
		say_fact(s, t->pair.reference);
		say(s, " before the run of ");
		say_name(s, day_at(o, c->since));
		say(s, ", ");
		say_fact(s, t->pair.now);
		say(s, " now");
	} else {
		change_say(s, &t->pair);
		say_when(s, o, c);
		say_best(s, o, c);
	}
	say_with(s, t);
	say_alike(s, t, count, mean);
	say(s, ".");
}

/* How many there are, and what their ratios come to together. */
static void facts_alike(const struct told *t, unsigned *ret_count, unsigned *ret_mean)
{
	struct work *w = t->outcome.w;
	struct fact_of of = t->outcome.track->of;
	unsigned ratios[MAX_ALIKE];
	double logs = 0;
	size_t n = 0;

	*ret_count = *ret_mean = 0;
	for (const struct told *one = t->alike; one && n < MAX_ALIKE; one = one->alike) {
		const struct fact *f = dossier_fact(w->d, one->pair.ratio);

		if (!f || !(f->value > 0))
			continue;
		ratios[n++] = one->pair.ratio;
		logs += log(f->value);
	}
	if (!n)
		return;
	of.n_subject = 0;
	of.label_suffix = ", other configurations";
	*ret_count = fact_over_list(w, &of, STAT_COUNT, (double)n, ratios, n);
	*ret_mean = fact_over_list(w, &of, STAT_GEOMEAN_RATIO, exp(logs / (double)n), ratios, n);
}

/* The facts of the finding itself, then the differences of those that are told with it. */
static void add_facts(struct finding *f, const struct told *t, unsigned count, unsigned mean)
{
	unsigned *facts = work_alloc(t->outcome.w, 5 + MAX_WITH, sizeof *facts);
	size_t n = f->n_facts;

	if (!facts)
		return;
	memcpy(facts, f->facts, n * sizeof *facts);
	for (const struct told *one = t->with; one && n < 3 + MAX_WITH; one = one->with)
		facts[n++] = one->pair.delta;
	if (count)
		facts[n++] = count;
	if (mean)
		facts[n++] = mean;
	f->facts = facts;
	f->n_facts = n;
}

/* A change of the level and one of the latest run may be told of the same series. */
static const char *key_also(const struct told *t, const char *key)
{
	return t->also && key ? work_printf(t->outcome.w, "%s@latest", key) : key;
}

const char *change_key(const struct told *t)
{
	return key_also(t, key_of_track(&t->outcome, kind_name(&t->outcome, t->change->turn)));
}

/* It stays, whichever of them is the worst tonight. */
const char *change_group_key(const struct told *t)
{
	const struct outcome *o = &t->outcome;

	return key_also(t, work_printf(o->w, "%s:%s/%s/*", kind_name(o, t->change->turn),
	                               o->of->tracks.series->key,
	                               group_of(o)->metrics[o->track->metric].name));
}

void change_find(const struct told *t)
{
	const struct outcome *o = &t->outcome;
	const struct suite_change *c = t->change;
	bool worse = change_is_worse(o, c->turn);
	struct finding f = change_finding(o, &t->pair, c->turn);
	struct sentence s = {.n = 0};
	unsigned count, mean;

	facts_alike(t, &count, &mean);
	if (o->w->failed)
		return;
	f.severity = severity_of(c->state, worse);
	f.verdict = "changed";
	f.state = states[c->state];
	f.since = day_at(o, c->since);
	f.p = c->p;
	f.p_adjusted = c->p_adjusted;
	f.group = change_group_key(t);
	f.key = t->alike ? f.group : change_key(t);
	if (c->state == SUITE_RECOVERED) /* how little is left is no change */
		f.facts = finding_facts(o->w, (unsigned[]){t->pair.now, t->pair.reference}, 2,
		                        &f.n_facts);
	add_facts(&f, t, count, mean);
	set_gates(o, &f, c);
	say_outcome(&s, t, count, mean);
	f.text = text_of(o->w, &s);
	chart_line(o, f.key, c->before, t->pair.reference, c->since, o->verdict->limit);
	if (finding_add(o->w, &f) && (c->state == SUITE_SUSPECTED || c->state == SUITE_CONFIRMED))
		note_change(o, c, f.key);
}

void change_find_drift(const struct outcome *o, const struct pair *p)
{
	const struct suite_verdict *v = o->verdict;
	struct finding f = finding_of(o, p, FINDING_TREND, finding_kind_name(FINDING_TREND));
	struct sentence s = {.n = 0};

	if (o->w->failed)
		return;
	f.severity = change_is_worse(o, v->drift > 0 ? 1 : -1) ? SEVERITY_MEDIUM : SEVERITY_LOW;
	f.verdict = "changed";
	f.state = "confirmed";
	f.since = day_at(o, v->run.before);
	f.p = v->drift_p;
	change_say_what(&s, o);
	say(&s, "drifts: it ");
	change_say(&s, p);
	say(&s, " between the first and the last runs since ");
	say_name(&s, f.since);
	say(&s, ", with no step between them.");
	f.text = text_of(o->w, &s);
	chart_line(o, f.key, v->run.before, 0, o->track->n, NO_NUMBER);
	(void)finding_add(o->w, &f);
}

void change_find_untested(const struct outcome *o, const struct pair *p)
{
	int turn = effect_of(o, p) > 0 ? 1 : -1;
	struct suite_change c = {.turn = turn};
	struct finding f = finding_of(o, p, kind_of(o, turn), "difference");
	struct sentence s = {.n = 0};

	if (o->w->failed)
		return;
	f.verdict = "untestable";
	f.since = day_at(o, o->track->n - 1);
	set_gates(o, &f, &c);
	change_say_what(&s, o);
	change_say(&s, p);
	say(&s, "; there are too few earlier runs to tell this from noise.");
	f.text = text_of(o->w, &s);
	(void)finding_add(o->w, &f);
}
