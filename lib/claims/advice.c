/* SPDX-License-Identifier: MIT */
/*
 * A recommendation keeps its sentences together: what to do, the effect that is hoped for, the
 * risk, and how much work it is, of which only the first must stand. The words in front of each
 * and those of the effort are ours. A risk is two texts, what may go wrong and what contains it:
 * neither says anything without the other.
 */
#include <errno.h>

#include "lib/claims/parts.h"

/* --- recommendations ---------------------------------------------------------------- */

/* "Expected effect: ..." where something of the member stands. */
static int member_take(struct parts *p, const json_t *item, const char *name, const char *words,
                       const struct claim *about)
{
	size_t before = p->n;
	int r;

	if (!json_is_string(json_object_get(item, name)))
		return 0;
	r = parts_words(p, words);
	if (r == 0)
		r = parts_take(p, item, name, about);
	if (p->n == before + 1)
		p->n = before;
	return r;
}

static int effort_take(struct parts *p, const json_t *item)
{
	const json_t *effort = json_object_get(item, "effort");
	size_t i;

	if (!json_is_string(effort))
		return 0;
	for (i = 0; i < CLAIMS_EFFORTS; i++)
		if (strcmp(claims_efforts[i].key, json_string_value(effort)) == 0)
			return parts_words(p, claims_efforts[i].words);
	return checker_strike(p->c, "no effort that was offered",
	                      (struct str){json_string_value(effort), json_string_length(effort)},
	                      true);
}

static int advice_add(struct parts *p, const struct claim *about, struct str words)
{
	struct dossier *d = p->c->d;
	struct recommendation made = {.id = (unsigned)d->n_recommendations + 1,
	                              .n_findings = about->n_findings,
	                              .by_model = true};
	int r = parts_join(&made.text, p);

	if (r < 0)
		return r;
	made.findings = checker_ids(p->c, about->findings, about->n_findings);
	if (!made.findings)
		return checker_no_memory(p->c);
	if (said_before(d, &made.text))
		return checker_strike(p->c, "repeats itself: said before", words, true);
	d->recommendations[d->n_recommendations++] = made;
	p->c->outcome.accepted += p->sentences;
	return 0;
}

/* What an item is about; *ret_words is its first text. 1: it was struck. */
static int item_about(struct checker *c, struct claim *ret, struct str *ret_words,
                      const json_t *item, const char *member, const char *untold)
{
	const json_t *text = json_object_get(item, member);
	char reason[64];

	*ret_words = (struct str){json_string_value(text), json_string_length(text)};
	if (!ret_words->at)
		return checker_strike(c, untold, str_of(""), true) < 0 ? -ENOMEM : 1;
	if (!checker_about(ret, c, json_object_get(item, "findings"), reason, sizeof reason))
		return checker_strike(c, reason, *ret_words, true) < 0 ? -ENOMEM : 1;
	if (!ret->n_findings)
		return checker_strike(c, "cites nothing", *ret_words, true) < 0 ? -ENOMEM : 1;
	return 0;
}

/* What to do, or nothing: an effect of an advice that was struck is nobody's. */
int advice_take(struct checker *c, const json_t *item)
{
	struct parts p = {.c = c};
	struct claim about;
	struct str words;
	int r = item_about(c, &about, &words, item, "text", "not a recommendation: no text");

	if (r)
		return r < 0 ? r : 0;
	r = parts_take(&p, item, "text", &about);
	if (r < 0 || !p.n)
		return r;
	r = member_take(&p, item, "effect", "Expected effect:", &about);
	if (r == 0)
		r = member_take(&p, item, "risk", "Risk:", &about);
	if (r == 0)
		r = effort_take(&p, item);
	return r < 0 ? r : advice_add(&p, &about, words);
}

/* --- risks -------------------------------------------------------------------------- */

static int risk_add(struct checker *c, const struct claim *about, const struct parts *risk,
                    const struct parts *mitigation)
{
	struct dossier *d = c->d;
	struct risk made = {.n_findings = about->n_findings, .by_model = true};
	int r = parts_join(&made.risk, risk);

	if (r == 0)
		r = parts_join(&made.mitigation, mitigation);
	if (r < 0)
		return r;
	made.findings = checker_ids(c, about->findings, about->n_findings);
	if (!made.findings)
		return checker_no_memory(c);
	d->risks[d->n_risks++] = made;
	c->outcome.accepted += risk->sentences + mitigation->sentences;
	return 0;
}

int risk_take(struct checker *c, const json_t *item)
{
	struct parts risk = {.c = c}, mitigation = {.c = c};
	struct claim about;
	struct str words;
	int r = item_about(c, &about, &words, item, "risk", "not a risk: no text");

	if (r)
		return r < 0 ? r : 0;
	r = parts_take(&risk, item, "risk", &about);
	if (r < 0 || !risk.n)
		return r;
	r = parts_take(&mitigation, item, "mitigation", &about);
	if (r < 0)
		return r;
	if (!mitigation.n)
		return checker_strike(c, "a risk without what contains it", words, true);
	return risk_add(c, &about, &risk, &mitigation);
}
