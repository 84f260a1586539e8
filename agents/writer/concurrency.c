/* SPDX-License-Identifier: MIT */
/* Of the agents: what each is alone, and what they are together. */
#include <math.h>

#include "agents/writer/page.h"

/* "12.3 s (11.9 to 12.8)", in the unit in which the median reads best. */
static void say_measured(struct page *p, const struct measured *x, const char *pointer,
                         const char *unit)
{
	struct number_unit u = number_unit_for(unit, fabs(x->median));

	ink_figure_scaled(&p->ink, NUMBER_MEASURE, u.scale, "%s/median", pointer);
	if (isfinite(x->median))
		page_unit(p, u.unit);
	if (!isfinite(x->low) || !(x->low < x->high))
		return;
	ink_words(&p->ink, " (");
	ink_figure_scaled(&p->ink, NUMBER_MEASURE, u.scale, "%s/low", pointer);
	ink_words(&p->ink, " to ");
	ink_figure_scaled(&p->ink, NUMBER_MEASURE, u.scale, "%s/high", pointer);
	ink_words(&p->ink, ")");
}

static const char *verdict_words(const char *verdict)
{
	static const char *const words[][2] = {{"changed", "differs"},
	                                       {"size_unclear", "differs, perhaps by little"},
	                                       {"equal", "no difference that matters"},
	                                       {"undecided", "not told apart"},
	                                       {"untestable", "cannot be tested"}};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i][0], verdict) == 0)
			return words[i][1];
	return "not tested";
}

/* "9.4 % (7.1 to 12), p 0.008" of the members whose names begin so; nothing where it is unknown. */
static void say_change(struct page *p, const struct contest_change *c, const char *pointer)
{
	ink_figure(&p->ink, NUMBER_PERCENT, "%s_pct", pointer);
	if (!isfinite(c->pct))
		return;
	ink_words(&p->ink, " %");
	if (isfinite(c->low_pct)) {
		ink_words(&p->ink, " (");
		ink_figure(&p->ink, NUMBER_PERCENT, "%s_low_pct", pointer);
		ink_words(&p->ink, " to ");
		ink_figure(&p->ink, NUMBER_PERCENT, "%s_high_pct", pointer);
		ink_words(&p->ink, ")");
	}
	ink_words(&p->ink, ", p ");
	ink_figure(&p->ink, NUMBER_P, "%s_p", pointer);
}

static void say_headline(struct page *p, const struct contest *c)
{
	page_item(p, "Tokens a second of wall time");
	ink_words(&p->ink, "together ");
	say_measured(p, &c->tokens_per_wall_s, "/concurrency/intervals/tokens_per_wall_s", "tok/s");
	ink_words(&p->ink, ", one after the other ");
	say_measured(p, &c->tokens_per_wall_s_solo, "/concurrency/intervals/tokens_per_wall_s_solo",
	             "tok/s");
	ink_words(&p->ink, ": ");
	say_change(p, &c->gain, "/concurrency/gain");
	ink_words(&p->ink, "; ");
	ink_words(&p->ink, verdict_words(c->gain.verdict));
	ink_line(&p->ink);
}

static void say_times(struct page *p, const struct contest *c)
{
	page_item(p, "The same work");
	ink_words(&p->ink, "one after the other ");
	say_measured(p, &c->sequential_s, "/concurrency/intervals/sequential_s", "s");
	ink_words(&p->ink, ", together ");
	say_measured(p, &c->concurrent_s, "/concurrency/intervals/concurrent_s", "s");
	ink_words(&p->ink, ": speedup ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/concurrency/speedup");
	ink_words(&p->ink, ", efficiency ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/concurrency/efficiency");
	ink_words(&p->ink, " (one would be that they cost one another nothing): ");
	ink_words(&p->ink, c->is_contended ? "**contention**"
	                   : c->is_uneven  ? "no contention, one has more to write than another"
	                                   : "no contention");
	ink_line(&p->ink);
}

static const char *cause_words(enum contention_cause cause)
{
	switch (cause) {
	case CAUSE_SLOT:
		return "waiting for a free slot";
	case CAUSE_QUEUE:
		return "waiting within the server";
	case CAUSE_RELOAD:
		return "loading the model";
	case CAUSE_MEMORY:
		break;
	}
	return "reading and writing, as where memory or compute are shared";
}

static void say_cause(struct page *p, const struct contest *c)
{
	if (!c->is_contended)
		return;
	page_item(p, "Likely cause");
	ink_words(&p->ink, cause_words(c->cause));
	if (c->loads_differ)
		ink_words(&p->ink, "; the server loads its model for the options of one at a time");
	ink_words(&p->ink, ". Together, a run took longer by");
	for (enum contention_cause k = CAUSE_SLOT; k < CONTENTION_CAUSES; k++) {
		ink_words(&p->ink, k == CAUSE_SLOT ? " " : ", ");
		ink_figure(&p->ink, NUMBER_MEASURE, "/concurrency/grew_ms/%s",
		           contention_cause_name(k));
		ink_words(&p->ink, " ms of ");
		ink_words(&p->ink, k == CAUSE_MEMORY ? "reading and writing" : cause_words(k));
	}
	ink_line(&p->ink);
}

static void say_left_out(struct page *p, const struct contest *c)
{
	if (c->runs_left_out) {
		ink_words(&p->ink, "; runs left out ");
		ink_figure(&p->ink, NUMBER_MEASURE, "/concurrency/runs_left_out");
		ink_words(&p->ink, ", as an answer failed, was empty or ran away");
	}
	if (c->questions_left_out) {
		ink_words(&p->ink, "; questions left out ");
		ink_figure(&p->ink, NUMBER_MEASURE, "/concurrency/questions_left_out");
		ink_words(&p->ink, ", as they had no good answer in the warm-up");
	}
}

static void say_runs(struct page *p, const struct contest *c)
{
	page_item(p, "Measured");
	ink_words(&p->ink, "after a warm-up that counts for nothing, runs ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/concurrency/runs");
	ink_words(&p->ink, ", in each all agents alone and all together, in an order drawn by the "
	                   "seed ");
	ink_name(&p->ink, json_string_value(json_object_get(
				  json_object_get(p->report, "concurrency"), "order_seed")));
	ink_words(&p->ink, "; questions of each agent ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/concurrency/questions");
	ink_words(&p->ink, c->equal_prompts ? ", the same for all"
	                                    : "; personas differ, so the work is not the same");
	say_left_out(p, c);
	if (c->is_measured && c->sequential_s.level > 0) {
		ink_words(&p->ink,
		          "; medians, in brackets the interval that holds the true one with ");
		ink_figure(&p->ink, NUMBER_PERCENT,
		           "/concurrency/intervals/sequential_s/level_pct");
		ink_words(&p->ink, " % confidence");
	}
	ink_line(&p->ink);
}

static void say_agent(struct page *p, const struct contest *c, size_t i)
{
	const struct contest_agent *a = &c->each[i];
	char at[64];

#define AT(member) (snprintf(at, sizeof at, "/concurrency/each/%zu/" member, i), at)
	page_cell(p);
	ink_name(&p->ink, p->meta->agents[i].name);
	page_cell(p);
	say_measured(p, &a->throughput, AT("tokens_per_s"), "tok/s");
	page_cell(p);
	say_measured(p, &a->throughput_together, AT("tokens_per_s_together"), "tok/s");
	page_cell(p);
	say_measured(p, &a->ttft_ms, AT("ttft_ms"), "ms");
	page_cell(p);
	say_measured(p, &a->ttft_together_ms, AT("ttft_together_ms"), "ms");
	page_cell(p);
	say_measured(p, &a->wall_s, AT("wall_s"), "s");
	page_row(p);
#undef AT
}

static void say_agents(struct page *p, const struct contest *c)
{
	page_begin(p, "table", "code");
	page_table(p, true);
	ink_words(&p->ink, "| Agent | Throughput alone | Throughput together | First token alone | "
	                   "First token together | Duration alone |\n");
	page_rule(p, "tnnnnn");
	for (size_t i = 0; i < c->agents; i++)
		say_agent(p, c, i);
	page_table(p, false);
	page_end(p);
}

static void say_delta(struct page *p, const struct contest *c, size_t i)
{
	const struct contest_delta *d = &c->deltas[i];
	char at[64];

	(void)snprintf(at, sizeof at, "/concurrency/deltas/%zu/throughput", i);
	page_cell(p);
	ink_name(&p->ink, p->meta->agents[d->b].name);
	ink_words(&p->ink, " against ");
	ink_name(&p->ink, p->meta->agents[d->a].name);
	page_cell(p);
	say_change(p, &d->throughput, at);
	page_cell(p);
	ink_words(&p->ink, verdict_words(d->throughput.verdict));
	page_cell(p);
	ink_figure(&p->ink, NUMBER_MEASURE, "/concurrency/deltas/%zu/ttft_ms", i);
	if (isfinite(d->ttft_ms)) {
		ink_words(&p->ink, " ms, p ");
		ink_figure(&p->ink, NUMBER_P, "/concurrency/deltas/%zu/ttft_p", i);
	}
	page_cell(p);
	ink_words(&p->ink, verdict_words(d->ttft.verdict));
	page_row(p);
}

static void say_deltas(struct page *p, const struct contest *c)
{
	bool any = false;

	for (size_t i = 0; i < c->n_deltas; i++)
		any |= c->deltas[i].ranked;
	if (!any)
		return;
	page_begin(p, "table", "code");
	page_table(p, true);
	ink_words(&p->ink, "| Alone | Throughput | Verdict | First token | Verdict |\n");
	page_rule(p, "tntnt");
	for (size_t i = 0; i < c->n_deltas; i++)
		if (c->deltas[i].ranked)
			say_delta(p, c, i);
	page_table(p, false);
	page_end(p);
}

/* What a server did not do is no property of the agent: it is named, and not compared. */
static void say_ignored(struct page *p, const struct contest *c)
{
	bool any = false;

	page_begin(p, "list", "code");
	for (size_t i = 0; i < c->agents; i++) {
		const struct contest_agent *a = &c->each[i];

		for (size_t k = 0; k < a->n_ignored; k++) {
			any = true;
			ink_words(&p->ink, "- **Not honoured:** ");
			ink_words(&p->ink, a->ignored[k].name);
			ink_words(&p->ink, " ");
			ink_figure(&p->ink, NUMBER_GIVEN, "/concurrency/each/%zu/ignored/%zu/asked",
			           i, k);
			ink_words(&p->ink, " of ");
			ink_name(&p->ink, p->meta->agents[i].name);
			if (isfinite(a->ignored[k].used)) {
				ink_words(&p->ink, "; the server used ");
				ink_figure(&p->ink, NUMBER_GIVEN,
				           "/concurrency/each/%zu/ignored/%zu/used", i, k);
			}
			ink_words(&p->ink, ": it is not compared\n");
		}
	}
	if (any)
		page_end(p);
	else
		page_drop(p);
}

void page_unmeasured(struct page *p, bool is_begun)
{
	if (!p->meta->unmeasured)
		return;
	page_item(p, is_begun ? "Measured no further" : "Not measured");
	ink_label(&p->ink, p->meta->unmeasured);
	ink_line(&p->ink);
}

void page_concurrency(struct page *p)
{
	const struct contest *c = p->meta->contest;

	if (!c && !p->meta->unmeasured)
		return;
	page_begin(p, "list", "code");
	ink_words(&p->ink, "### Alone and Together\n\n");
	if (c && c->is_measured) {
		say_headline(p, c);
		say_times(p, c);
		say_cause(p, c);
	}
	if (c && (c->is_measured || !p->meta->unmeasured))
		say_runs(p, c);
	page_unmeasured(p, c && c->is_measured);
	page_end(p);
	if (!c)
		return;
	if (c->is_measured) {
		say_agents(p, c);
		say_deltas(p, c);
	}
	say_ignored(p, c);
}
