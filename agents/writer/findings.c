/* SPDX-License-Identifier: MIT */
/* Key findings and recommendations. */
#include <math.h>

#include "agents/writer/page.h"

#define MAX_TOLD_IDS 12

static bool is_date(const char *s)
{
	return s && strlen(s) >= 10 && s[4] == '-' && s[7] == '-';
}

/* Whether the sentence already tells a p value of its own. */
static bool tells_p(const struct page *p, const struct text *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct fact *f = dossier_fact(p->d, t->segments[i].fact);

		if (f && number_kind_of(f) == NUMBER_P)
			return true;
	}
	return false;
}

/* Whether the sentence already tells since when. */
static bool tells_since(const struct finding *k)
{
	for (size_t i = 0; i < k->text.n; i++) {
		const char *name = k->text.segments[i].name;

		if (name && k->since && strcmp(name, k->since) == 0)
			return true;
	}
	return false;
}

static void say_kind(struct page *p, const struct finding *k)
{
	const char *word = finding_kind_name(k->kind);

	for (const char *s = word; *s; s++)
		ink_words(&p->ink, *s == '_' ? " " : (char[]){*s, '\0'});
	ink_words(&p->ink, ", ");
	ink_words(&p->ink, severity_name(k->severity));
	ink_words(&p->ink, ": ");
}

/* "[K5, adjusted p 0.012, suspected since 2026-11-21]" */
static void say_standing(struct page *p, const struct finding *k)
{
	ink_words(&p->ink, " [");
	ink_id(&p->ink, 'K', k->id);
	if (isfinite(k->p) && !tells_p(p, &k->text)) {
		ink_words(&p->ink, isfinite(k->p_adjusted) ? ", adjusted p " : ", p ");
		ink_figure(&p->ink, NUMBER_P, "/findings/%u/%s", k->id - 1,
		           isfinite(k->p_adjusted) ? "p_adjusted" : "p");
	}
	if (k->state) {
		ink_words(&p->ink, ", ");
		ink_label(&p->ink, k->state);
		if (is_date(k->since) && !tells_since(k)) {
			ink_words(&p->ink, " since ");
			ink_date(&p->ink, 10, "/findings/%u/since", k->id - 1);
		}
	}
	ink_words(&p->ink, "]\n");
}

void page_finding(struct page *p, const struct finding *k, bool with_kind)
{
	ink_words(&p->ink, "- ");
	if (with_kind)
		say_kind(p, k);
	page_text(p, &k->text);
	say_standing(p, k);
	p->told[k->id] = p->section;
}

bool page_is_small_gap(const struct finding *k)
{
	return k->kind == FINDING_GAP && k->severity >= SEVERITY_LOW;
}

/* What a section before this one told, and what a model has to say of it. */
static void say_told_in(struct page *p, unsigned section, const char *where)
{
	unsigned told[MAX_TOLD_IDS];
	size_t n = 0;

	for (unsigned id = 1; id <= p->d->n_findings && n < MAX_TOLD_IDS; id++)
		if (p->told[id] == section)
			told[n++] = id;
	if (!n)
		return;
	page_begin(p, "prose", "builtin");
	ink_words(&p->ink, where);
	page_ids(p, 'K', told, n);
	ink_words(&p->ink, ".");
	page_end(p);
	for (size_t i = 0; i < n; i++) {
		page_begin(p, "prose", "model");
		if (page_comments(p, PLACE_FINDING, told[i], ""))
			page_end(p);
		else
			page_drop(p);
	}
}

/* What section 6 tells, beside the figure that was expected. */
static void say_expected(struct page *p)
{
	unsigned ids[MAX_TOLD_IDS];
	size_t n = 0;

	for (size_t i = 0; i < p->d->n_findings; i++) {
		const struct finding *k = &p->d->findings[i];

		if (!k->expectation || p->told[k->id])
			continue;
		p->told[k->id] = PAGE_EXPECTED;
		if (n < MAX_TOLD_IDS)
			ids[n++] = k->id;
	}
	if (!n)
		return;
	page_begin(p, "prose", "builtin");
	ink_words(&p->ink, "Told under Expected and Measured: ");
	page_ids(p, 'K', ids, n);
	ink_words(&p->ink, ".");
	page_end(p);
}

static size_t untold(const struct page *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->d->n_findings; i++)
		n += !p->told[p->d->findings[i].id];
	return n;
}

/* room: how many of each kind may still be told; NULL: any. */
static const struct finding *next_untold(const struct page *p, const unsigned *room)
{
	const struct finding *best = NULL;

	for (size_t i = 0; i < p->d->n_findings; i++) {
		const struct finding *k = &p->d->findings[i];

		if (p->told[k->id] || (room && !room[k->kind]))
			continue;
		if (!best || k->severity < best->severity)
			best = k;
	}
	return best;
}

/*
 * By severity; but no kind, of which a tree may have hundreds, takes more than a third of the
 * room while there is anything else to tell.
 */
static const struct finding *next_of_kinds(const struct page *p, const unsigned *room)
{
	const struct finding *k = next_untold(p, room);

	return k ? k : next_untold(p, NULL);
}

static void say_findings(struct page *p)
{
	unsigned room[FINDING_KIND_COUNT];
	const struct finding *k;

	for (size_t i = 0; i < FINDING_KIND_COUNT; i++)
		room[i] = p->limits.findings / 3;
	k = next_of_kinds(p, room);
	if (!k)
		return;
	page_begin(p, "list", "builtin");
	for (unsigned n = 0; k && n < p->limits.findings; n++) {
		page_finding(p, k, true);
		(void)page_comments(p, PLACE_FINDING, k->id, "  ");
		room[k->kind] -= room[k->kind] > 0;
		k = next_of_kinds(p, room);
	}
	if (k)
		page_more_items(p, untold(p));
	page_end(p);
}

void page_findings(struct page *p)
{
	page_section(p, 4, "Key Findings");
	if (!p->d->n_findings) {
		page_begin(p, "prose", "builtin");
		ink_words(&p->ink, "None.");
		page_end(p);
	}
	say_told_in(p, 1, "Told in the Executive Summary: ");
	say_told_in(p, 2, "Told in the Data Ingestion Summary: ");
	say_told_in(p, 3, "Told in the Performance Analysis: ");
	say_expected(p);
	page_plots(p, PLOT_HISTORY, PAGE_ANY_GROUP);
	say_findings(p);
	page_plots(p, PLOT_FRONT, PAGE_ANY_GROUP);
	page_begin(p, "prose", "model");
	if (page_comments(p, PLACE_END, 0, ""))
		page_end(p);
	else
		page_drop(p);
}

static void say_advice(struct page *p, size_t i)
{
	const struct recommendation *r = &p->d->recommendations[i];

	ink_words(&p->ink, "- **");
	ink_id(&p->ink, 'R', r->id);
	ink_words(&p->ink, r->by_model ? "** (by the model) " : "** ");
	page_text(p, &r->text);
	if (r->n_findings) {
		ink_words(&p->ink, " [");
		page_ids(p, 'K', r->findings, r->n_findings > 3 ? 3 : r->n_findings);
		ink_words(&p->ink, "]");
	}
	ink_line(&p->ink);
	p->advised[i] = true;
}

/* One block for each author, so that `by` is true of every word in it. */
static void say_advice_by(struct page *p, bool by_model, unsigned *room)
{
	size_t left = 0;

	for (size_t i = 0; i < p->d->n_recommendations; i++)
		left += !p->advised[i] && p->d->recommendations[i].by_model == by_model;
	if (!left)
		return;
	page_begin(p, "list", by_model ? "model" : "builtin");
	ink_words(&p->ink, by_model ? "The model adds:\n\n" : "");
	for (size_t i = 0; i < p->d->n_recommendations && *room; i++) {
		if (p->advised[i] || p->d->recommendations[i].by_model != by_model)
			continue;
		say_advice(p, i);
		left--;
		*room -= 1;
	}
	page_more_items(p, left);
	page_end(p);
}

static void say_risk(struct page *p, const struct risk *k)
{
	page_cell(p);
	page_text(p, &k->risk);
	page_cell(p);
	page_text(p, &k->mitigation);
	page_cell(p);
	page_ids(p, 'K', k->findings, k->n_findings > 3 ? 3 : k->n_findings);
	page_row(p);
}

static void say_risks_by(struct page *p, bool by_model, const char *title)
{
	size_t n = 0;

	for (size_t i = 0; i < p->d->n_risks; i++)
		n += p->d->risks[i].by_model == by_model;
	if (!n)
		return;
	page_begin(p, "table", by_model ? "model" : "builtin");
	ink_words(&p->ink, title);
	page_table(p, true);
	ink_words(&p->ink, "| Risk | Mitigation | Findings |\n");
	page_rule(p, "ttt");
	for (size_t i = 0; i < p->d->n_risks; i++)
		if (p->d->risks[i].by_model == by_model)
			say_risk(p, &p->d->risks[i]);
	page_table(p, false);
	page_end(p);
}

/* Where a persona weighs them. */
static void say_risks(struct page *p)
{
	if (p->d->weighs_risks && !p->d->n_risks) {
		page_begin(p, "prose", "builtin");
		ink_words(&p->ink, "**Risks:** none that a finding tells of.");
		page_end(p);
	}
	say_risks_by(p, false, "**Risks** of acting on the findings:\n\n");
	say_risks_by(p, true, "**Risks** that the model adds:\n\n");
}

void page_recommendations(struct page *p)
{
	unsigned room = p->limits.recommendations;
	bool said = false;

	page_section(p, 5, "Recommendations");
	for (size_t i = 0; i < p->d->n_recommendations && !said; i++) {
		if (!p->advised[i])
			continue;
		page_begin(p, "prose", "builtin");
		ink_words(&p->ink, "First, as the Executive Summary says: ");
		ink_id(&p->ink, 'R', p->d->recommendations[i].id);
		ink_words(&p->ink, ".");
		page_end(p);
		said = true;
	}
	if (!p->d->n_recommendations) {
		page_begin(p, "prose", "builtin");
		ink_words(&p->ink, "None: no finding asks for anything to be done.");
		page_end(p);
	}
	say_advice_by(p, false, &room);
	say_advice_by(p, true, &room);
	say_risks(p);
}
