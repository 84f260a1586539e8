/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "agents/collector/reader.h"
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

/* --- sentences ------------------------------------------------------------------------------ */

#define SWEEP                                     \
	"model|num_gpu|num_ctx|tokens_s|ttft_s\n" \
	"gemma3:latest|60|2048|103.16|0.125\n"    \
	"gemma3:latest|999|4096|102.31|0.128\n"   \
	"gemma3:270m|999|4096|303.9|0.061"

static size_t contradictions_of(const char *data, const char *report, const char *text)
{
	struct artifact *md;
	struct error err = {0};

	build_done(&b);
	build_start(&b);
	(void)build_table(&b, data, NULL, SWEEP);
	md = build_table(&b, report, NULL, "a");
	md->format = FORMAT_MARKDOWN;
	cr_assert_eq(markdown_read(md, str_of(text), b.arena, &err), 0, "%s", err.text);
	build_analysis(&b);
	return b.n_findings_of[FINDING_CONTRADICTION];
}

static size_t contradictions(const char *text)
{
	return contradictions_of("x/sweep.csv", "x/report.md", text);
}

Test(consistency, a_sentence_that_states_another_number_than_the_data_is_a_contradiction)
{
	const struct finding *f;
	const struct fact *said;

	cr_assert_eq(
		contradictions("# Report\n\nSo **gemma3:latest** reaches **112.31 tok/s** with "
	                       "`num_gpu=999` and num_ctx: 4096."),
		1);
	f = find_finding(&b.dossier, FINDING_CONTRADICTION);
	said = dossier_fact(&b.dossier, f->facts[0]);
	cr_expect_float_eq(said->value, 112.31, 1e-12);
	cr_expect_eq(said->cells[0].place.line, 3);
	cr_expect_eq(said->cells[0].place.column, 32);
	cr_expect_eq(said->cells[0].place.length, 12);
	cr_expect_float_eq(dossier_fact(&b.dossier, f->facts[1])->value, 102.31, 1e-12);
	cr_expect_str_eq(f->key, "contradiction:x/report.md#prose/tokens_s/model=gemma3:latest/"
	                         "num_gpu=999/num_ctx=4096");
}

Test(consistency, each_number_of_a_sentence_is_held_against_the_metric_in_its_unit)
{
	cr_expect_eq(
		contradictions("gemma3:270m: 303.9 tok/s, TTFT 0.09 s (num_gpu=999, num_ctx=4096)"),
		1);
	cr_expect_str_eq(
		dossier_fact(&b.dossier, find_finding(&b.dossier, FINDING_CONTRADICTION)->facts[0])
			->metric,
		"ttft_s");
	cr_expect_eq(
		contradictions("gemma3:270m: 404 tokens per second, num_gpu=999, num_ctx=4096"), 1);
}

Test(consistency, a_sentence_that_agrees_to_its_last_digit_is_none)
{
	cr_expect_eq(contradictions("gemma3:latest: 102.3 tok/s, num_gpu=999, num_ctx=4096"), 0);
	cr_expect_eq(contradictions("gemma3:latest: 102 tok/s, num_gpu=999, num_ctx=4096"), 0);
	cr_expect_eq(contradictions("gemma3:latest: 102.4 tok/s, num_gpu=999, num_ctx=4096"), 1);
}

Test(consistency, a_sentence_that_leaves_something_to_guess_is_none)
{
	static const char *const texts[] = {
		"gemma3:latest reaches 112 tok/s with num_gpu=999.",
		"gemma3:latest reaches 112 tok/s. It has num_gpu=999 and num_ctx=4096.",
		"gemma3 reaches 112 tok/s with num_gpu=999, num_ctx=4096",
		"gemma3:latest reaches ~112 tok/s with num_gpu=999, num_ctx=4096",
		"gemma3:latest reaches about 112 tok/s with num_gpu=999, num_ctx=4096",
		"gemma3:latest: 112 tok/s against 76 tok/s with num_gpu=999, num_ctx=4096",
		"gemma3:latest reaches 112 tok/s and 76 tok/s with num_gpu=999, num_ctx=4096",
		"gemma3:latest is 12 tok/s faster with num_gpu=999, num_ctx=4096",
		"gemma3:latest takes 112 s with num_gpu=9990, num_ctx=4096",
		"gemma3:latest uses 112 MB with num_gpu=999, num_ctx=4096",
		"    gemma3:latest: 112 tok/s num_gpu=999, num_ctx=4096 (in code)",
		"## gemma3:latest: 112 tok/s, num_gpu=999, num_ctx=4096"};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		cr_expect_eq(contradictions(texts[i]), 0, "%s", texts[i]);
}

Test(consistency, a_report_is_about_the_data_beside_it_or_below)
{
	static const char text[] = "gemma3:latest: 112 tok/s, num_gpu=999, num_ctx=4096";

	cr_expect_eq(contradictions_of("x/y/sweep.csv", "x/report.md", text), 1);
	cr_expect_eq(contradictions_of("x/sweep.csv", "x/y/report.md", text), 0);
	cr_expect_eq(contradictions_of("y/sweep.csv", "x/report.md", text), 0);
}

#define PARAMETERS "command|mean time (s)|min time (s)|level\nrun -1|0.0413013|0.0411|1\nrun -3|0.0598521|0.0592|3"

static size_t bests_of(const char *other)
{
	(void)build_table(&b, "x/run.csv", NULL, PARAMETERS);
	(void)build_table(&b, "x/run.md", NULL, other);
	build_analysis(&b);
	return b.n_findings_of[FINDING_BEST];
}

Test(consistency, the_same_run_in_another_form_has_its_best_once)
{
	cr_expect_eq(bests_of("Command|Mean time [ms]\nrun -1|41.3\nrun -3|59.9"), 1);
	cr_expect_eq(b.dossier.n_groups, 2);
	cr_expect_eq(b.dossier.groups[0].repeats + b.dossier.groups[1].repeats, 1,
	             "the one with less repeats the other");
}

Test(consistency, another_form_with_other_numbers_is_a_table_of_its_own)
{
	cr_expect_eq(bests_of("Command|Mean time [ms]\nrun -1|41.3\nrun -3|59.2"), 2);
}

Test(consistency, other_forms_of_other_units_do_not_repeat)
{
	cr_expect_eq(bests_of("Command|Mean time [MB]\nrun -1|41.3\nrun -3|59.9"), 2);
}
