/* SPDX-License-Identifier: MIT */
/*
 * verify - is a report true? Reads the artifacts again and believes nothing else.
 *
 * Shares with the analyst only the readers of tables; the arithmetic, the rules of report.md and
 * the seal are done here anew. Everything in a report is hostile.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "lib/base/error.h"

struct verify_options {
	const char *const *roots; /* in place of inventory.roots, in order */
	size_t n_roots;
	const char *reports; /* of earlier reviews; NULL: the folder that the report's lies in */
	bool partial; /* artifacts and reviews that are not there are counted, and not wrong */
};

struct verify_result {
	unsigned long facts, not_recomputed, numerals, artifacts;
	unsigned long wrong, altered; /* mismatches */
	unsigned long absent;         /* artifacts that are not there, if partial */
	unsigned long from_samples;   /* facts of which only samples.json was left to look at */
};

/*
 * Reads report.json and the report.md and samples.json beside it, and prints each mismatch as a
 * line, "wrong: place: ..." or "altered: place: ...". Fails only when there is nothing to verify:
 * no such file, no JSON, no memory.
 */
int verify_report(const char *path, const struct verify_options *options, FILE *out,
                  struct verify_result *ret, struct error *err) MUST_USE;

/*
 * The same over texts in memory, with a NUL behind each. md and samples may be NULL: there is
 * none.
 */
struct verify_texts {
	const char *json, *md, *samples;
	size_t json_len, md_len, samples_len;
	const char *folder; /* of the report; "" when it has none */
};
int verify_texts(const struct verify_texts *texts, const struct verify_options *options, FILE *out,
                 struct verify_result *ret, struct error *err) MUST_USE;
