/* SPDX-License-Identifier: MIT */
/*
 * publish - put a report folder in place, whole or not at all.
 *
 * A folder is built in REPORTS/.staging (same file system, not seen by ls), synced, and renamed
 * to REPORTS/<id>; then the link REPORTS/latest moves. Blocks: call it from a worker.
 */
#pragma once

#include <stdbool.h>

#include "lib/base/error.h"

struct publish_file {
	const char *name; /* "report.md", "plots/a.svg", "agents/a/report.md" */
	const void *data;
	size_t len;
	const char *link; /* it is a link to this name beside it; NULL: a file */
};

/* A folder of that id that is there already stays as it is: 0, as if we had made it. */
int publish_report(const char *reports, const char *id, const struct publish_file *files, size_t n,
                   struct error *err) MUST_USE;

/*
 * Takes REPORTS/<id> away whole: it is renamed among what publish_clear() clears, then deleted.
 * Missing is fine. -EINVAL: no id.
 */
int publish_remove(const char *reports, const char *id, struct error *err) MUST_USE;

/* REPORTS/index.html, whole: who reads it sees the old one or this one. */
int publish_index(const char *reports, const void *data, size_t len, struct error *err) MUST_USE;

/* At start: throws away what a killed process left half built. */
int publish_clear(const char *reports, struct error *err) MUST_USE;

/* Whether REPORTS/<id>/report.json is there, that is, a review ended that its job knows not of. */
bool publish_exists(const char *reports, const char *id);
