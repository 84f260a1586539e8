/* SPDX-License-Identifier: MIT */
/* Agents: who they are, and what the review of each cost. */
#include "agents/writer/page.h"

static json_t *agent_member(const struct page *p, size_t i, const char *name)
{
	return json_object_get(json_array_get(json_object_get(p->report, "agents"), i), name);
}

static void say_text(struct page *p, const json_t *text)
{
	page_cell(p);
	if (json_is_string(text))
		ink_name(&p->ink, json_string_value(text));
	else
		ink_words(&p->ink, "–");
}

static void say_total(struct page *p, size_t i, const char *member, const char *unit)
{
	const json_t *value = json_object_get(agent_member(p, i, "totals"), member);
	struct number_unit u = number_unit_for(unit, fabs(json_number_value(value)));

	page_cell(p);
	ink_figure_scaled(&p->ink, NUMBER_MEASURE, u.scale, "/agents/%zu/totals/%s", i, member);
	if (json_is_number(value))
		page_unit(p, u.unit);
}

static void say_agent(struct page *p, size_t i)
{
	say_text(p, agent_member(p, i, "name"));
	say_text(p, agent_member(p, i, "endpoint"));
	say_text(p, agent_member(p, i, "model"));
	say_total(p, i, "tokens_per_s", "tok/s");
	say_total(p, i, "ttft_ms", "ms");
	say_total(p, i, "total_ms", "ms");
	page_cell(p);
	ink_figure(&p->ink, NUMBER_MEASURE, "/agents/%zu/words/sentences", i);
	page_cell(p);
	ink_figure(&p->ink, NUMBER_MEASURE, "/agents/%zu/words/struck", i);
	page_row(p);
}

static void say_options(struct page *p, size_t i)
{
	json_t *options = agent_member(p, i, "options"), *value;
	const char *key, *sep = ": ";

	ink_words(&p->ink, "- ");
	ink_name(&p->ink, p->meta->agents[i].name);
	json_object_foreach (options, key, value) {
		ink_words(&p->ink, sep);
		ink_words(&p->ink, key); /* the names of our own table: no digit, no markup */
		ink_words(&p->ink, " ");
		ink_figure(&p->ink, NUMBER_GIVEN, "/agents/%zu/options/%s", i, key);
		sep = ", ";
	}
	if (!json_object_size(options))
		ink_words(&p->ink, ": no model was called, so its review is builtin's");
	ink_words(&p->ink, "; its review: ");
	ink_name(&p->ink, json_string_value(agent_member(p, i, "report")));
	ink_line(&p->ink);
}

void page_agents(struct page *p)
{
	if (!p->meta->n_agents)
		return;
	page_section(p, 0, "Agents");
	page_begin(p, "table", "code");
	page_table(p, true);
	ink_words(&p->ink,
	          "| Agent | Server | Model | Throughput | First token, mean | Total duration | "
	          "Sentences kept | Struck |\n");
	page_rule(p, "tttnnnnn");
	for (size_t i = 0; i < p->meta->n_agents; i++)
		say_agent(p, i);
	page_table(p, false);
	page_end(p);
	page_begin(p, "list", "code");
	for (size_t i = 0; i < p->meta->n_agents; i++)
		say_options(p, i);
	page_end(p);
	page_concurrency(p);
}
