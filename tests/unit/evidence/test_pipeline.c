/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>

#include "lib/base/files.h"
#include "lib/evidence/pipeline.h"

/* The examples of the contract. */
static const char persona_text[] =
	"name: data-collector\n"
	"title: DataCollector-9000\n"
	"task: inventory                 # inventory | analyse | compose\n"
	"system: |\n"
	"  You are DataCollector-9000, ...\n"
	"limits: {words: 120}\n"
	"options: {temperature: 0.2, num_ctx: 4096}\n";

static const char pipeline_text[] =
	"name: nightly-review\n"
	"title: Nightly Benchmark Review\n"
	"model: {name: \"gemma3\", endpoints: [local]}\n"
	"options: {num_ctx: 4096}\n"
	"steps:\n"
	"  - {id: inventory, stage: ingest,   agent: data-collector}\n"
	"  - {id: analyse,   stage: analysis, agent: analyst, needs: [inventory], for_each: "
	"group}\n"
	"  - {id: compose,   stage: report,   agent: report-writer, needs: [analyse], for_each: "
	"section}\n"
	"compare: {against: history, q: 0.05, min_effect_pct: 2}\n"
	"require: [{series: \"*/zstd-*\", max_age: 36h}]\n"
	"expect: [{metric: tokens_s, subject: {num_gpu: 999}, value: 102.31, unit: tok/s}]\n"
	"agents: []\n"
	"matrix: {}\n"
	"publish: {formats: [md, json]}\n";

Test(pipeline, the_persona_of_the_contract_is_read)
{
	CLEANUP(persona_freep) struct persona *p = NULL;
	struct error err = {0};

	cr_assert_eq(persona_parse(&p, "p", persona_text, sizeof persona_text - 1, &err), 0, "%s",
	             err.text);
	cr_expect_str_eq(p->name, "data-collector");
	cr_expect_str_eq(p->title, "DataCollector-9000");
	cr_expect_str_eq(p->system, "You are DataCollector-9000, ...\n");
	cr_expect_str_eq(task_name((enum task)p->task), "inventory");
	cr_expect_eq(p->max_words, 120);
	cr_expect_eq(p->options.temperature, 0.2);
	cr_expect_eq(p->options.num_ctx, 4096);
	cr_expect(isnan(p->options.top_p));
	cr_expect_eq(p->options.seed, -1);
}

Test(pipeline, the_pipeline_of_the_contract_is_read)
{
	CLEANUP(pipeline_freep) struct pipeline *p = NULL;
	struct error err = {0};

	cr_assert_eq(pipeline_parse(&p, "p", pipeline_text, sizeof pipeline_text - 1, &err), 0,
	             "%s", err.text);
	cr_expect_str_eq(p->name, "nightly-review");
	cr_expect_str_eq(p->model, "gemma3");
	cr_assert_eq(p->n_endpoints, 1);
	cr_expect_str_eq(p->endpoints[0], "local");
	cr_assert_eq(p->n_steps, 3);
	cr_expect_str_eq(p->steps[0].id, "inventory");
	cr_expect_eq(p->steps[0].n_needs, 0);
	cr_expect_eq(p->steps[0].for_each, FOR_EACH_NONE);
	cr_expect_str_eq(stage_name((enum stage)p->steps[1].stage), "analysis");
	cr_expect_str_eq(p->steps[2].needs[0], "analyse");
	cr_expect_eq(p->steps[2].for_each, FOR_EACH_SECTION);
	cr_expect_str_eq(p->compare_against, "history");
	cr_assert_eq(p->n_formats, 2);
	cr_expect_str_eq(p->formats[1], "json");
	cr_assert_eq(p->n_requirements, 1);
	cr_expect_str_eq(p->requirements[0].series, "*/zstd-*");
	cr_expect_eq(p->requirements[0].max_age_ms, 36u * 3600 * 1000);
	cr_assert_eq(p->n_expectations, 1);
	cr_expect_str_eq(p->expectations[0].subject[0].text, "999");
	cr_expect_str_eq(p->text, pipeline_text);
}

#define HEAD "name: p\ntitle: P\nsteps:\n"

Test(pipeline, what_is_not_said_has_a_default)
{
	static const char text[] = HEAD "- {id: a, stage: ingest, agent: b}\n";
	CLEANUP(pipeline_freep) struct pipeline *p = NULL;
	struct error err = {0};

	cr_assert_eq(pipeline_parse(&p, "p", text, sizeof text - 1, &err), 0, "%s", err.text);
	cr_expect_null(p->model);
	cr_expect_eq(p->n_endpoints, 0);
	cr_expect_eq(p->options.num_ctx, -1);
	cr_expect(isnan(p->options.temperature));
	cr_expect_eq(p->compare_q, 0.05);
	cr_expect_eq(p->compare_min_effect_pct, 2);
	cr_expect_str_eq(p->compare_against, "history");
	cr_assert_eq(p->n_formats, 3);
	cr_expect_str_eq(p->formats[0], "md");
	cr_expect_str_eq(p->formats[2], "json");
}

#define STEP(id, more) "- {id: " id ", stage: ingest, agent: x" more "}\n"

struct bad {
	const char *text, *message;
};

static void expect_message(const struct bad *bad, int r, const struct error *err)
{
	cr_expect_lt(r, 0, "%s", bad->text);
	cr_expect_str_eq(err->text, bad->message, "%s\n   is: %s\nshould be: %s", bad->text,
	                 err->text, bad->message);
}

static const struct bad bad_pipelines[] = {
	{"", "p:1:1: name: missing"},
	{"name: P\n", "p:1:7: name: \"P\" is no name: a-z, 0-9 and -, at most 64, not beginning "
                      "with -"},
	{"name: p\ntitle: P\n", "p:1:1: steps: missing"},
	{"name: p\ntitle: P\nsteps: []\n", "p:3:8: steps: must hold at least one step"},
	{"name: p\ntitle: P\nsteps: {}\n", "p:3:8: steps: must be a list of steps"},
	{HEAD "- {id: a, agent: x}\n", "p:4:3: stage: missing"},
	{HEAD "- {id: a, stage: analyse, agent: x}\n",
         "p:4:18: stage: \"analyse\" is not one of ingest, analysis, report; did you mean "
         "\"analysis\"?"},
	{HEAD "- {id: a, stage: ingest, agent: ../x}\n",
         "p:4:33: agent: \"../x\" is no name: a-z, 0-9 and -, at most 64, not beginning with -"},
	{HEAD "- {id: a, stage: ingest, agent: x, pahts: [x]}\n",
         "p:4:36: unknown key \"pahts\"; known here: id, stage, agent, needs, for_each"},
	{HEAD STEP("a", "") STEP("a", ""), "p:5:8: id: \"a\" is an earlier step's"},
	{HEAD STEP("a", ", needs: [b]"), "p:4:44: needs: no step \"b\""},
	{HEAD STEP("inventory", "") STEP("b", ", needs:   [inventory,   invetory]"),
         "p:5:59: needs: no step \"invetory\"; did you mean \"inventory\"?"},
	{HEAD STEP("a", ", needs: a"), "p:4:43: needs: must be a list of step ids"},
	{HEAD STEP("a", ", needs: [a]"), "p:4:43: needs: a circle: a needs a"},
	{HEAD STEP("z", ", needs: [b]") STEP("a", ", needs: [c]") STEP("b", ", needs: [a]")
                 STEP("c", ", needs: [b]") STEP("d", ""),
         "p:5:43: needs: a circle: a needs c needs b needs a"},
	{HEAD STEP("a", "") "model: gemma3\n",
         "p:5:8: model: must be a mapping: {name: MODEL, endpoints: [NAME]}"},
	{HEAD STEP("a", "") "options: {temprature: 1}\n",
         "p:5:11: unknown key \"temprature\"; did you mean \"temperature\"?"},
	{HEAD STEP("a", "") "options: {temperature: 3}\n",
         "p:5:24: temperature: 3 is outside 0..2"},
	{HEAD STEP("a", "") "options: {num_ctx: 4k}\n",
         "p:5:20: num_ctx: \"4k\" is not a whole number"},
	{HEAD STEP("a", "") "compare: {against: yesterday}\n",
         "p:5:20: against: \"yesterday\" is none of history, previous, accepted, nor a job id"},
	{HEAD STEP("a", "") "compare: {q: 1}\n", "p:5:14: q: 1 is outside 1e-06..0.5"},
	{HEAD STEP("a", "") "publish: {formats: [pdf]}\n",
         "p:5:21: formats: \"pdf\" is not one of md, html, json"},
	{HEAD STEP("a", "") "agents: [{name: b}]\n",
         "p:5:9: agents: one agent is a pipeline without agents: name two or more"},
	{HEAD STEP("a", "") "agents: [{name: b}, {name: b}]\n",
         "p:5:28: name: \"b\" is an earlier agent's"},
	{HEAD STEP("a", "") "agents: [{name: b}, {name: c, personas: {z: x}}]\n",
         "p:5:45: z: no step \"z\""},
	{HEAD STEP("a", "") "agents: [{name: b, options: {num_predict: 9}}, {name: c}]\n",
         "p:5:43: num_predict: agents have equal limits: give it in the pipeline's options"},
	{HEAD STEP("a", "") "matrix: {num_ctx: [1, 512]}\n",
         "p:5:20: num_ctx: \"1\" is out of the range of this option"},
	{HEAD STEP("a", "") "matrix: {num_ctx: [512.5, 512]}\n",
         "p:5:20: num_ctx: \"512.5\" is not a whole number"},
	{HEAD STEP("a", "") "matrix: {temperature: [0.5, 0.50]}\n",
         "p:5:29: temperature: \"0.50\" is an earlier value"},
	{HEAD STEP("a", "") "matrix: {temperature: [0.5]}\n",
         "p:5:9: matrix: one combination is no choice"},
	{HEAD STEP("a", "") "matrix: {seed: [1, 2]}\n",
         "p:5:10: unknown key \"seed\"; known here: temperature, top_p, min_p, "
         "repeat_penalty, top_k, num_ctx, num_gpu"},
	{HEAD STEP("a", "") "agents: [{name: b}, {name: c}]\nmatrix: {top_k: [1, 2]}\n",
         "p:6:9: matrix: a pipeline has agents or a matrix"},
	{HEAD STEP("a", "") "runs: 0\n", "p:5:7: runs: 0 is outside 1..100"},
	{HEAD STEP("a", "") "measure: twice\n",
         "p:5:10: measure: \"twice\" is not one of none, both"},
	{HEAD STEP("a", "") "expect: {metric: m, value: 1}\n",
         "p:5:9: expect: must be a list of expectations"},
	{HEAD STEP("a", "") "require: [zstd]\n", "p:5:11: require: each entry must be a mapping"},
	{HEAD STEP("a", "") "require:\n- {max_age: 36h}\n", "p:6:3: series: missing"},
	{HEAD STEP("a", "") "require:\n- {series: a, max_age: soon}\n",
         "p:6:24: max_age: \"soon\" is not a duration such as 90 (seconds), 250ms, 5m or "
         "36h"},
	{HEAD STEP("a", "") "require:\n- {series: a}\n- {series: a, max_age: 2h}\n",
         "p:7:12: series: an earlier entry has the same pattern"},
	{HEAD STEP("a", "") "expect: [m]\n", "p:5:10: expect: each entry must be a mapping"},
	{HEAD STEP("a", "") "expect:\n- {metric: m}\n", "p:6:3: value: missing"},
	{HEAD STEP("a", "") "expect:\n- {value: 1}\n", "p:6:3: metric: missing"},
	{HEAD STEP("a", "") "expect:\n- {metric: m, value: .nan}\n",
         "p:6:22: value: \".nan\" is not a number"},
	{HEAD STEP("a", "") "expect:\n- {metric: m, value: 1, tolerance_pct: -1}\n",
         "p:6:40: tolerance_pct: -1 is outside 0..1e+06"},
	{HEAD STEP("a", "") "expect:\n- {metric: m, value: 1, tolerance: 1}\n",
         "p:6:25: unknown key \"tolerance\"; did you mean \"tolerance_pct\"?"},
	{HEAD STEP("a", "") "expect:\n- {metric: m, value: 1, subject: [a]}\n",
         "p:6:34: subject: must be a mapping: {KEY COLUMN: TEXT}"},
	{HEAD STEP("a", "") "expect:\n- {metric: m, value: 1, subject: {a: [1]}}\n",
         "p:6:38: value: must be a single value"},
	{HEAD STEP("a", "") "expect:\n- {metric: m, value: 1, subject: {a: 1, a: 2}}\n",
         "p:6:41: subject: \"a\" is given twice"},
	{HEAD STEP("a", "") "expect:\n- {metric: m, subject: {a: 1}, value: 1}\n"
                            "- {metric: m, subject: {a: 1}, value: 2}\n",
         "p:7:12: metric: an earlier entry has the same metric and subject"},
};

Test(pipeline, what_is_expected_is_read_with_its_citation)
{
	static const char text[] = HEAD STEP(
		"a", "") "expect:\n"
			 "- metric: tokens_s\n"
			 "  subject: {num_gpu: 999, \"back end\": cuda, temperature: 0.40}\n"
			 "  value: 102.31\n"
			 "  unit: tok/s\n"
			 "  tolerance_pct: 5\n"
			 "  source: \"Technical Report 108, 4.3\"\n"
			 "- {metric: offset, value: -1e3, tolerance_pct: 0}\n"
			 "- {metric: drift, value: 0}\n";
	CLEANUP(pipeline_freep) struct pipeline *p = NULL;
	struct error err = {0};
	const struct expectation *e;

	cr_assert_eq(pipeline_parse(&p, "p", text, sizeof text - 1, &err), 0, "%s", err.text);
	cr_assert_eq(p->n_expectations, 3);
	e = p->expectations;
	cr_expect_str_eq(e->metric, "tokens_s");
	cr_assert_eq(e->n_subject, 3);
	cr_expect_str_eq(e->subject[0].name, "num_gpu");
	cr_expect_str_eq(e->subject[0].text, "999");
	cr_expect_str_eq(e->subject[1].name, "back end");
	cr_expect_str_eq(e->subject[2].text, "0.40"); /* as written */
	cr_expect_eq(e->value, 102.31);
	cr_expect_str_eq(e->unit, "tok/s");
	cr_expect_eq(e->tolerance_pct, 5);
	cr_expect_str_eq(e->source, "Technical Report 108, 4.3");
	cr_expect_eq(e[1].value, -1000);
	cr_expect_eq(e[1].tolerance_pct, 0);
	cr_expect_eq(e[1].n_subject, 0);
	cr_expect_null(e[1].unit);
	cr_expect_null(e[1].source);
	cr_expect_eq(e[2].value, 0);
	cr_expect_eq(e[2].tolerance_pct, 2);
}

Test(pipeline, the_variants_of_a_matrix_are_all_its_combinations)
{
	static const char text[] = HEAD STEP(
		"a", "") "matrix: {temperature: [0.6, 0.8], num_gpu: [60, 80, 120]}\n";
	CLEANUP(pipeline_freep) struct pipeline *p = NULL;
	struct error err = {0};
	struct option_set last;

	cr_assert_eq(pipeline_parse(&p, "p", text, sizeof text - 1, &err), 0, "%s", err.text);
	cr_assert_eq(pipeline_variants(p), 6);
	for (size_t i = 0; i < 6; i++) {
		struct option_set set = pipeline_variant(p, i);

		cr_expect_eq(set.temperature, i < 3 ? 0.6 : 0.8);
		cr_expect_eq(set.num_gpu, i % 3 == 0 ? 60 : i % 3 == 1 ? 80 : 120);
		cr_expect_eq(set.num_ctx, -1);
		cr_expect(isnan(set.top_p));
	}
	last = pipeline_variant(p, 5);
	cr_expect_eq(last.num_gpu, 120);
}

Test(pipeline, an_agent_says_what_it_does_otherwise)
{
	static const char text[] = HEAD STEP("a", "") STEP("c", "") "agents:\n"
								    "- {name: plain}\n"
								    "- name: tuned\n"
								    "  endpoint: second\n"
								    "  personas: {c: y}\n"
								    "  options: {top_k: 40}\n";
	CLEANUP(pipeline_freep) struct pipeline *p = NULL;
	struct error err = {0};

	cr_assert_eq(pipeline_parse(&p, "p", text, sizeof text - 1, &err), 0, "%s", err.text);
	cr_assert_eq(p->n_agents, 2);
	cr_expect_eq(p->measure, MEASURE_BOTH);
	cr_expect_eq(p->runs, 5);
	cr_expect_eq(p->agents[0].options.top_k, -1);
	cr_expect(isnan(p->agents[0].options.temperature));
	cr_expect_null(p->agents[0].endpoint);
	cr_expect_eq(p->agents[1].options.top_k, 40);
	cr_expect_str_eq(p->agents[1].endpoint, "second");
	cr_expect_str_eq(agent_persona(p, &p->agents[0], 1), "x");
	cr_expect_str_eq(agent_persona(p, &p->agents[1], 0), "x");
	cr_expect_str_eq(agent_persona(p, &p->agents[1], 1), "y");
	cr_expect_str_eq(agent_persona(p, NULL, 1), "x");
}

static double option_of(const struct party *party, const char *name)
{
	size_t option;

	cr_assert(option_find(name, &option), "%s", name);
	cr_expect_str_eq(option_name(option), name);
	return option_value(&party->options, option);
}

Test(pipeline, who_runs_on_what)
{
	static const char text[] = HEAD STEP(
		"a", "") "options: {num_gpu: 80, num_ctx: 4096}\n"
			 "agents:\n"
			 "  - {name: one, options: {num_gpu: 0, top_p: 0.5}}\n"
			 "  - {name: two}\n";
	CLEANUP(pipeline_freep) struct pipeline *p = NULL;
	struct error err = {0};
	struct party one, two;
	size_t option;

	cr_assert_eq(pipeline_parse(&p, "p", text, sizeof text - 1, &err), 0, "%s", err.text);
	cr_assert_eq(pipeline_parties(p), 2);
	one = pipeline_party(p, 0), two = pipeline_party(p, 1);
	cr_expect_str_eq(one.agent, "one");
	cr_expect_eq(option_of(&one, "num_gpu"), 0);
	cr_expect_eq(option_of(&one, "num_ctx"), 4096);
	cr_expect_eq(option_of(&one, "top_p"), 0.5);
	cr_expect(isnan(option_of(&one, "seed")) && isnan(option_of(&one, "temperature")));
	cr_expect_eq(option_of(&two, "num_gpu"), 80);
	cr_expect(isnan(option_of(&two, "top_p")));
	cr_expect_not(option_find("num_gpus", &option));
}

Test(pipeline, what_a_matrix_sets_in_turn_is_nobodys_option)
{
	static const char text[] = HEAD STEP("a", "") "options: {num_gpu: 80, num_ctx: 4096}\n"
						      "matrix: {num_gpu: [0, 80]}\n";
	CLEANUP(pipeline_freep) struct pipeline *p = NULL;
	struct error err = {0};
	struct party all;

	cr_assert_eq(pipeline_parse(&p, "p", text, sizeof text - 1, &err), 0, "%s", err.text);
	cr_assert_eq(pipeline_parties(p), 1);
	all = pipeline_party(p, 0);
	cr_expect_null(all.agent);
	cr_expect(isnan(option_of(&all, "num_gpu")));
	cr_expect_eq(option_of(&all, "num_ctx"), 4096);
}

Test(pipeline, every_bad_pipeline_names_its_place)
{
	for (size_t i = 0; i < ARRAY_LEN(bad_pipelines); i++) {
		const char *text = bad_pipelines[i].text;
		CLEANUP(pipeline_freep) struct pipeline *p = NULL;
		struct error err = {0};
		int r = pipeline_parse(&p, "p", text, strlen(text), &err);

		expect_message(&bad_pipelines[i], r, &err);
	}
}

static const struct bad bad_personas[] = {
	{"name: a\ntitle: A\nsystem: x\n", "p:1:1: task: missing"},
	{"name: a\ntitle: A\ntask: analyze\nsystem: x\n",
         "p:3:7: task: \"analyze\" is not one of inventory, analyse, compose; did you mean "
         "\"analyse\"?"},
	{"name: a\ntitle: A\ntask: analyse\nsystem: ''\n", "p:4:9: system: is empty"},
	{"name: a\ntitle: A\ntask: analyse\nsystem: x\nlimits: {words: 0}\n",
         "p:5:17: words: 0 is outside 10..5000"},
	{"name: a\ntitle: A\ntask: analyse\nsystem: x\ntone: stern\n",
         "p:5:1: unknown key \"tone\"; known here: name, title, task, system, language, "
         "limits, options"},
	{"name: a\ntitle: A\ntask: analyse\nsystem: x\nlanguage: de\n",
         "p:5:11: language: \"de\" is not one of en"},
};

Test(pipeline, every_bad_persona_names_its_place)
{
	for (size_t i = 0; i < ARRAY_LEN(bad_personas); i++) {
		const char *text = bad_personas[i].text;
		CLEANUP(persona_freep) struct persona *p = NULL;
		struct error err = {0};
		int r = persona_parse(&p, "p", text, strlen(text), &err);

		expect_message(&bad_personas[i], r, &err);
	}
}

Test(pipeline, a_job_id_may_be_compared_against)
{
	static const char *const good[] = {"previous", "accepted", "20261121-023000-4f2a9c",
	                                   "20261121"};

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		CLEANUP(pipeline_freep) struct pipeline *p = NULL;
		struct error err = {0};
		char text[300];

		(void)snprintf(text, sizeof text, HEAD STEP("a", "") "compare: {against: %s}\n",
		               good[i]);
		cr_assert_eq(pipeline_parse(&p, "p", text, strlen(text), &err), 0, "%s", err.text);
		cr_expect_str_eq(p->compare_against, good[i]);
	}
}

Test(pipeline, sixty_four_steps_in_a_row_are_fine)
{
	CLEANUP(pipeline_freep) struct pipeline *p = NULL;
	struct error err = {0};
	char text[8000] = HEAD;
	size_t len = strlen(text);

	for (int i = 0; i < 64; i++) {
		len += (size_t)snprintf(text + len, sizeof text - len,
		                        "- {id: s%d, stage: ingest, agent: a, needs: [", i);
		if (i < 63)
			len += (size_t)snprintf(text + len, sizeof text - len, "s%d", i + 1);
		len += (size_t)snprintf(text + len, sizeof text - len, "]}\n");
	}
	cr_assert_eq(pipeline_parse(&p, "p", text, len, &err), 0, "%s", err.text);
	cr_expect_eq(p->n_steps, 64);
}

/* Calls load for each NAME.yaml of a directory of the source tree. */
static void each_shipped(const char *what, void (*load)(const char *in, const char *name))
{
	const char *source = getenv("CHIMERAD_SOURCE");
	char path[PATH_MAX];
	glob_t found = {0};

	if (!source)
		cr_skip_test("CHIMERAD_SOURCE is not set");
	(void)snprintf(path, sizeof path, "%s/%s/*.yaml", source, what);
	(void)glob(path, 0, NULL, &found);
	(void)snprintf(path, sizeof path, "%s/%s", source, what);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char name[100];

		(void)snprintf(name, sizeof name, "%s", basename(found.gl_pathv[i]));
		name[strlen(name) - strlen(".yaml")] = '\0';
		load(path, name);
	}
	globfree(&found);
}

static void load_persona(const char *in, const char *name)
{
	CLEANUP(persona_freep) struct persona *p = NULL;
	struct error err = {0};

	cr_expect_eq(persona_load(&p, in, name, &err), 0, "%s", err.text);
}

static void load_pipeline(const char *in, const char *name)
{
	CLEANUP(pipeline_freep) struct pipeline *p = NULL;
	struct error err = {0};
	char personas[PATH_MAX + 16];

	cr_expect_eq(pipeline_load(&p, in, name, &err), 0, "%s", err.text);
	(void)snprintf(personas, sizeof personas, "%s/../personas", in);
	for (size_t i = 0; p && i < p->n_steps; i++)
		load_persona(personas, p->steps[i].agent);
}

Test(pipeline, every_shipped_persona_is_valid)
{
	each_shipped("personas", load_persona);
}

Test(pipeline, every_shipped_pipeline_is_valid_and_has_its_personas)
{
	each_shipped("pipelines", load_pipeline);
}

static char dir[] = "/tmp/chimera-pipeline-XXXXXX";

static void make_dir(void)
{
	cr_assert_not_null(mkdtemp(dir));
}

static void clear_dir(void)
{
	struct error err = {0};

	cr_expect_eq(files_remove_tree(dir, &err), 0, "%s", err.text);
}

TestSuite(load, .init = make_dir, .fini = clear_dir);

static void put(const char *name, const char *text)
{
	struct error err = {0};

	cr_assert_eq(files_write(dir, name, text, strlen(text), &err), 0, "%s", err.text);
}

Test(load, files_are_found_by_their_name)
{
	CLEANUP(pipeline_freep) struct pipeline *pipeline = NULL;
	CLEANUP(persona_freep) struct persona *persona = NULL;
	struct error err = {0};

	put("nightly-review.yaml", pipeline_text);
	put("data-collector.yaml", persona_text);
	cr_expect_eq(pipeline_load(&pipeline, dir, "nightly-review", &err), 0, "%s", err.text);
	cr_expect_eq(persona_load(&persona, dir, "data-collector", &err), 0, "%s", err.text);
}

Test(load, an_absent_one_is_told_what_there_is)
{
	CLEANUP(pipeline_freep) struct pipeline *p = NULL;
	CLEANUP(persona_freep) struct persona *persona = NULL;
	struct error err = {0};
	char message[300];

	cr_expect_eq(pipeline_load(&p, dir, "nigthly", &err), -ENOENT);
	(void)snprintf(message, sizeof message, "no pipeline \"nigthly\" in %s; there are: none",
	               dir);
	cr_expect_str_eq(err.text, message);

	put("sweep.yaml", "");
	put("nightly-review.yaml", "");
	put(".hidden.yaml", "");
	put("README.md", "");
	cr_expect_eq(pipeline_load(&p, dir, "nigthly", &err), -ENOENT);
	(void)snprintf(message, sizeof message,
	               "no pipeline \"nigthly\" in %s; did you mean \"nightly-review\"? there are: "
	               "nightly-review, sweep",
	               dir);
	cr_expect_str_eq(err.text, message);
	cr_expect_eq(persona_load(&persona, dir, "zebra", &err), -ENOENT);
	(void)snprintf(message, sizeof message,
	               "no persona \"zebra\" in %s; there are: nightly-review, sweep", dir);
	cr_expect_str_eq(err.text, message);
}

Test(load, a_missing_directory_is_named)
{
	CLEANUP(pipeline_freep) struct pipeline *p = NULL;
	struct error err = {0};

	cr_expect_eq(pipeline_load(&p, "/nowhere/pipelines", "a", &err), -ENOENT);
	cr_expect_str_eq(err.text, "/nowhere/pipelines: No such file or directory");
}

Test(load, a_name_is_no_path)
{
	static const char *const names[] = {"../etc/passwd", "/etc/passwd", "", "-a", "A",
	                                    "a.b",           "a/b"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(pipeline_freep) struct pipeline *p = NULL;
		struct error err = {0};

		cr_expect_eq(pipeline_load(&p, dir, names[i], &err), -EINVAL, "%s", names[i]);
	}
}

Test(load, a_link_to_elsewhere_is_refused)
{
	CLEANUP(pipeline_freep) struct pipeline *p = NULL;
	struct error err = {0};
	char path[100];

	(void)snprintf(path, sizeof path, "%s/a.yaml", dir);
	cr_assert_eq(symlink("/etc/passwd", path), 0);
	cr_expect_eq(pipeline_load(&p, dir, "a", &err), -ELOOP);
}

Test(load, the_name_inside_must_be_the_files)
{
	CLEANUP(persona_freep) struct persona *p = NULL;
	struct error err = {0};
	char message[200];

	put("critic.yaml", persona_text);
	cr_expect_eq(persona_load(&p, dir, "critic", &err), -EINVAL);
	(void)snprintf(message, sizeof message,
	               "%s/critic.yaml:1:7: name: \"data-collector\" in a file that is named "
	               "critic.yaml",
	               dir);
	cr_expect_str_eq(err.text, message);
}
