/* SPDX-License-Identifier: MIT */
/*
 * polygamma - the derivatives of the logarithm of the gamma function, for x > 0.
 *
 * By recurrence to where the asymptotic series have settled (Abramowitz and Stegun, 6.3.5, 6.3.18,
 * 6.4.6, 6.4.12 to 6.4.14): 13 digits or more.
 */
#pragma once

double digamma(double x);    /* the first */
double trigamma(double x);   /* the second; falls from inf to 0 */
double tetragamma(double x); /* the third */

/* The x with trigamma(x) = y, y > 0: Newton's method (Smyth 2004, appendix). */
double trigamma_inverse(double y);
