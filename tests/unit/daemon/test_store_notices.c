/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>

#include "daemon/store_history.h"
#include "daemon/store_notices.h"
#include "lib/base/files.h"
#include "tests/unit/daemon/store_bench.h"

#define KEY    "regression:x.csv/ms"
#define SERIES "x.csv/ms [ms]"

static char dir[] = "/tmp/chimera-notices-XXXXXX";
static char path[100];
static struct store *store;
static int night;

static void open_store(bool suspected)
{
	const struct store_notices_settings settings = {{true, false}, suspected};
	struct error err = {0};

	store_close(TAKE(store));
	cr_assert_eq(store_open(&store, path, &err), 0, "%s", err.text);
	cr_assert_eq(store_notices_start(store, &settings, &err), 0, "%s", err.text);
}

static void make(void)
{
	cr_assert_not_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/" STORE_FILE, dir);
	open_store(false);
}

static void clear(void)
{
	struct error err = {0};

	store_close(store);
	cr_expect_eq(files_remove_tree(dir, &err), 0, "%s", err.text);
}

TestSuite(store_notices, .init = make, .fini = clear);

/* A night that found KEY in this state (NULL: not at all), and measured this series. */
static void review(const char *state, const char *series)
{
	CLEANUP(freep) char *text = NULL;
	static const struct segment said[] = {{.words = "It is slower."}};
	struct finding f = {.id = 1,
	                    .key = KEY,
	                    .kind = FINDING_REGRESSION,
	                    .severity = SEVERITY_HIGH,
	                    .since = "2026-10-11",
	                    .state = state,
	                    .effect = -20.5,
	                    .text = {said, 1}};
	struct fact fact = {.id = 1, .value = 5, .n = 1};
	struct history_point point = {series, 1000 + night, 1, 7};
	struct dossier d = {.facts = &fact,
	                    .n_facts = 1,
	                    .findings = &f,
	                    .n_findings = state ? 1 : 0,
	                    .history = &point,
	                    .n_history = series ? 1 : 0};
	struct error err = {0};
	char id[16];

	(void)snprintf(id, sizeof id, "j-%05d", ++night);
	store_bench_begin(store, id);
	cr_assert_eq(store_history_print(&text, "subject s", &d, &err), 0, "%s", err.text);
	cr_assert_eq(store_checkpoint(store, id, STORE_HISTORY_STEP, text, &err), 0, "%s",
	             err.text);
	cr_assert_eq(store_finish(store, id, JOB_SUCCEEDED, NULL, "worse", "/r", &err), 0, "%s",
	             err.text);
}

static int64_t next_ms;

/* The first that waits, as "event state", and marks it so; "": none. */
static const char *next_as(int64_t now_ms, const struct notice_outcome *o)
{
	static char text[200];
	CLEANUP(notice_done) struct notice n = {0};
	struct error err = {0};
	json_t *body, *t;

	cr_assert_eq(store_notices_next(store, &n, &next_ms, NOTICE_WEBHOOK, now_ms, &err), 0, "%s",
	             err.text);
	if (!n.row)
		return "";
	body = json_loads(n.body, 0, NULL);
	cr_expect_str_eq(json_string_value(json_object_get(body, "id")), n.id);
	t = json_array_get(json_object_get(body, "transitions"), 0);
	(void)snprintf(text, sizeof text, "%s %s",
	               json_string_value(json_object_get(t, "event")) ?: "?",
	               json_string_value(json_object_get(t, "state")) ?: "?");
	json_decref(body);
	cr_assert_eq(store_notices_mark(store, n.row, o, now_ms, &err), 0, "%s", err.text);
	return text;
}

static const char *next(void)
{
	return next_as(0, &(struct notice_outcome){.delivered = true});
}

Test(store_notices, each_transition_is_told_once)
{
	review("suspected", SERIES);
	cr_expect_str_eq(next(), "");
	review("confirmed", SERIES);
	review("confirmed", SERIES);
	cr_expect_str_eq(next(), "confirmed confirmed");
	cr_expect_str_eq(next(), "");
	review(NULL, SERIES);
	review(NULL, SERIES);
	cr_expect_str_eq(next(), "recovered recovered");
	cr_expect_str_eq(next(), "");
}

Test(store_notices, a_night_without_the_benchmark_changes_nothing)
{
	review("confirmed", SERIES);
	cr_expect_str_eq(next(), "confirmed confirmed");
	review(NULL, NULL);
	review(NULL, "y.csv/ms [ms]");
	cr_expect_str_eq(next(), "", "neither does it recover");
	review("confirmed", SERIES);
	cr_expect_str_eq(next(), "", "nor is it confirmed anew");
	review(NULL, SERIES);
	cr_expect_str_eq(next(), "recovered recovered");
}

Test(store_notices, what_is_acknowledged_is_not_told_until_that_ends)
{
	review("confirmed", SERIES);
	(void)next();
	review("acknowledged", SERIES);
	cr_expect_str_eq(next(), "");
	review("confirmed", SERIES);
	cr_expect_str_eq(next(), "confirmed confirmed");
}

Test(store_notices, suspicions_are_told_where_that_is_wanted)
{
	open_store(true);
	review("suspected", SERIES);
	cr_expect_str_eq(next(), "suspected suspected");
	review("spike", SERIES);
	cr_expect_str_eq(next(), "recovered recovered");
}

Test(store_notices, what_failed_is_due_when_it_was_said_and_at_the_next_start)
{
	review("confirmed", SERIES);
	cr_expect_str_neq(next_as(1000, &(struct notice_outcome){.next_ms = 5000, .why = "no"}),
	                  "");
	cr_expect_str_eq(next_as(4999, NULL), "");
	cr_expect_eq(next_ms, 5000);
	open_store(false);
	cr_expect_str_neq(next_as(0, &(struct notice_outcome){.given_up = true, .why = "no"}), "");
	cr_expect_str_eq(next_as(INT64_MAX, NULL), "", "given up is given up");
	cr_expect_eq(next_ms, 0);
}

Test(store_notices, nobody_is_told_where_nobody_wants_it_but_it_is_known)
{
	const struct store_notices_settings none = {0};
	struct error err = {0};

	cr_assert_eq(store_notices_start(store, &none, &err), 0, "%s", err.text);
	review("confirmed", SERIES);
	open_store(false);
	review("confirmed", SERIES);
	cr_expect_str_eq(next(), "", "that is no news");
}

Test(store_notices, what_was_open_before_there_were_notices_is_no_news)
{
	store_close(TAKE(store));
	cr_assert_eq(unlink(path), 0);
	store_bench_make(path, 4);
	store_bench_sql(path, "INSERT INTO review (job, subject, finished_at)"
	                      " VALUES ('j-0', 'subject s', 1);"
	                      "INSERT INTO finding (subject, key, review, number, kind, severity,"
	                      " state, since, text) VALUES ('subject s', '" KEY "', 1, 1,"
	                      " 'regression', 'high', 'confirmed', '2026-10-11', 'It is slower.')");
	open_store(false);
	review("confirmed", SERIES);
	cr_expect_str_eq(next(), "");
	review(NULL, SERIES);
	cr_expect_str_eq(next(), "recovered recovered");
}

Test(store_notices, those_that_wait_are_bounded_and_the_oldest_given_up)
{
	CLEANUP(notice_done) struct notice n = {0};
	struct error err = {0};

	store_bench_sql(
		path,
		"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1200)"
		" INSERT INTO notice (channel, job, body, made_at)"
		" SELECT 'webhook', 'old-' || i, '{}', 0 FROM c");
	review("confirmed", SERIES);
	cr_assert_eq(store_notices_next(store, &n, &next_ms, NOTICE_WEBHOOK, 0, &err), 0, "%s",
	             err.text);
	cr_expect_str_eq(n.id, "old-202");
}
