/* SPDX-License-Identifier: MIT */
/*
 * What one option of a sweep does, all else being equal.
 *
 * Two of its values are held against each other in matched pairs: configurations that differ by
 * nothing else. The effect is the geometric mean of the ratios, and whether it is one the sign test
 * says, adjusted for all that were tried in the sweep (Holm). Means over configurations that have
 * no partner are never compared: they would mix in what else differs (Simpson's paradox).
 */
#include <errno.h>

#include "agents/analyst/ranking.h"
#include "agents/analyst/signs.h"

#define VALUES_MAX   16 /* of an option; one with more is held fixed and not compared */
#define PAIRS_LEAST  3  /* below, two values are not compared */
#define PAIRS_TESTED 6  /* the fewest with which the sign test can reject */
#define PAIRS_MAX    (MAX_CONFIGURATIONS / 2)
#define MARGINAL_MAX 3  /* findings of one sweep */
#define REVIEW_MAX   12 /* of a review */
#define ALPHA        .05

/* The configurations of one sweep as a grid: blocks in which all else is equal, by values. */
struct option {
	const char *name;
	const char *values[VALUES_MAX];
	size_t n_values, n_blocks;
	unsigned *grid; /* configuration + 1 at block * VALUES_MAX + value; 0: none */
};

/* Two values of an option. */
struct contrast {
	const struct option *option;
	size_t better, worse; /* values */
	size_t n, won, lost;
	double log_mean; /* of the ratios, how much better: > 0 */
	double p, p_adjusted;
};

struct sweep {
	struct work *w;
	const struct series *series;
	const struct group *group;
	size_t metric;
	struct option *options;
	size_t n_options;
	struct contrast *contrasts;
	size_t n_contrasts, cap_contrasts;
};

/* --- which keys are options ---------------------------------------------------------------- */

static const char *rest_of(const struct sweep *s, const struct group_configuration *c,
                           const char *option, const bool *labels)
{
	const char *rest = "";

	for (size_t k = 0; k < s->group->n_keys && rest; k++)
		if (s->group->keys[k] != option && !labels[k])
			rest = work_printf(s->w, "%s\x1f%s", rest,
			                   configuration_text(c, s->group->keys[k]));
	return rest ? rest : "";
}

/* -1: one too many. */
static int value_at(struct option *o, const char *text)
{
	for (size_t i = 0; i < o->n_values; i++)
		if (strcmp(o->values[i], text) == 0)
			return (int)i;
	if (o->n_values == VALUES_MAX)
		return -1;
	o->values[o->n_values] = text;
	return (int)o->n_values++;
}

/* False: it has too many values, or two configurations in one place of the grid. */
static bool fill_grid(const struct sweep *s, struct option *o, const bool *labels)
{
	const struct group *g = s->group;
	struct strmap blocks = {.arena = s->w->arena};

	o->grid = work_alloc(s->w, g->n_configurations * VALUES_MAX, sizeof *o->grid);
	for (size_t i = 0; o->grid && i < g->n_configurations; i++) {
		const struct group_configuration *c = &g->configurations[i];
		int value = value_at(o, configuration_text(c, o->name));
		unsigned *cell;
		size_t block;

		if (strmap_add(&blocks, str_of(rest_of(s, c, o->name, labels)), &block) < 0)
			s->w->failed = true;
		if (s->w->failed || value < 0)
			return false;
		cell = &o->grid[block * VALUES_MAX + (size_t)value];
		if (*cell)
			return false;
		*cell = (unsigned)i + 1;
	}
	o->n_blocks = blocks.n;
	return o->grid && o->n_values > 1;
}

static void find_options(struct sweep *s)
{
	const struct group *g = s->group;
	bool *labels = work_alloc(s->w, g->n_keys, sizeof *labels);

	s->options = work_alloc(s->w, g->n_keys, sizeof *s->options);
	for (size_t k = 0; labels && k < g->n_keys; k++)
		labels[k] = g->n_keys > 1 && name_is_workload(g->keys[k]) &&
		            key_is_label(s->w, g, g->keys[k]);
	for (size_t k = 0; labels && s->options && k < g->n_keys && !s->w->failed; k++) {
		struct option *o = &s->options[s->n_options];

		*o = (struct option){.name = g->keys[k]};
		if (!name_is_workload(o->name) && !name_is_quantity(o->name) &&
		    !name_is_unit(o->name) && fill_grid(s, o, labels))
			s->n_options++;
	}
}

/* --- pairs ---------------------------------------------------------------------------------- */

static const struct fact *center_at(const struct sweep *s, const struct option *o, size_t block,
                                    size_t value)
{
	const struct group *g = s->group;
	unsigned c = o->grid[block * VALUES_MAX + value];

	return c && !g->configurations[c - 1].failed
	               ? dossier_fact(s->w->d, g->cells[(c - 1) * g->n_metrics + s->metric].center)
	               : NULL;
}

/*
 * How many times better one value is than the other in a block, 0: they are no pair. The facts that
 * it is the ratio of, larger is better.
 */
static double ratio_at(const struct sweep *s, const struct contrast *c, size_t block,
                       const struct fact **ret_over, const struct fact **ret_under)
{
	bool higher = s->group->metrics[s->metric].better == BETTER_HIGHER;
	const struct fact *x = center_at(s, c->option, block, c->better);
	const struct fact *y = center_at(s, c->option, block, c->worse);

	if (!x || !y || !(x->value > 0) || !(y->value > 0))
		return 0;
	*ret_over = higher ? x : y;
	*ret_under = higher ? y : x;
	return (*ret_over)->value / (*ret_under)->value;
}

static struct contrast contrast_of(const struct sweep *s, const struct option *o, size_t a,
                                   size_t b)
{
	struct contrast c = {.option = o, .better = a, .worse = b};
	const struct fact *over, *under;

	for (size_t k = 0; k < o->n_blocks; k++) {
		double ratio = ratio_at(s, &c, k, &over, &under);

		if (!(ratio > 0))
			continue;
		c.log_mean += log(ratio);
		c.won += ratio > 1;
		c.lost += ratio < 1;
		c.n++;
	}
	if (c.n)
		c.log_mean /= (double)c.n;
	c.p = c.p_adjusted = sign_test(c.won, c.lost);
	if (c.log_mean < 0) {
		size_t won = c.won;

		c.better = b, c.worse = a;
		c.won = c.lost, c.lost = won;
		c.log_mean = -c.log_mean;
	}
	return c;
}

static void find_contrasts(struct sweep *s)
{
	for (size_t i = 0; i < s->n_options; i++) {
		const struct option *o = &s->options[i];

		for (size_t a = 0; a < o->n_values; a++)
			for (size_t b = 0; b < a; b++) {
				struct contrast c = contrast_of(s, o, a, b);

				if (c.n < PAIRS_LEAST || c.n > PAIRS_MAX ||
				    !work_grow(s->w, &s->contrasts, s->n_contrasts,
				               &s->cap_contrasts, sizeof c))
					continue;
				s->contrasts[s->n_contrasts++] = c;
			}
	}
}

static void adjust(struct sweep *s)
{
	CLEANUP(freep) double *p = calloc(s->n_contrasts + 1, sizeof *p);
	size_t n = 0;

	for (size_t i = 0; p && i < s->n_contrasts; i++)
		if (s->contrasts[i].n >= PAIRS_TESTED)
			p[n++] = s->contrasts[i].p;
	if (!p || adjust_holm(p, n) < 0) {
		s->w->failed = true;
		return;
	}
	n = 0;
	for (size_t i = 0; i < s->n_contrasts; i++)
		if (s->contrasts[i].n >= PAIRS_TESTED)
			s->contrasts[i].p_adjusted = p[n++];
}

static bool is_tested(const struct contrast *c)
{
	return c->n >= PAIRS_TESTED;
}

/* Worth a sentence: it matters, and goes one way beyond chance, or always where that is untested.
 */
static bool is_told(const struct sweep *s, const struct contrast *c)
{
	bool sure = is_tested(c) ? c->p_adjusted <= ALPHA : c->won == c->n;

	return sure && expm1(c->log_mean) * 100 > s->w->settings->min_effect_pct;
}

/* --- the finding ----------------------------------------------------------------------------- */

struct said {
	unsigned geomean, p, least, most, n, won;
};

/* A fact for each ratio; returns how many. */
static size_t add_ratios(const struct sweep *s, const struct contrast *c, unsigned *ret,
                         double *ret_least, double *ret_most)
{
	struct fact_of of = group_fact_of(s->series, s->group, 0, s->metric);
	size_t n = 0;

	of.n_subject = 0;
	of.label_suffix = work_printf(s->w, ", %s %s against %s", c->option->name,
	                              c->option->values[c->better], c->option->values[c->worse]);
	for (size_t k = 0; k < c->option->n_blocks && !s->w->failed; k++) {
		const struct fact *over, *under;
		double ratio = ratio_at(s, c, k, &over, &under);

		if (!(ratio > 0))
			continue;
		*ret_least = n ? fmin(*ret_least, ratio) : ratio;
		*ret_most = n ? fmax(*ret_most, ratio) : ratio;
		ret[n] = fact_over_facts(s->w, &of, STAT_RATIO, over->id, under->id);
		n += ret[n] != 0;
	}
	return n;
}

static size_t keep_won(const struct dossier *d, unsigned *to, const unsigned *from, size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (dossier_fact(d, from[i])->value > 1)
			to[k++] = from[i];
	return k;
}

/* False: no room for all of the ratios. */
static bool facts_of(const struct sweep *s, const struct contrast *c, struct said *ret)
{
	struct fact_of of = group_fact_of(s->series, s->group, 0, s->metric);
	unsigned from[PAIRS_MAX], won[PAIRS_MAX];
	double least = 0, most = 0;
	size_t n = add_ratios(s, c, from, &least, &most);

	if (s->w->failed || n < c->n)
		return false;
	of.n_subject = 0;
	of.label_suffix = work_printf(s->w, ", %s %s against %s", c->option->name,
	                              c->option->values[c->better], c->option->values[c->worse]);
	ret->geomean = fact_over_list(s->w, &of, STAT_GEOMEAN_RATIO, exp(c->log_mean), from, n);
	ret->p = fact_over_list(s->w, &of, STAT_SIGN_P, c->p, from, n);
	ret->least = fact_over_list(s->w, &of, STAT_MIN, least, from, n);
	ret->most = fact_over_list(s->w, &of, STAT_MAX, most, from, n);
	ret->n = fact_over_list(s->w, &of, STAT_COUNT, (double)n, from, n);
	if (c->won < n)
		ret->won = fact_over_list(s->w, &of, STAT_COUNT, (double)c->won, won,
		                          keep_won(s->w->d, won, from, n));
	return true;
}

static void say_pairs(struct sentence *t, const struct contrast *c, const struct said *f)
{
	say(t, c->won < c->n ? ", in " : ", in all ");
	if (c->won < c->n) {
		say_fact(t, f->won);
		say(t, " of ");
	}
	say_fact(t, f->n);
	say(t, " matched pairs (from ");
	say_fact(t, f->least);
	say(t, " to ");
	say_fact(t, f->most);
	if (is_tested(c)) {
		say(t, "; sign test p ");
		say_fact(t, f->p);
		say(t, ").");
	} else {
		say(t, "), which are too few to test.");
	}
}

static struct text sentence_of(const struct sweep *s, const struct contrast *c,
                               const struct said *f)
{
	struct sentence t = {.n = 0};

	say(&t, "All else equal in ");
	say_group(&t, s->group);
	say(&t, ", ");
	say_name(&t, c->option->name);
	say(&t, " ");
	say_name(&t, c->option->values[c->better]);
	say(&t, " has ");
	say(&t, s->group->metrics[s->metric].better == BETTER_HIGHER ? "higher " : "lower ");
	say_metric(s->w, &t, s->group, s->metric, false);
	say(&t, " than ");
	say_name(&t, c->option->values[c->worse]);
	say(&t, " by a factor of ");
	say_fact(&t, f->geomean);
	say_pairs(&t, c, f);
	return text_of(s->w, &t);
}

static void add_gates(const struct sweep *s, struct finding *f, const struct contrast *c)
{
	double size = 100 * expm1(c->log_mean), least = s->w->settings->min_effect_pct;
	struct gate *gates = work_alloc(s->w, 3, sizeof *gates);

	if (!gates)
		return;
	gates[0] = (struct gate){"geometric mean of the ratios, % from equal", size, least,
	                         size >= least};
	gates[1] = (struct gate){"matched pairs", (double)c->n, PAIRS_TESTED, is_tested(c)};
	gates[2] = (struct gate){"sign test p, adjusted", c->p_adjusted, ALPHA,
	                         c->p_adjusted <= ALPHA};
	f->gates = gates;
	f->n_gates = is_tested(c) ? 3 : 2;
}

static bool add_marginal(const struct sweep *s, const struct contrast *c)
{
	struct said said = {0};
	struct finding f = finding_about(s->w, FINDING_BEST, SEVERITY_INFO, s->group->artifact);

	if (s->w->failed || !facts_of(s, c, &said))
		return false;
	f.facts = finding_facts(
		s->w, (unsigned[]){said.geomean, said.p, said.least, said.most, said.n, said.won},
		6, &f.n_facts);
	add_gates(s, &f, c);
	f.verdict = two_sample_verdict_name(is_tested(c) ? TWO_SAMPLE_CHANGED
	                                                 : TWO_SAMPLE_UNTESTABLE);
	if (is_tested(c)) {
		f.p = c->p;
		f.p_adjusted = c->p_adjusted;
	}
	f.key = ranking_key(
		s->w, s->series, s->group,
		work_printf(s->w, "%s/%s", s->group->metrics[s->metric].name, c->option->name));
	f.text = sentence_of(s, c, &said);
	return finding_add(s->w, &f) != NULL;
}

/* The strongest that is told, of an option that none was told of yet. */
static const struct contrast *next_told(const struct sweep *s, const struct option *const *told,
                                        size_t n)
{
	const struct contrast *best = NULL;

	for (size_t i = 0; i < s->n_contrasts; i++) {
		const struct contrast *c = &s->contrasts[i];
		bool known = !is_told(s, c);

		for (size_t k = 0; k < n && !known; k++)
			known = told[k] == c->option;
		if (!known && (!best || c->log_mean > best->log_mean))
			best = c;
	}
	return best;
}

static size_t tell(const struct sweep *s, size_t most)
{
	const struct option *told[MARGINAL_MAX];
	size_t n = 0;

	while (n < MARGINAL_MAX && n < most && !s->w->failed) {
		const struct contrast *c = next_told(s, told, n);

		if (!c || !facts_room(s->w, FACTS_DETAIL, c->n + 6) || !add_marginal(s, c))
			break;
		told[n++] = c->option;
	}
	return n;
}

void findings_marginal(struct work *w)
{
	size_t left = REVIEW_MAX;

	for (size_t i = 0; i < w->n_rankings && !w->failed && left; i++) {
		struct sweep s = {.w = w,
		                  .series = w->rankings[i].series,
		                  .group = w->rankings[i].group,
		                  .metric = w->rankings[i].metric};

		if (s.group->n_keys < 2 || w->rankings[i].part)
			continue; /* nothing else that could be equal, or the whole is looked at */
		find_options(&s);
		find_contrasts(&s);
		adjust(&s);
		left -= tell(&s, left);
	}
}
