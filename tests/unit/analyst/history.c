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

/* One night a value: three repetitions about it. */
static void nights(const double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)build_table(
			&b, arena_printf(b.arena, "2026-11-%02zu/bench.csv", i + 1), NULL,
			arena_printf(b.arena, "model|run|tokens_s\na|1|%.17g\na|2|%.17g\na|3|%.17g",
		                     x[i] - 1, x[i], x[i] + 2));
	build_analysis(&b);
}

#define QUIET 100, 101, 99, 100, 100, 101, 100, 101, 99, 100

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
