/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>

#include "daemon/store_history.h"
#include "lib/base/files.h"
#include "tests/unit/daemon/store_bench.h"

static char dir[] = "/tmp/chimera-history-XXXXXX";
static char path[100], reports[100];
static struct store *store;
static struct arena *arena;

static void make(void)
{
	struct error err = {0};

	cr_assert_not_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/" STORE_FILE, dir);
	(void)snprintf(reports, sizeof reports, "%s/reports", dir);
	cr_assert_eq(store_open(&store, path, &err), 0, "%s", err.text);
	arena = arena_new(1 << 24);
	cr_assert_not_null(arena);
}

static void clear(void)
{
	struct error err = {0};

	store_close(store);
	arena_free(arena);
	cr_expect_eq(files_remove_tree(dir, &err), 0, "%s", err.text);
}

TestSuite(store_history, .init = make, .fini = clear);

/* A dossier that measured `value` of one series at a time, as fact 1. */
struct measured {
	struct fact fact;
	struct history_point point;
	struct dossier dossier;
};

static void measure(struct measured *m, const char *series, int64_t time_s, double value)
{
	*m = (struct measured){.fact = {.id = 1, .value = value, .n = 5},
	                       .point = {series, time_s, 1, 77}};
	m->dossier = (struct dossier){
		.facts = &m->fact, .n_facts = 1, .history = &m->point, .n_history = 1};
}

static void finish(const char *id, enum job_state state)
{
	struct error err = {0};

	cr_assert_eq(store_finish(store, id, state, NULL, NULL, NULL, &err), 0, "%s", err.text);
}

static void publish(const char *id)
{
	char folder[160];
	struct error err = {0};

	(void)snprintf(folder, sizeof folder, "%s/%s", reports, id);
	cr_assert_eq(files_make_dirs(folder, &err), 0, "%s", err.text);
	cr_assert_eq(files_write(folder, "report.json", "{}", 2, &err), 0, "%s", err.text);
}

/* A job from its start to the checkpoint of what it measured. */
static void review(const char *id, const char *subject, const struct dossier *d)
{
	CLEANUP(freep) char *text = NULL;
	struct error err = {0};

	store_bench_begin(store, id);
	cr_assert_eq(store_history_print(&text, subject, d, &err), 0, "%s", err.text);
	cr_assert_eq(store_checkpoint(store, id, STORE_HISTORY_STEP, text, &err), 0, "%s",
	             err.text);
}

static void review_one(const char *id, const char *series, int64_t time_s, double value)
{
	struct measured m;

	measure(&m, series, time_s, value);
	review(id, "s", &m.dossier);
	publish(id);
	finish(id, JOB_SUCCEEDED);
}

static struct history_reader *reader_against(const char *subject, const char *against)
{
	struct history_reader *h = NULL;
	struct error err = {0};

	cr_assert_eq(history_reader_open(&h, path, subject, reports, against, &err), 0, "%s",
	             err.text);
	return h;
}

static struct history_reader *reader_of(const char *subject)
{
	return reader_against(subject, NULL);
}

static size_t points_of(struct history_reader *h, const char *series, struct past_point **ret)
{
	const struct past *past = history_reader_past(h);
	size_t n = 99;

	cr_assert_eq(past->points(past->arg, arena, series, ret, &n), 0);
	return n;
}

Test(store_history, without_any_review_there_is_no_baseline)
{
	CLEANUP(history_reader_closep) struct history_reader *h = reader_of("s");
	struct past_point *p = NULL;

	cr_expect_null(history_reader_past(h)->review);
	cr_expect_eq(points_of(h, "a", &p), 0);
}

Test(store_history, runs_come_back_oldest_first_with_the_review_that_tells_them)
{
	CLEANUP(history_reader_closep) struct history_reader *h = NULL;
	struct past_point *p = NULL;

	review_one("j-2", "a", 2000, 2.5);
	review_one("j-1", "a", 1000, 1.5);
	review_one("j-3", "b", 3000, 9);
	h = reader_of("s");
	cr_assert_eq(points_of(h, "a", &p), 2);
	cr_expect_eq(p[0].time_s, 1000);
	cr_expect_float_eq(p[0].value, 1.5, 0);
	cr_expect_str_eq(p[0].review, "j-1");
	cr_expect_eq(p[1].time_s, 2000);
	cr_expect_eq(p[1].n, 5);
	cr_expect_eq(p[1].fact, 1);
	cr_expect_eq(p[1].content, 77);
	cr_expect_str_eq(history_reader_past(h)->review, "j-3");
	cr_expect_eq(points_of(h, "c", &p), 0);
}

Test(store_history, other_subjects_have_other_histories)
{
	CLEANUP(history_reader_closep) struct history_reader *h = NULL;
	struct past_point *p = NULL;

	review_one("j-1", "a", 1000, 1.5);
	h = reader_of("t");
	cr_expect_eq(points_of(h, "a", &p), 0);
	cr_expect_null(history_reader_past(h)->review);
}

Test(store_history, a_job_that_failed_or_goes_on_has_measured_nothing)
{
	CLEANUP(history_reader_closep) struct history_reader *h = NULL;
	struct past_point *p = NULL;
	struct measured m;

	measure(&m, "a", 1000, 1.5);
	review("j-1", "s", &m.dossier);
	publish("j-1");
	finish("j-1", JOB_FAILED);
	review("j-2", "s", &m.dossier);
	publish("j-2");
	h = reader_of("s");
	cr_expect_eq(points_of(h, "a", &p), 0);
	cr_expect_null(history_reader_past(h)->review);
}

Test(store_history, a_review_whose_report_is_gone_is_not_told_of)
{
	CLEANUP(history_reader_closep) struct history_reader *h = NULL;
	struct error err = {0};
	struct past_point *p = NULL;
	char folder[160];

	review_one("j-1", "a", 1000, 1.5);
	review_one("j-2", "a", 2000, 2.5);
	(void)snprintf(folder, sizeof folder, "%s/j-2", reports);
	cr_assert_eq(files_remove_tree(folder, &err), 0, "%s", err.text);
	h = reader_of("s");
	cr_assert_eq(points_of(h, "a", &p), 1);
	cr_expect_eq(p[0].time_s, 1000);
	cr_expect_str_eq(history_reader_past(h)->review, "j-1");
}

Test(store_history, a_run_measured_again_is_known_as_it_is_now)
{
	CLEANUP(history_reader_closep) struct history_reader *h = NULL;
	struct past_point *p = NULL;

	review_one("j-1", "a", 1000, 1.5);
	review_one("j-2", "a", 1000, 2.5);
	h = reader_of("s");
	cr_assert_eq(points_of(h, "a", &p), 1);
	cr_expect_float_eq(p[0].value, 2.5, 0);
	cr_expect_str_eq(p[0].review, "j-2");
}

Test(store_history, the_series_of_the_last_review_are_known)
{
	CLEANUP(history_reader_closep) struct history_reader *h = NULL;
	const char **keys = NULL;
	size_t n = 0;
	struct measured m;

	review_one("j-1", "gone before", 1000, 1.5);
	measure(&m, "still there", 2000, 1.5);
	m.point.fact = 0; /* no new run of it */
	review("j-2", "s", &m.dossier);
	publish("j-2");
	finish("j-2", JOB_SUCCEEDED);
	h = reader_of("s");
	cr_assert_eq(history_reader_past(h)->series(history_reader_past(h)->arg, arena, &keys, &n),
	             0);
	cr_assert_eq(n, 1);
	cr_expect_str_eq(keys[0], "still there");
}

Test(store_history, a_reader_sees_the_file_as_it_was_when_it_was_opened)
{
	CLEANUP(history_reader_closep) struct history_reader *h = NULL;
	struct past_point *p = NULL;

	review_one("j-1", "a", 1000, 1.5);
	h = reader_of("s");
	review_one("j-2", "a", 2000, 2.5);
	cr_expect_eq(points_of(h, "a", &p), 1);
}

Test(store_history, old_runs_are_forgotten_one_by_one)
{
	CLEANUP(history_reader_closep) struct history_reader *h = NULL;
	static struct history_point points[PAST_RUNS_MAX + 5];
	struct past_point *p = NULL;
	struct measured m;

	measure(&m, "a", 0, 1.5);
	for (size_t i = 0; i < ARRAY_LEN(points); i++)
		points[i] = (struct history_point){"a", (int64_t)i + 1, 1, 0};
	m.dossier.history = points;
	m.dossier.n_history = ARRAY_LEN(points);
	review("j-1", "s", &m.dossier);
	publish("j-1");
	finish("j-1", JOB_SUCCEEDED);
	h = reader_of("s");
	cr_assert_eq(points_of(h, "a", &p), PAST_RUNS_MAX);
	cr_expect_eq(p[0].time_s, 6);
}

/* What was told of one run, as "name=text ..." in the order of the names. */
static const char *conditions_of(struct history_reader *h, const char *table, int64_t time_s)
{
	const struct past *past = history_reader_past(h);
	struct past_condition *c = NULL;
	const char *ret = "";
	size_t n = 99;

	cr_assert_eq(past->conditions(past->arg, arena, table, time_s, &c, &n), 0);
	for (size_t i = 0; i < n; i++)
		ret = arena_printf(arena, "%s%s%s=%s", ret, *ret ? " " : "", c[i].name, c[i].text);
	return ret;
}

static struct history_reader *after_being_told(struct history_condition *told, size_t n)
{
	struct measured m;

	measure(&m, "a", 1000, 1.5);
	m.dossier.conditions = told;
	m.dossier.n_conditions = n;
	review("j-1", "s", &m.dossier);
	publish("j-1");
	finish("j-1", JOB_SUCCEEDED);
	return reader_of("s");
}

Test(store_history, what_was_told_of_a_run_comes_back_with_it)
{
	struct history_condition told[] = {{"t", 1000, {"driver", "v535"}},
	                                   {"t", 1000, {"commit", "abc"}},
	                                   {"t", 2000, {"driver", "v550"}},
	                                   {"u", 1000, {"driver", "v1"}}};
	CLEANUP(history_reader_closep) struct history_reader *h = NULL;
	CLEANUP(history_reader_closep) struct history_reader *other = NULL;

	h = after_being_told(told, ARRAY_LEN(told));
	cr_expect_str_eq(conditions_of(h, "t", 1000), "commit=abc driver=v535");
	cr_expect_str_eq(conditions_of(h, "t", 2000), "driver=v550");
	cr_expect_str_eq(conditions_of(h, "u", 1000), "driver=v1");
	cr_expect_str_eq(conditions_of(h, "u", 2000), "");
	other = reader_of("another");
	cr_expect_str_eq(conditions_of(other, "t", 1000), "");
}

Test(store_history, what_was_told_is_forgotten_with_old_runs)
{
	static struct history_condition told[2 * (PAST_RUNS_MAX + 5)];
	CLEANUP(history_reader_closep) struct history_reader *h = NULL;

	for (size_t i = 0; i < ARRAY_LEN(told); i++)
		told[i] = (struct history_condition){
			"t", (int64_t)i / 2 + 1, {i % 2 ? "commit" : "driver", "x"}};
	h = after_being_told(told, ARRAY_LEN(told));
	cr_expect_str_eq(conditions_of(h, "t", 5), "");
	cr_expect_str_eq(conditions_of(h, "t", 6), "commit=x driver=x");
	cr_expect_str_eq(conditions_of(h, "t", PAST_RUNS_MAX + 5), "commit=x driver=x");
}

Test(store_history, a_damaged_text_costs_its_runs_and_not_the_job)
{
	struct error err = {0};
	CLEANUP(job_done) struct job job = {0};

	store_bench_begin(store, "j-1");
	cr_assert_eq(store_checkpoint(store, "j-1", STORE_HISTORY_STEP, "{\"subject\": 1", &err),
	             0);
	finish("j-1", JOB_SUCCEEDED);
	cr_assert_eq(store_get(store, &job, "j-1", &err), 0, "%s", err.text);
	cr_expect_eq(job.state, JOB_SUCCEEDED);
}

static void run_sql(const char *text)
{
	sqlite3 *db = NULL;

	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

Test(store_history, damaged_rows_are_an_error_that_names_the_file)
{
	CLEANUP(history_reader_closep) struct history_reader *h = NULL;
	const struct past *past;
	struct past_point *p = NULL;
	size_t n;

	review_one("j-1", "a", 1000, 1.5);
	run_sql("UPDATE point SET fact = -3");
	h = reader_of("s");
	past = history_reader_past(h);
	cr_expect_eq(past->points(past->arg, arena, "a", &p, &n), -EBADMSG);
	cr_expect_not_null(strstr(history_reader_error(h)->text, path));
}

Test(store_history, the_subject_is_the_given_one_or_pipeline_and_roots)
{
	static char pipeline[] = "nightly", given[] = "gpu";
	const char *const roots[] = {"/a", "/b"};
	struct job job = {.pipeline = pipeline};
	CLEANUP(freep) char *by_roots = store_history_subject(&job, roots, 2);
	CLEANUP(freep) char *by_one = store_history_subject(&job, roots, 1);
	CLEANUP(freep) char *by_name = NULL;

	job.subject = given;
	by_name = store_history_subject(&job, roots, 2);
	cr_expect_str_neq(by_roots, by_one);
	cr_expect_str_neq(by_roots, by_name);
	cr_expect_str_eq(by_name, "subject gpu");
}

static void expect_baseline(const char *against, const char *review)
{
	CLEANUP(history_reader_closep) struct history_reader *h = reader_against("s", against);
	const struct past *past = history_reader_past(h);

	cr_expect_eq(past->against, strcmp(against, "history") != 0);
	cr_expect_str_eq(past->review ? past->review : "none", review, "%s: %s", against,
	                 past->review);
}

Test(store_history, the_baseline_is_the_review_that_was_chosen)
{
	CLEANUP(job_done) struct job job = {0};
	CLEANUP(job_done) struct job again = {0};
	struct error err = {0};

	review_one("j-1", "a", 1000, 1.5);
	review_one("j-2", "a", 2000, 2.5);
	review_one("j-3", "a", 3000, 3.5);
	expect_baseline("accepted", "none");
	cr_assert_eq(store_accept(store, &job, "j-2", &err), 0, "%s", err.text);
	cr_expect_str_eq(job.id, "j-2");
	expect_baseline("accepted", "j-2");
	cr_assert_eq(store_accept(store, &again, "j-1", &err), 0, "%s", err.text);
	expect_baseline("accepted", "j-1");
	expect_baseline("history", "j-3");
	expect_baseline("previous", "j-3");
	expect_baseline("j-2", "j-2");
	expect_baseline("j-9", "none");
}

Test(store_history, what_has_measured_nothing_is_not_accepted)
{
	CLEANUP(job_done) struct job job = {0};
	struct error err = {0};

	cr_expect_eq(store_accept(store, &job, "j-1", &err), -ENOENT);
	store_bench_begin(store, "j-1");
	finish("j-1", JOB_FAILED);
	cr_expect_eq(store_accept(store, &job, "j-1", &err), -EALREADY);
	cr_expect_not_null(strstr(err.text, "job j-1 is failed"));
}

Test(store_history, the_series_of_an_older_review_are_those_that_it_measured_first)
{
	CLEANUP(history_reader_closep) struct history_reader *h = NULL;
	const struct past *past;
	const char **keys = NULL;
	size_t n = 0;

	review_one("j-1", "a", 1000, 1.5);
	review_one("j-2", "a", 2000, 2.5);
	h = reader_against("s", "j-1");
	past = history_reader_past(h);
	cr_assert_eq(past->series(past->arg, arena, &keys, &n), 0);
	cr_assert_eq(n, 1);
	cr_expect_str_eq(keys[0], "a");
}
