/* SPDX-License-Identifier: MIT */
/*
 * indexer - keeps REPORTS/index.html as the store is: written anew, in the store's queue, at the
 * start of the daemon and whenever a job has ended or has been removed.
 */
#pragma once

#include "daemon/jobs_query.h"
#include "daemon/log.h"
#include "daemon/store_queue.h"

struct indexer;

struct indexer_env { /* borrowed until indexer_free() */
	struct store_queue *store;
	const struct log *log;
	const char *reports;
};

int indexer_new(struct indexer **ret, const struct indexer_env *env, struct error *err) MUST_USE;
void indexer_kick(struct indexer *i); /* as often as wanted: one waits at most */
/* How many jobs there are now: where other ones have ended than before, it begins. */
void indexer_follow(struct indexer *i, const struct jobs_counts *counts);
void indexer_free(struct indexer *i); /* after the store queue has closed */
