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

/* Numbers of which those in a bracket are put first, one after the other. */
struct sieve {
	double *x;
	struct bracket bracket;
	size_t within, below; /* so far */
};

static inline void sieve_take(struct sieve *s, size_t i)
{
	double value = s->x[i];

	s->below += value < s->bracket.low;
	s->x[i] = s->x[s->within];
	s->x[s->within] = value;
	s->within += (value >= s->bracket.low) & (value <= s->bracket.high);
}

/* Two numbers may be farther apart than the largest one is from zero. */
static double between(double low, double next, double part)
{
	double step = next - low;

	return isfinite(step) ? low + part * step : low * (1 - part) + next * part;
}

static size_t rank_of(size_t n, double q)
{
	return (size_t)((double)(n - 1) * q);
}

static struct sieve sieve_for(double *x, size_t n, double q)
{
	struct bracket all = {-HUGE_VAL, HUGE_VAL};

	return (struct sieve){x, n < SAMPLE_MANY ? all : bracket_of(x, n, rank_of(n, q)), 0, 0};
}

/* Where x went through a sieve for that rank. */
static double sieved_quantile(const struct sieve *s, size_t n, double q)
{
	size_t k = rank_of(n, q), below = s->below, within = s->within;
	double *x = s->x, low, next;

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
	return between(low, next, (double)(n - 1) * q - (double)k);
}

double numbers_quantile(double *x, size_t n, double q)
{
	struct sieve s = sieve_for(x, n, q);

	for (size_t i = 0; i < n; i++)
		sieve_take(&s, i);
	return sieved_quantile(&s, n, q);
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

static inline void take_range(double value, double *min, double *max)
{
	*min = value < *min ? value : *min;
	*max = value > *max ? value : *max;
}

/* One pass: what adding waits for leaves time to compare. */
static double mean_and_range(const double *x, size_t n, double *ret_min, double *ret_max)
{
	double min = x[0], max = x[0];
	struct sum sum = {0};

	for (size_t i = 0; i < n; i++) {
		sum_add(&sum, x[i]);
		take_range(x[i], &min, &max);
	}
	*ret_min = min;
	*ret_max = max;
	return sum_value(&sum) / (double)n;
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

/* Two passes with that for the mean; the second term takes back what the rounded mean is off. */
struct deviations {
	double mean, factor, squares;
	int scale;
	struct sum rest;
};

static struct deviations deviations_from(double mean, double min, double max)
{
	int scale = scale_of(min, max, mean);

	return (struct deviations){.mean = mean, .scale = scale, .factor = ldexp(1, scale)};
}

static inline void deviations_add(struct deviations *d, double value)
{
	double away = scaled(value - d->mean, d->scale, d->factor);

	d->squares += away * away;
	sum_add(&d->rest, value - d->mean);
}

static double deviations_stdev(const struct deviations *d, size_t n)
{
	double off = ldexp(sum_value(&d->rest), d->scale);

	if (n < 2 || !isfinite(d->squares) || !isfinite(off))
		return NO_NUMBER;
	return ldexp(sqrt(fmax(0, d->squares - off * off / (double)n) / (double)(n - 1)),
	             -d->scale);
}

double stdev_of(const double *x, size_t n)
{
	double min, max, mean = mean_and_range(x, n, &min, &max);
	struct deviations d = deviations_from(mean, min, max);

	for (size_t i = 0; i < n; i++)
		deviations_add(&d, x[i]);
	return deviations_stdev(&d, n);
}

double mad_of(const double *x, size_t n, double center, double *scratch)
{
	for (size_t i = 0; i < n; i++)
		scratch[i] = fabs(x[i] - center);
	numbers_sort(scratch, n);
	return quantile(scratch, n, .5);
}

/* The last pass that needs the numbers in their order is the first that changes it. */
struct summary summary_of(double *x, size_t n)
{
	struct sieve sieve = sieve_for(x, n, .95);
	struct summary s = {.n = n};
	struct deviations d;

	s.mean = mean_and_range(x, n, &s.min, &s.max);
	d = deviations_from(s.mean, s.min, s.max);
	for (size_t i = 0; i < n; i++) {
		deviations_add(&d, x[i]);
		sieve_take(&sieve, i);
	}
	s.stdev = deviations_stdev(&d, n);
	s.p95 = sieved_quantile(&sieve, n, .95);
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
