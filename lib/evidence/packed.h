/* SPDX-License-Identifier: MIT */
/*
 * packed - what was read of one artifact as a run of bytes, and back.
 *
 * For a cache on this machine: byte order and layout are its own, and whoever keeps the bytes
 * keeps a checksum over them, too. Unpacking trusts nothing all the same: what is not sound is
 * -EBADMSG. A packed artifact is a multiple of 8 bytes and stands at a multiple of 8.
 */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/str.h"
#include "lib/evidence/table.h"

/* What packed bytes begin with; enough to tell whether the file is still the same. */
struct packed {
	uint64_t size; /* of all, this included */
	uint64_t bytes;
	struct file_stamp stamp;
	int64_t modified_s;
	uint64_t memory;         /* of the arena, that reading it took */
	uint32_t path, reason;   /* texts; reason PACKED_NONE where there is none */
	uint32_t texts, n_texts; /* where the texts begin, and their bytes */
	uint32_t n_tables;
	uint8_t format, status, has_prose, unused;
	char digest[DIGEST_TEXT_BYTES];
};
#define PACKED_NONE UINT32_MAX

/* Used again for one artifact after the other. */
struct packer {
	struct bytes {
		char *at; /* malloc'd */
		size_t len, cap;
	} body, texts;
	uint32_t seen[1024]; /* where lately packed texts stand, by their hash */
	bool failed;
};

/*
 * Returns the bytes in p->body, which stay until the next call. memory: see struct packed. -EFBIG:
 * too large to be kept; -ENOMEM.
 */
int packer_pack(struct packer *p, const struct artifact *a, uint64_t memory) MUST_USE;
void packer_done(struct packer *p);

/* The artifact that begins at `at`, of which `len` bytes are there. NULL: it is not sound. */
const struct packed *packed_at(const char *at, size_t len);
const char *packed_path(const struct packed *p);

/*
 * Fills all of *a but id, root and path. Numbers and texts stay where they are packed: those bytes
 * must live as long as *a. On failure *a is untouched.
 */
int packed_unpack(const struct packed *p, struct artifact *a, struct arena *arena) MUST_USE;

/* Checksum for bytes at rest: finds accidents, not malice. */
uint64_t packed_checksum(const void *bytes, size_t len);
