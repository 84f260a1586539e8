/* SPDX-License-Identifier: MIT */
/* When the runs were: the times that paths and contents tell, each once. */
#include "agents/analyst/work.h"

#include "lib/base/clock.h"

#define MAX_DAYS 400 /* listed: more than a year of nights */

static int by_time(const void *x, const void *y)
{
	const int64_t *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

/* Of all runs of series that measured something; files' own times would tell of a checkout. */
static int64_t *collect(struct work *w, size_t *ret_n)
{
	int64_t *times = work_alloc(w, w->n_views, sizeof *times);

	*ret_n = 0;
	for (size_t i = 0; times && i < w->n_series; i++) {
		const struct series *s = &w->series[i];

		for (size_t k = 0; s->group && k < s->n_views; k++)
			if (s->views[k]->dated)
				times[(*ret_n)++] = s->views[k]->time_s;
	}
	return times;
}

static void list_days(struct work *w, const int64_t *times, size_t n)
{
	const char **days = work_alloc(w, n < MAX_DAYS ? n : MAX_DAYS, sizeof *days);
	size_t n_days = 0;

	for (size_t i = n < MAX_DAYS ? 0 : n - MAX_DAYS; days && i < n; i++) {
		char text[CLOCK_TEXT_BYTES];

		clock_text(text, times[i]);
		text[10] = '\0';
		if (n_days && strcmp(days[n_days - 1], text) == 0)
			continue;
		days[n_days] = work_printf(w, "%s", text);
		if (!days[n_days])
			return;
		n_days++;
	}
	w->d->runs.days = days;
	w->d->runs.n_days = n_days;
}

void runs_tell(struct work *w)
{
	size_t all, n = 0;
	int64_t *times = collect(w, &all);

	w->d->runs = (struct run_times){0};
	if (w->failed || !all)
		return;
	qsort(times, all, sizeof *times, by_time);
	for (size_t i = 0; i < all; i++)
		if (n == 0 || times[i] != times[n - 1])
			times[n++] = times[i];
	w->d->runs.n = n;
	w->d->runs.first_s = times[0];
	w->d->runs.last_s = times[n - 1];
	list_days(w, times, n);
}
