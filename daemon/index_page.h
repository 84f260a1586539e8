/* SPDX-License-Identifier: MIT */
/*
 * index_page - REPORTS/index.html: the reviews, newest first, and what the newest have measured.
 *
 * Pure. Begin, then the reviews, then the trends, then html_end(). All texts are foreign.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"

struct index_trend {
	const char *series; /* its key, the unit in brackets at its end */
	const double *values;
	size_t n;
	int64_t first_s, last_s; /* when the first and the last were measured */
};

#define INDEX_COUNTS 4 /* series compared; findings: worse, better, gaps */

struct index_review {
	const char *id, *pipeline;
	const char *subject; /* its name, or the paths; NULL: not known */
	const char *state, *verdict;
	const char *file; /* of the report, in its folder; NULL: there is none */
	int64_t finished_s;
	int64_t counts[INDEX_COUNTS]; /* -1: not known */
};

int index_page_begin(struct buf *b, struct error *err) MUST_USE;
void index_page_subject(struct buf *b, const char *subject); /* its trends follow */
void index_page_trend(struct buf *b, const struct index_trend *t);
void index_page_subject_end(struct buf *b);
void index_page_reviews(struct buf *b); /* they follow */
void index_page_review(struct buf *b, const struct index_review *r);
/* n: how many reviews there were; older: how many more the store has. */
void index_page_reviews_end(struct buf *b, size_t n, uint64_t older);
