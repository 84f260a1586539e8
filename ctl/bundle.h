/* SPDX-License-Identifier: MIT */
/*
 * bundle - a report with what it stands on, as one tar that can be checked anywhere.
 *
 *   chimerad-ID/README.txt             what this is, and how to check it
 *   chimerad-ID/MANIFEST               digests of all other files, for sha256sum -c
 *   chimerad-ID/reports/ID/            the folder of the report
 *   chimerad-ID/reports/OTHER/         earlier reviews that it cites
 *   chimerad-ID/artifacts/ROOT/PATH    artifacts, byte for byte what the review read
 *
 * What is in it depends on the report and those files alone, down to the last byte.
 */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "ctl/options.h"
#include "lib/base/arena.h"

#define BUNDLE_NAME_BYTES 128 /* "chimerad-" and an id */

struct bundle_spec {
	const char *folder;               /* of the report */
	const struct option_texts *roots; /* in place of inventory.roots, in order */
	const char *reports;              /* of earlier reviews; NULL: what `folder` lies in */
	uint64_t max_bytes;               /* of what is beside the report's own folder */
};

struct bundle_file {
	const char *name; /* below chimerad-ID */
	const char *root,
		*path; /* where it lies: path is below root; path NULL: root is the file */
	uint64_t bytes;
	int64_t mtime_s;
	char digest[sizeof "sha256:" + 64];
};

struct bundle_left {
	const char *id, *path; /* of the artifact; id NULL: of an earlier review */
	const char *why;
};

struct bundle {
	struct arena *arena;
	json_t *report;
	const char *id;
	int64_t made_s; /* when the review had finished */
	struct bundle_file *files;
	struct bundle_left *left;
	size_t n_files, cap_files, n_left, cap_left;
	uint64_t bytes, max_bytes; /* beside the report's own folder */
	const char **commands;     /* --root of each root */
	size_t n_roots;
	bool partial; /* something that verify would look for is not in it */
};

/* Reads what there is. The caller calls done in any case. */
int bundle_plan(struct bundle *ret, const struct bundle_spec *spec, struct error *err) MUST_USE;
void bundle_done(struct bundle *b);

/* README.txt and MANIFEST, for the caller to free. NULL: no memory. */
char *bundle_readme(const struct bundle *b) MUST_USE;
char *bundle_manifest(const struct bundle *b, const char *readme_digest) MUST_USE;

/* The tar, in place of what has that name. -EAGAIN: a file has changed meanwhile. */
int bundle_write(const struct bundle *b, const char *out, struct error *err) MUST_USE;
