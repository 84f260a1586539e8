/* SPDX-License-Identifier: MIT */
#include "agents/analyst/edivisive.h"

#include <errno.h>
#include <math.h>

#include "agents/analyst/statistics.h"

/* --- the t-test ----------------------------------------------------------------------- */

/* About the first number, so that equal ones leave no rounding behind. */
struct level level_of(const double *x, size_t n)
{
	struct level l = {.n = (double)n};
	double sum = 0, squares = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i] - x[0];
	l.mean = x[0] + sum / l.n;
	for (size_t i = 0; i < n; i++)
		squares += (x[i] - l.mean) * (x[i] - l.mean);
	l.sd = sqrt(squares / l.n);
	return l;
}

double level_p(const struct level *a, const struct level *b)
{
	double df1 = fmax(a->n - 1, 0), df2 = fmax(b->n - 1, 0), df = df1 + df2;
	double apart = fabs(a->mean - b->mean), error;

	if (df <= 0)
		return 1;
	error = sqrt((df1 * a->sd * a->sd + df2 * b->sd * b->sd) / df * (1 / a->n + 1 / b->n));
	if (!isfinite(apart) || !isfinite(error)) /* too large to be told apart */
		return 1;
	if (error > 0)
		return student_t_p(apart / error, df);
	return apart > 0 ? 0 : 1;
}

/* --- the farthest split of an interval ------------------------------------------------ */

struct interval {
	size_t from, to; /* in the window */
	size_t at;       /* best candidate */
	double qhat;     /* 0: all points are equal, or there is but one */
};

struct room {
	double *left;  /* [t]: distances within from .. t, summed */
	double *right; /* [t]: distances of t to those behind it, up to now */
	double *inner; /* [t]: distances within t .. now, summed */
	struct interval *intervals;
	void *memory;
};

static void room_done(struct room *r)
{
	free(r->memory);
}

static int room_make(struct room *r, size_t points)
{
	double *numbers;

	r->memory = calloc(points + 1, 3 * sizeof *numbers + sizeof *r->intervals);
	if (!r->memory)
		return -ENOMEM;
	r->intervals = r->memory;
	numbers = (double *)(void *)(r->intervals + points + 1);
	r->left = numbers;
	r->right = r->left + points + 1;
	r->inner = r->right + points + 1;
	return 0;
}

/* Otava takes the distances to points before the interval off those to all points before. */
static void sum_left(double *left, const double *x, size_t from, size_t to)
{
	left[from] = 0;
	for (size_t t = from + 1; t < to; t++) {
		double all = 0, before;

		for (size_t i = 0; i < from; i++)
			all += fabs(x[i] - x[t]);
		before = all;
		for (size_t i = from; i < t; i++)
			all += fabs(x[i] - x[t]);
		left[t] = left[t - 1] + (all - before);
	}
}

static void sum_right(struct room *r, const double *x, size_t from, size_t last)
{
	r->right[last - 1] = 0;
	for (size_t t = from; t < last; t++)
		r->right[t] += fabs(x[t] - x[last]);
	r->inner[last] = 0;
	for (size_t t = last; t-- > from;)
		r->inner[t] = r->inner[t + 1] + r->right[t];
}

/*
 * Q(tau, kappa) between from .. tau - 1 and tau .. kappa - 1, for every tau below this kappa; the
 * first of the largest by tau, then by kappa.
 */
static void try_all(struct interval *best, const struct room *r, size_t kappa)
{
	size_t from = best->from, all = kappa - from;
	double share = 2 / (double)all, reach = r->right[from];

	for (size_t n = 1; n < all; n++) {
		size_t m = all - n, tau = from + n;
		double q = share * (reach - r->left[tau - 1]);

		if (n > 1)
			q -= (double)(2 * m) / (double)(all * (n - 1)) * r->left[tau - 1];
		if (m > 1)
			q -= (double)(2 * n) / (double)(all * (m - 1)) * r->inner[tau];
		if (q > best->qhat || (q >= best->qhat && tau < best->at)) {
			best->qhat = q;
			best->at = tau;
		}
		reach += r->right[tau];
	}
}

static struct interval interval_of(struct room *r, const double *x, size_t from, size_t to)
{
	struct interval best = {.from = from, .to = to, .at = from + 1};

	if (to - from < 2)
		return best;
	sum_left(r->left, x, from, to);
	for (size_t last = from + 1; last < to; last++) {
		sum_right(r, x, from, last);
		try_all(&best, r, last + 1);
	}
	return best;
}

/* --- a window, and the series --------------------------------------------------------- */

static size_t farthest(const struct interval *all, size_t n)
{
	size_t best = 0;

	for (size_t i = 1; i < n; i++)
		best = all[i].qhat > all[best].qhat ? i : best;
	return best;
}

static double split_p(const double *x, const struct interval *i)
{
	struct level before = level_of(x + i->from, i->at - i->from);
	struct level after = level_of(x + i->at, i->to - i->at);

	return level_p(&before, &after);
}

/*
 * Splits the window at its farthest candidate while that one is significant. Returns the last
 * split, 0: none. A candidate that another window found keeps its distance.
 */
static size_t split_window(double *qhat, struct room *r, const double *x, size_t n, double max_p)
{
	struct interval *all = r->intervals;
	size_t found = 1, last = 0;

	for (all[0] = interval_of(r, x, 0, n);; found++) {
		size_t i = farthest(all, found);
		struct interval whole = all[i];

		if (!(whole.qhat > 0 && split_p(x, &whole) <= max_p))
			return last;
		memmove(all + i + 1, all + i, (found - i) * sizeof *all);
		all[i] = interval_of(r, x, whole.from, whole.at);
		all[i + 1] = interval_of(r, x, whole.at, whole.to);
		if (!(qhat[whole.at] > 0))
			qhat[whole.at] = whole.qhat;
		last = whole.at > last ? whole.at : last;
	}
}

int edivisive_find(double *qhat, const double *x, size_t n, size_t window, double max_p)
{
	CLEANUP(room_done) struct room room = {0};

	for (size_t i = 0; i < n; i++)
		qhat[i] = 0;
	if (room_make(&room, n < window ? n : window) < 0)
		return -ENOMEM;
	for (size_t start = 0; start < n;) {
		size_t points = n - start < window ? n - start : window;
		size_t last = split_window(qhat + start, &room, x + start, points, max_p);

		start += last > window / 2 ? last : window / 2;
	}
	return 0;
}
