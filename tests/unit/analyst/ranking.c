/* SPDX-License-Identifier: MIT */
/* What of a sweep is best, what ties with it, and what one of its options does. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "agents/analyst/signs.h"
#include "tests/unit/analyst/builder.h"
#include "tests/unit/analyst/random.h"

static struct builder b;

static void start(void)
{
	build_start(&b);
}

static void done(void)
{
	build_done(&b);
}

TestSuite(ranking, .init = start, .fini = done);

#define row(...) build_row(&b, __VA_ARGS__)

static void analyse(const char *path)
{
	(void)build_table(&b, path, NULL, buf_text(&b.rows));
	build_analysis(&b);
}

static const struct finding *finding_of(const char *key)
{
	for (size_t i = 0; i < b.dossier.n_findings; i++)
		if (strcmp(b.dossier.findings[i].key, key) == 0)
			return &b.dossier.findings[i];
	return NULL;
}

static const struct finding *best_of(const char *key)
{
	const struct finding *f = finding_of(key);

	cr_assert(f && f->kind == FINDING_BEST, "no finding %s", key);
	return f;
}

#define says(f, words)                                                                        \
	cr_expect(strstr(plain(&b, &(f)->text), words) != NULL, "\"%s\" expected: %s", words, \
	          plain(&b, &(f)->text))
#define says_not(f, words) \
	cr_expect_null(strstr(plain(&b, &(f)->text), words), "%s", plain(&b, &(f)->text))

static const struct fact *fact_of(const struct finding *f, enum statistic s)
{
	for (size_t i = 0; i < f->n_facts; i++) {
		const struct fact *one = dossier_fact(&b.dossier, f->facts[i]);

		if (one->statistic == s)
			return one;
	}
	return NULL;
}

static const struct gate *gate_of(const struct finding *f, const char *name)
{
	for (size_t i = 0; i < f->n_gates; i++)
		if (strcmp(f->gates[i].name, name) == 0)
			return &f->gates[i];
	cr_assert_fail("no gate %s", name);
	return NULL;
}

static bool is_recommended(const char *words)
{
	for (size_t i = 0; i < b.dossier.n_recommendations; i++)
		if (strstr(plain(&b, &b.dossier.recommendations[i].text), words))
			return true;
	return false;
}

/* n repetitions of a configuration about a level, with a coefficient of variation. */
static void repeat(const char *config, double level, double cv, size_t n, uint64_t *seed)
{
	for (size_t i = 0; i < n; i++)
		row("%s|%.6f", config, level * (1 + cv * random_normal(seed)));
}

/* --- the tie set ---------------------------------------------------------------------------- */

Test(ranking, a_winner_beyond_noise_is_preferred)
{
	const struct finding *f;
	uint64_t seed = 7;

	row("backend|tokens_s");
	repeat("a", 100, .01, 6, &seed);
	repeat("b", 120, .01, 6, &seed);
	repeat("c", 90, .01, 6, &seed);
	analyse("sweep.csv");
	f = best_of("best:sweep.csv/tokens_s");
	says(f, "backend b at ");
	says(f, "; the next is backend a at ");
	says_not(f, "not tested");
	cr_expect_str_eq(f->verdict, "changed");
	cr_expect_float_eq(fact_of(f, STAT_MANN_WHITNEY_P)->value, 2. / 924, 1e-12);
	cr_expect_float_eq(f->p, 1. / 924, 1e-12);
	cr_expect_float_eq(f->p_adjusted, 2. / 924, 1e-12); /* of two rivals */
	cr_expect_float_eq(fact_of(f, STAT_HODGES_LEHMANN_RATIO)->value, 1.2, .02);
	cr_expect_eq(fact_of(f, STAT_CLES)->value, 1);
	cr_expect(gate_of(f, "one-sided p, adjusted")->passed);
	cr_expect(is_recommended("Prefer backend b for throughput in sweep.csv."));
}

Test(ranking, what_a_test_cannot_tell_from_the_best_ties_with_it)
{
	const struct finding *f;
	uint64_t seed = 11;

	row("backend|time_ms");
	repeat("a", 100, .03, 8, &seed);
	repeat("b", 101, .03, 8, &seed);
	repeat("c", 130, .03, 8, &seed);
	analyse("sweep.csv");
	f = best_of("best:sweep.csv/time_ms");
	says(f, "tied with backend ");
	says(f, "; worst: backend c at ");
	cr_expect_str_eq(f->verdict, "undecided");
	cr_expect_not(gate_of(f, "one-sided p, adjusted")->passed);
	cr_expect(is_recommended("again, several times each and in turn"));
	cr_expect_not(is_recommended("Prefer"));
}

Test(ranking, a_difference_that_is_sure_and_too_small_to_matter_is_a_tie)
{
	const struct finding *f;
	uint64_t seed = 3;

	row("backend|time_ms");
	repeat("a", 100, .001, 10, &seed);
	repeat("b", 101, .001, 10, &seed);
	analyse("sweep.csv");
	f = best_of("best:sweep.csv/time_ms");
	says(f, "tied with backend b");
	cr_expect_str_eq(f->verdict, "equal");
	cr_expect(f->p_adjusted < .001);
}

Test(ranking, numbers_below_zero_have_no_ratio)
{
	const struct finding *f;

	row("backend|score");
	for (int i = 0; i < 8; i++)
		row("a|%d.5", 10 + i);
	for (int i = 0; i < 8; i++)
		row("b|%d.5", i - 2);
	analyse("sweep.csv");
	f = best_of("best:sweep.csv/score");
	cr_expect_null(fact_of(f, STAT_HODGES_LEHMANN_RATIO));
	cr_expect_not_null(fact_of(f, STAT_MANN_WHITNEY_P));
	says(f, " (p ");
}

Test(ranking, of_single_values_those_within_what_matters_tie)
{
	const struct finding *f;

	row("backend|tokens_per_second");
	row("r9700 tp2|1325.705122782343");
	row("rocm_atten tp2|1299.397329054036");
	row("rocm_atten tp1|801.2");
	analyse("gemma.csv");
	f = best_of("best:gemma.csv/tokens_per_second");
	says(f, "tied with backend rocm_atten tp2");
	says(f, "One value each: ranked, not tested.");
	says_not(f, "optimistic");
	cr_expect_str_eq(f->verdict, "untestable");
	cr_expect_eq(gate_of(f, "repetitions")->value, 1);
	cr_expect_not(gate_of(f, "distance of the next, %")->passed);
	cr_expect_float_eq(gate_of(f, "distance of the next, %")->value, 1.984, .001);
	cr_expect(is_recommended("Run backend r9700 tp2 and backend rocm_atten tp2 again"));
}

/* hyperfine of two solutions of the billion rows: means and medians disagree. */
Test(ranking, where_mean_and_median_disagree_the_order_is_said_to_depend_on_them)
{
	const struct finding *f;

	(void)build_table(&b, "one.json", "/results/*",
	                  "/command|/times\n1brc|[10.9;11.818133;12.126309]\n"
	                  "lucretiel|[10.4;12.049233;12.213982]");
	build_analysis(&b);
	f = best_of("best:one.json#/results/*/times");
	says(f, ": 1brc at ");
	says(f, "tied with lucretiel at ");
	says(f, "Too few repetitions: ranked, not tested");
	says(f, " By the mean, lucretiel leads, at ");
	says(f, ": the order depends on the statistic.");
	cr_expect_str_eq(f->verdict, "untestable");
	cr_expect_float_eq(fact_of(f, STAT_MEAN)->value, 11.554405, 1e-6);
}

Test(ranking, so_many_configurations_of_so_few_repetitions_are_not_tested_one_by_one)
{
	const struct finding *f;
	uint64_t seed = 5;

	row("threads|tokens_s");
	for (int i = 0; i < 36; i++)
		for (int k = 0; k < 4; k++)
			row("%d|%.4f", i, (i == 20 ? 150 : 100) * (1 + .02 * random_normal(&seed)));
	analyse("sweep.csv");
	f = best_of("best:sweep.csv/tokens_s");
	says(f, "threads 20 at ");
	says(f, "; the next is ");
	says(f, "Too few repetitions: ranked, not tested");
	says_not(f, "optimistic");
	cr_expect_str_eq(f->verdict, "untestable");
	cr_expect(gate_of(f, "distance of the next, %")->passed);
	cr_expect(gate_of(f, "distance of the next, %")->threshold > 2);
}

/* Throughputs cannot lie further apart than all of the best: a factor can. */
Test(ranking, noise_does_not_tie_what_is_many_times_slower)
{
	const struct finding *f;

	row("threads|tokens_s");
	row("1|1000\n1|1600\n1|2200");
	row("2|900\n2|1500\n2|2000");
	row("4|100\n4|150\n4|200");
	analyse("sweep.csv");
	f = best_of("best:sweep.csv/tokens_s");
	says(f, "tied with threads 2 at ");
	says(f, "; worst: threads 4 at ");
	says(f,
	     "Too few repetitions: ranked, not tested; what the noise of repetitions can explain "
	     "is a tie.");
}

Test(ranking, of_many_equals_any_may_be_chosen)
{
	const struct finding *f;
	uint64_t seed = 9;

	row("threads|tokens_s");
	for (int i = 0; i < 20; i++)
		for (int k = 0; k < 3; k++)
			row("%d|%.4f", i, 100 * (1 + .05 * random_normal(&seed)));
	analyse("sweep.csv");
	f = best_of("best:sweep.csv/tokens_s");
	says(f, " others tie with it (the next: ");
	says_not(f, "optimistic"); /* nothing leads */
	cr_expect_eq(fact_of(f, STAT_COUNT)->value, 19);
	cr_expect_not(is_recommended("Prefer"));
}

Test(ranking, of_values_that_are_near_another_metric_decides)
{
	const struct finding *f;

	row("threads|tokens_s");
	for (int i = 0; i < 20; i++)
		row("%d|%.2f", i, 100 - .05 * i);
	analyse("sweep.csv");
	f = best_of("best:sweep.csv/tokens_s");
	says(f, "; all the ");
	cr_expect(is_recommended("Choose by another metric in sweep.csv"));
}

Test(ranking, the_first_of_many_near_equals_is_called_lucky)
{
	const struct finding *f;
	uint64_t seed = 9;

	row("threads|tokens_s");
	for (int i = 0; i < 20; i++)
		for (int k = 0; k < 3; k++)
			row("%d|%.4f", i, (i < 12 ? 100 : 40) * (1 + .05 * random_normal(&seed)));
	analyse("sweep.csv");
	f = best_of("best:sweep.csv/tokens_s");
	says(f, " tie with it (the next: ");
	says(f, "Of so many near equals the first is also the luckiest: its lead is optimistic.");
	cr_expect_eq(fact_of(f, STAT_COUNT)->value, 11);
	cr_expect(is_recommended(" and the configurations that tie with it again, several times"));
}

/* Holm's promise: the configuration that is as good as any is rarely left out. */
Test(ranking, one_that_is_as_good_as_the_best_is_rarely_left_out)
{
	uint64_t seed = 1;
	int left_out = 0;

	for (int trial = 0; trial < 100; trial++) {
		const struct finding *f;

		done();
		start();
		row("backend|time_ms");
		repeat("a", 100, .2, 8, &seed);
		repeat("b", 100, .2, 8, &seed);
		repeat("c", 100, .2, 8, &seed);
		repeat("d", 100, .2, 8, &seed);
		analyse("sweep.csv");
		f = best_of("best:sweep.csv/time_ms");
		left_out += strcmp(f->verdict, "changed") == 0;
	}
	cr_expect(left_out <= 5, "%d of 100", left_out);
}

/* --- marginal effects ------------------------------------------------------------------------ */

Test(ranking, the_sign_test_is_exact)
{
	cr_expect_float_eq(sign_test(20, 0), 0x1p-19, 1e-18);
	cr_expect_float_eq(sign_test(1, 5), 14. / 64, 1e-12);
	cr_expect_float_eq(sign_test(9, 3), 2 * 299. / 4096, 1e-12);
	cr_expect_eq(sign_test(4, 4), 1);
	cr_expect_eq(sign_test(0, 0), 1);
	cr_expect_eq(sign_test(0, 1), 1);
}

/* The shape of a sweep of models and rates over one and two devices. */
Test(ranking, an_option_is_judged_by_matched_pairs)
{
	const struct finding *f;

	row("model|request_rate|tp|tokens_per_second");
	for (int i = 0; i < 20; i++) {
		double base = 300 + 97 * i;

		row("m%d|%d|1|%.6f", i / 4, 1 << i % 4, base);
		row("m%d|%d|2|%.6f", i / 4, 1 << i % 4, base * 1.6408 * (i % 2 ? 1.1 : 1 / 1.1));
	}
	row("m9|1|1|99999"); /* no partner: never in a mean */
	analyse("vllm.csv");
	f = best_of("best:vllm.csv/tokens_per_second/tp");
	says(f, "All else equal in vllm.csv, tp 2 has higher throughput than 1 by a factor of ");
	says(f, ", in all ");
	cr_expect_float_eq(fact_of(f, STAT_GEOMEAN_RATIO)->value, 1.6408, 1e-6);
	cr_expect_float_eq(fact_of(f, STAT_SIGN_P)->value, 1.9073486e-6, 1e-12);
	cr_expect_float_eq(fact_of(f, STAT_MIN)->value, 1.6408 / 1.1, 1e-6);
	cr_expect_float_eq(fact_of(f, STAT_MAX)->value, 1.6408 * 1.1, 1e-6);
	cr_expect_eq(fact_of(f, STAT_COUNT)->value, 20);
	cr_expect_eq(fact_of(f, STAT_GEOMEAN_RATIO)->n_from, 20);
	cr_expect_str_eq(f->verdict, "changed");
	cr_expect(f->p_adjusted >= f->p);
}

Test(ranking, of_a_time_the_better_value_is_the_lower_one)
{
	const struct finding *f;

	row("model|threads|time_ms");
	for (int i = 0; i < 8; i++) {
		row("m%d|1|%d", i, 800 + i);
		row("m%d|4|%d", i, 400 + i);
	}
	analyse("sweep.csv");
	f = best_of("best:sweep.csv/time_ms/threads");
	says(f, "All else equal in sweep.csv, threads 4 has lower time than 1 by a factor of ");
	cr_expect_float_eq(fact_of(f, STAT_GEOMEAN_RATIO)->value, 1.9912, 1e-3);
}

Test(ranking, an_effect_that_goes_both_ways_is_none)
{
	row("model|flash|tokens_s");
	for (int i = 0; i < 12; i++) {
		row("m%d|off|100", i);
		row("m%d|on|%d", i, i % 2 ? 150 : 80);
	}
	analyse("sweep.csv");
	cr_expect_null(finding_of("best:sweep.csv/tokens_s/flash"));
}

/* Each value of it was measured with its own other options: no pair differs by it alone. */
Test(ranking, unmatched_configurations_are_not_compared)
{
	row("threads|batch|tokens_s");
	for (int i = 0; i < 8; i++)
		row("%d|%d|%d", i < 4 ? 1 : 2, i, i < 4 ? 100 + i : 200 + i);
	analyse("sweep.csv");
	cr_expect_null(finding_of("best:sweep.csv/tokens_s/threads"));
	cr_expect_null(finding_of("best:sweep.csv/tokens_s/batch"));
}

Test(ranking, a_name_for_each_configuration_does_not_hide_its_options)
{
	const struct finding *f;

	row("name|threads|batch|tokens_s");
	for (int i = 0; i < 8; i++) {
		row("t1_b%d|1|%d|%d", i, i, 100 + i);
		row("t2_b%d|2|%d|%d", i, i, 190 + i);
	}
	analyse("sweep.csv");
	f = best_of("best:sweep.csv/tokens_s/threads");
	says(f, "threads 2 has higher throughput than 1");
	cr_expect_eq(fact_of(f, STAT_COUNT)->value, 8);
	cr_expect_float_eq(fact_of(f, STAT_SIGN_P)->value, 2. / 256, 1e-12);
}

/* --- the Pareto front ------------------------------------------------------------------------ */

Test(ranking, where_metrics_conflict_the_front_is_named)
{
	const struct finding *f;

	row("backend|tokens_s|ttft_s");
	row("fast|200|0.9");
	row("middle|150|0.4");
	row("prompt|100|0.1");
	row("bad|90|0.5");
	analyse("sweep.csv");
	f = best_of("best:sweep.csv/pareto");
	says(f, "No configuration of sweep.csv is among the best in throughput and time to first "
	        "token alike. The Pareto front is backend fast (");
	says(f, "backend middle (");
	says(f, "backend prompt (");
	says_not(f, "backend bad");
	cr_expect_eq(f->n_facts, 6);
	cr_expect_eq(dossier_fact(&b.dossier, f->facts[0])->value, 200);
	cr_expect_not(is_recommended("Prefer"));
}

Test(ranking, there_is_no_front_where_one_is_best_in_all_or_ties)
{
	row("backend|tokens_s|ttft_s");
	row("fast|200|0.1010");
	row("middle|150|0.4");
	row("prompt|100|0.1");
	analyse("sweep.csv");
	cr_expect_null(finding_of("best:sweep.csv/pareto"));
	cr_expect_not_null(finding_of("best:sweep.csv/tokens_s"));
}

/* --- a file for each configuration ------------------------------------------------------------ */

static void result_file(const char *path, double tokens_s)
{
	char text[128], *copy = arena_strdup(b.arena, path);

	(void)snprintf(text, sizeof text,
	               "/elapsed_time|/num_requests|/tokens_per_second\n%.6f|1000|%.6f",
	               755432 / tokens_s, tokens_s);
	(void)build_table(&b, copy, "", text);
}

Test(ranking, files_that_differ_by_options_in_their_names_are_one_sweep)
{
	static const char *const models[] = {"Qwen3-14B-FP8", "gemma-3-12b-it", "Llama-3.1-8B",
	                                     "gpt-oss-20b", "Qwen3-30B-A3B"};
	const struct finding *f;
	char path[128];

	for (int i = 0; i < 20; i++) {
		(void)snprintf(path, sizeof path, "bench/%s/RedHat_%s_tp%d_throughput.json",
		               i / 10 ? "rocm_atten" : "r9700", models[i % 5], 1 + i / 5 % 2);
		result_file(path, (500 + 90 * (i % 5) + 7 * (i / 10)) * (i / 5 % 2 ? 1.64 : 1));
	}
	result_file("bench/r9700/RedHat_gpt-oss-20b_tp2_qps4.0_latency.json", 77);
	result_file("bench/r9700/summary.json", 9999);
	build_analysis(&b);
	cr_expect_null(finding_of("best:bench/*/*_*_throughput.json/tokens_per_second"));
	f = best_of("best:bench/*/RedHat_gemma-3-12b-it_*_throughput.json/tokens_per_second");
	says(f, ": directory rocm_atten, tp 2 at ");
	says(f, "tied with directory r9700, tp 2 at ");
	says(f, "Each is a run of its own: ranked, not tested.");
	f = best_of("best:bench/*/*_*_throughput.json/tokens_per_second/tp");
	says(f, "tp 2 has higher throughput than 1 by a factor of ");
	cr_expect_eq(fact_of(f, STAT_COUNT)->value, 10);
	cr_expect_float_eq(fact_of(f, STAT_GEOMEAN_RATIO)->value, 1.64, 1e-6);
	cr_expect_float_eq(fact_of(f, STAT_SIGN_P)->value, 2. / 1024, 1e-12);
}

Test(ranking, files_of_other_names_are_no_sweep)
{
	result_file("bench/gemma3_baseline.json", 100); /* a version */
	result_file("bench/gemma2_baseline.json", 90);
	result_file("bench/gemma1_baseline.json", 80);
	result_file("bench/model_run1.json", 100); /* runs of one series */
	result_file("bench/model_run2.json", 90);
	result_file("bench/model_run3.json", 80);
	result_file("bench/x_tp1.json", 100); /* too few */
	result_file("bench/x_tp2.json", 200);
	build_analysis(&b);
	cr_expect_null(find_finding(&b.dossier, FINDING_BEST));
}

/* --- bounds -------------------------------------------------------------------------------------
 */

Test(ranking, of_four_hundred_configurations_few_facts_are_made)
{
	uint64_t seed = 4;

	row("threads|batch|tokens_s|ttft_s|memory_mb");
	for (int i = 0; i < 400; i++)
		for (int k = 0; k < 20; k++)
			row("%d|%d|%.3f|%.4f|%.1f", i % 16, i / 16,
			    100 + i % 16 + random_normal(&seed), .1 + .001 * random_uniform(&seed),
			    900 + random_normal(&seed));
	(void)build_table(&b, "sweep.csv", NULL, buf_text(&b.rows));
	build_analysis(&b);
	cr_expect(b.dossier.n_facts <= 10000);
	cr_expect_not_null(finding_of("best:sweep.csv/tokens_s"));
}

/* --- different work ------------------------------------------------------------------------- */

static void three_benchmarks(unsigned threads_of_last)
{
	row("benchmark|threads|time_ms");
	for (unsigned i = 0; i < 6; i++) {
		row("scan|1|%u", 200 + i);
		row("scan|8|%u", 100 + i);
		row("lookups|1|%u", 2 + i);
		row("lookups|8|%u", 9 + i);
		row("join|%u|%u", threads_of_last, 5000 + i);
	}
	analyse("x.csv");
}

Test(ranking, configurations_that_did_other_work_are_not_held_against_each_other)
{
	three_benchmarks(1);
	says(best_of("best:x.csv/time_ms/benchmark=scan"), "benchmark scan: threads 8 at {");
	says(best_of("best:x.csv/time_ms/benchmark=lookups"), "benchmark lookups: threads 1 at {");
	cr_expect_eq(b.n_findings_of[FINDING_BEST], 2, "join ran once, there is nothing to choose");
	cr_expect(is_recommended("Prefer threads 8"));
}

Test(ranking, the_best_of_each_work_is_marked)
{
	const struct group *g;

	three_benchmarks(1);
	g = &b.dossier.groups[0];
	cr_assert_eq(g->n_works, 3);
	cr_assert_eq(g->n_configurations, 5);
	cr_expect_eq(g->metrics[0].best, 0, "there is none of all");
	cr_expect_not(g->cells[0].best);
	for (size_t i = 1; i < 5; i++) /* the last one, join, has nothing beside it */
		cr_expect_eq(g->cells[i].best, i == 1 || i == 2, "%zu", i);
}

Test(ranking, benchmarks_that_each_ran_one_way_are_not_ranked)
{
	row("benchmark|threads|time_ms");
	row("scan|4|100");
	row("lookups|8|2");
	row("join|2|5000");
	analyse("x.csv");
	cr_expect_eq(b.n_findings_of[FINDING_BEST], 0);
}

Test(ranking, an_option_within_a_name_is_one)
{
	row("benchmark|time_ms");
	row("Encode/format=gob|30");
	row("Encode/format=json|14");
	row("Decode/format=json|10");
	analyse("x.csv");
	cr_expect_eq(b.n_findings_of[FINDING_BEST], 1);
	says(best_of("best:x.csv/time_ms/benchmark=Encode/format="), "benchmark Encode: ");
}

Test(ranking, a_name_for_each_configuration_is_a_choice)
{
	row("name|threads|time_ms");
	row("fast|4|100");
	row("slow|1|200");
	row("fastest|8|50");
	analyse("x.csv");
	says(best_of("best:x.csv/time_ms"), ": name fastest, threads 8 at {");
}

Test(ranking, a_name_that_several_configurations_bear_is_their_work)
{
	(void)build_table(&b, "x.csv", NULL,
	                  "name|threads|time_ms\nscan|1|200\nscan|8|100\nlookups|1|9\nlookups|8|2");
	build_analysis(&b);
	cr_expect_eq(b.n_findings_of[FINDING_BEST], 2);
	says(best_of("best:x.csv/time_ms/name=lookups"), "name lookups: threads 8 at {");
}
