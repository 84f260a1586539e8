/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>

#include "daemon/store_findings.h"
#include "daemon/store_history.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/files.h"
#include "tests/unit/daemon/store_bench.h"

#define KEY "regression:*/bench.csv/tokens_s/model=a"

static char dir[] = "/tmp/chimera-findings-XXXXXX";
static char path[100];
static struct store *store;

static void make(void)
{
	struct error err = {0};

	cr_assert_not_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/" STORE_FILE, dir);
	cr_assert_eq(store_open(&store, path, &err), 0, "%s", err.text);
}

static void clear(void)
{
	struct error err = {0};

	store_close(store);
	cr_expect_eq(files_remove_tree(dir, &err), 0, "%s", err.text);
}

TestSuite(store_findings, .init = make, .fini = clear);

/* A review of this subject that found these, and measured this series (NULL: none). */
static void review(const char *id, const char *subject, struct finding *f, size_t n,
                   const char *series)
{
	CLEANUP(freep) char *text = NULL;
	struct fact fact = {.id = 1, .value = -20.5, .n = 1, .unit = "%"};
	struct history_point point = {series, 1000, 1, 7};
	struct dossier d = {.facts = &fact,
	                    .n_facts = 1,
	                    .findings = f,
	                    .n_findings = n,
	                    .history = &point,
	                    .n_history = series ? 1 : 0};
	struct error err = {0};

	for (size_t i = 0; i < n; i++)
		f[i].id = (unsigned)i + 1;
	store_bench_begin(store, id);
	cr_assert_eq(store_history_print(&text, subject, &d, &err), 0, "%s", err.text);
	cr_assert_eq(store_checkpoint(store, id, STORE_HISTORY_STEP, text, &err), 0, "%s",
	             err.text);
	cr_assert_eq(store_finish(store, id, JOB_SUCCEEDED, NULL, NULL, NULL, &err), 0, "%s",
	             err.text);
}

static struct finding bad(const char *key, const char *state)
{
	static const struct segment said[] = {{.name = "t\n\xff"},
	                                      {.words = " fell by "},
	                                      {.fact = 1, .as = AS_SIZE},
	                                      {.words = "."}};

	return (struct finding){.kind = FINDING_REGRESSION,
	                        .key = key,
	                        .severity = SEVERITY_MEDIUM,
	                        .since = "2026-10-11",
	                        .state = state,
	                        .effect = -20.5,
	                        .text = {said, ARRAY_LEN(said)}};
}

static json_t *list(void)
{
	struct error err = {0};
	json_t *ret = NULL;

	cr_assert_eq(store_findings_list(store, &ret, 0, &err), 0, "%s", err.text);
	return ret;
}

static size_t count(void)
{
	json_t *o = list();
	size_t n = json_array_size(json_object_get(o, "findings"));

	json_decref(o);
	return n;
}

static int ack_as(const char *finding, const char *job, const char *until, struct error *err)
{
	const struct ack a = {finding, job, "known", until};
	json_t *ret = NULL;
	int r = store_ack(store, &ret, &a, err);

	cr_expect_eq(r == 0, json_array_size(json_object_get(ret, "findings")) == 1);
	json_decref(ret);
	return r;
}

static void ack(const char *finding)
{
	struct error err = {0};

	cr_assert_eq(ack_as(finding, NULL, NULL, &err), 0, "%s", err.text);
}

static bool is_acknowledged(void)
{
	json_t *o = list(), *f = json_array_get(json_object_get(o, "findings"), 0);
	bool ret = json_is_object(json_object_get(f, "acknowledged"));

	json_decref(o);
	return ret;
}

Test(store_findings, what_is_open_is_listed_in_plain_words)
{
	struct finding f[] = {bad("z", "spike"), bad(KEY, "suspected"), bad("y", NULL)};
	json_t *o, *one;

	f[2].severity = SEVERITY_INFO;
	review("j-1", "roots nightly\n/a\n/b c", f, 3, NULL);
	o = list();
	cr_assert_eq(json_array_size(json_object_get(o, "findings")), 1);
	one = json_array_get(json_object_get(o, "findings"), 0);
	cr_expect_str_eq(json_string_value(json_object_get(one, "key")), KEY);
	cr_expect_str_eq(json_string_value(json_object_get(one, "id")), "K2");
	cr_expect_str_eq(json_string_value(json_object_get(one, "job")), "j-1");
	cr_expect_str_eq(json_string_value(json_object_get(one, "text")), "t ? fell by 20.5 %.");
	cr_expect(json_is_null(json_object_get(one, "subject")));
	cr_expect_eq(json_array_size(json_object_get(one, "paths")), 2);
	cr_expect(json_is_null(json_object_get(one, "acknowledged")));
	json_decref(o);
}

Test(store_findings, the_next_review_of_the_subject_replaces_them)
{
	struct finding f[] = {bad(KEY, "suspected")};

	review("j-1", "subject a", f, 1, NULL);
	review("j-2", "subject b", f, 1, NULL);
	cr_expect_eq(count(), 2);
	review("j-3", "subject a", f, 0, NULL);
	cr_expect_eq(count(), 1);
}

Test(store_findings, a_key_twice_in_a_report_is_one_finding)
{
	struct finding f[] = {bad(KEY, "suspected"), bad(KEY, "confirmed")};

	review("j-1", "subject a", f, 2, NULL);
	cr_expect_eq(count(), 1);
}

Test(store_findings, an_acknowledgement_is_known_to_the_next_review)
{
	CLEANUP(history_reader_closep) struct history_reader *h = NULL;
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
	struct finding f[] = {bad(KEY, "suspected")};
	struct past_ack *a = NULL;
	const struct past *past;
	struct error err = {0};
	size_t n = 0;

	review("j-1", "subject a", f, 1, NULL);
	cr_assert_eq(ack_as(KEY, NULL, "2999-12-24", &err), 0, "%s", err.text);
	cr_assert_eq(history_reader_open(&h, path, "subject a", dir, NULL, &err), 0, "%s",
	             err.text);
	past = history_reader_past(h);
	cr_assert_eq(past->acks(past->arg, arena, &a, &n), 0);
	cr_assert_eq(n, 1);
	cr_expect_str_eq(a->key, KEY);
	cr_expect_str_eq(a->reason, "known");
	cr_expect_str_eq(a->until, "2999-12-24");
}

Test(store_findings, it_goes_when_the_finding_recovers)
{
	struct finding f[] = {bad(KEY, "suspected")};

	review("j-1", "subject a", f, 1, "*/bench.csv/tokens_s/model=a [tok/s]");
	ack(KEY);
	f[0].state = "acknowledged";
	review("j-2", "subject a", f, 1, "*/bench.csv/tokens_s/model=a [tok/s]");
	cr_expect(is_acknowledged());
	f[0].state = "recovered";
	review("j-3", "subject a", f, 1, "*/bench.csv/tokens_s/model=a [tok/s]");
	f[0].state = "suspected";
	review("j-4", "subject a", f, 1, "*/bench.csv/tokens_s/model=a [tok/s]");
	cr_expect_not(is_acknowledged());
}

Test(store_findings, it_stays_while_nobody_measures_the_series)
{
	struct finding f[] = {bad(KEY, "suspected")};

	review("j-1", "subject a", f, 1, "*/bench.csv/tokens_s/model=a");
	ack(KEY);
	review("j-2", "subject a", f, 0, "*/bench.csv/tokens_s/model=ab");
	review("j-3", "subject a", f, 1, "*/bench.csv/tokens_s/model=a");
	cr_expect(is_acknowledged());
}

Test(store_findings, one_of_many_configurations_is_measured_with_any_of_them)
{
	struct finding f[] = {bad("regression:*/bench.csv/tokens_s/*@latest", "suspected")};

	review("j-1", "subject a", f, 1, NULL);
	ack("K1");
	review("j-2", "subject a", f, 0, "*/other.csv/tokens_s/model=a");
	review("j-3", "subject a", f, 1, NULL);
	cr_expect(is_acknowledged());
	review("j-4", "subject a", f, 0, "*/bench.csv/tokens_s/model=b");
	review("j-5", "subject a", f, 1, NULL);
	cr_expect_not(is_acknowledged());
}

Test(store_findings, past_its_last_day_it_is_none)
{
	struct finding f[] = {bad(KEY, "suspected")};
	struct error err = {0};

	review("j-1", "subject a", f, 1, NULL);
	cr_assert_eq(ack_as(KEY, NULL, "1999-12-24", &err), 0, "%s", err.text);
	cr_expect_not(is_acknowledged());
}

/* "KIND STATE SUBJECT N" of each count, in their order. */
static char *counts(void)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(1 << 20);
	struct error err = {0};
	json_t *o = NULL;
	const json_t *one;
	size_t i;

	cr_assert_eq(store_findings_count(store, &o, &err), 0, "%s", err.text);
	json_array_foreach (json_object_get(o, "counts"), i, one)
		buf_printf(&b, "%s %s %s %d;", json_string_value(json_object_get(one, "kind")),
		           json_string_value(json_object_get(one, "state")),
		           json_string_value(json_object_get(one, "subject")),
		           (int)json_integer_value(json_object_get(one, "n")));
	cr_expect_eq(json_integer_value(json_object_get(o, "omitted")), 0);
	json_decref(o);
	return strdup(buf_text(&b));
}

Test(store_findings, all_of_them_are_counted_by_what_they_are)
{
	enum { MANY = STORE_FINDINGS_MAX };
	static struct finding many[MANY];
	static char keys[MANY][32];
	struct finding few[] = {bad(KEY, "confirmed"), bad("regression:other", "suspected")};
	struct error err = {0};

	for (int i = 0; i < MANY; i++) {
		(void)snprintf(keys[i], sizeof keys[i], "regression:%d", i);
		many[i] = bad(keys[i], "suspected");
	}
	review("j-1", "subject a", many, MANY, NULL);
	review("j-2", "subject b", few, 2, NULL);
	review("j-3", "subject c", few, 2, NULL);
	cr_assert_eq(ack_as(KEY, "j-2", NULL, &err), 0, "%s", err.text);
	cr_assert_eq(ack_as(KEY, "j-3", "1999-12-24", &err), 0, "%s", err.text);
	CLEANUP(freep) char *got = counts();
	cr_expect_str_eq(got, "regression suspected a 1000;"
	                      "regression acknowledged b 1;regression suspected b 1;"
	                      "regression confirmed c 1;regression suspected c 1;");
}

Test(store_findings, it_is_of_one_subject_where_a_job_or_a_number_says_so)
{
	struct finding f[] = {bad(KEY, "suspected")};
	struct error err = {0};
	json_t *o;

	review("j-1", "subject a", f, 1, NULL);
	review("j-2", "subject b", f, 1, NULL);
	cr_expect_eq(ack_as(KEY, "j-1", NULL, &err), 0, "%s", err.text);
	cr_expect_eq(ack_as("K1", NULL, NULL, &err), 0, "%s", err.text);
	o = list();
	for (size_t i = 0; i < 2; i++)
		cr_expect(json_is_object(json_object_get(
			json_array_get(json_object_get(o, "findings"), i), "acknowledged")));
	json_decref(o);
}

Test(store_findings, an_unknown_one_is_told_the_nearest)
{
	struct finding f[] = {bad("regression:a/x", "suspected"), bad(KEY, "suspected")};
	struct error err = {0};

	cr_expect_eq(ack_as("K1", NULL, NULL, &err), -ENOENT);
	cr_expect_eq(ack_as(KEY, NULL, NULL, &err), -ENOENT);
	cr_expect_not_null(strstr(err.text, "none is open"));
	review("j-1", "subject a", f, 2, NULL);
	cr_expect_eq(ack_as("tokens_s/model=a", NULL, NULL, &err), -ENOENT);
	cr_expect_not_null(strstr(err.text, "nearest first: " KEY ", regression:a/x"), "%s",
	                   err.text);
	cr_expect_eq(ack_as("K7", NULL, NULL, &err), -ENOENT);
	cr_expect_eq(ack_as(KEY, "j-9", NULL, &err), -ENOENT);
	cr_expect_not(is_acknowledged());
}

static void run_sql(const char *text)
{
	sqlite3 *db = NULL;

	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

Test(store_findings, damaged_rows_do_no_harm)
{
	struct finding f[] = {bad(KEY, "suspected")};
	struct error err = {0};
	json_t *o = NULL;

	review("j-1", "subject a", f, 1, NULL);
	run_sql("UPDATE finding SET text = CAST(x'ff41' AS TEXT), since = 'when', number = -3");
	cr_expect_eq(count(), 1);
	run_sql("UPDATE finding SET text = CAST(x'410041' AS TEXT)");
	cr_expect_eq(store_findings_list(store, &o, 0, &err), -EBADMSG);
	cr_expect_not_null(strstr(err.text, path));
}

Test(store_findings, a_damaged_finding_costs_itself_and_not_the_job)
{
	struct error err = {0};
	CLEANUP(job_done) struct job job = {0};

	store_bench_begin(store, "j-1");
	cr_assert_eq(store_checkpoint(store, "j-1", STORE_HISTORY_STEP,
	                              "{\"subject\": \"s\", \"series\": [], \"findings\": "
	                              "[{\"key\": 7}, 8, {\"key\": \"k\", \"kind\": \"trend\"}]}",
	                              &err),
	             0);
	cr_assert_eq(store_finish(store, "j-1", JOB_SUCCEEDED, NULL, NULL, NULL, &err), 0, "%s",
	             err.text);
	cr_assert_eq(store_get(store, &job, "j-1", &err), 0, "%s", err.text);
	cr_expect_eq(job.state, JOB_SUCCEEDED);
	cr_expect_eq(count(), 0);
}
