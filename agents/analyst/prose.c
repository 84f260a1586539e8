/* SPDX-License-Identifier: MIT */
/*
 * Sentences of a Markdown report that state a number which the data beside it contradicts.
 *
 * A number counts only where nothing is left to guess: its unit is that of one metric of a table in
 * the same directory or below, the sentence states the value of every key that tells the table's
 * configurations apart, one configuration has these, and nothing in the sentence says that the
 * number is an estimate, a bound, a difference or another run's. Then it must be what that
 * configuration measured, to half a unit of its last digit.
 */
#include <ctype.h>
#include <math.h>
#include <strings.h>

#include "agents/analyst/gap.h"
#include "agents/analyst/tracks.h"

#define MAX_FINDINGS 10
#define MAX_LOOKUPS  2000000 /* configurations held against sentences */

struct statement {
	const struct artifact *report;
	const char *text; /* the sentence */
	const struct cell *said;
	struct text_place place;
};

/* --- words -------------------------------------------------------------------------------- */

static bool is_part_of_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* "4096" is not in "num_ctx=40960", nor "gemma3" in "gemma3:latest". */
static bool stands_alone(const char *text, const char *at, size_t len)
{
	char before = at > text ? at[-1] : ' ', after = at[len];
	bool runs_on = (strchr(".:-/", after) && after) && is_part_of_word(at[len + 1]);
	bool runs_up = at > text + 1 && strchr(".:-/", before) && is_part_of_word(at[-2]) &&
	               before != ':';

	return !is_part_of_word(before) && !is_part_of_word(after) && !runs_on && !runs_up;
}

static const char *find_word(const char *text, const char *from, const char *word)
{
	size_t len = strlen(word);
	const char *at = from;

	while (len && (at = strcasestr(at, word)) && !stands_alone(text, at, len))
		at++;
	return len ? at : NULL;
}

static bool has_word(const char *text, const char *word)
{
	return find_word(text, text, word) != NULL;
}

/* An estimate, a bound, a difference, a plan, or what was measured another time. */
static bool is_hedged(const char *text)
{
	static const char *const words[] = {
		"about",       "around",   "approximately", "roughly",   "nearly",     "almost",
		"over",        "under",    "than",          "least",     "most",       "up to",
		"between",     "range",    "ranges",        "expected",  "expect",     "estimated",
		"target",      "goal",     "should",        "would",     "could",      "projected",
		"faster",      "slower",   "higher",        "lower",     "more",       "less",
		"vs",          "versus",   "against",       "compared",  "difference", "delta",
		"gain",        "improved", "improvement",   "regressed", "dropped",    "increased",
		"decreased",   "saved",    "saves",         "before",    "previous",   "previously",
		"earlier",     "baseline", "old",           "not",       "never",      "without",
		"std",         "stdev",    "deviation",     "stddev",    "variance",   "overhead",
		"warmup",      "timeout",  "limit",         "threshold", "total",      "per token",
		"per request", "each"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (has_word(text, words[i]))
			return true;
	return strpbrk(text, "~<>") || strstr(text, "±") || strstr(text, "≈") ||
	       strstr(text, "+/-") || strstr(text, "→") || strstr(text, "–");
}

/* --- which configuration ------------------------------------------------------------------ */

static bool is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789.")];
}

/* "num_gpu=999", "num_gpu: 999", "num_gpu of 999", "`num_gpu` = 999". */
static bool states_number(const char *text, const char *key, const char *value)
{
	static const char *const links[] = {"=", ":", "of", "is", "at"};

	for (const char *at = text; (at = find_word(text, at, key)); at++) {
		const char *next = at + strlen(key);

		next += strspn(next, " `*");
		for (size_t i = 0; i < ARRAY_LEN(links); i++)
			if (strncmp(next, links[i], strlen(links[i])) == 0) {
				next += strlen(links[i]);
				break;
			}
		next += strspn(next, " `*");
		if (strncmp(next, value, strlen(value)) == 0 &&
		    !is_part_of_word(next[strlen(value)]) &&
		    !(next[strlen(value)] == '.' &&
		      isdigit((unsigned char)next[strlen(value) + 1])))
			return true;
	}
	return false;
}

static bool states(const char *text, const struct group *g, const struct group_configuration *c)
{
	for (size_t k = 0; k < g->n_keys; k++) {
		const char *value = configuration_text(c, g->keys[k]);

		if (is_number(value) ? !states_number(text, g->keys[k], value)
		                     : !has_word(text, value))
			return false;
	}
	return g->n_keys > 0;
}

/* The one that the sentence states; -1: none, or several. */
static int find_configuration(const struct group *g, const char *text)
{
	int found = -1;

	for (size_t i = 0; i < g->n_configurations; i++) {
		if (!states(text, g, &g->configurations[i]))
			continue;
		if (found >= 0)
			return -1;
		found = (int)i;
	}
	return found;
}

/* --- which metric ------------------------------------------------------------------------- */

static bool same_unit(const struct group_metric *m, const struct cell *said)
{
	const struct unit *a = m->unit ? unit_find(str_of(m->unit)) : NULL;
	const struct unit *b = unit_find(str_of(said->unit->text));

	return a && b && strcmp(a->name, b->name) == 0 && !(said->unit->factor > 1);
}

/* The only one in this unit; of several the one that the sentence calls by its name. */
static bool find_metric(const struct group *g, const struct statement *s, size_t *ret)
{
	size_t n = 0, named = 0, at_named = 0;

	for (size_t m = 0; m < g->n_metrics; m++) {
		if (!same_unit(&g->metrics[m], s->said))
			continue;
		if (has_word(s->text, g->metrics[m].name))
			at_named = m, named++;
		*ret = m;
		n++;
	}
	if (named == 1)
		*ret = at_named;
	return n == 1 || named == 1;
}

/* --- whether they agree ------------------------------------------------------------------- */

static double half_digit(const char *text)
{
	const char *point = strchr(text, '.');
	size_t decimals = point ? strspn(point + 1, "0123456789") : 0;

	return .5 * pow(10, -(double)decimals);
}

static bool is_at(const struct work *w, const struct statement *s, unsigned fact)
{
	const struct fact *f = dossier_fact(w->d, fact);

	return f && fabs(f->value - s->said->number) <=
	                    half_digit(s->said->text) * 1.000001 + 1e-9 * fabs(f->value);
}

/* Of several values it may be any statistic, or one of them. */
static bool agrees(const struct work *w, const struct statement *s, const struct group_cell *c)
{
	const struct fact *least = dossier_fact(w->d, c->min), *most = dossier_fact(w->d, c->max);
	double slack = half_digit(s->said->text) * 1.000001;

	if (is_at(w, s, c->center) || is_at(w, s, c->mean))
		return true;
	return least && most && s->said->number >= least->value - slack &&
	       s->said->number <= most->value + slack;
}

struct doubt {
	struct statement statement;
	const struct series *series;
	const struct group *group;
	size_t configuration, metric;
	double off;
};

/* False: they agree, or nothing can be said. */
static bool contradicts(const struct work *w, struct doubt *d)
{
	const struct group *g = d->group;
	const struct group_cell *c = &g->cells[d->configuration * g->n_metrics + d->metric];
	const struct fact *center = dossier_fact(w->d, c->center);

	if (!center || g->configurations[d->configuration].failed || agrees(w, &d->statement, c) ||
	    (center->n_samples > 1 && !c->min))
		return false;
	d->off = fabs(d->statement.said->number - center->value) /
	         fmax(fabs(center->value), 1e-300);
	return true;
}

/* --- which data --------------------------------------------------------------------------- */

/* Beside the report; or below it, where there is one run that it can be about. */
static bool is_about(const struct series *s, const struct artifact *report)
{
	const struct artifact *data = s->views[s->present]->artifact;
	size_t n = path_directory(report->path);
	bool beside = path_directory(data->path) == n;

	return data->format != FORMAT_MARKDOWN && data->root == report->root &&
	       strncmp(data->path, report->path, n) == 0 && (beside || s->n_views == 1);
}

static bool is_only_number(const struct table *t, size_t row)
{
	const char *unit = t->columns[0].values[row].unit->text;

	for (size_t i = 0; i < t->n_rows; i++)
		if (i != row && t->columns[0].places[i].line == t->columns[0].places[row].line &&
		    strcmp(t->columns[1].values[i].text, t->columns[1].values[row].text) == 0 &&
		    strcmp(t->columns[0].values[i].unit->text, unit) == 0)
			return false;
	return true;
}

/* The one table, configuration and metric that the sentence fits; false: none, or several. */
static bool bind(const struct work *w, struct doubt *d, size_t *lookups)
{
	size_t fits = 0;

	for (size_t i = 0; i < w->n_series && *lookups < MAX_LOOKUPS; i++) {
		const struct series *of = &w->series[i];
		const struct group *g = series_group(w, of);
		size_t metric = 0;
		int configuration;

		if (!g || !is_about(of, d->statement.report) ||
		    !find_metric(g, &d->statement, &metric))
			continue;
		*lookups += g->n_configurations;
		configuration = find_configuration(g, d->statement.text);
		if (configuration < 0)
			continue;
		fits++;
		d->series = of;
		d->group = g;
		d->configuration = (size_t)configuration;
		d->metric = metric;
	}
	return fits == 1;
}

/* --- the finding -------------------------------------------------------------------------- */

static unsigned fact_said(struct work *w, const struct doubt *d)
{
	const struct group *g = d->group;
	struct locator *at = work_alloc(w, 1, sizeof *at);
	double *number = work_alloc(w, 1, sizeof *number);
	struct fact f = {.metric = g->metrics[d->metric].name,
	                 .quantity = g->metrics[d->metric].quantity,
	                 .unit = g->metrics[d->metric].unit,
	                 .better = BETTER_NONE,
	                 .subject = g->configurations[d->configuration].subject,
	                 .n_subject = g->configurations[d->configuration].n_subject,
	                 .statistic = STAT_VALUE,
	                 .value = d->statement.said->number,
	                 .n = 1,
	                 .cells = at,
	                 .n_cells = 1,
	                 .samples = number,
	                 .n_samples = 1};

	if (w->failed)
		return 0;
	*at = (struct locator){
		.artifact = d->statement.report->id, .place = d->statement.place, .factor = 1};
	*number = f.value;
	f.label = work_printf(w, "%s, as a sentence states it", f.metric);
	return fact_add(w, &f);
}

static void say_contradiction(struct work *w, struct gap *gap, const struct doubt *d, unsigned said,
                              unsigned found)
{
	say(&gap->text, "A sentence of ");
	say_name(&gap->text, d->statement.report->path);
	say(&gap->text, " states ");
	say_fact(&gap->text, said);
	say(&gap->text, " for ");
	say_name(&gap->text, d->group->metrics[d->metric].name);
	say(&gap->text, " of ");
	say_configuration(&gap->text, d->group, &d->group->configurations[d->configuration]);
	say(&gap->text, ", but ");
	say_group(&gap->text, d->group);
	say(&gap->text, " gives ");
	say_fact(&gap->text, found);
	say(&gap->text, ".");
	gap_artifact(w, gap, d->statement.report->id);
	gap_artifact(w, gap, d->group->artifact);
	gap_fact(w, gap, said);
	gap_fact(w, gap, found);
}

/* What is stated twice is told once. */
static bool tell(struct work *w, const struct doubt *d)
{
	const struct group *g = d->group;
	const char *key = work_printf(w, "contradiction:%s#prose/%s",
	                              path_stripped(w, d->statement.report->path),
	                              track_suffix(w, g, d->configuration, d->metric));
	struct gap gap = gap_new(SEVERITY_MEDIUM);
	unsigned said;

	if (!key || gap_is_told(w, key))
		return false;
	said = fact_said(w, d);
	if (!said)
		return false;
	gap.finding.kind = FINDING_CONTRADICTION;
	gap.finding.effect = 100 * d->off;
	say_contradiction(w, &gap, d, said,
	                  g->cells[d->configuration * g->n_metrics + d->metric].center);
	return gap_add(w, &gap, key) != NULL;
}

static void check_report(struct work *w, const struct artifact *a, size_t *told, size_t *lookups)
{
	const struct table *t = a->prose;

	for (size_t r = 0; r < t->n_rows && *told < MAX_FINDINGS && !w->failed; r++) {
		struct doubt d = {.statement = {.report = a,
		                                .text = t->columns[1].values[r].text,
		                                .said = &t->columns[0].values[r],
		                                .place = t->columns[0].places[r]}};

		if (d.statement.said->kind == CELL_NUMBER && d.statement.said->unit &&
		    !is_hedged(d.statement.text) && is_only_number(t, r) && bind(w, &d, lookups) &&
		    contradicts(w, &d))
			*told += tell(w, &d);
	}
}

void prose_check(struct work *w)
{
	const struct inventory *inv = &w->d->inventory;
	size_t told = 0, lookups = 0;

	for (size_t i = 0; i < inv->n_artifacts; i++) {
		const struct artifact *a = &inv->artifacts[i];

		if (a->format == FORMAT_MARKDOWN && a->prose && a->prose->n_columns == 2 &&
		    a->prose->columns[0].places)
			check_report(w, a, &told, &lookups);
	}
}
