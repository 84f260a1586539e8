/* SPDX-License-Identifier: MIT */
#include "agents/analyst/two_sample.h"

#include <errno.h>
#include <math.h>

#include "agents/analyst/pairs.h"
#include "agents/analyst/statistics.h"

#define EXACT_MAX 56 /* numbers in all: C(56, 28) is below 2^53, so that counts stay exact */
#define Z_95      1.959963984540054

/* --- the distribution of the rank sum ------------------------------------------------- */

/* Values that are equal share a rank; ranks are doubled, so that the middle of two is whole. */
struct ties {
	size_t size[EXACT_MAX], rank[EXACT_MAX];
	size_t n;
};

/* In how many ways `k` of the pooled values have the doubled rank sum s: at[s]. */
struct rank_sums {
	double *counts;   /* (k + 1) rows of `width`; owned */
	const double *at; /* the last row */
	size_t width;
	size_t k, mean; /* mean of s: they lie symmetrically about it where there are no ties */
	double total;
};

static void rank_sums_done(struct rank_sums *r)
{
	free(r->counts);
}

static void add_ties(struct rank_sums *r, size_t size, size_t rank)
{
	for (size_t k = r->k; k >= 1; k--) {
		double *row = r->counts + k * r->width, ways = 1;

		for (size_t m = 1; m <= size && m <= k; m++) {
			const double *from = r->counts + (k - m) * r->width;

			ways = ways * (double)(size - m + 1) / (double)m;
			for (size_t s = m * rank; s < r->width; s++)
				row[s] += ways * from[s - m * rank];
		}
	}
}

static int count_rank_sums(struct rank_sums *ret, const struct ties *t, size_t n, size_t k)
{
	*ret = (struct rank_sums){.width = k * (2 * n - k + 1) + 1, .k = k, .mean = k * (n + 1)};
	ret->counts = calloc((k + 1) * ret->width, sizeof *ret->counts);
	if (!ret->counts)
		return -ENOMEM;
	ret->counts[0] = 1;
	for (size_t i = 0; i < t->n; i++)
		add_ties(ret, t->size[i], t->rank[i]);
	ret->at = ret->counts + k * ret->width;
	for (size_t s = 0; s < ret->width; s++)
		ret->total += ret->at[s];
	return 0;
}

static size_t apart(size_t a, size_t b)
{
	return a > b ? a - b : b - a;
}

/* The chance to be `distance` or more from the mean. */
static double p_of(const struct rank_sums *r, size_t distance)
{
	double sum = 0;

	for (size_t s = 0; s < r->width; s++)
		sum += apart(s, r->mean) >= distance ? r->at[s] : 0;
	return sum / r->total;
}

static double least_p(const struct rank_sums *r)
{
	size_t most = 0;

	for (size_t s = 0; s < r->width; s++)
		if (r->at[s] > 0 && apart(s, r->mean) > most)
			most = apart(s, r->mean);
	return p_of(r, most);
}

/* --- Mann and Whitney ----------------------------------------------------------------- */

struct pooled {
	size_t n1, n2;
	size_t rank_sum;  /* doubled, of base */
	double tied;      /* sum of t^3 - t over the groups of equal values */
	struct ties ties; /* only of EXACT_MAX values or fewer */
};

static size_t count_equal(const double *x, size_t n, size_t from, double value)
{
	size_t to = from;

	while (to < n && x[to] <= value)
		to++;
	return to - from;
}

static struct pooled pool(const double *base, size_t n1, const double *new, size_t n2)
{
	struct pooled p = {.n1 = n1, .n2 = n2};

	for (size_t i = 0, j = 0; i < n1 || j < n2;) {
		double value = j == n2 || (i < n1 && base[i] <= new[j]) ? base[i] : new[j];
		size_t of_base = count_equal(base, n1, i, value);
		size_t of_new = count_equal(new, n2, j, value), size = of_base + of_new;
		size_t rank = 2 * (i + j) + size + 1;

		p.rank_sum += of_base * rank;
		p.tied += (double)size * ((double)size * (double)size - 1);
		if (n1 + n2 <= EXACT_MAX) {
			p.ties.size[p.ties.n] = size;
			p.ties.rank[p.ties.n++] = rank;
		}
		i += of_base;
		j += of_new;
	}
	return p;
}

/* The smaller sample has the smaller table; its rank sum is as far from its mean. */
static int test_exactly(struct two_sample *ret, const struct pooled *p)
{
	CLEANUP(rank_sums_done) struct rank_sums sums = {0};
	size_t n = p->n1 + p->n2, k = p->n1 < p->n2 ? p->n1 : p->n2;

	if (count_rank_sums(&sums, &p->ties, n, k) < 0)
		return -ENOMEM;
	ret->p = p_of(&sums, apart(p->rank_sum, p->n1 * (n + 1)));
	ret->p_least = least_p(&sums);
	return 0;
}

static void test_normally(struct two_sample *ret, const struct pooled *p)
{
	double pairs = (double)p->n1 * (double)p->n2, n = (double)(p->n1 + p->n2);
	double variance = pairs / 12 * (n + 1 - p->tied / (n * (n - 1)));
	double u = (double)p->rank_sum / 2 - (double)p->n1 * ((double)p->n1 + 1) / 2;
	double off = fmax(fabs(u - pairs / 2) - 0.5, 0);

	ret->p = variance > 0 ? erfc(off / sqrt(variance) / sqrt(2)) : 1;
	ret->p_least = variance > 0 ? 0 : 1;
}

/* --- Hodges and Lehmann --------------------------------------------------------------- */

/* How many pairs at each end lie outside of the interval, plus one; 0: there is no interval. */
static int pairs_outside(double *ret_k, double *ret_confidence, size_t n1, size_t n2)
{
	CLEANUP(rank_sums_done) struct rank_sums sums = {0};
	size_t n = n1 + n2, least;
	struct ties none = {0};
	double below = 0, pairs = (double)n1 * (double)n2;

	*ret_confidence = 1 - TWO_SAMPLE_ALPHA;
	*ret_k = floor(pairs / 2 - Z_95 * sqrt(pairs * ((double)n + 1) / 12));
	if (n > EXACT_MAX)
		return 0;
	for (; none.n < n; none.n++) {
		none.size[none.n] = 1;
		none.rank[none.n] = 2 * (none.n + 1);
	}
	if (count_rank_sums(&sums, &none, n, n1 < n2 ? n1 : n2) < 0)
		return -ENOMEM;
	least = sums.k * (sums.k + 1);
	for (*ret_k = 0;; ++*ret_k) {
		double more = below + sums.at[least + 2 * (size_t)*ret_k];

		if (more / sums.total > TWO_SAMPLE_ALPHA / 2)
			break;
		below = more;
	}
	*ret_confidence = *ret_k > 0 ? 1 - 2 * below / sums.total : 0;
	return 0;
}

static struct pairs pairs_of(const struct two_sample *t, const double *base, const double *new)
{
	return (struct pairs){base, new, t->n1, t->n2, base[0] > 0 && new[0] > 0};
}

static double as_ratio(const struct two_sample *t, const struct pairs *p, double value)
{
	return p->ratio ? value : 1 + value / fabs(t->median1);
}

static int find_interval(struct two_sample *t, const struct pairs *p)
{
	double pairs = (double)t->n1 * (double)t->n2, k;

	if (pairs_outside(&k, &t->confidence, t->n1, t->n2) < 0)
		return -ENOMEM;
	t->low = k > 0 ? as_ratio(t, p, pairs_at(p, k)) : NO_NUMBER;
	t->high = k > 0 ? as_ratio(t, p, pairs_at(p, pairs - k + 1)) : NO_NUMBER;
	return 0;
}

int two_sample_test(struct two_sample *ret, double *base, size_t n1, double *new, size_t n2)
{
	struct two_sample t = {.n1 = n1, .n2 = n2, .ratio = NO_NUMBER};
	struct pairs pairs;
	struct pooled p;
	double u;

	numbers_sort(base, n1);
	numbers_sort(new, n2);
	t.median1 = quantile(base, n1, 0.5);
	t.median2 = quantile(new, n2, 0.5);
	p = pool(base, n1, new, n2);
	u = (double)p.rank_sum / 2 - (double)n1 * ((double)n1 + 1) / 2;
	t.cles = 1 - u / ((double)n1 * (double)n2);
	if (n1 + n2 > EXACT_MAX)
		test_normally(&t, &p);
	else if (test_exactly(&t, &p) < 0)
		return -ENOMEM;
	pairs = pairs_of(&t, base, new);
	if (find_interval(&t, &pairs) < 0)
		return -ENOMEM;
	*ret = t;
	return 0;
}

int two_sample_compare(struct two_sample *ret, double *base, size_t n1, double *new, size_t n2)
{
	struct pairs pairs;

	if (two_sample_test(ret, base, n1, new, n2) < 0)
		return -ENOMEM;
	pairs = pairs_of(ret, base, new);
	ret->ratio = as_ratio(ret, &pairs, pairs_middle(&pairs));
	return 0;
}

/* --- verdicts ------------------------------------------------------------------------- */

const char *two_sample_verdict_name(enum two_sample_verdict v)
{
	static const char *const names[] = {"changed", "size_unclear", "equal", "undecided",
	                                    "untestable"};

	return names[v];
}

enum two_sample_verdict two_sample_judge(const struct two_sample *t, double p_adjusted,
                                         double min_effect)
{
	bool measured = isfinite(t->low) && isfinite(t->high); /* against a median of 0: no ratio */
	bool outside = measured && (t->high < 1 - min_effect || t->low > 1 + min_effect);
	bool sure = fmax(t->cles, 1 - t->cles) >= TWO_SAMPLE_SURE;

	if (t->p_least > TWO_SAMPLE_ALPHA)
		return TWO_SAMPLE_UNTESTABLE;
	if (t->low >= 1 - min_effect && t->high <= 1 + min_effect)
		return TWO_SAMPLE_EQUAL;
	if (p_adjusted > TWO_SAMPLE_ALPHA)
		return TWO_SAMPLE_UNDECIDED;
	return outside && sure ? TWO_SAMPLE_CHANGED : TWO_SAMPLE_SIZE_UNCLEAR;
}

/* --- many tests ----------------------------------------------------------------------- */

struct numbered {
	double p;
	size_t at;
};

static int by_p(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	return x->p < y->p ? -1 : x->p > y->p ? 1 : x->at < y->at ? -1 : x->at > y->at;
}

static struct numbered *sorted(const double *p, size_t n)
{
	struct numbered *all = calloc(n + 1, sizeof *all);

	for (size_t i = 0; all && i < n; i++)
		all[i] = (struct numbered){p[i], i};
	if (all)
		qsort(all, n, sizeof *all, by_p);
	return all;
}

int adjust_bh(double *p, size_t n)
{
	CLEANUP(freep) struct numbered *all = sorted(p, n);
	double least = 1;

	if (!all)
		return -ENOMEM;
	for (size_t i = n; i > 0; i--) {
		least = fmin(least, all[i - 1].p * (double)n / (double)i);
		p[all[i - 1].at] = least;
	}
	return 0;
}

int adjust_holm(double *p, size_t n)
{
	CLEANUP(freep) struct numbered *all = sorted(p, n);
	double most = 0;

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		most = fmax(most, fmin(1, all[i].p * (double)(n - i)));
		p[all[i].at] = most;
	}
	return 0;
}
