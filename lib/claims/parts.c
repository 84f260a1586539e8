/* SPDX-License-Identifier: MIT */
#include "lib/claims/parts.h"

#include <errno.h>

static void part_add(struct parts *p, const struct text *text)
{
	if (p->n < ARRAY_LEN(p->at))
		p->at[p->n++] = *text;
}

static int on_sentence(void *arg, const struct sentence *s, const struct text *text)
{
	struct parts *p = arg;
	size_t i;

	for (i = 0; i < p->n; i++)
		if (said_alike(&p->at[i], text))
			return checker_strike(p->c, "repeats itself: said before", s->text, true) <
			                       0
			               ? -ENOMEM
			               : 1;
	part_add(p, text);
	p->sentences++;
	return 0;
}

int parts_take(struct parts *p, const json_t *item, const char *member, const struct claim *about)
{
	const json_t *text = json_object_get(item, member);

	if (!json_is_string(text))
		return 0;
	return checker_text(p->c, (struct str){json_string_value(text), json_string_length(text)},
	                    about, on_sentence, p);
}

int parts_words(struct parts *p, const char *words)
{
	struct segment *s = arena_calloc(p->c->d->arena, 1, sizeof *s);

	if (!s)
		return checker_no_memory(p->c);
	s->words = words;
	part_add(p, &(struct text){s, 1});
	return 0;
}

int parts_join(struct text *ret, const struct parts *p)
{
	struct segment *segments;
	size_t n = 0, i, k;

	for (i = 0; i < p->n; i++)
		n += p->at[i].n + 1;
	segments = arena_calloc(p->c->d->arena, n + 1, sizeof *segments);
	if (!segments)
		return checker_no_memory(p->c);
	for (i = n = 0; i < p->n; i++) {
		if (n)
			segments[n++].words = " ";
		for (k = 0; k < p->at[i].n; k++)
			segments[n++] = p->at[i].segments[k];
	}
	*ret = (struct text){segments, n};
	return 0;
}
