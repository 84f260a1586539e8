/* SPDX-License-Identifier: MIT */
#include "agents/analyst/restated.h"

#include <ctype.h>
#include <math.h>

#include "agents/analyst/words.h"
#include "lib/evidence/unit.h"

#define DECIMALS_MOST 12
#define EXACT         1e-6    /* relative: how well programs print and average */
#define MAX_PAIRS     2000000 /* configurations held against each other */

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
bool restated_file(const struct group *summary, const struct group *raw)
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

/* The same name but for its extension, whichever was found first. */
static bool is_other_form(const struct group *s, const struct group *r)
{
	size_t a, b;

	return stem_of(s->title, &a).len == stem_of(r->title, &b).len && restated_file(r, s);
}

/* --- which metrics ------------------------------------------------------------------------ */

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

bool restated_metric(const struct group *raw, const struct group_metric *m, size_t *ret,
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

bool restated_agrees(double written, double computed)
{
	return fabs(written - computed) <=
	       half_digit(written) * (1 + EXACT) + EXACT * fmax(fabs(written), fabs(computed));
}

unsigned restated_fact(const struct group_cell *c, enum restated as)
{
	unsigned of_many = as == RESTATED_MEAN  ? c->mean
	                   : as == RESTATED_MIN ? c->min
	                   : as == RESTATED_MAX ? c->max
	                                        : c->center;

	return of_many ? of_many : c->center;
}

int *restated_configurations(struct work *w, const struct group *s, const struct group *r)
{
	int *ret = work_alloc(w, s->n_configurations, sizeof *ret);

	for (size_t i = 0; ret && i < s->n_configurations; i++)
		ret[i] = find_configuration(r, &s->configurations[i]);
	return ret;
}

/* --- nothing but what another one says ------------------------------------------------------ */

/* How much of raw's unit one of the summary's is; 0: they are no units of one thing. */
static double unit_ratio(const char *summary, const char *raw)
{
	const struct unit *s, *r;

	if (same_text(summary, raw))
		return 1;
	s = summary ? unit_find(str_of(summary)) : NULL;
	r = raw ? unit_find(str_of(raw)) : NULL;
	return s && r && strcmp(s->base, r->base) == 0 ? s->factor / r->factor : 0;
}

static bool same_words(const char *summary, const char *raw, enum restated *as)
{
	struct words s = words_of(summary), r = words_of(raw);
	size_t k = 0;

	if (same_metric(summary, raw, as))
		return true;
	*as = RESTATED_VALUE; /* "Mean [ms]" and "mean": their units are known */
	while (k < s.n && k < r.n && strcmp(s.word[k], r.word[k]) == 0)
		k++;
	return k == s.n && k == r.n;
}

/* One metric of the two: each of s in the order in which r was matched. */
static bool repeats_metric(const struct work *w, const struct group *s, size_t m,
                           const struct group *r, size_t k, enum restated as, const int *matches)
{
	double ratio = unit_ratio(s->metrics[m].unit, r->metrics[k].unit);

	for (size_t i = 0; ratio > 0 && i < s->n_configurations; i++) {
		size_t of = (size_t)matches[i];
		const struct fact *a = dossier_fact(w->d, s->cells[i * s->n_metrics + m].center);
		const struct fact *b = dossier_fact(
			w->d, restated_fact(&r->cells[of * r->n_metrics + k], as));

		if (!a && !b)
			continue;
		if (!a || !b || a->n != 1 || !restated_agrees(a->value, b->value / ratio))
			return false;
	}
	return ratio > 0;
}

static bool repeats_any(const struct work *w, const struct group *s, size_t m,
                        const struct group *r, const int *matches)
{
	enum restated as;

	for (size_t k = 0; k < r->n_metrics; k++)
		if (same_words(s->metrics[m].name, r->metrics[k].name, &as) &&
		    repeats_metric(w, s, m, r, k, as, matches))
			return true;
	return false;
}

/* By what tells them, else in the order in which both files list them; false: neither. */
static bool match_all(const struct group *s, const struct group *r, int *matches)
{
	size_t found = 0;

	for (size_t i = 0; i < s->n_configurations; i++)
		found += matches[i] >= 0;
	if (found == s->n_configurations)
		return true;
	if (found || s->n_configurations != r->n_configurations)
		return false;
	for (size_t i = 0; i < s->n_configurations; i++)
		matches[i] = (int)i;
	return true;
}

static bool repeats(struct work *w, const struct group *s, const struct group *r)
{
	int *matches = restated_configurations(w, s, r);
	bool any = false;

	if (!matches || !match_all(s, r, matches))
		return false;
	for (size_t m = 0; m < s->n_metrics; m++) {
		if (s->metrics[m].better == BETTER_NONE)
			continue;
		if (!repeats_any(w, s, m, r, matches))
			return false;
		any = true;
	}
	return any;
}

/* The least important first: of two that say the same, the other one stays. */
void restated_find(struct work *w)
{
	size_t pairs = 0;

	for (size_t i = w->d->n_groups; i-- > 0;)
		for (size_t k = 0; k < w->d->n_groups && !w->failed; k++) {
			struct group *s = &w->d->groups[i], *r = &w->d->groups[k];

			if (i == k || r->repeats || !(restated_file(s, r) || is_other_form(s, r)))
				continue;
			pairs += s->n_configurations * r->n_configurations;
			if (pairs > MAX_PAIRS)
				return;
			if (repeats(w, s, r)) {
				s->repeats = r->id;
				break;
			}
		}
}
