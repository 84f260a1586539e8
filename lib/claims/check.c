/* SPDX-License-Identifier: MIT */
/*
 * An answer is taken apart into sentences, and each stands or falls alone: a comment is one
 * sentence, so that its mark as a hypothesis and its facts are its own. A recommendation keeps
 * its sentences together.
 */
#include <errno.h>
#include <stdio.h>

#include "lib/claims/checker.h"

#define MAX_ANSWER_BYTES (1024 * 1024) /* sixteen claims are some kilobytes */
#define EXCERPT_BYTES    300           /* of an answer that is refused unread */

/* One growth for each answer: whatever it holds then fits. */
static int reserve(struct dossier *d)
{
	size_t comments = d->n_comments + (size_t)MAX_CLAIMS * MAX_SENTENCES;
	size_t advice = d->n_recommendations + MAX_CLAIMS, strikes = d->n_struck + MAX_STRIKES;
	size_t risks = d->n_risks + MAX_CLAIMS;
	struct comment *c = arena_grow(d->arena, d->comments, d->n_comments * sizeof *c,
	                               comments * sizeof *c);
	struct recommendation *r = arena_grow(d->arena, d->recommendations,
	                                      d->n_recommendations * sizeof *r, advice * sizeof *r);
	struct strike *s = arena_grow(d->arena, d->struck, d->n_struck * sizeof *s,
	                              strikes * sizeof *s);
	struct risk *k = arena_grow(d->arena, d->risks, d->n_risks * sizeof *k, risks * sizeof *k);

	if (!c || !r || !s || !k)
		return -ENOMEM;
	d->risks = k;
	d->comments = c;
	d->recommendations = r;
	d->struck = s;
	return 0;
}

/* What is not of the form asked for, as it was written. */
static int strike_item(struct checker *c, const char *reason, const json_t *item)
{
	const json_t *text = json_object_get(item, "text");
	char *dump = json_is_string(text) ? NULL : json_dumps(item, JSON_COMPACT | JSON_ENCODE_ANY);
	int r = checker_strike(c, reason,
	                       json_is_string(text) ? str_of(json_string_value(text))
	                                            : str_of(dump ? dump : ""),
	                       true);

	free(dump);
	return r;
}

/* The comments of one claim as they are made. */
struct comments {
	struct checker *c;
	const struct claim *about;
};

static int on_sentence(void *arg, const struct sentence *s, const struct text *text)
{
	struct comments *m = arg;
	struct checker *c = m->c;
	struct dossier *d = c->d;
	struct claim all = *m->about;
	struct comment made;
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->tokens[i].fact)
			claim_add_fact(&all, s->tokens[i].fact);
	if (!all.n_facts && !all.n_findings)
		return checker_strike(c, "cites nothing", s->text, true) < 0 ? -ENOMEM : 1;
	made = (struct comment){
		.id = (unsigned)d->n_comments + 1,
		.step = arena_strdup(d->arena, c->step),
		.facts = checker_ids(c, all.facts, all.n_facts),
		.n_facts = all.n_facts,
		.findings = checker_ids(c, all.findings, all.n_findings),
		.n_findings = all.n_findings,
		.text = *text,
		.hypothesis = s->hypothesis,
		.summary = c->scope->summary,
	};
	if (!made.step || !made.facts || !made.findings)
		return checker_no_memory(c);
	d->comments[d->n_comments++] = made;
	c->outcome.accepted++;
	return 0;
}

static int claim_take(struct checker *c, const json_t *item)
{
	const json_t *text = json_object_get(item, "text"), *list = json_object_get(item, "about");
	struct str words = {json_string_value(text), json_string_length(text)};
	struct claim about;
	struct comments m = {c, &about};
	char reason[64];

	if (!words.at)
		return strike_item(c, "not a claim: no text", item);
	if (!checker_about(&about, c, list, reason, sizeof reason))
		return checker_strike(c, reason, words, true);
	return checker_text(c, words, &about, on_sentence, &m);
}

static int list_take(struct checker *c, const json_t *list, size_t max,
                     int (*take)(struct checker *c, const json_t *item))
{
	size_t n = json_array_size(list), i;
	int r = 0;

	max = max < MAX_CLAIMS ? max : MAX_CLAIMS;
	for (i = 0; r == 0 && i < n && i < max; i++)
		r = take(c, json_array_get(list, i));
	for (; r == 0 && i < n; i++)
		r = strike_item(c, "more than was asked for", json_array_get(list, i));
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
	const json_t *risks = json_object_get(root, "risks");
	int r;

	if (!json_is_array(claims) && !json_is_array(advice) && !json_is_array(risks))
		return strike_item(c, "no claims in the answer", root);
	r = list_take(c, claims, c->scope->max_claims, claim_take);
	if (r == 0 && c->scope->max_recommendations)
		r = list_take(c, advice, c->scope->max_recommendations, advice_take);
	if (r == 0 && c->scope->max_risks)
		r = list_take(c, risks, c->scope->max_risks, risk_take);
	return r;
}

/* Of an answer that breaks off: up to its last whole claim, with the list closed; NULL otherwise.
 */
static json_t *whole_part(struct str object)
{
	char *text = malloc(object.len + 2);
	json_t *root = NULL;

	if (text) {
		memcpy(text, object.at, object.len);
		memcpy(text + object.len, "]}", 2);
		root = json_loadb(text, object.len + 2, JSON_REJECT_DUPLICATES, NULL);
	}
	free(text);
	return root;
}

static int answer_parse(struct checker *c, struct str answer)
{
	CLEANUP(json_decrefp) json_t *root = NULL;
	struct str object = object_in(answer);

	if (answer.len > MAX_ANSWER_BYTES)
		return checker_strike(c, "the answer is too long",
		                      (struct str){answer.at, EXCERPT_BYTES}, false);
	if (object.len)
		root = json_loadb(object.at, object.len, JSON_REJECT_DUPLICATES, NULL);
	if (root)
		return answer_take(c, root);
	if (object.len)
		root = whole_part(object);
	if (root) {
		size_t read = (size_t)(object.at + object.len - answer.at);
		int r = answer_take(c, root);

		return r < 0 ? r
		             : checker_strike(c, "the answer breaks off",
		                              (struct str){answer.at + read, answer.len - read},
		                              false);
	}
	return checker_strike(c, "the answer is not JSON", answer, false);
}

int claims_check(struct dossier *d, const struct claims_scope *scope, const char *step,
                 const char *answer, size_t len, struct claims_outcome *ret, struct error *err)
{
	CLEANUP(names_freep) struct names *names = NULL;
	struct checker c = {.d = d, .scope = scope, .step = step, .err = err};
	int r = names_new(&names, d);

	if (r == 0)
		r = question_of(&c.question, d->arena, scope->instructions);
	if (r < 0 || reserve(d) < 0)
		return checker_no_memory(&c);
	c.names = names;
	r = answer_parse(&c, (struct str){answer, len});
	if (r < 0)
		return r;
	c.outcome.rubbish = c.outcome.accepted == 0;
	*ret = c.outcome;
	return 0;
}
