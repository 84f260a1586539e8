/* SPDX-License-Identifier: MIT */
/*
 * ingest_cache - what earlier reviews read of the same roots, so that it need not be read again.
 *
 * A SQLite file of its own beside the store. It may be deleted at any time: all that is lost is
 * time, and once the list of what is gone. What is damaged is put aside and said (*err); what
 * other readers than this program's made is not used. Everything here blocks, and one ingest's
 * cache is used by one thread at a time, but ingest_cache_kept(), which only looks.
 */
#pragma once

#include <stdbool.h>

#include "daemon/ingest_chunk.h"
#include "lib/evidence/dossier.h"

struct ingest_cache;

struct ingest_cache_spec { /* borrowed as long as the cache is open */
	const char *path;
	const char *const *roots;
	size_t n_roots;
	const char *job;
	/* Whether that review came to its end: what it found is what the next is held against. */
	bool (*ended)(const void *arg, const char *job);
	const void *arg;
};

/*
 * Reads what is kept of the roots. A cache that cannot be used is an error whose text is for the
 * log; *ret is set all the same unless there is no memory, and is as good as an empty one.
 */
int ingest_cache_open(struct ingest_cache **ret, const struct ingest_cache_spec *spec,
                      struct error *err) MUST_USE;
void ingest_cache_close(struct ingest_cache *c); /* NULL is fine */
DEFINE_CLEANUP(struct ingest_cache *, ingest_cache_close)

/* Finds for each artifact what is kept under its path, and what is gone. -ENOMEM. */
int ingest_cache_match(struct ingest_cache *c, struct dossier *d, unsigned threads,
                       struct error *err) MUST_USE;

/* What is kept of the i-th artifact of the inventory; NULL: nothing. Lives until the close. */
const struct packed *ingest_cache_kept(const struct ingest_cache *c, size_t i);

/*
 * Writes what changed, in one transaction: reused[i] tells that what was kept still holds,
 * packed[i] is what was read anew (NULL: nothing to keep). inv->path is all that is
 * looked at of the inventory.
 */
int ingest_cache_save(struct ingest_cache *c, const struct inventory *inv, const bool *reused,
                      char *const *packed, struct error *err) MUST_USE;
