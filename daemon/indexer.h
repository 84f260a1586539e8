/* SPDX-License-Identifier: MIT */
/*
 * indexer - keeps REPORTS/index.html as the store is: written anew, in the store's queue, at the
 * start of the daemon and whenever a job has ended or has been removed; where many do, once a
 * second.
 */
#pragma once

#include "daemon/jobs_query.h"
#include "daemon/log.h"
#include "daemon/store_queue.h"

struct indexer;

/* The loop, the queue, the log and the directory are borrowed until indexer_free(). */
int indexer_new(struct indexer **ret, uv_loop_t *loop, struct store_queue *store,
                const struct log *log, const char *reports, struct error *err) MUST_USE;
/* How many jobs there are now: at first, and where another number has ended, it begins. */
void indexer_follow(struct indexer *i, const struct jobs_counts *counts);
/* What is due is written now; before the store queue is closed. i may be NULL. */
void indexer_stop(struct indexer *i);
void indexer_free(struct indexer *i); /* after the store queue has closed */
