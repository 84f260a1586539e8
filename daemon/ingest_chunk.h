/* SPDX-License-Identifier: MIT */
/*
 * ingest_chunk - many packed artifacts in one run of bytes, sorted by path and with a checksum.
 *
 * A row of the cache holds one: a row a file would cost more than reading the file.
 */
#pragma once

#include <stdbool.h>

#include "lib/evidence/packed.h"

#define CHUNK_BYTES (64u << 10) /* a fuller one takes no more artifacts */
#define CHUNK_SMALL \
	(16u << 10) /* a smaller one is put together with others when there is a write */

/* Being filled. Starts as zeros, and again after chunk_done(). */
struct chunk {
	char *bytes; /* malloc'd */
	size_t len, cap;
};

int chunk_add(struct chunk *c, const void *packed, size_t len) MUST_USE; /* -ENOMEM */
void chunk_close(struct chunk *c); /* puts the checksum in front: c->bytes is whole now */
void chunk_done(struct chunk *c);

/* Whether all of it is sound but for what packed_unpack() looks at. bytes is aligned as malloc's.
 */
bool chunk_check(const char *bytes, size_t len, size_t *ret_n) MUST_USE;
/* Of a checked one; `after` NULL: the first. NULL: there is none behind it. */
const struct packed *chunk_next(const char *bytes, size_t len, const struct packed *after);
