/* SPDX-License-Identifier: MIT */
#include "agents/analyst/statistics.h"

#include <math.h>
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

double quantile(const double *sorted, size_t n, double q)
{
	double h = (double)(n - 1) * q;
	size_t low = (size_t)h;

	if (low + 1 >= n)
		return sorted[n - 1];
	return sorted[low] + (h - (double)low) * (sorted[low + 1] - sorted[low]);
}

/*
 * Neumaier's compensated sum (ZAMM 54, 1974): what rounding takes from each addition is kept
 * beside. In double, not long double, so that every machine computes the same.
 */
static double sum_of(const double *x, size_t n, double less)
{
	double sum = 0, lost = 0;

	for (size_t i = 0; i < n; i++) {
		double value = x[i] - less, next = sum + value;

		lost += fabs(sum) >= fabs(value) ? (sum - next) + value : (value - next) + sum;
		sum = next;
	}
	return isfinite(sum) ? sum + lost : sum; /* an overflow has no remainder */
}

double mean_of(const double *x, size_t n)
{
	return sum_of(x, n, 0) / (double)n;
}

/* The power of two that brings the largest deviation near 1: squares of 1e-300 would be nothing. */
static int scale_of(const double *x, size_t n, double mean)
{
	double most = 0;
	int exponent = 0;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, fabs(x[i] - mean));
	if (isfinite(most))
		(void)frexp(most, &exponent);
	return -exponent;
}

/* Two passes; the second term takes back what the rounded mean is off. */
double stdev_of(const double *x, size_t n)
{
	double mean = mean_of(x, n), off, sum = 0;
	int scale = scale_of(x, n, mean);

	if (n < 2)
		return NO_NUMBER;
	for (size_t i = 0; i < n; i++) {
		double away = ldexp(x[i] - mean, scale);

		sum += away * away;
	}
	off = ldexp(sum_of(x, n, mean), scale);
	if (!isfinite(sum) || !isfinite(off))
		return NO_NUMBER;
	return ldexp(sqrt(fmax(0, sum - off * off / (double)n) / (double)(n - 1)), -scale);
}

double mad_of(const double *x, size_t n, double center, double *scratch)
{
	for (size_t i = 0; i < n; i++)
		scratch[i] = fabs(x[i] - center);
	numbers_sort(scratch, n);
	return quantile(scratch, n, .5);
}

struct summary summary_of(const double *x, double *sorted, size_t n)
{
	struct summary s = {.n = n};

	numbers_sort(sorted, n);
	s.min = sorted[0];
	s.max = sorted[n - 1];
	s.median = quantile(sorted, n, .5);
	s.p95 = quantile(sorted, n, .95);
	s.mean = mean_of(x, n);
	s.stdev = stdev_of(x, n);
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

double student_t_quantile(double p, double df)
{
	double two_sided = 2 * (1 - p), low = 0, high = 1;

	while (incomplete_beta(df / 2, .5, df / (df + high * high)) > two_sided && high < 1e12)
		high *= 2;
	for (int i = 0; i < BISECTIONS && high - low > 1e-15 * high; i++) {
		double mid = low + (high - low) / 2;

		if (incomplete_beta(df / 2, .5, df / (df + mid * mid)) > two_sided)
			low = mid;
		else
			high = mid;
	}
	return low + (high - low) / 2;
}
