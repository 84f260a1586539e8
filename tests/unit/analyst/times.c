/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "agents/analyst/stamp.h"
#include "agents/analyst/work.h"
#include "lib/base/clock.h"
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

TestSuite(when, .init = start, .fini = done);

static int64_t at(const char *text)
{
	int64_t s = -1;

	cr_assert(clock_parse(str_of(text), &s));
	return s;
}

static int64_t text_time(const char *text)
{
	int64_t s = -1;

	return stamp_of_text(str_of(text), &s) ? s : -1;
}

Test(when, cells_tell_times_in_many_ways)
{
	int64_t s = -1;

	cr_expect_eq(text_time("2025-10-02T19:18:24.204845+00:00"), at("2025-10-02T19:18:24Z"));
	cr_expect_eq(text_time("2025-10-02T15:18:24-0400"), at("2025-10-02T19:18:24Z"));
	cr_expect_eq(text_time("2024.01.01 3:00:00 +0100"), at("2024-01-01T02:00:00Z"));
	cr_expect_eq(text_time("20241115-171459"), at("2024-11-15T17:14:59Z"));
	cr_expect_eq(text_time("2016/03/08-14:27:30"), at("2016-03-08T14:27:30Z"));
	cr_expect_eq(text_time(" 2025-10-02 "), at("2025-10-02T00:00:00Z"));
	cr_expect_eq(text_time("2025-02-31"), -1);
	cr_expect_eq(text_time("2025-10-02 or so"), -1);
	cr_expect_eq(text_time(""), -1);
	cr_expect(stamp_of_number(1759181419, &s) && s == 1759181419);
	cr_expect(stamp_of_number(1759181419123, &s) && s == 1759181419);
	cr_expect(stamp_of_number(1759181419123456, &s) && s == 1759181419);
	cr_expect(stamp_of_number(1759181419123456789.0, &s) && s == 1759181419);
	cr_expect(!stamp_of_number(12.5, &s) && !stamp_of_number(-1, &s));
}

static int64_t name_time(const char *path)
{
	int64_t s = -1;
	bool in_name;

	return path_time(path, &s, &in_name) ? s : -1;
}

Test(when, names_tell_times_and_in_which_part_of_the_path)
{
	int64_t s;
	bool in_name = false;

	cr_expect_eq(name_time("conv_bench_20251002-170837.json"), at("2025-10-02T17:08:37Z"));
	cr_expect_eq(name_time("x_2025-10-02T17-08-37Z.json"), at("2025-10-02T17:08:37Z"));
	cr_expect_eq(name_time("x_2025-10-02T17-08-37-0400.json"), at("2025-10-02T21:08:37Z"));
	cr_expect_eq(name_time("x_20251002-170837-0400.json"), at("2025-10-02T17:08:37Z"));
	cr_expect_eq(name_time("2025/10/02/x.csv"), at("2025-10-02T00:00:00Z"));
	cr_expect_eq(name_time("x_1759181419123456789.csv"), 1759181419);
	cr_expect_eq(name_time("x_20250231.csv"), -1);
	cr_expect(path_time("2025/10/02/x.csv", &s, &in_name) && !in_name);
	cr_expect(path_time("a/x-2025-10-02.csv", &s, &in_name) && in_name);
}

static const char *stripped(const char *path)
{
	struct work w = {.arena = b.arena};

	return path_stripped(&w, path);
}

Test(when, commits_and_counters_are_run_numbers_and_parameters_are_not)
{
	cr_expect_str_eq(stripped("0001_b87b9aae14ff14a7887a6bbaa9731b9a8760555d_20150814_190343_"
	                          "uncommitted-changes.json"),
	                 "*_*_*.json");
	cr_expect_str_eq(stripped("0030_5b78858eb718649a31fb93d8dc96ca2cee41a4cd_20150815_030419."
	                          "json"),
	                 "*_*_*.json");
	cr_expect_str_eq(stripped("07d10557-py2.7-Cython-numpy1.8.json"),
	                 "*-py2.7-Cython-numpy1.8.json");
	cr_expect_str_eq(stripped("bench-1a2b3c4-dirty.csv"), "bench-*.csv");
	cr_expect_str_eq(stripped("3fa85f64-5717-4562-b3fc-2c963f66afa6/x.csv"), "*/x.csv");
	cr_expect_str_eq(stripped("build-118/x.csv"), "build-*/x.csv");
	cr_expect_str_eq(stripped("run-2025-10-02.csv"), "run-*.csv");
	cr_expect_str_eq(stripped("night_2025_10_02/run-7.csv"), "night_*/run-*.csv");
	cr_expect_str_eq(stripped("run_1759181419.csv"), "run_*.csv");
	cr_expect_str_eq(stripped("run-2025-13-02.csv"), "run-*-13-02.csv");
	cr_expect_str_eq(stripped("decade.csv"), "decade.csv");
	cr_expect_str_eq(stripped("effaced/x.csv"), "effaced/x.csv");
	cr_expect_str_eq(stripped("size_1048576.csv"), "size_1048576.csv");
	cr_expect_str_eq(stripped("0512_threads.csv"), "0512_threads.csv");
	cr_expect_str_eq(stripped("a1b2c3d4e5f.xyz1234567g.csv"), "*.xyz1234567g.csv");
}

static const struct table_time *time_of(const struct artifact *a)
{
	for (size_t i = 0; i < b.dossier.n_times; i++)
		if (b.dossier.times[i].artifact == a->id)
			return &b.dossier.times[i];
	cr_assert_fail("no time of %s", a->path);
	return NULL;
}

Test(when, a_field_wins_over_the_name_and_the_name_over_the_file_system)
{
	struct artifact *field, *column, *name, *folder, *nothing;

	field = build_table(&b, "f_2025-01-01.json", "",
	                    "/context/date|/time_ms\n2025-10-02T10:00:00Z|5");
	column = build_table(&b, "c_2025-01-01.csv", NULL,
	                     "timestamp|time_ms\n2025-10-02T10:00:00Z|5\n2025-10-02T10:00:00Z|6");
	name = build_table(&b, "2024-01-01/n_2025-01-02.csv", NULL, "time_ms\n5");
	folder = build_table(&b, "2025-01-03/n.csv", NULL, "time_ms\n5");
	nothing = build_table(&b, "n.csv", NULL, "time_ms\n5");
	nothing->modified_s = 1700000000;
	build_analysis(&b);
	cr_expect_eq(time_of(field)->source, TIME_FIELD);
	cr_expect_str_eq(time_of(field)->name, "/context/date");
	cr_expect_eq(time_of(field)->first_s, at("2025-10-02T10:00:00Z"));
	cr_expect_eq(time_of(column)->source, TIME_COLUMN);
	cr_expect_str_eq(time_of(column)->name, "timestamp");
	cr_expect_eq(time_of(name)->source, TIME_FILE_NAME);
	cr_expect_eq(time_of(name)->first_s, at("2025-01-02T00:00:00Z"));
	cr_expect_eq(time_of(folder)->source, TIME_DIRECTORY_NAME);
	cr_expect_eq(time_of(nothing)->source, TIME_MODIFIED);
	cr_expect_eq(time_of(nothing)->first_s, 1700000000);
}

Test(when, the_times_of_commits_builds_and_models_are_not_the_runs)
{
	struct artifact *a = build_table(
		&b, "x.json", "",
		"/commit_info/time|/machine_info/build_date|/model/modified_at|/datetime|/time_ms\n"
		"2020-01-01T00:00:00Z|2019-01-01T00:00:00Z|2018-01-01T00:00:00Z|"
		"2025-10-02T10:00:00Z|5");
	struct artifact *none = build_table(&b, "y.json", "",
	                                    "/commit_info/time|/time_ms\n2020-01-01T00:00:00Z|5");

	build_analysis(&b);
	cr_expect_str_eq(time_of(a)->name, "/datetime");
	cr_expect_eq(time_of(none)->source, TIME_MODIFIED);
}

Test(when, a_time_a_row_is_the_rows_and_the_name_tells_the_run)
{
	struct artifact *named, *plain;

	named = build_table(&b, "x_2025-10-02.csv", NULL,
	                    "timestamp|time_ms\n1759399300|5\n1759399200|6");
	plain = build_table(&b, "y.csv", NULL, "timestamp|time_ms\n1759399300|5\n1759399200|6");
	build_analysis(&b);
	cr_expect_eq(time_of(named)->source, TIME_FILE_NAME);
	cr_expect_eq(time_of(plain)->source, TIME_COLUMN);
	cr_expect_eq(time_of(plain)->first_s, 1759399200);
	cr_expect_eq(time_of(plain)->last_s, 1759399300);
	cr_expect_eq(time_of(plain)->runs, 1);
}

Test(when, a_duration_called_time_is_no_time_of_day)
{
	struct artifact *a = build_table(&b, "x.csv", NULL, "name|time\na|5.5\nb|6.5");

	build_analysis(&b);
	cr_expect_eq(time_of(a)->source, TIME_MODIFIED);
	cr_expect_str_eq(find_role(&b.dossier, "time"), "metric");
}

/* One row a configuration and day. */
static const char *days(int n, double last, const char *configurations)
{
	char *text = arena_printf(b.arena, "date|config|time_ms");

	for (int i = 0; i < n; i++)
		for (const char *c = configurations; *c; c++)
			text = arena_printf(b.arena, "%s\n2025-10-%02d|%c|%.1f", text, i + 1, *c,
			                    i + 1 == n ? last : 100 + i % 3 * .5);
	return text;
}

Test(when, rows_of_different_days_are_runs_of_one_series)
{
	struct artifact *a = build_table(&b, "grows.csv", NULL, days(12, 130, "xy"));
	const struct finding *f;

	build_analysis(&b);
	cr_expect_eq(time_of(a)->runs, 12);
	cr_expect_eq(b.dossier.runs.n, 12);
	cr_expect_eq(b.dossier.n_groups, 1);
	cr_expect_eq(b.dossier.compared.tested, 2);
	f = find_finding(&b.dossier, FINDING_REGRESSION);
	cr_assert_not_null(f);
	cr_expect_str_eq(f->since, "2025-10-12");
	cr_expect_eq(dossier_fact(&b.dossier, f->facts[1])->n, 1);
	cr_expect_str_eq(dossier_fact(&b.dossier, f->facts[1])->cells[0].rows, "23");
}

Test(when, a_sweep_over_two_days_is_one_run)
{
	struct artifact *a = build_table(&b, "sweep.csv", NULL,
	                                 "date|config|time_ms\n2025-10-01|x|5\n2025-10-01|y|6\n"
	                                 "2025-10-02|z|7\n2025-10-02|w|8");

	build_analysis(&b);
	cr_expect_eq(time_of(a)->runs, 1);
	cr_expect_eq(b.dossier.groups[0].n_configurations, 4);
}

Test(when, a_test_that_runs_past_midnight_is_one_run)
{
	struct artifact *a = build_table(&b, "soak.csv", NULL,
	                                 "timestamp|config|time_ms\n2025-10-01T23:50:00Z|x|5\n"
	                                 "2025-10-01T23:59:00Z|x|6\n2025-10-02T00:05:00Z|x|7");

	build_analysis(&b);
	cr_expect_eq(time_of(a)->runs, 1);
	cr_expect_eq(find_fact(&b.dossier, "time_ms", STAT_MEDIAN, "")->n, 3);
}

Test(when, two_machines_with_one_path_are_two_series)
{
	(void)build_table(&b, "2025-10-01/x.json", "", "/hostname|/time_ms\nalpha|5");
	(void)build_table(&b, "2025-10-02/x.json", "", "/hostname|/time_ms\nbeta|50");
	build_table(&b, "2025-10-03/x.json", "", "/time_ms\n50")->machine = "alpha";
	build_analysis(&b);
	cr_expect_eq(b.dossier.n_groups, 2);
	cr_expect_eq(b.dossier.compared.untestable, 2);
}

Test(when, thirty_nights_with_a_commit_each_are_one_series)
{
	for (unsigned i = 0; i < 30; i++)
		(void)build_table(&b,
		                  arena_printf(b.arena, "%04u_%07xa%02u_20251%03u_000000.json",
		                               i + 1, 0x1234567 + i * 77777, i, 101 + i),
		                  "", arena_printf(b.arena, "/commit|/time_ms\n%x|%d", i, 100));
	build_analysis(&b);
	cr_expect_eq(b.dossier.n_groups, 1);
	cr_expect_eq(b.dossier.compared.tested, 1);
}
