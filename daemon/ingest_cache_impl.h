/* SPDX-License-Identifier: MIT */
/* ingest_cache_impl - what ingest_cache.c (reading) and ingest_save.c (writing) share. */
#pragma once

#include "daemon/cache_file.h"
#include "daemon/ingest_cache.h"

/* A row of the cache as it was read. */
struct kept_chunk {
	int64_t id;
	unsigned root;
	char *bytes; /* in ingest_cache.blobs; NULL: it was not sound */
	size_t len, n, reused;
	bool rewrite;
};

struct kept {
	const struct packed *packed;
	size_t chunk;
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
