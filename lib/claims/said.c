/* SPDX-License-Identifier: MIT */
#include "lib/claims/said.h"

#include <errno.h>

#define ECHO_WORDS     6    /* so many of the question's words in its order are an echo */
#define QUESTION_WORDS 2048 /* instructions and persona; what is longer is not looked at */

static uint64_t hash_byte(uint64_t h, unsigned char c)
{
	return (h ^ c) * UINT64_C(1099511628211);
}

static uint64_t hash_words(uint64_t h, const char *words)
{
	struct str s = str_of(words);
	bool blank = false;
	size_t i = 0;

	while (i < s.len) {
		uint32_t cp;
		size_t n = code_point_at(&cp, s, i);
		char c = letter_of(cp);

		i += n;
		if (c && blank)
			h = hash_byte(h, ' ');
		if (c)
			h = hash_byte(h, (unsigned char)c);
		blank = !c;
	}
	return h;
}

/* Of what a text says, whatever its case, blanks and signs. FNV-1a: a clash costs one sentence. */
static uint64_t text_hash(const struct text *t)
{
	uint64_t h = UINT64_C(14695981039346656037);
	size_t i, k;

	for (i = 0; i < t->n; i++) {
		const struct segment *s = &t->segments[i];

		h = hash_byte(h, '|');
		if (s->words)
			h = hash_words(h, s->words);
		for (k = 0; s->name && s->name[k]; k++)
			h = hash_byte(h, (unsigned char)s->name[k]);
		for (k = 0; s->fact && k < sizeof s->fact; k++)
			h = hash_byte(h, (unsigned char)(s->fact >> (8 * k)));
		if (s->fact)
			h = hash_byte(h, (unsigned char)s->as);
	}
	return h;
}

bool said_alike(const struct text *a, const struct text *b)
{
	return text_hash(a) == text_hash(b);
}

bool said_before(const struct dossier *d, const struct text *t)
{
	uint64_t h = text_hash(t);
	size_t i;

	for (i = 0; i < d->n_comments; i++)
		if (text_hash(&d->comments[i].text) == h)
			return true;
	for (i = 0; i < d->n_recommendations; i++)
		if (text_hash(&d->recommendations[i].text) == h)
			return true;
	for (i = 0; i < d->n_risks; i++)
		if (text_hash(&d->risks[i].risk) == h || text_hash(&d->risks[i].mitigation) == h)
			return true;
	for (i = 0; i < d->n_findings; i++)
		if (text_hash(&d->findings[i].text) == h)
			return true;
	return false;
}

int question_of(struct question *ret, struct arena *a, const char *text)
{
	struct str rest = str_of(text ? text : ""), word;
	struct question q = {0};

	if (!rest.len) {
		*ret = q;
		return 0;
	}
	q.words = arena_calloc(a, QUESTION_WORDS, sizeof *q.words);
	if (!q.words)
		return -ENOMEM;
	while (q.n < QUESTION_WORDS && letters_next(&word, &rest))
		word_fold(q.words[q.n++], word);
	*ret = q;
	return 0;
}

static size_t run_length(const struct question *q, size_t at, const struct sentence *s, size_t i)
{
	size_t n = 0;

	while (at + n < q->n && i + n < s->n && !s->tokens[i + n].fact &&
	       strcmp(q->words[at + n], s->tokens[i + n].folded) == 0)
		n++;
	return n;
}

bool question_echoes(const struct question *q, const struct sentence *s)
{
	size_t at, i;

	for (at = 0; at < q->n; at++)
		for (i = 0; i + ECHO_WORDS <= s->n; i++)
			if (run_length(q, at, s, i) >= ECHO_WORDS)
				return true;
	return false;
}
