/* SPDX-License-Identifier: MIT */
/* Cells with units behind their numbers: one unit in a column, and what is left out with why. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

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

TestSuite(quantities, .init = start, .fini = done);

static const struct fact *value(const char *metric, const char *subject)
{
	const struct fact *f = find_fact(&b.dossier, metric, STAT_VALUE, subject);

	cr_assert_not_null(f, "%s of %s", metric, subject);
	return f;
}

static void expect_value(const char *metric, const char *subject, double x, const char *unit,
                         double factor)
{
	const struct fact *f = value(metric, subject);

	cr_expect_float_eq(f->value, x, 1e-12 * fabs(x), "%s of %s: %.17g", metric, subject,
	                   f->value);
	cr_expect_str_eq(f->unit, unit, "%s of %s: %s", metric, subject, f->unit);
	cr_expect_eq(f->cells[0].factor, factor, "%s of %s: %.17g", metric, subject,
	             f->cells[0].factor);
}

static const char *why(const char *column)
{
	for (size_t i = 0; i < b.dossier.n_roles; i++)
		if (strcmp(b.dossier.roles[i].column, column) == 0)
			return b.dossier.roles[i].why;
	return "none";
}

Test(quantities, the_unit_of_most_cells_is_that_of_the_column)
{
	(void)build_table(&b, "q.csv", NULL, "Method|Mean\na|12 ms\nb|1.5 s\nc|900 us\nd|15 ms");
	build_analysis(&b);
	expect_value("Mean", "Method=a", 12, "ms", 1);
	expect_value("Mean", "Method=b", 1500, "ms", 1000);
	expect_value("Mean", "Method=c", .9, "ms", .001);
	cr_expect_str_eq(value("Mean", "Method=a")->quantity, "time");
	cr_expect_eq(value("Mean", "Method=a")->better, BETTER_LOWER);
}

Test(quantities, the_unit_in_the_header_comes_first)
{
	(void)build_table(&b, "q.csv", NULL,
	                  "gpu|memory.used [MiB]|power.draw [W]|mode\na|2 GiB|21.33 W|x\n"
	                  "b|1 GiB|22 W|x\nc|512 MiB|900 mW|x\nd|100|20|x");
	build_analysis(&b);
	expect_value("memory.used [MiB]", "gpu=a", 2048, "MiB", 1024);
	expect_value("memory.used [MiB]", "gpu=d", 100, "MiB", 1);
	expect_value("power.draw [W]", "gpu=c", .9, "W", .001);
}

Test(quantities, thousands_have_a_factor_and_the_unit_stays)
{
	(void)build_table(&b, "q.csv", NULL,
	                  "tool|throughput|Req/Sec\na|4.2k tok/s|4.2k\nb|900 t/s|950");
	build_analysis(&b);
	expect_value("throughput", "tool=a", 4200, "tok/s", 1000);
	expect_value("throughput", "tool=b", 900, "tok/s", 1);
	expect_value("Req/Sec", "tool=a", 4200, "req/s", 1000);
}

Test(quantities, repetitions_in_several_units_are_told_unit_by_unit)
{
	const struct fact *f;

	(void)build_table(&b, "q.csv", NULL, "tool|latency\na|12 ms\na|0.5 s\na|13 ms\na|0.25 s");
	build_analysis(&b);
	f = find_fact(&b.dossier, "latency", STAT_MEDIAN, "tool=a");
	cr_assert_not_null(f);
	cr_expect_float_eq(f->value, 131.5, 1e-9, "%.17g", f->value);
	cr_assert_eq(f->n_cells, 2);
	cr_expect_str_eq(f->cells[0].rows, "1,3");
	cr_expect_eq(f->cells[0].factor, 1);
	cr_expect_str_eq(f->cells[1].rows, "2,4");
	cr_expect_eq(f->cells[1].factor, 1000);
	cr_expect_eq(f->samples[2], 500);
}

Test(quantities, what_does_not_turn_into_the_unit_is_excluded)
{
	const struct fact *f;

	(void)build_table(&b, "q.csv", NULL,
	                  "tool|latency\na|12 ms\na|3 W\na|13 ms\na|7\na|<0.1 ms\na|N/A\na|1,2,3\n"
	                  "a|nan\na|0\na|14 ms\na|15 ms");
	build_analysis(&b);
	f = find_fact(&b.dossier, "latency", STAT_MEDIAN, "tool=a");
	cr_assert_not_null(f);
	cr_expect_eq(f->n, 5, "a zero needs no unit");
	cr_assert_eq(f->n_excluded, 6);
	cr_expect_str_eq(f->excluded[0].why, "in W, which does not turn into ms");
	cr_expect_str_eq(f->excluded[1].why, "no unit, where other cells have one");
	cr_expect_str_eq(f->excluded[2].why, "a bound, no measurement: <0.1 ms");
	cr_expect_str_eq(f->excluded[3].why, "nothing there: N/A");
	cr_expect_str_eq(f->excluded[4].why, "not a number: 1,2,3");
	cr_expect_str_eq(f->excluded[5].why, "not a number: nan");
}

Test(quantities, a_unit_among_numbers_without_one_is_excluded)
{
	const struct fact *f;

	(void)build_table(&b, "q.csv", NULL, "tool|score\na|1.5\na|2.5\na|3 ms");
	build_analysis(&b);
	f = find_fact(&b.dossier, "score", STAT_MEDIAN, "tool=a");
	cr_assert_not_null(f);
	cr_expect_null(f->unit);
	cr_expect_str_eq(f->excluded[0].why, "in ms, where other cells have no unit");
}

Test(quantities, a_column_of_many_dimensions_measures_nothing)
{
	(void)build_table(&b, "q.csv", NULL,
	                  "what|Value|tokens_s\na|12 ms|1\nb|3 W|2\nc|5 MiB|3\nd|7 tok/s|4");
	build_analysis(&b);
	cr_expect_str_eq(find_role(&b.dossier, "Value"), "ignored");
	cr_expect_str_eq(why("Value"), "its cells are in units that do not turn into one another");
}

Test(quantities, kilobytes_that_nobody_defined_do_not_become_megabytes)
{
	const struct fact *f;

	(void)build_table(&b, "q.csv", NULL, "tool|memory\na|12 MB\na|13 MB\na|900 KB");
	build_analysis(&b);
	f = find_fact(&b.dossier, "memory", STAT_MEDIAN, "tool=a");
	cr_assert_not_null(f);
	cr_expect_eq(f->n, 2);
	cr_expect_str_eq(f->excluded[0].why, "in KB, which does not turn into MB");
}

Test(quantities, a_column_of_numbers_and_of_nothing_is_one_of_numbers)
{
	(void)build_table(&b, "q.csv", NULL,
	                  "tool|pp512_ts\na|nan\nb|12\nc|[Not Supported]\nd|-\ne|N/A");
	build_analysis(&b);
	cr_expect_str_eq(find_role(&b.dossier, "pp512_ts"), "metric");
	cr_expect_eq(value("pp512_ts", "tool=b")->value, 12);
}

Test(quantities, the_error_of_a_measurement_is_a_spread)
{
	(void)build_table(&b, "q.csv", NULL, "Method|Mean|Error\na|12 ms|0.3 ms\nb|13 ms|0.4 ms");
	build_analysis(&b);
	cr_expect_str_eq(value("Error", "Method=a")->quantity, "spread");
	cr_expect_eq(value("Error", "Method=a")->better, BETTER_NONE);
	cr_expect_eq(b.dossier.n_groups, 1);
}

Test(quantities, a_share_of_a_rate_is_no_rate)
{
	(void)build_table(&b, "q.csv", NULL, "tool|throughput\na|97 %\nb|103 %");
	build_analysis(&b);
	expect_value("throughput", "tool=a", 97, "%", 1);
	cr_expect_eq(value("throughput", "tool=a")->better, BETTER_NONE);
	cr_expect_null(value("throughput", "tool=a")->quantity);
}

Test(quantities, sizes_of_models_stay_names)
{
	(void)build_table(&b, "q.csv", NULL, "model|tokens_s\n125M|10\n350M|20\n1.3G|30");
	build_analysis(&b);
	cr_expect_str_eq(find_role(&b.dossier, "model"), "key");
	expect_value("tokens_s", "model=350M", 20, "tok/s", 1);
}

Test(quantities, thousands_or_fractions_are_not_guessed)
{
	struct artifact *a = build_table(&b, "q.csv", NULL,
	                                 "tool|elapsed|tokens_s\na|x|1\nb|x|2\nc|x|3");

	for (size_t i = 0; i < 3; i++)
		a->tables->columns[1].values[i].text = arena_printf(b.arena, "%zu,234", i + 1);
	build_analysis(&b);
	cr_expect_str_eq(find_role(&b.dossier, "elapsed"), "ignored");
	cr_expect_str_eq(why("elapsed"), "thousands or fractions: nothing tells which");
}

Test(quantities, rows_that_are_measures_are_not_ranked)
{
	(void)build_table(&b, "q.csv", NULL, "Metric|Baseline\nTTFT|354 ms\nDuration|25 s");
	build_analysis(&b);
	cr_expect_eq(b.n_findings_of[FINDING_BEST], 0);
}

/* One tool writes the unit that suits the numbers best, another one each night. */
Test(quantities, earlier_runs_are_told_in_the_unit_of_the_last)
{
	const struct fact *f;

	for (int i = 0; i < 12; i++)
		(void)build_table(&b, arena_printf(b.arena, "2026-11-%02d/q.csv", i + 1), NULL,
		                  arena_printf(b.arena,
		                               i == 11 ? "Method|Mean\na|1.5%02d ms"
		                                       : "Method|Mean\na|8%02d.0 us",
		                               i));
	build_analysis(&b);
	f = find_fact(&b.dossier, "Mean", STAT_DELTA_PCT, "Method=a");
	cr_assert_not_null(f);
	cr_expect(f->value > 80 && f->value < 95, "%g", f->value);
	cr_expect_eq(b.n_findings_of[FINDING_REGRESSION], 1);
}

Test(quantities, a_unit_that_is_asked_for_is_what_the_cells_are_turned_into)
{
	const struct analyst_rule rules[] = {{.pattern = "Mean", .unit = "s"},
	                                     {.pattern = "Allocated", .unit = "W"}};
	struct analyst_settings s = {.rules = rules,
	                             .n_rules = 2,
	                             .today = "2026-11-21",
	                             .machine = "",
	                             .min_effect_pct = 2,
	                             .max_facts = 4000};

	(void)build_table(&b, "q.csv", NULL, "Method|Mean|Allocated\na|12 ms|1 MiB\nb|13 ms|2 MiB");
	build_analysis_with(&b, &s);
	expect_value("Mean", "Method=a", .012, "s", .001);
	expect_value("Allocated", "Method=a", 1, "MiB", 1);
}
