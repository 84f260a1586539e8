/* SPDX-License-Identifier: MIT */
/*
 * retention - which reviews are kept, and which go. Pure: it knows neither the store nor the disk.
 *
 * Kept is what is within the limits, what is accepted, the newest of each subject, and what any of
 * these cites: its baseline and the reviews whose facts stand in its report. What is kept only as
 * it is cited keeps no others: else every night would keep the one before it, for ever.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/util.h"

struct retention_limits { /* 0: none */
	uint64_t days;    /* since it ended */
	uint64_t reviews; /* of each subject, and of jobs that measured nothing */
};

struct retention_review {
	size_t subject; /* from 1; 0: a job that ended without a review */
	int64_t finished_at_s;
	bool accepted;
	bool cites_known; /* else it may cite any earlier one of its subject */
};

struct retention_cite { /* indices */
	size_t by, of;
};

/* Of each subject the newest first; its number is n at most. remove[i]: it may go. -ENOMEM. */
int retention_choose(bool *remove, const struct retention_review *reviews, size_t n,
                     const struct retention_cite *cites, size_t n_cites,
                     const struct retention_limits *limits, int64_t now_s) MUST_USE;
