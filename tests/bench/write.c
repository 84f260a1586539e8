/* SPDX-License-Identifier: MIT */
/*
 * How long the writer takes for a large review: `tools/bench write [FILTER]`.
 *
 * 5,000 facts over 25 tables, 500 findings, each about a fact of its own, and 20 plots where there
 * is gnuplot, which has drawn them before. Write: report.md, report.html, report.json and
 * samples.json as they are published, in memory. The counter peak_rss_bytes holds the dossier and
 * the plots, too.
 */
#include <stdio.h>

#include "agents/analyst/analyst.h"
#include "agents/collector/collector.h"
#include "agents/writer/plot.h"
#include "agents/writer/writer.h"
#include "lib/base/clock.h"
#include "lib/base/files.h"
#include "tests/bench/bench.h"

#define TABLES         25
#define CONFIGURATIONS 30
#define REPETITIONS    5
#define FACTS_MAX      50000
#define FACTS          5000 /* at least */
#define FINDINGS       500
#define MEMORY_MAX     (UINT64_C(1) << 30)
#define TABLE_BYTES    65536

struct large {
	const char *root;
	struct dossier dossier;
	struct plots plots;        /* none: there is no gnuplot */
	struct report_files files; /* of the latest run */
};

static void fail(const char *why)
{
	(void)fprintf(stderr, "bench: %s\n", why);
	exit(1);
}

/* --- the review ------------------------------------------------------------------- */

/* Noise that is the same in every run. */
static void write_table(const char *dir, unsigned table)
{
	struct buf b = BUF_INIT(TABLE_BYTES);
	struct error err = {0};
	unsigned seed = table + 1;
	char name[32];

	buf_puts(&b, "model,batch_size,throughput_tok_s\n");
	for (unsigned i = 0; i < CONFIGURATIONS * REPETITIONS; i++) {
		unsigned of = i % CONFIGURATIONS;

		seed = seed * 1103515245 + 12345;
		buf_printf(&b, "model-%u,%u,%.3f\n", of % 5, 1U << of / 5,
		           50.0 + of + (double)(seed >> 16) / 65536.0);
	}
	(void)snprintf(name, sizeof name, "sweep-%c.csv", (int)('a' + table));
	if (b.failed || files_write(dir, name, b.data, b.len, &err) < 0)
		fail("cannot write the tables");
	buf_done(&b);
}

static void read_all(struct large *l)
{
	static const struct collector_limits limits = {.file_bytes = 1 << 20, .files = TABLES};
	static const struct analyst_settings settings = {
		.today = "2026-11-21", .machine = "", .min_effect_pct = 2, .max_facts = FACTS_MAX};
	struct dossier *d = &l->dossier;
	struct error err = {0};
	int r;

	d->arena = arena_new(MEMORY_MAX);
	if (!d->arena)
		fail("out of memory");
	r = collector_scan(d, &l->root, 1, &limits, &err);
	for (size_t i = 0; r == 0 && i < d->inventory.n_artifacts; i++)
		r = collector_read(&d->inventory.artifacts[i], l->root, &limits, d->arena, &err);
	collector_finish(d);
	if (r == 0)
		r = analyst_run(d, &settings, &err);
	if (r < 0)
		fail(err.text);
	if (d->n_facts < FACTS)
		fail("fewer facts than were meant");
}

/* A sentence as those of changes are: a name, a figure and words. */
static void make_finding(struct dossier *d, struct finding *f, unsigned id)
{
	const struct fact *of = &d->facts[(id * 7) % d->n_facts];
	struct segment *text = arena_calloc(d->arena, 4, sizeof *text);
	unsigned *facts = arena_calloc(d->arena, 1, sizeof *facts);
	struct gate *gate = arena_calloc(d->arena, 1, sizeof *gate);

	*f = (struct finding){.id = id,
	                      .key = arena_printf(d->arena, "regression:sweep/%u", id),
	                      .since = "2026-11-21",
	                      .kind = FINDING_REGRESSION,
	                      .severity = SEVERITY_MEDIUM,
	                      .facts = facts,
	                      .n_facts = 1,
	                      .gates = gate,
	                      .n_gates = 1,
	                      .verdict = "changed",
	                      .state = "suspected",
	                      .p = .001,
	                      .p_adjusted = .01,
	                      .effect = -8.5};
	if (!text || !facts || !gate || !f->key)
		fail("out of memory");
	facts[0] = of->id;
	*gate = (struct gate){"effect, %", 8.5, 2, true};
	text[0] = (struct segment){.words = "Throughput of "};
	text[1] = (struct segment){.fact = of->id, .as = AS_SUBJECT};
	text[2] = (struct segment){.words = " fell to "};
	text[3] = (struct segment){.fact = of->id, .as = AS_VALUE};
	f->text = (struct text){.segments = text, .n = 4};
}

static void make_findings(struct dossier *d)
{
	struct finding *all = arena_calloc(d->arena, FINDINGS, sizeof *all);

	if (!all)
		fail("out of memory");
	for (unsigned id = 1; id <= FINDINGS; id++)
		make_finding(d, &all[id - 1], id);
	d->findings = all;
	d->n_findings = FINDINGS;
	d->recommendations = NULL;
	d->n_recommendations = 0;
}

/* --- its plots -------------------------------------------------------------------- */

static const struct report_meta plain_meta = {.job_id = "20261121-000000-000000",
                                              .pipeline = "nightly-review",
                                              .title = "Bench",
                                              .pipeline_text = "",
                                              .min_effect_pct = 2,
                                              .writer_provider = "builtin",
                                              .writer_model = "builtin"};

static bool draw(struct large *l, struct plot *p, const char *dir)
{
	CLEANUP(buf_done) struct buf svg = BUF_INIT(PLOT_SVG_BYTES);
	char command[128], chunk[4096];
	struct error err = {0};
	FILE *from;
	size_t n;

	if (files_write(dir, "plot.gp", p->script, p->script_len, &err) < 0)
		fail(err.text);
	(void)snprintf(command, sizeof command, "exec gnuplot -d %s/plot.gp", dir);
	from = popen(command, "r");
	if (!from)
		fail("no memory for gnuplot");
	while ((n = fread(chunk, 1, sizeof chunk, from)) > 0)
		buf_add(&svg, chunk, n);
	return pclose(from) == 0 && !svg.failed &&
	       plot_take(p, l->dossier.arena, buf_text(&svg), svg.len, &err) == 0;
}

/* Those of the review, again and again until there are as many as a report may have. */
static void draw_all(struct large *l, const char *dir)
{
	struct plots *plots = &l->plots;
	int64_t begun = clock_now_ms();
	struct error err = {0};
	size_t planned;

	if (plots_plan(plots, l->dossier.arena, &l->dossier, &plain_meta, &err) < 0)
		fail(err.text);
	planned = plots->n;
	for (size_t i = 0; planned && i < PLOTS_MAX; i++) {
		plots->at[i] = plots->at[i % planned];
		plots->at[i].file = arena_printf(l->dossier.arena, "plots/plot-%c.svg",
		                                 (int)('a' + i));
		if (!plots->at[i].file || !draw(l, &plots->at[i], dir)) {
			(void)fprintf(stderr, "without plots: gnuplot did not draw them\n");
			plots->n = 0;
			return;
		}
		plots->n = i + 1;
	}
	(void)fprintf(stderr, "gnuplot took %lld ms for %zu plots, one after the other\n",
	              (long long)(clock_now_ms() - begun), plots->n);
}

/* --- what is measured ----------------------------------------------------------------- */

static void compose(void *arg)
{
	struct report_meta meta = plain_meta;
	struct large *l = arg;
	struct error err = {0};

	meta.plots = &l->plots;
	report_files_done(&l->files);
	l->files = (struct report_files){0};
	if (writer_compose(&l->files, &l->dossier, &meta, &err) < 0)
		fail(err.text);
}

int main(int argc, char **argv)
{
	static struct large large;
	char dir[] = "/tmp/chimerad-bench-XXXXXX";
	struct error err = {0};
	uint64_t bytes;
	int r;

	if (!mkdtemp(dir))
		return 1;
	for (unsigned i = 0; i < TABLES; i++)
		write_table(dir, i);
	large.root = dir;
	read_all(&large);
	make_findings(&large.dossier);
	draw_all(&large, dir);
	compose(&large);
	bytes = large.files.md.len + large.files.html.len + large.files.json.len +
	        large.files.samples.len;
	(void)fprintf(stderr, "%zu facts, report.html has %zu bytes\n", large.dossier.n_facts,
	              large.files.html.len);
	const struct bench list[] = {{large.plots.n ? "Write/facts:5000/findings:500/plots:20"
	                                            : "Write/facts:5000/findings:500",
	                              compose, &large, bytes}};

	r = bench_run(list, ARRAY_LEN(list), argc > 1 ? argv[1] : NULL, 5, 500);
	report_files_done(&large.files);
	arena_free(large.dossier.arena);
	return files_remove_tree(dir, &err) < 0 ? 1 : r;
}
