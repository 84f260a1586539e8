/* SPDX-License-Identifier: MIT */
/* What each night would have said, for scripts: docs/chimeractl.1 describes it. */
#include "ctl/backtest.h"

#include "lib/base/clock.h"

/* Takes `one`. NULL where memory ends; the list is dropped then. */
static json_t *append(json_t *list, json_t *one)
{
	if (json_array_append_new(list, one) == 0)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *change_json(const struct backtest_change *c)
{
	return json_pack("{s:s, s:s, s:b, s:s, s:s, s:s}", "kind", finding_kind_name(c->kind),
	                 "state", c->state, "worse", c->worse, "since", c->since, "key", c->key,
	                 "text", c->text);
}

static json_t *night_json(const struct backtest_night *n)
{
	char first[CLOCK_TEXT_BYTES], last[CLOCK_TEXT_BYTES];
	json_t *changes = json_array();

	clock_text(first, n->first_s);
	clock_text(last, n->last_s);
	for (size_t i = 0; i < n->n_changes && changes; i++)
		if (n->changes[i].news)
			changes = append(changes, change_json(&n->changes[i]));
	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:o}", "date", n->date, "first", first,
	                 "last", last, "verdict", verdict_name(n->verdict), "series",
	                 (json_int_t)n->series, "tested", (json_int_t)n->tested, "changes",
	                 changes);
}

static json_t *found_json(const struct inject_found *f, size_t runs)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "runs", (json_int_t)runs, "series",
	                 (json_int_t)f->n, "told", (json_int_t)f->told, "confirmed",
	                 (json_int_t)f->confirmed);
}

static json_t *inject_json(const struct backtest *b)
{
	const struct inject_tally *t = &b->inject;
	json_t *after;

	if (!(b->inject_pct > 0))
		return json_null();
	after = json_array();
	for (size_t i = 0; i < INJECT_AFTER && after; i++)
		if (inject_asks(i + 1))
			after = append(after, found_json(&t->after[i], i + 1));
	return json_pack("{s:f, s:I, s:I, s:I, s:o, s:{s:I, s:I, s:I}}", "pct", b->inject_pct,
	                 "series", (json_int_t)t->series, "too_short", (json_int_t)t->too_short,
	                 "undirected", (json_int_t)t->undirected, "after", after, "unchanged",
	                 "nights", (json_int_t)t->nights, "suspected", (json_int_t)t->suspected,
	                 "confirmed", (json_int_t)t->confirmed);
}

json_t *backtest_json(const struct backtest *b)
{
	const struct backtest_totals *t = &b->totals;
	json_t *nights = json_array();

	for (size_t i = 0; i < b->n && nights; i++)
		nights = append(nights, night_json(&b->nights[i]));
	return json_pack("{s:s, s:s, s:o, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I}, s:o}", "schema",
	                 "chimerad.backtest/1", "path", b->path, "nights", nights, "totals",
	                 "nights", (json_int_t)b->n, "alarms", (json_int_t)t->alarms, "confirmed",
	                 (json_int_t)t->confirmed, "improvements", (json_int_t)t->improvements,
	                 "changed", (json_int_t)t->changed, "spikes", (json_int_t)t->spikes,
	                 "recovered", (json_int_t)t->recovered, "inject", inject_json(b));
}
