/* SPDX-License-Identifier: MIT */
/* What many series of a machine have in common, and what is told where there is no room for all. */
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

TestSuite(machine, .init = start, .fini = done);

/* Forty throughputs a night; from `since` on with another driver, and all lower by `down`. */
static void machine(unsigned n_nights, unsigned since, double down, double one_down)
{
	static const struct analyst_rule rules[] = {{"driver", "covariate", NULL, NULL}};
	struct analyst_settings s = {.today = "2026-11-21",
	                             .machine = "",
	                             .min_effect_pct = 2,
	                             .max_facts = 20000,
	                             .rules = rules,
	                             .n_rules = 1};

	for (unsigned night = 0; night < n_nights; night++) {
		const char *text = "model|driver|tokens_s";

		for (unsigned i = 0; i < 40; i++) {
			double by = night < since ? 1 : 1 - (i == 7 ? one_down : down);

			text = arena_printf(b.arena, "%s\nm%u|%s|%.6f", text, i,
			                    night < since ? "v535" : "v550",
			                    100 * (i + 1) * by * build_scatter(i, night));
		}
		(void)build_table(&b, arena_printf(b.arena, "2026-10-%02u/x.csv", night + 1), NULL,
		                  text);
	}
	build_analysis_with(&b, &s);
}

Test(machine, a_shift_of_all_series_is_one_finding_and_names_what_differs)
{
	const struct finding *f;
	const char *text;

	machine(24, 16, .08, .2);
	f = find_finding(&b.dossier, FINDING_ENVIRONMENT);
	cr_assert_not_null(f);
	cr_expect_str_eq(f->state, "confirmed");
	cr_expect_str_eq(f->since, "2026-10-17");
	cr_expect_float_eq(f->effect, -8, .5);
	text = plain(&b, &f->text);
	cr_expect_not_null(strstr(text, "driver was v535 and is v550"), "%s", text);
	cr_expect_eq(b.n_findings_of[FINDING_REGRESSION], 1);
	cr_expect_not_null(strstr(find_finding(&b.dossier, FINDING_REGRESSION)->key, "m7"));
	cr_expect_eq(b.dossier.verdict, VERDICT_WORSE);
}

Test(machine, the_night_of_the_shift_itself_is_suspected)
{
	const struct finding *f;

	machine(17, 16, .08, .08);
	f = find_finding(&b.dossier, FINDING_ENVIRONMENT);
	cr_assert_not_null(f);
	cr_expect_str_eq(f->state, "suspected");
	cr_expect_eq(b.n_findings_of[FINDING_REGRESSION], 0);
}

Test(machine, a_machine_that_stays_as_it_is_is_no_finding)
{
	machine(24, 24, 0, 0);
	cr_expect_eq(b.n_findings_of[FINDING_ENVIRONMENT], 0);
	cr_expect_eq(b.n_findings_of[FINDING_REGRESSION], 0);
	cr_expect_eq(b.dossier.verdict, VERDICT_SAME);
}

/* A file for each of 30 models; from `since` on all but the first are slower by `down`. */
static void files_of_one_machine(unsigned n_nights, unsigned since, double down, double first_down)
{
	for (unsigned night = 0; night < n_nights; night++)
		for (unsigned i = 0; i < 30; i++) {
			double by = night < since ? 1 : 1 - (i ? down : first_down);

			(void)build_table(
				&b, arena_printf(b.arena, "2026-10-%02u/m%02u.csv", night + 1, i),
				NULL,
				arena_printf(b.arena, "model|tokens_s\nm%u|%.6f", i,
			                     100 * (i + 1) * by * build_scatter(i, night)));
		}
	build_analysis(&b);
}

Test(machine, files_of_one_machine_that_shift_together_are_one_finding)
{
	const struct finding *f;
	const char *text;

	files_of_one_machine(16, 11, .08, .08);
	cr_expect_eq(b.n_findings_of[FINDING_ENVIRONMENT], 1);
	cr_expect_eq(b.n_findings_of[FINDING_REGRESSION], 0);
	f = find_finding(&b.dossier, FINDING_ENVIRONMENT);
	cr_assert_not_null(f);
	cr_expect_str_eq(f->key, "environment:machine");
	cr_expect_str_eq(f->state, "confirmed");
	cr_expect_str_eq(f->since, "2026-10-12");
	cr_expect_float_eq(f->effect, -8, .5);
	text = plain(&b, &f->text);
	cr_expect_not_null(strstr(text, "2026-10-16/m04.csv and others got worse together"), "%s",
	                   text);
	cr_expect_eq(b.dossier.verdict, VERDICT_WORSE);
}

Test(machine, a_file_that_moves_otherwise_than_its_machine_speaks_for_itself)
{
	files_of_one_machine(16, 11, .08, -.2);
	cr_expect_eq(b.n_findings_of[FINDING_ENVIRONMENT], 1);
	cr_expect_eq(b.n_findings_of[FINDING_REGRESSION], 0);
	cr_expect_eq(b.n_findings_of[FINDING_IMPROVEMENT], 1);
	cr_expect_not_null(strstr(find_finding(&b.dossier, FINDING_IMPROVEMENT)->key, "m00.csv"));
}

Test(machine, files_of_one_machine_that_stay_as_they_are_are_no_finding)
{
	files_of_one_machine(16, 16, 0, 0);
	cr_expect_eq(b.n_findings_of[FINDING_ENVIRONMENT], 0);
	cr_expect_eq(b.n_findings_of[FINDING_REGRESSION], 0);
}

/* Three tables of 25 series; the last one does not go with the others. */
static void tables_of_one_machine(void)
{
	for (unsigned night = 0; night < 16; night++)
		for (unsigned t = 0; t < 3; t++) {
			b.rows.len = 0;
			build_row(&b, "model|tokens_s");
			for (unsigned i = 0; i < 25; i++)
				build_row(&b, "m%u|%.6f", i,
				          100 * (night >= 12 && t < 2 ? .9 : 1) *
				                  build_scatter(100 * t + i, night));
			(void)build_table(
				&b, arena_printf(b.arena, "2026-10-%02u/t%u.csv", night + 1, t),
				NULL, arena_printf(b.arena, "%s", buf_text(&b.rows)));
		}
	build_analysis(&b);
}

Test(machine, tables_that_shift_the_same_night_are_one_finding_without_those_that_do_not)
{
	const struct finding *f;
	const char *text;

	tables_of_one_machine();
	cr_expect_eq(b.n_findings_of[FINDING_ENVIRONMENT], 1);
	cr_expect_eq(b.n_findings_of[FINDING_REGRESSION], 0);
	f = find_finding(&b.dossier, FINDING_ENVIRONMENT);
	cr_assert_not_null(f);
	text = plain(&b, &f->text);
	cr_expect_not_null(strstr(text, "2026-10-16/t0.csv and 2026-10-16/t1.csv got worse"), "%s",
	                   text);
	cr_expect_eq(f->n_artifacts, 2);
}

Test(machine, what_changed_is_told_before_there_is_no_room_for_what_did_not)
{
	static const struct analyst_settings s = {
		.today = "2026-11-21", .machine = "", .min_effect_pct = 2, .max_facts = 120};
	const struct finding *f;

	for (unsigned night = 0; night < 14; night++) {
		b.rows.len = 0;
		build_row(&b, "model|tokens_s");
		for (unsigned i = 0; i < 40; i++)
			build_row(&b, "m%u|%.6f", i,
			          (i == 39 && night > 10 ? 80 : 100) * build_scatter(i, night));
		(void)build_table(&b, arena_printf(b.arena, "2026-10-%02u/x.csv", night + 1), NULL,
		                  arena_printf(b.arena, "%s", buf_text(&b.rows)));
	}
	build_analysis_with(&b, &s);
	f = find_finding(&b.dossier, FINDING_REGRESSION);
	cr_assert_not_null(f);
	cr_expect_not_null(strstr(f->key, "m39"));
	cr_expect_str_eq(f->state, "confirmed");
	f = find_finding(&b.dossier, FINDING_GAP);
	cr_assert_not_null(f);
	cr_expect_not_null(strstr(plain(&b, &f->text), "without their difference"), "%s",
	                   plain(&b, &f->text));
}
