/* SPDX-License-Identifier: MIT */
/*
 * A recommendation keeps its sentences together: what to do, the effect that is hoped for, the
 * risk, and how much work it is, of which only the first must stand. The words in front of each
 * and those of the effort are ours.
 */
#include <errno.h>

#include "lib/claims/checker.h"

#define MAX_PARTS (3 * MAX_SENTENCES)

struct advice {
	struct checker *c;
	struct text parts[MAX_PARTS + 4]; /* the last: what code says of the effort */
	size_t n, sentences;
};

static void part_add(struct advice *a, const struct text *text)
{
	if (a->n < ARRAY_LEN(a->parts))
		a->parts[a->n++] = *text;
}

static int on_sentence(void *arg, const struct sentence *s, const struct text *text)
{
	struct advice *a = arg;
	size_t i;

	for (i = 0; i < a->n; i++)
		if (said_alike(&a->parts[i], text))
			return checker_strike(a->c, "repeats itself: said before", s->text, true) <
			                       0
			               ? -ENOMEM
			               : 1;
	part_add(a, text);
	a->sentences++;
	return 0;
}

static int words_add(struct advice *a, const char *words)
{
	struct segment *s = arena_calloc(a->c->d->arena, 1, sizeof *s);

	if (!s)
		return checker_no_memory(a->c);
	s->words = words;
	part_add(a, &(struct text){s, 1});
	return 0;
}

/* "Expected effect: ..." where something of the member stands. */
static int member_take(struct advice *a, const json_t *item, const char *name, const char *words,
                       const struct claim *about)
{
	const json_t *text = json_object_get(item, name);
	size_t before = a->n;
	int r;

	if (!json_is_string(text))
		return 0;
	r = words_add(a, words);
	if (r == 0)
		r = checker_text(a->c,
		                 (struct str){json_string_value(text), json_string_length(text)},
		                 about, on_sentence, a);
	if (a->n == before + 1)
		a->n = before;
	return r;
}

static int effort_take(struct advice *a, const json_t *item)
{
	const json_t *effort = json_object_get(item, "effort");
	size_t i;

	if (!json_is_string(effort))
		return 0;
	for (i = 0; i < CLAIMS_EFFORTS; i++)
		if (strcmp(claims_efforts[i].key, json_string_value(effort)) == 0)
			return words_add(a, claims_efforts[i].words);
	return checker_strike(a->c, "no effort that was offered",
	                      (struct str){json_string_value(effort), json_string_length(effort)},
	                      true);
}

/* The parts as one text, a blank between them. */
static int parts_join(struct text *ret, const struct advice *a)
{
	struct segment *segments;
	size_t n = 0, i, k;

	for (i = 0; i < a->n; i++)
		n += a->parts[i].n + 1;
	segments = arena_calloc(a->c->d->arena, n + 1, sizeof *segments);
	if (!segments)
		return checker_no_memory(a->c);
	for (i = n = 0; i < a->n; i++) {
		if (n)
			segments[n++].words = " ";
		for (k = 0; k < a->parts[i].n; k++)
			segments[n++] = a->parts[i].segments[k];
	}
	*ret = (struct text){segments, n};
	return 0;
}

static int advice_add(struct advice *a, const struct claim *about, struct str words)
{
	struct dossier *d = a->c->d;
	struct recommendation made = {.id = (unsigned)d->n_recommendations + 1,
	                              .n_findings = about->n_findings,
	                              .by_model = true};
	int r = parts_join(&made.text, a);

	if (r < 0)
		return r;
	made.findings = checker_ids(a->c, about->findings, about->n_findings);
	if (!made.findings)
		return checker_no_memory(a->c);
	if (said_before(d, &made.text))
		return checker_strike(a->c, "repeats itself: said before", words, true);
	d->recommendations[d->n_recommendations++] = made;
	a->c->outcome.accepted += a->sentences;
	return 0;
}

/* What to do, or nothing: an effect of an advice that was struck is nobody's. */
static int parts_take(struct advice *a, const json_t *item, struct str words,
                      const struct claim *about)
{
	int r = checker_text(a->c, words, about, on_sentence, a);

	if (r < 0 || !a->n)
		return r;
	r = member_take(a, item, "effect", "Expected effect:", about);
	if (r == 0)
		r = member_take(a, item, "risk", "Risk:", about);
	if (r == 0)
		r = effort_take(a, item);
	return r < 0 ? r : advice_add(a, about, words);
}

int advice_take(struct checker *c, const json_t *item)
{
	const json_t *text = json_object_get(item, "text"),
		     *list = json_object_get(item, "findings");
	struct str words = {json_string_value(text), json_string_length(text)};
	struct advice a = {.c = c};
	struct claim about;
	char reason[64];

	if (!words.at)
		return checker_strike(c, "not a recommendation: no text", str_of(""), true);
	if (!checker_about(&about, c, list, reason, sizeof reason))
		return checker_strike(c, reason, words, true);
	if (!about.n_findings)
		return checker_strike(c, "cites nothing", words, true);
	return parts_take(&a, item, words, &about);
}
