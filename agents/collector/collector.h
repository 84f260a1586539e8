/* SPDX-License-Identifier: MIT */
/*
 * collector - from directories to tables: scan, read one by one, finish.
 *
 * The three steps are separate so that the daemon can read artifacts on several threads at once.
 * All of them block; none touches the loop. A file that cannot be read is not an error: it stays
 * in the inventory with its status and a reason of one line.
 */
#pragma once

#include "lib/evidence/dossier.h"

/* Why an artifact was skipped that did not fit. */
#define COLLECTOR_NO_MEMORY                                                                      \
	"needs more memory than limits.memory_bytes leaves: raise it, or review fewer files at " \
	"once"

struct collector_limits {
	uint64_t file_bytes; /* a larger file is "skipped" */
	size_t files;        /* more than this below all roots: -E2BIG */
	unsigned threads;    /* that may list roots, or work on one large file; 0 counts as 1 */
};

/*
 * Walks the roots (absolute, resolved; directories or single files) and fills d->inventory with
 * every regular file that is an artifact by its extension or content sniff, unread, sorted and
 * numbered; its size and times are not asked for. No link is followed; what is no regular file
 * (FIFO, socket, dangling link, link out of the root) is listed as skipped. Hidden directories
 * (".git") and the reports of this program are passed over. Errors: a root that is missing or
 * cannot be listed.
 */
int collector_scan(struct dossier *d, const char *const *roots, size_t n_roots,
                   const struct collector_limits *limits, struct error *err) MUST_USE;

/*
 * Reads one scanned artifact: bytes, digest, format, tables, status, reason. `arena` holds the
 * result and must live as long as the inventory; different artifacts may be read at the same time
 * with different arenas. Fails only for want of memory.
 */
int collector_read(struct artifact *a, const char *root, const struct collector_limits *limits,
                   struct arena *arena, struct error *err) MUST_USE;

/*
 * The same for many: one thread's way to the artifacts, with the roots of the scan open and with
 * what each file needs anew only once. A root that a symbolic link took the place of is an error.
 */
struct collector_reader;
int collector_reader_new(struct collector_reader **ret, const char *const *roots, size_t n_roots,
                         const struct collector_limits *limits, struct error *err) MUST_USE;
void collector_reader_free(struct collector_reader *r); /* NULL is fine */
DEFINE_CLEANUP(struct collector_reader *, collector_reader_free)
/* Size and times of a scanned artifact that is not skipped. Negative errno: not to be had. */
int collector_reader_look(struct collector_reader *r, struct artifact *a) MUST_USE;
int collector_reader_read(struct collector_reader *r, struct artifact *a, struct arena *arena,
                          struct error *err) MUST_USE;

/* After all reads: byte totals, byte-identical copies marked and their tables dropped. */
void collector_finish(struct dossier *d);
