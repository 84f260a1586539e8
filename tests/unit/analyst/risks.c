/* SPDX-License-Identifier: MIT */
/* What somebody risks who acts on the findings, as code lays it out. */
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

TestSuite(risks, .init = start, .fini = done);

#define TRADE                       \
	"backend|ttft_s|tokens_s\n" \
	"a|0.10|90\na|0.10|91\n"    \
	"b|0.30|150\nb|0.30|151\n"

static void weigh(size_t max)
{
	struct analyst_settings s = {.today = "2026-11-21",
	                             .machine = "",
	                             .min_effect_pct = 2,
	                             .max_facts = 10000,
	                             .max_risks = max};

	build_analysis_with(&b, &s);
}

/* The row whose risk has these words; NULL: none. */
static const struct risk *row_with(const char *words)
{
	for (size_t i = 0; i < b.dossier.n_risks; i++)
		if (strstr(plain(&b, &b.dossier.risks[i].risk), words))
			return &b.dossier.risks[i];
	return NULL;
}

Test(risks, nobody_asks_for_them_and_there_are_none)
{
	(void)build_table(&b, "sweep.csv", NULL, TRADE);
	weigh(0);
	cr_expect_eq(b.dossier.n_risks, 0);
	cr_expect_not(b.dossier.weighs_risks);
}

Test(risks, each_is_of_findings_and_has_what_contains_it)
{
	(void)build_table(&b, "sweep.csv", NULL, TRADE "c|||\n");
	weigh(8);
	cr_expect(b.dossier.weighs_risks);
	cr_assert_gt(b.dossier.n_risks, 1);
	for (size_t i = 0; i < b.dossier.n_risks; i++) {
		const struct risk *k = &b.dossier.risks[i];

		cr_expect_not(k->by_model);
		cr_expect_gt(k->risk.n, 0);
		cr_expect_gt(k->mitigation.n, 0);
		cr_assert_gt(k->n_findings, 0);
		for (size_t f = 0; f < k->n_findings; f++)
			cr_expect_not_null(dossier_finding(&b.dossier, k->findings[f]));
	}
}

Test(risks, the_best_by_one_metric_is_not_by_another)
{
	(void)build_table(&b, "sweep.csv", NULL, TRADE);
	weigh(8);
	cr_expect_not_null(row_with("gives up what other configurations are best in"));
}

Test(risks, one_value_is_luck)
{
	(void)build_table(&b, "sweep.csv", NULL,
	                  "backend|ttft_s|tokens_s\na|0.10|90\nb|0.09|99\nc|0.08|120");
	weigh(8);
	cr_expect_not_null(row_with("rests on a single value"));
}

Test(risks, that_nothing_measures_quality_is_one_unless_something_does)
{
	(void)build_table(&b, "sweep.csv", NULL, TRADE);
	weigh(8);
	cr_expect_not_null(row_with("measures the quality of the output"));
	build_done(&b);
	build_start(&b);
	(void)build_table(&b, "sweep.csv", NULL,
	                  "backend|tokens_s|accuracy\na|90|0.5\na|91|0.5\nb|150|0.75\nb|151|0.75");
	weigh(8);
	cr_expect_null(row_with("measures the quality of the output"));
}

Test(risks, what_failed_is_in_no_figure)
{
	(void)build_table(&b, "sweep.csv", NULL,
	                  "backend|ttft_s|tokens_s|error\na|0.10|90|\nb|0.09|99|\nc|||refused");
	weigh(8);
	cr_expect_not_null(row_with("is in no figure"));
}

Test(risks, no_more_than_are_asked_for)
{
	(void)build_table(&b, "sweep.csv", NULL,
	                  "backend|ttft_s|tokens_s|error\na|0.10|90|\nb|0.30|150|\nc|||refused");
	weigh(2);
	cr_expect_eq(b.dossier.n_risks, 2);
}
