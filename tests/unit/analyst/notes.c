/* SPDX-License-Identifier: MIT */
/* What the analyst says of tables and columns to those who ask. */
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

TestSuite(notes, .init = start, .fini = done);

static const struct role_note *column(const struct table_note *t, const char *name)
{
	for (size_t c = 0; c < t->n_columns; c++)
		if (strcmp(t->columns[c].column, name) == 0)
			return &t->columns[c];
	cr_assert(false, "no note of column %s", name);
	return NULL;
}

#define RUN                         \
	"num_ctx|ttft_s|tokens_s\n" \
	"1024|0.21|98.5\n"          \
	"2048|0.22|99.5"

Test(notes, a_metric_has_quantity_unit_direction_and_its_place_in_the_group)
{
	const struct table_note *t;
	const struct role_note *ttft;

	(void)build_table(&b, "sweep.csv", NULL, RUN);
	build_analysis(&b);
	cr_assert_eq(b.dossier.n_table_notes, 1);
	t = &b.dossier.table_notes[0];
	ttft = column(t, "ttft_s");
	cr_expect_str_eq(ttft->role, "metric");
	cr_expect_str_eq(ttft->quantity, "time_to_first_token");
	cr_expect_str_eq(ttft->unit, "s");
	cr_expect_eq(ttft->better, BETTER_LOWER);
	cr_expect_str_eq(b.dossier.groups[t->group - 1].metrics[ttft->metric - 1].name, "ttft_s");
	cr_expect_eq(column(t, "num_ctx")->metric, 0);
	cr_expect_null(column(t, "num_ctx")->unit);
	cr_expect_eq(t->n_configurations, 2);
}

Test(notes, earlier_runs_are_taken_for_what_the_latest_one_is)
{
	(void)build_table(&b, "2026-11-20/sweep.csv", NULL, RUN);
	(void)build_table(&b, "2026-11-21/sweep.csv", NULL, RUN "\n4096|0.25|97.5");
	build_analysis(&b);
	cr_assert_eq(b.dossier.n_table_notes, 2);
	cr_expect_eq(b.dossier.table_notes[0].decided_by, 2);
	cr_expect_eq(b.dossier.table_notes[0].columns, b.dossier.table_notes[1].columns);
	cr_expect_eq(b.dossier.table_notes[0].n_configurations, 0);
	cr_expect_eq(b.dossier.table_notes[1].n_configurations, 3);
	cr_expect_eq(b.dossier.n_roles, 3);
}

Test(notes, a_table_without_a_measurement_is_noted_but_decides_nothing)
{
	(void)build_table(&b, "labels.csv", NULL, "name|owner\na|x\nb|y");
	build_analysis(&b);
	cr_expect_eq(b.dossier.n_roles, 0);
	cr_assert_eq(b.dossier.n_table_notes, 1);
	cr_expect_eq(b.dossier.table_notes[0].group, 0);
	cr_expect_str_eq(column(&b.dossier.table_notes[0], "owner")->role, "key");
}

Test(notes, a_table_of_failed_rows_alone_has_no_columns_to_explain)
{
	(void)build_table(&b, "dead.csv", NULL, "name|time_s|error\na||timed out\nb||timed out");
	build_analysis(&b);
	cr_assert_eq(b.dossier.n_table_notes, 1);
	cr_expect_null(b.dossier.table_notes[0].columns);
	cr_expect_eq(b.dossier.table_notes[0].n_failed, 2);
}

Test(notes, what_the_configuration_says_is_told_apart)
{
	static const struct analyst_rule rules[] = {{"num_ctx", "ignored", NULL, NULL},
	                                            {"ttft_s", NULL, "ms", NULL},
	                                            {"tokens_s", NULL, NULL, "lower"}};
	const struct analyst_settings s = {
		.rules = rules, .n_rules = 3, .today = "2026-11-21", .machine = ""};
	const struct table_note *t;

	(void)build_table(&b, "sweep.csv", NULL, RUN);
	build_analysis_with(&b, &s);
	t = &b.dossier.table_notes[0];
	cr_expect(column(t, "num_ctx")->rule_role);
	cr_expect_not(column(t, "ttft_s")->rule_role);
	cr_expect(column(t, "ttft_s")->rule_unit);
	cr_expect_str_eq(column(t, "ttft_s")->unit, "ms");
	cr_expect(column(t, "tokens_s")->rule_better);
	cr_expect_eq(column(t, "tokens_s")->better, BETTER_LOWER);
}

Test(notes, tables_of_one_shape_are_one_and_name_them_all)
{
	(void)build_table(&b, "m.json", "/runs/0/gpu/*", "/power_w\n10.5\n11.5");
	(void)build_more(&b, "/runs/1/gpu/*", "/power_w\n12.5\n13.5");
	build_analysis(&b);
	cr_assert_eq(b.dossier.n_table_notes, 1);
	cr_expect_eq(b.dossier.table_notes[0].n_tables, 2);
	cr_expect_eq(b.dossier.table_notes[0].tables[1], 2);
	cr_expect_eq(b.dossier.table_notes[0].n_rows, 4);
	cr_expect_str_eq(column(&b.dossier.table_notes[0], "power_w")->pointer, "/power_w");
}
