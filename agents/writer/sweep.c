/* SPDX-License-Identifier: MIT */
/* Sweep: the variants of the matrix by their rank, and which could not be told apart. */
#include <math.h>

#include "agents/writer/page.h"

#define MAX_ROWS   10
#define MAX_FAILED 5

static void say_options(struct page *p, size_t i)
{
	json_t *list = json_object_get(json_object_get(p->report, "sweep"), "variants");
	json_t *options = json_object_get(json_array_get(list, i), "options"), *value;
	const char *key, *sep = "";

	json_object_foreach (options, key, value) {
		ink_words(&p->ink, sep);
		ink_words(&p->ink, key); /* the names of our own table: no digit, no markup */
		ink_words(&p->ink, " ");
		ink_figure(&p->ink, NUMBER_GIVEN, "/sweep/variants/%zu/options/%s", i, key);
		sep = ", ";
	}
}

static void say_figure(struct page *p, size_t i, const char *name, double value, const char *unit)
{
	page_cell(p);
	ink_figure(&p->ink, NUMBER_MEASURE, "/sweep/variants/%zu/%s", i, name);
	if (isfinite(value))
		page_unit(p, unit);
}

static void say_against_fastest(struct page *p, size_t i)
{
	const struct tuning *s = p->meta->sweep;

	page_cell(p);
	if (i == s->winner) {
		ink_words(&p->ink, "**best**");
	} else if (s->variants[i].tied) {
		ink_words(&p->ink, "not told apart");
	} else {
		ink_figure(&p->ink, NUMBER_PERCENT, "/sweep/variants/%zu/behind_pct", i);
		ink_words(&p->ink, " % less");
	}
}

static void say_variant(struct page *p, size_t i)
{
	const struct sweep_variant *v = &p->meta->sweep->variants[i];

	page_cell(p);
	say_options(p, i);
	say_figure(p, i, "tokens_per_s/median", v->throughput.median, "tok/s");
	say_against_fastest(p, i);
	say_figure(p, i, "ttft_ms/median", v->ttft_ms.median, "ms");
	say_figure(p, i, "quality_pct", v->quality_pct, "%");
	say_figure(p, i, "runs", (double)NAN, "");
	page_cell(p);
	ink_words(&p->ink, v->on_front ? "yes" : "");
	page_row(p);
}

/* Who has the next rank, behind `after` of the same one; s->n: nobody. */
static size_t next_of(const struct tuning *s, size_t rank, size_t after)
{
	for (size_t i = after; i < s->n; i++)
		if (s->variants[i].rank == rank)
			return i;
	return s->n;
}

static void say_table(struct page *p)
{
	const struct tuning *s = p->meta->sweep;
	size_t shown = 0, left = 0;

	page_begin(p, "table", "code");
	page_table(p, true);
	ink_words(&p->ink,
	          "| Options | Throughput | Against the fastest | TTFT | Sentences that stood "
	          "| Runs | Front |\n");
	page_rule(p, "tntnnnt");
	for (size_t rank = 1; rank <= s->n; rank++) {
		for (size_t i = next_of(s, rank, 0); i < s->n; i = next_of(s, rank, i + 1)) {
			if (shown < MAX_ROWS)
				say_variant(p, i);
			left += shown++ >= MAX_ROWS;
		}
	}
	page_table(p, false);
	ink_line(&p->ink);
	page_more(p, left);
	page_end(p);
}

static void say_calls(struct page *p)
{
	page_item(p, "Measured");
	ink_words(&p->ink, "all ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/sweep/variants");
	ink_words(&p->ink, " variants once, the better half again, and so on, the best up to ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/sweep/runs");
	ink_words(&p->ink, " times, in random order; calls ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/sweep/calls");
	ink_words(&p->ink, ", where all variants in all runs would take ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/sweep/full_grid_calls");
	ink_line(&p->ink);
}

static void say_noise(struct page *p)
{
	const struct tuning *s = p->meta->sweep;

	page_item(p, "Noise of a run");
	ink_figure(&p->ink, NUMBER_MEASURE, "/sweep/noise_pct");
	ink_words(&p->ink, " % of the throughput, ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/sweep/ttft_noise_pct");
	ink_words(&p->ink, " % of the TTFT");
	if (s->n_tied) {
		ink_words(&p->ink, "; variants that it does not tell apart from the fastest: ");
		ink_figure(&p->ink, NUMBER_MEASURE, "/sweep/tied");
	} else if (s->winner < s->n) {
		ink_words(&p->ink, "; it tells the fastest apart from all others");
	}
	ink_line(&p->ink);
}

static bool is_same(const struct ignored_option *a, const struct ignored_option *b)
{
	return strcmp(a->name, b->name) == 0 && a->asked == b->asked &&
	       (a->used == b->used || (isnan(a->used) && isnan(b->used)));
}

static bool was_told(const struct tuning *s, size_t i, size_t k)
{
	for (size_t v = 0; v < i; v++)
		for (size_t o = 0; o < s->variants[v].n_ignored; o++)
			if (is_same(&s->variants[v].ignored[o], &s->variants[i].ignored[k]))
				return true;
	return false;
}

/* One line for a value that was not honoured, however many variants have it. */
static void say_ignored(struct page *p)
{
	const struct tuning *s = p->meta->sweep;

	for (size_t i = 0; i < s->n; i++) {
		for (size_t k = 0; k < s->variants[i].n_ignored; k++) {
			const struct ignored_option *o = &s->variants[i].ignored[k];

			if (was_told(s, i, k))
				continue;
			page_item(p, "Not honoured");
			ink_words(&p->ink, o->name);
			ink_words(&p->ink, " ");
			ink_figure(&p->ink, NUMBER_GIVEN, "/sweep/variants/%zu/ignored/%zu/asked",
			           i, k);
			if (isfinite(o->used)) {
				ink_words(&p->ink, "; the server used ");
				ink_figure(&p->ink, NUMBER_GIVEN,
				           "/sweep/variants/%zu/ignored/%zu/used", i, k);
			}
			ink_words(&p->ink, ": variants with it are not ranked\n");
		}
	}
}

static bool has_nothing_good(const struct sweep_variant *v)
{
	return v->trials && !v->throughput.n;
}

static void say_failed(struct page *p)
{
	const struct tuning *s = p->meta->sweep;
	size_t shown = 0, left = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct sweep_variant *v = &s->variants[i];

		if (!has_nothing_good(v))
			continue;
		left += shown++ >= MAX_FAILED;
		if (shown > MAX_FAILED)
			continue;
		page_item(p, "No good answer");
		say_options(p, i);
		ink_words(&p->ink, ": ");
		if (v->error)
			ink_label(&p->ink, v->error);
		else
			ink_words(&p->ink, "empty, or cut at its limit");
		ink_line(&p->ink);
	}
	if (!left)
		return;
	ink_words(&p->ink, "- ");
	page_more(p, left);
	ink_line(&p->ink);
}

static void say_best(struct page *p)
{
	page_item(p, "Best");
	ink_words(&p->ink,
	          "the fastest, or the one among those as fast of whose sentences clearly more "
	          "stood\n");
	page_item(p, "Front");
	ink_words(&p->ink,
	          "yes where no other variant is better in one of throughput, TTFT and sentences "
	          "without being worse in another\n");
	page_item(p, "For a pipeline");
	ink_words(&p->ink, "`tuned.yaml` beside this report holds the best options, with what was "
	                   "measured of them\n");
}

void page_sweep(struct page *p)
{
	const struct tuning *s = p->meta->sweep;
	bool any = s && s->winner < s->n;

	if (!s && (p->meta->n_agents || !p->meta->unmeasured))
		return;
	page_section(p, 0, "Sweep");
	page_begin(p, "list", "code");
	page_unmeasured(p, s);
	if (s) {
		say_calls(p);
		say_noise(p);
		say_ignored(p);
		say_failed(p);
	}
	if (any)
		say_best(p);
	page_end(p);
	if (any)
		say_table(p);
}

/* The first screen has the choice; how fast its model writes stands in Sweep alone. */
void page_sweep_summary(struct page *p)
{
	const struct tuning *s = p->meta->sweep;

	if (!s)
		return;
	page_begin(p, "prose", "builtin");
	ink_words(&p->ink, "**Options measured:** ");
	if (s->winner < s->n) {
		ink_words(&p->ink, "the best are ");
		say_options(p, s->winner);
		if (s->n_tied) {
			ink_words(&p->ink, "; not told apart from the fastest: ");
			ink_figure(&p->ink, NUMBER_MEASURE, "/sweep/tied");
		}
		ink_words(&p->ink, ". The ranking stands under Sweep, what to paste into a "
		                   "pipeline in `tuned.yaml`.");
	} else {
		ink_words(&p->ink, "none of them could be ranked, as told under Sweep.");
	}
	page_end(p);
}
