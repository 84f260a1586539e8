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

struct collector_limits {
	uint64_t file_bytes; /* a larger file is "skipped" */
	size_t files;        /* more than this below all roots: -E2BIG */
};

/*
 * Walks the roots (absolute, resolved; directories or single files) and fills d->inventory with
 * every regular file that is an artifact by its extension or content sniff, unread, sorted and
 * numbered. Links to directories are not followed; what is no regular file (FIFO, socket,
 * dangling link) is listed as skipped. Hidden directories (".git") and the reports of this
 * program are passed over. Errors: a root that is missing or cannot be listed.
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

/* After all reads: byte totals, byte-identical copies marked and their tables dropped. */
void collector_finish(struct dossier *d);
