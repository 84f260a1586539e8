/* SPDX-License-Identifier: MIT */
/*
 * autocorrelation - how much does a point of a series tell of the next one?
 *
 * Tests that take points for independent see changes where noise only lingers. The lag-1
 * autocorrelation of residuals here is robust (residuals are clipped at 3 standard deviations, by
 * 1.4826 MAD), corrected for its bias, r + (1 + 3 r) / n (Kendall 1954; Marriott and Pope 1954),
 * and kept between 0 and .8.
 */
#pragma once

#include <stddef.h>

#define AUTOCORRELATION_MOST  .8
#define AUTOCORRELATION_LEAST .15 /* no more than this is taken for none */

/*
 * Of n >= 1 residuals, which come out clipped and scaled. `start` are the n_starts places,
 * ascending, where a segment begins: its first residual does not follow on the last one before.
 * `scratch` holds n.
 */
double autocorrelation_of(double *residual, size_t n, const size_t *start, size_t n_starts,
                          double *scratch);
