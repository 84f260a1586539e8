/* SPDX-License-Identifier: MIT */
/*
 * How long the analyst takes for many series with a long history: `tools/bench analyse [FILTER]`.
 *
 * Analyse: a night of 10,000 series and a million samples, each series compared with 89 nights that
 * earlier reviews saw, which answer as the store does. In `changed` of them the level fell in the
 * latest nights. SuiteJudge: the numbers alone, 90 nights of each series. Nothing is read from a
 * disk; both hold what is random to a seed.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "agents/analyst/analyst.h"
#include "agents/analyst/strmap.h"
#include "agents/analyst/suite.h"
#include "tests/bench/bench.h"
#include "tests/bench/truth.h"

#define TABLES         50
#define CONFIGURATIONS 100 /* of each table */
#define METRICS        2
#define SERIES         (TABLES * CONFIGURATIONS * METRICS)
#define REPETITIONS    100
#define NIGHTS         90
#define CHANGED_NIGHTS 5 /* latest ones, tonight's too */
#define STEP           .1
#define MEMORY_MAX     (UINT64_C(4) << 30)
#define TONIGHT_S      INT64_C(1795219200) /* 2026-11-21 */
#define DAY_S          86400

static const char *const metric_names[METRICS] = {"latency_ms", "tokens_s"};
static const char *const root = "/bench";

static void fail(const char *why)
{
	(void)fprintf(stderr, "bench: %s\n", why);
	exit(1);
}

static void *need(void *p)
{
	if (!p)
		fail("out of memory");
	return p;
}

/* --- the numbers alone ------------------------------------------------------------------- */

struct numbers {
	size_t n;
	double *x; /* all series, NIGHTS each */
	uint32_t runs[NIGHTS];
	struct suite_series *series;
};

static void numbers_make(struct numbers *ret, size_t n, size_t changed)
{
	const struct truth truth = {.seed = 11,
	                            .series = n,
	                            .nights = NIGHTS,
	                            .repetitions = 5,
	                            .between = .02,
	                            .within = .01,
	                            .event = changed ? EVENT_STEP : EVENT_NONE,
	                            .changed = changed,
	                            .size = STEP,
	                            .at = NIGHTS - CHANGED_NIGHTS};

	ret->n = n;
	ret->x = need(calloc(n * NIGHTS, sizeof *ret->x));
	ret->series = need(calloc(n, sizeof *ret->series));
	for (uint32_t i = 0; i < NIGHTS; i++)
		ret->runs[i] = i;
	if (truth_make(&truth, ret->x) < 0)
		fail("out of memory");
}

static void numbers_done(struct numbers *n)
{
	free(n->x);
	free(n->series);
}

static void judge(void *arg)
{
	struct numbers *n = arg;
	struct suite suite = {
		.series = n->series, .n = n->n, .runs = NIGHTS, .min_effect = .02, .family = n->n};
	struct suite *list = &suite;

	for (size_t i = 0; i < n->n; i++)
		n->series[i] = (struct suite_series){
			.x = n->x + i * NIGHTS, .run = n->runs, .n = NIGHTS, .better = 1};
	if (suite_judge(&suite) < 0 || suite_settle(&list, 1, SUITE_Q) < 0)
		fail("out of memory");
	suite_done(&suite);
}

/* --- a night and its history ------------------------------------------------------------- */

struct night {
	struct numbers history; /* the last night of it is tonight's level */
	struct arena *arena;    /* of the tables and the keys */
	struct inventory inventory;
	struct strmap keys; /* the number of each is that of its values in `of` */
	size_t *of;
	struct past past;
	size_t findings; /* of the last analysis */
};

static int points_of(void *arg, struct arena *arena, const char *series, struct past_point **ret,
                     size_t *ret_n)
{
	struct night *n = arg;
	struct past_point *points = arena_calloc(arena, NIGHTS, sizeof *points);
	size_t at;

	*ret = points;
	*ret_n = 0;
	if (!points)
		return -1;
	if (!strmap_find(&n->keys, str_of(series), &at))
		return 0;
	for (size_t i = 0; i + 1 < NIGHTS; i++)
		points[i] = (struct past_point){.time_s = TONIGHT_S -
		                                          (int64_t)(NIGHTS - 1 - i) * DAY_S,
		                                .value = n->history.x[n->of[at] * NIGHTS + i],
		                                .n = REPETITIONS,
		                                .review = "20261120-000000-000000",
		                                .fact = (unsigned)at + 1};
	*ret_n = NIGHTS - 1;
	return 0;
}

static int series_of(void *arg, struct arena *arena, const char ***ret, size_t *ret_n)
{
	(void)arg;
	*ret = arena_calloc(arena, 1, sizeof **ret);
	*ret_n = 0;
	return *ret ? 0 : -1;
}

static struct column key_column(struct arena *arena)
{
	struct cell *texts = need(arena_calloc(arena, CONFIGURATIONS + 1, sizeof *texts));
	uint8_t *codes = need(arena_calloc(arena, CONFIGURATIONS * REPETITIONS, 1));

	for (size_t i = 0; i < CONFIGURATIONS * REPETITIONS; i++)
		codes[i] = (uint8_t)(i % CONFIGURATIONS + 1);
	texts[0].text = "";
	for (size_t i = 1; i <= CONFIGURATIONS; i++)
		texts[i] = (struct cell){.kind = CELL_TEXT,
		                         .text = need(arena_printf(arena, "model-%zu", i))};
	return (struct column){.name = "model",
	                       .store = STORE_CODED,
	                       .code_bytes = 1,
	                       .values = texts,
	                       .n_values = CONFIGURATIONS + 1,
	                       .codes = codes};
}

/* Repetitions about tonight's level, evenly on both sides of it. */
static struct column metric_column(struct night *n, size_t table, size_t metric)
{
	double *x = need(arena_calloc(n->arena, CONFIGURATIONS * REPETITIONS, sizeof *x));

	for (size_t i = 0; i < CONFIGURATIONS * REPETITIONS; i++) {
		size_t series = (table * METRICS + metric) * CONFIGURATIONS + i % CONFIGURATIONS;
		double off = (double)(i / CONFIGURATIONS * 37 % REPETITIONS) / REPETITIONS - .495;

		x[i] = n->history.x[series * NIGHTS + NIGHTS - 1] * (1 + .02 * off);
	}
	return (struct column){.name = metric_names[metric], .store = STORE_MEASURED, .numbers = x};
}

static void add_table(struct night *n, size_t number)
{
	struct artifact *a = &n->inventory.artifacts[n->inventory.n_artifacts++];
	struct table *t = need(arena_calloc(n->arena, 1, sizeof *t));

	*a = (struct artifact){
		.id = (unsigned)n->inventory.n_artifacts,
		.path = need(arena_printf(n->arena, "suite-%c%c/2026-11-21.csv",
	                                  (char)('a' + number / 10), (char)('a' + number % 10))),
		.format = FORMAT_CSV,
		.modified_s = TONIGHT_S,
		.tables = t,
		.n_tables = 1};
	*t = (struct table){.artifact = a,
	                    .number = 1,
	                    .header_line = 1,
	                    .decimal = '.',
	                    .n_columns = 1 + METRICS,
	                    .n_rows = (size_t)CONFIGURATIONS * REPETITIONS};
	t->columns = need(arena_calloc(n->arena, t->n_columns, sizeof *t->columns));
	t->columns[0] = key_column(n->arena);
	for (size_t i = 0; i < METRICS; i++)
		t->columns[1 + i] = metric_column(n, number, i);
}

static struct dossier analyse_into(struct night *n, struct arena *arena, const struct past *past)
{
	static const struct analyst_settings settings = {
		.today = "2026-11-21", .machine = "", .min_effect_pct = 2, .threads = 2};
	struct dossier d = {.arena = arena, .inventory = n->inventory, .past = past};
	struct error err = {0};

	if (analyst_run(&d, &settings, &err) < 0)
		fail(err.text);
	return d;
}

static void analyse(void *arg)
{
	struct night *n = arg;
	CLEANUP(arena_freep) struct arena *arena = need(arena_new(MEMORY_MAX));
	struct dossier d = analyse_into(n, arena, &n->past);

	if (d.compared.tested != SERIES)
		fail("not all series are compared with their history");
	if (d.n_history != SERIES)
		fail("not all series have tonight's value");
	n->findings = d.n_findings;
}

static int first_number(const char *text)
{
	return (int)strtoul(text + strcspn(text, "0123456789"), NULL, 10);
}

/* "suite-ab/...csv/latency_ms [ms]/model=model-7": which series that is. */
static size_t series_of_key(const char *key)
{
	const char *suite = strstr(key, "suite-"), *model = strstr(key, "model=");
	size_t table, metric = strstr(key, metric_names[1]) != NULL;

	if (!suite || !model)
		fail(key);
	table = (size_t)(suite[6] - 'a') * 10 + (size_t)(suite[7] - 'a');
	return (table * METRICS + metric) * CONFIGURATIONS + (size_t)first_number(model) - 1;
}

/* A first analysis tells the keys by which the history is asked for. */
static void learn_keys(struct night *n)
{
	CLEANUP(arena_freep) struct arena *arena = need(arena_new(MEMORY_MAX));
	struct dossier d = analyse_into(n, arena, NULL);
	size_t at;

	n->keys.arena = n->arena;
	n->of = need(calloc(d.n_history + 1, sizeof *n->of));
	for (size_t i = 0; i < d.n_history; i++) {
		if (strmap_add(&n->keys, str_of(d.history[i].series), &at) < 0)
			fail("out of memory");
		n->of[at] = series_of_key(d.history[i].series);
	}
	if (n->keys.n != SERIES)
		fail("the history is not that of all series");
	n->past = (struct past){.review = "20261120-000000-000000",
	                        .finished_at_s = TONIGHT_S - DAY_S,
	                        .points = points_of,
	                        .series = series_of,
	                        .arg = n};
}

static void night_make(struct night *n, size_t changed)
{
	numbers_make(&n->history, SERIES, changed);
	n->arena = need(arena_new(MEMORY_MAX));
	n->inventory.roots = need(arena_calloc(n->arena, 1, sizeof *n->inventory.roots));
	n->inventory.roots[0] = root;
	n->inventory.n_roots = 1;
	n->inventory.artifacts = need(
		arena_calloc(n->arena, TABLES, sizeof *n->inventory.artifacts));
	for (size_t i = 0; i < TABLES; i++)
		add_table(n, i);
	learn_keys(n);
}

static void night_done(struct night *n)
{
	numbers_done(&n->history);
	arena_free(n->arena);
	free(n->of);
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = {1000, 2000, 5000, 10000}, changes[] = {0, 100, 1000};
	static struct numbers numbers[ARRAY_LEN(sizes)];
	static struct night nights[ARRAY_LEN(changes)];
	static char names[ARRAY_LEN(sizes) + ARRAY_LEN(changes)][80];
	struct bench list[ARRAY_LEN(names)];
	size_t n = 0;
	int r;

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		night_make(&nights[i], changes[i]);
		(void)snprintf(names[n], sizeof names[n],
		               "Analyse/series:%d/nights:%d/samples:%d/changed:%zu", SERIES, NIGHTS,
		               SERIES * REPETITIONS, changes[i]);
		list[n] = (struct bench){names[n], analyse, &nights[i], 0};
		n++;
	}
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		numbers_make(&numbers[i], sizes[i], sizes[i] / 100);
		(void)snprintf(names[n], sizeof names[n], "SuiteJudge/series:%zu/nights:%d",
		               sizes[i], NIGHTS);
		list[n] = (struct bench){names[n], judge, &numbers[i], 0};
		n++;
	}
	r = bench_run(list, n, argc > 1 ? argv[1] : NULL, 3, 1);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		numbers_done(&numbers[i]);
	for (size_t i = 0; i < ARRAY_LEN(changes); i++)
		night_done(&nights[i]);
	return r;
}
