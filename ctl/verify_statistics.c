/* SPDX-License-Identifier: MIT */
/*
 * Textbook formulas, written from the definitions and not from the analyst's code: two programs
 * that make the same mistake prove nothing.
 */
#include <math.h>
#include <stdlib.h>

#include "ctl/verify_impl.h"

#define PAIRS_MAX    20000000u /* of a Hodges-Lehmann estimate: 160 MB */
#define EXACT_MAX    56        /* C(56, 28) is the last that a double holds exactly */
#define RANK_SUM_MAX (EXACT_MAX * (EXACT_MAX + 1))

static int by_size(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return (x > y) - (x < y);
}

/* With what each addition loses kept aside: sorted, the smallest are cancelled by the largest. */
static long double total(const double *x, size_t n)
{
	long double sum = 0, lost = 0;

	for (size_t i = 0; i < n; i++) {
		long double one = (long double)x[i], next = sum + one;

		lost += fabsl(sum) < fabsl(one) ? (one - next) + sum : (sum - next) + one;
		sum = next;
	}
	return sum + lost;
}

/* R type 7 over sorted numbers. */
static double quantile(const double *x, size_t n, double p)
{
	double at = (double)(n - 1) * p, low = floor(at);
	size_t i = (size_t)low;

	if (i + 1 >= n)
		return x[n - 1];
	if (isfinite(x[i + 1] - x[i]))
		return x[i] + (at - low) * (x[i + 1] - x[i]);
	return x[i] * (1 - (at - low)) + x[i + 1] * (at - low); /* too far apart for a double */
}

static double stdev(const double *x, size_t n)
{
	long double mean = total(x, n) / (long double)n, sum = 0;

	if (n < 2)
		return NO_NUMBER;
	for (size_t i = 0; i < n; i++)
		sum += ((long double)x[i] - mean) * ((long double)x[i] - mean);
	return (double)sqrtl(sum / (long double)(n - 1));
}

void verify_sort(double *x, size_t n)
{
	qsort(x, n, sizeof *x, by_size);
}

static double mad(const double *x, size_t n)
{
	CLEANUP(freep) double *apart = calloc(n, sizeof *apart);
	double middle = quantile(x, n, 0.5);

	if (!apart)
		return NO_NUMBER;
	for (size_t i = 0; i < n; i++)
		apart[i] = fabs(x[i] - middle);
	verify_sort(apart, n);
	return quantile(apart, n, 0.5);
}

bool verify_statistic_of_cells(enum statistic s)
{
	return s <= STAT_MAD;
}

double verify_statistic(enum statistic s, const double *x, size_t n)
{
	double mean;

	if (s == STAT_COUNT)
		return (double)n;
	if (n == 0)
		return NO_NUMBER;
	mean = (double)(total(x, n) / (long double)n);
	if (s == STAT_VALUE)
		return n == 1 ? x[0] : NO_NUMBER;
	if (s == STAT_SUM)
		return (double)total(x, n);
	if (s == STAT_MIN || s == STAT_MAX)
		return s == STAT_MIN ? x[0] : x[n - 1];
	if (s == STAT_MEAN)
		return mean;
	if (s == STAT_STDEV || s == STAT_CV)
		return stdev(x, n) / (s == STAT_CV ? fabs(mean) : 1);
	if (s == STAT_MAD)
		return mad(x, n);
	return s == STAT_MEDIAN ? quantile(x, n, 0.5)
	       : s == STAT_P90  ? quantile(x, n, 0.9)
	       : s == STAT_P95  ? quantile(x, n, 0.95)
	       : s == STAT_P99  ? quantile(x, n, 0.99)
	                        : NO_NUMBER;
}

/* --- two samples ---------------------------------------------------------- */

/* Median of this - reference over all pairs, or of this / reference. */
static double hodges_lehmann(const double *x, size_t nx, const double *y, size_t ny, bool ratio,
                             bool *known)
{
	CLEANUP(freep) double *pairs = NULL;
	size_t n = 0;

	*known = ny <= PAIRS_MAX / nx && (pairs = calloc(nx * ny, sizeof *pairs));
	if (!*known)
		return NO_NUMBER;
	for (size_t i = 0; i < nx; i++) {
		for (size_t j = 0; j < ny; j++)
			pairs[n++] = ratio ? x[i] / y[j] : x[i] - y[j];
	}
	qsort(pairs, n, sizeof *pairs, by_size);
	if (ratio && n % 2 == 0) /* of an even number of ratios: the geometric mean of the two */
		return sqrt(pairs[n / 2 - 1] * pairs[n / 2]);
	return quantile(pairs, n, 0.5);
}

/* P(x > y) + P(tie) / 2 over sorted samples. */
static double cles(const double *x, size_t nx, const double *y, size_t ny)
{
	long double sum = 0;
	size_t below = 0, upto = 0;

	for (size_t i = 0; i < nx; i++) {
		while (below < ny && y[below] < x[i])
			below++;
		while (upto < ny && y[upto] <= x[i])
			upto++;
		sum += (long double)below + (long double)(upto - below) / 2;
	}
	return (double)(sum / (long double)nx / (long double)ny);
}

struct ties {
	size_t start[EXACT_MAX + 1],
		n; /* group i is [start[i], start[i + 1]) of the pooled sample */
};

static double binomial(size_t n, size_t k)
{
	double c = 1;

	for (size_t i = 1; i <= k; i++)
		c = c * (double)(n - k + i) / (double)i;
	return round(c);
}

/*
 * Of all ways to choose nx of the pooled values, the share whose rank sum lies as far from the
 * middle as the one seen. Ranks are doubled so that those of ties are whole.
 */
static double exact_p(const struct ties *t, size_t nx, size_t pooled, size_t seen)
{
	static const size_t width = RANK_SUM_MAX + 1;
	CLEANUP(freep) double *ways = calloc((nx + 1) * width, sizeof *ways);
	size_t middle = nx * (pooled + 1), far = seen > middle ? seen - middle : middle - seen;
	double all = 0, hit = 0;

	if (!ways)
		return NO_NUMBER;
	ways[0] = 1;
	for (size_t g = 0; g < t->n; g++) {
		size_t size = t->start[g + 1] - t->start[g];
		size_t rank2 = t->start[g] + 1 + t->start[g + 1];

		for (size_t k = nx; k > 0; k--) { /* downwards: a group is used once */
			for (size_t m = 1; m <= size && m <= k; m++) {
				for (size_t s = m * rank2; s < width; s++)
					ways[k * width + s] +=
						binomial(size, m) *
						ways[(k - m) * width + s - m * rank2];
			}
		}
	}
	for (size_t s = 0; s < width; s++) {
		all += ways[nx * width + s];
		hit += (s > middle ? s - middle : middle - s) >= far ? ways[nx * width + s] : 0;
	}
	return hit / all;
}

/* Normal approximation with ties and continuity, where counting is out of reach. */
static double normal_p(double u, double nx, double ny, double ties)
{
	double n = nx + ny;
	double sd = sqrt(nx * ny / 12 * (n + 1 - ties / (n * (n - 1))));
	double z = fabs(u - nx * ny / 2) - 0.5;

	return sd > 0 ? erfc((z > 0 ? z : 0) / sd / sqrt(2.0)) : 1;
}

static double mann_whitney(const double *x, size_t nx, const double *y, size_t ny)
{
	struct ties t = {.n = 0};
	size_t i = 0, j = 0, seen = 0;
	double u = cles(x, nx, y, ny) * (double)nx * (double)ny, tied = 0, p;

	while (i < nx || j < ny) {
		double least = i < nx && (j >= ny || x[i] <= y[j]) ? x[i] : y[j];
		size_t from = i + j, mine = i, size;

		while (i < nx && x[i] <= least)
			i++;
		while (j < ny && y[j] <= least)
			j++;
		size = i + j - from;
		tied += (double)size * (double)size * (double)size - (double)size;
		seen += (i - mine) * (from + 1 + i + j);
		if (nx + ny <= EXACT_MAX) {
			t.start[t.n++] = from;
			t.start[t.n] = i + j;
		}
	}
	if (nx + ny > EXACT_MAX)
		return normal_p(u, (double)nx, (double)ny, tied);
	p = exact_p(&t, nx, nx + ny, seen);
	return p > 1 ? 1 : p;
}

double verify_two_samples(enum statistic s, double *x, size_t nx, double *y, size_t ny, bool *known)
{
	*known = s == STAT_HODGES_LEHMANN || s == STAT_HODGES_LEHMANN_RATIO ||
	         s == STAT_MANN_WHITNEY_P || s == STAT_CLES;
	if (!*known || nx == 0 || ny == 0)
		return NO_NUMBER;
	qsort(x, nx, sizeof *x, by_size);
	qsort(y, ny, sizeof *y, by_size);
	if (s == STAT_CLES)
		return cles(x, nx, y, ny);
	if (s == STAT_MANN_WHITNEY_P)
		return mann_whitney(x, nx, y, ny);
	return hodges_lehmann(x, nx, y, ny, s == STAT_HODGES_LEHMANN_RATIO, known);
}

/* --- ratios ------------------------------------------------------------------ */

bool verify_statistic_of_ratios(enum statistic s)
{
	return s == STAT_GEOMEAN_RATIO || s == STAT_SIGN_P;
}

/* Fair coins that fall as unevenly as these, or more: the terms of (1/2 + 1/2)^n one by one. */
static double sign_test(size_t up, size_t down)
{
	size_t n = up + down, fewer = up < down ? up : down;
	long double term = powl(0.5L, (long double)n), tail = term;

	for (size_t i = 1; i <= fewer; i++) {
		term *= (long double)(n - i + 1) / (long double)i;
		tail += term;
	}
	return 2 * tail < 1 ? (double)(2 * tail) : 1;
}

double verify_ratios(enum statistic s, const double *x, size_t n)
{
	long double logs = 0;
	size_t up = 0, down = 0;

	for (size_t i = 0; i < n; i++) {
		if (!(x[i] > 0))
			return NO_NUMBER;
		logs += logl((long double)x[i]);
		up += x[i] > 1;
		down += x[i] < 1;
	}
	if (n == 0)
		return NO_NUMBER;
	return s == STAT_SIGN_P ? sign_test(up, down) : (double)expl(logs / (long double)n);
}
