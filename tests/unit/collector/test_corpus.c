/* SPDX-License-Identifier: MIT */
/*
 * corpus - the collector over the 101 files that real benchmark tools left behind.
 */
#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>

#include "agents/collector/collector.h"

struct corpus {
	struct arena *arena;
	struct dossier dossier;
};

static void corpus_done(struct corpus *c)
{
	arena_free(c->arena);
}

static void collect(struct corpus *c, const char *below)
{
	const struct collector_limits limits = {.file_bytes = 1u << 24, .files = 1000};
	const char *shared = getenv("CHIMERAD_SHARED");
	struct inventory *inv = &c->dossier.inventory;
	char path[PATH_MAX], *root;
	struct error err;

	(void)snprintf(path, sizeof path, "%s/%s", shared ? shared : "/nonexistent", below);
	root = realpath(path, NULL);
	if (!root)
		cr_skip_test("%s is not here", path);
	c->arena = c->dossier.arena = arena_new(1u << 28);
	cr_assert_eq(collector_scan(&c->dossier, (const char *const *)&root, 1, &limits, &err), 0,
	             "%s", err.text);
	for (size_t i = 0; i < inv->n_artifacts; i++)
		cr_assert_eq(collector_read(&inv->artifacts[i], root, &limits, c->arena, &err), 0);
	collector_finish(&c->dossier);
	free(root);
}

static const struct artifact *find(const struct corpus *c, const char *path)
{
	for (size_t i = 0; i < c->dossier.inventory.n_artifacts; i++)
		if (strcmp(c->dossier.inventory.artifacts[i].path, path) == 0)
			return &c->dossier.inventory.artifacts[i];
	cr_assert_fail("%s is not listed", path);
	return NULL;
}

static size_t count(const struct corpus *c, enum artifact_format format,
                    enum artifact_status status)
{
	size_t n = 0;

	for (size_t i = 0; i < c->dossier.inventory.n_artifacts; i++)
		n += c->dossier.inventory.artifacts[i].format == format &&
		     c->dossier.inventory.artifacts[i].status == status;
	return n;
}

Test(corpus, every_file_is_accounted_for)
{
	CLEANUP(corpus_done) struct corpus c = {0};

	collect(&c, "corpus/chimeraforge");
	cr_expect_eq(c.dossier.inventory.n_artifacts, 101);
	cr_expect_eq(c.dossier.inventory.bytes, 429472);
	cr_expect_eq(c.dossier.inventory.n_other, 0);
	cr_expect_eq(count(&c, FORMAT_CSV, STATUS_OK), 27);
	cr_expect_eq(count(&c, FORMAT_CSV, STATUS_UNREADABLE), 1);
	cr_expect_eq(count(&c, FORMAT_JSON, STATUS_OK), 44);
	cr_expect_eq(count(&c, FORMAT_MARKDOWN, STATUS_OK), 16);
	cr_expect_eq(count(&c, FORMAT_MARKDOWN, STATUS_PARTIAL), 13, "tables that are none");
}

Test(corpus, the_mangled_error_text_is_no_table)
{
	CLEANUP(corpus_done) struct corpus c = {0};
	const struct artifact *a;

	collect(&c, "corpus/chimeraforge");
	a = find(&c, "reports/profiling/ncu_summary.csv");
	cr_expect_eq(a->status, STATUS_UNREADABLE);
	cr_expect_eq(a->n_tables, 0);
	cr_expect(strstr(a->reason, "line 1 column 4: NUL byte"), "%s", a->reason);
}

Test(corpus, four_files_are_copies_of_another)
{
	static const char *const pairs[][2] = {
		{"reports/llama3/ollama_param_tuning.csv", "csv_data/ollama_param_tuning.csv"},
		{"reports/llama3/ollama_param_tuning_summary.csv",
	         "csv_data/ollama_param_tuning_summary.csv"},
		{"reports/llama3/ollama_quant_bench.csv", "csv_data/ollama_quant_bench.csv"},
		{"reports/ollama/ollama_benchmark_summary.md",
	         "reports/llama3/ollama_benchmark_summary.md"}};
	CLEANUP(corpus_done) struct corpus c = {0};
	size_t n = 0;

	collect(&c, "corpus/chimeraforge");
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		cr_expect_eq(find(&c, pairs[i][0])->duplicate_of, find(&c, pairs[i][1])->id);
	for (size_t i = 0; i < c.dossier.inventory.n_artifacts; i++)
		n += c.dossier.inventory.artifacts[i].duplicate_of > 0;
	cr_expect_eq(n, 4);
}

Test(corpus, the_profiler_export_has_its_units_row)
{
	CLEANUP(corpus_done) struct corpus c = {0};
	const struct table *t;

	collect(&c, "corpus/chimeraforge");
	t = find(&c, "reports/profiling/ncu_ollama_raw.csv")->tables;
	cr_assert_not_null(t);
	cr_expect_eq(t->n_columns, 251);
	cr_expect_eq(t->n_rows, 2);
	cr_expect_str_eq(table_row_note(t, 0), "units row");
	cr_expect_null(table_row_note(t, 1));
}

Test(corpus, backends_are_one_table_also_where_one_failed)
{
	CLEANUP(corpus_done) struct corpus c = {0};
	const struct artifact *a;
	const struct table *t;

	collect(&c, "corpus/chimeraforge");
	a = find(&c, "reports/compilation/conv_cuda_bench_20251002-172037.json");
	cr_assert_eq(a->n_tables, 2);
	t = &a->tables[1];
	cr_expect_str_eq(t->base, "/backends/*");
	cr_expect_eq(t->n_rows, 5);
	cr_expect_str_eq(t->columns[0].name, "backend");
	cr_expect_str_eq(table_cell(t, 2, 0).text, "torch_compile");
}

Test(corpus, every_cell_has_its_text)
{
	CLEANUP(corpus_done) struct corpus c = {0};
	size_t numbers = 0;

	collect(&c, "corpus/chimeraforge");
	for (size_t i = 0; i < c.dossier.inventory.n_artifacts; i++) {
		const struct artifact *a = &c.dossier.inventory.artifacts[i];

		for (size_t k = 0; k < a->n_tables; k++) {
			const struct table *t = &a->tables[k];

			cr_expect_eq(t->number, k + 1);
			cr_expect_eq(t->artifact, a);
			for (size_t n = 0; n < t->n_rows * t->n_columns; n++) {
				const struct cell cell = table_cell(t, n % t->n_rows,
				                                    n / t->n_rows);

				cr_assert_not_null(cell.text);
				numbers += cell.kind == CELL_NUMBER;
			}
		}
	}
	cr_expect_gt(numbers, 5000);
}

Test(corpus, the_example_reads_as_its_report_says)
{
	CLEANUP(corpus_done) struct corpus c = {0};

	collect(&c, "example-report/artifacts");
	cr_assert_eq(c.dossier.inventory.n_artifacts, 3);
	cr_expect_eq(c.dossier.inventory.bytes, 422);
	cr_expect_eq(find(&c, "conv.json")->tables[0].n_rows, 2);
	cr_expect_eq(find(&c, "notes.md")->tables[0].header_line, 3);
	cr_expect_eq(find(&c, "notes.md")->tables[0].n_rows, 2);
	cr_expect_eq(find(&c, "sweep.csv")->tables[0].n_rows, 11);
	cr_expect_eq(find(&c, "sweep.csv")->tables[0].header_line, 1);
	cr_expect_str_eq(table_cell(find(&c, "sweep.csv")->tables, 10, 4).text,
	                 "connection refused");
}
