/* SPDX-License-Identifier: MIT */
#include "agents/analyst/run_shape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agents/analyst/statistics.h"

#define NORMAL         1.4826 /* a median absolute deviation as a standard deviation */
#define NORMAL_MEAN    1.2533 /* a mean absolute deviation as one, where the median of them is 0 */
#define LEAST_NOISE    .01    /* share: rounding makes runs look quieter than they are */
#define MODES_LEAST    12     /* repetitions; of fewer, noise has two modes too often */
#define MODES_SURE     20     /* from here a gap as wide as each mode will do, else twice that */
#define MODE_SHARE     .2
#define OUTLIERS_LEAST 8 /* repetitions */
#define OUTLIERS_SHARE .15
#define MOMENTS_KEPT   1e-3 /* share of the squares; what is left of less has no digits */

struct run {
	const double *x; /* as measured */
	double *y;       /* as they are compared, in order of time, then sorted */
	size_t n;
	double least; /* smallest standard deviation that is believed */
};

static double scale_of(const double *y, size_t n, double middle, double *scratch)
{
	double mad = mad_of(y, n, middle, scratch);

	return mad > 0 ? NORMAL * mad : NORMAL_MEAN * mean_of(scratch, n); /* of the deviations */
}

static double believed(const struct run *r, double stdev)
{
	return stdev > r->least ? stdev : r->least;
}

/* --- a cold start ------------------------------------------------------------------------ */

static bool is_worst(const struct run *r, bool higher)
{
	for (size_t i = 1; i < r->n; i++)
		if (higher ? r->y[i] <= r->y[0] : r->y[i] >= r->y[0])
			return false;
	return true;
}

static void find_cold(struct run_shape *s, const struct run *r, enum better better, double *scratch)
{
	const double *others = r->y + 1;
	size_t n = r->n - 1;
	double mean = mean_of(others, n), sd = believed(r, stdev_of(others, n)), t, middle;

	s->cold_p = 1;
	if (better == BETTER_NONE || !is_worst(r, better == BETTER_HIGHER))
		return;
	memcpy(scratch, others, n * sizeof *scratch);
	middle = numbers_quantile(scratch, n, .5);
	s->cold_mads = fabs(r->y[0] - middle) / believed(r, scale_of(others, n, middle, scratch));
	t = fabs(r->y[0] - mean) / (sd * sqrt(1 + 1 / (double)n));
	s->cold_p = student_t_p(t, (double)n - 1) / 2;
	s->shift = fabs(mean_of(r->x, r->n) / mean_of(r->x + 1, n) - 1);
}

/* --- two modes --------------------------------------------------------------------------- */

static void find_modes(struct run_shape *s, const struct run *r)
{
	const double *y = r->y;
	double widest = 0, next = 0, range;
	size_t at = 0;

	for (size_t i = 1; i < r->n; i++) {
		double gap = y[i] - y[i - 1];

		if (gap > widest) {
			next = widest;
			widest = gap;
			at = i;
		} else if (gap > next) {
			next = gap;
		}
	}
	range = fmax(y[at ? at - 1 : 0] - y[0], y[r->n - 1] - y[at]);
	if (r->n < MODES_LEAST || !(next > 0) || widest <= RUN_SHAPE_GAP * next ||
	    (double)at < MODE_SHARE * (double)r->n ||
	    (double)(r->n - at) < MODE_SHARE * (double)r->n ||
	    widest <= (r->n < MODES_SURE ? 2 : 1) * range || widest <= 2 * r->least)
		return; /* two values of a coarse clock are no modes: next is 0 */
	s->gap = widest / next;
}

/* --- outliers ----------------------------------------------------------------------------- */

/* Grubbs' test of the farthest of n numbers; Bonferroni's bound for that it is the farthest. */
static double farthest_p(double deviate, size_t n)
{
	double m = (double)n, d2 = deviate * deviate;
	double rest = (m - 1) * (m - 1) - d2 * m;

	if (!(rest > 0))
		return 0;
	return fmin(1, m * student_t_p(sqrt(d2 * m * (m - 2) / rest), m - 2));
}

/* Mean and squares about it of numbers that one after the other leave. */
struct moments {
	double mean, squares, squares_of_all; /* the last: when they were summed up */
	size_t n;
};

static struct moments moments_of(const double *y, size_t n)
{
	double sd = stdev_of(y, n), squares = sd * sd * (double)(n - 1);

	return (struct moments){mean_of(y, n), squares, squares, n};
}

/* Those that stay are y. Sums of what was far larger are good for nothing: they are made anew. */
static void moments_leave(struct moments *m, double gone, const double *y)
{
	double off = gone - m->mean;

	m->n--;
	m->mean -= off / (double)m->n;
	m->squares -= off * (gone - m->mean);
	if (!(m->squares > MOMENTS_KEPT * m->squares_of_all))
		*m = moments_of(y, m->n);
}

/* y is sorted: what is farthest from the mean is at one of its ends. */
static void find_outliers(struct run_shape *s, const struct run *r, double alpha)
{
	size_t from = 0, to = r->n, most = (size_t)(OUTLIERS_SHARE * (double)r->n);
	struct moments m;

	if (r->n < OUTLIERS_LEAST)
		return;
	m = moments_of(r->y, r->n);
	for (size_t i = 0; i < most; i++) {
		double sd = believed(r, sqrt(m.squares / (double)(m.n - 1)));
		double low = m.mean - r->y[from], high = r->y[to - 1] - m.mean;
		double p = farthest_p(fmax(low, high) / sd, m.n);

		if (p <= alpha) { /* one after the largest may unmask those before it */
			s->n_outliers = i + 1;
			s->outlier_p = p;
		}
		if (low > high)
			from++;
		else
			to--;
		moments_leave(&m, low > high ? r->y[from - 1] : r->y[to], r->y + from);
	}
}

/* --- all of it ----------------------------------------------------------------------------- */

static void fill(struct run *r)
{
	bool logs = true;
	double middle;

	for (size_t i = 0; i < r->n; i++)
		logs &= r->x[i] > 0;
	for (size_t i = 0; i < r->n; i++)
		r->y[i] = logs ? log(r->x[i]) : r->x[i];
	middle = fabs(mean_of(r->y, r->n));
	r->least = logs ? LEAST_NOISE : LEAST_NOISE * middle;
}

/* What those farthest from the median do to the mean. */
static double shift_of(const struct run *r, size_t n_outliers, double *scratch)
{
	double all = mean_of(r->x, r->n), middle;
	size_t from = 0, to = r->n;

	memcpy(scratch, r->x, r->n * sizeof *scratch);
	numbers_sort(scratch, r->n);
	middle = quantile(scratch, r->n, .5);
	for (; n_outliers; n_outliers--)
		if (middle - scratch[from] > scratch[to - 1] - middle)
			from++;
		else
			to--;
	return fabs(all / mean_of(scratch + from, to - from) - 1);
}

int run_shape_of(struct run_shape *ret, const double *x, size_t n, enum better better, double alpha)
{
	struct run_shape s = {.n = n};
	CLEANUP(freep) double *room = reallocarray(NULL, 2 * n, sizeof *room);
	struct run r = {.x = x, .y = room, .n = n};

	if (!room)
		return -ENOMEM;
	fill(&r);
	find_cold(&s, &r, better, room + n);
	numbers_sort(r.y, n);
	find_modes(&s, &r);
	find_outliers(&s, &r, alpha);
	if (s.n_outliers && s.cold_p > alpha)
		s.shift = shift_of(&r, s.n_outliers, room + n);
	*ret = s;
	return 0;
}
