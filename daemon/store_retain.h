/* SPDX-License-Identifier: MIT */
/*
 * store_retain - jobs and their reports that are not kept any more (retention.h) leave the store
 * and the disk.
 *
 * A job's row goes first, in one transaction with a note that its folder is to go; so no row ever
 * points to nothing, and after kill -9 the note is there. The runs that it measured stay for the
 * trends. Nothing is removed while a review runs, as that may be about to cite it.
 */
#pragma once

#include "daemon/jobs_query.h"
#include "daemon/retention.h"
#include "daemon/store.h"

struct store_retained {
	struct jobs_counts removed;
	bool more; /* there is more to do: call again */
};

/* One piece of bounded work. reports: the directory. */
int store_retain(struct store *s, struct store_retained *ret, const struct retention_limits *limits,
                 const char *reports, int64_t now_s, struct error *err) MUST_USE;
