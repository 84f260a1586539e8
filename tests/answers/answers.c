/* SPDX-License-Identifier: MIT */
/*
 * The questions of a review, and what becomes of answers to them, as lines of JSON.
 *
 *   answers ask ROOT       {"step", "title", "system", "user", "scope", "schema"} for each question
 *   answers check ROOT     reads {"step", "title", "answer"}; writes {"accepted", "struck",
 * "rubbish"} answers facts ROOT     what the ids stand for, for a checker that shares no code with
 * us
 *
 * The personas and the pipeline are those of $CHIMERAD_DATA. Every answer is checked as if it were
 * the only one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/agent.h"
#include "agents/analyst/analyst.h"
#include "agents/collector/collector.h"

#define MEMORY_MAX       (UINT64_C(8) << 30)
#define MAX_PROMPT_BYTES 6500 /* of a context of 4096 tokens, an answer taken off */
#define MAX_ASKS         8

struct question {
	const char *step;
	const struct ask *ask;
};

struct review {
	struct dossier d;
	struct question questions[64];
	size_t n, advice; /* recommendations of code */
	struct pipeline *pipeline;
	struct persona *personas[16]; /* of the steps; the questions point into them */
};

static void die(const struct error *err)
{
	(void)fprintf(stderr, "answers: %s\n", err->text);
	exit(1);
}

static void read_tree(struct dossier *d, const char *root)
{
	static const struct collector_limits limits = {.file_bytes = 1 << 30, .files = 100000};
	static const struct analyst_settings settings = {
		.today = "2026-11-21", .machine = "", .min_effect_pct = 2, .max_facts = 50000};
	struct error err = {0};
	size_t i;

	d->arena = arena_new(MEMORY_MAX);
	if (collector_scan(d, &root, 1, &limits, &err) < 0)
		die(&err);
	for (i = 0; i < d->inventory.n_artifacts; i++)
		if (collector_read(&d->inventory.artifacts[i], root, &limits, d->arena, &err) < 0)
			die(&err);
	collector_finish(d);
	if (analyst_run(d, &settings, &err) < 0)
		die(&err);
}

static void ask_step(struct review *r, size_t index, const char *personas)
{
	const struct step *step = &r->pipeline->steps[index];
	static const struct ask_limits limits = {MAX_PROMPT_BYTES, MAX_ASKS};
	struct persona *p = NULL;
	struct error err = {0};
	struct ask *asks = NULL;
	size_t n = 0, i;

	if (persona_load(&p, personas, step->agent, &err) < 0 ||
	    agent_of((enum task)p->task)
	                    ->ask(&r->d, p, (enum for_each)step->for_each, &limits, r->d.arena,
	                          &asks, &n, &err) < 0)
		die(&err);
	r->personas[index] = p;
	for (i = 0; i < n && r->n < ARRAY_LEN(r->questions); i++)
		r->questions[r->n++] = (struct question){step->id, &asks[i]};
}

static void review_read(struct review *r, const char *root)
{
	const char *data = getenv("CHIMERAD_DATA");
	struct error err = {0};
	char dir[4096];
	size_t i;

	read_tree(&r->d, root);
	r->advice = r->d.n_recommendations;
	(void)snprintf(dir, sizeof dir, "%s/pipelines", data ? data : ".");
	if (pipeline_load(&r->pipeline, dir, "nightly-review", &err) < 0)
		die(&err);
	(void)snprintf(dir, sizeof dir, "%s/personas", data ? data : ".");
	for (i = 0; i < r->pipeline->n_steps && i < ARRAY_LEN(r->personas); i++)
		ask_step(r, i, dir);
}

static void review_done(struct review *r)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(r->personas); i++)
		persona_free(r->personas[i]);
	pipeline_free(r->pipeline);
	arena_free(r->d.arena);
}

static void print(json_t *j)
{
	char *text = json_dumps(j, JSON_COMPACT);

	(void)puts(text ? text : "null");
	free(text);
	json_decref(j);
}

static json_t *ids(char letter, const unsigned *list, size_t n)
{
	json_t *out = json_array();
	char name[16];
	size_t i;

	for (i = 0; i < n; i++) {
		(void)snprintf(name, sizeof name, "%c%u", letter, list[i]);
		(void)json_array_append_new(out, json_string(name));
	}
	return out;
}

static int questions_print(const struct review *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		const struct ask *a = r->questions[i].ask;
		const struct claims_scope *s = &a->scope;
		struct error err = {0};
		json_t *schema = NULL;

		if (ask_schema(&schema, a, &err) < 0)
			die(&err);
		print(json_pack("{s:s, s:s, s:s, s:s, s:o, s:{s:o, s:o, s:I}}", "step",
		                r->questions[i].step, "title", a->title, "system", a->system,
		                "user", a->user, "schema", schema, "scope", "facts",
		                ids('F', s->facts, s->n_facts), "findings",
		                ids('K', s->findings, s->n_findings), "words",
		                (json_int_t)s->max_words));
	}
	return 0;
}

static json_t *text_json(const struct text *t)
{
	json_t *out = json_array();
	char name[16];
	size_t i;

	for (i = 0; i < t->n; i++) {
		const struct segment *s = &t->segments[i];

		(void)snprintf(name, sizeof name, "F%u", s->fact);
		(void)json_array_append_new(
			out,
			s->fact ? json_pack("{s:s, s:s}", "f", name, "as", segment_as_name(s->as))
				: json_pack("{s:s}", "t", s->words ? s->words : s->name));
	}
	return out;
}

static json_t *accepted_json(const struct review *r)
{
	json_t *out = json_array();
	size_t i;

	for (i = 0; i < r->d.n_comments; i++) {
		const struct comment *c = &r->d.comments[i];

		(void)json_array_append_new(
			out, json_pack("{s:s, s:o, s:o, s:o, s:b}", "kind", "comment", "facts",
		                       ids('F', c->facts, c->n_facts), "findings",
		                       ids('K', c->findings, c->n_findings), "text",
		                       text_json(&c->text), "hypothesis", c->hypothesis));
	}
	for (i = r->advice; i < r->d.n_recommendations; i++) {
		const struct recommendation *c = &r->d.recommendations[i];

		(void)json_array_append_new(
			out, json_pack("{s:s, s:[], s:o, s:o, s:b}", "kind", "recommendation",
		                       "facts", "findings", ids('K', c->findings, c->n_findings),
		                       "text", text_json(&c->text), "hypothesis", 0));
	}
	return out;
}

static json_t *struck_json(const struct review *r)
{
	json_t *out = json_array();
	size_t i;

	for (i = 0; i < r->d.n_struck; i++)
		(void)json_array_append_new(out,
		                            json_pack("{s:s, s:s}", "reason", r->d.struck[i].reason,
		                                      "text", r->d.struck[i].text));
	return out;
}

static const struct question *question_find(const struct review *r, const char *step,
                                            const char *title)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (strcmp(r->questions[i].step, step) == 0 &&
		    strcmp(r->questions[i].ask->title, title) == 0)
			return &r->questions[i];
	return NULL;
}

/* A question that this tree no longer asks is as good as the first one: its ids are unknown. */
static void check_line(struct review *r, const json_t *line)
{
	const char *step = json_string_value(json_object_get(line, "step"));
	const char *title = json_string_value(json_object_get(line, "title"));
	const json_t *answer = json_object_get(line, "answer");
	const struct question *q = question_find(r, step ? step : "", title ? title : "");
	struct claims_outcome outcome;
	struct error err = {0};

	r->d.n_comments = r->d.n_struck = 0;
	r->d.n_recommendations = r->advice;
	q = q ? q : &r->questions[0];
	if (ask_check(&r->d, q->ask, q->step, json_string_value(answer), json_string_length(answer),
	              &outcome, &err) < 0)
		die(&err);
	print(json_pack("{s:o, s:o, s:b}", "accepted", accepted_json(r), "struck", struck_json(r),
	                "rubbish", outcome.rubbish));
}

static int answers_check(struct review *r)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	while ((len = getline(&line, &cap, stdin)) > 0) {
		json_t *j = json_loadb(line, (size_t)len, 0, NULL);

		if (!json_is_string(json_object_get(j, "answer"))) {
			(void)fprintf(stderr, "answers: a line is no answer\n");
			return 1;
		}
		check_line(r, j);
		json_decref(j);
	}
	free(line);
	return 0;
}

static json_t *subject_json(const struct fact *f)
{
	json_t *out = json_object();
	size_t i;

	for (i = 0; i < f->n_subject; i++)
		(void)json_object_set_new(out, f->subject[i].name, json_string(f->subject[i].text));
	return out;
}

static json_t *paths_json(const struct dossier *d, const struct fact *f)
{
	json_t *out = json_array();
	size_t i;

	for (i = 0; i < f->n_cells; i++) {
		const struct artifact *a = dossier_artifact(d, f->cells[i].artifact);

		if (a)
			(void)json_array_append_new(out, json_string(a->path));
	}
	return out;
}

static int facts_print(const struct review *r)
{
	size_t i;

	for (i = 0; i < r->d.n_facts; i++) {
		const struct fact *f = &r->d.facts[i];

		print(json_pack("{s:I, s:o, s:s, s:s?, s:s?, s:s?, s:s, s:f, s:o, s:o}", "fact",
		                (json_int_t)f->id, "paths", paths_json(&r->d, f), "label", f->label,
		                "metric", f->metric, "quantity", f->quantity, "unit", f->unit,
		                "statistic", statistic_name(f->statistic), "value", f->value,
		                "subject", subject_json(f), "from", ids('F', f->from, f->n_from)));
	}
	for (i = 0; i < r->d.n_findings; i++) {
		const struct finding *k = &r->d.findings[i];

		print(json_pack("{s:I, s:s, s:o, s:o}", "finding", (json_int_t)k->id, "kind",
		                finding_kind_name(k->kind), "facts", ids('F', k->facts, k->n_facts),
		                "text", text_json(&k->text)));
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct review r;
	int code;

	if (argc != 3) {
		(void)fprintf(stderr, "answers ask|check|facts ROOT\n");
		return 2;
	}
	review_read(&r, argv[2]);
	if (strcmp(argv[1], "ask") == 0)
		code = questions_print(&r);
	else if (strcmp(argv[1], "facts") == 0)
		code = facts_print(&r);
	else
		code = answers_check(&r);
	review_done(&r);
	return code;
}
