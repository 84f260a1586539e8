/* SPDX-License-Identifier: MIT */
/*
 * store_index - what the store tells for REPORTS/index.html (index_page.h).
 *
 * The work is bounded, however long the history: so many reviews, and of the newest subjects so
 * many series. No report is read.
 */
#pragma once

#include "daemon/store.h"
#include "lib/base/buf.h"

#define STORE_INDEX_REVIEWS  500
#define STORE_INDEX_SUBJECTS 4
#define STORE_INDEX_SERIES   6 /* of each subject */

/*
 * reviews: how many there are, succeeded or failed. reports: a report whose folder is not there is
 * not linked to.
 */
int store_index_write(const struct store *s, struct buf *ret, uint64_t reviews, const char *reports,
                      struct error *err) MUST_USE;
