/* SPDX-License-Identifier: MIT */
/* A real tree of a hundred artifacts, read by the real collector. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "agents/collector/collector.h"
#include "lib/base/clock.h"
#include "tests/unit/analyst/builder.h"

#define CORPUS_MEMORY   (1u << 30)
#define CORPUS_FILE_MAX (16u << 20)

static struct builder b;

static void start(void)
{
	static char path[4096], real[4096];
	static const char *roots[] = {real};
	const char *shared = getenv("CHIMERAD_SHARED");
	struct collector_limits limits = {.file_bytes = CORPUS_FILE_MAX, .files = 1000};
	struct inventory *inv = &b.dossier.inventory;
	struct error err = {0};

	(void)snprintf(path, sizeof path, "%s/corpus/chimeraforge", shared ? shared : "");
	if (!shared || !realpath(path, real))
		cr_skip_test("CHIMERAD_SHARED holds no corpus");
	b.arena = b.dossier.arena = arena_new(CORPUS_MEMORY);
	cr_assert_eq(collector_scan(&b.dossier, roots, 1, &limits, &err), 0, "%s", err.text);
	for (size_t i = 0; i < inv->n_artifacts; i++)
		cr_assert_eq(
			collector_read(&inv->artifacts[i], inv->roots[0], &limits, b.arena, &err),
			0);
	collector_finish(&b.dossier);
	build_analysis(&b);
}

static void done(void)
{
	build_done(&b);
}

TestSuite(corpus, .init = start, .fini = done);

/* The fact of this statistic whose first cell lies in the artifact. */
static const struct fact *fact_in(const char *path, const char *metric, enum statistic s,
                                  const char *key, const char *text)
{
	const struct dossier *d = &b.dossier;

	for (size_t i = 0; i < d->n_facts; i++) {
		const struct fact *f = &d->facts[i];

		if (f->statistic != s || !f->metric || strcmp(f->metric, metric) != 0 ||
		    !f->n_cells || !strstr(dossier_artifact(d, f->cells[0].artifact)->path, path))
			continue;
		for (size_t k = 0; k < f->n_subject; k++)
			if (strcmp(f->subject[k].name, key) == 0 &&
			    strcmp(f->subject[k].text, text) == 0)
				return f;
		if (!*key)
			return f;
	}
	cr_assert_fail("no %s of %s in %s", statistic_name(s), metric, path);
	return NULL;
}

static const struct group *group_in(const char *path)
{
	for (size_t i = 0; i < b.dossier.n_groups; i++)
		if (strstr(b.dossier.groups[i].title, path))
			return &b.dossier.groups[i];
	cr_assert_fail("no group of %s", path);
	return NULL;
}

static const char *best_text(const struct group *g, size_t metric, const char *key)
{
	const struct group_configuration *c = &g->configurations[g->metrics[metric].best - 1];

	for (size_t i = 0; i < c->n_subject; i++)
		if (strcmp(c->subject[i].name, key) == 0)
			return c->subject[i].text;
	return "none";
}

Test(corpus, published_means_of_the_quantisations_reproduce)
{
	cr_expect_float_eq(fact_in("quant_bench.csv", "tokens_s", STAT_MEAN, "tag", "q4_0")->value,
	                   76.59, .005);
	cr_expect_float_eq(
		fact_in("quant_bench.csv", "tokens_s", STAT_MEAN, "tag", "q5_K_M")->value, 65.18,
		.005);
	cr_expect_float_eq(fact_in("quant_bench.csv", "tokens_s", STAT_MEAN, "tag", "q8_0")->value,
	                   46.57, .005);
}

Test(corpus, the_baseline_mean_is_what_the_cells_say_and_not_what_was_published)
{
	const struct fact *f = fact_in("gemma3_baseline.csv", "tokens_s", STAT_MEAN, "", "");

	cr_expect_float_eq(f->value, 102.20, .005);
	cr_expect_str_eq(f->unit, "tok/s");
	cr_expect_eq(f->n, 5);
}

Test(corpus, the_best_configuration_is_the_one_in_the_cells)
{
	const struct group *g = group_in("gemma3/gemma3_param_tuning.csv");

	cr_expect_eq(g->n_configurations, 36);
	cr_expect_str_eq(g->metrics[0].name, "tokens_s");
	cr_expect_str_eq(best_text(g, 0, "num_gpu"), "60");
	cr_expect_str_eq(best_text(g, 0, "num_ctx"), "2048");
	cr_expect_str_eq(best_text(g, 0, "temperature"), "0.8");
	cr_expect_float_eq(
		dossier_fact(&b.dossier, g->cells[(g->metrics[0].best - 1) * g->n_metrics].center)
			->value,
		103.16, .005);
}

Test(corpus, two_timed_out_cells_are_listed_and_not_ranked)
{
	const struct group *g = group_in("gemma3_270m_param_tuning.csv");
	size_t failed = 0;

	for (size_t i = 0; i < g->n_configurations; i++)
		failed += g->configurations[i].failed;
	cr_expect_eq(failed, 2);
	cr_expect_eq(g->n_configurations, 36);
	cr_expect_eq(dossier_artifact(&b.dossier, g->artifact)->status, STATUS_PARTIAL);
}

Test(corpus, a_backend_without_triton_is_not_the_fastest)
{
	const struct group *g = group_in("transformer_cuda_bench_20251002-172126.json");

	cr_expect_str_eq(best_text(g, 0, "backend"), "eager");
	cr_expect_eq(g->n_configurations, 5);
}

Test(corpus, the_sixty_failed_rows_of_one_suite_are_one_finding)
{
	size_t n = 0;

	for (size_t i = 0; i < b.dossier.n_findings; i++) {
		const struct finding *f = &b.dossier.findings[i];

		if (!strstr(f->key, "prompt_suite_runs"))
			continue;
		if (f->kind == FINDING_GAP) {
			n++;
			cr_expect_eq(f->n_artifacts, 4);
			cr_expect_float_eq(dossier_fact(&b.dossier, f->facts[0])->value, 60, 0);
		}
	}
	cr_expect_eq(n, 1);
	cr_expect_str_eq(group_in("prompt_suite_runs.csv")->title +
	                         strlen(group_in("prompt_suite_runs.csv")->title) -
	                         strlen("20251002-151824/prompt_suite_runs.csv"),
	                 "20251002-151824/prompt_suite_runs.csv");
}

Test(corpus, the_temperature_of_a_gpu_is_measured_and_that_of_a_model_set)
{
	size_t keys = 0, metrics = 0;

	for (size_t i = 0; i < b.dossier.n_roles; i++) {
		const struct role_note *r = &b.dossier.roles[i];

		if (strcmp(r->column, "temperature") != 0)
			continue;
		if (strstr(dossier_artifact(&b.dossier, r->artifact)->path, "system_metrics"))
			metrics += strcmp(r->role, "metric") == 0;
		else
			keys += strcmp(r->role, "key") == 0;
	}
	cr_expect_eq(metrics, 1);
	cr_expect_geq(keys, 8);
}

static const struct finding *finding_of(const char *key)
{
	for (size_t i = 0; i < b.dossier.n_findings; i++)
		if (strcmp(b.dossier.findings[i].key, key) == 0)
			return &b.dossier.findings[i];
	cr_assert_fail("no finding %s", key);
	return NULL;
}

Test(corpus, the_first_prompt_of_each_run_was_cold)
{
	static const char *const files[] = {"reports/gemma3/gemma3_baseline.csv",
	                                    "reports/gemma3/gemma3_1b-it-qat_baseline.csv",
	                                    "reports/gemma3/gemma3_270m_baseline.csv"};
	char key[256];

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		(void)snprintf(key, sizeof key, "outlier:%s/ttft_s/first", files[i]);
		cr_expect_not_null(strstr(plain(&b, &finding_of(key)->text), " was cold: "), "%s",
		                   key);
	}
	cr_expect_not_null(strstr(plain(&b, &finding_of("outlier:csv_data/ollama_quant_bench.csv/"
	                                                "ttft_s/first")
	                                             ->text),
	                          "It is so in each configuration."));
}

Test(corpus, quantisations_differ_beyond_noise_and_tuning_by_single_values_does_not)
{
	const struct finding *f = finding_of("best:csv_data/ollama_quant_bench.csv/tokens_s");

	cr_expect_str_eq(f->verdict, "changed");
	cr_expect_not_null(strstr(plain(&b, &f->text), "tag q4_0 at "));
	f = finding_of("best:csv_data/ollama_param_tuning.csv/tokens_s");
	cr_expect_str_eq(f->verdict, "untestable");
	cr_expect_not_null(strstr(plain(&b, &f->text), " others tie with it"));
	f = finding_of("best:reports/gemma3/gemma3_270m_param_tuning.csv/tokens_s/temperature");
	cr_expect_not_null(strstr(plain(&b, &f->text), "temperature 0.4 has higher throughput "
	                                               "than 0.2 by a factor of "));
}

Test(corpus, nothing_is_claimed_about_time_where_there_are_no_nights)
{
	cr_expect_eq(b.dossier.verdict, VERDICT_CANNOT_TELL);
	cr_expect_eq(b.dossier.compared.tested, 0);
}

Test(corpus, a_review_stays_small_and_fast)
{
	uint64_t begin = clock_mono_ns();

	cr_expect(b.dossier.n_facts < 15000, "%zu facts", b.dossier.n_facts);
	build_analysis(&b);
	cr_expect(clock_mono_ns() - begin < 5000000000u); /* generous: sanitizers, busy machines */
}
