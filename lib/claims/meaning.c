/* SPDX-License-Identifier: MIT */
#include "lib/claims/meaning.h"

enum family { FAMILY_NONE, FAMILY_TIME, FAMILY_RATE, FAMILY_NAMED };

bool has_word(const char *words, const char *word)
{
	char folded[WORD_MAX_BYTES];

	while (words && *words) {
		size_t len = strcspn(words, "_ -./()");

		word_fold(folded, (struct str){words, len});
		if (strcmp(folded, word) == 0)
			return true;
		words += len;
		words += *words != '\0';
	}
	return false;
}

bool fact_tells(const struct fact *f, const char *word)
{
	return has_word(f->quantity, word) || has_word(f->metric, word) || has_word(f->label, word);
}

/* FAMILY_NAMED: nothing but a metric of that name measures it. */
static enum family family_of_word(const char *word)
{
	static const struct {
		const char *word;
		enum family family;
	} words[] = {
		{"latency", FAMILY_TIME},
		{"latencies", FAMILY_TIME},
		{"ttft", FAMILY_NAMED},
		{"duration", FAMILY_TIME},
		{"durations", FAMILY_TIME},
		{"throughput", FAMILY_RATE},
		{"throughputs", FAMILY_RATE},
		{"goodput", FAMILY_RATE},
		{"qps", FAMILY_RATE},
		{"rps", FAMILY_RATE},
		{"bandwidth", FAMILY_RATE},
		{"accuracy", FAMILY_NAMED},
		{"perplexity", FAMILY_NAMED},
		{"quality", FAMILY_NAMED},
		{"efficiency", FAMILY_NAMED},
		{"utilization", FAMILY_NAMED},
		{"utilisation", FAMILY_NAMED},
		{"jitter", FAMILY_NAMED},
		{"scalability", FAMILY_NAMED},
		{"reliability", FAMILY_NAMED},
		{"stability", FAMILY_NAMED},
		{"robustness", FAMILY_NAMED},
		{"energy", FAMILY_NAMED},
		{"cost", FAMILY_NAMED},
		{"costs", FAMILY_NAMED},
		{"footprint", FAMILY_NAMED},
		{"concurrency", FAMILY_NAMED},
		{"correctness", FAMILY_NAMED},
		{"hallucination", FAMILY_NAMED},
		{"precision", FAMILY_NAMED},
		{"recall", FAMILY_NAMED},
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].family;
	return FAMILY_NONE;
}

bool metric_family(const char *word)
{
	return family_of_word(word) != FAMILY_NONE;
}

static enum family family_of_unit(const char *unit)
{
	static const char *const times[] = {"ns", "us",  "\xC2\xB5s", "\xCE\xBCs", "ms",
	                                    "s",  "min", "h",         "sec",       "m"};

	if (!unit)
		return FAMILY_NONE;
	if (strstr(unit, "/s") || strstr(unit, "per second") || strstr(unit, "/min"))
		return FAMILY_RATE;
	return words_have(times, ARRAY_LEN(times), unit) ? FAMILY_TIME : FAMILY_NONE;
}

static bool is_of(const struct fact *f, const char *word)
{
	enum family family = family_of_word(word);

	if (fact_tells(f, word))
		return true;
	if (strcmp(word, "ttft") == 0)
		return f->quantity && strcmp(f->quantity, "time_to_first_token") == 0;
	return family != FAMILY_NAMED && family_of_unit(f->unit) == family;
}

bool fact_in_family(const struct dossier *d, const struct fact *f, const char *word)
{
	size_t i;

	if (is_of(f, word))
		return true;
	for (i = 0; i < f->n_from; i++) {
		const struct fact *from = dossier_fact(d, f->from[i]);

		if (from && is_of(from, word))
			return true;
	}
	return false;
}

bool metrics_agree(struct sentence *s, const struct cited *c)
{
	size_t i, k;

	for (i = 0; i < s->n; i++) {
		const char *word = s->tokens[i].folded;
		bool found = !metric_family(word);

		for (k = 0; k < c->n_facts && !found; k++)
			found = fact_in_family(c->d, dossier_fact(c->d, c->facts[k]), word);
		if (!found)
			return sentence_refuse(s, "names a metric that no cited fact is of: %s",
			                       word);
	}
	return true;
}

static bool has_statistic(const struct fact *f, unsigned class)
{
	switch (class) {
	case WORD_AVERAGE:
		return f->statistic == STAT_MEAN || has_word(f->metric, "avg") ||
		       has_word(f->metric, "mean") || has_word(f->metric, "average");
	case WORD_MIDDLE:
		return f->statistic == STAT_MEDIAN || has_word(f->metric, "median");
	case WORD_QUANTILE:
		return f->statistic == STAT_P90 || f->statistic == STAT_P95 ||
		       f->statistic == STAT_P99;
	case WORD_SPREAD:
		return f->statistic == STAT_STDEV || f->statistic == STAT_CV ||
		       f->statistic == STAT_MAD;
	default:
		return false;
	}
}

/* The fact, what it was computed from, or its own name says so. */
static bool bears_statistic(const struct cited *c, const struct fact *f, unsigned class,
                            const char *word)
{
	size_t i;

	if (has_statistic(f, class) || fact_tells(f, word))
		return true;
	for (i = 0; i < f->n_from; i++) {
		const struct fact *from = dossier_fact(c->d, f->from[i]);

		if (from && has_statistic(from, class))
			return true;
	}
	return false;
}

/* "The mean latency", "on average"; "what the findings mean" is a verb. */
static bool is_statistic(const struct sentence *s, size_t i)
{
	static const char *const before[] = {"the", "a",          "an",        "its",
	                                     "of",  "arithmetic", "geometric", "sample",
	                                     "by",  "in",         "with"};

	if (strcmp(s->tokens[i].folded, "mean") != 0)
		return true;
	return i && words_have(before, ARRAY_LEN(before), s->tokens[i - 1].folded);
}

/* The figure that a word speaks of: the next one, else the last one before; NULL: none. */
static const struct token *figure_of(const struct sentence *s, size_t word)
{
	size_t i;

	for (i = word + 1; i < s->n; i++)
		if (token_is_figure(&s->tokens[i]))
			return &s->tokens[i];
	for (i = word; i-- > 0;)
		if (token_is_figure(&s->tokens[i]))
			return &s->tokens[i];
	return NULL;
}

static bool statistic_agrees(struct sentence *s, size_t word, unsigned class, const struct cited *c)
{
	const struct token *t = &s->tokens[word], *figure = figure_of(s, word);
	bool found = false;
	size_t i;

	if (figure)
		found = bears_statistic(c, dossier_fact(c->d, figure->fact), class, t->folded);
	for (i = 0; !figure && i < c->n_facts && !found; i++)
		found = bears_statistic(c, dossier_fact(c->d, c->facts[i]), class, t->folded);
	return found ? true : sentence_refuse(s, "a statistic that the fact is not: %s", t->folded);
}

bool statistics_agree(struct sentence *s, const struct cited *c)
{
	static const unsigned classes[] = {WORD_AVERAGE, WORD_MIDDLE, WORD_QUANTILE, WORD_SPREAD};
	size_t i, k;

	for (i = 0; i < s->n; i++)
		for (k = 0; k < ARRAY_LEN(classes); k++)
			if ((s->tokens[i].classes & classes[k]) && is_statistic(s, i) &&
			    !statistic_agrees(s, i, classes[k], c))
				return false;
	return true;
}

bool amounts_agree(struct sentence *s, const struct cited *c)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct token *t = &s->tokens[i], *figure = figure_of(s, i);

		if (!(t->classes & WORD_UNIVERSAL) || !figure)
			continue;
		if (!fact_tells(dossier_fact(c->d, figure->fact), t->folded))
			return sentence_refuse(s, "says %.*s of more than it is of: %s",
			                       (int)figure->text.len, figure->text.at, t->folded);
	}
	return true;
}
