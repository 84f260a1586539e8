/* SPDX-License-Identifier: MIT */
/* Sweep: the variants of the matrix by their rank, and which could not be told apart. */
#include <math.h>

#include "agents/writer/page.h"

#define MAX_ROWS 10

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

static void say_variant(struct page *p, size_t i)
{
	const struct tuning *s = p->meta->sweep;
	const struct sweep_variant *v = &s->variants[i];

	page_cell(p);
	say_options(p, i);
	say_figure(p, i, "tokens_per_s/median", v->throughput.median, "tok/s");
	say_figure(p, i, "ttft_ms/median", v->ttft_ms.median, "ms");
	say_figure(p, i, "quality_pct", v->quality_pct, "%");
	say_figure(p, i, "runs", (double)NAN, "");
	page_cell(p);
	ink_words(&p->ink, i == s->winner ? "**best**" : v->tied ? "not told apart" : "worse");
	ink_words(&p->ink, v->on_front ? ", front" : "");
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
	ink_words(&p->ink, "| Options | Throughput | TTFT | Sentences that stood | Runs | |\n");
	page_rule(p, "tnnnnt");
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
	const struct tuning *s = p->meta->sweep;
	size_t unranked = 0;

	for (size_t i = 0; i < s->n; i++)
		unranked += !s->variants[i].rank;
	page_begin(p, "prose", "code");
	ink_words(&p->ink, "Variants measured: ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/sweep/variants");
	ink_words(&p->ink, ", the better half of them again and again; calls: ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/sweep/calls");
	ink_words(&p->ink, ", of the ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/sweep/full_grid_calls");
	ink_words(&p->ink, " that all variants in all runs would take. Noise of a run: ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/sweep/noise_pct");
	ink_words(&p->ink, " %. Not told apart from the best: ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/sweep/tied");
	ink_words(&p->ink, unranked ? ". Some are not ranked, as the server did not do what they "
	                              "ask for, or no run of theirs had good answers."
	                            : ".");
	if (s->winner < s->n)
		ink_words(&p->ink, " `tuned.yaml` holds the best one for a pipeline.");
	page_end(p);
}

static void say_unmeasured(struct page *p)
{
	page_begin(p, "list", "code");
	page_unmeasured(p, p->meta->sweep);
	if (p->meta->unmeasured)
		page_end(p);
	else
		page_drop(p);
}

void page_sweep(struct page *p)
{
	const struct tuning *s = p->meta->sweep;

	if (!s && (p->meta->n_agents || !p->meta->unmeasured))
		return;
	page_section(p, 0, "Sweep");
	if (s)
		say_calls(p);
	say_unmeasured(p);
	if (s && s->winner < p->meta->sweep->n)
		say_table(p);
}
