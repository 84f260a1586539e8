/* SPDX-License-Identifier: MIT */
#include "agents/analyst/work.h"

#include <assert.h>
#include <stdio.h>

#include "lib/base/utf8.h"

/* The last place is kept for what ends the sentence. */
static void add(struct sentence *s, struct segment segment)
{
	size_t len = segment.words ? strlen(segment.words) : 0;
	bool ends = len && segment.words[len - 1] == '.';

	if (s->n < SENTENCE_SEGMENTS - 1 || (ends && s->n < SENTENCE_SEGMENTS))
		s->segments[s->n++] = segment;
}

void say(struct sentence *s, const char *words)
{
	assert(!strpbrk(words, "0123456789"));
	if (*words)
		add(s, (struct segment){.words = words});
}

void say_name(struct sentence *s, const char *foreign)
{
	if (foreign && *foreign)
		add(s, (struct segment){.name = foreign});
}

void say_fact_as(struct sentence *s, unsigned fact, enum segment_as as)
{
	if (fact)
		add(s, (struct segment){.fact = fact, .as = as});
}

void say_fact(struct sentence *s, unsigned fact)
{
	say_fact_as(s, fact, AS_VALUE);
}

void say_subject(struct sentence *s, const struct label *subject, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			say(s, ", ");
		say_name(s, subject[i].name);
		say(s, " ");
		say_name(s, subject[i].text);
	}
}

struct text text_of(struct work *w, const struct sentence *s)
{
	struct segment *segments = work_alloc(w, s->n, sizeof *segments);

	if (!segments)
		return (struct text){0};
	memcpy(segments, s->segments, s->n * sizeof *segments);
	return (struct text){segments, s->n};
}

const char *text_clean(struct work *w, const char *text)
{
	size_t len = strlen(text), n = 0;
	char *ret = work_alloc(w, 3 * len + 1, 1);

	for (size_t i = 0; ret && i < len;) {
		size_t k = utf8_length(text + i, len - i);

		if (k) {
			memcpy(ret + n, text + i, k);
			n += k, i += k;
		} else {
			(void)snprintf(ret + n, 4, "%%%02x", (unsigned char)text[i++]);
			n += 3;
		}
	}
	return ret;
}

const char *text_tamed(struct work *w, const char *text, size_t max)
{
	size_t n = utf8_cut(text, strlen(text), max);
	char *tame = work_alloc(w, n + 1, 1);

	if (!tame)
		return NULL;
	for (size_t i = 0; i < n; i++)
		tame[i] = (unsigned char)text[i] < ' ' || text[i] == 0x7f ? ' ' : text[i];
	while (n && tame[n - 1] == ' ')
		tame[--n] = '\0';
	return tame;
}
