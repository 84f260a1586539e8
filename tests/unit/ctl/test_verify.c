/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "tests/unit/ctl/bench.h"

static struct bench b;

static void init(void)
{
	bench_init(&b);
}

static void done(void)
{
	bench_done(&b);
}

TestSuite(verify, .init = init, .fini = done);

/* Everything sealed anew after the change, so that only the check under test can find it. */
#define EXPECT_WRONG(words)                                            \
	do {                                                           \
		cr_expect_gt(bench_verify(&b), 0);                     \
		cr_expect_gt(b.result.wrong, 0);                       \
		cr_expect_eq(b.result.altered, 0, "%s", b.output);     \
		cr_expect(bench_says(&b, words), "got: %s", b.output); \
	} while (0)

Test(verify, finds_nothing_in_a_true_report)
{
	cr_expect_eq(bench_verify(&b), 0, "%s", b.output);
	cr_expect(bench_says(&b, "verified: 8 facts, 17 numerals, 3 artifacts\n"), "%s", b.output);
	cr_expect_eq(b.result.not_recomputed, 0);
}

/* --- facts --------------------------------------------------------------------- */

Test(verify, finds_a_changed_value)
{
	bench_set(&b, "/facts/0", "value", json_real(102.9));
	EXPECT_WRONG("wrong: F1: median: 102.9 expected, 101.9 found");
}

Test(verify, finds_a_change_that_was_computed_from_a_changed_value)
{
	bench_set(&b, "/facts/2", "value", json_real(-7.9));
	EXPECT_WRONG("wrong: F3: delta_pct");
}

Test(verify, finds_a_wrong_p_value)
{
	bench_set(&b, "/facts/3", "value", json_real(0.0080));
	EXPECT_WRONG("wrong: F4: mann_whitney_p");
}

Test(verify, finds_a_forgotten_factor)
{
	(void)json_object_del(bench_at(&b, "/facts/7/cells/0"), "factor");
	EXPECT_WRONG("wrong: F8: samples.json: number 1: 140 expected, 0.14 found");
}

Test(verify, finds_another_row)
{
	bench_set(&b, "/facts/0/cells/0", "rows", json_string("2-6"));
	EXPECT_WRONG("wrong: F1: samples.json");
}

Test(verify, finds_rows_beyond_the_table)
{
	bench_set(&b, "/facts/0/cells/0", "rows", json_string("8-12"));
	EXPECT_WRONG("wrong: F1: row 12 of a table of 11");
}

Test(verify, finds_a_malformed_row)
{
	static const char *const rows[] = {"0-5",
	                                   "5-1",
	                                   "1-",
	                                   "1,,2",
	                                   "1,",
	                                   "-",
	                                   "1-2-3",
	                                   "1 - 2",
	                                   "3,1",
	                                   "1,1",
	                                   "99999999999999999999999"};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bench_set(&b, "/facts/0/cells/0", "rows", json_string(rows[i]));
		b.resealed = false;
		cr_expect_gt(bench_verify(&b), 0, "%s", rows[i]);
		cr_expect(bench_says(&b, "wrong: F1: row"), "%s: %s", rows[i], b.output);
	}
}

Test(verify, finds_a_column_that_is_not_there)
{
	bench_set(&b, "/facts/0/cells/0", "column", json_string("tokens"));
	EXPECT_WRONG("wrong: F1: sweep.csv has no column \"tokens\"");
}

Test(verify, finds_a_pointer_to_nowhere)
{
	bench_set(&b, "/facts/4/cells/0", "pointer", json_string("/backends/trt/mean_time_ms"));
	EXPECT_WRONG("wrong: F5: conv.json has nothing at /backends/trt/mean_time_ms");
}

Test(verify, finds_a_wrong_count_of_cells)
{
	bench_set(&b, "/facts/0", "n", json_integer(6));
	EXPECT_WRONG("wrong: F1: n: 6 expected, 5 cells found");
}

Test(verify, finds_a_fact_that_stands_on_nothing)
{
	json_array_clear(bench_at(&b, "/facts/5/cells"));
	EXPECT_WRONG("wrong: F6: value stands on no cell and on no fact");
}

Test(verify, finds_a_fact_that_stands_on_itself)
{
	(void)json_array_set_new(bench_at(&b, "/facts/2/from"), 1, json_string("F3"));
	EXPECT_WRONG("wrong: F3: stands on itself");
}

Test(verify, finds_changed_samples)
{
	bench_replace(&b.samples, "110.9", "110.8");
	EXPECT_WRONG("wrong: F2: samples.json: number 2");
}

Test(verify, finds_missing_samples)
{
	bench_replace(&b.samples, "\"F5\": [0.693], ", "");
	EXPECT_WRONG("wrong: F5: samples.json: 0 numbers expected, 1 cells found");
}

Test(verify, reads_cells_by_their_key_columns)
{
	json_t *cell = bench_at(&b, "/facts/0/cells/0");

	(void)json_object_del(cell, "rows");
	bench_set(&b, "/facts/0/cells/0", "where", json_pack("{s:s}", "night", "new"));
	bench_set(&b, "/facts/0/cells/0", "except", json_string("11"));
	cr_expect_eq(bench_verify(&b), 0, "%s", b.output);
}

Test(verify, reads_every_member_that_a_star_stands_for)
{
	bench_set(&b, "/facts/4/cells/0", "pointer", json_string("/backends/*/mean_time_ms"));
	bench_set(&b, "/facts/4/cells/0", "rows", json_string("2"));
	cr_expect_eq(bench_verify(&b), 0, "%s", b.output);
	bench_set(&b, "/facts/4/cells/0", "rows", json_string("3"));
	b.resealed = false;
	EXPECT_WRONG("wrong: F5");
}

Test(verify, finds_a_right_number_on_the_wrong_subject)
{
	bench_set(&b, "/facts/0", "subject", json_pack("{s:s}", "night", "old"));
	EXPECT_WRONG("wrong: F1: subject: night \"old\" expected, \"new\" found in row 1");
}

Test(verify, finds_a_right_number_under_the_wrong_metric)
{
	bench_set(&b, "/facts/0", "metric", json_string("ttft_s"));
	EXPECT_WRONG("wrong: F1: metric: \"ttft_s\" expected, column \"tokens_s\" found");
}

Test(verify, finds_a_row_that_is_excluded_and_counted)
{
	bench_set(&b, "/facts/0/excluded/0", "rows", json_string("3,11"));
	EXPECT_WRONG("wrong: F1: row 3 is excluded and counted");
}

/* --- artifacts ------------------------------------------------------------------- */

Test(verify, finds_a_changed_cell)
{
	bench_replace_in_artifact(&b, "sweep.csv", "101.9", "109.1");
	cr_expect_gt(bench_verify(&b), 0);
	cr_expect(bench_says(&b, "wrong: A3: sweep.csv: digest"), "%s", b.output);
	cr_expect(bench_says(&b, "wrong: F1: median"), "%s", b.output);
}

Test(verify, finds_swapped_rows)
{
	bench_replace_in_artifact(&b, "sweep.csv", "1,new,101.4", "1,new,102.0");
	bench_replace_in_artifact(&b, "sweep.csv", "2,new,102.0", "2,new,101.4");
	EXPECT_WRONG("wrong: F1: samples.json: number 1");
}

Test(verify, finds_a_changed_size)
{
	bench_set(&b, "/inventory/artifacts/2", "bytes", json_integer(254));
	EXPECT_WRONG("wrong: A3: sweep.csv: 254 bytes expected, 255 found");
}

Test(verify, finds_a_wrong_total)
{
	bench_set(&b, "/inventory", "bytes", json_integer(423));
	EXPECT_WRONG("wrong: inventory: 423 bytes expected, 422 found");
}

Test(verify, finds_a_wrong_count_of_files)
{
	bench_set(&b, "/inventory/counts", "csv", json_integer(2));
	EXPECT_WRONG("wrong: inventory: 2 csv expected, 1 listed");
}

Test(verify, finds_a_wrong_count_of_rows)
{
	bench_set(&b, "/inventory/artifacts/2/tables/0", "rows", json_integer(10));
	EXPECT_WRONG("wrong: A3: table 1: 10 rows expected, 11 found");
}

Test(verify, finds_an_artifact_that_vanished)
{
	bench_set(&b, "/inventory/artifacts/1", "path", json_string("other.md"));
	EXPECT_WRONG("wrong: A2: other.md is not there any more");
}

Test(verify, finds_an_unreadable_file_told_as_good)
{
	bench_set(&b, "/inventory/artifacts/0", "status", json_string("skipped"));
	EXPECT_WRONG("wrong: A1: status skipped expected, ok found");
}

Test(verify, finds_copies_that_are_none)
{
	bench_set(&b, "/inventory", "duplicates", json_pack("[[ss]]", "A1", "A2"));
	EXPECT_WRONG("wrong: inventory: duplicates: A2 is no copy of the others");
}

/* --- report.md ----------------------------------------------------------------------- */

Test(verify, finds_a_changed_digit_on_the_page)
{
	bench_replace(&b.md, "110.6", "110.7");
	EXPECT_WRONG("wrong: report.md:7:32: \"110.6\" expected, \"110.7");
}

Test(verify, finds_a_changed_digit_on_the_page_and_in_its_entry)
{
	bench_replace(&b.md, "110.6", "110.7");
	bench_set(&b, "/numerals/3", "text", json_string("110.7"));
	EXPECT_WRONG("wrong: report.md:7:32: F2 is 110.6, which does not print as 110.7");
}

Test(verify, finds_a_numeral_without_an_entry)
{
	(void)json_array_remove(bench_at(&b, "/numerals"), 3);
	bench_set(&b, "/verification", "numerals", json_integer(16));
	bench_set(&b, "/verification", "traced", json_integer(16));
	EXPECT_WRONG("wrong: report.md:7:32: \"110\" is no numeral of the report");
}

Test(verify, finds_an_entry_that_covers_half_a_figure)
{
	bench_set(&b, "/numerals/3", "text", json_string("110"));
	EXPECT_WRONG("is a part of a longer one");
}

Test(verify, finds_digits_of_other_scripts)
{
	bench_replace(&b.md, "row of", "row (\xd9\xa3) of");
	EXPECT_WRONG("is no numeral of the report");
}

Test(verify, finds_swapped_rows_of_a_table_on_the_page)
{
	bench_replace(&b.md, "**0.693**", "**3.812**");
	EXPECT_WRONG("wrong: report.md:11:16: \"0.693\" expected");
}

Test(verify, finds_a_wrong_sign)
{
	bench_replace(&b.md, "to 101.9", "t -101.9");
	EXPECT_WRONG("wrong: report.md:7:41: F1 is 101.9, which does not print as -101.9");
}

Test(verify, finds_a_scale_that_bends)
{
	bench_set(&b, "/numerals/3", "scale", json_real(1.001));
	EXPECT_WRONG("scale is no factor between units");
}

Test(verify, finds_a_name_that_is_nowhere)
{
	bench_replace(&b.md, "Nightly", "Night 3");
	(void)json_array_append_new(bench_at(&b, "/numerals"),
	                            json_pack("{s:i, s:i, s:s, s:s, s:s}", "line", 1, "column", 21,
	                                      "text", "Night 3", "means", "name", "ref",
	                                      "Night 3"));
	bench_set(&b, "/verification", "numerals", json_integer(18));
	bench_set(&b, "/verification", "traced", json_integer(18));
	EXPECT_WRONG("wrong: report.md:1:21: \"Night 3\" is no name of the report");
}

Test(verify, finds_a_heading_in_a_sentence)
{
	bench_set(&b, "/numerals/3", "means", json_string("heading"));
	EXPECT_WRONG("wrong: report.md:7:32: \"110.6\" is no heading");
}

Test(verify, finds_a_wrong_date)
{
	bench_set(&b, "/job", "finished_at", json_string("2026-11-22T02:30:12Z"));
	EXPECT_WRONG("wrong: report.md:3:11: \"2026-11-21\" is no date");
}

Test(verify, passes_over_digits_of_a_persona_prompt_and_of_no_other_fence)
{
	bench_set(&b, "", "steps",
	          json_pack("[{s:s, s:s}]", "id", "inventory", "prompt", "You are Data-9000."));
	bench_replace(&b.md, "Execution", "```text\nYou are Data-9000.\n```\n\nExecution");
	for (size_t i = 13; i < 17; i++) {
		json_t *one = json_array_get(bench_at(&b, "/numerals"), i);

		(void)json_object_set_new(
			one, "line",
			json_integer(json_integer_value(json_object_get(one, "line")) + 4));
	}
	cr_expect_eq(bench_verify(&b), 0, "%s", b.output);
	bench_set(&b, "/steps/0", "prompt", json_string("You are Data-8000."));
	b.resealed = false;
	EXPECT_WRONG("wrong: report.md:17:14: \"9000\" is no numeral of the report");
}

/* --- references and findings ------------------------------------------------------------ */

Test(verify, finds_a_fact_that_does_not_exist)
{
	(void)json_array_append_new(bench_at(&b, "/findings/0/facts"), json_string("F99"));
	EXPECT_WRONG("wrong: K1: names \"F99\", which is not in the report");
}

Test(verify, finds_two_facts_of_one_id)
{
	bench_set(&b, "/facts/7", "id", json_string("F7"));
	EXPECT_WRONG("wrong: facts[7]: id F7 comes twice");
}

Test(verify, finds_a_gate_that_did_not_pass)
{
	bench_set(&b, "/findings/0/gates/2", "passed", json_true());
	EXPECT_WRONG("wrong: K1: gate \"runs a side\": 1 against 2 does not pass, and is said to");
}

Test(verify, finds_an_improvement_that_is_none)
{
	bench_set(&b, "/findings/0", "kind", json_string("improvement"));
	EXPECT_WRONG("wrong: K1: improvement, but F3 became worse");
}

Test(verify, finds_a_best_that_is_not)
{
	bench_set(&b, "/findings/1", "facts", json_pack("[s]", "F2"));
	(void)json_array_set_new(bench_at(&b, "/findings/1/facts"), 0, json_string("F1"));
	EXPECT_WRONG("wrong: K2: best: F1 (101.9) expected, F2 (110.6) found");
}

Test(verify, what_did_other_work_is_no_better)
{
	bench_set(&b, "/findings/1", "facts", json_pack("[s]", "F1"));
	bench_set(&b, "/facts/0/subject", "benchmark", json_string("scan/size=1"));
	bench_set(&b, "/facts/1/subject", "benchmark", json_string("join/size=1"));
	bench_set(&b, "/configuration", "roles",
	          json_pack("[{s:s, s:s, s:s, s:b}]", "artifact", "A3", "column", "benchmark",
	                    "role", "key", "names_work", 1));
	(void)bench_verify(&b);
	cr_expect_not(bench_says(&b, "best: F1"), "%s", b.output);
	bench_set(&b, "/facts/1/subject", "benchmark", json_string("scan/size=2"));
	b.resealed = false;
	EXPECT_WRONG("wrong: K2: best: F1 (101.9) expected, F2 (110.6) found");
}

/* K2 becomes a finding on F5 (0.693), of which `expected` was expected. */
static void expect_of_f5(double expected, double deviation, const char *kind, bool passed)
{
	bench_set(&b, "/configuration", "expect",
	          json_pack("[{s:s, s:{}, s:f, s:n, s:f, s:n}]", "metric", "mean_time_ms",
	                    "subject", "value", expected, "unit", "tolerance_pct", 2.0, "source"));
	bench_set(&b, "/findings/1", "kind", json_string(kind));
	bench_set(&b, "/findings/1", "gates",
	          json_pack("[{s:s, s:f, s:f, s:b}]", "name",
	                    "deviation from the expected value, %", "value", deviation, "threshold",
	                    2.0, "passed", passed));
}

Test(verify, finds_nothing_in_a_true_expectation)
{
	expect_of_f5(0.7, 100 * (0.693 - 0.7) / 0.7, "expectation_met", true);
	cr_expect_eq(bench_verify(&b), 0, "%s", b.output);
}

Test(verify, finds_nothing_in_a_truly_missed_expectation)
{
	expect_of_f5(0.66, 100 * (0.693 - 0.66) / 0.66, "expectation_missed", false);
	cr_expect_eq(bench_verify(&b), 0, "%s", b.output);
}

Test(verify, finds_an_expectation_that_is_said_to_be_met)
{
	expect_of_f5(0.66, 100 * (0.693 - 0.66) / 0.66, "expectation_met", true);
	EXPECT_WRONG("wrong: K2: gate \"deviation from the expected value, %\": 4.99");
}

Test(verify, finds_an_expectation_whose_gate_says_otherwise)
{
	expect_of_f5(0.66, 100 * (0.693 - 0.66) / 0.66, "expectation_met", false);
	EXPECT_WRONG("wrong: K2: expectation_met, but its gate says otherwise");
}

/* K2 is of the expectation that expect_of_f5() makes, of a subject that F5 may not have. */
static void claim_of_k2(const char *kind, const char *key, json_t *subject)
{
	bench_set(&b, "/configuration/expect/0", "subject", subject);
	bench_set(&b, "/findings/1", "kind", json_string(kind));
	bench_set(&b, "/findings/1", "key", json_string(key));
	bench_set(&b, "/findings/1", "expectation", json_integer(0));
}

Test(verify, finds_an_expectation_of_another_configuration)
{
	expect_of_f5(0.7, 100 * (0.693 - 0.7) / 0.7, "expectation_met", true);
	claim_of_k2("expectation_met", "expectation:x", json_pack("{s:s}", "backend", "nowhere"));
	EXPECT_WRONG("wrong: K2: expectation_met, which no expectation of the pipeline gives");
}

Test(verify, finds_a_rank_that_is_none)
{
	expect_of_f5(0.7, 100 * (0.693 - 0.7) / 0.7, "expectation_met", true);
	bench_set(&b, "/findings/1", "rank", json_string("F1"));
	EXPECT_WRONG("wrong: K2: F1 is no rank of F5");
}

/* Two options of whom the report says that he runs on them. */
static void options_of_k2(double expected, double run, bool passed)
{
	expect_of_f5(0.7, 1, "contradiction", true);
	claim_of_k2("contradiction", "contradiction:expected-options:num_gpu=80/num_gpu=60/a",
	            json_pack("{s:s}", "num_gpu", "80"));
	bench_set(&b, "/configuration", "options",
	          json_pack("[{s:s, s:{s:f}}]", "agent", "a", "options", "num_gpu", 60.0));
	bench_set(&b, "/findings/1", "gates",
	          json_pack("[{s:s, s:f, s:f, s:b}]", "name", "equal to the expected num_gpu",
	                    "value", run, "threshold", expected, "passed", passed));
}

Test(verify, finds_nothing_in_a_true_contradiction_of_options)
{
	options_of_k2(80, 60, false);
	cr_expect_eq(bench_verify(&b), 0, "%s", b.output);
}

Test(verify, finds_a_contradiction_of_options_that_nobody_has)
{
	options_of_k2(80, 61, false);
	EXPECT_WRONG("is not of what is expected and run");
}

Test(verify, finds_a_contradiction_of_equal_options)
{
	options_of_k2(80, 80, true);
	EXPECT_WRONG("wrong: K2: a contradiction of options that are the same");
}

Test(verify, finds_a_contradiction_of_nobodys_options)
{
	options_of_k2(80, 60, false);
	bench_set(&b, "/configuration/options/0", "agent", json_string("b"));
	EXPECT_WRONG("wrong: K2: no options of whom it is about");
}

Test(verify, finds_a_contradiction_of_options_that_is_not_told)
{
	options_of_k2(80, 60, false);
	bench_set(&b, "/configuration/expect/0", "outcome", json_string("no_metric"));
	bench_set(&b, "/findings/1", "key", json_string("gap:another"));
	EXPECT_WRONG("expectation 0 is of other options than those that run");
}

Test(verify, finds_an_outcome_that_is_none)
{
	expect_of_f5(0.7, 100 * (0.693 - 0.7) / 0.7, "expectation_met", true);
	bench_set(&b, "/configuration/expect/0", "outcome", json_string("no_metric"));
	bench_set(&b, "/findings/1", "expectation", json_integer(0));
	EXPECT_WRONG("expectation 0: outcome no_metric, but it is judged");
}

Test(verify, finds_a_unit_that_is_the_same)
{
	expect_of_f5(0.7, 1, "contradiction", true);
	claim_of_k2("contradiction", "contradiction:expected-unit:x", json_object());
	bench_set(&b, "/configuration/expect/0", "unit", json_string("s"));
	(void)bench_verify(&b);
	cr_expect_not(bench_says(&b, "in another unit"), "%s", b.output);
	bench_set(&b, "/configuration/expect/0", "unit", json_string("ms"));
	b.resealed = false;
	EXPECT_WRONG("wrong: K2: no metric of that name in another unit");
}

Test(verify, finds_another_configuration_that_is_the_same_one)
{
	expect_of_f5(0.7, 100 * (0.693 - 0.7) / 0.7, "contradiction", true);
	claim_of_k2("contradiction", "contradiction:expected-of:x", json_object());
	EXPECT_WRONG("wrong: K2: not of the configuration that is expected, and another one");
}

/* K2 becomes a gap: A1, of the time that it is said to be of, is `hours` old and may be 36. */
static void require_of_a1(const char *pattern, double hours)
{
	bench_set(&b, "/job", "submitted_at", json_string("2026-11-21T12:00:00Z"));
	bench_set(&b, "/configuration", "require",
	          json_pack("[{s:s, s:f}]", "series", "conv*", "max_age_s", 129600.0));
	bench_set(&b, "/configuration", "times",
	          json_pack("[{s:s, s:i, s:s, s:s}]", "artifact", "A1", "table", 1, "first",
	                    "2026-11-19T12:00:00Z", "last", "2026-11-19T12:00:00Z"));
	bench_set(&b, "/findings/1", "kind", json_string("gap"));
	bench_set(&b, "/findings/1", "key", json_sprintf("gap:required:%s", pattern));
	bench_set(&b, "/findings/1", "artifacts", json_pack("[s]", "A1"));
	bench_set(&b, "/findings/1", "gates",
	          json_pack("[{s:s, s:f, s:f, s:b}]", "name", "age of the newest run, h", "value",
	                    hours, "threshold", 36.0, "passed", 1));
}

Test(verify, finds_nothing_in_a_run_that_is_truly_overdue)
{
	require_of_a1("conv*", 48);
	cr_expect_eq(bench_verify(&b), 0, "%s", b.output);
}

Test(verify, finds_an_age_that_no_table_has)
{
	require_of_a1("conv*", 40);
	EXPECT_WRONG("wrong: K2: no table of A1 is 40 h old");
}

Test(verify, finds_a_series_that_nobody_requires)
{
	require_of_a1("sweep*", 48);
	EXPECT_WRONG("wrong: K2: the pipeline does not require \"sweep*\"");
}

Test(verify, finds_a_series_that_is_not_absent)
{
	require_of_a1("conv*", 48);
	bench_set(&b, "/findings/1", "gates", json_array());
	bench_set(&b, "/configuration", "groups", json_pack("[{s:s}]", "artifact", "A1"));
	EXPECT_WRONG("wrong: K2: \"conv*\" is said to be absent");
}

Test(verify, finds_an_overdue_run_that_is_not_told)
{
	require_of_a1("conv*", 48);
	bench_set(&b, "/findings/1", "key", json_string("gap:another"));
	bench_set(&b, "/configuration", "groups", json_pack("[{s:s}]", "artifact", "A1"));
	EXPECT_WRONG("older than \"conv*\" may be");
}

Test(verify, finds_a_deviation_from_what_nobody_expected)
{
	expect_of_f5(0.66, 1, "expectation_met", true);
	EXPECT_WRONG("wrong: K2: expectation_met, which no expectation of the pipeline gives");
}

/* --- the seal --------------------------------------------------------------------------- */

Test(verify, finds_changed_words)
{
	bench_seal(&b);
	bench_replace(&b.md, "fell", "rose");
	cr_expect_eq(bench_verify(&b), 1);
	cr_expect_eq(b.result.altered, 1);
	cr_expect(bench_says(&b, "altered: "), "%s", b.output);
}

Test(verify, finds_a_changed_member_that_no_rule_is_about)
{
	bench_seal(&b);
	bench_set(&b, "/findings/0", "severity", json_string("low"));
	cr_expect_eq(bench_verify(&b), 1);
	cr_expect(bench_says(&b, "altered: "), "%s", b.output);
}

Test(verify, finds_a_missing_seal)
{
	b.unsealed = true;
	cr_expect_eq(bench_verify(&b), 1);
	cr_expect(bench_says(&b, "altered: report.json: it has no seal"), "%s", b.output);
}

/* --- rubbish ------------------------------------------------------------------------------ */

Test(verify, survives_a_report_of_wrong_types)
{
	static const char *const members[] = {"job",      "inventory", "facts",
	                                      "findings", "numerals",  "stages"};

	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		json_t *kept = json_incref(json_object_get(b.report, members[i]));

		bench_set(&b, "", members[i], json_pack("[iso]", 1, "x", json_null()));
		b.resealed = false;
		cr_expect_gt(bench_verify(&b), 0, "%s", members[i]);
		bench_set(&b, "", members[i], kept);
	}
}

Test(verify, prints_no_control_characters_of_a_hostile_report)
{
	bench_set(&b, "/facts/0", "statistic", json_string("\033[2Jmedian\n"));
	EXPECT_WRONG("wrong: F1: statistic \"?[2Jmedian?\" is unknown");
}
