/* SPDX-License-Identifier: MIT */
#include "agents/analyst/autocorrelation.h"

#include <math.h>

#include "agents/analyst/statistics.h"

#define SIGMAS 3
#define NORMAL 1.4826 /* turns a median absolute deviation into a standard deviation */

/* Where more than half of the points lie on their median, the mean deviation has to do. */
static double spread_of(const double *residual, size_t n, double *scratch)
{
	double mad = mad_of(residual, n, 0, scratch);

	return mad > 0 ? NORMAL * mad : sqrt(M_PI_2) * mean_of(scratch, n);
}

double autocorrelation_of(double *residual, size_t n, const size_t *start, size_t n_starts,
                          double *scratch)
{
	double limit = SIGMAS * spread_of(residual, n, scratch), products = 0, squares = 0, r;

	if (!(limit > 0))
		return 0;
	for (size_t i = 0, next = 0; i < n; i++) {
		double e = residual[i] = fmax(fmin(residual[i], limit), -limit) / limit;

		if (next < n_starts && i == start[next])
			next++;
		else if (i > 0)
			products += e * residual[i - 1];
		squares += e * e;
	}
	r = products / squares;
	r = fmin(r + (1 + 3 * r) / (double)n, AUTOCORRELATION_MOST);
	return r > AUTOCORRELATION_LEAST ? r : 0;
}
