/* SPDX-License-Identifier: MIT */
#include "lib/evidence/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DECIMALS  12
#define LARGEST       1e15 /* beyond it a double has no room for a fraction, nor a table for it */
#define LEAST         1e-9
#define LEAST_P       0.001
#define MORE_DECIMALS 2 /* that a column may have for the sake of its smallest number */

static double magnitude_of(double x)
{
	return x == 0.0 ? 0.0 : floor(log10(fabs(x)));
}

static int decimals_for(double x, int significant)
{
	double d = significant - 1 - magnitude_of(x);

	return d < 0 ? 0 : d > MAX_DECIMALS ? MAX_DECIMALS : (int)d;
}

static int wanted_decimals(double x, enum number_kind kind)
{
	double size = fabs(x);

	if (kind == NUMBER_P)
		return decimals_for(x, 2);
	if (kind == NUMBER_PERCENT)
		return size >= 100 ? 0 : size >= 1 ? 1 : decimals_for(x, 2);
	if (kind == NUMBER_GIVEN)
		return MAX_DECIMALS;
	if (size >= 1000)
		return 0;
	return size >= 100 ? 1 : size >= 1 ? 2 : decimals_for(x, 3);
}

/* x rounded to `decimals`, and whether anybody could have rounded it otherwise. */
static bool rounds_clearly(double x, int decimals, char *text, size_t size)
{
	double unit = pow(10, -decimals), printed, off;

	(void)snprintf(text, size, "%.*f", decimals, x);
	printed = strtod(text, NULL);
	off = fabs(x - printed) / unit;
	/* The product with a scale, or the reader's own arithmetic, is off by a few units of the
	 * last place of a double. */
	return off == 0.0 || off < 0.5 - 1e-9 - fabs(x) / unit * 1e-15;
}

static bool is_exact(double x, int decimals)
{
	char text[NUMBER_TEXT_BYTES];

	(void)snprintf(text, sizeof text, "%.*f", decimals, x);
	return strtod(text, NULL) == x;
}

static void with_commas(char *ret, size_t size, const char *plain)
{
	size_t sign = plain[0] == '-', whole = strcspn(plain + sign, "."), at = 0;

	for (size_t i = 0; plain[i] && at + 2 < size; i++) {
		size_t left = sign + whole - i; /* digits before the point from here on */

		if (i > sign && i < sign + whole && left % 3 == 0)
			ret[at++] = ',';
		ret[at++] = plain[i];
	}
	ret[at] = '\0';
}

static bool beyond(struct number *ret, double x, enum number_kind kind)
{
	double size = fabs(x), least = kind == NUMBER_P ? LEAST_P : LEAST;
	const char *text;

	if (size <= LARGEST && (size >= least || x == 0.0) && !isnan(x))
		return false;
	text = size > LARGEST     ? "1,000,000,000,000,000"
	       : kind == NUMBER_P ? "0.001"
	                          : "0.000000001";
	(void)snprintf(ret->text, sizeof ret->text, "%s%s", x < 0 ? "-" : "", text);
	ret->bound = (size > LARGEST) == (x > 0) ? '>' : '<';
	return true;
}

static void print_clearly(struct number *ret, double x, int decimals)
{
	char plain[NUMBER_TEXT_BYTES] = "";

	while (!rounds_clearly(x, decimals, plain, sizeof plain) && decimals < MAX_DECIMALS)
		decimals++;
	with_commas(ret->text, sizeof ret->text, plain);
}

void number_print_decimals(struct number *ret, double value, double scale, int decimals)
{
	double x = value * scale;

	*ret = (struct number){0};
	if (!beyond(ret, x, NUMBER_MEASURE))
		print_clearly(ret, x == 0.0 ? 0.0 : x, decimals);
}

int number_decimals(double largest, double smallest)
{
	int of_largest = decimals_for(largest, 4), of_smallest = decimals_for(smallest, 2);

	if (largest == 0.0)
		return 0;
	if (of_smallest > of_largest + MORE_DECIMALS)
		return NUMBER_ANY_DECIMALS;
	return of_largest > of_smallest ? of_largest : of_smallest;
}

bool number_is_exact(double value, double scale, int decimals)
{
	return is_exact(value * scale, decimals);
}

bool number_is_clear(double value, double scale, int decimals)
{
	char plain[NUMBER_TEXT_BYTES];

	return rounds_clearly(value * scale, decimals, plain, sizeof plain);
}

void number_print(struct number *ret, double value, double scale, enum number_kind kind)
{
	double x = value * scale;
	int decimals;

	*ret = (struct number){0};
	if (kind == NUMBER_P &&
	    x == 0.0) /* no probability is nothing: it was too small for a double */
		x = 1e-300;
	if (beyond(ret, x, kind))
		return;
	decimals = wanted_decimals(x, kind);
	for (int d = 0; d < decimals; d++)
		if (is_exact(x, d))
			decimals = d;
	print_clearly(ret, x == 0.0 ? 0.0 : x, decimals);
}

struct rung {
	const char *unit;
	double size;
};

static struct number_unit climb(const struct rung *rungs, size_t n, const char *unit, double value)
{
	size_t from = n;

	for (size_t i = 0; i < n; i++)
		if (strcmp(rungs[i].unit, unit) == 0)
			from = i;
	if (from == n)
		return (struct number_unit){unit, 1};
	value = fabs(value) * rungs[from].size;
	for (size_t i = n; i-- > 0;)
		if (value >= rungs[i].size || i == 0)
			return (struct number_unit){rungs[i].unit,
			                            rungs[from].size / rungs[i].size};
	return (struct number_unit){unit, 1};
}

struct number_unit number_unit_for(const char *unit, double magnitude)
{
	static const struct rung times[] = {{"ns", 1}, {"\302\265s", 1e3}, {"ms", 1e6}, {"s", 1e9}};
	static const struct rung bytes[] = {{"B", 1}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}};
	double size = fabs(magnitude);

	if (!unit || size == 0.0 || !isfinite(size))
		return (struct number_unit){unit, 1};
	if (size >= 1 && size < 10000) /* it reads well as it was written */
		return (struct number_unit){unit, 1};
	if (strcmp(unit, "us") == 0)
		unit = times[1].unit;
	if (strcmp(unit, "bytes") == 0)
		unit = "B";
	if (strchr(unit, 'B'))
		return climb(bytes, sizeof bytes / sizeof *bytes, unit, size);
	return climb(times, sizeof times / sizeof *times, unit, size);
}

enum number_kind number_kind_of(const struct fact *f)
{
	switch (f->statistic) {
	case STAT_MANN_WHITNEY_P:
	case STAT_SIGN_P:
	case STAT_MANN_KENDALL_P:
	case STAT_MODERATED_T_P:
		return NUMBER_P;
	case STAT_CV:
	case STAT_DELTA_PCT:
		return NUMBER_PERCENT;
	case STAT_VALUE:
	case STAT_COUNT:
	case STAT_SUM:
	case STAT_MIN:
	case STAT_MAX:
	case STAT_MEAN:
	case STAT_MEDIAN:
	case STAT_P90:
	case STAT_P95:
	case STAT_P99:
	case STAT_STDEV:
	case STAT_MAD:
	case STAT_DELTA:
	case STAT_RATIO:
	case STAT_RANK:
	case STAT_HODGES_LEHMANN:
	case STAT_HODGES_LEHMANN_RATIO:
	case STAT_CLES:
	case STAT_GEOMEAN_RATIO:
	case STAT_THEIL_SEN:
	case STAT_COMMON_SHIFT:
		break;
	}
	return f->unit && strcmp(f->unit, "%") == 0 ? NUMBER_PERCENT : NUMBER_MEASURE;
}
