/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <math.h>

#include "lib/evidence/pipeline.h"
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

TestSuite(expect, .init = start, .fini = done);

#define SWEEP                                           \
	"num_gpu|num_ctx|temperature|ttft_s|tokens_s\n" \
	"999|4096|0.2|0.12|101.2\n"                     \
	"999|4096|0.4|0.14|101.78\n"                    \
	"80|4096|0.4|0.13|90\n"                         \
	"80|2048|0.2|0.15|102.9"

static char gpu[] = "num_gpu", ctx[] = "num_ctx", temperature[] = "temperature";
static char metric[] = "tokens_s", unit[] = "tok/s";

static void analyse(const struct expectation *e, size_t n)
{
	struct analyst_settings s = {.today = "2026-11-21",
	                             .machine = "",
	                             .min_effect_pct = 2,
	                             .max_facts = 10000,
	                             .expectations = e,
	                             .n_expectations = n};

	build_analysis_with(&b, &s);
}

static size_t judged(void)
{
	return b.n_findings_of[FINDING_EXPECTATION_MET] +
	       b.n_findings_of[FINDING_EXPECTATION_MISSED];
}

Test(expect, what_lies_within_the_tolerance_is_met)
{
	struct expected_key subject[] = {
		{gpu, (char[]){"999.0"}}, {temperature, (char[]){"0.40"}}, {ctx, (char[]){"4096"}}};
	struct expectation e = {metric, subject, 3, 102.31, unit, 2, NULL};
	const struct finding *k;

	(void)build_table(&b, "runs/2026-11-20/sweep.csv", NULL, SWEEP);
	analyse(&e, 1);
	cr_assert_eq(judged(), 1);
	k = find_finding(&b.dossier, FINDING_EXPECTATION_MET);
	cr_assert_not_null(k);
	cr_expect_eq(k->severity, SEVERITY_INFO);
	cr_expect_eq(k->expectation, 1);
	cr_assert_eq(k->n_facts, 1);
	cr_expect_float_eq(dossier_fact(&b.dossier, k->facts[0])->value, 101.78, 0);
	cr_assert_eq(k->n_gates, 1);
	cr_expect_float_eq(k->gates[0].value, 100 * (101.78 - 102.31) / 102.31, 1e-12);
	cr_expect_eq(k->gates[0].threshold, 2);
	cr_expect(k->gates[0].passed);
	cr_expect_eq(k->effect, k->gates[0].value);
	cr_expect_null(strstr(k->key, "2026"), "%s", k->key);
	cr_expect_not_null(
		strstr(k->key, "expectation:tokens_s/num_gpu=999.0,temperature=0.40,num_ctx=4096/"),
		"%s", k->key);
	cr_expect_not_null(strstr(plain(&b, &k->text), "within what was expected"));
}

Test(expect, what_lies_outside_is_missed_by_how_much)
{
	struct expected_key subject[] = {{gpu, (char[]){"80"}}, {ctx, (char[]){"4096"}}};
	struct expectation e = {metric, subject, 2, -100, unit, 10, NULL};
	const struct finding *k;

	(void)build_table(&b, "sweep.csv", NULL, SWEEP);
	analyse(&e, 1);
	cr_assert_eq(judged(), 1);
	k = find_finding(&b.dossier, FINDING_EXPECTATION_MISSED);
	cr_assert_not_null(k);
	cr_expect_eq(k->severity, SEVERITY_MEDIUM);
	cr_expect_float_eq(k->gates[0].value, 190, 1e-9); /* against what was expected, unsigned */
	cr_expect(!k->gates[0].passed);
	cr_expect_not_null(strstr(plain(&b, &k->text), "outside of what was expected"));
}

Test(expect, exactly_the_tolerance_away_is_met)
{
	struct expected_key subject[] = {{gpu, (char[]){"80"}}, {ctx, (char[]){"4096"}}};
	struct expectation e = {metric, subject, 2, 100, unit, 10, NULL};

	(void)build_table(&b, "sweep.csv", NULL, SWEEP);
	analyse(&e, 1);
	cr_expect_eq(b.n_findings_of[FINDING_EXPECTATION_MET], 1);
}

Test(expect, a_key_that_is_not_there_or_another_text_matches_nothing)
{
	struct expected_key none[] = {{(char[]){"model"}, (char[]){"gemma3"}}};
	struct expected_key other[] = {{gpu, (char[]){"0x3e7"}}}; /* no number that we know */
	struct expectation e[] = {{metric, none, 1, 102.31, unit, 2, NULL},
	                          {metric, other, 1, 102.31, unit, 2, NULL}};

	(void)build_table(&b, "sweep.csv", NULL, SWEEP);
	analyse(e, 2);
	cr_expect_eq(judged(), 0);
}

Test(expect, another_name_of_the_same_quantity_in_the_same_unit_will_do)
{
	struct expected_key subject[] = {{gpu, (char[]){"80"}}, {ctx, (char[]){"2048"}}};
	struct expectation e[] = {
		{(char[]){"throughput"}, subject, 2, 102.9, (char[]){"tokens/s"}, 2, NULL},
		{(char[]){"throughput_bytes"}, subject, 2, 102.9, (char[]){"bytes/s"}, 2, NULL},
		{(char[]){"nonsense"}, subject, 2, 102.9, unit, 2, NULL}};

	(void)build_table(&b, "sweep.csv", NULL, SWEEP);
	analyse(e, 3);
	cr_expect_eq(judged(), 1);
	cr_expect_eq(find_finding(&b.dossier, FINDING_EXPECTATION_MET)->expectation, 1);
}

Test(expect, where_one_has_the_name_the_others_do_not_count)
{
	struct expectation e = {metric, NULL, 0, 100, unit, 2, NULL};

	(void)build_table(&b, "a.csv", NULL, "num_gpu|ttft_s|tokens_s\n1|0.1|100\n2|0.1|101");
	(void)build_table(&b, "a_summary.csv", NULL,
	                  "num_gpu|ttft_s|mean_tokens_s\n1|0.1|100\n2|0.1|101");
	analyse(&e, 1);
	cr_expect_eq(judged(), 2);
	e.metric = (char[]){"throughput"};
	analyse(&e, 1);
	cr_expect_eq(judged(), 4);
}

Test(expect, figures_in_different_units_are_not_compared)
{
	struct expected_key subject[] = {{gpu, (char[]){"80"}}, {ctx, (char[]){"2048"}}};
	struct expectation e[] = {
		{(char[]){"ttft_s"}, subject, 2, 150, (char[]){"ms"}, 2, NULL},
		{(char[]){"ttft_s"}, subject, 2, 0.15, (char[]){"seconds"}, 2, NULL},
		{(char[]){"ttft_s"}, subject + 1, 1, 0.15, NULL, 3, NULL}};

	(void)build_table(&b, "sweep.csv", NULL, SWEEP);
	analyse(e, 3);
	cr_expect_eq(judged(), 2);
	cr_expect_eq(b.n_findings_of[FINDING_EXPECTATION_MET], 2);
}

Test(expect, where_nothing_was_expected_only_nothing_will_do)
{
	struct expected_key some[] = {{gpu, (char[]){"999"}}}, none[] = {{gpu, (char[]){"80"}}};
	struct expectation e[] = {{(char[]){"drift_pct"}, some, 1, 0, NULL, 2, NULL},
	                          {(char[]){"drift_pct"}, none, 1, 0, NULL, 2, NULL}};
	const struct finding *k;

	(void)build_table(&b, "sweep.csv", NULL, "num_gpu|tokens_s|drift_pct\n999|99|0.5\n80|98|0");
	analyse(e, 2);
	cr_assert_eq(judged(), 2);
	k = find_finding(&b.dossier, FINDING_EXPECTATION_MISSED);
	cr_assert_not_null(k);
	cr_expect_eq(k->expectation, 1);
	cr_expect(isnan(k->gates[0].value) && isnan(k->effect));
	k = find_finding(&b.dossier, FINDING_EXPECTATION_MET);
	cr_expect_eq(k->gates[0].value, 0);
}

Test(expect, a_failed_configuration_was_not_measured)
{
	struct expectation e = {metric, NULL, 0, 99, unit, 2, NULL};

	(void)build_table(&b, "sweep.csv", NULL,
	                  "num_gpu|ttft_s|tokens_s|error\n999|||timed out\n80|0.1|99|");
	analyse(&e, 1);
	cr_expect_eq(judged(), 1);
	cr_expect_eq(b.n_findings_of[FINDING_EXPECTATION_MET], 1);
}

static const struct finding *contradiction(void)
{
	cr_assert_eq(b.n_findings_of[FINDING_CONTRADICTION], 1);
	return find_finding(&b.dossier, FINDING_CONTRADICTION);
}

Test(expect, another_unit_is_told)
{
	struct expected_key subject[] = {{gpu, (char[]){"80"}}, {ctx, (char[]){"2048"}}};
	struct expectation e = {(char[]){"ttft_s"}, subject, 2, 150, (char[]){"ms"}, 2, NULL};
	const struct finding *k;

	(void)build_table(&b, "sweep.csv", NULL, SWEEP);
	analyse(&e, 1);
	k = contradiction();
	cr_expect_eq(b.dossier.expected[0], EXPECTED_OTHER_UNIT);
	cr_assert_eq(k->n_facts, 1);
	cr_expect_eq(dossier_fact(&b.dossier, k->facts[0])->value, 0.15);
	cr_expect_eq(k->expectation, 1);
}

Test(expect, what_another_configuration_measured_is_told_with_the_nearest)
{
	struct expected_key subject[] = {{gpu, (char[]){"80"}}, {ctx, (char[]){"4096"}}};
	struct expectation e = {metric, subject, 2, 101.7, unit, 2, NULL};
	const struct finding *k;

	(void)build_table(&b, "sweep.csv", NULL, SWEEP);
	analyse(&e, 1);
	k = contradiction();
	cr_assert_eq(k->n_facts, 2);
	cr_expect_eq(dossier_fact(&b.dossier, k->facts[0])->value, 90);
	cr_expect_eq(dossier_fact(&b.dossier, k->facts[1])->value, 101.78);
	cr_expect_float_eq(k->gates[0].value, 100 * .08 / 101.7, 1e-9);
}

Test(expect, the_rank_is_among_those_of_the_table)
{
	struct expected_key subject[] = {{gpu, (char[]){"80"}}, {ctx, (char[]){"4096"}}};
	struct expectation e[] = {{metric, subject, 2, 90, unit, 2, NULL},
	                          {(char[]){"ttft_s"}, subject, 2, 0.13, NULL, 2, NULL}};
	double ranks[2] = {0};

	(void)build_table(&b, "sweep.csv", NULL, SWEEP);
	analyse(e, 2);
	for (size_t i = 0; i < b.dossier.n_findings; i++) {
		const struct finding *k = &b.dossier.findings[i];
		const struct fact *rank = dossier_fact(&b.dossier, k->rank);

		if (!k->expectation)
			continue;
		cr_assert(rank && rank->statistic == STAT_RANK && rank->n_from == 4);
		cr_expect_eq(rank->from[0], k->facts[0]);
		ranks[k->expectation - 1] = rank->value;
	}
	cr_expect_eq(ranks[0], 4); /* more tokens are better, less time is */
	cr_expect_eq(ranks[1], 2);
}

Test(expect, why_nothing_was_measured_is_known)
{
	struct expected_key none[] = {{gpu, (char[]){"7"}}};
	struct expectation e[] = {{metric, none, 1, 90, unit, 2, NULL},
	                          {(char[]){"nonsense"}, none, 1, 90, NULL, 2, NULL},
	                          {metric, NULL, 0, 90, unit, 2, NULL}};

	(void)build_table(&b, "sweep.csv", NULL, SWEEP);
	analyse(e, 3);
	cr_assert_eq(b.dossier.n_expected, 3);
	cr_expect_eq(b.dossier.expected[0], EXPECTED_NO_CONFIGURATION);
	cr_expect_eq(b.dossier.expected[1], EXPECTED_NO_METRIC);
	cr_expect_eq(b.dossier.expected[2], EXPECTED_MEASURED);
}

Test(expect, of_many_matches_eight_are_told_and_those_that_miss_it_first)
{
	struct expectation e = {metric, NULL, 0, 100, unit, 2, NULL};

	(void)build_table(&b, "a.csv", NULL,
	                  "num_gpu|ttft_s|tokens_s\n1|0.1|100\n2|0.1|101\n3|0.1|100\n4|0.1|99\n"
	                  "5|0.1|100\n6|0.1|101\n7|0.1|100\n8|0.1|99");
	(void)build_table(&b, "b.csv", NULL,
	                  "batch|ttft_s|tokens_s\n1|0.1|100\n2|0.1|101\n3|0.1|50\n4|0.1|99");
	analyse(&e, 1);
	cr_expect_eq(judged(), 8);
	cr_expect_eq(b.n_findings_of[FINDING_EXPECTATION_MISSED], 1);
}
