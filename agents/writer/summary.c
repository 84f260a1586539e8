/* SPDX-License-Identifier: MIT */
/* The first screen: is anything worse, since when, and what to do. */
#include <math.h>

#include "agents/writer/page.h"

#define SUMMARY_ITEMS 3
#define DAY_S         86400

static void header_line(struct page *p, const char *name)
{
	ink_words(&p->ink, p->ink.column == 1 ? "- **" : "\n- **");
	ink_words(&p->ink, name);
	ink_words(&p->ink, ":** ");
}

static void header_subject(struct page *p)
{
	const struct inventory *v = &p->d->inventory;

	header_line(p, "Subject");
	if (p->meta->subject) {
		ink_name(&p->ink, p->meta->subject);
		ink_words(&p->ink, ", ");
	}
	for (size_t i = 0; i < v->n_roots && i < SUMMARY_ITEMS; i++) {
		ink_words(&p->ink, i ? ", " : "");
		ink_name(&p->ink, v->roots[i]);
	}
	if (!v->n_roots && !p->meta->subject)
		ink_words(&p->ink, "nothing");
	if (v->n_roots > SUMMARY_ITEMS) {
		ink_words(&p->ink, " and others, roots in all: ");
		ink_figure(&p->ink, NUMBER_MEASURE, "/inventory/roots");
	}
}

static void header_machine(struct page *p)
{
	const json_t *names = json_object_get(json_object_get(p->report, "configuration"),
	                                      "machines"),
		     *name;
	size_t i, n = json_array_size(names);

	header_line(p, n > 1 ? "Machines" : "Machine");
	if (!n && p->meta->machine && p->meta->machine[0])
		ink_name(&p->ink, p->meta->machine);
	else if (!n)
		ink_words(&p->ink, "not named, neither by the artifacts nor for this review");
	json_array_foreach (names, i, name) {
		if (i == SUMMARY_ITEMS)
			break;
		ink_words(&p->ink, i ? ", " : "");
		ink_name(&p->ink, json_string_value(name));
	}
	if (n > SUMMARY_ITEMS) {
		ink_words(&p->ink, " and others, in all: ");
		ink_figure(&p->ink, NUMBER_MEASURE, "/configuration/machines");
	}
}

/* The oldest and the latest of the artifacts that match; false: there is none. */
static bool span_of(const struct inventory *v, size_t *ret_first, size_t *ret_last)
{
	*ret_first = *ret_last = 0;
	for (size_t i = 1; i < v->n_artifacts; i++) {
		if (v->artifacts[i].modified_s < v->artifacts[*ret_first].modified_s)
			*ret_first = i;
		if (v->artifacts[i].modified_s > v->artifacts[*ret_last].modified_s)
			*ret_last = i;
	}
	return v->n_artifacts > 0;
}

static void header_span(struct page *p)
{
	size_t first, last;

	header_line(p, "Time span");
	if (!span_of(&p->d->inventory, &first, &last)) {
		ink_words(&p->ink, "no artifacts");
		return;
	}
	ink_words(&p->ink, "artifacts last written ");
	if (p->d->inventory.artifacts[first].modified_s / 60 !=
	    p->d->inventory.artifacts[last].modified_s / 60) {
		ink_words(&p->ink, "from ");
		ink_date(&p->ink, 16, "/inventory/artifacts/%zu/modified", first);
		ink_words(&p->ink, " to ");
	}
	ink_date(&p->ink, 16, "/inventory/artifacts/%zu/modified", last);
	ink_words(&p->ink, " UTC");
}

static void header_runs(struct page *p)
{
	const struct run_times *r = &p->d->runs;

	if (!r->n) {
		header_span(p);
		return;
	}
	header_line(p, "Runs");
	ink_figure(&p->ink, NUMBER_MEASURE, "/configuration/runs/count");
	if (r->first_s / DAY_S == r->last_s / DAY_S) {
		ink_words(&p->ink, r->n > 1 ? ", all of " : ", of ");
	} else {
		ink_words(&p->ink, ", from ");
		ink_date(&p->ink, 10, "/configuration/runs/first");
		ink_words(&p->ink, " to ");
	}
	ink_date(&p->ink, 10, "/configuration/runs/last");
}

static void header_baseline(struct page *p)
{
	const struct past *past = p->d->past;

	header_line(p, "Baseline");
	if (!past || !past->review) {
		ink_words(&p->ink,
		          p->d->n_noise
		                  ? "the earlier runs in these files; there is no review "
		                    "before this one"
		                  : "none: there is no review before this one, and no earlier "
		                    "run in these files");
		return;
	}
	ink_words(&p->ink, "the review ");
	ink_id_text(&p->ink, past->review);
	ink_words(&p->ink, " of ");
	ink_date(&p->ink, 16, "/baseline/finished_at");
	ink_words(&p->ink, " UTC");
}

void page_header(struct page *p)
{
	page_section(p, 0, "# Technical Report: ");
	page_begin(p, "list", "code");
	header_line(p, "Date");
	ink_date(&p->ink, 16, "/job/finished_at");
	ink_words(&p->ink, " UTC, review ");
	ink_id_text(&p->ink, p->meta->job_id);
	header_subject(p);
	header_machine(p);
	header_runs(p);
	header_baseline(p);
	header_line(p, "Verdict");
	ink_words(&p->ink, "**");
	ink_words(&p->ink, verdict_in_words(p->d->verdict));
	ink_words(&p->ink, "**");
	page_end(p);
}

static void say_noticed(struct page *p)
{
	bool same = p->d->verdict == VERDICT_SAME;

	if (!isfinite(p->d->compared.smallest_change_pct)) {
		if (same)
			ink_words(&p->ink, " What size of change would have been noticed is not "
			                   "known: the noise of these series is not.");
		return;
	}
	ink_words(&p->ink, " In half of those tested a change of ");
	ink_figure(&p->ink, NUMBER_PERCENT, "/compared/smallest_change_pct");
	ink_words(&p->ink, " % or more would have been noticed.");
}

static void say_why(struct page *p)
{
	const struct compared *c = &p->d->compared;

	switch (p->d->verdict) {
	case VERDICT_WORSE:
		ink_words(&p->ink, "**Worse:** something got worse, and nothing better.");
		break;
	case VERDICT_BETTER:
		ink_words(&p->ink, "**Better:** something improved, and nothing got worse.");
		break;
	case VERDICT_MIXED:
		ink_words(&p->ink, "**Mixed:** something got worse, something else better.");
		break;
	case VERDICT_SAME:
		ink_words(&p->ink, "**Same:** no tested series changed.");
		break;
	case VERDICT_CANNOT_TELL:
		ink_words(&p->ink,
		          !p->d->n_facts ? "**Cannot tell:** there is nothing to measure here."
		          : !c->series
		                  ? "**Cannot tell:** there is nothing earlier to compare with."
		          : !c->tested ? "**Cannot tell:** no series has enough runs to be tested."
		                       : "**Cannot tell:** the evidence decides neither way.");
		break;
	case VERDICT_NO_NEW_DATA:
		ink_words(&p->ink, "**No new data:** nothing was measured since the last review.");
		break;
	}
}

static void say_verdict(struct page *p)
{
	page_begin(p, "prose", "builtin");
	say_why(p);
	ink_words(&p->ink, " Series compared: ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/compared/series");
	ink_words(&p->ink, " (tested ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/compared/tested");
	ink_words(&p->ink, ", untestable ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/compared/untestable");
	ink_words(&p->ink, "), new ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/compared/new");
	ink_words(&p->ink, ", vanished ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/compared/vanished");
	ink_words(&p->ink, ".");
	say_noticed(p);
	page_end(p);
}

static bool is_open(const struct page *p, const struct finding *k)
{
	const char *date = json_string_value(
		json_object_get(json_object_get(p->report, "job"), "finished_at"));

	return finding_alarms(k) && k->since && date && strncmp(k->since, date, 10) < 0;
}

/* What an expectation claims besides stands in section 6, beside the figure. */
static bool is_small_claim(const struct finding *k)
{
	return k->kind == FINDING_CONTRADICTION && k->expectation && k->severity >= SEVERITY_LOW;
}

enum pick {
	PICK_WORSE,
	PICK_BETTER,
	PICK_CHANGED,
	PICK_OVER,
	PICK_UNTESTED,
	PICK_OPEN,
	PICK_BROKEN,
	PICK_AGENTS,
	PICK_BEST
};

static bool picks(const struct page *p, enum pick what, const struct finding *k)
{
	if (p->told[k->id] || page_is_small_gap(k) || finding_is_acknowledged(k))
		return false;
	switch (what) {
	case PICK_WORSE:
		return dossier_way(p->d, k) < 0 && finding_alarms(k);
	case PICK_BETTER:
		return dossier_way(p->d, k) > 0 && finding_alarms(k);
	case PICK_CHANGED:
		return k->kind == FINDING_CHANGED && finding_alarms(k);
	case PICK_OVER:
		return k->state && !finding_alarms(k);
	case PICK_UNTESTED: /* a difference that nothing tells from noise is neither worse nor
	                       better */
		return (k->kind == FINDING_REGRESSION || k->kind == FINDING_IMPROVEMENT) &&
		       !k->state;
	case PICK_OPEN:
		return is_open(p, k);
	case PICK_BROKEN:
		return k->kind == FINDING_GAP || k->kind == FINDING_VANISHED ||
		       k->kind == FINDING_EXPECTATION_MISSED ||
		       (k->kind == FINDING_CONTRADICTION && !is_small_claim(k));
	case PICK_AGENTS:
		return k->kind == FINDING_CONCURRENCY;
	case PICK_BEST:
		return k->kind == FINDING_BEST;
	}
	return false;
}

/* The most severe, then the first: they come in the order of their weight. */
static const struct finding *pick_next(const struct page *p, enum pick what)
{
	const struct finding *best = NULL;

	for (size_t i = 0; i < p->d->n_findings; i++) {
		const struct finding *k = &p->d->findings[i];

		if (picks(p, what, k) && (!best || k->severity < best->severity))
			best = k;
	}
	return best;
}

static bool say_list(struct page *p, enum pick what, const char *title)
{
	const struct finding *k = pick_next(p, what);
	size_t left = 0;

	if (!k)
		return false;
	page_begin(p, "list", "builtin");
	ink_words(&p->ink, title);
	ink_words(&p->ink, "\n\n");
	for (unsigned n = 0; k && n < SUMMARY_ITEMS; n++) {
		page_finding(p, k, false);
		k = pick_next(p, what);
	}
	for (size_t i = 0; i < p->d->n_findings; i++)
		left += picks(p, what, &p->d->findings[i]);
	if (left) {
		ink_words(&p->ink, "- and ");
		page_omitted(p, left);
		ink_words(&p->ink, " more: Key Findings and report.json\n");
	}
	page_end(p);
	return true;
}

static void say_what_to_do(struct page *p)
{
	for (size_t i = 0; i < p->d->n_recommendations; i++) {
		const struct recommendation *r = &p->d->recommendations[i];

		if (r->by_model)
			continue;
		page_begin(p, "prose", "builtin");
		ink_words(&p->ink, "**Do next:** ");
		page_text(p, &r->text);
		ink_words(&p->ink, " [");
		ink_id(&p->ink, 'R', r->id);
		ink_words(&p->ink, "]");
		page_end(p);
		p->advised[i] = true;
		return;
	}
}

void page_summary(struct page *p)
{
	bool changed;

	page_section(p, 1, "Executive Summary");
	say_verdict(p);
	changed = say_list(p, PICK_WORSE, "**What got worse:**");
	changed |= say_list(p, PICK_BETTER, "**What got better:**");
	say_list(p, PICK_OVER, "**Over again:**");
	say_list(p, PICK_OPEN, "**Still open:**");
	say_list(p, PICK_CHANGED, "**Changed, nobody knows for better or worse:**");
	say_list(p, PICK_BROKEN, "**Broken or missing:**");
	say_list(p, PICK_AGENTS, "**Agents together:**");
	page_sweep_summary(p);
	if (!changed)
		say_list(p, PICK_BEST, "**Best configurations:**");
	say_list(p, PICK_UNTESTED, "**Differs from the few earlier runs, untested:**");
	say_what_to_do(p);
	page_begin(p, "prose", "model");
	if (page_comments(p, PLACE_SUMMARY, 0, ""))
		page_end(p);
	else
		page_drop(p);
}
