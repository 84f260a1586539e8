/* SPDX-License-Identifier: MIT */
/* The memory that artifacts may take, and what is left out when it is not enough. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "daemon/ingest.h"
#include "tests/unit/review/bench.h"

#define BIG_ROWS  20000
#define BIG_BYTES (BIG_ROWS * 8 + 64)

struct reading {
	struct ingest *in;
	struct dossier dossier;
	unsigned done;
	int status;
	bool cancel;
};

static void on_progress(void *arg, size_t done, size_t total)
{
	(void)arg;
	cr_expect_leq(done, total);
}

static void on_done(void *arg, int status, const struct error *err)
{
	struct reading *g = arg;

	g->done++;
	g->status = status;
	cr_expect_eq(err->code, status);
}

static void read_all(struct bench *b, struct reading *g, uint64_t memory_bytes)
{
	const char *roots[] = {b->artifacts};
	const struct ingest_spec spec = {.dossier = &g->dossier,
	                                 .roots = roots,
	                                 .n_roots = 1,
	                                 .limits = {.file_bytes = 1 << 24, .files = 1000},
	                                 .memory_bytes = memory_bytes};
	const struct ingest_ops ops = {on_progress, on_done};
	struct error err = {0};

	g->dossier.arena = arena_new(1 << 20);
	cr_assert_eq(ingest_start(&g->in, &b->loop, &spec, &ops, g, &err), 0, "%s", err.text);
	if (g->cancel)
		ingest_cancel(g->in);
	(void)uv_run(&b->loop, UV_RUN_DEFAULT);
	cr_assert_eq(g->done, 1);
}

static void reading_done(struct reading *g)
{
	ingest_release(g->in);
	arena_free(g->dossier.arena);
}

static void big_file(const struct bench *b, const char *name)
{
	CLEANUP(freep) char *text = calloc(1, BIG_BYTES);
	size_t len = (size_t)snprintf(text, BIG_BYTES, "backend,time_ms\n");

	for (int i = 0; i < BIG_ROWS; i++)
		len += (size_t)snprintf(text + len, BIG_BYTES - len, "x,%.5d\n", i % 99999);
	bench_file(b, "artifacts", name, text);
}

static const struct artifact *artifact_of(const struct reading *g, const char *path)
{
	for (size_t i = 0; i < g->dossier.inventory.n_artifacts; i++) {
		if (strcmp(g->dossier.inventory.artifacts[i].path, path) == 0)
			return &g->dossier.inventory.artifacts[i];
	}
	cr_assert_fail("%s is not in the inventory", path);
	return NULL;
}

Test(ingest, an_artifact_that_needs_too_much_memory_takes_no_other_with_it)
{
	struct reading g = {0};
	struct bench b;

	bench_init(&b);
	big_file(&b, "0-big.csv"); /* comes first */
	read_all(&b, &g, 200000);
	cr_expect_eq(g.status, 0);
	cr_expect_eq(artifact_of(&g, "0-big.csv")->status, STATUS_SKIPPED);
	cr_expect(strstr(artifact_of(&g, "0-big.csv")->reason, "limits.memory_bytes"));
	cr_expect_eq(artifact_of(&g, "0-big.csv")->n_tables, 0);
	cr_expect_eq(artifact_of(&g, "a.csv")->n_tables, 1);
	cr_expect_eq(artifact_of(&g, "notes.md")->n_tables, 1);
	reading_done(&g);
	bench_done(&b);
}

/* Several readers have a share each, which none of these fits in. */
Test(ingest, one_artifact_may_take_all_the_memory_there_is)
{
	struct reading all = {0}, tight = {0};
	struct bench b;
	uint64_t need;

	bench_init(&b);
	big_file(&b, "0-big.csv");
	read_all(&b, &all, UINT64_C(1) << 30);
	need = 0;
	for (uint64_t memory = 1 << 16; !need; memory += memory / 4) {
		struct reading g = {0};

		read_all(&b, &g, memory);
		if (artifact_of(&g, "0-big.csv")->n_tables)
			need = memory;
		reading_done(&g);
		cr_assert_lt(memory, 1 << 28);
	}
	read_all(&b, &tight, need);
	for (size_t i = 0; i < all.dossier.inventory.n_artifacts; i++)
		cr_expect_eq(all.dossier.inventory.artifacts[i].n_tables,
		             tight.dossier.inventory.artifacts[i].n_tables);
	reading_done(&tight);
	reading_done(&all);
	bench_done(&b);
}

Test(ingest, cancelled_at_once_it_still_ends_once)
{
	struct reading g = {.cancel = true};
	struct bench b;

	bench_init(&b);
	read_all(&b, &g, 1 << 20);
	cr_expect_eq(g.status, -ECANCELED);
	reading_done(&g);
	bench_done(&b);
}
