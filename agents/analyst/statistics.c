/* SPDX-License-Identifier: MIT */
#include "agents/analyst/statistics.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define BETA_STEPS   300   /* Lentz converges in a few dozen for the degrees of freedom met here */
#define BETA_EPSILON 1e-16 /* relative change at which the fraction has settled */
#define BETA_TINY    1e-300
#define BISECTIONS   200 /* halves the bracket past the last bit of a double */

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void numbers_sort(double *x, size_t n)
{
	qsort(x, n, sizeof *x, compare);
}

/*
 * Hoare's selection with a partition that does not branch on the data (Lomuto's). The pivot is the
 * median of three; after so many rounds somebody has arranged the numbers against that, and they
 * are sorted.
 */
#define ROUNDS_MAX 64

static double median_of_three(double a, double b, double c)
{
	return a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
}

/* Those below the pivot first; how many they are. */
static size_t partition(double *x, size_t n, double pivot, bool or_equal)
{
	size_t below = 0;

	for (size_t i = 0; i < n; i++) {
		double value = x[i];
		bool first = or_equal ? value <= pivot : value < pivot;

		x[i] = x[below];
		x[below] = value;
		below += first;
	}
	return below;
}

double numbers_select(double *x, size_t n, size_t k)
{
	size_t from = 0, to = n;

	for (int round = 0; to - from > 1; round++) {
		double pivot = median_of_three(x[from], x[from + (to - from) / 2], x[to - 1]);
		size_t below = from + partition(x + from, to - from, pivot, false);
		size_t beyond;

		if (round == ROUNDS_MAX) {
			numbers_sort(x + from, to - from);
			break;
		}
		if (k < below) {
			to = below;
			continue;
		}
		beyond = below + partition(x + below, to - below, pivot, true);
		if (k < beyond)
			break;
		from = beyond;
	}
	return x[k];
}

/*
 * Of many numbers a sample tells between which two the k-th smallest and the next one lie (Floyd
 * and Rivest's idea): one pass, and what is left to select from is a tenth.
 */
#define SAMPLE      1024
#define SAMPLE_MANY (16 * SAMPLE) /* numbers; below, a sample costs more than it saves */
#define SAMPLE_OFF  64            /* four standard deviations of a rank in the sample, at least */

struct bracket {
	double low, high;
};

static struct bracket bracket_of(const double *x, size_t n, size_t k)
{
	double sample[SAMPLE];
	size_t middle = (size_t)((double)k / (double)n * SAMPLE);
	struct bracket ret = {-HUGE_VAL, HUGE_VAL};

	for (size_t i = 0; i < SAMPLE; i++)
		sample[i] = x[n / SAMPLE * i];
	if (middle >= SAMPLE_OFF)
		ret.low = numbers_select(sample, SAMPLE, middle - SAMPLE_OFF);
	if (middle + SAMPLE_OFF < SAMPLE)
		ret.high = numbers_select(sample, SAMPLE, middle + SAMPLE_OFF);
	return ret;
}

/* Those in the bracket first; how many they are, and how many are below it. */
static size_t numbers_within(double *x, size_t n, struct bracket b, size_t *ret_below)
{
	size_t within = 0, below = 0;

	for (size_t i = 0; i < n; i++) {
		double value = x[i];

		below += value < b.low;
		x[i] = x[within];
		x[within] = value;
		within += (value >= b.low) & (value <= b.high);
	}
	*ret_below = below;
	return within;
}

/* Two numbers may be farther apart than the largest one is from zero. */
static double between(double low, double next, double part)
{
	double step = next - low;

	return isfinite(step) ? low + part * step : low * (1 - part) + next * part;
}

double numbers_quantile(double *x, size_t n, double q)
{
	double h = (double)(n - 1) * q, low, next;
	size_t k = (size_t)h, below = 0, within = n;

	if (n >= SAMPLE_MANY)
		within = numbers_within(x, n, bracket_of(x, n, k), &below);
	if (k < below || k + 1 >= below + within) { /* no luck, or the largest of all */
		within = n;
		below = 0;
	}
	low = numbers_select(x, within, k - below);
	if (k + 1 >= n)
		return low;
	next = x[k - below + 1];
	for (size_t i = k - below + 2; i < within; i++)
		next = x[i] < next ? x[i] : next;
	return between(low, next, h - (double)k);
}

double quantile(const double *sorted, size_t n, double q)
{
	double h = (double)(n - 1) * q;
	size_t low = (size_t)h;

	if (low + 1 >= n)
		return sorted[n - 1];
	return between(sorted[low], sorted[low + 1], h - (double)low);
}

/*
 * Neumaier's compensated sum (ZAMM 54, 1974): what rounding takes from each addition is kept
 * beside. In double, not long double, so that every machine computes the same.
 */
struct sum {
	double all, lost;
};

static inline void sum_add(struct sum *s, double value)
{
	double next = s->all + value;

	s->lost += fabs(s->all) >= fabs(value) ? (s->all - next) + value : (value - next) + s->all;
	s->all = next;
}

static double sum_value(const struct sum *s)
{
	return isfinite(s->all) ? s->all + s->lost : s->all; /* an overflow has no remainder */
}

double mean_of(const double *x, size_t n)
{
	struct sum sum = {0};

	for (size_t i = 0; i < n; i++)
		sum_add(&sum, x[i]);
	return sum_value(&sum) / (double)n;
}

/* The power of two that brings the largest deviation near 1: squares of 1e-300 would be nothing. */
static int scale_of(double min, double max, double mean)
{
	double most = fmax(max - mean, mean - min);
	int exponent = 0;

	if (isfinite(most))
		(void)frexp(most, &exponent);
	return -exponent;
}

/* ldexp(), where the factor is a number by a multiplication, which is as exact. */
static inline double scaled(double x, int scale, double factor)
{
	return isnormal(factor) ? x * factor : ldexp(x, scale);
}

/* Two passes; the second term takes back what the rounded mean is off. */
static double stdev_about(const double *x, size_t n, double mean, double min, double max)
{
	double off, squares = 0;
	struct sum rest = {0};
	int scale = scale_of(min, max, mean);
	double factor = ldexp(1, scale);

	if (n < 2)
		return NO_NUMBER;
	for (size_t i = 0; i < n; i++) {
		double away = scaled(x[i] - mean, scale, factor);

		squares += away * away;
		sum_add(&rest, x[i] - mean);
	}
	off = ldexp(sum_value(&rest), scale);
	if (!isfinite(squares) || !isfinite(off))
		return NO_NUMBER;
	return ldexp(sqrt(fmax(0, squares - off * off / (double)n) / (double)(n - 1)), -scale);
}

static void find_range(const double *x, size_t n, double *min, double *max)
{
	*min = *max = x[0];
	for (size_t i = 1; i < n; i++) {
		*min = x[i] < *min ? x[i] : *min;
		*max = x[i] > *max ? x[i] : *max;
	}
}

double stdev_of(const double *x, size_t n)
{
	double min, max;

	find_range(x, n, &min, &max);
	return stdev_about(x, n, mean_of(x, n), min, max);
}

double mad_of(const double *x, size_t n, double center, double *scratch)
{
	for (size_t i = 0; i < n; i++)
		scratch[i] = fabs(x[i] - center);
	numbers_sort(scratch, n);
	return quantile(scratch, n, .5);
}

struct summary summary_of(double *x, size_t n)
{
	struct summary s = {.n = n};

	find_range(x, n, &s.min, &s.max);
	s.mean = mean_of(x, n);
	s.stdev = stdev_about(x, n, s.mean, s.min, s.max);
	s.p95 = numbers_quantile(x, n, .95); /* it puts them in another order: sums come first */
	s.median = numbers_quantile(x, n, .5);
	s.cv = s.mean < 0 || s.mean > 0 ? s.stdev / fabs(s.mean) : NO_NUMBER;
	return s;
}

static double away_from_zero(double v)
{
	return fabs(v) < BETA_TINY ? BETA_TINY : v;
}

/* The continued fraction of the incomplete beta function, evaluated by Lentz's method. */
static double beta_fraction(double a, double b, double x)
{
	double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), f = d;

	for (int m = 1; m <= BETA_STEPS; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));

		d = 1 / away_from_zero(1 + even * d);
		c = away_from_zero(1 + even / c);
		f *= d * c;
		d = 1 / away_from_zero(1 + odd * d);
		c = away_from_zero(1 + odd / c);
		f *= d * c;
		if (fabs(d * c - 1) < BETA_EPSILON)
			break;
	}
	return f;
}

/* lgamma() proper writes the global signgam; ours must not. */
static double log_gamma(double x)
{
	int sign;

	return lgamma_r(x, &sign);
}

double incomplete_beta(double a, double b, double x)
{
	double front;

	if (x <= 0 || x >= 1)
		return x <= 0 ? 0 : 1;
	front = exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) + b * log1p(-x));
	if (x < (a + 1) / (a + b + 2)) /* where the fraction converges fast */
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double student_t_p(double t, double df)
{
	return isinf(df) ? erfc(fabs(t) / M_SQRT2) : incomplete_beta(df / 2, .5, df / (df + t * t));
}

double student_t_quantile(double p, double df)
{
	double two_sided = 2 * (1 - p), low = 0, high = 1;

	while (student_t_p(high, df) > two_sided && high < 1e12)
		high *= 2;
	for (int i = 0; i < BISECTIONS && high - low > 1e-15 * high; i++) {
		double mid = low + (high - low) / 2;

		if (student_t_p(mid, df) > two_sided)
			low = mid;
		else
			high = mid;
	}
	return low + (high - low) / 2;
}
