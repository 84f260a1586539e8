/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "lib/base/clock.h"
#include "tests/unit/analyst/builder.h"

#define DAY_S 86400

static struct builder b;

static void start(void)
{
	build_start(&b);
}

static void done(void)
{
	build_done(&b);
}

TestSuite(gaps, .init = start, .fini = done);

/* The finding whose key begins so, NULL: none; two of them are one too many. */
static const struct finding *gap(const char *key)
{
	const struct finding *found = NULL;

	for (size_t i = 0; i < b.dossier.n_findings; i++) {
		const struct finding *f = &b.dossier.findings[i];

		if (strncmp(f->key, key, strlen(key)) != 0)
			continue;
		cr_expect_null(found, "%s: told twice", key);
		cr_expect_eq(f->kind, FINDING_GAP);
		found = f;
	}
	return found;
}

static const char *said(const char *key)
{
	const struct finding *f = gap(key);

	return f ? plain(&b, &f->text) : "";
}

static double counted(const char *key, size_t fact)
{
	const struct finding *f = gap(key);

	return f && fact < f->n_facts ? dossier_fact(&b.dossier, f->facts[fact])->value : -1;
}

/* Conditions. */

Test(gaps, debug_builds_and_varying_clocks_are_told_once_for_all_files)
{
	for (int i = 0; i < 7; i++)
		(void)build_table(&b, arena_printf(b.arena, "bench%c.json", 'a' + i), "",
		                  "/context/library_build_type|/context/cpu_scaling_enabled|"
		                  "/real_time_ns\ndebug|true|12.5");
	build_analysis(&b);
	cr_expect_eq(counted("gap:debug", 0), 7);
	cr_expect_eq(gap("gap:debug")->severity, SEVERITY_MEDIUM);
	cr_expect_eq(counted("gap:scaling", 0), 7);
	cr_expect_eq(gap("gap:scaling")->severity, SEVERITY_LOW);
}

Test(gaps, a_release_build_at_a_fixed_clock_is_no_gap)
{
	(void)build_table(&b, "a.json", "",
	                  "/context/library_build_type|/context/cpu_scaling_enabled|"
	                  "/mode|/real_time_ns\nrelease|false|fast|12.5");
	build_analysis(&b);
	cr_expect_null(gap("gap:debug"));
	cr_expect_null(gap("gap:scaling"));
}

Test(gaps, missed_thresholds_are_counted_and_met_ones_are_not)
{
	(void)build_table(&b, "k.json", "",
	                  "/metrics/d/thresholds/p(95)<200/ok|/metrics/e/thresholds/p(95)<9/ok|"
	                  "/metrics/d/avg_ms\nfalse|true|12.5");
	build_analysis(&b);
	cr_expect_eq(counted("gap:threshold", 0), 1);
}

/* Runs. */

Test(gaps, a_metric_that_most_configurations_have_is_missing_where_one_lacks_it)
{
	(void)build_table(&b, "x.csv", NULL,
	                  "model|ttft_ms|time_ms\na|1.5|2.5\nb|1.25|2.25\nc|1.75|2.75\nd||3.5");
	build_analysis(&b);
	cr_expect_eq(counted("gap:lacking", 0), 3);
	cr_expect_str_eq(said("gap:lacking:x.csv"),
	                 "ttft_ms has no value for model d in x.csv; configurations that have "
	                 "one: {F11}.");
}

Test(gaps, a_metric_that_few_have_is_not_missing_elsewhere)
{
	(void)build_table(&b, "x.csv", NULL,
	                  "model|ttft_ms|time_ms\na|1.5|2.5\nb||2.25\nc||2.75\nd|1.5|3.5");
	build_analysis(&b);
	cr_expect_null(gap("gap:lacking"));
}

Test(gaps, a_metric_of_the_run_before_is_missed)
{
	(void)build_table(&b, "2026-11-01/x.csv", NULL, "model|ttft_ms|time_ms\na|1.5|2.5");
	(void)build_table(&b, "2026-11-02/x.csv", NULL, "model|time_ms\na|2.5");
	build_analysis(&b);
	cr_expect_str_eq(said("gap:lost:*/x.csv"),
	                 "ttft_ms was measured in 2026-11-01/x.csv and not in 2026-11-02/x.csv.");
}

Test(gaps, a_metric_that_is_new_is_not_missed)
{
	(void)build_table(&b, "2026-11-01/x.csv", NULL, "model|time_ms\na|2.5");
	(void)build_table(&b, "2026-11-02/x.csv", NULL, "model|ttft_ms|time_ms\na|1.5|2.5");
	build_analysis(&b);
	cr_expect_null(gap("gap:lost"));
}

Test(gaps, one_sample_where_others_are_repeated_is_told)
{
	(void)build_table(&b, "x.csv", NULL,
	                  "model|time_ms\na|1.5\na|1.6\na|1.7\nb|1.5\nb|1.6\nb|1.8\nc|1.5");
	build_analysis(&b);
	cr_expect_eq(gap("gap:repetitions:x.csv")->severity, SEVERITY_LOW);
	cr_expect_eq(counted("gap:repetitions:x.csv", 0), 3);
	cr_expect_null(gap("gap:single"));
}

Test(gaps, unequal_repetitions_are_good_to_know)
{
	(void)build_table(&b, "x.csv", NULL,
	                  "model|time_ms\na|1.5\na|1.6\nb|1.5\nb|1.6\nb|1.8\nb|1.9\nb|1.7");
	build_analysis(&b);
	cr_expect_eq(gap("gap:repetitions:x.csv")->severity, SEVERITY_INFO);
	cr_expect_eq(counted("gap:repetitions:x.csv", 0), 2);
	cr_expect_eq(counted("gap:repetitions:x.csv", 1), 5);
}

Test(gaps, about_equal_repetitions_are_not_told)
{
	(void)build_table(&b, "x.csv", NULL, "model|time_ms\na|1.5\na|1.6\nb|1.5\nb|1.6\nb|1.8");
	build_analysis(&b);
	cr_expect_null(gap("gap:repetitions"));
}

Test(gaps, many_tables_without_repetitions_are_one_finding)
{
	for (int i = 0; i < 9; i++)
		(void)build_table(&b, arena_printf(b.arena, "%c.csv", 'a' + i), NULL,
		                  "model|time_ms\na|1.5\nb|1.6");
	build_analysis(&b);
	cr_expect_str_eq(said("gap:single"),
	                 "Every configuration was measured once in a.csv, b.csv, c.csv, d.csv, "
	                 "e.csv and others: nothing there tells a difference from noise.");
	cr_expect_eq(gap("gap:single")->severity, SEVERITY_INFO);
}

Test(gaps, a_summary_of_repetitions_has_one_row_each_by_its_nature)
{
	(void)build_table(&b, "x.csv", NULL, "model|mean_time_ms|stdev_ms\na|1.5|.1\nb|1.6|.1");
	(void)build_table(&b, "y.csv", NULL, "model|time_ms|runs\na|1.5|10\nb|1.6|10");
	build_analysis(&b);
	cr_expect_null(gap("gap:single"));
}

Test(gaps, repetitions_that_are_equal_to_the_last_digit_are_suspicious)
{
	(void)build_table(&b, "x.csv", NULL,
	                  "model|time_ms|load_ms\na|12.345|1\na|12.345|2\na|12.345|3\n"
	                  "a|12.345|4\na|12.345|5");
	build_analysis(&b);
	cr_expect_eq(counted("gap:frozen:x.csv", 0), 12.345);
	cr_expect_eq(counted("gap:frozen:x.csv", 1), 5);
}

Test(gaps, equal_numbers_of_a_coarse_clock_are_not)
{
	(void)build_table(&b, "x.csv", NULL,
	                  "model|time_s\na|0.01\na|0.01\na|0.01\na|0.01\na|0.01\na|0.01");
	(void)build_table(&b, "y.csv", NULL, "model|time_s\na|1.2345\na|1.2345\na|1.2345");
	build_analysis(&b);
	cr_expect_null(gap("gap:frozen"));
}

/* Values. */

Test(gaps, negative_times_and_shares_beyond_the_whole_cannot_be)
{
	const struct finding *f;

	(void)build_table(&b, "x.csv", NULL,
	                  "model|time_ms|success_rate_pct|cpu_percent\na|-1|101|250\nb|-1|99|150\n"
	                  "c|2.5|100|90");
	build_analysis(&b);
	f = gap("gap:impossible:x.csv");
	cr_assert_not_null(f);
	cr_expect_eq(counted(f->key, 0), 2);
	cr_expect_eq(counted(f->key, 1), 1);
	cr_expect_str_eq(dossier_fact(&b.dossier, f->facts[0])->cells[0].rows, "1-2");
	cr_expect_str_eq(dossier_fact(&b.dossier, f->facts[1])->cells[0].column,
	                 "success_rate_pct");
}

Test(gaps, differences_and_temperatures_may_be_negative)
{
	(void)build_table(&b, "x.csv", NULL,
	                  "model|time_delta_ms|temperature_c|memory_change_mb|improvement_percent\n"
	                  "a|-1.5|-4.5|-12.5|-120\nb|-2.5|-3.5|1.5|130\nc|2.5|1|3|4");
	build_analysis(&b);
	cr_expect_null(gap("gap:impossible"));
}

Test(gaps, percentiles_lie_in_order_and_means_between_the_extremes)
{
	const struct finding *f;

	(void)build_table(&b, "x.csv", NULL,
	                  "model|min_ms|mean_ms|median_ms|p99_ms|max_ms\na|1.5|2.5|2.4|2.1|9.5\n"
	                  "b|1.5|2.5|2.4|3.1|9.5\nc|1.5|2.5|2.4|3.1|2.2");
	build_analysis(&b);
	f = gap("gap:impossible:x.csv");
	cr_assert_not_null(f);
	cr_expect_eq(counted(f->key, 0), 4); /* p99 of a; max of c below mean, median and p99 */
}

Test(gaps, rounding_does_not_put_percentiles_out_of_order)
{
	(void)build_table(&b, "x.csv", NULL,
	                  "model|mean_ms|median_ms|p99_ms|max_ms\na|2.5|0.123|0.12|2.5\n"
	                  "b|2.451|2.451|2.451|2.451\nc|9|2|8|9.5");
	build_analysis(&b);
	cr_expect_null(gap("gap:impossible"));
}

Test(gaps, a_column_in_two_dimensions_is_named)
{
	static const struct cell_unit ms = {"ms", 1}, us = {"us", 1}, mb = {"MB", 1};
	struct artifact *a = build_table(&b, "x.csv", NULL, "model|time\na|1.5\nb|2.5\nc|3.5");
	struct artifact *ok = build_table(&b, "y.csv", NULL, "model|time\na|1.5\nb|2.5\nc|3.5");

	a->tables[0].columns[1].values[0].unit = &ms;
	a->tables[0].columns[1].values[1].unit = &us;
	a->tables[0].columns[1].values[2].unit = &mb;
	ok->tables[0].columns[1].values[0].unit = &ms;
	ok->tables[0].columns[1].values[1].unit = &us;
	ok->tables[0].columns[1].values[2].unit = &us;
	build_analysis(&b);
	cr_expect_eq(counted("gap:units:x.csv", 0), 1);
	cr_expect_null(gap("gap:units:y.csv"));
}

Test(gaps, what_is_wrong_everywhere_is_told_of_a_few_and_folded)
{
	for (int i = 0; i < 9; i++)
		(void)build_table(&b, arena_printf(b.arena, "%c.csv", 'a' + i), NULL,
		                  "model|time_ms\na|-1.5\na|1.6");
	build_analysis(&b);
	cr_expect_eq(b.n_findings_of[FINDING_GAP], 7);
	for (size_t i = 0; i < b.dossier.n_findings; i++)
		if (strcmp(b.dossier.findings[i].key, "gap:impossible") == 0)
			cr_expect_eq(b.dossier.findings[i].n_artifacts, 3);
}

/* Files. */

static struct artifact *file(const char *path, int64_t modified_s)
{
	struct artifact *a = build_table(&b, path, NULL, "model|time_ms\na|1.2345\nb|2.3456");

	a->modified_s = modified_s;
	return a;
}

Test(gaps, a_directory_of_which_nothing_was_read_is_named)
{
	file("a/x.csv", DAY_S)->status = STATUS_UNREADABLE;
	file("a/y.csv", DAY_S)->status = STATUS_SKIPPED;
	file("b/x.csv", DAY_S)->status = STATUS_UNREADABLE;
	(void)file("b/y.csv", DAY_S);
	build_analysis(&b);
	cr_expect_str_eq(said("gap:directories"), "Nothing could be read in a.");
	cr_expect_eq(gap("gap:directories")->n_artifacts, 2);
}

Test(gaps, files_that_are_gone_are_missed_unless_later_runs_are_there)
{
	static const struct gone_artifact gone[] = {{0, "2026-11-01/x.csv", FORMAT_CSV},
	                                            {0, "2026-11-01/y.csv", FORMAT_CSV}};

	(void)file("2026-11-02/x.csv", DAY_S);
	b.dossier.inventory.gone = gone;
	b.dossier.inventory.n_gone = 2;
	build_analysis(&b);
	cr_expect_str_eq(said("gap:gone"),
	                 "2026-11-01/y.csv was there at the last review and is gone.");
	cr_expect_eq(gap("gap:gone")->severity, SEVERITY_MEDIUM);
	cr_expect_str_eq(said("gap:cleared"), "2026-11-01/x.csv was there at the last review and "
	                                      "is gone; later runs are there.");
	cr_expect_eq(gap("gap:cleared")->severity, SEVERITY_INFO);
}

Test(gaps, a_night_with_the_bytes_of_another_was_copied)
{
	(void)file("2026-11-01/x.csv", DAY_S);
	(void)file("2026-11-02/z.csv", DAY_S);
	file("2026-11-02/x.csv", DAY_S)->duplicate_of = 1;
	file("mirror/z.csv", DAY_S)->duplicate_of = 2;
	build_analysis(&b);
	cr_expect_str_eq(said("gap:copied"), "2026-11-02/x.csv is byte for byte an earlier run, "
	                                     "2026-11-01/x.csv: copied, not measured.");
}

Test(gaps, the_same_configuration_file_in_every_night_is_no_copied_run)
{
	(void)build_table(&b, "2026-11-01/config.json", "", "/timeout_ms|/batch\n500|8");
	build_table(&b, "2026-11-02/config.json", "", "/timeout_ms|/batch\n500|8")->duplicate_of =
		1;
	build_analysis(&b);
	cr_expect_null(gap("gap:copied"));
}

Test(gaps, a_summary_older_than_its_data_is_stale)
{
	(void)file("a/tuning.csv", 30 * DAY_S);
	(void)file("a/tuning_summary.csv", 20 * DAY_S);
	(void)file("b/tuning.csv", 20 * DAY_S);
	(void)file("b/other.csv", 30 * DAY_S);
	(void)file("b/tuning_summary.csv", 20 * DAY_S + 9);
	build_analysis(&b);
	cr_expect_str_eq(said("gap:stale"),
	                 "a/tuning_summary.csv was written on 1970-01-21, before the data that it "
	                 "sums up: a/tuning.csv is of 1970-01-31.");
}

Test(gaps, a_file_left_behind_by_its_directory_is_told)
{
	for (int i = 0; i < 4; i++) {
		(void)file(arena_printf(b.arena, "a/%c.csv", 'w' + i), 30 * DAY_S + i);
		(void)file(arena_printf(b.arena, "b/%c.csv", 'w' + i), 30 * DAY_S * i);
	}
	(void)file("a/old.csv", 20 * DAY_S);
	build_analysis(&b);
	cr_expect_str_eq(said("gap:straggler"),
	                 "a/old.csv was last written on 1970-01-21, everything else in its "
	                 "directory on 1970-01-31.");
}

Test(gaps, a_series_that_stopped_while_others_go_on_is_told)
{
	for (int i = 1; i <= 12; i++) {
		(void)file(arena_printf(b.arena, "2026-11-%02d/x.csv", i), 0);
		if (i <= 6)
			(void)file(arena_printf(b.arena, "2026-11-%02d/y.csv", i), 0);
		if (i <= 10)
			(void)file(arena_printf(b.arena, "2026-11-%02d/z.csv", i), 0);
	}
	build_analysis(&b);
	cr_expect_str_eq(said("gap:stopped"),
	                 "2026-11-06/y.csv is the last run of its series, of 2026-11-06; "
	                 "others beside it have runs up to 2026-11-12.");
}

Test(gaps, a_clean_tree_has_no_gaps)
{
	for (int i = 1; i <= 12; i++)
		(void)build_table(&b, arena_printf(b.arena, "2026-11-%02d/x.csv", i), NULL,
		                  "model|time_ms|ttft_ms\na|1.25|2.5\na|1.35|2.5\nb|2.25|1.5\n"
		                  "b|2.35|1.5");
	build_analysis(&b);
	cr_expect_eq(b.n_findings_of[FINDING_GAP], 0);
}
