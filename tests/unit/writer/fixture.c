/* SPDX-License-Identifier: MIT */
#include "tests/unit/writer/fixture.h"

#include <math.h>
#include <stdio.h>

#define MAX_FACTS 200000

const char *const nasty_paths[NASTY_PATHS] = {
	"a|b*c<script>alert(1)</script>7.csv",
	"new\nline\r9|2.json",
	"tick`s``4|``.md",
	"`",
	"back\\|slash\\8\\",
	" 5 ",
	"arabic-\u0663\u0664-\u00b2.csv",
	"bad-\xff\xfe-utf8-\xc3(3.csv",
	"turn-\u202e12-\u2028-3.csv",
	"![x](http://evil.example/1.png) [2](javascript:alert(3)) www.evil4.example",
};

static const char persona[] =
	"You are Writer-9000.\n```\nNever write 42.\n```\n<script>alert(1)</script>\n";

static void *take(struct fixture *f, const void *what, size_t n, size_t size)
{
	void *to = arena_calloc(f->arena, n + 1, size);

	if (!to)
		abort();
	if (n)
		memcpy(to, what, n * size);
	return to;
}

void fixture_empty(struct fixture *f)
{
	*f = (struct fixture){.arena = arena_new((uint64_t)4 << 30)};
	f->d.arena = f->arena;
	f->d.verdict = VERDICT_CANNOT_TELL;
	f->d.compared.smallest_change_pct = (double)NAN;
	f->d.facts = arena_calloc(f->arena, MAX_FACTS, sizeof *f->d.facts);
	f->d.findings = arena_calloc(f->arena, MAX_FACTS, sizeof *f->d.findings);
	if (!f->d.facts || !f->d.findings)
		abort();
	f->meta = (struct report_meta){.job_id = "20261121-0230-ab12",
	                               .pipeline = "nightly-review",
	                               .title = "Nightly Benchmark Review",
	                               .submitted_at_s = 1795228200,
	                               .started_at_s = 1795228200,
	                               .finished_at_s = 1795228212,
	                               .pipeline_text = "name: nightly-review\n",
	                               .min_effect_pct = 2,
	                               .file_bytes_limit = 67108864,
	                               .ingest_s = 0.004,
	                               .analysis_s = 5.31,
	                               .report_s = 6.48,
	                               .total_s = 11.794,
	                               .writer_provider = "builtin",
	                               .writer_model = "builtin"};
}

void fixture_done(struct fixture *f)
{
	arena_free(f->arena);
}

unsigned fixture_fact(struct fixture *f, struct fact fact, const double *samples, size_t n)
{
	fact.id = (unsigned)++f->d.n_facts;
	if (!fact.label)
		fact.label = "median";
	if (n) {
		fact.samples = take(f, samples, n, sizeof *samples);
		fact.n_samples = n;
	}
	f->d.facts[fact.id - 1] = fact;
	return fact.id;
}

unsigned fixture_finding(struct fixture *f, struct finding k, const struct segment *text, size_t n)
{
	k.id = (unsigned)++f->d.n_findings;
	k.text = (struct text){take(f, text, n, sizeof *text), n};
	if (!k.since)
		k.since = "2026-11-21";
	if (!k.key)
		k.key = "key";
	f->d.findings[k.id - 1] = k;
	return k.id;
}

static void add_artifacts(struct fixture *f)
{
	struct artifact *a = arena_calloc(f->arena, NASTY_PATHS, sizeof *a);
	static const char *roots[] = {"/srv/bench/run|7<b>"};

	if (!a)
		abort();
	for (unsigned i = 0; i < NASTY_PATHS; i++) {
		a[i] = (struct artifact){.id = i + 1,
		                         .path = nasty_paths[i],
		                         .format = i % FORMAT_OTHER,
		                         .bytes = 1000 + i,
		                         .modified_s = 1795000000 + 3600 * (int64_t)i,
		                         .digest = "sha256:00"};
		a[i].status = (enum artifact_status)(i % 4);
		a[i].reason = i % 4 ? "1 of 11 rows | *failed* <i>12</i>" : NULL;
	}
	a[4].duplicate_of = 1;
	a[8].duplicate_of = 1;
	f->d.inventory = (struct inventory){.roots = roots,
	                                    .n_roots = 1,
	                                    .artifacts = a,
	                                    .n_artifacts = NASTY_PATHS,
	                                    .bytes = 10045,
	                                    .n_other = 3};
}

static unsigned cell_fact(struct fixture *f, size_t c, double value, const char *metric,
                          const char *unit, enum better better, unsigned artifact)
{
	static const char *const rows[] = {"1-36,40", "2", "3-4"};
	struct locator *at = arena_calloc(f->arena, 1, sizeof *at);
	struct label *subject = arena_calloc(f->arena, 2, sizeof *subject);
	double samples[] = {value, value * 0.99, value * 1.01};

	if (!at || !subject)
		abort();
	*at = (struct locator){.artifact = artifact,
	                       .table = 1,
	                       .rows = rows[c % 3],
	                       .column = metric,
	                       .factor = c % 2 ? 1 : 1000};
	subject[0] = (struct label){"num|ctx`2",
	                            arena_printf(f->arena, "%zu|`<b>", (size_t)512 << c)};
	subject[1] = (struct label){"back*end", c % 2 ? "cu_da12" : "rocm"};
	return fixture_fact(f,
	                    (struct fact){.label = "median of p95 *x* | <b>",
	                                  .metric = metric,
	                                  .unit = unit,
	                                  .better = better,
	                                  .subject = subject,
	                                  .n_subject = 2,
	                                  .statistic = STAT_MEDIAN,
	                                  .value = value,
	                                  .n = 3,
	                                  .cells = at,
	                                  .n_cells = 1},
	                    samples, 3);
}

static void add_group(struct fixture *f, struct group *g, unsigned id, size_t n_configurations,
                      size_t n_metrics)
{
	static const char *const keys[] = {"num|ctx`2", "back*end"};
	static const struct {
		const char *name, *unit;
		enum better better;
		double base;
	} kinds[] = {{"tokens|s_9", "tok/s", BETTER_HIGHER, 101.9},
	             {"p95_ms", "ms", BETTER_LOWER, 0.00123},
	             {"note3", "10^6 |<i>/s", BETTER_NONE, 1234567},
	             {"ttft_s", "s", BETTER_LOWER, 0.142}};
	struct group_metric *metrics = arena_calloc(f->arena, n_metrics, sizeof *metrics);
	struct group_configuration *conf = arena_calloc(f->arena, n_configurations, sizeof *conf);
	struct group_cell *cells = arena_calloc(f->arena, n_metrics * n_configurations,
	                                        sizeof *cells);
	unsigned artifact = f->d.inventory.n_artifacts
	                            ? (id - 1) % (unsigned)f->d.inventory.n_artifacts + 1
	                            : 1;

	if (!metrics || !conf || !cells)
		abort();
	for (size_t m = 0; m < n_metrics; m++)
		metrics[m] = (struct group_metric){.name = kinds[m % 4].name,
		                                   .unit = kinds[m % 4].unit,
		                                   .better = kinds[m % 4].better,
		                                   .best = kinds[m % 4].better ? 1 : 0};
	for (size_t c = 0; c < n_configurations; c++) {
		for (size_t m = 0; m < n_metrics; m++)
			cells[c * n_metrics + m].center = cell_fact(
				f, c, kinds[m % 4].base * (1 + 0.0713 * (double)c),
				kinds[m % 4].name, kinds[m % 4].unit, kinds[m % 4].better,
				artifact);
		conf[c] = (struct group_configuration){
			.subject = f->d.facts[cells[c * n_metrics].center - 1].subject,
			.n_subject = 2,
			.n_rows = 5,
			.n_failed = c % 2};
	}
	*g = (struct group){.id = id,
	                    .title = nasty_paths[(id - 1) % NASTY_PATHS],
	                    .where = id % 2 ? "" : "table 2",
	                    .artifact = artifact,
	                    .keys = keys,
	                    .n_keys = 2,
	                    .metrics = metrics,
	                    .n_metrics = n_metrics,
	                    .configurations = conf,
	                    .n_configurations = n_configurations,
	                    .cells = cells};
}

static unsigned derived(struct fixture *f, enum statistic s, double value, const char *unit,
                        unsigned a, unsigned b)
{
	unsigned from[] = {a, b};

	return fixture_fact(f,
	                    (struct fact){.label = "change of it",
	                                  .metric = "tokens|s_9",
	                                  .quantity = "throughput",
	                                  .unit = unit,
	                                  .statistic = s,
	                                  .value = value,
	                                  .n = -1,
	                                  .from = take(f, from, 2, sizeof *from),
	                                  .n_from = 2},
	                    NULL, 0);
}

static void add_change(struct fixture *f, enum finding_kind kind, double pct, const char *since)
{
	double now = 110.6 * (1 + pct / 100);
	unsigned a = cell_fact(f, 0, now, "tokens|s_9", "tok/s", BETTER_HIGHER, 1);
	unsigned b = cell_fact(f, 0, 110.6, "tokens|s_9", "tok/s", BETTER_HIGHER, 1);
	unsigned change = derived(f, STAT_DELTA_PCT, 100 * (now - 110.6) / 110.6, "%", a, b);
	unsigned p = derived(f, STAT_MODERATED_T_P, 0.00005, NULL, a, b);
	unsigned facts[] = {change, a, b, p}, artifacts[] = {1};
	const struct gate gates[] = {{"adjusted p", 0.007936507936507936, 0.05, true},
	                             {"runs a side", (double)NAN, 2, false}};
	const struct segment text[] = {{.fact = change, .as = AS_NAME},
	                               {.words = " "},
	                               {.fact = change, .as = AS_DIRECTION},
	                               {.words = " by "},
	                               {.fact = change, .as = AS_SIZE},
	                               {.words = ", from "},
	                               {.fact = b, .as = AS_VALUE},
	                               {.words = " to "},
	                               {.fact = a, .as = AS_VALUE},
	                               {.words = " in "},
	                               {.name = nasty_paths[0]},
	                               {.words = " at "},
	                               {.fact = a, .as = AS_SUBJECT},
	                               {.words = " (p "},
	                               {.fact = p, .as = AS_VALUE},
	                               {.words = ")."}};

	(void)fixture_finding(
		f,
		(struct finding){.kind = kind,
	                         .severity = SEVERITY_HIGH,
	                         .since = since,
	                         .facts = take(f, facts, 4, sizeof *facts),
	                         .n_facts = 4,
	                         .artifacts = take(f, artifacts, 1, sizeof *artifacts),
	                         .n_artifacts = 1,
	                         .gates = take(f, gates, 2, sizeof *gates),
	                         .n_gates = 2,
	                         .verdict = "changed",
	                         .state = "suspected",
	                         .p = 0.00005,
	                         .p_adjusted = 0.0123,
	                         .effect = pct},
		text, ARRAY_LEN(text));
}

static void add_gap(struct fixture *f)
{
	const struct segment text[] = {{.name = nasty_paths[1]},
	                               {.words = " is | <b>cut</b> *off*."}};

	(void)fixture_finding(f,
	                      (struct finding){.kind = FINDING_GAP,
	                                       .severity = SEVERITY_MEDIUM,
	                                       .p = (double)NAN,
	                                       .p_adjusted = (double)NAN,
	                                       .effect = (double)NAN},
	                      text, ARRAY_LEN(text));
}

static unsigned add_best(struct fixture *f, unsigned fact)
{
	unsigned facts[] = {fact};
	const struct segment text[] = {{.fact = fact, .as = AS_SUBJECT},
	                               {.words = " is best at "},
	                               {.fact = fact, .as = AS_VALUE},
	                               {.words = "."}};

	return fixture_finding(f,
	                       (struct finding){.kind = FINDING_BEST,
	                                        .severity = SEVERITY_INFO,
	                                        .facts = take(f, facts, 1, sizeof *facts),
	                                        .n_facts = 1,
	                                        .p = (double)NAN,
	                                        .p_adjusted = (double)NAN,
	                                        .effect = (double)NAN},
	                       text, ARRAY_LEN(text));
}

static void add_comment(struct fixture *f, const char *step, unsigned fact, unsigned finding)
{
	struct comment *more = arena_grow(f->arena, f->d.comments, f->d.n_comments * sizeof *more,
	                                  (f->d.n_comments + 1) * sizeof *more);
	const struct segment text[] = {
		{.words = "It *may* be\n\n# the <script>driver</script> | of `"},
		{.fact = fact, .as = AS_NAME},
		{.words = "` [x](http://evil) that "},
		{.fact = fact, .as = AS_DIRECTION},
		{.words = "."}};

	if (!more)
		abort();
	f->d.comments = more;
	more[f->d.n_comments] = (struct comment){.id = (unsigned)f->d.n_comments + 1,
	                                         .step = step,
	                                         .facts = take(f, &fact, 1, sizeof fact),
	                                         .n_facts = 1,
	                                         .findings = take(f, &finding, 1, sizeof finding),
	                                         .n_findings = finding != 0,
	                                         .text = {take(f, text, 5, sizeof *text), 5},
	                                         .hypothesis = f->d.n_comments % 2 == 0};
	f->d.n_comments++;
}

static void add_recommendations(struct fixture *f, size_t n)
{
	const struct segment text[] = {
		{.words = "Run "}, {.name = nasty_paths[0]}, {.words = " again."}};
	unsigned findings[] = {1};

	f->d.recommendations = arena_calloc(f->arena, n, sizeof *f->d.recommendations);
	f->d.n_recommendations = n;
	for (size_t i = 0; i < n; i++)
		f->d.recommendations[i] = (struct recommendation){
			.id = (unsigned)i + 1,
			.findings = take(f, findings, 1, sizeof *findings),
			.n_findings = 1,
			.text = {take(f, text, 3, sizeof *text), 3},
			.by_model = i % 3 == 2};
}

static void add_steps(struct fixture *f)
{
	static const struct report_step steps[] = {
		{.id = "inventory",
	         .agent = "inventory",
	         .persona = "data-collector-9000",
	         .stage = STAGE_INGEST,
	         .prompt = persona,
	         .started_at_s = 1795228200,
	         .wall_ms = 4,
	         .builtin = true,
	         .builtin_why = "connect to http://127.0.0.1:11434 | refused"},
		{.id = "analyse2",
	         .agent = "analyse",
	         .persona = "analyst",
	         .stage = STAGE_ANALYSIS,
	         .prompt = persona,
	         .started_at_s = 1795228201,
	         .wall_ms = 5310,
	         .model_ms = 5000},
		{.id = "compose",
	         .agent = "compose",
	         .persona = "report-writer",
	         .stage = STAGE_REPORT,
	         .prompt = "You write. No newline at 1 end",
	         .started_at_s = 1795228206,
	         .wall_ms = 6480,
	         .model_ms = 6000},
	};
	struct report_call *calls = arena_calloc(f->arena, 3, sizeof *calls);

	if (!calls)
		abort();
	for (size_t i = 0; i < 3; i++) {
		calls[i] = (struct report_call){.step = i < 2 ? "analyse2" : "compose",
		                                .record = {.options = MODEL_OPTIONS_NONE,
		                                           .prompt_tokens = 812,
		                                           .output_tokens = i == 1 ? -1 : 143,
		                                           .queue_ms = 0.02,
		                                           .ttft_ms = 142.3,
		                                           .load_ms = (double)NAN,
		                                           .prompt_eval_ms = 88.1,
		                                           .eval_ms = 1404.7,
		                                           .total_ms = 1713.2,
		                                           .tokens_per_s = 101.8,
		                                           .attempts = 1,
		                                           .finish = "stop"}};
		(void)snprintf(calls[i].record.model, sizeof calls[i].record.model, "gemma3:4b|x");
		(void)snprintf(calls[i].record.provider, sizeof calls[i].record.provider, "ollama");
		calls[i].record.options.temperature = 0.2;
		calls[i].record.options.num_ctx = 4096;
	}
	calls[1].record.ttft_ms = (double)NAN;
	f->meta.steps = steps;
	f->meta.n_steps = ARRAY_LEN(steps);
	f->meta.calls = calls;
	f->meta.n_calls = 3;
	f->meta.writer_provider = "ollama";
	f->meta.writer_model = "gemma3:4b|x";
	f->meta.machine = "host-7|a";
	f->meta.subject = "nightly 12";
	f->meta.title = "Review <7> of | `x` & \"y\"";
}

static void add_roles(struct fixture *f)
{
	static struct role_note roles[] = {{.artifact = 1,
	                                    .table = 1,
	                                    .column = "num|ctx`2",
	                                    .role = "key",
	                                    .why = "crossed with 2 others"},
	                                   {.artifact = 1,
	                                    .table = 1,
	                                    .column = "p95_ms",
	                                    .role = "metric",
	                                    .why = "its name"},
	                                   {.artifact = 2,
	                                    .table = 1,
	                                    .column = "commit3",
	                                    .role = "covariate",
	                                    .why = "schema"}};

	f->d.roles = roles;
	f->d.n_roles = ARRAY_LEN(roles);
}

void fixture_full(struct fixture *f)
{
	static const struct strike struck[] = {
		{"compose", "digit in prose", "About 2 percent <b>."}};

	fixture_empty(f);
	add_artifacts(f);
	add_steps(f);
	add_roles(f);
	f->d.groups = arena_calloc(f->arena, 3, sizeof *f->d.groups);
	f->d.n_groups = 3;
	add_group(f, &f->d.groups[0], 1, 12, 4);
	add_group(f, &f->d.groups[1], 2, 2, 8);
	add_group(f, &f->d.groups[2], 3, 1, 4);
	f->d.groups[0].metrics[0].spread = derived(
		f, STAT_RATIO, f->d.facts[4].value / f->d.facts[0].value, NULL, 5, 1);
	f->d.groups[1].configurations[1].failed = true;
	for (int i = 0; i < 5; i++)
		add_change(f, FINDING_REGRESSION, -7.86618444846292 - i, "2026-11-21");
	add_change(f, FINDING_IMPROVEMENT, 3.25, "2026-11-21");
	add_change(f, FINDING_TREND, -1.5, "2026-10-02");
	add_gap(f);
	add_comment(f, "analyse2", 1, add_best(f, f->d.groups[0].cells[1].center));
	add_comment(f, "analyse2", f->d.n_facts > 60 ? 60 : 1, 1);
	add_comment(f, "compose", 1, 0);
	add_comment(f, "compose", 2, 2);
	add_comment(f, "analyse2", (unsigned)f->d.n_facts, 0);
	add_recommendations(f, 5);
	f->d.struck = take(f, struck, 1, sizeof *struck);
	f->d.n_struck = 1;
	f->d.verdict = VERDICT_MIXED;
	f->d.compared = (struct compared){.series = 1138,
	                                  .tested = 12,
	                                  .untestable = 1126,
	                                  .new_series = 3,
	                                  .vanished = 1,
	                                  .smallest_change_pct = 4.31};
}

void fixture_large(struct fixture *f, size_t groups)
{
	fixture_empty(f);
	add_artifacts(f);
	add_steps(f);
	f->d.groups = arena_calloc(f->arena, groups, sizeof *f->d.groups);
	f->d.n_groups = groups;
	for (size_t g = 0; g < groups; g++) {
		add_group(f, &f->d.groups[g], (unsigned)g + 1, 10, 8);
		add_change(f, FINDING_REGRESSION, -3.1, "2026-11-01");
		add_change(f, FINDING_IMPROVEMENT, 3.1, "2026-11-21");
		add_change(f, FINDING_CHANGED, 3.1, "2026-11-01");
		add_gap(f);
		add_comment(f, "compose", 1, 0);
		add_comment(f, "analyse2", f->d.groups[g].cells[0].center, 0);
		add_comment(f, "analyse2", 1, (unsigned)f->d.n_findings);
		add_comment(f, "analyse2", f->d.groups[g].cells[0].center,
		            add_best(f, f->d.groups[g].cells[1].center)); /* p95_ms grows */
	}
	add_recommendations(f, groups);
	f->d.verdict = VERDICT_WORSE;
	f->d.compared = (struct compared){
		.series = 4000, .tested = 4000, .smallest_change_pct = (double)NAN};
}
