/* SPDX-License-Identifier: MIT */
/*
 * two_sample - is one sample larger than another, by how much, and how sure is that?
 *
 * Whether: the Mann-Whitney test, exact also with ties (the distribution of the rank sum given the
 * pooled values) while it can be counted, else by its normal approximation with the correction for
 * ties and continuity (Hollander and Wolfe, Nonparametric Statistical Methods, chapter 4). By how
 * much: Hodges and Lehmann's estimate, the median over all pairs, with the interval that the test
 * implies (Hodges and Lehmann 1963; Moses). Nothing is drawn at random; the same numbers give the
 * same answer.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/util.h"

#define TWO_SAMPLE_ALPHA 0.05
#define TWO_SAMPLE_SURE  0.8 /* share of pairs in which the one is larger, for "changed" */

struct two_sample {
	size_t n1, n2; /* of base and new */
	double median1, median2;
	double p;       /* two-sided */
	double p_least; /* the smallest that such sizes and ties can give */
	double cles;    /* share of pairs in which new is larger, ties half */
	/* A ratio new / base where all numbers are positive; else 1 + (new - base) / |median1|. */
	double ratio, low, high;
	double confidence; /* of the interval; 0: so few numbers have none */
};

/* Of finite numbers, n1 and n2 >= 1; both are sorted. -ENOMEM. */
int two_sample_compare(struct two_sample *ret, double *base, size_t n1, double *new,
                       size_t n2) MUST_USE;
/* The same without the ratio, which takes as long as the interval: it is NAN. */
int two_sample_test(struct two_sample *ret, double *base, size_t n1, double *new,
                    size_t n2) MUST_USE;

enum two_sample_verdict {
	TWO_SAMPLE_CHANGED,
	TWO_SAMPLE_SIZE_UNCLEAR, /* it changed, perhaps by less than matters */
	TWO_SAMPLE_EQUAL,        /* within what matters */
	TWO_SAMPLE_UNDECIDED,
	TWO_SAMPLE_UNTESTABLE, /* too few numbers for any p below alpha */
};
const char *two_sample_verdict_name(enum two_sample_verdict v); /* "size_unclear" */

/* p_adjusted: p, corrected for how many were tested. min_effect: 0.02 for 2 %. */
enum two_sample_verdict two_sample_judge(const struct two_sample *t, double p_adjusted,
                                         double min_effect);

/*
 * p values of many tests, adjusted in place: Benjamini and Hochberg (1995) bounds the share of
 * false alarms, Holm (1979) the chance of any. -ENOMEM.
 */
int adjust_bh(double *p, size_t n) MUST_USE;
int adjust_holm(double *p, size_t n) MUST_USE;
