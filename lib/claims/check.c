/* SPDX-License-Identifier: MIT */
/*
 * An answer is taken apart into sentences, and each stands or falls alone: a comment is one
 * sentence, so that its mark as a hypothesis and its facts are its own. A recommendation keeps
 * its sentences together.
 */
#include <errno.h>
#include <stdio.h>

#include "lib/base/utf8.h"
#include "lib/claims/agree.h"

#define MAX_ANSWER_BYTES  (1024 * 1024) /* sixteen claims are some kilobytes */
#define MAX_CLAIMS        16
#define MAX_SENTENCES     6  /* of one text */
#define MAX_IDS           16 /* of one claim, named and cited */
#define MAX_STRIKES       64 /* kept of one answer; the rest is counted */
#define MAX_HEADING_WORDS 5
#define STRUCK_BYTES      300 /* kept of a struck sentence */

struct claim {
	unsigned facts[MAX_IDS], findings[MAX_IDS];
	size_t n_facts, n_findings;
};

struct checker {
	struct dossier *d;
	const struct claims_scope *scope;
	const char *step;
	struct claims_outcome outcome;
	size_t strikes; /* kept */
	struct error *err;
};

static int no_memory(struct error *err)
{
	return error_set(err, -ENOMEM, "checking the model's answer: out of memory");
}

/* One growth for each answer: whatever it holds then fits. */
static int reserve(struct dossier *d)
{
	size_t comments = d->n_comments + (size_t)MAX_CLAIMS * MAX_SENTENCES;
	size_t advice = d->n_recommendations + MAX_CLAIMS, strikes = d->n_struck + MAX_STRIKES;
	struct comment *c = arena_grow(d->arena, d->comments, d->n_comments * sizeof *c,
	                               comments * sizeof *c);
	struct recommendation *r = arena_grow(d->arena, d->recommendations,
	                                      d->n_recommendations * sizeof *r, advice * sizeof *r);
	struct strike *s = arena_grow(d->arena, d->struck, d->n_struck * sizeof *s,
	                              strikes * sizeof *s);

	if (!c || !r || !s)
		return -ENOMEM;
	d->comments = c;
	d->recommendations = r;
	d->struck = s;
	return 0;
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

static int strike(struct checker *c, const char *reason, struct str text, bool valid)
{
	struct arena *a = c->d->arena;
	struct strike s;

	c->outcome.struck++;
	if (c->strikes == MAX_STRIKES)
		return 0;
	s = (struct strike){arena_strdup(a, c->step), arena_strdup(a, reason),
	                    excerpt(a, text, valid)};
	if (!s.step || !s.reason || !s.text)
		return no_memory(c->err);
	if (!c->outcome.complaint[0])
		(void)snprintf(c->outcome.complaint, sizeof c->outcome.complaint,
		               "%.120s: \"%.*s\"", reason,
		               (int)(strlen(s.text) < 100 ? strlen(s.text) : 0), s.text);
	c->strikes++;
	c->d->struck[c->d->n_struck++] = s;
	return 0;
}

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

static bool already_said(const struct dossier *d, const struct text *t)
{
	uint64_t h = text_hash(t);
	size_t i;

	for (i = 0; i < d->n_comments; i++)
		if (text_hash(&d->comments[i].text) == h)
			return true;
	for (i = 0; i < d->n_recommendations; i++)
		if (text_hash(&d->recommendations[i].text) == h)
			return true;
	for (i = 0; i < d->n_findings; i++)
		if (text_hash(&d->findings[i].text) == h)
			return true;
	return false;
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

static bool about_read(struct claim *ret, const struct checker *c, const json_t *list, char *reason,
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

/* Judges a sentence and makes its segments; *ret_ok says whether it stands. Errors: memory. */
static int sentence_take(bool *ret_ok, struct text *ret, struct checker *c, struct sentence *s,
                         struct str text, const struct claim *about)
{
	*ret_ok = sentence_read(s, text) &&
	          sentence_agrees(s, c->d, c->scope, about->findings, about->n_findings);
	if (!*ret_ok)
		return strike(c, s->reason, text, true);
	if (segments_of(ret, c->d->arena, s) < 0)
		return no_memory(c->err);
	*ret_ok = !already_said(c->d, ret);
	return *ret_ok ? 0 : strike(c, "repeats itself: said before", text, true);
}

static void cited_add(struct claim *about, const struct sentence *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->tokens[i].fact)
			id_add(about->facts, &about->n_facts, s->tokens[i].fact);
}

static const unsigned *ids_keep(struct arena *a, const unsigned *ids, size_t n)
{
	return arena_grow(a, n ? ids : NULL, n * sizeof *ids, n * sizeof *ids);
}

static int comment_add(struct checker *c, const struct sentence *s, const struct text *text,
                       const struct claim *about)
{
	struct dossier *d = c->d;
	struct claim all = *about;
	struct comment made;

	cited_add(&all, s);
	made = (struct comment){
		.id = (unsigned)d->n_comments + 1,
		.step = arena_strdup(d->arena, c->step),
		.facts = ids_keep(d->arena, all.facts, all.n_facts),
		.n_facts = all.n_facts,
		.findings = ids_keep(d->arena, all.findings, all.n_findings),
		.n_findings = all.n_findings,
		.text = *text,
		.hypothesis = s->hypothesis,
	};
	if (!made.step || !made.facts || !made.findings)
		return no_memory(c->err);
	d->comments[d->n_comments++] = made;
	c->outcome.accepted++;
	return 0;
}

static bool cites_fact(const struct sentence *s)
{
	struct claim cited = {0};

	cited_add(&cited, s);
	return cited.n_facts > 0;
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

/* "Memory Usage: Watch the ..." as models like to write: the words behind the heading count. */
static struct str without_heading(struct str text)
{
	size_t i, blanks = 0;

	for (i = 0; i + 2 < text.len && text.at[i] != '{' && blanks < MAX_HEADING_WORDS; i++) {
		blanks += text.at[i] == ' ';
		if (text.at[i] == ':' && text.at[i + 1] == ' ' && text.at[i + 2] >= 'A' &&
		    text.at[i + 2] <= 'Z')
			return (struct str){text.at + i + 2, text.len - i - 2};
	}
	return text;
}

/* The sentences of one text that stand: each a comment, or collected in `advice`. */
static int text_take(struct checker *c, struct str text, const struct claim *about,
                     struct text *advice)
{
	bool ok = true, before = true;
	struct str rest = text, one;
	struct sentence s;
	struct text made;
	size_t n;
	int r = 0;

	for (n = 0; r == 0 && n < MAX_SENTENCES && sentence_next(&one, &rest); n++, before = ok) {
		ok = false;
		one = without_heading(one);
		if (!before && leans_back(one)) {
			r = strike(c, "leans on a sentence that was struck", one, true);
			continue;
		}
		r = sentence_take(&ok, &made, c, &s, one, about);
		if (r < 0 || !ok)
			continue;
		if (advice) {
			advice[n] = made;
		} else if (!about->n_facts && !about->n_findings && !cites_fact(&s)) {
			ok = false;
			r = strike(c, "cites nothing", one, true);
		} else {
			r = comment_add(c, &s, &made, about);
		}
	}
	return r;
}

static int claim_take(struct checker *c, const json_t *item)
{
	const json_t *text = json_object_get(item, "text"), *list = json_object_get(item, "about");
	struct str words = {json_string_value(text), json_string_length(text)};
	char reason[64];
	struct claim about;

	if (!words.at)
		return strike(c, "not a claim: no text", str_of(""), true);
	if (!about_read(&about, c, list, reason, sizeof reason))
		return strike(c, reason, words, true);
	return text_take(c, words, &about, NULL);
}

/* Several sentences as one text, a blank between them. */
static int texts_join(struct text *ret, struct arena *a, const struct text parts[MAX_SENTENCES])
{
	struct segment *segments;
	size_t n = 0, i, k;

	for (i = 0; i < MAX_SENTENCES; i++)
		n += parts[i].n + 1;
	segments = arena_calloc(a, n, sizeof *segments);
	if (!segments)
		return -ENOMEM;
	for (i = n = 0; i < MAX_SENTENCES; i++) {
		if (parts[i].n && n)
			segments[n++].words = " ";
		for (k = 0; k < parts[i].n; k++)
			segments[n++] = parts[i].segments[k];
	}
	*ret = (struct text){segments, n};
	return 0;
}

static int advice_add(struct checker *c, const struct text parts[MAX_SENTENCES],
                      const struct claim *about, struct str words)
{
	struct dossier *d = c->d;
	struct recommendation made = {.id = (unsigned)d->n_recommendations + 1,
	                              .n_findings = about->n_findings,
	                              .by_model = true};
	size_t i;

	made.findings = ids_keep(d->arena, about->findings, about->n_findings);
	if (texts_join(&made.text, d->arena, parts) < 0 || !made.findings)
		return no_memory(c->err);
	if (!made.text.n)
		return 0;
	if (already_said(d, &made.text))
		return strike(c, "repeats itself: said before", words, true);
	d->recommendations[d->n_recommendations++] = made;
	for (i = 0; i < MAX_SENTENCES; i++)
		c->outcome.accepted += parts[i].n > 0;
	return 0;
}

static int advice_take(struct checker *c, const json_t *item)
{
	const json_t *text = json_object_get(item, "text"),
		     *list = json_object_get(item, "findings");
	struct str words = {json_string_value(text), json_string_length(text)};
	struct text parts[MAX_SENTENCES] = {0};
	char reason[64];
	struct claim about;
	int r;

	if (!words.at)
		return strike(c, "not a recommendation: no text", str_of(""), true);
	if (!about_read(&about, c, list, reason, sizeof reason))
		return strike(c, reason, words, true);
	if (!about.n_findings)
		return strike(c, "cites nothing", words, true);
	r = text_take(c, words, &about, parts);
	return r < 0 ? r : advice_add(c, parts, &about, words);
}

static int list_take(struct checker *c, const json_t *list, size_t max,
                     int (*take)(struct checker *c, const json_t *item))
{
	size_t n = json_array_size(list), i;
	int r = 0;

	max = max < MAX_CLAIMS ? max : MAX_CLAIMS;
	for (i = 0; r == 0 && i < n && i < max; i++)
		r = take(c, json_array_get(list, i));
	if (r == 0 && n > max)
		r = strike(c, "more than was asked for", str_of(""), true);
	return r;
}

/* Servers without a grammar wrap the object in words or a code fence: only the braces count. */
static struct str object_in(struct str answer)
{
	const char *open = answer.len ? memchr(answer.at, '{', answer.len) : NULL;
	const char *close = answer.len ? memrchr(answer.at, '}', answer.len) : NULL;

	if (!open || !close || close < open)
		return (struct str){NULL, 0};
	return (struct str){open, (size_t)(close - open) + 1};
}

static int answer_take(struct checker *c, const json_t *root)
{
	const json_t *claims = json_object_get(root, "claims");
	const json_t *advice = json_object_get(root, "recommendations");
	int r;

	if (!json_is_array(claims) && !json_is_array(advice))
		return strike(c, "no claims in the answer", str_of(""), true);
	r = list_take(c, claims, c->scope->max_claims, claim_take);
	if (r == 0 && c->scope->max_recommendations)
		r = list_take(c, advice, c->scope->max_recommendations, advice_take);
	return r;
}

static int answer_parse(struct checker *c, struct str answer)
{
	CLEANUP(json_decrefp) json_t *root = NULL;
	struct str object = object_in(answer);

	if (answer.len > MAX_ANSWER_BYTES)
		return strike(c, "the answer is too long", (struct str){answer.at, STRUCK_BYTES},
		              false);
	if (object.len)
		root = json_loadb(object.at, object.len, JSON_REJECT_DUPLICATES, NULL);
	if (root)
		return answer_take(c, root);
	return strike(c, "the answer is not JSON", answer, false);
}

int claims_check(struct dossier *d, const struct claims_scope *scope, const char *step,
                 const char *answer, size_t len, struct claims_outcome *ret, struct error *err)
{
	struct checker c = {.d = d, .scope = scope, .step = step, .err = err};
	int r = reserve(d) < 0 ? no_memory(err) : answer_parse(&c, (struct str){answer, len});

	if (r < 0)
		return r;
	c.outcome.rubbish = c.outcome.accepted == 0;
	*ret = c.outcome;
	return 0;
}
