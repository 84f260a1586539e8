/* SPDX-License-Identifier: MIT */
/* How fast the stations of a review are: `tools/bench [FILTER]`. */
#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "agents/analyst/analyst.h"
#include "agents/collector/collector.h"
#include "agents/writer/writer.h"
#include "lib/base/buf.h"
#include "lib/base/files.h"
#include "tests/bench/bench.h"

#define MEMORY_MAX (UINT64_C(4) << 30)

/* A tree on disk, read and analysed anew by each run; what a run leaves is kept for the next
 * station. */
struct tree {
	const char *root;
	struct arena *arena;
	struct dossier dossier;
};

static const struct collector_limits limits = {.file_bytes = 1 << 30, .files = 100000};

static void collect(void *arg)
{
	struct tree *t = arg;
	struct error err = {0};
	int r;

	arena_free(t->arena);
	t->arena = arena_new(MEMORY_MAX);
	t->dossier = (struct dossier){.arena = t->arena};
	r = collector_scan(&t->dossier, &t->root, 1, &limits, &err);
	for (size_t i = 0; r == 0 && i < t->dossier.inventory.n_artifacts; i++)
		r = collector_read(&t->dossier.inventory.artifacts[i], t->root, &limits, t->arena,
		                   &err);
	if (r < 0) {
		(void)fprintf(stderr, "bench: %s\n", err.text);
		exit(1);
	}
	collector_finish(&t->dossier);
}

static void analyse(void *arg)
{
	static const struct analyst_settings settings = {
		.today = "2026-11-21", .machine = "", .min_effect_pct = 2, .max_facts = 50000};
	struct tree *t = arg;
	struct error err = {0};

	if (analyst_run(&t->dossier, &settings, &err) < 0) {
		(void)fprintf(stderr, "bench: %s\n", err.text);
		exit(1);
	}
}

static void compose(void *arg)
{
	const struct report_meta meta = {.job_id = "20261121-000000-000000",
	                                 .pipeline = "nightly-review",
	                                 .title = "Bench",
	                                 .pipeline_text = "",
	                                 .writer_provider = "builtin",
	                                 .writer_model = "builtin"};
	CLEANUP(report_files_done) struct report_files files = {0};
	struct tree *t = arg;
	struct error err = {0};

	if (writer_compose(&files, &t->dossier, &meta, &err) < 0) {
		(void)fprintf(stderr, "bench: %s\n", err.text);
		exit(1);
	}
}

/* A sweep of 25 configurations with noise that is the same at every run. */
static void write_csv(const char *dir, unsigned rows, uint64_t *ret_bytes)
{
	struct buf b = BUF_INIT((size_t)1 << 30);
	struct error err = {0};
	unsigned seed = 1;

	buf_puts(&b, "model,batch_size,throughput_tok_s,latency_ms,error\n");
	for (unsigned i = 0; i < rows; i++) {
		seed = seed * 1103515245 + 12345;
		buf_printf(&b, "model-%u,%u,%.3f,%.4f,\n", i % 5, 1U << i / 5 % 5,
		           100.0 + (double)(seed >> 16) / 65536.0,
		           10.0 + (double)(seed >> 20) / 4096.0);
	}
	assert(!b.failed);
	if (files_write(dir, "sweep.csv", b.data, b.len, &err) < 0)
		exit(1);
	*ret_bytes = b.len;
	buf_done(&b);
}

int main(int argc, char **argv)
{
	static struct tree csv, nightly;
	char dir[] = "/tmp/chimerad-bench-XXXXXX";
	struct error err = {0};
	const char *source = getenv("CHIMERAD_SOURCE");
	char examples[4096];
	uint64_t bytes = 0;
	int r;

	if (!mkdtemp(dir))
		return 1;
	write_csv(dir, 100000, &bytes);
	(void)snprintf(examples, sizeof examples, "%s/examples/nightly", source ? source : ".");
	csv.root = dir;
	nightly.root = examples;
	const struct bench list[] = {
		{"Collect/csv/rows:100000", collect, &csv, bytes},
		{"Analyse/csv/rows:100000", analyse, &csv, 0},
		{"Compose/csv/rows:100000", compose, &csv, 0},
		{"Collect/nightly", collect, &nightly, 0},
		{"Analyse/nightly", analyse, &nightly, 0},
		{"Compose/nightly", compose, &nightly, 0},
	};
	r = bench_run(list, ARRAY_LEN(list), argc > 1 ? argv[1] : NULL, 5, 200);
	arena_free(csv.arena);
	arena_free(nightly.arena);
	return files_remove_tree(dir, &err) < 0 ? 1 : r;
}
