/* SPDX-License-Identifier: MIT */
/*
 * Any memory of earlier reviews, against one tree. A line is a run ("p series|days|value|n|fact|
 * content"), a series of the last review ("s series"), a suspicion ("f key|since"), an
 * acknowledgement ("a key|reason|until|made") or a condition of every run ("c name|text"); "!"
 * alone makes the last review the only reference. Every promise is checked.
 */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "tests/unit/analyst/builder.h"

#define MAX_INPUT  8192
#define MAX_LINES  128
#define MAX_FIELDS 6
#define DAY_S      86400
#define LAST_NIGHT 1793577600 /* 2026-11-02 */

struct line {
	char what;
	const char *fields[MAX_FIELDS]; /* "" where there is none */
};

struct memory {
	struct line lines[MAX_LINES];
	size_t n;
	bool against;
};

static void read_line(struct memory *m, char *text)
{
	struct line *line = &m->lines[m->n];

	m->against |= text[0] == '!';
	if (m->n == MAX_LINES || text[0] == '\0' || text[1] != ' ')
		return;
	line->what = text[0];
	for (size_t i = 0; i < MAX_FIELDS; i++)
		line->fields[i] = "";
	text += 2;
	for (size_t i = 0; i < MAX_FIELDS && text; i++)
		line->fields[i] = strsep(&text, "|");
	m->n++;
}

static struct past_point point_of(const struct line *line)
{
	return (struct past_point){
		.time_s = LAST_NIGHT - DAY_S * (strtoll(line->fields[1], NULL, 10) % 4096),
		.value = strtod(line->fields[2], NULL),
		.n = strtoull(line->fields[3], NULL, 10),
		.review = "20261101-000000-000000",
		.fact = (unsigned)(strtoul(line->fields[4], NULL, 10) % 100000) + 1,
		.content = strtoull(line->fields[5], NULL, 10)};
}

static int by_time(const void *x, const void *y)
{
	const struct past_point *a = x, *b = y;

	return a->time_s < b->time_s ? -1 : a->time_s > b->time_s;
}

/* As the store's key has it, one run a time; what is not finite is not told (past.h). */
static int points(void *arg, struct arena *arena, const char *series, struct past_point **ret,
                  size_t *ret_n)
{
	const struct memory *m = arg;
	struct past_point *all = arena_calloc(arena, MAX_LINES, sizeof *all);
	size_t n = 0, kept = 0;

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < m->n; i++)
		if (m->lines[i].what == 'p' && strcmp(m->lines[i].fields[0], series) == 0)
			all[n++] = point_of(&m->lines[i]);
	qsort(all, n, sizeof *all, by_time);
	for (size_t i = 0; i < n; i++)
		if (isfinite(all[i].value) && (!kept || all[kept - 1].time_s < all[i].time_s))
			all[kept++] = all[i];
	*ret = all;
	*ret_n = kept;
	return 0;
}

static int series(void *arg, struct arena *arena, const char ***ret, size_t *ret_n)
{
	const struct memory *m = arg;

	*ret_n = 0;
	*ret = arena_calloc(arena, MAX_LINES, sizeof **ret);
	for (size_t i = 0; *ret && i < m->n; i++)
		if (m->lines[i].what == 's')
			(*ret)[(*ret_n)++] = m->lines[i].fields[0];
	return *ret ? 0 : -ENOMEM;
}

static int suspicions(void *arg, struct arena *arena, struct past_suspicion **ret, size_t *ret_n)
{
	const struct memory *m = arg;

	*ret_n = 0;
	*ret = arena_calloc(arena, MAX_LINES, sizeof **ret);
	for (size_t i = 0; *ret && i < m->n; i++)
		if (m->lines[i].what == 'f')
			(*ret)[(*ret_n)++] = (struct past_suspicion){m->lines[i].fields[0],
			                                             m->lines[i].fields[1]};
	return *ret ? 0 : -ENOMEM;
}

static const char *given(const char *field)
{
	return *field ? field : NULL;
}

static int acks(void *arg, struct arena *arena, struct past_ack **ret, size_t *ret_n)
{
	const struct memory *m = arg;

	*ret_n = 0;
	*ret = arena_calloc(arena, MAX_LINES, sizeof **ret);
	for (size_t i = 0; *ret && i < m->n; i++) {
		const char *const *f = m->lines[i].fields;

		if (m->lines[i].what == 'a')
			(*ret)[(*ret_n)++] = (struct past_ack){f[0], given(f[1]), given(f[2]),
			                                       given(f[3])};
	}
	return *ret ? 0 : -ENOMEM;
}

static int conditions(void *arg, struct arena *arena, const char *table, int64_t time_s,
                      struct past_condition **ret, size_t *ret_n)
{
	const struct memory *m = arg;

	(void)table;
	(void)time_s;
	*ret_n = 0;
	*ret = arena_calloc(arena, PAST_CONDITIONS_MAX, sizeof **ret);
	for (size_t i = 0; *ret && i < m->n && *ret_n < PAST_CONDITIONS_MAX; i++)
		if (m->lines[i].what == 'c')
			(*ret)[(*ret_n)++] = (struct past_condition){m->lines[i].fields[0],
			                                             m->lines[i].fields[1]};
	return *ret ? 0 : -ENOMEM;
}

static void build_tree(struct builder *b)
{
	static const char *const nights[] = {"2026-11-01/bench.csv", "2026-11-02/bench.csv"};

	for (size_t i = 0; i < ARRAY_LEN(nights); i++)
		(void)build_table(b, nights[i], NULL,
		                  "model|run|driver|tokens_s|ttft_ms\na|1|v1|99|5\na|2|v1|100|6\n"
		                  "a|3|v1|102|5\nb|1|v1|50|9\nb|2|v1|51|8\nb|3|v1|49|9");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[MAX_INPUT + 1];
	static struct memory m;
	struct past past = {.review = "20261101-000000-000000",
	                    .finished_at_s = LAST_NIGHT,
	                    .points = points,
	                    .series = series,
	                    .conditions = conditions,
	                    .acks = acks,
	                    .suspicions = suspicions,
	                    .arg = &m};
	char *rest = text;
	struct builder b;

	if (size > MAX_INPUT || memchr(data, 0, size))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	m = (struct memory){.n = 0};
	while (rest)
		read_line(&m, strsep(&rest, "\n"));
	past.against = m.against;
	build_start(&b);
	b.dossier.past = &past;
	build_tree(&b);
	build_analysis(&b);
	build_done(&b);
	return 0;
}
