/* SPDX-License-Identifier: MIT */
#include "agents/analyst/signs.h"

#include "agents/analyst/statistics.h"

/* The binomial distribution as an incomplete beta function: P(X <= k) = I(1/2; n - k, k + 1). */
double sign_test(size_t up, size_t down)
{
	size_t n = up + down, fewer = up < down ? up : down;
	double tail;

	if (2 * fewer >= n) /* an even split, or none at all */
		return 1;
	tail = incomplete_beta((double)(n - fewer), (double)fewer + 1, .5);
	return fmin(1, 2 * tail);
}
