/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "ctl/backtest.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/files.h"
#include "tests/unit/ctl/dump.h"

#define FILE_BYTES_MAX (1u << 20)

static char dir[] = "/tmp/backtest-XXXXXX";

static void put(const char *path, const char *text, size_t len, int64_t modified_s)
{
	const struct timespec times[2] = {{.tv_sec = modified_s}, {.tv_sec = modified_s}};
	char folder[512], whole[1024];
	const char *slash = strrchr(path, '/');
	struct error err = {0};

	(void)snprintf(folder, sizeof folder, "%s/%.*s", dir, (int)(slash - path), path);
	(void)snprintf(whole, sizeof whole, "%s/%s", dir, path);
	cr_assert_eq(files_make_dirs(folder, &err), 0, "%s", err.text);
	cr_assert_eq(files_write(folder, slash + 1, text, len, &err), 0, "%s", err.text);
	cr_assert_eq(utimensat(AT_FDCWD, whole, times, 0), 0);
}

static void start(void)
{
	cr_assert_not_null(mkdtemp(dir));
	put("config/chimerad.yaml", "limits: {files: 1000}\n", 22, 0);
}

static void done(void)
{
	struct error err = {0};

	cr_expect_eq(files_remove_tree(dir, &err), 0, "%s", err.text);
}

TestSuite(backtest, .init = start, .fini = done);

/* --- a tree, and the same in an earlier night ---------------------------------------------- */

struct tree {
	char name[300];
	struct explained *read;
	struct analyst_settings settings;
};

static void tree_read(struct tree *t, const char *name)
{
	char path[512], config[512];
	const char *paths[] = {path};
	struct error err = {0};

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	(void)snprintf(config, sizeof config, "%s/config/chimerad.yaml", dir);
	cr_assert_eq(explain_collect(&t->read, &t->settings, paths, 1, config, &err), 0, "%s",
	             err.text);
	t->settings.min_effect_pct = 2;
}

/* What the analyst makes of it, in words. */
static char *said(const struct tree *t, int64_t as_of_s, const char *today)
{
	struct arena *arena = arena_new(UINT64_C(1) << 30);
	struct dossier d = {.arena = arena, .inventory = t->read->dossier.inventory};
	struct analyst_settings s = t->settings;
	struct error err = {0};
	char *text;

	s.as_of_s = as_of_s;
	s.today = today;
	cr_assert_eq(analyst_run(&d, &s, &err), 0, "%s", err.text);
	text = dump_dossier(&d);
	arena_free(arena);
	return text;
}

static size_t first_difference(const char *a, const char *b)
{
	size_t i = 0;

	while (a[i] && a[i] == b[i])
		i++;
	return i > 200 ? i - 200 : 0;
}

typedef void write_fn(const char *root, int64_t until_s);

/*
 * Night for night: the whole tree as of then says what a tree says that holds only what was there.
 * Returns how many nights there were.
 */
static size_t replay(write_fn *write)
{
	struct analyst_night *nights = NULL;
	struct tree whole = {0};
	size_t n = 0;

	write("whole/results", INT64_MAX);
	tree_read(&whole, "whole/results");
	cr_assert_eq(analyst_nights(&nights, &n, &whole.read->dossier, &whole.settings), 0);
	for (size_t i = 0; i < n; i++) {
		char today[CLOCK_TEXT_BYTES], name[64];
		struct tree then = {0};
		char *a, *b;

		clock_text(today, nights[i].last_s);
		today[10] = '\0';
		(void)snprintf(name, sizeof name, "%zu/results", i);
		write(name, nights[i].last_s);
		tree_read(&then, name);
		a = said(&whole, nights[i].last_s, today);
		b = said(&then, 0, today);
		cr_expect_str_eq(a, b, "%s:\n%.600s\n--- in the tree of that night:\n%.600s", today,
		                 a + first_difference(a, b), b + first_difference(a, b));
		cr_expect(strlen(a) > 300, "it says something");
		explain_free(then.read);
		free(a);
		free(b);
	}
	free(nights);
	explain_free(whole.read);
	return n;
}

/* --- examples/nightly ---------------------------------------------------------------------- */

#define NIGHT_ONE INT64_C(1762646400) /* 2025-11-09: a time of nobody's */
#define DAY_S     INT64_C(86400)

static void copy_example(const char *root, const char *name, int64_t until_s)
{
	const char *source = getenv("CHIMERAD_SOURCE"), *date = strstr(name, "2026-");
	CLEANUP(freep) char *text = NULL;
	char from[4096], to[512];
	size_t len;
	int64_t t = NIGHT_ONE;

	if (date) {
		char whole[32];

		(void)snprintf(whole, sizeof whole, "%.10sT00:00:00Z", date);
		cr_assert(clock_parse(str_of(whole), &t));
	}
	if (t > until_s)
		return;
	(void)snprintf(from, sizeof from, "%s/examples/nightly/%s", source, name);
	(void)snprintf(to, sizeof to, "%s/%s", root, name);
	cr_assert_eq(files_read(&text, &len, NULL, from, FILE_BYTES_MAX, NULL), 0, "%s", from);
	put(to, text, len, t + 7200);
}

static void write_examples(const char *root, int64_t until_s)
{
	static const char *const names[] = {"llama-bench-%s.json", "sqlite-%s.json", "zstd-%s.csv",
	                                    "zstd-%s.md"};

	copy_example(root, "README.md", until_s);
	for (int day = 9; day <= 20; day++) {
		char date[16], name[64];

		(void)snprintf(date, sizeof date, "2026-11-%02d", day);
		for (size_t i = 0; i < ARRAY_LEN(names); i++) {
			const char *gap = strchr(names[i], '%');

			(void)snprintf(name, sizeof name, "%.*s%s%s", (int)(gap - names[i]),
			               names[i], date, gap + 2);
			copy_example(root, name, until_s);
		}
	}
}

Test(backtest, each_night_of_the_examples_says_what_its_tree_would_have)
{
	cr_expect_eq(replay(write_examples), 12);
}

/* --- a tree of every sort of file ---------------------------------------------------------- */

#define NIGHTS   14
#define FIRST_S  INT64_C(1790913600) /* 2026-10-02 */
#define BAD_FROM 10

static int64_t night_s(int night)
{
	return FIRST_S + night * DAY_S;
}

static double value_of(int night, int i)
{
	double noise = (night * 7 + i * 5) % 11 / 10. - .5;

	return (100 + 20 * i + noise) * (night >= BAD_FROM && i == 0 ? .8 : 1);
}

static int nights_until(int64_t until_s)
{
	return until_s == INT64_MAX ? NIGHTS : (int)((until_s - FIRST_S) / DAY_S) + 1;
}

static void put_buf(const char *root, const char *name, const struct buf *b, int64_t modified_s)
{
	char path[512];

	(void)snprintf(path, sizeof path, "%s/%s", root, name);
	put(path, buf_text(b), b->len, modified_s);
}

/* Rows of one night at two in the morning. */
static void add_rows(struct buf *b, int night, int models)
{
	char time[CLOCK_TEXT_BYTES];

	for (int i = 0; i < models; i++)
		for (int rep = 0; rep < 3; rep++) {
			clock_text(time, night_s(night) + 7200 + 60 * rep + i);
			buf_printf(b, "%s,m%d,%.4f\n", time, i, value_of(night, i) + rep / 8.);
		}
}

/* One file that grows at its end, and one at its head. */
static void write_growing(const char *root, int n)
{
	CLEANUP(buf_done) struct buf tail = BUF_INIT(FILE_BYTES_MAX);
	CLEANUP(buf_done) struct buf head = BUF_INIT(FILE_BYTES_MAX);

	buf_puts(&tail, "time,model,tokens_s\n");
	buf_puts(&head, "time,model,tokens_s\n");
	for (int night = 0; night < n; night++) {
		add_rows(&tail, night, 3);
		add_rows(&head, n - 1 - night, 2);
	}
	put_buf(root, "growing.csv", &tail, night_s(n - 1) + 9000);
	put_buf(root, "latest-first.csv", &head, night_s(n - 1) + 9000);
}

static void write_json(const char *root, int night)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(FILE_BYTES_MAX);
	char name[64], date[CLOCK_TEXT_BYTES];

	clock_text(date, night_s(night));
	buf_printf(&b, "{\"driver\": \"v%d\", \"runs\": [", night >= BAD_FROM);
	for (int i = 0; i < 3; i++)
		buf_printf(&b,
		           "%s{\"name\": \"r%d\", \"latency_ms\": [%.3f, %.3f], \"parts\": "
		           "[{\"part\": \"x\", \"time_ms\": %.3f}, {\"part\": \"y\", \"time_ms\": "
		           "%.3f}]}",
		           i ? ", " : "", i, value_of(night, i), value_of(night, i) + 1,
		           value_of(night, i) / 2, value_of(night, i) / 3);
	buf_puts(&b, "]}\n");
	(void)snprintf(name, sizeof name, "%.10s/run.json", date);
	put_buf(root, name, &b, night_s(night) + 9000);
	if (night != 4)
		return;
	/* the same bytes under the date of the next night: copied, not measured */
	clock_text(date, night_s(5));
	(void)snprintf(name, sizeof name, "%.10s/copy-of-run.json", date);
	put_buf(root, name, &b, night_s(5) + 9000);
}

static void write_odd(const char *root, int night)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(FILE_BYTES_MAX);
	char name[64], date[CLOCK_TEXT_BYTES];

	clock_text(date, night_s(night));
	buf_printf(&b, "model,tokens_s\nq,%.3f\nq,%.3f\n", value_of(night, 7), value_of(night, 8));
	if (night == 3) /* nothing but the file system dates it */
		put_buf(root, "undated.csv", &b, night_s(night) + 7300);
	if (night == 6) {
		(void)snprintf(name, sizeof name, "%.10s/broken.json", date);
		b.len = 0;
		buf_puts(&b, "{\"runs\": [1, 2");
		put_buf(root, name, &b, night_s(night) + 9000);
	}
	if (night == 8) {
		(void)snprintf(name, sizeof name, "%.10s/notes.md", date);
		b.len = 0;
		buf_puts(&b, "| model | tokens_s |\n|---|---|\n| q | 12 |\n| r | 13 |\n");
		put_buf(root, name, &b, night_s(night) + 9000);
	}
}

static void write_every_sort(const char *root, int64_t until_s)
{
	int n = nights_until(until_s);

	write_growing(root, n);
	for (int night = 0; night < n; night++) {
		if (night == 5) /* its only file is a copy */
			continue;
		write_json(root, night);
		write_odd(root, night);
	}
	if (n == 5) {
		char path[512], date[CLOCK_TEXT_BYTES];

		clock_text(date, night_s(5));
		(void)snprintf(path, sizeof path, "%s/%s/%.10s/copy-of-run.json", dir, root, date);
		cr_assert_eq(unlink(path), 0, "not before its night");
	}
}

Test(backtest, each_night_of_every_sort_of_file_says_what_its_tree_would_have)
{
	cr_expect_eq(replay(write_every_sort), NIGHTS);
}

/* --- what is told -------------------------------------------------------------------------- */

static struct backtest *read_backtest(const char *name, double inject_pct)
{
	char path[512], config[512];
	struct backtest *b = NULL;
	struct error err = {0};

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	(void)snprintf(config, sizeof config, "%s/config/chimerad.yaml", dir);
	cr_assert_eq(backtest_read(&b, path, inject_pct, config, &err), 0, "%s", err.text);
	return b;
}

static char *printed(const struct backtest *b)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	backtest_print(b, to);
	(void)fclose(to);
	return text;
}

/* One file of one series, a value a night. */
static void put_series(const double *x, int n)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(FILE_BYTES_MAX);
	char time[CLOCK_TEXT_BYTES];

	buf_puts(&b, "time,tokens_s\n");
	for (int i = 0; i < n; i++)
		for (int rep = 0; rep < 2; rep++) {
			clock_text(time, night_s(i) + 7200 + rep);
			buf_printf(&b, "%s,%.2f\n", time, x[i]);
		}
	put_buf("one", "results.csv", &b, night_s(n));
}

#define QUIET 100, 101, 99, 100, 100, 101, 100, 101, 99, 100

static size_t news_of(const struct backtest_night *n)
{
	size_t news = 0;

	for (size_t i = 0; i < n->n_changes; i++)
		news += n->changes[i].news;
	return news;
}

Test(backtest, a_change_is_news_in_each_of_its_states_once)
{
	CLEANUP(backtest_freep) struct backtest *b = NULL;
	CLEANUP(freep) char *text = NULL;

	put_series((double[]){QUIET, 80, 81, 79, 80, 81}, 15);
	b = read_backtest("one", 0);
	cr_assert_eq(b->n, 15);
	cr_expect_str_eq(b->nights[10].date, "2026-10-12");
	cr_expect_eq(b->nights[9].verdict, VERDICT_SAME);
	cr_expect_eq(b->nights[10].verdict, VERDICT_WORSE);
	cr_expect_eq(b->nights[10].series, 1);
	for (size_t i = 0; i < 15; i++)
		cr_expect_eq(news_of(&b->nights[i]), i == 10 || i == 12, "night %zu", i);
	cr_expect_str_eq(b->nights[10].changes[0].state, "suspected");
	cr_expect_str_eq(b->nights[12].changes[0].state, "confirmed");
	cr_expect_str_eq(b->nights[12].changes[0].since, "2026-10-12");
	cr_expect_str_eq(b->nights[10].changes[0].key, b->nights[12].changes[0].key);
	cr_expect_eq(b->nights[14].n_changes, 1, "it is still open");
	cr_expect_eq(b->totals.alarms, 1);
	cr_expect_eq(b->totals.confirmed, 1);
	cr_expect_eq(b->totals.spikes + b->totals.recovered + b->totals.improvements, 0);
	text = printed(b);
	cr_expect_not_null(strstr(text, "2026-10-12  worse        1 series, 1 tested\n"
	                                "  regression  suspected Throughput (results.csv) fell by "
	                                "20 %, from 100 to 80 tok/s, in the run of 2026-10-12;"),
	                   "%s", text);
	cr_expect_not_null(strstr(text, "\n15 nights: 1 alarm, 1 confirmed, 0 spikes, 0 recovered; "
	                                "0 improvements, 0 changed otherwise.\n"),
	                   "%s", text);
}

Test(backtest, one_bad_night_is_a_spike_and_a_gain_is_no_alarm)
{
	CLEANUP(backtest_freep) struct backtest *b = NULL;

	put_series((double[]){QUIET, 80, 100, 101, 99, 130, 131, 129, 130}, 18);
	b = read_backtest("one", 0);
	cr_expect_eq(b->totals.alarms, 1);
	cr_expect_eq(b->totals.confirmed, 0);
	cr_expect_eq(b->totals.spikes, 1);
	cr_expect_eq(b->totals.improvements, 1);
}

Test(backtest, several_runs_a_day_are_nights_of_their_own_with_their_time)
{
	CLEANUP(backtest_freep) struct backtest *b = NULL;
	CLEANUP(freep) char *text = NULL;
	static const char *const first = "model,tokens_s\na,100\na,101\n",
				 *const again = "model,tokens_s\na,102\na,103\n",
				 *const other = "model,time_ms\na,1\na,2\n";

	put("day/2026-10-02T02-30-00/run.csv", first, strlen(first), night_s(0));
	put("day/2026-10-02T14-30-00/run.csv", again, strlen(again), night_s(0));
	put("day/2026-10-02T14-31-00/other.csv", other, strlen(other), night_s(0));
	b = read_backtest("day", 0);
	cr_assert_eq(b->n, 2);
	cr_expect_eq(b->nights[0].series, 1);
	cr_expect_eq(b->nights[1].series, 2, "a minute later is the same night");
	text = printed(b);
	cr_expect_not_null(strstr(text, "2026-10-02 02:30  cannot tell  1 series"), "%s", text);
	cr_expect_not_null(strstr(text, "\n2026-10-02 14:31  cannot tell  2 series"), "%s", text);
}

Test(backtest, json_has_the_nights_their_news_and_the_totals)
{
	CLEANUP(backtest_freep) struct backtest *b = NULL;
	json_t *o, *nights, *change, *after;

	put_series((double[]){QUIET, 80, 81, 79, 80, 81, 80, 80, 80}, 18);
	b = read_backtest("one", 20);
	o = backtest_json(b);
	cr_assert_not_null(o);
	nights = json_object_get(o, "nights");
	cr_expect_eq(json_array_size(nights), 18);
	change = json_array_get(json_object_get(json_array_get(nights, 10), "changes"), 0);
	cr_expect_str_eq(json_string_value(json_object_get(change, "kind")), "regression");
	cr_expect_str_eq(json_string_value(json_object_get(change, "state")), "suspected");
	cr_expect_eq(json_array_size(json_object_get(json_array_get(nights, 11), "changes")), 0);
	cr_expect_eq(json_integer_value(json_object_get(json_object_get(o, "totals"), "alarms")),
	             1);
	after = json_object_get(json_object_get(o, "inject"), "after");
	cr_expect_eq(json_array_size(after), 3);
	cr_expect_eq(json_integer_value(json_object_get(json_array_get(after, 2), "runs")), 8);
	json_decref(o);
}

Test(backtest, what_is_no_measurement_is_an_error)
{
	struct backtest *b = NULL;
	struct error err = {0};
	char path[512], config[512];

	put("empty/notes.md", "nothing\n", 8, night_s(0));
	(void)snprintf(path, sizeof path, "%s/empty", dir);
	(void)snprintf(config, sizeof config, "%s/config/chimerad.yaml", dir);
	cr_expect_eq(backtest_read(&b, path, 0, config, &err), -ENODATA);
	cr_expect_not_null(strstr(err.text, "nothing in it is a measurement"));
	(void)snprintf(path, sizeof path, "%s/missing", dir);
	cr_expect_eq(backtest_read(&b, path, 0, config, &err), -ENOENT);
	cr_expect_null(b);
}
