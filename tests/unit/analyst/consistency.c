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

TestSuite(consistency, .init = start, .fini = done);

#define RAW                                                          \
	"model|tokens_s\na|10.1\na|10.3\na|10.25\nb|20.5\nb|21.25\n" \
	"b|20.75"

static const struct finding *contradiction(const char *path, const char *summary)
{
	(void)build_table(&b, "x/run.csv", NULL, RAW);
	(void)build_table(&b, path, NULL, summary);
	build_analysis(&b);
	return find_finding(&b.dossier, FINDING_CONTRADICTION);
}

Test(consistency, a_summary_that_restates_its_file_is_silent)
{
	cr_expect_null(contradiction("x/run_summary.csv",
	                             "model|mean_tokens_s|max_tokens_s\na|10.216666666666667|10.3\n"
	                             "b|20.833333333333332|21.25"));
}

Test(consistency, rounding_is_no_contradiction)
{
	cr_expect_null(contradiction("x/run_summary.csv", "model|mean_tokens_s\na|10.2\nb|20.8"));
}

Test(consistency, a_number_that_the_values_do_not_give_is_told_with_both)
{
	const struct finding *f = contradiction("x/run_summary.csv",
	                                        "model|mean_tokens_s\na|10.2\nb|23.9");
	const char *text;

	cr_assert_not_null(f);
	cr_expect_eq(f->severity, SEVERITY_MEDIUM);
	cr_assert_eq(f->n_facts, 2);
	cr_expect_float_eq(dossier_fact(&b.dossier, f->facts[0])->value, 23.9, 1e-9);
	cr_expect_float_eq(dossier_fact(&b.dossier, f->facts[1])->value, 62.5 / 3, 1e-9);
	text = plain(&b, &f->text);
	cr_expect_not_null(strstr(text, "x/run_summary.csv says {"), "%s", text);
	cr_expect_not_null(strstr(text, " for mean_tokens_s of model b, but x/run.csv gives {"),
	                   "%s", text);
	cr_expect_eq(f->n_artifacts, 2);
}

Test(consistency, a_median_is_held_against_the_median)
{
	cr_expect_null(
		contradiction("x/run_summary.csv", "model|median_tokens_s\na|10.25\nb|20.75"));
}

Test(consistency, files_of_other_names_or_directories_restate_nothing)
{
	(void)build_table(&b, "y/run_summary.csv", NULL, "model|mean_tokens_s\na|1\nb|2");
	(void)build_table(&b, "x/runner.csv", NULL, "model|mean_tokens_s\na|1\nb|2");
	cr_expect_null(contradiction("x/other.csv", "model|mean_tokens_s\na|1\nb|2"));
}

Test(consistency, other_units_and_other_metrics_are_not_compared)
{
	cr_expect_null(contradiction("x/run_summary.csv", "model|mean_ttft_s\na|1\nb|2"));
}

Test(consistency, what_fits_several_configurations_is_not_compared)
{
	(void)build_table(&b, "x/grid.csv", NULL,
	                  "model|ctx|tokens_s\na|1024|10.5\na|2048|11.5\nb|1024|20.5\nb|2048|21.5");
	(void)build_table(&b, "x/grid_summary.csv", NULL, "model|mean_tokens_s\na|99\nb|98");
	build_analysis(&b);
	cr_expect_null(find_finding(&b.dossier, FINDING_CONTRADICTION));
}
