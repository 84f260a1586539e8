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

TestSuite(lapsed, .init = start, .fini = done);

#define QUIET   BUILD_QUIET
#define BAD_KEY "regression:*/bench.csv/tokens_s/model=a"

static int suspicions(void *arg, struct arena *arena, struct past_suspicion **ret, size_t *ret_n)
{
	(void)arena;
	*ret = arg;
	*ret_n = 1;
	return 0;
}

/* What is said of tonight where last night's review suspected `key` since the 11th. */
static const struct finding *told_of(const char *key, const double *x, size_t n)
{
	struct past_suspicion suspicion = {key, "2026-11-11"};
	const struct past past = {.suspicions = suspicions, .arg = &suspicion};
	const struct finding *f = NULL;

	b.dossier.past = &past;
	build_nights(&b, x, n);
	b.dossier.past = NULL;
	for (size_t i = 0; i < b.dossier.n_findings; i++)
		if (strcmp(b.dossier.findings[i].key, key) == 0)
			f = &b.dossier.findings[i];
	return f;
}

Test(lapsed, a_suspicion_that_came_to_nothing_is_said_and_alarms_nobody)
{
	const struct finding *f = told_of(BAD_KEY, (double[]){QUIET, 98, 98, 100}, 13);

	cr_assert_not_null(f);
	cr_expect_eq(f->kind, FINDING_REGRESSION);
	cr_expect_str_eq(f->state, "spike");
	cr_expect_str_eq(f->since, "2026-11-11");
	cr_expect_str_eq(f->verdict, "undecided");
	cr_expect_eq(f->severity, SEVERITY_INFO);
	cr_expect(isnan(f->effect));
	cr_expect_eq(f->n_facts, 2);
	cr_expect_eq(dossier_fact(&b.dossier, f->facts[0])->value, 99);
	cr_expect_eq(dossier_fact(&b.dossier, f->facts[1])->value, 100);
	cr_expect_not_null(strstr(plain(&b, &f->text), "is not suspected any more: "));
	cr_expect_eq(b.dossier.verdict, VERDICT_SAME);
}

Test(lapsed, one_of_many_configurations_is_told_by_its_metric)
{
	cr_expect_not_null(told_of("regression:*/bench.csv/tokens_s/*@latest",
	                           (double[]){QUIET, 98, 98, 100}, 13));
}

Test(lapsed, what_is_still_suspected_has_not_lapsed)
{
	const struct finding *f = told_of(BAD_KEY, (double[]){QUIET, 80, 81}, 12);

	cr_assert_not_null(f);
	cr_expect_str_eq(f->state, "suspected");
	cr_expect_eq(b.n_findings_of[FINDING_REGRESSION], 1);
}

Test(lapsed, a_spike_is_told_once)
{
	const struct finding *f = told_of(BAD_KEY, (double[]){QUIET, 80, 100}, 12);

	cr_assert_not_null(f);
	cr_expect_str_eq(f->state, "spike");
	cr_expect_str_eq(f->verdict, "changed");
	cr_expect_eq(b.n_findings_of[FINDING_REGRESSION], 1);
}

Test(lapsed, what_went_the_other_way_is_told_as_that_alone)
{
	cr_expect_null(told_of(BAD_KEY, (double[]){QUIET, 98, 98, 130}, 13));
	cr_expect_eq(b.n_findings_of[FINDING_IMPROVEMENT], 1);
}

Test(lapsed, nothing_is_said_of_what_began_after_the_latest_run)
{
	cr_expect_null(told_of(BAD_KEY, (double[]){QUIET}, 10));
}

Test(lapsed, what_was_not_measured_again_and_what_is_no_change_of_a_series_are_left_alone)
{
	static const char *const keys[] = {"regression:*/other.csv/tokens_s/model=a",
	                                   "regression:*/bench.csv/tokens_s/model=b",
	                                   "trend:*/bench.csv/tokens_s/model=a",
	                                   "regression",
	                                   "regression:",
	                                   "regression:*/bench.csv",
	                                   "regression:*/bench.csv/",
	                                   "@latest"};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		cr_expect_null(told_of(keys[i], (double[]){QUIET, 98, 98, 100}, 13), "%s", keys[i]);
		done();
		start();
	}
}
