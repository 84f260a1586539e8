/* SPDX-License-Identifier: MIT */
/* When the runs were: the times that paths and contents tell, each once. */
#include "agents/analyst/work.h"

#include "lib/base/clock.h"

#define MAX_DAYS 400 /* listed: more than a year of nights */

struct run_time {
	int64_t run_s, time_s;
};

static int by_run(const void *x, const void *y)
{
	const struct run_time *a = x, *b = y;

	if (a->run_s != b->run_s)
		return (a->run_s > b->run_s) - (a->run_s < b->run_s);
	return (a->time_s > b->time_s) - (a->time_s < b->time_s);
}

int runs_by_time(const void *x, const void *y)
{
	const int64_t *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

/* Of all runs of series that measured something; files' own times would tell of a checkout. */
static struct run_time *collect(struct work *w, size_t *ret_n)
{
	size_t most = 0;
	struct run_time *times;

	for (size_t i = 0; i < w->n_series; i++)
		most += w->series[i].n_views;
	times = work_alloc(w, most, sizeof *times);
	*ret_n = 0;
	for (size_t i = 0; times && i < w->n_series; i++) {
		const struct series *s = &w->series[i];

		for (size_t k = 0; s->group && k < s->n_views; k++)
			if (s->views[k]->dated)
				times[(*ret_n)++] = (struct run_time){s->views[k]->run_s,
				                                      s->views[k]->time_s};
	}
	return times;
}

/* Distinct days of ascending times, the latest ones. */
static const char **days_of(struct work *w, const int64_t *times, size_t n, size_t *ret_n)
{
	const char **days = work_alloc(w, n < MAX_DAYS ? n : MAX_DAYS, sizeof *days);

	*ret_n = 0;
	for (size_t i = n < MAX_DAYS ? 0 : n - MAX_DAYS; days && i < n; i++) {
		char text[CLOCK_TEXT_BYTES];

		clock_text(text, times[i]);
		text[10] = '\0';
		if (*ret_n && strcmp(days[*ret_n - 1], text) == 0)
			continue;
		days[*ret_n] = work_printf(w, "%s", text);
		if (!days[*ret_n])
			return days;
		++*ret_n;
	}
	return days;
}

void runs_tell_earlier(struct work *w, int64_t *times, size_t n)
{
	size_t distinct = 0;

	if (n)
		qsort(times, n, sizeof *times, runs_by_time);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || times[i] != times[distinct - 1])
			times[distinct++] = times[i];
	w->d->runs.earlier = days_of(w, times, distinct, &w->d->runs.n_earlier);
}

/* A run is one, however many clocks its files were dated by: of them the earliest. */
void runs_tell(struct work *w)
{
	size_t all, n = 0;
	struct run_time *runs = collect(w, &all);
	int64_t *times = work_alloc(w, all, sizeof *times);

	if (w->failed || !all)
		return;
	qsort(runs, all, sizeof *runs, by_run);
	for (size_t i = 0; i < all; i++)
		if (i == 0 || runs[i].run_s != runs[i - 1].run_s)
			times[n++] = runs[i].time_s;
	qsort(times, n, sizeof *times, runs_by_time);
	w->d->runs.n = n;
	w->d->runs.first_s = times[0];
	w->d->runs.last_s = times[n - 1];
	w->d->runs.days = days_of(w, times, n, &w->d->runs.n_days);
}
