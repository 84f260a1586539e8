/* SPDX-License-Identifier: MIT */
/*
 * ingest - the collector's three steps on the thread pool: scan, read (several at once), finish.
 *
 * What an earlier review read, and what has not changed since, comes from the cache instead
 * (daemon/ingest_cache.h). The dossier is the same either way but for inventory.n_reused.
 */
#pragma once

#include <stdbool.h>
#include <uv.h>

#include "agents/collector/collector.h"

struct ingest;

struct ingest_spec { /* roots and dossier are borrowed until done */
	struct dossier *dossier;
	const char *const *roots;
	size_t n_roots;
	struct collector_limits limits;
	uint64_t memory_bytes; /* for the tables of all artifacts; a quarter more for the cache */
	const char *cache;     /* its file; NULL: none. What follows is for it alone */
	bool fresh;            /* reuse nothing: what is kept is only held against */
	const char *job;
	bool (*ended)(const void *arg, const char *job); /* see ingest_cache.h; on a worker */
	const void *ended_arg;
};

struct ingest_ops {
	void (*on_progress)(void *arg, size_t done, size_t total); /* ten times a second at most */
	/* Once, from the loop. status 0, or negative errno with err set. Frees the ingest's own
	 * state. */
	void (*on_done)(void *arg, int status, const struct error *err);
};

/*
 * What was read lives in arenas that ingest_release() frees: call it when the dossier is no
 * longer used, after on_done.
 */
int ingest_start(struct ingest **ret, uv_loop_t *loop, const struct ingest_spec *spec,
                 const struct ingest_ops *ops, void *arg, struct error *err) MUST_USE;
/* After on_done: what was wrong with the cache, for the log. NULL: nothing. */
const char *ingest_cache_trouble(const struct ingest *in);
void ingest_cancel(struct ingest *in);  /* on_done says -ECANCELED once the readers have stopped */
void ingest_release(struct ingest *in); /* NULL is fine; never before on_done */
