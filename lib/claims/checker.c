/* SPDX-License-Identifier: MIT */
#include "lib/claims/checker.h"

#include <errno.h>
#include <stdio.h>

#include "lib/base/utf8.h"
#include "lib/claims/agree.h"
#include "lib/claims/tidy.h"

#define STRUCK_BYTES 300 /* kept of a struck sentence */

int checker_no_memory(struct checker *c)
{
	return error_set(c->err, -ENOMEM, "checking the model's answer: out of memory");
}

/* Text for report.json: valid UTF-8, no control characters, cut between characters. */
static char *excerpt(struct arena *a, struct str text, bool valid)
{
	size_t len = text.len < STRUCK_BYTES ? text.len : STRUCK_BYTES, i;
	char *copy;

	if (valid)
		len = utf8_cut(text.at, text.len, STRUCK_BYTES);
	copy = arena_strndup(a, text.at, len);
	for (i = 0; copy && i < len; i++) {
		unsigned char c = (unsigned char)copy[i];

		if (c < ' ' || c == 0x7F)
			copy[i] = ' ';
		else if (!valid && c >= 0x80)
			copy[i] = '?';
	}
	return copy;
}

int checker_strike(struct checker *c, const char *reason, struct str text, bool valid)
{
	struct arena *a = c->d->arena;
	struct strike s;

	c->outcome.struck++;
	if (c->strikes == MAX_STRIKES)
		return 0;
	s = (struct strike){arena_strdup(a, c->step), arena_strdup(a, reason),
	                    excerpt(a, text, valid)};
	if (!s.step || !s.reason || !s.text)
		return checker_no_memory(c);
	if (!c->outcome.complaint[0])
		(void)snprintf(c->outcome.complaint, sizeof c->outcome.complaint,
		               "%.120s: \"%.*s\"", reason,
		               (int)(strlen(s.text) < 100 ? strlen(s.text) : 0), s.text);
	c->strikes++;
	c->d->struck[c->d->n_struck++] = s;
	return 0;
}

/* The words from..to with runs of blanks made one; NULL without memory. */
static char *words_of(struct arena *a, const char *from, const char *to)
{
	char *words = arena_strndup(a, from, (size_t)(to - from));
	char *out = words, *in;

	for (in = words; in && *in; in++)
		if (*in != ' ' || out == words || out[-1] != ' ')
			*out++ = *in;
	if (out)
		*out = '\0';
	return words;
}

static int segments_of(struct text *ret, struct arena *a, const struct sentence *s)
{
	struct segment *segments = arena_calloc(a, 2 * s->n + 1, sizeof *segments);
	const char *at = s->text.at, *end = s->text.at + s->text.len;
	size_t n = 0, i;

	if (!segments)
		return -ENOMEM;
	for (i = 0; i <= s->n; i++) {
		const struct token *t = i < s->n ? &s->tokens[i] : NULL;
		const char *stop = t ? t->text.at : end;

		if (t && !t->fact)
			continue;
		if (stop > at) {
			segments[n].words = words_of(a, at, stop);
			if (!segments[n++].words)
				return -ENOMEM;
		}
		if (t) {
			segments[n++] = (struct segment){.fact = t->fact, .as = t->as};
			at = stop + t->text.len;
		}
	}
	*ret = (struct text){segments, n};
	return 0;
}

static void id_add(unsigned ids[static MAX_IDS], size_t *n, unsigned id)
{
	if (*n < MAX_IDS && !scope_has(ids, *n, id))
		ids[(*n)++] = id;
}

/* "K3" or "F12" of a claim; false with the reason when it is none of the scope's. */
static bool about_add(struct claim *ret, const struct checker *c, const json_t *item, char *reason,
                      size_t size)
{
	struct str id = {json_string_value(item), json_string_length(item)};
	unsigned finding = id.at ? id_read(id, 'K') : 0, fact = id.at ? id_read(id, 'F') : 0;
	const struct claims_scope *scope = c->scope;
	bool known = dossier_fact(c->d, fact) || dossier_finding(c->d, finding);

	if (finding && scope_has(scope->findings, scope->n_findings, finding) && known)
		id_add(ret->findings, &ret->n_findings, finding);
	else if (fact && scope_has(scope->facts, scope->n_facts, fact) && known)
		id_add(ret->facts, &ret->n_facts, fact);
	else if (!known)
		(void)snprintf(reason, size, "unknown id %.20s", id.at ? id.at : "(no text)");
	else
		(void)snprintf(reason, size, "%s outside the scope: %.20s",
		               fact ? "fact" : "finding", id.at);
	return !reason[0];
}

bool checker_about(struct claim *ret, const struct checker *c, const json_t *list, char *reason,
                   size_t size)
{
	const json_t *item;
	size_t i;

	reason[0] = '\0';
	*ret = (struct claim){0};
	json_array_foreach (list, i, item)
		if (!about_add(ret, c, item, reason, size))
			return false;
	return true;
}

void claim_add_fact(struct claim *c, unsigned id)
{
	id_add(c->facts, &c->n_facts, id);
}

const unsigned *checker_ids(struct checker *c, const unsigned *ids, size_t n)
{
	return arena_grow(c->d->arena, n ? ids : NULL, n * sizeof *ids, n * sizeof *ids);
}

/* What a text's sentences have in common, and how far it is. */
struct walk {
	struct checker *c;
	struct cited cited; /* by the claim as a whole */
	sentence_fn *fn;
	void *arg;
	bool stands; /* the sentence before */
};

static bool sentence_stands(struct sentence *s, const struct walk *w, struct str text)
{
	struct checker *c = w->c;
	struct cited cited = w->cited;

	if (!sentence_read(s, text))
		return false;
	if (question_echoes(&c->question, s))
		return sentence_refuse(s, "repeats the question");
	if (c->scope->max_words && c->words + s->n > c->scope->max_words)
		return sentence_refuse(s, "beyond the %zu words that the persona has",
		                       c->scope->max_words);
	cited_add(&cited, s);
	return sentence_agrees(s, c->scope, &cited, c->names);
}

/* "This ..." behind a struck sentence would point at something else. */
static bool leans_back(struct str text)
{
	char folded[WORD_MAX_BYTES];
	size_t len = 0;

	while (len < text.len && !strchr(" ,.", text.at[len]))
		len++;
	word_fold(folded, (struct str){text.at, len});
	return word_classes(folded) & WORD_OPENER;
}

static int sentence_take(struct walk *w, struct str text)
{
	struct checker *c = w->c;
	bool before = w->stands;
	struct sentence s;
	struct text made;
	int r;

	w->stands = false;
	if (!before && leans_back(text))
		return checker_strike(c, "leans on a sentence that was struck", text, true);
	if (!sentence_stands(&s, w, text))
		return checker_strike(c, s.reason, text, true);
	if (segments_of(&made, c->d->arena, &s) < 0)
		return checker_no_memory(c);
	if (said_before(c->d, &made))
		return checker_strike(c, "repeats itself: said before", text, true);
	r = w->fn(w->arg, &s, &made);
	w->stands = r == 0;
	c->words += w->stands ? s.n : 0;
	return r < 0 ? r : 0;
}

int checker_text(struct checker *c, struct str text, const struct claim *about, sentence_fn *fn,
                 void *arg)
{
	struct walk w = {.c = c,
	                 .cited = cited_of(c->d, about->facts, about->n_facts, about->findings,
	                                   about->n_findings),
	                 .fn = fn,
	                 .arg = arg,
	                 .stands = true};
	struct str rest, one;
	size_t n;
	int r = 0;

	if (tidy_text(&rest, c->d->arena, text) < 0)
		return checker_no_memory(c);
	for (n = 0; r == 0 && n < MAX_SENTENCES; n++) {
		rest = tidy_front(rest);
		if (!sentence_next(&one, &rest))
			return 0;
		r = sentence_take(&w, tidy_heading(one));
	}
	rest = str_trim(rest);
	return r == 0 && rest.len
	               ? checker_strike(c, "more sentences than a text may have", rest, true)
	               : r;
}
