/* SPDX-License-Identifier: MIT */
/*
 * A file that restates another one must agree with it: `x_summary.csv` or `x.md` beside `x.csv`.
 * What is compared are the same configurations and metrics in the same unit; a mean by its name
 * ("mean_tokens_s", "tokens_s_mean") with the mean of the values, and so on. A number written with
 * few digits agrees within half a unit of the last of them.
 */
#include <ctype.h>
#include <math.h>

#include "agents/analyst/gap.h"
#include "agents/analyst/words.h"

#define MAX_CONTRADICTIONS 10      /* findings: of so many pairs of tables */
#define MAX_PAIRS          2000000 /* configurations held against each other */
#define DECIMALS_MOST      12
#define EXACT              1e-6 /* relative: how well programs print and average */

/* --- which files restate which --------------------------------------------------------- */

/* "a/b/x.v2.csv" -> "x.v2", and how long "a/b/" is. */
static struct str stem_of(const char *path, size_t *ret_directory)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	*ret_directory = (size_t)(name - path);
	return (struct str){name, dot && dot > name ? (size_t)(dot - name) : strlen(name)};
}

/* The same directory, and the same name but for more words or another extension. */
static bool restates_file(const struct group *summary, const struct group *raw)
{
	size_t a, b;
	struct str s = stem_of(summary->title, &a), r = stem_of(raw->title, &b);

	if (summary->artifact == raw->artifact || a != b ||
	    strncmp(summary->title, raw->title, a) != 0 || s.len < r.len ||
	    strncmp(s.at, r.at, r.len) != 0 || strcmp(summary->machine, raw->machine) != 0)
		return false;
	return s.len > r.len ? !isalnum((unsigned char)s.at[r.len])
	                     : summary->artifact > raw->artifact;
}

/* --- which metrics ------------------------------------------------------------------------ */

enum restated { RESTATED_VALUE, RESTATED_MEAN, RESTATED_MEDIAN, RESTATED_MIN, RESTATED_MAX };

static const struct {
	const char *word;
	enum restated as;
} statistics[] = {{"mean", RESTATED_MEAN},     {"avg", RESTATED_MEAN}, {"average", RESTATED_MEAN},
                  {"median", RESTATED_MEDIAN}, {"min", RESTATED_MIN},  {"max", RESTATED_MAX}};

/* The words of a name but for one that tells a statistic. */
static bool same_metric(const char *summary, const char *raw, enum restated *ret)
{
	const struct words s = words_of(summary), r = words_of(raw);
	size_t k = 0;

	*ret = RESTATED_VALUE;
	for (size_t i = 0; i < s.n; i++) {
		bool told = false;

		for (size_t m = 0; m < ARRAY_LEN(statistics) && *ret == RESTATED_VALUE; m++)
			if (strcmp(s.word[i], statistics[m].word) == 0 &&
			    !words_has(&r, statistics[m].word))
				*ret = statistics[m].as, told = true;
		if (!told && (k == r.n || strcmp(s.word[i], r.word[k++]) != 0))
			return false;
	}
	return k == r.n && strcmp(s.unit, r.unit) == 0;
}

static bool same_text(const char *a, const char *b)
{
	return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static bool find_metric(const struct group *raw, const struct group_metric *m, size_t *ret,
                        enum restated *as)
{
	for (size_t k = 0; k < raw->n_metrics; k++)
		if (same_text(m->unit, raw->metrics[k].unit) &&
		    same_metric(m->name, raw->metrics[k].name, as)) {
			*ret = k;
			return true;
		}
	return false;
}

/* --- which configurations -------------------------------------------------------------- */

static const char *text_of_key(const struct group_configuration *c, const char *key)
{
	for (size_t i = 0; i < c->n_subject; i++)
		if (strcmp(c->subject[i].name, key) == 0)
			return c->subject[i].text;
	return NULL;
}

static bool is_within(const struct group_configuration *summary,
                      const struct group_configuration *raw)
{
	for (size_t i = 0; i < summary->n_subject; i++) {
		const char *text = text_of_key(raw, summary->subject[i].name);

		if (!text || strcmp(text, summary->subject[i].text) != 0)
			return false;
	}
	return summary->n_subject > 0;
}

/* The only one of `raw` that has all that tells this one; -1: none, or several. */
static int find_configuration(const struct group *raw, const struct group_configuration *c)
{
	int found = -1;

	for (size_t i = 0; i < raw->n_configurations; i++) {
		if (!is_within(c, &raw->configurations[i]))
			continue;
		if (found >= 0)
			return -1;
		found = (int)i;
	}
	return found;
}

/* --- whether they agree ------------------------------------------------------------------- */

/* Half a unit of the last digit that was written. */
static double half_digit(double x)
{
	double scale = 1;

	for (int i = 0; i < DECIMALS_MOST; i++, scale *= 10)
		if (fabs(x * scale - round(x * scale)) < 1e-9 * fmax(1, fabs(x * scale)))
			return .5 / scale;
	return 0;
}

static bool agrees(double written, double computed)
{
	return fabs(written - computed) <=
	       half_digit(written) * (1 + EXACT) + EXACT * fmax(fabs(written), fabs(computed));
}

static unsigned fact_as(const struct group_cell *c, enum restated as)
{
	unsigned of_many = as == RESTATED_MEAN  ? c->mean
	                   : as == RESTATED_MIN ? c->min
	                   : as == RESTATED_MAX ? c->max
	                                        : c->center;

	return of_many ? of_many : c->center;
}

struct contradiction {
	const struct group *summary, *raw;
	size_t metric, configuration; /* of the summary: the worst */
	unsigned said, found;
	double off;
	size_t n, compared;
};

static void compare_cell(const struct work *w, struct contradiction *c, size_t configuration,
                         size_t metric, unsigned said, unsigned found)
{
	const struct fact *a = dossier_fact(w->d, said), *b = dossier_fact(w->d, found);
	double off;

	if (!a || !b || a->n != 1)
		return; /* several numbers are no statement of one */
	c->compared++;
	if (agrees(a->value, b->value))
		return;
	c->n++;
	off = fabs(a->value - b->value) / fmax(fabs(b->value), 1e-300);
	if (off <= c->off)
		return;
	c->off = off;
	c->metric = metric, c->configuration = configuration;
	c->said = said, c->found = found;
}

static void compare_metric(const struct work *w, struct contradiction *c, size_t metric,
                           size_t raw_metric, enum restated as, const int *matches)
{
	const struct group *s = c->summary, *r = c->raw;

	for (size_t i = 0; i < s->n_configurations; i++) {
		const struct group_cell *cell;

		if (matches[i] < 0)
			continue;
		cell = &r->cells[(size_t)matches[i] * r->n_metrics + raw_metric];
		compare_cell(w, c, i, metric, s->cells[i * s->n_metrics + metric].center,
		             fact_as(cell, as));
	}
}

static int *match_configurations(struct work *w, const struct group *s, const struct group *r)
{
	int *ret = work_alloc(w, s->n_configurations, sizeof *ret);

	for (size_t i = 0; ret && i < s->n_configurations; i++)
		ret[i] = find_configuration(r, &s->configurations[i]);
	return ret;
}

static void say_contradiction(struct work *w, struct gap *g, const struct contradiction *c)
{
	const struct group *s = c->summary;

	say_group(&g->text, s);
	say(&g->text, " says ");
	say_fact(&g->text, c->said);
	say(&g->text, " for ");
	say_name(&g->text, s->metrics[c->metric].name);
	if (has_configuration_name(s)) {
		say(&g->text, " of ");
		say_configuration(&g->text, s, &s->configurations[c->configuration]);
	}
	say(&g->text, ", but ");
	say_group(&g->text, c->raw);
	say(&g->text, " gives ");
	say_fact(&g->text, c->found);
	say(&g->text, c->n > 1 ? "; that is the largest of several differences." : ".");
	gap_fact(w, g, c->said);
	gap_fact(w, g, c->found);
}

static void add(struct work *w, const struct contradiction *c)
{
	struct gap g = gap_new(SEVERITY_MEDIUM);

	g.finding.kind = FINDING_CONTRADICTION;
	g.finding.effect = 100 * c->off;
	gap_artifact(w, &g, c->summary->artifact);
	gap_artifact(w, &g, c->raw->artifact);
	say_contradiction(w, &g, c);
	(void)gap_add(w, &g,
	              work_printf(w, "contradiction:%s#%s", c->summary->path, c->summary->where));
}

static bool compare_groups(struct work *w, const struct group *summary, const struct group *raw)
{
	struct contradiction c = {.summary = summary, .raw = raw};
	const int *matches = NULL;

	for (size_t m = 0; m < summary->n_metrics; m++) {
		enum restated as;
		size_t raw_metric;

		if (!find_metric(raw, &summary->metrics[m], &raw_metric, &as))
			continue;
		if (!matches && !(matches = match_configurations(w, summary, raw)))
			return false;
		compare_metric(w, &c, m, raw_metric, as, matches);
	}
	if (c.n)
		add(w, &c);
	return c.n > 0;
}

void consistency_check(struct work *w)
{
	size_t told = 0, pairs = 0;

	for (size_t i = 0; i < w->d->n_groups; i++)
		for (size_t k = 0; k < w->d->n_groups && !w->failed; k++) {
			const struct group *s = &w->d->groups[i], *r = &w->d->groups[k];

			if (i == k || !restates_file(s, r))
				continue;
			pairs += s->n_configurations * r->n_configurations;
			if (told == MAX_CONTRADICTIONS || pairs > MAX_PAIRS)
				return;
			told += compare_groups(w, s, r);
		}
}
