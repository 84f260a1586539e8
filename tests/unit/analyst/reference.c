/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>

#include "lib/base/clock.h"
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

TestSuite(reference, .init = start, .fini = done);

/* The chosen review measured the third night. */
static int points(void *arg, struct arena *arena, const char *series, struct past_point **ret,
                  size_t *ret_n)
{
	(void)series;
	*ret = arena_calloc(arena, 1, sizeof **ret);
	cr_assert_not_null(*ret);
	**ret = (struct past_point){.value = 99, .n = 3, .review = arg, .fact = 1};
	cr_assert(clock_parse(str_of("2026-11-03T00:00:00Z"), &(*ret)->time_s));
	*ret_n = 1;
	return 0;
}

static int series(void *arg, struct arena *arena, const char ***ret, size_t *ret_n)
{
	(void)arg, (void)arena;
	*ret = NULL;
	*ret_n = 0;
	return 0;
}

static const struct finding *nights_against(const char *measured_by, const double *x, size_t n)
{
	char review[16] = "";
	const struct past past = {.review = "j-3",
	                          .against = true,
	                          .points = points,
	                          .series = series,
	                          .arg = review};

	memcpy(review, measured_by, strlen(measured_by));
	for (size_t i = 0; i < n; i++)
		(void)build_table(
			&b, arena_printf(b.arena, "2026-11-%02zu/bench.csv", i + 1), NULL,
			arena_printf(b.arena, "model|run|tokens_s\na|1|%.17g\na|2|%.17g\na|3|%.17g",
		                     x[i] - 1, x[i], x[i] + 2));
	b.dossier.past = &past;
	build_analysis(&b);
	b.dossier.past = NULL;
	return find_finding(&b.dossier, FINDING_REGRESSION);
}

#define QUIET 100, 101, 99, 100, 100, 101, 100, 101, 99, 100

Test(reference, however_long_it_lasts_one_run_makes_it_suspected_at_most)
{
	const struct finding *f = nights_against("j-3", (double[]){QUIET, 80, 80, 81, 80, 79, 80},
	                                         16);

	cr_assert_not_null(f);
	cr_expect_str_eq(f->state, "suspected");
	cr_expect_eq(f->severity, SEVERITY_MEDIUM);
	cr_expect_float_eq(dossier_fact(&b.dossier, f->facts[2])->value, 99, 1e-9);
	cr_expect_eq(dossier_fact(&b.dossier, f->facts[2])->n, 3);
	cr_expect_str_eq(f->gates[0].name, "reference runs");
	cr_expect_not(f->gates[0].passed);
	cr_expect_eq(b.dossier.verdict, VERDICT_WORSE);
}

Test(reference, what_is_as_it_was_then_is_the_same)
{
	cr_expect_null(nights_against("j-3", (double[]){QUIET, 80, 81, 79, 100}, 14));
	cr_expect_eq(b.dossier.verdict, VERDICT_SAME);
	cr_expect_eq(b.dossier.compared.tested, 1);
}

Test(reference, without_a_history_it_is_untestable)
{
	const struct finding *f = nights_against("j-3", (double[]){100, 101, 99, 80}, 4);

	cr_assert_not_null(f);
	cr_expect_str_eq(f->verdict, "untestable");
	cr_expect_null(f->state);
	cr_expect_eq(f->severity, SEVERITY_INFO);
}

Test(reference, a_series_that_the_review_did_not_measure_is_not_compared)
{
	cr_expect_null(nights_against("j-2", (double[]){QUIET, 80}, 11));
	cr_expect_eq(b.dossier.compared.untestable, 1);
	cr_expect_eq(b.dossier.verdict, VERDICT_CANNOT_TELL);
}

/* --- many series ---------------------------------------------------------------------------- */

#define MANY   40
#define NIGHTS 12

static double tonight_by(unsigned i, double all, double seventh)
{
	return i == 7 ? seventh : all;
}

static double value_of(unsigned i, unsigned night, double all, double seventh)
{
	return 100 * (i + 1) * build_scatter(i, night) *
	       (night == NIGHTS - 1 ? tonight_by(i, all, seventh) : 1);
}

/* The chosen review measured the third night of all of them. */
static int points_of_many(void *arg, struct arena *arena, const char *key, struct past_point **ret,
                          size_t *ret_n)
{
	const char *model = strstr(key, "model=m");

	*ret = arena_calloc(arena, 1, sizeof **ret);
	cr_assert(*ret && model);
	**ret = (struct past_point){
		.value = value_of((unsigned)strtoul(model + 7, NULL, 10), 2, 1, 1),
		.n = 1,
		.review = arg,
		.fact = 1};
	cr_assert(clock_parse(str_of("2026-11-03T00:00:00Z"), &(*ret)->time_s));
	*ret_n = 1;
	return 0;
}

static void many_against(double all, double seventh)
{
	static const struct past past = {.review = "j-3",
	                                 .against = true,
	                                 .points = points_of_many,
	                                 .series = series,
	                                 .arg = (void *)(uintptr_t) "j-3"};

	for (unsigned night = 0; night < NIGHTS; night++) {
		b.rows.len = 0;
		build_row(&b, "model|tokens_s");
		for (unsigned i = 0; i < MANY; i++)
			build_row(&b, "m%u|%.17g", i, value_of(i, night, all, seventh));
		(void)build_table(&b, arena_printf(b.arena, "2026-11-%02u/x.csv", night + 1), NULL,
		                  arena_printf(b.arena, "%s", buf_text(&b.rows)));
	}
	b.dossier.past = &past;
	build_analysis(&b);
	b.dossier.past = NULL;
}

Test(reference, what_all_have_in_common_is_the_machine)
{
	const struct finding *f;

	many_against(.9, .7);
	cr_expect_eq(b.n_findings_of[FINDING_REGRESSION], 1);
	f = find_finding(&b.dossier, FINDING_REGRESSION);
	cr_assert_not_null(f);
	cr_expect_not_null(strstr(f->key, "model=m7"));
	cr_expect_leq(f->p_adjusted, .05);
	cr_expect_geq(f->p_adjusted, f->p);
	f = find_finding(&b.dossier, FINDING_ENVIRONMENT);
	cr_assert_not_null(f);
	cr_expect_str_eq(f->state, "suspected");
	cr_expect_float_eq(f->effect, -10, .7);
}

Test(reference, one_of_many_speaks_for_itself_and_for_no_machine)
{
	many_against(1, .7);
	cr_expect_eq(b.n_findings_of[FINDING_REGRESSION], 1);
	cr_expect_eq(b.n_findings_of[FINDING_ENVIRONMENT], 0);
}

Test(reference, nights_that_are_alike_tell_nothing)
{
	many_against(1, 1);
	cr_expect_eq(b.n_findings_of[FINDING_REGRESSION], 0);
	cr_expect_eq(b.n_findings_of[FINDING_ENVIRONMENT], 0);
	cr_expect_eq(b.dossier.compared.tested, MANY);
}
