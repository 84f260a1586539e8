/* SPDX-License-Identifier: MIT */
/*
 * statistics - the definitions behind `statistic` in report.json, over finite numbers.
 *
 * Nothing here allocates or fails. What overflows comes out as inf or NAN: the caller drops it.
 */
#pragma once

#include <math.h>
#include <stddef.h>

#define NO_NUMBER ((double)NAN) /* the macro of the C library is a float */

struct summary {
	size_t n;
	double min, max, mean, median, p95;
	double stdev; /* n - 1; NAN below two numbers */
	double cv;    /* stdev / |mean|; NAN where the mean is 0 */
};

/* Of n >= 1 numbers, which come out in another order. */
struct summary summary_of(double *x, size_t n);

void numbers_sort(double *x, size_t n);
/* The k-th smallest from 0, k < n: none before x[k] is larger then, none behind it smaller. */
double numbers_select(double *x, size_t n, size_t k);

/* A quantile of n >= 1 numbers in any order, which come out in another. */
double numbers_quantile(double *x, size_t n, double q);

/* Linear interpolation, R type 7; n >= 1. */
double quantile(const double *sorted, size_t n, double q);

double mean_of(const double *x, size_t n);
double stdev_of(const double *x, size_t n);

/* Median absolute deviation about `center`, unscaled. `scratch` holds n numbers. */
double mad_of(const double *x, size_t n, double center, double *scratch);

/* Regularised incomplete beta function, for a, b > 0 and x in [0, 1]. */
double incomplete_beta(double a, double b, double x);

/* P(|T| >= |t|) for df > 0; infinite df: the normal distribution. */
double student_t_p(double t, double df);

/* The t with P(T <= t) = p, for p in (0.5, 1) and df >= 1. */
double student_t_quantile(double p, double df);
