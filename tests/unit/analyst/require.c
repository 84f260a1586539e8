/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "lib/base/clock.h"
#include "lib/evidence/pipeline.h"
#include "tests/unit/analyst/builder.h"

#define HOUR_MS (3600u * 1000u)
#define NIGHT   "model|tokens_s\na|100\nb|90"

static struct builder b;

static void start(void)
{
	build_start(&b);
}

static void done(void)
{
	build_done(&b);
}

TestSuite(require, .init = start, .fini = done);

static int64_t at(const char *text)
{
	int64_t s = 0;

	cr_assert(clock_parse(str_of(text), &s));
	return s;
}

/* The finding on the only requirement; NULL: it is met. */
static const struct finding *judge(const char *pattern, uint64_t hours, const char *now)
{
	struct requirement r = {arena_strdup(b.arena, pattern), hours * HOUR_MS};
	struct analyst_settings s = {.today = "2026-11-21",
	                             .machine = "",
	                             .min_effect_pct = 2,
	                             .max_facts = 10000,
	                             .requirements = &r,
	                             .n_requirements = 1,
	                             .now_s = at(now)};
	const struct finding *found = NULL;

	build_analysis_with(&b, &s);
	for (size_t i = 0; i < b.dossier.n_findings; i++) {
		if (!finding_is_required(&b.dossier.findings[i]))
			continue;
		cr_expect_null(found);
		found = &b.dossier.findings[i];
	}
	return found;
}

Test(require, a_series_with_a_recent_run_is_as_it_should_be)
{
	(void)build_table(&b, "2026-11-19/zstd.csv", NULL, NIGHT);
	(void)build_table(&b, "2026-11-20/zstd.csv", NULL, NIGHT);
	cr_expect_null(judge("*zstd*", 36, "2026-11-21T03:00:00Z"));
	cr_expect_null(judge("*zstd*", 36, "2026-11-21T12:00:00Z")); /* to the hour */
}

Test(require, a_series_that_is_not_there_is_absent)
{
	const struct finding *k;

	(void)build_table(&b, "2026-11-20/zstd.csv", NULL, NIGHT);
	k = judge("*sqlite*", 36, "2026-11-21T03:00:00Z");
	cr_assert_not_null(k);
	cr_expect_eq(k->severity, SEVERITY_HIGH);
	cr_expect_str_eq(k->key, "gap:required:*sqlite*");
	cr_expect_eq(k->n_gates, 0);
	cr_expect_eq(k->n_artifacts, 0);
	cr_expect_str_eq(plain(&b, &k->text), "The pipeline requires *sqlite*, and no run of such "
	                                      "a series is there.");
}

Test(require, nothing_at_all_is_absent_too)
{
	cr_expect_not_null(judge("*", 36, "2026-11-21T03:00:00Z"));
}

Test(require, a_newest_run_that_is_too_old_is_told_with_its_age)
{
	const struct finding *k;

	(void)build_table(&b, "2026-11-18/zstd.csv", NULL, NIGHT);
	(void)build_table(&b, "2026-11-19/zstd.csv", NULL, NIGHT);
	k = judge("*zstd*", 36, "2026-11-20T13:00:00Z");
	cr_assert_not_null(k);
	cr_expect_str_eq(k->key, "gap:required:*zstd*");
	cr_assert_eq(k->n_gates, 1);
	cr_expect_float_eq(k->gates[0].value, 37, 1e-9);
	cr_expect_float_eq(k->gates[0].threshold, 36, 1e-9);
	cr_expect(k->gates[0].passed);
	cr_assert_eq(k->n_artifacts, 1);
	cr_expect_str_eq(dossier_artifact(&b.dossier, k->artifacts[0])->path,
	                 "2026-11-19/zstd.csv");
	cr_expect_str_eq(k->since, "2026-11-20", "since it was too old");
	cr_expect_str_eq(plain(&b, &k->text),
	                 "The pipeline requires *zstd*, and the newest run of 2026-11-19/zstd.csv, "
	                 "of 2026-11-19, is older than it may be.");
}

Test(require, key_and_since_are_the_same_every_night)
{
	const struct finding *first, *second;
	CLEANUP(freep) char *since = NULL;

	(void)build_table(&b, "2026-11-19/zstd.csv", NULL, NIGHT);
	first = judge("*zstd*", 36, "2026-11-20T13:00:00Z");
	cr_assert_not_null(first);
	since = strdup(first->since);
	second = judge("*zstd*", 36, "2026-11-24T13:00:00Z");
	cr_assert_not_null(second);
	cr_expect_str_eq(second->key, "gap:required:*zstd*");
	cr_expect_str_eq(second->since, since);
}

Test(require, each_of_several_series_must_be_fresh)
{
	const struct finding *k;

	(void)build_table(&b, "zstd-2026-11-20.csv", NULL, NIGHT);
	(void)build_table(&b, "lz4-2026-11-17.csv", NULL, NIGHT);
	(void)build_table(&b, "xz-2026-11-16.csv", NULL, NIGHT);
	k = judge("*.csv", 36, "2026-11-21T03:00:00Z");
	cr_assert_not_null(k);
	cr_expect_str_eq(plain(&b, &k->text),
	                 "The pipeline requires *.csv, and the newest run of xz-2026-11-16.csv, of "
	                 "2026-11-16, is older than it may be; too old as well: "
	                 "lz4-2026-11-17.csv.");
}

Test(require, one_metric_of_one_configuration_can_be_required)
{
	(void)build_table(&b, "2026-11-20/zstd.csv", NULL, NIGHT);
	cr_expect_null(judge("*tokens_s/model=a*", 36, "2026-11-21T03:00:00Z"));
	cr_expect_not_null(judge("*tokens_s/model=c*", 36, "2026-11-21T03:00:00Z"));
	cr_expect_not_null(judge("*tokens_s/model=a*", 2, "2026-11-21T03:00:00Z"));
}

Test(require, a_key_is_meant_as_it_stands)
{
	const char *key;

	(void)build_table(&b, "2026-11-20/zstd.csv", NULL, NIGHT);
	build_analysis(&b);
	cr_assert_gt(b.dossier.n_history, 0);
	key = b.dossier.history[0].series;
	cr_assert_not_null(strstr(key, "[tok/s]")); /* a class of characters, as a pattern */
	cr_expect_null(judge(key, 36, "2026-11-21T03:00:00Z"), "%s", key);
}

Test(require, a_run_that_failed_is_none)
{
	(void)build_table(&b, "2026-11-18/zstd.csv", NULL, "model|tokens_s|error\na|100|");
	(void)build_table(&b, "2026-11-20/zstd.csv", NULL, "model|tokens_s|error\na||timed out");
	cr_expect_not_null(judge("*zstd*", 36, "2026-11-21T03:00:00Z"));
}

Test(require, without_an_age_only_absence_counts)
{
	(void)build_table(&b, "2020-01-01/zstd.csv", NULL, NIGHT);
	cr_expect_null(judge("*zstd*", 0, "2026-11-21T03:00:00Z"));
	cr_expect_not_null(judge("*lz4*", 0, "2026-11-21T03:00:00Z"));
}

Test(require, a_run_of_tomorrow_is_not_old)
{
	(void)build_table(&b, "2026-11-25/zstd.csv", NULL, NIGHT);
	cr_expect_null(judge("*zstd*", 36, "2026-11-21T03:00:00Z"));
}
