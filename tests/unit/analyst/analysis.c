/* SPDX-License-Identifier: MIT */
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

TestSuite(analysis, .init = start, .fini = done);

#define SWEEP                                                                        \
	"num_gpu|num_ctx|temperature|config_name|ttft_s|tokens_s|eval_count|error\n" \
	"60|1024|0.2|g60_c1024_t0.2||||timed out\n"                                  \
	"60|1024|0.8|g60_c1024_t0.8|0.21|98.5|410|\n"                                \
	"60|2048|0.2|g60_c2048_t0.2|0.22|99.5|411|\n"                                \
	"60|2048|0.8|g60_c2048_t0.8|0.15|103.16|412|\n"                              \
	"80|1024|0.2|g80_c1024_t0.2|0.14|101.7|413|\n"                               \
	"80|1024|0.8|g80_c1024_t0.8|0.13|101.8|414|\n"                               \
	"80|2048|0.2|g80_c2048_t0.2|0.12|101.6|415|\n"                               \
	"80|2048|0.8|g80_c2048_t0.8|0.16|102.9|416|"

Test(analysis, a_sweep_has_options_as_keys_and_measures_as_metrics)
{
	(void)build_table(&b, "sweep.csv", NULL, SWEEP);
	build_analysis(&b);
	cr_expect_str_eq(find_role(&b.dossier, "num_gpu"), "key");
	cr_expect_str_eq(find_role(&b.dossier, "temperature"), "key");
	cr_expect_str_eq(find_role(&b.dossier, "config_name"), "ignored");
	cr_expect_str_eq(find_role(&b.dossier, "eval_count"), "ignored");
	cr_expect_str_eq(find_role(&b.dossier, "error"), "ignored");
	cr_expect_str_eq(find_role(&b.dossier, "tokens_s"), "metric");
	cr_assert_eq(b.dossier.n_groups, 1);
	cr_expect_eq(b.dossier.groups[0].n_configurations, 8);
	cr_expect_str_eq(b.dossier.groups[0].metrics[0].name, "tokens_s");
	cr_expect_str_eq(b.dossier.groups[0].metrics[1].name, "ttft_s");
}

Test(analysis, the_best_of_a_sweep_is_named_and_a_failed_row_is_never_ranked)
{
	const struct group *g;
	const struct fact *best;

	(void)build_table(&b, "sweep.csv", NULL, SWEEP);
	build_analysis(&b);
	g = &b.dossier.groups[0];
	best = dossier_fact(&b.dossier, g->cells[(g->metrics[0].best - 1) * g->n_metrics].center);
	cr_expect_float_eq(best->value, 103.16, 0);
	cr_expect_str_eq(best->subject[1].text, "2048");
	cr_expect_eq(best->statistic, STAT_VALUE);
	cr_expect_str_eq(best->cells[0].rows, "4");
	cr_expect(g->configurations[0].failed);
	cr_expect_eq(b.n_findings_of[FINDING_BEST], 1);
	cr_expect_not_null(
		strstr(plain(&b, &find_finding(&b.dossier, FINDING_BEST)->text), "not tested"));
}

Test(analysis, a_failed_row_makes_a_gap_with_a_count_and_a_partial_artifact)
{
	struct artifact *a = build_table(&b, "sweep.csv", NULL, SWEEP);
	const struct finding *gap;
	const struct fact *f;

	build_analysis(&b);
	gap = find_finding(&b.dossier, FINDING_GAP);
	cr_assert_not_null(gap);
	f = dossier_fact(&b.dossier, gap->facts[0]);
	cr_expect_eq(f->statistic, STAT_COUNT);
	cr_expect_float_eq(f->value, 1, 0);
	cr_expect_str_eq(f->cells[0].column, "error");
	cr_expect_str_eq(f->cells[0].rows, "1");
	cr_expect_not_null(strstr(plain(&b, &gap->text), "timed out"));
	cr_expect_not_null(strstr(plain(&b, &gap->text), "num_gpu 60, num_ctx 1024"));
	cr_expect_eq(a->status, STATUS_PARTIAL);
	cr_expect_str_eq(a->reason, "1 of 8 rows failed (error is set)");
}

Test(analysis, repetitions_of_one_configuration_become_statistics_over_exact_cells)
{
	const struct fact *f;

	(void)build_table(&b, "quant.csv", NULL,
	                  "tag|prompt_index|prompt_text|tokens_s|error\n"
	                  "q4|1|first of the prompts|74.5|\n"
	                  "q4|2|second of the prompts|76.5|\n"
	                  "q4|3|third of the prompts|77|\n"
	                  "q4|4|fourth of the prompts||\n"
	                  "q8|1|first of the prompts|46|\n"
	                  "q8|2|second of the prompts|47|\n"
	                  "q4|5|fifth of the prompts|0|connection refused");
	build_analysis(&b);
	f = find_fact(&b.dossier, "tokens_s", STAT_MEAN, "tag=q4");
	cr_assert_not_null(f);
	cr_expect_float_eq(f->value, 76, 1e-12);
	cr_expect_eq(f->n, 3);
	cr_expect_eq(f->n_cells, 1);
	cr_expect_str_eq(f->cells[0].rows, "1-3");
	cr_expect_str_eq(f->unit, "tok/s");
	cr_assert_eq(f->n_excluded, 2);
	cr_expect_str_eq(f->excluded[0].why, "empty");
	cr_expect_str_eq(f->excluded[0].at.rows, "4");
	cr_expect_str_eq(f->excluded[1].why, "error is set: connection refused");
	cr_expect_str_eq(f->excluded[1].at.rows, "7");
	cr_expect_float_eq(find_fact(&b.dossier, "tokens_s", STAT_MEDIAN, "tag=q8")->value, 46.5,
	                   1e-12);
	cr_expect_null(find_fact(&b.dossier, "tokens_s", STAT_CV, "tag=q9"));
	cr_expect_str_eq(find_role(&b.dossier, "prompt_index"), "ignored");
}

/* As a tool's text has them: row r stands in line 10 + r, column c at 20 c + 1. */
static void place_cells(struct table *t)
{
	for (size_t c = 0; c < t->n_columns; c++) {
		struct text_place *places = arena_calloc(b.arena, t->n_rows, sizeof *places);

		for (size_t r = 0; r < t->n_rows; r++) {
			const char *text = table_cell(t, r, c).text;

			if (*text)
				places[r] = (struct text_place){(uint32_t)(10 + r),
				                                (uint32_t)(20 * c + 1),
				                                (uint32_t)strlen(text)};
		}
		t->columns[c].places = places;
	}
}

Test(analysis, few_values_have_no_ninety_fifth_percentile)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(4096);

	buf_puts(&text, "test|latency_ms");
	for (int i = 0; i < 19; i++)
		buf_printf(&text, "\nfew|%d.5", 10 + i);
	for (int i = 0; i < 20; i++)
		buf_printf(&text, "\nmany|%d.25", 10 + i);
	(void)build_table(&b, "times.csv", NULL, buf_text(&text));
	build_analysis(&b);
	cr_assert_not_null(find_fact(&b.dossier, "latency_ms", STAT_MAX, "test=few"));
	cr_expect_null(find_fact(&b.dossier, "latency_ms", STAT_P95, "test=few"));
	cr_assert_not_null(find_fact(&b.dossier, "latency_ms", STAT_P95, "test=many"));
	cr_expect_lt(find_fact(&b.dossier, "latency_ms", STAT_P95, "test=many")->value, 29.25);
}

Test(analysis, cells_of_a_text_are_named_one_by_one_by_line_and_column)
{
	const struct fact *f;
	struct artifact *a = build_table(&b, "go.txt", NULL,
	                                 "name|time_ms|note_ms|error\n"
	                                 "x|1.5||\nx|2.5||\nx|3.5|9|\nx|||panic\ny|7||");

	place_cells(&a->tables[0]);
	build_analysis(&b);
	f = find_fact(&b.dossier, "time_ms", STAT_MEAN, "name=x");
	cr_assert_not_null(f);
	cr_assert_eq(f->n_cells, 3);
	cr_expect_eq(f->n, 3);
	cr_expect_eq(f->cells[2].place.line, 12);
	cr_expect_eq(f->cells[2].place.column, 21);
	cr_expect_eq(f->cells[2].place.length, 3);
	cr_expect_eq(f->cells[2].table, 0);
	cr_expect_null(f->cells[2].rows);
	cr_assert_eq(f->n_excluded, 1);
	cr_expect_str_eq(f->excluded[0].why, "error is set: panic");
	cr_expect_eq(f->excluded[0].at.place.line, 13, "the row's first cell stands in for none");
	cr_expect_eq(f->excluded[0].at.place.column, 1);
}

Test(analysis, what_a_text_does_not_hold_is_not_excluded_from_it)
{
	struct artifact *a = build_table(&b, "go.txt", NULL,
	                                 "name|time_ms|size_mb\nx|1.5|2\nx|2.5|3\nx|3.5|");
	const struct fact *f;

	place_cells(&a->tables[0]);
	build_analysis(&b);
	f = find_fact(&b.dossier, "size_mb", STAT_MEAN, "name=x");
	cr_assert_not_null(f);
	cr_expect_eq(f->n, 2);
	cr_expect_eq(f->n_excluded, 0);
}

Test(analysis, the_runs_of_two_nights_are_no_grid_although_they_cross)
{
	(void)build_table(&b, "runs.csv", NULL,
	                  "run|night|tokens_s\n1|a|10\n2|a|11\n3|a|12\n1|b|13\n2|b|14\n3|b|15");
	build_analysis(&b);
	cr_expect_str_eq(find_role(&b.dossier, "run"), "ignored");
	cr_expect_eq(b.dossier.groups[0].n_configurations, 2);
}

Test(analysis, a_column_crossed_in_a_grid_is_a_key_whatever_it_is_called)
{
	(void)build_table(&b, "grid.csv", NULL,
	                  "foo_ms|bar|time_ms\n"
	                  "1|10|5.1\n1|20|5.2\n2|10|5.3\n2|20|5.4\n"
	                  "1|10|5.5\n1|20|5.6\n2|10|5.7\n2|20|5.8");
	build_analysis(&b);
	cr_expect_str_eq(find_role(&b.dossier, "foo_ms"), "key");
	cr_expect_str_eq(find_role(&b.dossier, "bar"), "key");
	cr_expect_eq(b.dossier.groups[0].n_configurations, 4);
}

Test(analysis, a_temperature_among_sensors_is_no_option)
{
	(void)build_table(&b, "sensors.json", "/metrics/*",
	                  "/gpu/temperature|/gpu/power_draw|/gpu/fan_speed|/gpu/utilization_gpu\n"
	                  "48|2.5|0|0\n49|3.5|30|80\n48|4.5|30|90");
	build_analysis(&b);
	cr_expect_str_eq(find_role(&b.dossier, "temperature"), "metric");
	cr_expect_eq(b.dossier.groups[0].metrics[0].best, 0);
}

#define BACKENDS                                                                    \
	"!backend|/compilation/success|/compilation/error|/benchmark/mean_time_ms|" \
	"/benchmark/std_time_ms|/benchmark/min_time_ms\n"                           \
	"eager|||0.25|0.01|0.2\n"                                                   \
	"a/b~c|true|null|0.5|0.02|0.4\n"                                            \
	"tensorrt|false|torch_tensorrt is not installed|0|0|0\n"                    \
	"triton|false||0|0|0"

Test(analysis, a_backend_that_failed_is_not_the_fastest)
{
	const struct group *g;

	(void)build_table(&b, "bench_20251002.json", "/backends/*", BACKENDS);
	build_analysis(&b);
	g = &b.dossier.groups[0];
	cr_expect_str_eq(g->metrics[0].name, "mean_time_ms");
	cr_expect_eq(g->metrics[0].best, 1);
	cr_expect_eq(g->metrics[0].worst, 2);
	cr_expect(g->configurations[2].failed && g->configurations[3].failed);
	cr_expect_str_eq(b.dossier.inventory.artifacts[0].reason,
	                 "2 of 4 rows failed (error is set)");
}

Test(analysis, a_single_member_is_named_by_its_escaped_pointer)
{
	const struct fact *f;

	(void)build_table(&b, "bench.json", "/backends/*", BACKENDS);
	build_analysis(&b);
	f = find_fact(&b.dossier, "mean_time_ms", STAT_VALUE, "backend=a/b~c");
	cr_assert_not_null(f);
	cr_expect_str_eq(f->cells[0].pointer, "/backends/a~1b~0c/benchmark/mean_time_ms");
	cr_expect_null(f->cells[0].rows);
	cr_expect_null(f->cells[0].column);
}

Test(analysis, lists_of_samples_are_read_cell_by_cell_in_order)
{
	const struct fact *f;

	(void)build_table(&b, "hyperfine.json", "/results/*",
	                  "/command|/mean|/user|/system|/times\n"
	                  "sleep|0.5|0.1|0.2|[0.5;0.4;0.6]\n"
	                  "wake|0.7|0.1|0.2|[0.7;0.8]");
	build_analysis(&b);
	f = find_fact(&b.dossier, "times", STAT_MEDIAN, "command=sleep");
	cr_assert_not_null(f);
	cr_expect_float_eq(f->value, .5, 0);
	cr_expect_str_eq(f->cells[0].pointer, "/results/*/times/*");
	cr_expect_str_eq(f->cells[0].rows, "1");
	cr_expect_float_eq(f->samples[1], .4, 0);
	cr_expect_str_eq(f->unit, "s");
	cr_expect_str_eq(b.dossier.groups[0].metrics[0].name, "times");
	cr_expect_eq(b.dossier.groups[0].metrics[0].best, 1);
}

Test(analysis, tables_below_the_rows_of_another_are_one_table)
{
	const struct fact *f;

	(void)build_table(&b, "x.json", "/runs/*", "!size|/when\nsmall|a\nlarge|b");
	(void)build_more(&b, "/runs/small/calls/*", "/latency_ms\n1\n2");
	(void)build_more(&b, "/runs/large/calls/*", "/latency_ms\n10\n20");
	build_analysis(&b);
	cr_assert_eq(b.dossier.n_groups, 1);
	cr_expect_eq(b.dossier.groups[0].n_configurations, 2);
	f = find_fact(&b.dossier, "latency_ms", STAT_MEAN, "size=large");
	cr_assert_not_null(f);
	cr_expect_float_eq(f->value, 15, 1e-12);
	cr_expect_str_eq(f->cells[0].pointer, "/runs/large/calls/*/latency_ms");
}

Test(analysis, numbers_of_one_name_in_several_objects_are_rows_of_one_metric)
{
	(void)build_table(&b, "k.json", "",
	                  "/attention/torch/mean_time_ms|/attention/torch/min_time_ms|"
	                  "/core/512/mean_time_ms|/core/512/min_time_ms\n24.5|20|16.5|15");
	build_analysis(&b);
	cr_assert_eq(b.dossier.n_groups, 1);
	cr_expect_eq(b.dossier.groups[0].n_configurations, 2);
	cr_expect_float_eq(
		find_fact(&b.dossier, "mean_time_ms", STAT_VALUE, "section=core/512")->value, 16.5,
		0);
}

Test(analysis, an_answer_that_is_an_error_message_is_a_failed_row)
{
	struct artifact *a = build_table(&b, "t.json", "/results/*",
	                                 "/name|/tokens_per_second|/banter_text|/success\n"
	                                 "x|1.5|Error generating: refused|true\n"
	                                 "y|1.6|Error generating: refused|true");

	(void)build_more(&b, "", "/overall_tokens_per_second\n1.55");
	build_analysis(&b);
	cr_expect_eq(b.dossier.n_groups, 0);
	cr_expect_eq(b.n_findings_of[FINDING_GAP], 1);
	cr_expect_eq(find_finding(&b.dossier, FINDING_GAP)->severity, SEVERITY_HIGH);
	cr_expect_str_eq(a->reason, "2 of 2 rows failed (banter_text holds an error)");
}

Test(analysis, a_column_of_measuring_errors_fails_no_row)
{
	(void)build_table(&b, "bdn.csv", NULL,
	                  "Method|Mean (us)|Error\nFoo|1.5|0.05\nBar|2.5|0.53 us\nBaz|2.9|± 1");
	build_analysis(&b);
	cr_expect_eq(b.n_findings_of[FINDING_GAP], 0);
	cr_expect_eq(b.dossier.groups[0].n_configurations, 3);
}

Test(analysis, failures_of_one_series_are_one_finding_over_its_files)
{
	const struct finding *gap;
	static const char rows[] = "model|tokens_s|error\na|0|refused\nb|0|refused";

	(void)build_table(&b, "20251002-151204/runs.csv", NULL, rows);
	(void)build_table(&b, "20251002-151446/runs.csv", NULL, rows);
	(void)build_table(&b, "20251002-151824/runs.csv", NULL,
	                  "model|tokens_s|error\na|77.5|\nb|65.5|");
	build_analysis(&b);
	cr_expect_eq(b.n_findings_of[FINDING_GAP], 2); /* the other: nothing is repeated */
	gap = find_finding(&b.dossier, FINDING_GAP);
	cr_expect_eq(gap->n_artifacts, 2);
	cr_expect_float_eq(dossier_fact(&b.dossier, gap->facts[0])->value, 4, 0);
	cr_expect_str_eq(gap->key, "gap:*/runs.csv/error is set");
	cr_expect_eq(gap->severity, SEVERITY_MEDIUM);
	cr_expect_eq(b.dossier.n_groups, 1);
	cr_expect_str_eq(b.dossier.groups[0].title, "20251002-151824/runs.csv");
}

Test(analysis, scatter_over_five_repetitions_is_told)
{
	(void)build_table(&b, "s.csv", NULL,
	                  "prompt|ttft_s\none|0.1\ntwo|2.5\nthree|0.2\nfour|0.9\nfive|0.1");
	build_analysis(&b);
	cr_expect_eq(b.n_findings_of[FINDING_HIGH_VARIANCE], 1);
}

Test(analysis, what_the_reader_passes_over_is_excluded_and_no_failed_run)
{
	const struct fact *f;

	(void)build_table(&b, "r.csv", NULL, "model|time_ms\na|1\na\na|3");
	build_analysis(&b);
	f = find_fact(&b.dossier, "time_ms", STAT_MEDIAN, "model=a");
	cr_assert_not_null(f);
	cr_expect_str_eq(f->cells[0].rows, "1,3");
	cr_expect_str_eq(f->excluded[0].why, "ragged");
	cr_expect_eq(b.n_findings_of[FINDING_GAP], 0);
	cr_expect_eq(b.dossier.inventory.artifacts[0].status, STATUS_OK);
}

Test(analysis, text_in_a_metric_is_excluded_with_what_it_says)
{
	const struct fact *f;

	(void)build_table(&b, "n.csv", NULL, "model|time_ms\na|1\na|nan\na|3\na|12 or so");
	build_analysis(&b);
	f = find_fact(&b.dossier, "time_ms", STAT_COUNT, "model=a");
	cr_assert_not_null(f);
	cr_expect_eq(f->n, 2);
	cr_expect_str_eq(f->excluded[0].why, "not a number: nan");
}

Test(analysis, an_unreadable_file_is_a_gap_without_a_number)
{
	struct artifact *a = build_table(&b, "bad.csv", NULL, "a|b\n1|2");

	a->n_tables = 0;
	a->status = STATUS_UNREADABLE;
	a->reason = "line 7: NUL byte";
	build_analysis(&b);
	cr_expect_eq(b.n_findings_of[FINDING_GAP], 1);
	cr_expect_eq(find_finding(&b.dossier, FINDING_GAP)->n_facts, 0);
	cr_expect_eq(b.dossier.n_recommendations, 1);
}

Test(analysis, foreign_error_text_is_cut_at_a_character_and_loses_its_control_characters)
{
	static char rows[600] = "model|tokens_s|error\na|1|\nb|0|x\x1b[31m";
	const char *text;

	for (int i = 0; i < 100; i++)
		strcat(rows, "é");
	(void)build_table(&b, "e.csv", NULL, rows);
	build_analysis(&b);
	text = plain(&b, &find_finding(&b.dossier, FINDING_GAP)->text);
	cr_expect_null(strchr(text, '\x1b'));
	cr_expect(strlen(text) < 300);
	for (size_t i = 0; text[i]; i++)
		if ((unsigned char)text[i] == 0xc3)
			cr_assert_eq((unsigned char)text[++i], 0xa9);
}

/* The clock went backwards: no configuration is best by that. */
Test(analysis, a_negative_time_is_never_ranked)
{
	const struct group *g;

	(void)build_table(&b, "clock.csv", NULL, "backend|time_ms|score\nx|-1|-1\ny|2|2\nz|3|3\n");
	build_analysis(&b);
	g = &b.dossier.groups[0];
	cr_assert_str_eq(g->metrics[0].name, "time_ms");
	cr_expect_eq(g->metrics[0].best, 2);
	cr_assert_str_eq(g->metrics[1].name, "score");
	cr_expect_eq(g->metrics[1].worst, 1, "a score may be negative");
}

Test(analysis, of_the_rules_of_the_configuration_the_first_one_that_has_a_property_wins)
{
	static const struct analyst_rule rules[] = {{"tok*", "ignored", NULL, NULL},
	                                            {"*_s", "metric", "furlong", "none"},
	                                            {"eval_count", "metric", NULL, "higher"},
	                                            {"eval*", "ignored", "token", "lower"}};
	struct analyst_settings s = {.rules = rules,
	                             .n_rules = ARRAY_LEN(rules),
	                             .today = "2026-11-21",
	                             .machine = "box",
	                             .min_effect_pct = 2,
	                             .max_facts = 1000};

	(void)build_table(&b, "sweep.csv", NULL, SWEEP);
	build_analysis_with(&b, &s);
	cr_expect_str_eq(find_role(&b.dossier, "tokens_s"), "ignored");
	cr_expect_str_eq(find_fact(&b.dossier, "ttft_s", STAT_VALUE, "")->unit, "furlong");
	cr_expect_eq(find_fact(&b.dossier, "ttft_s", STAT_VALUE, "")->better, BETTER_NONE);
	cr_expect_eq(find_fact(&b.dossier, "eval_count", STAT_VALUE, "")->better, BETTER_HIGHER);
	cr_expect_str_eq(find_fact(&b.dossier, "eval_count", STAT_VALUE, "")->unit, "token");
	cr_expect_str_eq(find_finding(&b.dossier, FINDING_GAP)->key,
	                 "gap:box/sweep.csv/error is set");
}

Test(analysis, a_limit_on_facts_is_kept_and_told)
{
	struct analyst_settings s = {
		.today = "2026-11-21", .machine = "", .min_effect_pct = 2, .max_facts = 12};
	bool told = false;

	(void)build_table(&b, "sweep.csv", NULL, SWEEP);
	build_analysis_with(&b, &s);
	cr_expect(b.dossier.n_facts <= 12);
	for (size_t i = 0; i < b.dossier.n_findings; i++)
		told |= strstr(plain(&b, &b.dossier.findings[i].text), "limit on facts") != NULL;
	cr_expect(told);
}

Test(analysis, the_values_of_all_configurations_come_before_the_spread_of_the_first)
{
	struct analyst_settings s = {
		.today = "2026-11-21", .machine = "", .min_effect_pct = 2, .max_facts = 80};
	size_t values = 0, spreads = 0;
	const struct finding *f;

	build_row(&b, "model|time_ms");
	for (unsigned i = 0; i < 30; i++)
		for (unsigned k = 0; k < 5; k++)
			build_row(&b, "m%02u|%u", i, 1000 * (i + 1) + k);
	(void)build_table(&b, "sweep.csv", NULL, b.rows.data);
	build_analysis_with(&b, &s);
	for (size_t i = 0; i < b.dossier.groups[0].n_configurations; i++) {
		values += b.dossier.groups[0].cells[i].center > 0;
		spreads += b.dossier.groups[0].cells[i].cv > 0;
	}
	cr_expect_eq(values, 30);
	cr_expect_eq(spreads, 4);
	f = find_finding(&b.dossier, FINDING_GAP);
	cr_assert_not_null(f);
	cr_expect_str_eq(f->key, "gap:facts");
	cr_expect_float_eq(dossier_fact(&b.dossier, f->facts[0])->value, 26, 1e-9);
	cr_expect_not_null(strstr(plain(&b, &f->text), "without spread and quantiles: {"), "%s",
	                   plain(&b, &f->text));
}

Test(analysis, too_many_configurations_lose_their_widest_key)
{
	static char rows[64 * 1024] = "name|threads|time_ms";
	size_t n = strlen(rows);

	for (int i = 0; i < 900; i++)
		n += (size_t)snprintf(rows + n, sizeof rows - n, "\ncase%d|%d|%d.5", i, 1 + i % 2,
		                      100 + i % 7);
	(void)build_table(&b, "wide.csv", NULL, rows);
	build_analysis(&b);
	cr_expect_eq(b.dossier.groups[0].n_configurations, 2);
	cr_expect_str_eq(find_role(&b.dossier, "name"), "ignored");
}

Test(analysis, the_same_tables_give_the_same_result_twice)
{
	struct dossier first;

	(void)build_table(&b, "sweep.csv", NULL, SWEEP);
	(void)build_table(&b, "bench.json", "/backends/*", BACKENDS);
	build_analysis(&b);
	first = b.dossier;
	b.dossier.inventory.artifacts[0].status = b.dossier.inventory.artifacts[1].status =
		STATUS_OK;
	build_analysis(&b);
	cr_assert_eq(first.n_facts, b.dossier.n_facts);
	cr_assert_eq(first.n_findings, b.dossier.n_findings);
	for (size_t i = 0; i < first.n_facts; i++)
		cr_assert(memcmp(&first.facts[i].value, &b.dossier.facts[i].value,
		                 sizeof(double)) == 0);
	for (size_t i = 0; i < first.n_findings; i++)
		cr_assert_str_eq(first.findings[i].key, b.dossier.findings[i].key);
}

Test(analysis, nothing_at_all_is_nothing_to_tell)
{
	build_analysis(&b);
	cr_expect_eq(b.dossier.n_facts + b.dossier.n_findings + b.dossier.n_groups, 0);
	cr_expect_eq(b.dossier.verdict, VERDICT_CANNOT_TELL);
	cr_expect(isnan(b.dossier.compared.smallest_change_pct));
}

Test(analysis, too_little_memory_is_an_error_with_a_way_out)
{
	struct error err = {0};
	struct analyst_settings s = {.today = "2026-11-21", .machine = "", .min_effect_pct = 2};
	struct arena *small = arena_new(4096);

	(void)build_table(&b, "sweep.csv", NULL, SWEEP);
	b.dossier.arena = small;
	cr_expect(analyst_run(&b.dossier, &s, &err) < 0);
	cr_expect_not_null(strstr(err.text, "limits.memory_bytes"));
	arena_free(small);
}

Test(analysis, the_bounds_of_an_interval_are_no_repetitions)
{
	(void)build_table(&b, "a.json", "",
	                  "/name|/samples_ms|/confidence_interval_95\nx|[1.5;1.6;1.7]|[1.4;1.8]");
	build_analysis(&b);
	cr_expect_str_eq(find_role(&b.dossier, "samples_ms"), "metric");
	cr_expect_str_eq(find_role(&b.dossier, "confidence_interval_95"), "ignored");
	cr_expect_null(find_fact(&b.dossier, "confidence_interval_95", STAT_MEAN, ""));
}
