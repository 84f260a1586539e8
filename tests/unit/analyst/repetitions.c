/* SPDX-License-Identifier: MIT */
/* What is said of the values of one run in their order, and that noise alone says nothing. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "agents/analyst/run_shape.h"
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

TestSuite(repetitions, .init = start, .fini = done);

#define row(...) build_row(&b, __VA_ARGS__)

static void analyse(void)
{
	(void)build_table(&b, "run.csv", NULL, buf_text(&b.rows));
	build_analysis(&b);
}

static const struct finding *only(enum finding_kind kind)
{
	cr_assert_eq(b.n_findings_of[kind], 1, "%zu findings", b.n_findings_of[kind]);
	return find_finding(&b.dossier, kind);
}

static size_t n_told(void)
{
	return b.n_findings_of[FINDING_OUTLIER] + b.n_findings_of[FINDING_HIGH_VARIANCE] +
	       b.n_findings_of[FINDING_TREND];
}

static bool says(const struct finding *f, const char *words)
{
	return strstr(plain(&b, &f->text), words) != NULL;
}

static bool is_recommended(const char *words)
{
	for (size_t i = 0; i < b.dossier.n_recommendations; i++)
		if (strstr(plain(&b, &b.dossier.recommendations[i].text), words))
			return true;
	return false;
}

Test(repetitions, a_cold_first_prompt_is_told_and_what_it_does_to_the_mean)
{
	const struct finding *f;

	row("prompt_index|ttft_s|load_s|tokens_s");
	row("1|2.3260788|2.0236465|101.04");
	row("2|0.1250604|0.1079958|102.77");
	row("3|0.1298854|0.1105136|102.04");
	row("4|0.1230046|0.1061575|103.38");
	row("5|0.1294317|0.1130008|101.76");
	analyse();
	f = only(FINDING_OUTLIER);
	cr_expect_str_eq(f->key, "outlier:run.csv/ttft_s/first");
	cr_expect(says(f, "The first of "));
	cr_expect(says(f, " values of time to first token in run.csv was cold: "));
	cr_expect(says(f, ", which makes the mean "));
	cr_expect(says(f, "; so was that of load time."), "%s", plain(&b, &f->text));
	cr_expect_eq(f->severity, SEVERITY_LOW);
	cr_expect_eq(f->n_gates, 3);
	cr_expect(f->gates[0].value > 50 && f->p_adjusted < .001);
	cr_expect_eq(b.n_findings_of[FINDING_HIGH_VARIANCE], 0); /* it is explained */
	cr_expect(is_recommended("Warm up before measuring for run.csv"));
	for (size_t i = 0; i < f->n_facts; i++)
		cr_expect_eq(dossier_fact(&b.dossier, f->facts[i])->n, 5); /* none is left out */
}

Test(repetitions, a_first_one_that_is_better_is_not_cold)
{
	row("i|time_ms");
	row("1|10");
	for (int i = 2; i < 8; i++)
		row("%d|%d", i, 100 + i % 3);
	analyse();
	cr_expect_null(find_finding(&b.dossier, FINDING_OUTLIER));
}

Test(repetitions, two_modes_are_told_where_both_have_a_fifth)
{
	const struct finding *f;
	uint64_t seed = 2;

	row("i|time_ms");
	for (int i = 0; i < 24; i++)
		row("%d|%.5f", i, (i % 3 ? 100 : 112) + .5 * random_normal(&seed));
	analyse();
	f = only(FINDING_HIGH_VARIANCE);
	cr_expect_str_eq(f->key, "high_variance:run.csv/time_ms/modes");
	cr_expect(says(f, "Time in run.csv has two modes: its "));
	cr_expect(f->gates[0].value > 3);
	cr_expect(is_recommended("Find out what puts time_ms in run.csv into two states"));
}

Test(repetitions, the_ticks_of_a_coarse_clock_are_no_modes)
{
	row("i|time_ms");
	for (int i = 0; i < 30; i++)
		row("%d|%d", i, i % 3 ? 10 : 12);
	analyse();
	cr_expect_eq(n_told(), 0);
}

Test(repetitions, what_lies_far_off_is_told_and_stays_in_the_mean)
{
	const struct finding *f;
	uint64_t seed = 8;

	row("i|time_ms");
	for (int i = 0; i < 20; i++)
		row("%d|%.4f", i, i == 12 ? 300 : 100 + random_normal(&seed));
	analyse();
	f = only(FINDING_OUTLIER);
	cr_expect_str_eq(f->key, "outlier:run.csv/time_ms");
	cr_expect(says(f, "One of "));
	cr_expect(says(f, " lies far off: "));
	cr_expect_float_eq(find_fact(&b.dossier, "time_ms", STAT_MEAN, "")->value, 110, 1);
	cr_expect(f->p_adjusted < .05);
}

Test(repetitions, a_drift_within_a_run_is_told_by_its_thirds)
{
	const struct finding *f;
	const struct fact *change = NULL;
	uint64_t seed = 6;

	row("i|time_ms");
	for (int i = 0; i < 30; i++)
		row("%d|%.4f", i, 100 + .5 * i + random_normal(&seed));
	analyse();
	f = only(FINDING_TREND);
	cr_expect_str_eq(f->key, "trend:run.csv/time_ms/run");
	cr_expect(says(f, "Time in run.csv rises through the run, by "));
	for (size_t i = 0; i < f->n_facts; i++)
		if (dossier_fact(&b.dossier, f->facts[i])->statistic == STAT_DELTA_PCT)
			change = dossier_fact(&b.dossier, f->facts[i]);
	cr_assert_not_null(change);
	cr_expect_float_eq(change->value, 10, 1.5);
	cr_expect_eq(dossier_fact(&b.dossier, change->from[0])->n, 10);
}

Test(repetitions, of_a_list_a_drift_is_told_without_thirds)
{
	const struct finding *f;

	(void)build_table(&b, "run.json", "/results/*",
	                  "/command|/times\nsort|[10.0;10.2;10.1;10.4;10.6;10.5;10.8;11.0;10.9;"
	                  "11.2;11.4;11.3;11.6;11.8;11.7;12.0]");
	build_analysis(&b);
	f = only(FINDING_TREND);
	cr_expect(says(f, " rises through the run, between "), "%s", plain(&b, &f->text));
}

/* A whole review of noise: fifty configurations of one to thirty repetitions, two metrics. */
static size_t told_of_noise(double (*noise)(uint64_t *seed), uint64_t *seed)
{
	done();
	start();
	row("threads|time_ms|memory_mb");
	for (int i = 0; i < 50; i++)
		for (int k = 0; k < 1 + i * 3 / 5; k++)
			row("%d|%.6f|%.6f", i, 100 * noise(seed), 900 * noise(seed));
	analyse();
	return b.n_findings_of[FINDING_OUTLIER] + b.n_findings_of[FINDING_TREND] +
	       (find_finding(&b.dossier, FINDING_HIGH_VARIANCE) != NULL &&
	        strstr(find_finding(&b.dossier, FINDING_HIGH_VARIANCE)->key, "/modes") != NULL);
}

static double normal(uint64_t *seed)
{
	return 1 + .03 * random_normal(seed);
}

static double lognormal(uint64_t *seed)
{
	return exp(.4 * random_normal(seed));
}

Test(repetitions, noise_alone_is_rarely_told_of)
{
	uint64_t seed = 20;
	size_t of_normal = 0, of_lognormal = 0;

	for (int trial = 0; trial < 40; trial++) {
		of_normal += told_of_noise(normal, &seed);
		of_lognormal += told_of_noise(lognormal, &seed);
	}
	cr_expect(of_normal <= 1, "%zu of 40 reviews", of_normal);
	cr_expect(of_lognormal <= 2, "%zu of 40 reviews", of_lognormal);
}

Test(repetitions, what_a_run_looks_like_follows_published_tests)
{
	/* Rosner's (1983) 54 numbers, as the NIST handbook has them, section 1.3.5.17.3. */
	static const double rosner[] = {
		-0.25, 0.68, 0.94, 1.15, 1.20, 1.26, 1.26, 1.34, 1.38, 1.43, 1.49, 1.49, 1.55, 1.56,
		1.58,  1.65, 1.69, 1.70, 1.76, 1.77, 1.81, 1.91, 1.94, 1.96, 1.99, 2.06, 2.09, 2.10,
		2.14,  2.15, 2.23, 2.24, 2.26, 2.35, 2.37, 2.40, 2.47, 2.54, 2.62, 2.64, 2.90, 2.92,
		2.92,  2.93, 3.21, 3.26, 3.30, 3.59, 3.68, 4.30, 4.64, 5.34, 5.42, 6.01};
	static const double cold[] = {5, 1, 1, 1, 1};
	struct run_shape s;

	cr_assert_eq(run_shape_of(&s, rosner, ARRAY_LEN(rosner), BETTER_LOWER, .05), 0);
	cr_expect_eq(s.n_outliers, 3);
	cr_expect_eq(s.gap, 0);
	cr_assert_eq(run_shape_of(&s, cold, 5, BETTER_LOWER, .05), 0);
	cr_expect_float_eq(s.shift, .8, 1e-12); /* the mean is 1.8 with it, 1 without */
	cr_expect(isfinite(s.cold_mads) && s.cold_p < 1e-6);
	cr_assert_eq(run_shape_of(&s, cold, 5, BETTER_HIGHER, .05), 0);
	cr_expect_eq(s.cold_p, 1);
}

Test(repetitions, what_is_far_off_leaves_the_others_their_digits)
{
	static const double x[] = {1e12, -1e12, 9,  .1, -.2, .3, -.4, .5, -.6, .7, -.8, .9,
	                           -1,   1.1,   -1, .9, -.8, .7, -.6, .5, -.4, .3, -.2, .1};
	struct run_shape s;

	cr_assert_eq(run_shape_of(&s, x, ARRAY_LEN(x), BETTER_LOWER, .05), 0);
	cr_expect_eq(s.n_outliers, 3);
}
