/* SPDX-License-Identifier: MIT */
/* What there was no room for: a report that leaves something out says what. */
#include "agents/analyst/gap.h"

static void say_some(struct work *w, struct gap *g, const char *words, const char *label,
                     const unsigned *from, size_t n)
{
	unsigned count = fact_count_of(w, label, from, n);

	if (!count)
		return;
	say(&g->text, words);
	say_fact(&g->text, count);
	say(&g->text, ".");
	gap_fact(w, g, count);
}

void gaps_in_facts(struct work *w)
{
	const struct facts_budget *b = &w->facts;
	bool full = b->full;
	struct gap g;

	if (w->failed || (!full && !b->n_plain && !b->n_uncompared))
		return;
	g = gap_new(SEVERITY_LOW);
	say(&g.text, "There is more than the limit on facts admits.");
	say_some(w, &g, " Values of repetitions that are told without spread and quantiles: ",
	         "number of values without their spread", b->plain, b->n_plain);
	say_some(w, &g,
	         " Series without a change that are told without their difference from "
	         "earlier runs: ",
	         "number of series without their difference", b->uncompared, b->n_uncompared);
	if (full)
		say(&g.text, " The least important groups are listed without their figures.");
	(void)gap_add(w, &g, "gap:facts");
}
