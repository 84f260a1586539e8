/* SPDX-License-Identifier: MIT */
/* About This Review: the writer's own figures, which stand nowhere else. */
#include <math.h>

#include "agents/writer/glyph.h"
#include "agents/writer/page.h"
#include "agents/writer/samples.h"

#define MAX_STEPS_SHOWN 8

static void item(struct page *p, const char *name)
{
	ink_words(&p->ink, "- **");
	ink_words(&p->ink, name);
	ink_words(&p->ink, ":** ");
}

static bool is_compose(const struct report_step *s)
{
	return strcmp(s->agent, task_name(TASK_COMPOSE)) == 0;
}

static const struct report_step *compose_step(const struct page *p)
{
	for (size_t i = 0; i < p->meta->n_steps; i++)
		if (is_compose(&p->meta->steps[i]))
			return &p->meta->steps[i];
	return NULL;
}

/* The options of the writer's first call, or of the first call there is. */
static void say_options(struct page *p)
{
	const struct report_step *s = compose_step(p);
	size_t call = 0;
	json_t *options, *value;
	const char *key, *sep = "";

	for (size_t i = p->meta->n_calls; s && i-- > 0;)
		if (strcmp(p->meta->calls[i].step, s->id) == 0)
			call = i;
	options = json_object_get(json_array_get(json_object_get(p->report, "calls"), call),
	                          "options");
	json_object_foreach (options, key, value) {
		ink_words(&p->ink, sep);
		ink_words(&p->ink, key); /* the names of our own table: no digit, no markup */
		ink_words(&p->ink, " ");
		ink_figure(&p->ink, NUMBER_MEASURE, "/calls/%zu/options/%s", call, key);
		sep = ", ";
	}
	if (!json_object_size(options))
		ink_words(&p->ink,
		          p->meta->n_calls ? "the server's defaults" : "no call, no options");
	ink_line(&p->ink);
}

static void say_writer(struct page *p)
{
	const struct report_step *s = compose_step(p);
	const char *provider = p->meta->writer_provider ? p->meta->writer_provider : "builtin";
	const char *model = p->meta->writer_model;

	page_begin(p, "list", "code");
	item(p, "Agent Type");
	if (s && s->persona)
		ink_name(&p->ink, s->persona);
	else
		ink_words(&p->ink, "none");
	ink_line(&p->ink);
	item(p, "Model");
	if (model && strcmp(model, provider) != 0) {
		ink_name(&p->ink, model);
		ink_words(&p->ink, " by ");
	}
	ink_name(&p->ink, provider);
	ink_line(&p->ink);
	item(p, "Configuration");
	if (p->meta->n_agents)
		ink_words(&p->ink, "that of each agent stands under Agents\n");
	else
		say_options(p);
}

static json_t *endpoint_member(const struct page *p, size_t i, const char *name)
{
	json_t *list = json_object_get(json_object_get(p->report, "configuration"), "endpoints");

	return json_object_get(json_array_get(list, i), name);
}

static void endpoint_figure(struct page *p, size_t i, const char *name)
{
	ink_figure(&p->ink, NUMBER_MEASURE, "/configuration/endpoints/%zu/%s", i, name);
}

/* What the server has really used, beside what was asked for where the two are not the same. */
static void say_context(struct page *p, size_t i)
{
	const json_t *asked = endpoint_member(p, i, "context_asked");
	const json_t *used = endpoint_member(p, i, "context_used");

	if (!json_is_integer(used))
		return;
	ink_words(&p->ink, "; context of ");
	endpoint_figure(p, i, "context_used");
	ink_words(&p->ink, " tokens");
	if (!json_is_integer(asked) || json_equal(asked, used) || p->meta->n_agents)
		return; /* each of several agents asks for its own */
	ink_words(&p->ink, ", **not the ");
	endpoint_figure(p, i, "context_asked");
	ink_words(&p->ink, " that were asked for**");
}

static void say_endpoint(struct page *p, size_t i)
{
	const struct model_about *a = &p->meta->endpoints[i].about;

	item(p, "Model Server");
	ink_name(&p->ink, a->endpoint);
	if (a->version[0]) {
		ink_words(&p->ink, ", version ");
		ink_name(&p->ink, a->version);
	}
	say_context(p, i);
	if (!isnan(a->gpu_share)) {
		ink_words(&p->ink, "; ");
		endpoint_figure(p, i, "gpu_pct");
		ink_words(&p->ink, " % of the model on the GPU");
	}
	if (a->reloads) {
		ink_words(&p->ink, "; loaded anew for other options ");
		endpoint_figure(p, i, "reloads");
		ink_words(&p->ink, " times since the daemon started");
	}
	ink_line(&p->ink);
}

/* A server that cuts a prompt does not say so: what the model wrote then may lack half the facts.
 */
static void say_cut(struct page *p)
{
	const char *sep = "- **Alarm:** the server cut the prompt of ";
	bool any = false;

	for (size_t i = 0; i < p->meta->n_calls; i++) {
		if (!p->meta->calls[i].record.truncated)
			continue;
		ink_words(&p->ink, sep);
		ink_id(&p->ink, 'M', i + 1);
		sep = ", ";
		any = true;
	}
	if (any)
		ink_words(&p->ink, ": what the model wrote there may miss facts; raise the context "
		                   "of the server\n");
}

static void say_omitted(struct page *p)
{
	for (size_t i = 0; i < p->meta->n_steps && i < MAX_STEPS_SHOWN; i++) {
		const struct report_step *s = &p->meta->steps[i];

		if (s->builtin || !s->omitted)
			continue;
		ink_words(&p->ink, "- Step ");
		ink_name(&p->ink, s->id);
		ink_words(&p->ink, ": facts and findings that its questions had no room for: ");
		ink_figure(&p->ink, NUMBER_MEASURE, "/steps/%zu/omitted", i);
		ink_words(&p->ink, ", the least important ones\n");
	}
}

static bool same_why(const struct report_step *a, const struct report_step *b)
{
	return strcmp(a->builtin_why ? a->builtin_why : "", b->builtin_why ? b->builtin_why : "") ==
	       0;
}

static bool is_first_of_why(const struct page *p, size_t step)
{
	for (size_t i = 0; i < step; i++)
		if (p->meta->steps[i].builtin &&
		    same_why(&p->meta->steps[i], &p->meta->steps[step]))
			return false;
	return true;
}

/* The steps that builtin wrote for one reason. */
static void say_builtin_for(struct page *p, size_t first)
{
	const struct report_step *s = &p->meta->steps[first];
	size_t n = 0;

	ink_words(&p->ink, "- **Built-in sentences alone:** ");
	for (size_t i = first; i < p->meta->n_steps && n < MAX_STEPS_SHOWN; i++) {
		if (!p->meta->steps[i].builtin || !same_why(s, &p->meta->steps[i]))
			continue;
		ink_words(&p->ink, n++ ? ", " : "");
		ink_name(&p->ink, p->meta->steps[i].id);
	}
	if (s->builtin_why && s->builtin_why[0]) {
		ink_words(&p->ink, ", as ");
		ink_label(&p->ink, s->builtin_why);
	}
	ink_words(&p->ink, "\n");
}

/* Where builtin wrote and why; ends the block of say_writer(). */
static void say_builtin(struct page *p)
{
	for (size_t i = 0, shown = 0; i < p->meta->n_steps && shown < MAX_STEPS_SHOWN; i++)
		if (p->meta->steps[i].builtin && is_first_of_why(p, i)) {
			say_builtin_for(p, i);
			shown++;
		}
	page_end(p);
}

/* In the unit and to the digits of the whole; a stage may be nothing beside it. */
static void say_stages(struct page *p)
{
	static const char *const stages[] = {"ingest", "analysis", "report"};
	struct number_unit u = number_unit_for("s", p->meta->total_s);
	double whole = p->meta->total_s * u.scale;
	int decimals = whole >= 100 ? 0 : whole >= 10 ? 1 : 2;
	const char *sep = " (";

	ink_figure_in_column(&p->ink, u.scale, decimals, "/stages/total_s");
	page_unit(p, u.unit);
	for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
		ink_words(&p->ink, sep);
		ink_words(&p->ink, stages[i]);
		ink_words(&p->ink, " ");
		ink_figure_in_column(&p->ink, u.scale, decimals, "/stages/%s_s", stages[i]);
		sep = " | ";
	}
	ink_words(&p->ink,
	          p->meta->contest || p->meta->sweep ? "); the total includes measuring\n" : ")\n");
}

static void say_times(struct page *p)
{
	item(p, "Files analysed");
	ink_figure(&p->ink, NUMBER_MEASURE, "/inventory/statuses/analysed");
	if (p->d->inventory.n_reused) {
		ink_words(&p->ink, "; of ");
		ink_figure(&p->ink, NUMBER_MEASURE, "/inventory/artifacts");
		ink_words(&p->ink, " files ");
		ink_figure(&p->ink, NUMBER_MEASURE, "/inventory/reused");
		ink_words(&p->ink, " unchanged since an earlier review and not read again");
	}
	ink_words(&p->ink, "\n");
	item(p, "Execution time");
	say_stages(p);
	if (!p->meta->plots_why)
		return;
	item(p, "Plots");
	ink_prose(&p->ink, p->meta->plots_why);
	ink_words(&p->ink, "\n");
}

static void say_type(struct page *p, enum artifact_format f, size_t latest)
{
	page_cell(p);
	ink_words(&p->ink, artifact_format_name(f));
	page_cell(p);
	ink_figure(&p->ink, NUMBER_MEASURE, "/inventory/counts/%s", artifact_format_name(f));
	page_cell(p);
	ink_date(&p->ink, 16, "/inventory/artifacts/%zu/modified", latest);
	page_row(p);
}

static bool latest_of(const struct inventory *v, enum artifact_format f, size_t *ret)
{
	bool any = false;

	for (size_t i = 0; i < v->n_artifacts; i++) {
		if (v->artifacts[i].format != f)
			continue;
		if (!any || v->artifacts[i].modified_s > v->artifacts[*ret].modified_s)
			*ret = i;
		any = true;
	}
	return any;
}

static void say_types(struct page *p)
{
	size_t latest = 0;

	if (!p->d->inventory.n_artifacts)
		return;
	page_begin(p, "table", "code");
	ink_words(&p->ink, "| Type | Files | Latest modification (UTC) |\n");
	page_rule(p, "tnt");
	page_table(p, true);
	for (enum artifact_format f = FORMAT_CSV; f <= FORMAT_OTHER; f++)
		if (latest_of(&p->d->inventory, f, &latest))
			say_type(p, f, latest);
	page_table(p, false);
	page_end(p);
}

static void say_workflow(struct page *p)
{
	page_begin(p, "list", "code");
	ink_words(&p->ink, "### Workflow Summary\n\n");
	say_times(p);
	page_end(p);
	say_types(p);
}

static void total(struct page *p, const char *name, const char *member, const char *unit)
{
	json_t *value = json_object_get(json_object_get(p->report, "totals"), member);
	struct number_unit u = number_unit_for(unit, json_number_value(value));

	page_cell(p);
	ink_words(&p->ink, name);
	page_cell(p);
	ink_figure_scaled(&p->ink, NUMBER_MEASURE, u.scale, "/totals/%s", member);
	if (json_is_number(value))
		page_unit(p, u.unit);
	page_row(p);
}

static void say_calls(struct page *p)
{
	page_begin(p, "table", "code");
	ink_words(&p->ink, "### Metrics\n\n");
	if (!p->meta->n_calls) {
		ink_words(&p->ink, "No model was called.\n");
		page_end(p);
		return;
	}
	ink_words(&p->ink, "| Of the model's calls | |\n");
	page_rule(p, "tn");
	page_table(p, true);
	total(p, "Calls", "calls", NULL);
	if (json_integer_value(json_object_get(json_object_get(p->report, "totals"), "cached")))
		total(p, "of these answered by what was kept from earlier", "cached", NULL);
	total(p, "Throughput", "tokens_per_s", "tok/s");
	total(p, "TTFT, mean", "ttft_ms", "ms");
	total(p, "Total duration", "total_ms", "ms");
	total(p, "Tokens generated", "output_tokens", NULL);
	total(p, "Prompt eval", "prompt_eval_ms", "ms");
	total(p, "Eval", "eval_ms", "ms");
	total(p, "Load", "load_ms", "ms");
	page_table(p, false);
	page_end(p);
}

static unsigned lines_of(const char *text)
{
	unsigned n = 1;

	for (; *text; text++)
		n += *text == '\n' && text[1];
	return n;
}

/* Steps that share a persona share its prompt. */
static bool is_repeated(const struct page *p, size_t step)
{
	for (size_t i = 0; i < step; i++)
		if (p->meta->steps[i].prompt &&
		    strcmp(p->meta->steps[i].prompt, p->meta->steps[step].prompt) == 0)
			return true;
	return false;
}

static void say_prompt(struct page *p, const struct report_step *s, unsigned *room)
{
	char *prompt = glyph_clean(p->ink.arena, s->prompt);
	unsigned lines = lines_of(s->prompt);

	if (!prompt) {
		p->failed = true;
		return;
	}
	page_begin(p, "prose", "code");
	ink_name(&p->ink, s->persona ? s->persona : s->id);
	if (lines + 6 > *room || p->ink.n_verbatim == INK_MAX_VERBATIM) {
		ink_words(&p->ink, ": too long for this page; it is in report.json.");
		*room -= *room > 2 ? 2 : *room;
	} else {
		ink_words(&p->ink, ":\n\n");
		ink_verbatim(&p->ink, prompt);
		*room -= lines + 6;
	}
	page_end(p);
}

static void say_prompts(struct page *p)
{
	unsigned room = p->limits.prompt_lines;

	ink_words(&p->ink, "### Persona Prompts\n\n");
	if (!p->meta->n_steps)
		ink_words(&p->ink, "No persona was at work.\n\n");
	for (size_t i = 0; i < p->meta->n_steps && room; i++) {
		const struct report_step *s = &p->meta->steps[i];

		if (s->prompt && s->prompt[0] && !is_repeated(p, i))
			say_prompt(p, s, &room);
	}
}

/* The three numerals of this paragraph count themselves. */
static void say_verification(struct page *p)
{
	json_t *v = json_object_get(p->report, "verification");
	json_int_t all = (json_int_t)p->ink.n_entries + 3;

	if (json_object_set_new(v, "numerals", json_integer(all)) < 0 ||
	    json_object_set_new(v, "traced", json_integer(all)) < 0)
		p->failed = true;
	page_begin(p, "prose", "code");
	ink_words(&p->ink, "### Verification\n\nNumerals on this page: ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/verification/numerals");
	ink_words(&p->ink, "; traced to a fact, a figure of the record, a date, a name or an id: ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/verification/traced");
	ink_words(&p->ink, ". Sentences of the model that were struck: ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/verification/struck");
	ink_words(&p->ink, ". `chimeractl verify` checks it all again from the artifacts.");
	if (!samples_are_all(p->d))
		ink_words(&p->ink, " samples.json leaves out the facts with the most numbers: "
		                   "their cells say where those are.");
	page_end(p);
}

void page_about(struct page *p)
{
	page_section(p, 0, "About This Review");
	say_writer(p);
	for (size_t i = 0; i < p->meta->n_endpoints && i < MAX_STEPS_SHOWN; i++)
		say_endpoint(p, i);
	say_cut(p);
	say_omitted(p);
	say_builtin(p);
	say_workflow(p);
	say_calls(p);
	page_plots(p, PLOT_TIMELINE, PAGE_ANY_GROUP);
	say_prompts(p);
	say_verification(p);
}
