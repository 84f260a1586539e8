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

size_t sparkline_at(size_t i, size_t n, size_t max)
{
	size_t columns = n < max ? n : max;

	return columns ? ((i + 1) * columns - 1) / n : 0;
}

size_t sparkline_add(struct buf *b, const double *x, size_t n, size_t max, bool ascii)
{
	static const char *const blocks[LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char letters[] = "_.-:=+*#";
	size_t columns = n < max ? n : max;
	double least = HUGE_VAL, most = -HUGE_VAL;

	for (size_t i = 0; i < columns; i++) {
		double value = value_at(x, n, i, columns);

		least = fmin(least, value);
		most = fmax(most, value);
	}
	if (!isfinite(least) || !isfinite(most))
		return 0;
	for (size_t i = 0; i < columns; i++) {
		double part = (value_at(x, n, i, columns) - least) / (most - least);
		size_t level = most > least ? (size_t)(part * (LEVELS - .5)) : LEVELS / 2 - 1;

		level = level < LEVELS ? level : LEVELS - 1;
		if (ascii)
			buf_putc(b, letters[level]);
		else
			buf_puts(b, blocks[level]);
	}
	return columns;
}
