/* SPDX-License-Identifier: MIT */
#include "lib/claims/agree.h"

#include "lib/claims/meaning.h"

#define MENTION_MIN_LETTERS 3 /* shorter names ("a", "v") are words of prose too */

bool scope_has(const unsigned *ids, size_t n, unsigned id)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* Worst against best of one table: a ratio, but nothing rose or fell. */
static bool is_spread(const struct dossier *d, unsigned id)
{
	size_t i, k;

	for (i = 0; i < d->n_groups; i++)
		for (k = 0; k < d->groups[i].n_metrics; k++)
			if (d->groups[i].metrics[k].spread == id)
				return true;
	return false;
}

static bool is_difference(const struct dossier *d, const struct fact *f)
{
	if (is_spread(d, f->id))
		return false;
	return f->statistic == STAT_DELTA || f->statistic == STAT_DELTA_PCT ||
	       f->statistic == STAT_RATIO;
}

static bool fact_allows(struct sentence *s, const struct token *t, const struct dossier *d)
{
	const struct fact *f = dossier_fact(d, t->fact);

	switch (t->as) {
	case AS_DIRECTION:
	case AS_SIZE:
		return is_difference(d, f) ? true
		                           : sentence_refuse(s, "F%u is no change: it has no %s",
		                                             f->id, segment_as_name(t->as));
	case AS_SUBJECT:
		return f->n_subject ? true : sentence_refuse(s, "F%u has no subject", f->id);
	case AS_UNIT:
		return f->unit ? true : sentence_refuse(s, "F%u has no unit", f->id);
	case AS_VALUE:
	case AS_NAME:
		break;
	}
	return true;
}

static bool ids_agree(struct sentence *s, const struct dossier *d, const struct claims_scope *scope)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct token *t = &s->tokens[i];
		const struct fact *f = dossier_fact(d, t->fact);

		if (!t->fact)
			continue;
		if (!f)
			return sentence_refuse(s, "unknown id F%u", t->fact);
		if (!scope_has(scope->facts, scope->n_facts, t->fact))
			return sentence_refuse(s, "fact outside the scope: F%u", t->fact);
		if (!fact_allows(s, t, d))
			return false;
	}
	return true;
}

static const struct label *label_of(const struct fact *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->n_subject; i++)
		if (strcmp(f->subject[i].name, name) == 0)
			return &f->subject[i];
	return NULL;
}

/* Does the word name this text ("onnx", "ONNX")? Only texts that are one word can be named so. */
static bool word_names(const struct token *t, const char *text)
{
	char folded[WORD_MAX_BYTES];
	size_t len = strlen(text);

	if (t->fact || len < MENTION_MIN_LETTERS || len != strlen(t->folded))
		return false;
	word_fold(folded, str_of(text));
	return strcmp(folded, t->folded) == 0;
}

/* The text that a token gives to the key `name`, NULL where it speaks of something else. */
static const char *mention(const struct token *t, const char *name, const struct dossier *d,
                           const struct claims_scope *scope)
{
	size_t i;

	if (t->fact) {
		const struct label *l = t->as == AS_SUBJECT
		                                ? label_of(dossier_fact(d, t->fact), name)
		                                : NULL;
		return l ? l->text : NULL;
	}
	for (i = 0; i < scope->n_facts; i++) {
		const struct fact *f = dossier_fact(d, scope->facts[i]);
		const struct label *l = f ? label_of(f, name) : NULL;

		if (l && word_names(t, l->text))
			return l->text;
	}
	return NULL;
}

static const char *nearest_mention(const struct sentence *s, size_t figure, const char *name,
                                   const struct dossier *d, const struct claims_scope *scope)
{
	const char *text;
	size_t i;

	for (i = figure; i-- > 0;)
		if ((text = mention(&s->tokens[i], name, d, scope)))
			return text;
	for (i = figure + 1; i < s->n; i++)
		if ((text = mention(&s->tokens[i], name, d, scope)))
			return text;
	return NULL;
}

static bool subject_agrees(struct sentence *s, size_t figure, const struct dossier *d,
                           const struct claims_scope *scope)
{
	const struct fact *f = dossier_fact(d, s->tokens[figure].fact);
	size_t i;

	for (i = 0; i < f->n_subject; i++) {
		const struct label *own = &f->subject[i];
		const char *told = nearest_mention(s, figure, own->name, d, scope);

		if (told && strcmp(told, own->text) != 0)
			return sentence_refuse(s, "tells F%u of another subject: %.60s", f->id,
			                       told);
	}
	return true;
}

/* Does the fact share what a token names: the word, or one text of the subject in the braces? */
static bool bears_mention(const struct dossier *d, const struct fact *f, const struct token *t)
{
	const struct fact *named = dossier_fact(d, t->fact);
	size_t i;

	if (!named)
		return names_bears(d, f, t->folded);
	for (i = 0; i < named->n_subject; i++) {
		const struct label *l = label_of(f, named->subject[i].name);

		if (l && strcmp(l->text, named->subject[i].text) == 0)
			return true;
	}
	return false;
}

/* Words that belong to many quantities name none of them. */
static bool names_a_quantity(const char *word)
{
	static const char *const common[] = {"time", "first", "token",  "tokens", "count", "rate",
	                                     "size", "per",   "second", "total",  "load",  "model"};

	return !words_have(common, ARRAY_LEN(common), word) && strlen(word) > MENTION_MIN_LETTERS;
}

static bool same_metric(const struct fact *a, const struct fact *b)
{
	if (a->quantity && b->quantity)
		return strcmp(a->quantity, b->quantity) == 0;
	return !a->metric || !b->metric || strcmp(a->metric, b->metric) == 0;
}

/* 1: the token speaks of the fact's metric, -1: of another one in scope, 0: of none. */
static int metric_mention(const struct token *t, const struct fact *f, const struct dossier *d,
                          const struct claims_scope *scope)
{
	size_t i;

	if (t->fact)
		return t->as != AS_NAME ? 0 : same_metric(f, dossier_fact(d, t->fact)) ? 1 : -1;
	if (metric_family(t->folded))
		return fact_in_family(d, f, t->folded) ? 1 : -1;
	if (!names_a_quantity(t->folded))
		return 0;
	if (fact_tells(f, t->folded))
		return 1;
	for (i = 0; i < scope->n_facts; i++) {
		const struct fact *other = dossier_fact(d, scope->facts[i]);

		if (other && has_word(other->quantity, t->folded))
			return -1;
	}
	return 0;
}

static bool metric_agrees(struct sentence *s, size_t figure, const struct dossier *d,
                          const struct claims_scope *scope)
{
	const struct fact *f = dossier_fact(d, s->tokens[figure].fact);
	int told = 0;
	size_t i;

	for (i = figure; i-- > 0 && !told;)
		told = metric_mention(&s->tokens[i], f, d, scope);
	for (i = figure + 1; i < s->n && !told; i++)
		told = metric_mention(&s->tokens[i], f, d, scope);
	return told >= 0 ? true : sentence_refuse(s, "tells F%u of another metric", f->id);
}

/* A configuration named before a figure that has no such key at all: it is another one's. */
static bool owner_agrees(struct sentence *s, size_t figure, const struct dossier *d,
                         const struct names *names)
{
	struct cited own = {.d = d};
	size_t i, k;

	cited_add_fact(&own, s->tokens[figure].fact);
	for (i = figure; i-- > 0;) {
		const struct token *t = &s->tokens[i];
		bool borne = false;

		if (t->fact ? t->as != AS_SUBJECT : !names_has(names, t->folded))
			continue;
		for (k = 0; k < own.n_facts && !borne; k++)
			borne = bears_mention(d, dossier_fact(d, own.facts[k]), t);
		return borne ? true
		             : sentence_refuse(s, "tells F%u of another subject: %.*s",
		                               s->tokens[figure].fact, (int)t->text.len,
		                               t->text.at);
	}
	return true;
}

static bool figures_agree(struct sentence *s, const struct dossier *d,
                          const struct claims_scope *scope, const struct names *names)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct token *t = &s->tokens[i];

		if (!token_is_figure(t) && !(t->fact && t->as == AS_DIRECTION))
			continue;
		if (!subject_agrees(s, i, d, scope) || !metric_agrees(s, i, d, scope) ||
		    !owner_agrees(s, i, d, names))
			return false;
	}
	return true;
}

/* "The regression ..." is the finding's own word, so only a claim about such a one may use it. */
static bool kinds_agree(struct sentence *s, const struct cited *c)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct token *t = &s->tokens[i];
		enum finding_kind kind = t->classes & WORD_REGRESSION ? FINDING_REGRESSION
		                                                      : FINDING_IMPROVEMENT;

		if ((t->classes & (WORD_REGRESSION | WORD_IMPROVEMENT)) && !cited_kind(c, kind))
			return sentence_refuse(s, "direction word: %s", t->folded);
	}
	return true;
}

/* "A complete lack", "lack of any data": more than a gap that was found can bear out. */
static bool is_total(const struct sentence *s)
{
	size_t i, k;

	for (i = 0; i < s->n; i++)
		for (k = i > 2 ? i - 2 : 0; k < s->n && k <= i + 2; k++)
			if ((s->tokens[i].classes & WORD_LACK) &&
			    (s->tokens[k].classes & WORD_TOTAL))
				return true;
	return false;
}

/* That data is missing or a run failed is for code to find: without such a finding it is made up.
 */
static bool lacks_agree(struct sentence *s, const struct cited *c)
{
	bool denied = sentence_has(s, WORD_NEGATION) && sentence_has(s, WORD_DATA);

	if (!denied && !sentence_has(s, WORD_LACK))
		return true;
	if (!is_total(s) && (cited_kind(c, FINDING_GAP) || cited_kind(c, FINDING_VANISHED)))
		return true;
	return sentence_refuse(s, "speaks of a lack that no cited finding is about");
}

bool sentence_agrees(struct sentence *s, const struct claims_scope *scope, const struct cited *c,
                     const struct names *names)
{
	return ids_agree(s, c->d, scope) && kinds_agree(s, c) && lacks_agree(s, c) &&
	       figures_agree(s, c->d, scope, names) && names_agree(s, names, c) &&
	       metrics_agree(s, c) && statistics_agree(s, c) && amounts_agree(s, c);
}
