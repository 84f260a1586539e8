/* SPDX-License-Identifier: MIT */
/*
 * cleaner - has reviews removed that retention does not keep, a few at a time, in the store's
 * queue: at the start of the daemon, after each review, and as long as there is more. What is to go
 * is chosen among all, which takes the longer the more there are: between two pieces of that work
 * others have the store for twenty times as long.
 */
#pragma once

#include "daemon/config.h"
#include "daemon/log.h"
#include "daemon/store_queue.h"
#include "daemon/store_retain.h"

struct cleaner;

struct cleaner_env { /* borrowed until cleaner_free() */
	uv_loop_t *loop;
	struct store_queue *store;
	const struct log *log;
	const char *reports;
	/* So many jobs are gone; from the loop. */
	void (*on_removed)(void *arg, const struct jobs_counts *removed);
	void *arg;
};

int cleaner_new(struct cleaner **ret, const struct cleaner_env *env, struct error *err) MUST_USE;
void cleaner_set_config(struct cleaner *c, const struct config *config);
/* How many jobs there are at the start. Folders that an earlier life left go first. */
void cleaner_begin(struct cleaner *c, const struct jobs_counts *counts);
/* How many jobs there are now: one more that has ended, and it begins. */
void cleaner_follow(struct cleaner *c, const struct jobs_counts *counts);
void cleaner_stop(struct cleaner *c); /* begins no more work. Idempotent; c may be NULL */
void cleaner_free(struct cleaner *c); /* after the store queue has closed */
