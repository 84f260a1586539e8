/* SPDX-License-Identifier: MIT */
/* ingest_cache_impl - what ingest_cache.c (reading) and ingest_save.c (writing) share. */
#pragma once

#include <stdatomic.h>

#include "daemon/cache_file.h"
#include "daemon/ingest_cache.h"

/* Where in the cache an artifact is kept: the earlier place is the smaller number. 0: nowhere. */
struct kept {
	_Atomic uint64_t place; /* chunk + 1, then 32 bits of how many words into it */
};

/* A row of the cache as it was read. */
struct kept_chunk {
	int64_t id;
	unsigned root;
	char *bytes;     /* in ingest_cache.blobs; NULL: it was not sound */
	struct kept_at { /* offsets of each of the n, noted while it was at hand */
		uint32_t packed, path;
	} * at; /* in blobs, too */
	size_t len, n, reused;
	bool rewrite;
};

struct ingest_cache {
	struct ingest_cache_spec spec;
	struct store sql; /* sql.db NULL: it could not be opened */
	struct kept_chunk *chunks;
	size_t n_chunks, cap_chunks;
	struct kept *kept; /* one for each artifact */
	struct arena *blobs;
	char *paths; /* of the last review that ended; in blobs, NULL: none */
	size_t n_paths;
	int64_t list; /* the row that they came from */
	char roots_digest[DIGEST_TEXT_BYTES];
};

static inline uint64_t kept_place(const struct ingest_cache *c, size_t i)
{
	return atomic_load_explicit(&c->kept[i].place, memory_order_relaxed);
}

/* Of an artifact that is kept. */
static inline struct kept_chunk *kept_chunk(const struct ingest_cache *c, size_t i)
{
	return &c->chunks[(kept_place(c, i) >> 32) - 1];
}
