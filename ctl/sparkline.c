/* SPDX-License-Identifier: MIT */
#include "ctl/sparkline.h"

#include <math.h>

#define LEVELS 8

static double mean_of(const double *x, size_t n)
{
	double mean = 0;

	for (size_t i = 0; i < n; i++)
		mean += (x[i] - mean) / (double)(i + 1);
	return mean;
}

/* The numbers that character i of so many stands for. */
static double value_at(const double *x, size_t n, size_t i, size_t columns)
{
	size_t first = i * n / columns, end = (i + 1) * n / columns;

	return mean_of(x + first, end - first);
}

void sparkline_add(struct buf *b, const double *x, size_t n, size_t max)
{
	static const char *const blocks[LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	size_t columns = n < max ? n : max;
	double least = HUGE_VAL, most = -HUGE_VAL;

	for (size_t i = 0; i < columns; i++) {
		double value = value_at(x, n, i, columns);

		least = fmin(least, value);
		most = fmax(most, value);
	}
	if (!isfinite(least) || !isfinite(most))
		return;
	for (size_t i = 0; i < columns; i++) {
		double part = (value_at(x, n, i, columns) - least) / (most - least);
		size_t level = most > least ? (size_t)(part * (LEVELS - .5)) : LEVELS / 2 - 1;

		buf_puts(b, blocks[level < LEVELS ? level : LEVELS - 1]);
	}
}
