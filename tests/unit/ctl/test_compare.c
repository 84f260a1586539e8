/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>

#include "ctl/compare.h"
#include "lib/base/buf.h"
#include "lib/base/files.h"

static char dir[] = "/tmp/compare-XXXXXX";
static struct compared_sides *c;

static void put(const char *path, const char *text)
{
	char folder[256];
	const char *slash = strrchr(path, '/');
	struct error err = {0};

	(void)snprintf(folder, sizeof folder, "%s/%.*s", dir, (int)(slash - path), path);
	cr_assert_eq(files_make_dirs(folder, &err), 0, "%s", err.text);
	cr_assert_eq(files_write(folder, slash + 1, text, strlen(text), &err), 0, "%s", err.text);
}

/* "backend,time_ms" and `n` rows of each backend: about `x` and about `y`. */
static void put_runs(const char *path, int n, double x, double y)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(1u << 16);

	buf_puts(&b, "backend,time_ms,error\n");
	for (int i = 0; i < n; i++)
		buf_printf(&b, "x,%g,\ny,%g,\n", x * (1 + i / 1000.), y * (1 + i / 1000.));
	put(path, buf_text(&b));
}

static void start(void)
{
	cr_assert_not_null(mkdtemp(dir));
	put("config/chimerad.yaml", "limits: {files: 100}\n");
}

static void done(void)
{
	struct error err = {0};

	compare_free(c);
	cr_expect_eq(files_remove_tree(dir, &err), 0, "%s", err.text);
}

TestSuite(compare, .init = start, .fini = done);

static void compare(const char *base, const char *new)
{
	char paths[3][256];
	struct error err = {0};

	(void)snprintf(paths[0], sizeof paths[0], "%s/%s", dir, base);
	(void)snprintf(paths[1], sizeof paths[1], "%s/%s", dir, new);
	(void)snprintf(paths[2], sizeof paths[2], "%s/config/chimerad.yaml", dir);
	compare_free(c);
	c = NULL;
	cr_assert_eq(compare_read(&c, paths[0], paths[1], paths[2], &err), 0, "%s", err.text);
}

static const char *matched(const char *kinds)
{
	static char room[256];
	struct fail_on f;
	struct error err = {0};

	cr_assert_eq(fail_on_parse(&f, kinds, &err), 0, "%s", err.text);
	return compare_match(c, &f, room, sizeof room);
}

static char *printed(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	compare_print(c, to);
	(void)fclose(to);
	return text;
}

Test(compare, repetitions_tell_what_changed)
{
	CLEANUP(freep) char *text = NULL;

	put_runs("base/2026-10-01/runs.csv", 8, 100, 50);
	put_runs("new/2026-10-02/runs.csv", 8, 110, 50);
	compare("base", "new");
	cr_assert_eq(c->n_pairs, 2);
	cr_expect_eq(c->n_vanished + c->n_added, 0, "dates in a path tell no series apart");
	cr_expect_eq(c->pairs[0].verdict, TWO_SAMPLE_CHANGED);
	cr_expect_eq(compare_kind(&c->pairs[0]), FINDING_REGRESSION);
	cr_expect_float_eq(c->pairs[0].t.ratio, 1.1, 1e-3);
	cr_expect_eq(c->pairs[1].verdict, TWO_SAMPLE_EQUAL);
	cr_expect_str_eq(matched("regression"), "regression: time_ms of 2026-10-01/runs.csv");
	cr_expect_null(matched("improvement,untestable,new,vanished"));
	text = printed();
	cr_expect_not_null(strstr(text, "backend=x  100.35  110.4   +10.0 % ["), "%s", text);
	cr_expect_not_null(strstr(text, "2 series: 1 worse, 0 better"), "%s", text);
	compare("new", "base");
	cr_expect_eq(compare_kind(&c->pairs[0]), FINDING_IMPROVEMENT);
	cr_expect_null(matched("regression"));
}

Test(compare, two_files_need_not_have_one_name)
{
	put_runs("side/old.csv", 6, 100, 50);
	put_runs("side/fresh.csv", 6, 120, 50);
	compare("side/old.csv", "side/fresh.csv");
	cr_assert_eq(c->n_pairs, 2);
	cr_expect_eq(c->pairs[0].verdict, TWO_SAMPLE_CHANGED);
}

Test(compare, few_repetitions_are_untestable_and_say_so)
{
	CLEANUP(freep) char *text = NULL;

	put_runs("base/runs.csv", 3, 100, 50);
	put_runs("new/runs.csv", 3, 200, 50);
	compare("base", "new");
	cr_expect_eq(c->pairs[0].verdict, TWO_SAMPLE_UNTESTABLE);
	cr_expect_null(matched("regression"));
	cr_expect_not_null(matched("untestable"));
	text = printed();
	cr_expect_not_null(strstr(text, "n=3+3, p at least 0.1"), "%s", text);
}

/* p is 0.029 at best, and 0.057 as one of two. */
Test(compare, four_repetitions_may_be_too_few_among_many_tests)
{
	CLEANUP(freep) char *text = NULL;

	put_runs("base/runs.csv", 4, 100, 50);
	put_runs("new/runs.csv", 4, 200, 50);
	compare("base", "new");
	cr_expect_eq(c->pairs[0].verdict, TWO_SAMPLE_UNDECIDED);
	text = printed();
	cr_expect_not_null(strstr(text, "1 of the undecided are as far apart as can be"), "%s",
	                   text);
}

Test(compare, what_is_on_one_side_only_is_listed)
{
	CLEANUP(freep) char *text = NULL;

	put("base/runs.csv", "backend,time_ms,error\nx,1,\ny,2,\nz,3,\n");
	put("new/runs.csv", "backend,time_ms,error\nx,1,\nz,,refused\nw,4,\n");
	compare("base", "new");
	cr_expect_eq(c->n_pairs, 1);
	cr_expect_eq(c->n_vanished, 2, "y is not there, z failed");
	cr_expect_eq(c->n_added, 1);
	cr_expect_str_eq(matched("vanished"), "vanished: time_ms of runs.csv");
	cr_expect_str_eq(matched("new"), "new: time_ms of runs.csv");
	text = printed();
	cr_expect_not_null(strstr(text, "Not in NEW, or failed there: 2 series\n"
	                                "  runs.csv: time_ms, backend=y\n"),
	                   "%s", text);
}

Test(compare, machines_are_told_apart_where_both_sides_have_them)
{
	put("base/2026-10-01/r.csv", "hostname,time_ms\nant,1\n");
	put("base/2026-10-02/r.csv", "hostname,time_ms\nbee,5\n");
	put("new/2026-10-03/r.csv", "hostname,time_ms\nbee,5\n");
	put("new/2026-10-04/r.csv", "hostname,time_ms\nant,1\n");
	compare("base", "new");
	cr_assert_eq(c->n_pairs, 2);
	for (size_t i = 0; i < 2; i++)
		cr_expect_eq(c->pairs[i].t.median1, c->pairs[i].t.median2);
}

Test(compare, another_machine_is_better_than_none)
{
	put("base/r.csv", "hostname,backend,time_ms\nant,x,1\nant,y,2\n");
	put("new/r.csv", "hostname,backend,time_ms\nbee,x,1\nbee,y,2\n");
	compare("base", "new");
	cr_expect_eq(c->n_pairs, 2);
}

/* One configuration of one metric, six repetitions about `x`; an earlier run in another file. */
static void put_report(const char *folder, const char *path, double x)
{
	CLEANUP(buf_done) struct buf report = BUF_INIT(1u << 16);
	CLEANUP(buf_done) struct buf samples = BUF_INIT(1u << 16);
	char place[128];

	buf_printf(&report,
	           "{\"schema\": \"chimerad.report/1\", \"inventory\": {\"artifacts\": [{\"id\": "
	           "\"A1\", \"path\": \"%s\"}, {\"id\": \"A2\", \"path\": \"old.json\"}]}, "
	           "\"configuration\": {\"groups\": [{\"artifact\": \"A1\"}]}, \"facts\": "
	           "[{\"id\": \"F1\", \"metric\": "
	           "\"time_ms\", \"unit\": \"ms\", \"better\": \"lower\", \"subject\": "
	           "{\"backend\": \"x\"}, \"statistic\": \"median\", \"value\": %g, \"n\": 6, "
	           "\"cells\": [{\"artifact\": \"A1\", \"pointer\": \"/results/3/time_ms\"}], "
	           "\"from\": []}, {\"id\": \"F2\", \"metric\": \"time_ms\", \"statistic\": "
	           "\"mean\", \"value\": 1, \"cells\": [{\"artifact\": \"A1\", \"pointer\": "
	           "\"/results/3/time_ms\"}], \"from\": []}, {\"id\": \"F3\", \"metric\": "
	           "\"time_ms\", \"statistic\": \"value\", \"value\": 7, \"cells\": "
	           "[{\"artifact\": \"A2\", \"table\": 1}], \"from\": []}]}",
	           path, x);
	buf_puts(&samples, "{\"F1\": [");
	for (int i = 0; i < 6; i++)
		buf_printf(&samples, "%s%g", i ? ", " : "", x * (1 + i / 1000.));
	buf_puts(&samples, "]}");
	(void)snprintf(place, sizeof place, "%s/report.json", folder);
	put(place, buf_text(&report));
	(void)snprintf(place, sizeof place, "%s/samples.json", folder);
	put(place, buf_text(&samples));
}

Test(compare, reports_stand_for_what_they_read)
{
	put_report("one", "2026-10-01/r.json", 100);
	put_report("two", "2026-10-02/r.json", 90);
	compare("one/report.json", "two/report.json");
	cr_assert_eq(c->n_pairs, 1, "the mean is no series of its own");
	cr_expect_eq(c->n_vanished + c->n_added, 0, "an earlier run is history");
	cr_expect_eq(c->pairs[0].t.n1, 6);
	cr_expect_eq(c->pairs[0].verdict, TWO_SAMPLE_CHANGED);
	cr_expect_eq(compare_kind(&c->pairs[0]), FINDING_IMPROVEMENT);
	cr_expect_float_eq(c->pairs[0].t.ratio, .9, 1e-3);
}

Test(compare, what_cannot_be_compared_says_why)
{
	char report[256], empty[256], config[256];
	struct compared_sides *none = NULL;
	struct error err = {0};

	put_report("one", "r.json", 100);
	put("alone/report.json", "{\"schema\": \"chimerad.report/1\"}");
	put("words/notes.csv", "a,b\nc,d\n");
	(void)snprintf(report, sizeof report, "%s/one/report.json", dir);
	(void)snprintf(empty, sizeof empty, "%s/alone/report.json", dir);
	(void)snprintf(config, sizeof config, "%s/config/chimerad.yaml", dir);
	cr_expect_lt(compare_read(&none, report, empty, config, &err), 0);
	cr_expect_not_null(strstr(err.text, "without its samples.json"), "%s", err.text);
	(void)snprintf(empty, sizeof empty, "%s/words", dir);
	cr_expect_lt(compare_read(&none, report, empty, config, &err), 0);
	cr_expect_not_null(strstr(err.text, "nothing in it is a measurement"), "%s", err.text);
}

Test(compare, scripts_get_it_all)
{
	json_t *o, *pair;

	put_runs("base/runs.csv", 8, 100, 50);
	put_runs("new/runs.csv", 8, 110, 50);
	compare("base", "new");
	o = compare_json(c);
	cr_assert_not_null(o);
	cr_expect_str_eq(json_string_value(json_object_get(o, "schema")), "chimerad.compare/1");
	cr_assert_eq(json_array_size(json_object_get(o, "series")), 2);
	pair = json_array_get(json_object_get(o, "series"), 0);
	cr_expect_str_eq(json_string_value(json_object_get(pair, "verdict")), "changed");
	cr_expect_str_eq(json_string_value(json_object_get(pair, "kind")), "regression");
	cr_expect_eq(json_integer_value(json_object_get(json_object_get(pair, "base"), "n")), 8);
	cr_expect_gt(json_real_value(json_object_get(json_object_get(pair, "ci"), "low")), 1.05);
	json_decref(o);
}
