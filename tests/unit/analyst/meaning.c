/* SPDX-License-Identifier: MIT */
/* What a figure may be taken for: which columns say the same, what may be ranked, what is told. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "tests/unit/analyst/builder.h"

static struct builder b;

static void start(void)
{
	build_start(&b);
}

static void done(void)
{
	build_done(&b);
}

TestSuite(meaning, .init = start, .fini = done);

static const struct group_metric *metric(const char *name)
{
	const struct group *g = &b.dossier.groups[0];

	for (size_t m = 0; m < g->n_metrics; m++)
		if (strcmp(g->metrics[m].name, name) == 0)
			return &g->metrics[m];
	cr_assert_fail("no metric %s", name);
	return NULL;
}

static const char *why(const char *column)
{
	for (size_t i = 0; i < b.dossier.n_roles; i++)
		if (strcmp(b.dossier.roles[i].column, column) == 0)
			return b.dossier.roles[i].why;
	return "none";
}

static size_t count_findings_with(const char *key)
{
	size_t n = 0;

	for (size_t i = 0; i < b.dossier.n_findings; i++)
		n += strstr(b.dossier.findings[i].key, key) != NULL;
	return n;
}

#define HYPERFINE "/command|/mean|/stddev|/median|/user|/system|/min|/max|/times\n"

/* Twelve nights of hyperfine, of which the last three are slower in the kernel. */
static void hyperfine_nights(void)
{
	for (int i = 0; i < 12; i++) {
		double slow = i < 9 ? 0 : .02, jitter = i % 3 * .0005;
		double t = .07 + slow + jitter, s = .014 + slow + jitter;

		(void)build_table(&b, arena_printf(b.arena, "sqlite-2026-11-%02d.json", i + 1),
		                  "/results/*",
		                  arena_printf(b.arena,
		                               HYPERFINE "lookups|%g|.001|%g|.05|%g|%g|%g|"
		                                         "[%g;%g;%g]\n"
		                                         "scan|.04|.001|.04|.03|.01|.039|.041|"
		                                         "[0.039;0.04;0.041]",
		                               t, t, s, t - .001, t + .001, t - .001, t, t + .001));
	}
	build_analysis(&b);
}

Test(meaning, statistics_beside_the_samples_are_shown_and_neither_ranked_nor_compared)
{
	hyperfine_nights();
	cr_expect_not(metric("times")->derived);
	cr_expect_not(metric("user")->derived);
	cr_expect_not(metric("system")->derived);
	cr_expect(metric("mean")->derived && metric("median")->derived);
	cr_expect(metric("min")->derived && metric("max")->derived && metric("stddev")->derived);
	cr_expect_eq(metric("mean")->best, 0);
	cr_expect_str_eq(find_role(&b.dossier, "mean"), "metric");
	cr_expect_str_eq(why("mean"),
	                 "mean of the runs, computed from `times`, by the schema of hyperfine");
	cr_expect_not_null(find_fact(&b.dossier, "mean", STAT_VALUE, "command=scan"));
	cr_expect_eq(b.dossier.compared.series, 6, "times, user and system of two commands");
}

Test(meaning, one_slower_command_is_told_once_and_its_part_with_it)
{
	const struct finding *f;

	hyperfine_nights();
	f = find_finding(&b.dossier, FINDING_REGRESSION);
	cr_expect_eq(b.n_findings_of[FINDING_REGRESSION], 1);
	cr_assert_not_null(f);
	cr_expect_not_null(strstr(f->key, "/times/command=lookups"));
	cr_assert_eq(f->n_facts, 4);
	cr_expect_str_eq(dossier_fact(&b.dossier, f->facts[3])->metric, "system");
	cr_expect(dossier_fact(&b.dossier, f->facts[3])->value > f->effect);
}

Test(meaning, a_change_is_told_in_words_with_the_run_since_which_and_what_to_compare)
{
	const char *text;

	hyperfine_nights();
	text = plain(&b, &b.dossier.findings[0].text);
	cr_expect_eq(strncmp(text, "Time of lookups (sqlite-2026-11-12.json", 39), 0, "%s", text);
	cr_expect_not_null(strstr(text, ", since the run of 2026-11-10; with it system time "),
	                   "%s", text);
	text = plain(&b, &b.dossier.recommendations[0].text);
	cr_expect_str_eq(text, "Compare what changed between the runs of 2026-11-09 and 2026-11-10 "
	                       "(commit, configuration, machine) for lookups in "
	                       "sqlite-2026-11-12.json.");
	cr_expect_eq(b.dossier.recommendations[0].n_findings, 1);
}

Test(meaning, a_quantity_that_several_metrics_have_is_told_by_their_names)
{
	(void)build_table(&b, "2026-11-01/x.csv", NULL, "model|cpu_time_ms|real_time_ms\na|1|2");
	(void)build_table(&b, "2026-11-02/x.csv", NULL, "model|cpu_time_ms|real_time_ms\na|1|3");
	build_analysis(&b);
	cr_expect_eq(strncmp(plain(&b, &find_finding(&b.dossier, FINDING_REGRESSION)->text),
	                     "real_time_ms (2026-11-02/x.csv) ", 32),
	             0);
}

Test(meaning, without_samples_the_median_stands_for_the_statistics_else_the_mean)
{
	(void)build_table(&b, "zstd.csv", NULL,
	                  "command|mean|stddev|median|user|system|min|max|parameter_level\n"
	                  "zstd -1|.041|.001|.0412|.03|.01|.040|.042|1\n"
	                  "zstd -3|.059|.001|.0592|.05|.01|.058|.062|3");
	build_analysis(&b);
	cr_expect_not(metric("median")->derived);
	cr_expect(metric("mean")->derived && metric("min")->derived && metric("max")->derived);
	cr_expect_str_eq(b.dossier.groups[0].metrics[0].name, "median");
	cr_expect_str_eq(why("mean"),
	                 "mean of the runs, computed from `median`, by the schema of hyperfine");
}

Test(meaning, a_family_of_means_and_extremes_has_one_series)
{
	(void)build_table(
		&b, "b.csv", NULL,
		"backend|mean_time_ms|std_time_ms|min_time_ms|max_time_ms|compile_time_ms\n"
		"x|2|.1|1|3|40\ny|3|.1|2|4|50");
	build_analysis(&b);
	cr_expect_not(metric("mean_time_ms")->derived);
	cr_expect_not(metric("compile_time_ms")->derived);
	cr_expect(metric("min_time_ms")->derived && metric("max_time_ms")->derived &&
	          metric("std_time_ms")->derived);
	cr_expect_eq(b.dossier.compared.series, 4);
}

Test(meaning, the_far_end_of_a_distribution_stays_beside_its_centre_where_samples_are_none)
{
	(void)build_table(&b, "l.csv", NULL,
	                  "backend|p50_ms|p95_ms|p99_ms|mean_ms\nx|2|3|9|2.1\ny|3|4|9.5|3.1");
	build_analysis(&b);
	cr_expect_not(metric("p50_ms")->derived);
	cr_expect_not(metric("p99_ms")->derived);
	cr_expect(metric("p95_ms")->derived && metric("mean_ms")->derived);
}

Test(meaning, the_times_of_a_run_beside_its_rates_restate_them)
{
	(void)build_table(&b, "llama.json", "/*",
	                  "/n_prompt|/n_gen|/avg_ns|/stddev_ns|/avg_ts|/stddev_ts|/samples_ns|"
	                  "/samples_ts\n"
	                  "128|0|100|1|50|1|[100;101]|[50;49]\n"
	                  "0|64|200|1|25|1|[200;201]|[25;24]");
	build_analysis(&b);
	cr_expect_not(metric("samples_ts")->derived);
	cr_expect(metric("samples_ns")->derived && metric("avg_ns")->derived &&
	          metric("avg_ts")->derived && metric("stddev_ts")->derived);
	cr_expect_eq(b.dossier.compared.series, 2);
}

Test(meaning, a_metric_that_the_configuration_asks_for_is_compared)
{
	static const struct analyst_rule rules[] = {{"max_time_ms", "metric", NULL, NULL}};
	struct analyst_settings s = {.rules = rules,
	                             .n_rules = 1,
	                             .today = "2026-11-21",
	                             .machine = "",
	                             .min_effect_pct = 2,
	                             .max_facts = 1000};

	(void)build_table(&b, "b.csv", NULL, "backend|mean_time_ms|max_time_ms\nx|2|3\ny|3|4");
	build_analysis_with(&b, &s);
	cr_expect_not(metric("max_time_ms")->derived);
}

#define LONG_PATH "/tmp/a/very/long/path/to/some/benchmark/input/that/is/no/sentence.txt"

Test(meaning, a_command_tells_rows_apart_however_long_it_is)
{
	(void)build_table(&b, "c.csv", NULL,
	                  "Command|time_ms\nzstd -1 " LONG_PATH " -o " LONG_PATH "|40\n"
	                  "zstd -3 " LONG_PATH " -o " LONG_PATH "|60");
	build_analysis(&b);
	cr_expect_str_eq(find_role(&b.dossier, "Command"), "key");
	cr_expect_eq(b.dossier.groups[0].n_configurations, 2);
}

Test(meaning, a_command_that_follows_from_its_parameters_is_no_key)
{
	(void)build_table(&b, "p.csv", NULL,
	                  "command|time_ms|parameter_level\nzstd -1|40|1\nzstd -3|60|3");
	build_analysis(&b);
	cr_expect_str_eq(find_role(&b.dossier, "parameter_level"), "key");
	cr_expect_str_eq(find_role(&b.dossier, "command"), "ignored");
	cr_expect_eq(b.dossier.groups[0].n_configurations, 2);
}

Test(meaning, a_command_that_its_parameters_do_not_determine_stays_a_key)
{
	(void)build_table(
		&b, "p.csv", NULL,
		"command|time_ms|parameter_level\nzstd|40|1\nlz4|20|1\nzstd|60|3\nlz4|30|3");
	build_analysis(&b);
	cr_expect_str_eq(find_role(&b.dossier, "command"), "key");
	cr_expect_eq(b.dossier.groups[0].n_configurations, 4);
}

Test(meaning, a_measurement_with_its_error_is_no_key)
{
	(void)build_table(&b, "m.csv", NULL,
	                  "Command|Mean [ms]|Min [ms]|Relative\n"
	                  "x|41.3 ± 0.6|40.4|1.00\ny|59.9 +/- 2.1|58.0|1.45 ± 0.06");
	build_analysis(&b);
	cr_expect_str_eq(find_role(&b.dossier, "Mean [ms]"), "metric");
	cr_expect_str_eq(find_role(&b.dossier, "Relative"), "ignored");
	cr_expect(strstr(why("Mean [ms]"), "the number before the spread"), "%s", why("Mean [ms]"));
	cr_expect_eq(find_fact(&b.dossier, "Mean [ms]", STAT_VALUE, "Command=x")->value, 41.3);
	cr_expect_eq(b.dossier.groups[0].n_keys, 1);
}

Test(meaning, different_work_is_not_ranked)
{
	(void)build_table(&b, "l.csv", NULL, "n_prompt|n_gen|tokens_s\n128|0|900\n0|64|37");
	build_analysis(&b);
	cr_expect_eq(b.dossier.groups[0].n_configurations, 2);
	cr_expect_eq(metric("tokens_s")->best, 0);
	cr_expect_eq(metric("tokens_s")->spread, 0);
	cr_expect_eq(b.n_findings_of[FINDING_BEST], 0);
	cr_expect_eq(b.dossier.n_recommendations, 0);
}

Test(meaning, commands_are_ranked_and_none_is_recommended)
{
	(void)build_table(&b, "c.csv", NULL, "command|time_ms\nsort|40\nuniq|20");
	build_analysis(&b);
	cr_expect_eq(b.n_findings_of[FINDING_BEST], 1);
	cr_expect_not_null(
		strstr(plain(&b, &find_finding(&b.dossier, FINDING_BEST)->text), ": uniq at "));
	cr_expect_eq(b.dossier.n_recommendations, 0);
}

Test(meaning, numbers_in_different_units_are_not_ranked)
{
	(void)build_table(&b, "g.csv", NULL, "name|real_time|time_unit\na|0.04|s\nb|10000|ns");
	build_analysis(&b);
	cr_expect_eq(metric("real_time")->best, 0);
	cr_expect_eq(b.n_findings_of[FINDING_BEST], 0);
}

Test(meaning, sentences_name_only_the_keys_that_differ)
{
	const char *text;

	(void)build_table(&b, "k.csv", NULL,
	                  "model|backend|threads|tokens_s\nm|cpu|2|10\nm|cpu|4|20");
	build_analysis(&b);
	text = plain(&b, &b.dossier.recommendations[0].text);
	cr_expect_eq(strncmp(text, "Prefer threads 4 for throughput in k.csv,", 41), 0, "%s", text);
	cr_expect_null(strstr(plain(&b, &find_finding(&b.dossier, FINDING_BEST)->text), "cpu"));
	cr_expect_eq(count_findings_with("best:"), 1);
}

Test(meaning, the_factor_between_best_and_worst_is_never_below_one)
{
	const struct fact *f;

	(void)build_table(&b, "k.csv", NULL, "backend|tokens_s|ttft_s\nx|10|1\ny|40|4");
	build_analysis(&b);
	f = dossier_fact(&b.dossier, metric("tokens_s")->spread);
	cr_assert_not_null(f);
	cr_expect_float_eq(f->value, 4, 1e-12);
	cr_expect_str_eq(f->label, "ratio of tokens_s, best to worst");
	f = dossier_fact(&b.dossier, metric("ttft_s")->spread);
	cr_assert_not_null(f);
	cr_expect_float_eq(f->value, 4, 1e-12);
	cr_expect_str_eq(f->label, "ratio of ttft_s, worst to best");
}

Test(meaning, runs_are_counted_by_the_times_that_paths_and_contents_tell)
{
	(void)build_table(&b, "2026-11-01/x.csv", NULL, "model|time_ms\na|10");
	(void)build_table(&b, "2026-11-01/y.csv", NULL, "model|time_ms\na|10");
	(void)build_table(&b, "2026-11-03/x.csv", NULL, "model|time_ms\na|10");
	(void)build_table(&b, "z.json", "/*",
	                  "/when_at|/timestamp|/time_ms\nx|2026-11-05T10:00:00Z|1");
	build_table(&b, "plain.csv", NULL, "model|time_ms\na|10")->modified_s = 1700000000;
	build_analysis(&b);
	cr_expect_eq(b.dossier.runs.n, 3);
	cr_assert_eq(b.dossier.runs.n_days, 3);
	cr_expect_str_eq(b.dossier.runs.days[0], "2026-11-01");
	cr_expect_str_eq(b.dossier.runs.days[2], "2026-11-05");
	cr_expect_eq(b.dossier.runs.last_s - b.dossier.runs.first_s, 4 * 86400 + 36000);
}

Test(meaning, files_that_tell_no_time_are_no_runs)
{
	build_table(&b, "plain.csv", NULL, "model|time_ms\na|10")->modified_s = 1700000000;
	build_analysis(&b);
	cr_expect_eq(b.dossier.runs.n, 0);
}

/* Rows of two backends in turn, so that no range puts them together. */
static void alternating(int rows, const char *bad)
{
	size_t size = (size_t)rows * 32 + strlen(bad) + 64, n;
	char *text = arena_calloc(b.arena, size, 1);

	n = (size_t)snprintf(text, size, "backend|time_ms|error");
	for (int i = 0; i < rows; i++)
		n += (size_t)snprintf(text + n, size - n, "\n%c|%d.5|", "xy"[i % 2], 10 + i % 7);
	(void)snprintf(text + n, size - n, "%s", bad);
	(void)build_table(&b, "big.csv", NULL, text);
	build_analysis(&b);
}

Test(meaning, many_rows_are_named_by_what_stands_in_them)
{
	const struct fact *f;

	alternating(600, "\nx|nan|\nx||timed out");
	f = find_fact(&b.dossier, "time_ms", STAT_MEDIAN, "backend=x");
	cr_assert_not_null(f);
	cr_assert_eq(f->n_cells, 1);
	cr_expect_null(f->cells[0].rows);
	cr_assert_eq(f->cells[0].n_where, 2);
	cr_expect_str_eq(f->cells[0].where[0].name, "backend");
	cr_expect_str_eq(f->cells[0].where[0].text, "x");
	cr_expect_str_eq(f->cells[0].where[1].name, "error");
	cr_expect_str_eq(f->cells[0].where[1].text, "");
	cr_expect_str_eq(f->cells[0].except, "601");
	cr_expect_eq(f->n, 300);
	f = find_fact(&b.dossier, "time_ms", STAT_MEDIAN, "backend=y");
	cr_expect_null(f->cells[0].except);
}

Test(meaning, few_rows_are_named_one_by_one)
{
	alternating(20, "");
	cr_expect_str_eq(find_fact(&b.dossier, "time_ms", STAT_MEDIAN, "backend=x")->cells[0].rows,
	                 "1,3,5,7,9,11,13,15,17,19");
}

Test(meaning, too_many_left_out_rows_are_counted_and_the_first_are_named)
{
	size_t size = 64 * 1024, n = 0;
	char *bad = arena_calloc(b.arena, size, 1);
	const struct fact *f;

	for (int i = 0; i < 400; i++)
		n += (size_t)snprintf(bad + n, size - n, "\nx|nan|\nx|%d|", 1 + i % 5);
	alternating(10, bad);
	f = find_fact(&b.dossier, "time_ms", STAT_MEDIAN, "backend=x");
	cr_assert_eq(f->n_excluded, 1);
	cr_expect(strlen(f->excluded[0].at.rows) <= 256);
	cr_expect_not_null(strstr(f->excluded[0].why, "not a number: nan; 400 rows, of which the "
	                                              "first "));
}

Test(meaning, reasons_without_end_are_put_together)
{
	size_t size = 64 * 1024, n = 0;
	char *bad = arena_calloc(b.arena, size, 1);
	const struct fact *f;
	size_t rows = 0;

	for (int i = 0; i < 200; i++)
		n += (size_t)snprintf(bad + n, size - n, "\nx||timed out %d", i);
	alternating(10, bad);
	f = find_fact(&b.dossier, "time_ms", STAT_MEDIAN, "backend=x");
	cr_expect(f->n_excluded <= 33, "%zu", f->n_excluded);
	for (size_t i = 0; i < f->n_excluded; i++)
		rows += strcmp(f->excluded[i].why, "error is set") == 0;
	cr_expect_eq(rows, 1);
}

Test(meaning, machines_in_one_table_are_told_apart)
{
	(void)build_table(&b, "m.csv", NULL, "hostname|time_ms\nant|10\nbee|20\nant|11\nbee|21\n");
	(void)build_table(&b, "one.csv", NULL, "hostname|time_ms\nant|10\nant|11\n");
	build_analysis(&b);
	cr_expect_eq(b.dossier.groups[0].n_configurations, 2);
	cr_expect_str_eq(find_role(&b.dossier, "hostname"), "key");
	cr_expect_eq(b.dossier.groups[1].n_configurations, 1);
	cr_expect_eq(b.dossier.groups[1].n_keys, 0);
}
