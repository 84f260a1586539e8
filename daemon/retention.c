/* SPDX-License-Identifier: MIT */
#include "daemon/retention.h"

#include <errno.h>
#include <stdlib.h>

#define DAY_S 86400

/* How many of its subject are newer. */
static bool is_within(const struct retention_review *r, uint64_t newer,
                      const struct retention_limits *limits, int64_t now_s)
{
	int64_t age_s = now_s - r->finished_at_s;

	if (limits->reviews && newer >= limits->reviews)
		return false;
	return !limits->days || age_s < 0 || (uint64_t)age_s <= limits->days * DAY_S;
}

/* Those that stand for themselves; newer: room for a count of each subject. */
static void keep_own(bool *keep, uint64_t *newer, const struct retention_review *reviews, size_t n,
                     const struct retention_limits *limits, int64_t now_s)
{
	for (size_t i = 0; i < n; i++) {
		const struct retention_review *r = &reviews[i];
		bool newest = r->subject && newer[r->subject] == 0;

		keep[i] = newest || r->accepted || is_within(r, newer[r->subject], limits, now_s);
		newer[r->subject]++;
	}
}

/* unknown: of each subject, whether a kept review may cite whatever is older than it. */
static void keep_all_before(bool *remove, const bool *keep, bool *unknown,
                            const struct retention_review *reviews, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct retention_review *r = &reviews[i];

		remove[i] = !keep[i] && !(r->subject && unknown[r->subject]);
		unknown[r->subject] |= keep[i] && !r->cites_known;
	}
}

int retention_choose(bool *remove, const struct retention_review *reviews, size_t n,
                     const struct retention_cite *cites, size_t n_cites,
                     const struct retention_limits *limits, int64_t now_s)
{
	CLEANUP(freep) uint64_t *newer = calloc(n + 1, sizeof *newer);
	CLEANUP(freep) bool *keep = calloc(n + 1, sizeof *keep);
	CLEANUP(freep) bool *unknown = calloc(n + 1, sizeof *unknown);

	if (!newer || !keep || !unknown)
		return -ENOMEM;
	keep_own(keep, newer, reviews, n, limits, now_s);
	keep_all_before(remove, keep, unknown, reviews, n);
	for (size_t i = 0; i < n_cites; i++)
		if (keep[cites[i].by])
			remove[cites[i].of] = false;
	return 0;
}
