/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

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

TestSuite(acknowledged, .init = start, .fini = done);

#define QUIET BUILD_QUIET

static void nights(const double *x, size_t n)
{
	build_nights(&b, x, n);
}

#define BAD_KEY "regression:*/bench.csv/tokens_s/model=a"

static int acks(void *arg, struct arena *arena, struct past_ack **ret, size_t *ret_n)
{
	(void)arena;
	*ret = arg;
	*ret_n = 1;
	return 0;
}

static const struct finding *acknowledged_nights(struct past_ack *ack, const double *x, size_t n)
{
	const struct past past = {.acks = acks, .arg = ack};

	b.dossier.past = &past;
	nights(x, n);
	b.dossier.past = NULL;
	return find_finding(&b.dossier, FINDING_REGRESSION);
}

Test(acknowledged, an_acknowledged_change_is_listed_and_alarms_nobody)
{
	struct past_ack ack = {BAD_KEY, "driver 7\n.", NULL, NULL};
	const struct finding *f = acknowledged_nights(&ack, (double[]){QUIET, 80, 81, 79}, 13);

	cr_assert_not_null(f);
	cr_expect_str_eq(f->state, "acknowledged");
	cr_expect_eq(f->severity, SEVERITY_INFO);
	cr_expect_eq(b.dossier.verdict, VERDICT_SAME);
	cr_expect_eq(b.dossier.n_recommendations, 0);
	cr_expect_not_null(strstr(plain(&b, &f->text), "It is acknowledged: \"driver 7 .\"."));
	cr_assert_eq(b.dossier.n_acknowledged, 1);
	cr_expect_str_eq(b.dossier.acknowledged[0].reason, "driver 7 .");
}

Test(acknowledged, what_recovered_is_not_acknowledged)
{
	struct past_ack ack = {BAD_KEY, NULL, NULL, NULL};
	const struct finding *f = acknowledged_nights(&ack, (double[]){QUIET, 80, 100}, 12);

	cr_assert_not_null(f);
	cr_expect_str_eq(f->state, "spike");
	cr_expect_eq(b.dossier.n_acknowledged, 0);
}

Test(acknowledged, another_key_is_not_acknowledged)
{
	struct past_ack ack = {"regression:*/bench.csv/tokens_s/model=b", NULL, NULL, NULL};
	const struct finding *f = acknowledged_nights(&ack, (double[]){QUIET, 80}, 11);

	cr_expect_str_eq(f->state, "suspected");
	cr_expect_eq(b.dossier.verdict, VERDICT_WORSE);
}

Test(acknowledged, past_its_last_day_it_alarms_again)
{
	struct past_ack ack = {BAD_KEY, NULL, "2000-01-01", NULL};
	const struct finding *f = acknowledged_nights(&ack, (double[]){QUIET, 80}, 11);

	cr_expect_str_eq(f->state, "suspected");
	ack.until = "2999-01-01";
	done();
	start();
	f = acknowledged_nights(&ack, (double[]){QUIET, 80}, 11);
	cr_expect_str_eq(f->state, "acknowledged");
	cr_expect_not_null(strstr(plain(&b, &f->text), "acknowledged until 2999-01-01."));
}

/* Of many configurations that were told as one only this is left. */
Test(acknowledged, what_is_left_of_a_group_is_held_with_it_if_it_had_begun)
{
	struct past_ack ack = {"regression:*/bench.csv/tokens_s/*", NULL, NULL, "2026-11-11"};
	const struct finding *f = acknowledged_nights(&ack, (double[]){QUIET, 80, 81}, 12);

	cr_assert_str_eq(f->since, "2026-11-11");
	cr_expect_str_eq(f->state, "acknowledged");
	ack.made = "2026-11-10";
	done();
	start();
	f = acknowledged_nights(&ack, (double[]){QUIET, 80, 81}, 12);
	cr_expect_str_eq(f->state, "suspected");
}
