/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <math.h>

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

TestSuite(history, .init = start, .fini = done);

#define QUIET BUILD_QUIET

static void nights(const double *x, size_t n)
{
	build_nights(&b, x, n);
}

static double gate(const struct finding *f, const char *name)
{
	for (size_t i = 0; i < f->n_gates; i++)
		if (strcmp(f->gates[i].name, name) == 0)
			return f->gates[i].value;
	return (double)NAN;
}

Test(history, a_quiet_night_is_the_same_and_says_what_it_would_have_noticed)
{
	nights((double[]){QUIET, 100.5}, 11);
	cr_expect_eq(b.dossier.verdict, VERDICT_SAME);
	cr_expect_eq(b.dossier.compared.series, 1);
	cr_expect_eq(b.dossier.compared.tested, 1);
	cr_expect(b.dossier.compared.smallest_change_pct > 2 &&
	          b.dossier.compared.smallest_change_pct < 10);
	cr_expect_eq(b.n_findings_of[FINDING_REGRESSION], 0);
}

Test(history, a_first_bad_night_is_suspected)
{
	const struct finding *f;

	nights((double[]){QUIET, 80}, 11);
	cr_expect_eq(b.dossier.verdict, VERDICT_WORSE);
	f = find_finding(&b.dossier, FINDING_REGRESSION);
	cr_assert_not_null(f);
	cr_expect_str_eq(f->state, "suspected");
	cr_expect_str_eq(f->verdict, "changed");
	cr_expect_str_eq(f->since, "2026-11-11");
	cr_expect_float_eq(f->effect, -20, 1e-9);
	cr_expect_eq(gate(f, "earlier runs"), 10);
	cr_expect_eq(gate(f, "runs in a row on this side"), 1);
	cr_expect_str_eq(f->key, "regression:*/bench.csv/tokens_s/model=a");
}

Test(history, three_bad_nights_are_confirmed_since_the_first)
{
	const struct finding *f;

	nights((double[]){QUIET, 80, 81, 79}, 13);
	f = find_finding(&b.dossier, FINDING_REGRESSION);
	cr_assert_not_null(f);
	cr_expect_str_eq(f->state, "confirmed");
	cr_expect_eq(f->severity, SEVERITY_HIGH);
	cr_expect_str_eq(f->since, "2026-11-11");
	cr_expect_float_eq(dossier_fact(&b.dossier, f->facts[2])->value, 100, 1e-9);
	cr_expect_eq(dossier_fact(&b.dossier, f->facts[2])->n, 30);
	cr_expect_eq(gate(f, "earlier runs"), 10);
}

Test(history, a_spike_that_went_away_is_told_once_and_alarms_nobody)
{
	const struct finding *f;

	nights((double[]){QUIET, 80, 100}, 12);
	cr_expect_eq(b.dossier.verdict, VERDICT_SAME);
	f = find_finding(&b.dossier, FINDING_REGRESSION);
	cr_assert_not_null(f);
	cr_expect_str_eq(f->state, "spike");
	cr_expect_eq(f->severity, SEVERITY_INFO);
	cr_expect_str_eq(f->since, "2026-11-11");
	cr_expect_float_eq(f->effect, -20, 1e-9);
}

Test(history, a_spike_of_long_ago_is_no_finding)
{
	nights((double[]){QUIET, 80, 100, 101}, 13);
	cr_expect_eq(b.dossier.verdict, VERDICT_SAME);
	cr_expect_eq(b.n_findings_of[FINDING_REGRESSION], 0);
}

Test(history, a_spike_before_does_not_confirm_another_night)
{
	const struct finding *f;

	nights((double[]){QUIET, 80, 100, 79}, 13);
	f = find_finding(&b.dossier, FINDING_REGRESSION);
	cr_assert_not_null(f);
	cr_expect_str_eq(f->state, "suspected");
	cr_expect_str_eq(f->since, "2026-11-13");
}

Test(history, a_turn_begins_a_new_streak)
{
	const struct finding *f;

	nights((double[]){QUIET, 80, 80, 130}, 13);
	cr_expect_eq(b.dossier.verdict, VERDICT_BETTER);
	f = find_finding(&b.dossier, FINDING_IMPROVEMENT);
	cr_assert_not_null(f);
	cr_expect_str_eq(f->state, "suspected");
	cr_expect_str_eq(f->since, "2026-11-13");
}

Test(history, a_change_below_the_least_effect_is_none_however_exact_the_series)
{
	nights((double[]){100, 100, 100, 100, 100, 100, 100, 100, 100, 98.5}, 10);
	cr_expect_eq(b.dossier.verdict, VERDICT_SAME);
	cr_expect_float_eq(b.dossier.compared.smallest_change_pct, 2, 1e-12);
}

Test(history, too_few_nights_are_untestable_and_a_difference_is_still_shown)
{
	const struct finding *f;

	nights((double[]){100, 100, 100, 80}, 4);
	cr_expect_eq(b.dossier.verdict, VERDICT_CANNOT_TELL);
	cr_expect_eq(b.dossier.compared.untestable, 1);
	f = find_finding(&b.dossier, FINDING_REGRESSION);
	cr_assert_not_null(f);
	cr_expect_eq(f->severity, SEVERITY_INFO);
	cr_expect_null(f->state);
	cr_expect_str_eq(f->verdict, "untestable");
}

Test(history, one_run_alone_cannot_tell)
{
	nights((double[]){100}, 1);
	cr_expect_eq(b.dossier.verdict, VERDICT_CANNOT_TELL);
	cr_expect_eq(b.dossier.compared.untestable, 1);
}

Test(history, a_night_that_failed_is_no_value_and_the_latest_usable_one_is_reported)
{
	for (int i = 1; i <= 9; i++)
		(void)build_table(&b, arena_printf(b.arena, "2026-11-%02d/x.csv", i), NULL,
		                  arena_printf(b.arena, "model|time_ms|error\na|10.%d|", i));
	(void)build_table(&b, "2026-11-10/x.csv", NULL, "model|time_ms|error\na|0|refused");
	build_analysis(&b);
	cr_assert_eq(b.dossier.n_groups, 1);
	cr_expect_str_eq(b.dossier.groups[0].title, "2026-11-09/x.csv");
	cr_expect_eq(b.dossier.compared.tested, 1);
	cr_expect_eq(find_finding(&b.dossier, FINDING_GAP)->severity, SEVERITY_HIGH);
}

Test(history, series_that_came_and_went_are_counted)
{
	(void)build_table(&b, "2026-11-01/x.csv", NULL, "model|time_ms\na|10\nb|20");
	(void)build_table(&b, "2026-11-02/x.csv", NULL, "model|time_ms\nb|20\nc|30");
	build_analysis(&b);
	cr_expect_eq(b.dossier.compared.series, 2);
	cr_expect_eq(b.dossier.compared.new_series, 1);
	cr_expect_eq(b.dossier.compared.vanished, 1);
	cr_expect_eq(b.dossier.compared.untestable, 1);
}

Test(history, columns_are_followed_by_name_through_the_runs)
{
	(void)build_table(&b, "2026-11-01/x.csv", NULL, "time_ms|model\n10|a");
	(void)build_table(&b, "2026-11-02/x.csv", NULL, "model|extra|time_ms\na|1|20");
	build_analysis(&b);
	cr_expect_float_eq(find_finding(&b.dossier, FINDING_REGRESSION)->effect, 100, 1e-9);
}

Test(history, the_time_of_a_run_comes_from_its_content_when_its_path_tells_none)
{
	static const char *const roots[] = {"/data/a", "/data/b"};
	struct artifact *late, *early;

	b.dossier.inventory.roots = (const char **)(uintptr_t)roots;
	b.dossier.inventory.n_roots = 1;
	late = build_table(&b, "run_1.json", "", "/generated_at|/time_ms\n2025-10-03T00:00:00Z|5");
	early = build_table(&b, "run_2.json", "", "/generated_at|/time_ms\n2025-10-02T00:00:00Z|9");
	build_analysis(&b);
	cr_expect_str_eq(b.dossier.groups[0].title, late->path);
	cr_expect_eq(find_finding(&b.dossier, FINDING_IMPROVEMENT)->artifacts[0], late->id);
	cr_expect_neq(early->id, late->id);
}

Test(history, at_most_ten_untestable_differences_are_told)
{
	const char *before = "model|time_ms", *after = before;

	for (int i = 0; i < 30; i++) {
		before = arena_printf(b.arena, "%s\nm%d|100", before, i);
		after = arena_printf(b.arena, "%s\nm%d|%d", after, i, 110 + i);
	}
	(void)build_table(&b, "2026-11-01/x.csv", NULL, before);
	(void)build_table(&b, "2026-11-02/x.csv", NULL, after);
	build_analysis(&b);
	cr_expect_eq(b.n_findings_of[FINDING_REGRESSION], 10);
	cr_expect_float_eq(find_finding(&b.dossier, FINDING_REGRESSION)->effect, 39, 1e-9);
}

Test(history, a_slow_drift_is_a_trend)
{
	const struct finding *f;
	double x[28];

	for (unsigned i = 0; i < ARRAY_LEN(x); i++)
		x[i] = 100 - .4 * i + 20 * (build_scatter(0, i) - 1);
	nights(x, ARRAY_LEN(x));
	f = find_finding(&b.dossier, FINDING_TREND);
	cr_assert_not_null(f);
	cr_expect_eq(f->severity, SEVERITY_MEDIUM);
	cr_expect_lt(f->effect, -5);
	cr_expect_eq(b.dossier.verdict, VERDICT_WORSE);
}

Test(history, what_became_normal_is_told_beside_the_best_there_was)
{
	const struct finding *f;

	nights((double[]){QUIET, 95, 95, 96, 95, 94, 95, 95, 96, 90, 91, 90, 89, 90}, 23);
	f = find_finding(&b.dossier, FINDING_REGRESSION);
	cr_assert_not_null(f);
	cr_expect_str_eq(f->since, "2026-11-19");
	cr_expect_not_null(
		strstr(plain(&b, &f->text), "its best level, up to the run of 2026-11-10"), "%s",
		plain(&b, &f->text));
}

/* --- earlier reviews ------------------------------------------------------------------------ */

static struct past_point told[12];
static const char *told_key;

static int told_points(void *arg, struct arena *arena, const char *series, struct past_point **ret,
                       size_t *ret_n)
{
	(void)arg, (void)arena;
	*ret = told;
	*ret_n = strcmp(series, told_key) == 0 ? ARRAY_LEN(told) : 0;
	return 0;
}

static int fails(void *arg, struct arena *arena, const char *series, struct past_point **ret,
                 size_t *ret_n)
{
	(void)arg, (void)arena, (void)series, (void)ret, (void)ret_n;
	return -5;
}

static int told_series(void *arg, struct arena *arena, const char ***ret, size_t *ret_n)
{
	static const char *keys[2];

	(void)arg, (void)arena;
	keys[0] = told_key;
	keys[1] = "gone.csv/time_ms/model=z [ms]";
	*ret = keys;
	*ret_n = 2;
	return 0;
}

/* Twelve quiet nights that only reviews know, then one in the tree. */
static void tell_past(double tonight)
{
	static const double quiet[] = {100, 101, 99, 100, 100, 101, 100, 101, 99, 100, 100, 101};
	static const struct past past = {.review = "r-12",
	                                 .finished_at_s = 1793500000,
	                                 .points = told_points,
	                                 .series = told_series};

	told_key = "*/bench.csv/tokens_s/model=a [tok/s]";
	for (size_t i = 0; i < ARRAY_LEN(told); i++)
		told[i] = (struct past_point){.time_s = 1792000000 + (int64_t)i * 86400,
		                              .value = quiet[i],
		                              .n = 3,
		                              .review = "r-1",
		                              .fact = (unsigned)i + 1};
	b.dossier.past = &past;
	nights(&tonight, 1);
}

Test(history, what_earlier_reviews_saw_is_cited_and_counts)
{
	const struct finding *f;
	const struct fact *reference;

	tell_past(80);
	f = find_finding(&b.dossier, FINDING_REGRESSION);
	cr_assert_not_null(f);
	cr_expect_str_eq(f->state, "suspected");
	reference = dossier_fact(&b.dossier, f->facts[2]);
	cr_assert_eq(reference->n_cells, 12);
	cr_expect_str_eq(reference->cells[0].review, "r-1");
	cr_expect_eq(reference->cells[3].fact, 4);
	cr_expect_eq(b.dossier.n_history, 1);
	cr_expect_str_eq(b.dossier.history[0].series, told_key);
	cr_expect_eq(b.dossier.compared.vanished, 1);
	cr_expect_not_null(find_finding(&b.dossier, FINDING_VANISHED));
}

Test(history, a_run_that_a_review_knows_is_no_new_data)
{
	tell_past(100);
	cr_expect_eq(b.dossier.verdict, VERDICT_SAME);
	told[11].time_s = b.dossier.history[0].time_s;
	build_analysis(&b);
	cr_expect_eq(b.dossier.verdict, VERDICT_NO_NEW_DATA);
	cr_expect_eq(b.dossier.history[0].fact, 0);
}

Test(history, a_past_that_cannot_be_read_ends_the_analysis)
{
	struct analyst_settings s = {.today = "2026-11-21", .machine = "", .min_effect_pct = 2};
	struct error err = {0};

	tell_past(100);
	told_key = NULL;
	b.dossier.past = &(const struct past){
		.review = "r", .points = fails, .series = told_series};
	cr_expect_lt(analyst_run(&b.dossier, &s, &err), 0);
}

/* --- what is one event ------------------------------------------------------------------------ */

Test(history, metrics_of_one_configuration_that_went_together_are_one_finding)
{
	const struct finding *f;

	for (unsigned night = 0; night < 12; night++) {
		double by = night < 11 ? 1 : 1.3;

		(void)build_table(&b, arena_printf(b.arena, "2026-10-%02u/x.csv", night + 1), NULL,
		                  arena_printf(b.arena,
		                               "model|mean_ms|p95_ms|other_ms\na|%.4f|%.4f|%.4f",
		                               10 * by * build_scatter(0, night),
		                               15 * by * build_scatter(1, night),
		                               20 * build_scatter(2, night)));
	}
	build_analysis(&b);
	cr_expect_eq(b.n_findings_of[FINDING_REGRESSION], 1);
	f = find_finding(&b.dossier, FINDING_REGRESSION);
	cr_assert_not_null(f);
	cr_expect_eq(f->n_facts, 4);
	cr_expect_not_null(strstr(plain(&b, &f->text), "; with it "), "%s", plain(&b, &f->text));
	cr_expect_str_eq(f->key, "regression:*/x.csv/mean_ms/model=a");
}

/* `n` of ten configurations slow down in the last of twelve nights. */
static void slow_down(unsigned n)
{
	for (unsigned night = 0; night < 12; night++) {
		const char *text = "model|time_ms";

		for (unsigned i = 0; i < 10; i++)
			text = arena_printf(b.arena, "%s\nm%u|%.4f", text, i,
			                    10 * (i + 1) * build_scatter(i, night) *
			                            (night == 11 && i < n ? 1.3 + .01 * i : 1));
		(void)build_table(&b, arena_printf(b.arena, "2026-10-%02u/x.csv", night + 1), NULL,
		                  text);
	}
	build_analysis(&b);
}

Test(history, many_configurations_that_went_together_are_one_finding_with_their_number)
{
	const struct finding *f;
	const struct fact *count;

	slow_down(6);
	cr_expect_eq(b.n_findings_of[FINDING_REGRESSION], 1);
	f = find_finding(&b.dossier, FINDING_REGRESSION);
	cr_assert_not_null(f);
	cr_assert_eq(f->n_facts, 5);
	count = dossier_fact(&b.dossier, f->facts[3]);
	cr_expect_eq(count->statistic, STAT_COUNT);
	cr_expect_float_eq(count->value, 5, 0);
	cr_expect_float_eq(dossier_fact(&b.dossier, f->facts[4])->value, 1.32, .03);
	cr_expect_str_eq(f->key, "regression:*/x.csv/time_ms/*");
}

Test(history, a_few_configurations_speak_for_themselves)
{
	slow_down(3);
	cr_expect_eq(b.n_findings_of[FINDING_REGRESSION], 3);
}

Test(history, where_no_direction_is_known_a_change_is_just_one)
{
	const struct finding *f;

	for (unsigned night = 0; night < 14; night++)
		(void)build_table(
			&b, arena_printf(b.arena, "2026-10-%02u/x.csv", night + 1), NULL,
			arena_printf(b.arena, "model|tokens_s|yield\na|%.4f|%.4f",
		                     10 * build_scatter(0, night),
		                     (night < 10 ? 1000 : 1400) * build_scatter(1, night)));
	build_analysis(&b);
	f = find_finding(&b.dossier, FINDING_CHANGED);
	cr_assert_not_null(f);
	cr_expect_str_eq(f->state, "confirmed");
	cr_expect_eq(f->severity, SEVERITY_LOW);
	cr_expect_str_eq(f->key, "changed:*/x.csv/yield/model=a");
	cr_expect_eq(b.dossier.verdict, VERDICT_SAME);
}

Test(history, runs_of_one_time_are_runs_all_the_same)
{
	for (unsigned run = 0; run < 30; run++)
		build_table(&b, arena_printf(b.arena, "run_%u/x.csv", run + 1), NULL,
		            arena_printf(b.arena, "model|time_ms\na|%.4f\nb|%.4f",
		                         10 * build_scatter(0, run), 20 * build_scatter(1, run)))
			->modified_s = 1793500000;
	build_analysis(&b);
	cr_expect_eq(b.dossier.compared.series, 2);
	cr_expect_eq(b.dossier.compared.tested, 2);
	cr_expect_eq(b.dossier.verdict, VERDICT_SAME);
}
