/* SPDX-License-Identifier: MIT */
/* What a sentence gives away by its words alone, before any fact is looked at. */
#include "lib/claims/language.h"
#include "lib/claims/sentence.h"

#define LONGEST_RUN     20 /* words of a run that is looked for three times over */
#define NEGATION_REACH  3  /* "is not at {F1}": so many words before a figure may turn it round */
#define SUPERLATIVE_MIN 6  /* letters of "widest": shorter words in -est are no superlatives */

static bool balanced(struct str t)
{
	int depth = 0;
	size_t i;

	for (i = 0; i < t.len && depth >= 0 && depth <= 1; i++) {
		if (t.at[i] == '(')
			depth++;
		else if (t.at[i] == ')')
			depth--;
		if (t.at[i] == '(' && i + 1 < t.len && strchr(") ,.;:", t.at[i + 1]))
			return false;
	}
	return depth == 0;
}

static bool judge_shape(struct sentence *s)
{
	const struct token *first = &s->tokens[0];

	if (!s->text.len || s->text.at[s->text.len - 1] != '.')
		return sentence_refuse(s, "not a sentence: no full stop");
	if (s->n < SENTENCE_MIN_WORDS)
		return sentence_refuse(s, "not a sentence: fewer than four words");
	if (!balanced(s->text))
		return sentence_refuse(s, "unbalanced parentheses");
	if (first->text.at != s->text.at)
		return sentence_refuse(s, "not a sentence: begins with a sign");
	if (first->fact && first->as != AS_NAME && first->as != AS_SUBJECT)
		return sentence_refuse(s, "not a sentence: begins with a figure");
	if (!first->fact && (s->text.at[0] < 'A' || s->text.at[0] > 'Z'))
		return sentence_refuse(s, "not a sentence: begins in lower case");
	return true;
}

static const char *folded_at(const struct sentence *s, size_t i)
{
	return i < s->n ? s->tokens[i].folded : "";
}

/* In no list, as "time to first token" and "tokens per second" are names: only those pass. */
static bool is_ordinal(const struct sentence *s, size_t i)
{
	const char *w = s->tokens[i].folded, *before = i ? folded_at(s, i - 1) : "";

	if (strcmp(w, "first") == 0)
		return strncmp(folded_at(s, i + 1), "token", 5) != 0;
	return strcmp(w, "second") == 0 && strcmp(before, "per") != 0 &&
	       strcmp(before, "each") != 0;
}

/* "Phase II", "item iv": an I, V or X is asked for, as "CD" and "MD" are abbreviations. */
static bool is_roman(struct str w)
{
	const char *set = w.len && w.at[0] >= 'a' ? "ivx" : "IVXLCDM";
	bool typical = false;
	size_t i;

	for (i = 0; i < w.len; i++) {
		if (!strchr(set, w.at[i]))
			return false;
		typical |= strchr("ivxIVX", w.at[i]) != NULL;
	}
	return typical && w.len >= 2;
}

/* "warm up" and "start up" tell of no direction, nor does "a closer look". */
static bool is_idiom(const struct sentence *s, size_t i)
{
	static const char *const verbs[] = {"warm",     "warming", "warmed", "start",
	                                    "starting", "started", "set",    "setting",
	                                    "follow",   "back",    "shut"};
	const char *w = s->tokens[i].folded;

	if (strcmp(w, "closer") == 0)
		return strcmp(folded_at(s, i + 1), "look") == 0;
	if (!i || (strcmp(w, "up") != 0 && strcmp(w, "down") != 0))
		return false;
	return words_have(verbs, ARRAY_LEN(verbs), folded_at(s, i - 1));
}

/* "newest", "costliest": words of rank that no list can hold. */
static bool is_superlative(const char *w)
{
	static const char *const others[] = {
		"request", "requests", "latest", "suggest",  "interest", "harvest", "manifest",
		"protest", "contest",  "honest", "forest",   "digest",   "attest",  "retest",
		"earnest", "arrest",   "behest", "conquest", "inquest",  "backtest"};
	size_t len = strlen(w);

	if (len < SUPERLATIVE_MIN || strcmp(w + len - 3, "est") != 0)
		return false;
	return !words_have(others, ARRAY_LEN(others), w);
}

static bool judge_word(struct sentence *s, size_t i)
{
	const struct token *t = &s->tokens[i];
	unsigned kind = WORD_REGRESSION | WORD_IMPROVEMENT; /* judged with the findings */
	int len = (int)t->text.len;

	if ((t->classes & WORD_NUMBER) || is_ordinal(s, i) || is_roman(t->text))
		return sentence_refuse(s, "number word: %.*s", len, t->text.at);
	if (is_superlative(t->folded) ||
	    ((t->classes & WORD_DIRECTION) && !(t->classes & kind) && !is_idiom(s, i)))
		return sentence_refuse(s, "direction word: %.*s", len, t->text.at);
	if ((t->classes & WORD_DATE) || str_is(t->text, "March"))
		return sentence_refuse(s, "a date or a span of time: %.*s", len, t->text.at);
	if (t->classes & WORD_CERTAIN)
		return sentence_refuse(s, "claims to be certain: %.*s", len, t->text.at);
	if (t->classes & WORD_ECHO)
		return sentence_refuse(s, "speaks of its instructions or of itself: %.*s", len,
		                       t->text.at);
	if (!t->folded[1] && !strchr("aAp", t->text.at[0])) /* "p" as in "p value" */
		return sentence_refuse(s, "not a sentence: a letter by itself: %.*s", len,
		                       t->text.at);
	return true;
}

static bool judge_words(struct sentence *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (!s->tokens[i].fact && !judge_word(s, i))
			return false;
	return true;
}

/* Chatter of models that is told by several words; at_start: only in front. */
static const struct {
	const char *words[4];
	bool at_start;
} phrases[] = {
	{{"here", "is"}, true},
	{{"here", "are"}, true},
	{{"heres"}, true},
	{{"in", "summary"}, false},
	{{"in", "conclusion"}, false},
	{{"to", "conclude"}, false},
	{{"in", "short"}, false},
	{{"in", "fact"}, false},
	{{"of", "course"}, false},
	{{"as", "requested"}, false},
	{{"as", "follows"}, false},
	{{"the", "following"}, false},
	{{"large", "language", "model"}, true},
	{{"based", "on", "the", "provided"}, false},
	{{"the", "provided"}, false},
	{{"the", "text", "that"}, true},
	{{"so", "far", "as"}, false},
	{{"as", "fast", "as"}, false},
	{{"last", "night"}, false},
	{{"last", "time"}, false},
};

static bool phrase_at(const struct sentence *s, size_t at, const char *const words[4])
{
	size_t i;

	for (i = 0; i < 4 && words[i]; i++)
		if (strcmp(folded_at(s, at + i), words[i]) != 0)
			return false;
	return true;
}

static bool judge_phrases(struct sentence *s)
{
	size_t i, k;

	for (k = 0; k < ARRAY_LEN(phrases); k++)
		for (i = 0; i < (phrases[k].at_start ? 1 : s->n); i++)
			if (phrase_at(s, i, phrases[k].words))
				return sentence_refuse(s, "chatter: %s %s", phrases[k].words[0],
				                       phrases[k].words[1] ? phrases[k].words[1]
				                                           : "");
	return true;
}

/* The printed direction is a verb in the past: behind these words it would be bent or denied. */
static bool bends_a_verb(const char *word)
{
	static const char *const words[] = {
		"to",      "did",    "does",   "do",     "will",  "would", "can", "could",
		"may",     "might",  "must",   "shall",  "is",    "are",   "was", "were",
		"be",      "been",   "being",  "has",    "have",  "had",   "if",  "should",
		"whether", "unless", "before", "nearly", "almost"};

	return words_have(words, ARRAY_LEN(words), word);
}

static bool judge_figure(struct sentence *s, size_t i)
{
	const struct token *t = &s->tokens[i];
	const struct token *before = i ? t - 1 : NULL, *after = i + 1 < s->n ? t + 1 : NULL;
	int len = (int)t->text.len;
	size_t k;

	if (before && token_is_figure(before))
		return sentence_refuse(s, "no word before the figure %.*s", len, t->text.at);
	if (before && (before->classes & WORD_BOUND))
		return sentence_refuse(s, "%s bends the figure %.*s", before->folded, len,
		                       t->text.at);
	if (after && (after->classes & WORD_UNIT))
		return sentence_refuse(s, "a unit behind the figure %.*s", len, t->text.at);
	if (after && after->fact && after->as == AS_UNIT)
		return sentence_refuse(s, "a unit behind the figure %.*s", len, t->text.at);
	for (k = 1; k <= NEGATION_REACH && k <= i; k++)
		if (s->tokens[i - k].classes & WORD_NEGATION)
			return sentence_refuse(s, "denies the figure %.*s", len, t->text.at);
	return true;
}

static bool judge_facts(struct sentence *s)
{
	bool negated = sentence_has(s, WORD_NEGATION);
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct token *t = &s->tokens[i];

		if (t->fact && t->as == AS_DIRECTION && negated)
			return sentence_refuse(s, "denies the direction of F%u", t->fact);
		if (t->fact && t->as == AS_DIRECTION && i && bends_a_verb(folded_at(s, i - 1)))
			return sentence_refuse(s, "%s bends the direction of F%u",
			                       folded_at(s, i - 1), t->fact);
		if (token_is_figure(t) && !judge_figure(s, i))
			return false;
	}
	if (negated && sentence_has(s, WORD_EVENT))
		return sentence_refuse(s, "denies what code decides");
	return true;
}

static bool tokens_equal(const struct token *a, const struct token *b)
{
	if (a->fact || b->fact)
		return a->fact == b->fact && a->as == b->as;
	return strcmp(a->folded, b->folded) == 0;
}

static bool runs_equal(const struct sentence *s, size_t a, size_t b, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!tokens_equal(&s->tokens[a + i], &s->tokens[b + i]))
			return false;
	return true;
}

static bool judge_repetition(struct sentence *s)
{
	size_t len, i;

	for (i = 0; i + 1 < s->n; i++)
		if (runs_equal(s, i, i + 1, 1))
			return sentence_refuse(s, "repeats itself");
	for (len = 2; len <= LONGEST_RUN; len++)
		for (i = 0; i + 3 * len <= s->n; i++)
			if (runs_equal(s, i, i + len, len) && runs_equal(s, i, i + 2 * len, len))
				return sentence_refuse(s, "repeats itself");
	return true;
}

/* Names a cause or a mechanism, or guesses; an advice to check one is neither. */
static bool is_hypothesis(const struct sentence *s)
{
	if (sentence_has(s, WORD_CAUSE))
		return true;
	return !(s->tokens[0].classes & WORD_ACTION) && sentence_has(s, WORD_MECHANISM);
}

bool sentence_judge(struct sentence *s)
{
	if (!judge_shape(s) || !judge_words(s) || !judge_phrases(s) || !judge_facts(s) ||
	    !judge_repetition(s))
		return false;
	if (language_is_foreign(s))
		return sentence_refuse(s, "in another language");
	s->hypothesis = is_hypothesis(s);
	return true;
}
