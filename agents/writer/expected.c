/* SPDX-License-Identifier: MIT */
/* Section 6: what the pipeline expects, beside what was measured. */
#include <math.h>

#include "agents/writer/page.h"

#define MAX_ROWS 8

static void say_header(struct page *p)
{
	ink_words(&p->ink, "| Metric | Configuration | Expected | Measured | Deviation | Within "
	                   "tolerance | Rank | Source |\n");
	page_rule(p, "ttnnntnt");
}

static void say_expected_subject(struct page *p, const struct expectation *e)
{
	struct label *labels = arena_calloc(p->ink.arena, e->n_subject + 1, sizeof *labels);

	if (!labels) {
		p->failed = true;
		return;
	}
	for (size_t i = 0; i < e->n_subject; i++)
		labels[i] = (struct label){e->subject[i].name, e->subject[i].text};
	page_subject(p, labels, e->n_subject);
}

/* The configuration that was measured, and in which rows of which artifact. */
static void say_place(struct page *p, const struct finding *k, const struct fact *f)
{
	const struct artifact *a = dossier_artifact(p->d, k->n_artifacts ? k->artifacts[0] : 0);

	page_subject(p, f->subject, f->n_subject);
	if (!a)
		return;
	ink_words(&p->ink, " in ");
	ink_name(&p->ink, a->path);
	if (!f->n_cells)
		return;
	ink_words(&p->ink, ", ");
	page_cells(p, f);
}

/* Not in the unit that reads best, but in the one beside it. */
static void say_measured(struct page *p, const struct fact *f)
{
	ink_fact(&p->ink, f->id, (struct ink_style){number_kind_of(f), 1, false});
	page_unit(p, f->unit);
}

static void say_judgement(struct page *p, const struct finding *k, size_t i)
{
	page_cell(p);
	ink_figure(&p->ink, NUMBER_PERCENT, "/findings/%u/gates/0/value", k->id - 1);
	if (k->n_gates && isfinite(k->gates[0].value)) /* else the figure is a dash */
		ink_words(&p->ink, " %");
	page_cell(p);
	ink_words(&p->ink, k->kind == FINDING_EXPECTATION_MET ? "yes (" : "**no** (");
	ink_figure(&p->ink, NUMBER_GIVEN, "/configuration/expect/%zu/tolerance_pct", i);
	ink_words(&p->ink, " %) [");
	ink_id(&p->ink, 'K', k->id);
	ink_words(&p->ink, "]");
}

/* Among the configurations of its table, by this metric. */
static void say_rank(struct page *p, const struct finding *k)
{
	const struct fact *rank = dossier_fact(p->d, k->rank);

	page_cell(p);
	if (!rank) {
		ink_words(&p->ink, "–");
		return;
	}
	ink_fact(&p->ink, rank->id, (struct ink_style){number_kind_of(rank), 1, false});
	ink_words(&p->ink, " of ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/facts/%u/from", rank->id - 1);
}

/* Why nothing stands beside expectation i. */
static const char *why_nothing(const struct page *p, size_t i)
{
	if (i < p->d->n_expected)
		switch (p->d->expected[i]) {
		case EXPECTED_NO_METRIC:
			return "nothing here has this metric";
		case EXPECTED_NO_CONFIGURATION:
			return "not of this configuration";
		case EXPECTED_OTHER_UNIT:
			return "in another unit";
		case EXPECTED_FAILED:
			return "its runs failed";
		case EXPECTED_MEASURED:
			break;
		}
	return "–";
}

/* k: NULL where nothing matched. */
static void say_row(struct page *p, size_t i, const struct finding *k)
{
	const struct expectation *e = &p->meta->expectations[i];
	const struct fact *f = k && k->n_facts ? dossier_fact(p->d, k->facts[0]) : NULL;

	page_cell(p);
	ink_name(&p->ink, f && f->metric ? f->metric : e->metric);
	page_cell(p);
	if (f)
		say_place(p, k, f);
	else
		say_expected_subject(p, e);
	page_cell(p);
	ink_figure(&p->ink, NUMBER_GIVEN, "/configuration/expect/%zu/value", i);
	page_unit(p, e->unit);
	page_cell(p);
	if (f) {
		say_measured(p, f);
		say_judgement(p, k, i);
		say_rank(p, k);
	} else {
		ink_words(&p->ink, "not measured here | – | ");
		ink_words(&p->ink, why_nothing(p, i));
		ink_words(&p->ink, " | –");
	}
	page_cell(p);
	if (e->source)
		ink_label(&p->ink, e->source);
	else
		ink_words(&p->ink, "–");
	page_row(p);
}

static bool judges(const struct finding *k, size_t i)
{
	return k->expectation == i + 1 && k->kind != FINDING_CONTRADICTION;
}

/* Another table has what is expected of this configuration: this one is of something else. */
static bool fits_less(const struct finding *k)
{
	return k->kind == FINDING_EXPECTATION_MISSED && k->severity == SEVERITY_LOW;
}

static bool is_row(const struct page *p, const struct finding *k, size_t i)
{
	if (!judges(k, i) || !fits_less(k))
		return judges(k, i);
	for (size_t f = 0; f < p->d->n_findings; f++)
		if (judges(&p->d->findings[f], i) && !fits_less(&p->d->findings[f]))
			return false;
	return true; /* nothing else was measured of it */
}

static double distance_of(const struct finding *k)
{
	return k->n_gates && isfinite(k->gates[0].value) ? fabs(k->gates[0].value) : HUGE_VAL;
}

/* a is nearer to what is expected, or as near and told first. */
static bool is_before(const struct finding *a, const struct finding *b)
{
	double x = distance_of(a), y = distance_of(b);

	return x < y || (!(x > y) && a->id < b->id);
}

/* The next finding on an expectation behind `after`, the nearest to it first; NULL: none. */
static const struct finding *next_of(const struct page *p, size_t i, const struct finding *after)
{
	const struct finding *next = NULL;

	for (size_t f = 0; f < p->d->n_findings; f++) {
		const struct finding *k = &p->d->findings[f];

		if (is_row(p, k, i) && (!after || is_before(after, k)) &&
		    (!next || is_before(k, next)))
			next = k;
	}
	return next;
}

/* Returns how many rows found no room. */
static size_t say_rows(struct page *p)
{
	size_t shown = 0, left = 0;

	for (size_t i = 0; i < p->meta->n_expectations; i++) {
		const struct finding *k = next_of(p, i, NULL);

		do {
			if (shown == MAX_ROWS) {
				left++;
			} else {
				say_row(p, i, k);
				shown++;
			}
			k = k ? next_of(p, i, k) : NULL;
		} while (k);
	}
	return left;
}

static void say_less(struct page *p, const struct finding *k)
{
	const struct fact *f = dossier_fact(p->d, k->n_facts ? k->facts[0] : 0);
	const struct artifact *a = dossier_artifact(p->d, k->n_artifacts ? k->artifacts[0] : 0);

	if (!f || !a)
		return;
	ink_name(&p->ink, f->metric);
	ink_words(&p->ink, " ");
	page_value(p, f->id);
	ink_words(&p->ink, " in ");
	ink_name(&p->ink, a->path);
	ink_words(&p->ink, " [");
	ink_id(&p->ink, 'K', k->id);
	ink_words(&p->ink, "]");
}

/* What other tables have of these configurations: of another model, mostly. */
static void say_tables_that_fit_less(struct page *p)
{
	size_t n = 0;

	page_begin(p, "prose", "code");
	for (size_t f = 0; f < p->d->n_findings; f++) {
		const struct finding *k = &p->d->findings[f];

		if (!k->expectation || !fits_less(k) || is_row(p, k, k->expectation - 1))
			continue;
		if (n < MAX_ROWS) {
			ink_words(&p->ink, n ? ", "
			                     : "Of the same configuration in other tables, "
			                       "which fit less: ");
			say_less(p, k);
		}
		n++;
	}
	if (n)
		ink_words(&p->ink, ".");
	if (n > MAX_ROWS) {
		ink_line(&p->ink);
		page_more(p, n - MAX_ROWS);
	}
	if (n)
		page_end(p);
	else
		page_drop(p);
}

/* What the expectations claim and nothing bears out: here, unless an earlier section told it. */
static void say_contradictions(struct page *p)
{
	unsigned told[MAX_ROWS];
	size_t n = 0, printed = 0, left = 0;

	page_begin(p, "list", "builtin");
	for (size_t i = 0; i < p->d->n_findings; i++) {
		const struct finding *k = &p->d->findings[i];

		if (!k->expectation || k->kind != FINDING_CONTRADICTION)
			continue;
		if (p->told[k->id] != PAGE_EXPECTED) {
			if (n < MAX_ROWS)
				told[n++] = k->id;
		} else if (printed < MAX_ROWS) {
			page_finding(p, k, false);
			printed++;
		} else {
			left++;
		}
	}
	page_more_items(p, left);
	if (n) {
		ink_words(&p->ink, "- Contradicted in the Executive Summary: ");
		page_ids(p, 'K', told, n);
		ink_words(&p->ink, ".\n");
	}
	if (n || printed)
		page_end(p);
	else
		page_drop(p);
}

static void say_comments(struct page *p)
{
	for (size_t i = 0; i < p->d->n_findings; i++) {
		if (!p->d->findings[i].expectation)
			continue;
		page_begin(p, "prose", "model");
		if (page_comments(p, PLACE_FINDING, p->d->findings[i].id, ""))
			page_end(p);
		else
			page_drop(p);
	}
}

void page_expected(struct page *p)
{
	size_t left;

	if (!p->meta->n_expectations)
		return;
	page_section(p, PAGE_EXPECTED, "Expected and Measured");
	page_begin(p, "table", "code");
	page_table(p, true);
	say_header(p);
	left = say_rows(p);
	page_table(p, false);
	ink_line(&p->ink);
	page_more(p, left);
	page_end(p);
	say_tables_that_fit_less(p);
	say_contradictions(p);
	say_comments(p);
}
