/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>

#include "daemon/store.h"
#include "daemon/trends.h"
#include "lib/base/files.h"

static char dir[] = "/tmp/chimera-trends-XXXXXX";
static char path[100];
static struct store *store;

static void run_sql(const char *text)
{
	sqlite3 *db = NULL;

	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
	cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

/* Twenty runs of a series that fell by a tenth in the eleventh. */
static void make(void)
{
	struct error err = {0};

	cr_assert_not_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/" STORE_FILE, dir);
	cr_assert_eq(store_open(&store, path, &err), 0, "%s", err.text);
	run_sql("INSERT INTO review (id, job, subject, finished_at) VALUES (1, 'j-1', 'subject "
	        "gpu', 5);"
	        "INSERT INTO series VALUES (1, 'subject gpu', '*/a.csv/tokens_s/model=x [tok/s]', "
	        "1);"
	        "WITH RECURSIVE k(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM k WHERE i < 19)"
	        " INSERT INTO point SELECT 1, 86400 * i, 100 + i % 3 * 0.5 - (i >= 10) * 10, 5, 1,"
	        " i + 1, 0 FROM k;");
}

static void clear(void)
{
	struct error err = {0};

	store_close(store);
	cr_expect_eq(files_remove_tree(dir, &err), 0, "%s", err.text);
}

TestSuite(trends, .init = make, .fini = clear);

static json_t *find(const char *metric, const char *subject, int64_t since_s)
{
	const struct trends_query q = {metric, subject, since_s, 0};
	struct error err = {0};
	json_t *ret = NULL;

	cr_assert_eq(trends_find(&ret, path, &q, &err), 0, "%s", err.text);
	return ret;
}

static size_t count(const char *metric, const char *subject)
{
	json_t *o = find(metric, subject, INT64_MIN);
	size_t n = json_array_size(json_object_get(o, "series"));

	json_decref(o);
	return n;
}

Test(trends, a_series_has_its_runs_and_its_changes)
{
	json_t *o = find("tokens_s", NULL, INT64_MIN);
	json_t *s = json_array_get(json_object_get(o, "series"), 0), *change, *point;

	cr_expect_str_eq(json_string_value(json_object_get(s, "unit")), "tok/s");
	cr_expect_str_eq(json_string_value(json_object_get(s, "subject")), "gpu");
	cr_assert_eq(json_array_size(json_object_get(s, "points")), 20);
	point = json_array_get(json_object_get(s, "points"), 19);
	cr_expect_str_eq(json_string_value(json_object_get(point, "fact")), "F20");
	cr_expect_str_eq(json_string_value(json_object_get(point, "review")), "j-1");
	cr_expect_str_eq(json_string_value(json_object_get(point, "time")), "1970-01-20T00:00:00Z");
	cr_assert_eq(json_array_size(json_object_get(s, "changes")), 1);
	change = json_array_get(json_object_get(s, "changes"), 0);
	cr_expect_str_eq(json_string_value(json_object_get(change, "time")),
	                 "1970-01-11T00:00:00Z");
	cr_expect_float_eq(json_number_value(json_object_get(change, "effect_pct")), -10, .5);
	cr_expect_float_eq(json_number_value(json_object_get(s, "level")), 90.5, 1e-9);
	json_decref(o);
}

Test(trends, a_metric_is_a_whole_part_of_the_key)
{
	cr_expect_eq(count("tokens_s", NULL), 1);
	cr_expect_eq(count("model=x", NULL), 1);
	cr_expect_eq(count(NULL, NULL), 1);
	cr_expect_eq(count("tokens", NULL), 0);
	cr_expect_eq(count("s", NULL), 0);
	cr_expect_eq(count("tok/s", NULL), 0);
}

Test(trends, a_subject_is_the_named_one)
{
	cr_expect_eq(count(NULL, "gpu"), 1);
	cr_expect_eq(count(NULL, "cpu"), 0);
}

Test(trends, runs_before_a_day_are_not_listed_but_known)
{
	json_t *o = find(NULL, NULL, 86400 * 15);
	json_t *s = json_array_get(json_object_get(o, "series"), 0);

	cr_expect_eq(json_array_size(json_object_get(s, "points")), 5);
	cr_expect_eq(json_array_size(json_object_get(s, "changes")), 0);
	json_decref(o);
	o = find(NULL, NULL, 86400 * 20);
	cr_expect_eq(json_array_size(json_object_get(o, "series")), 0);
	json_decref(o);
}

Test(trends, more_than_a_hundred_series_are_on_the_next_page)
{
	struct error err = {0};
	json_t *o;

	run_sql("WITH RECURSIVE k(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM k WHERE i < 151)"
	        " INSERT INTO series SELECT i, 'roots p', 'a/m' || i, 0 FROM k;"
	        "INSERT INTO point SELECT id, 1, 1, 1, 1, 1, 0 FROM series WHERE id > 1");
	o = find(NULL, NULL, INT64_MIN);
	cr_expect_eq(json_array_size(json_object_get(o, "series")), TRENDS_SERIES_MAX);
	cr_expect_eq(json_integer_value(json_object_get(o, "omitted")), 51);
	cr_expect_eq(json_integer_value(json_object_get(o, "next")), TRENDS_SERIES_MAX);
	json_decref(o);
	o = NULL;
	cr_assert_eq(trends_find(&o, path,
	                         &(struct trends_query){.since_s = INT64_MIN,
	                                                .after = TRENDS_SERIES_MAX},
	                         &err),
	             0);
	cr_expect_eq(json_array_size(json_object_get(o, "series")), 51);
	cr_expect(json_is_null(json_object_get(o, "next")));
	json_decref(o);
}

Test(trends, damage_is_an_error_or_left_out)
{
	const struct trends_query q = {.since_s = INT64_MIN};
	struct error err = {0};
	json_t *o = NULL;

	run_sql("UPDATE point SET value = 9e999 WHERE time = 0");
	o = find(NULL, NULL, INT64_MIN);
	cr_expect_eq(json_array_size(json_object_get(
			     json_array_get(json_object_get(o, "series"), 0), "points")),
	             19);
	json_decref(o);
	run_sql("UPDATE review SET job = CAST(x'410041' AS TEXT)");
	o = NULL;
	cr_expect_eq(trends_find(&o, path, &q, &err), -EBADMSG);
	cr_expect_not_null(strstr(err.text, path));
}
