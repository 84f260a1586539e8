/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as an answer. Whatever is accepted holds no digit, no markup and no control character,
 * cites only ids of the scope, and can be dumped as JSON; ids stay dense.
 */
#include <assert.h>
#include <stdint.h>

#include "tests/unit/claims/world.h"

static void words_are_plain(const char *words)
{
	const unsigned char *c = (const unsigned char *)words;
	json_t *j = json_string(words);

	assert(j); /* valid UTF-8 */
	json_decref(j);
	for (; *c; c++) {
		assert(*c >= ' ' && *c != 0x7F &&
		       !strchr("0123456789<>&`*_[]|#\\{}\"%$=+~^@!?/", *c));
		if (*c >= 0x80) /* Latin letters to U+017F, or U+2013 to U+2019 */
			assert((*c & 0xC0) == 0x80 || (*c >= 0xC3 && *c <= 0xC5) || *c == 0xE2);
	}
}

static bool in_scope(const unsigned *ids, size_t n, unsigned id)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static void text_is_sound(const struct world *w, const struct text *t)
{
	size_t i;

	assert(t->n > 0);
	for (i = 0; i < t->n; i++) {
		const struct segment *s = &t->segments[i];

		assert(!s->name && !s->words == !!s->fact);
		if (s->words)
			words_are_plain(s->words);
		else
			assert(in_scope(w->scope.facts, w->scope.n_facts, s->fact));
	}
}

static void dossier_is_sound(const struct world *w)
{
	size_t i, k;

	for (i = 0; i < w->d.n_comments; i++) {
		const struct comment *c = &w->d.comments[i];

		assert(c->id == i + 1 && c->n_facts + c->n_findings > 0);
		text_is_sound(w, &c->text);
		for (k = 0; k < c->n_facts; k++)
			assert(in_scope(w->scope.facts, w->scope.n_facts, c->facts[k]));
		for (k = 0; k < c->n_findings; k++)
			assert(in_scope(w->scope.findings, w->scope.n_findings, c->findings[k]));
	}
	for (i = 0; i < w->d.n_recommendations; i++) {
		const struct recommendation *r = &w->d.recommendations[i];

		assert(r->id == i + 1 && r->by_model && r->n_findings > 0);
		text_is_sound(w, &r->text);
	}
	for (i = 0; i < w->d.n_risks; i++) {
		assert(w->d.risks[i].by_model && w->d.risks[i].n_findings > 0);
		text_is_sound(w, &w->d.risks[i].risk);
		text_is_sound(w, &w->d.risks[i].mitigation);
	}
	for (i = 0; i < w->d.n_struck; i++) {
		json_t *j = json_string(w->d.struck[i].text);

		assert(j && *w->d.struck[i].reason);
		json_decref(j);
	}
}

static void check(struct world *w, const char *bytes, size_t len)
{
	struct error err = {0};
	int r = claims_check(&w->d, &w->scope, "fuzz", bytes, len, &w->outcome, &err);

	assert(r == 0 && w->outcome.rubbish == (w->outcome.accepted == 0));
	assert(!w->outcome.struck || w->outcome.complaint[0]);
	dossier_is_sound(w);
}

/* The bytes as one text, so that the sentences are reached without guessing at JSON. */
static void check_as_text(struct world *w, const char *bytes, size_t len)
{
	json_t *answer = json_pack(
		"{s:[{s:[s], s:s%}], s:[{s:[s], s:s%}], s:[{s:[s], s:s%, s:s}, {s:[s], s:s, "
	        "s:s%}]}",
		"claims", "about", "K1", "text", bytes, len, "recommendations", "findings", "K3",
		"text", bytes, len, "risks", "findings", "K1", "risk", bytes, len, "mitigation",
		"Record the driver of the run.", "findings", "K1", "risk",
		"The sweep may rest on a busy machine.", "mitigation", bytes, len);
	char *dump = answer ? json_dumps(answer, 0) : NULL;

	if (dump)
		check(w, dump, strlen(dump));
	free(dump);
	json_decref(answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;

	world_init(&w);
	w.scope.max_risks = 2;
	check(&w, (const char *)data, size);
	check_as_text(&w, (const char *)data, size);
	arena_free(w.d.arena);
	return 0;
}
