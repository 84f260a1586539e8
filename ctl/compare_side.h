/* SPDX-License-Identifier: MIT */
/*
 * compare_side - the series of one side of a comparison: of a tree of artifacts, which is read and
 * analysed, or of the report.json of a review with the samples.json beside it.
 */
#pragma once

#include <jansson.h>

#include "ctl/explain.h"
#include "lib/base/str.h"

/* One configuration's metric. */
struct compare_series {
	const char *title,
		*where; /* the artifact's path; which table in it, "" where that is clear */
	const char *machine, *path,
		*shape;            /* "" where nobody said; the same in every run; the place */
	const char *metric, *unit; /* unit NULL: none */
	enum better better;
	const struct label *subject;
	size_t n_subject;
	const struct fact *fact; /* its value or median */
};

struct compare_side {
	char *name;                 /* the path, resolved */
	struct explained *tree;     /* else */
	json_t *report, *samples;   /* what the series borrow from */
	struct arena *arena;        /* of the series' own texts */
	struct compare_series *all; /* n of them */
	size_t n;
	bool single; /* one artifact: what it is called does not matter */
};

/*
 * config: as explain_read() has it. Errors: a path that is missing, no measurement, a report that
 * is none or lies without its samples, no memory. The caller calls done in any case.
 */
int compare_side_read(struct compare_side *ret, const char *path, const char *config,
                      struct error *err) MUST_USE;

/* The same of a report.json and its samples.json that are read already. */
int compare_side_parse(struct compare_side *ret, struct str report, struct str samples,
                       struct error *err) MUST_USE;
void compare_side_done(struct compare_side *s);
