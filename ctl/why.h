/* SPDX-License-Identifier: MIT */
/*
 * why - what stands behind a figure, a finding or a series of a report.
 *
 * Reads report.json with the samples.json beside it; everything in them is foreign.
 * A line of a file is named where the artifact is still what the review read.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "lib/base/error.h"

struct why {
	json_t *report, *samples; /* samples NULL: there are none */
	json_t *ids;              /* id -> fact, finding, artifact */
	json_t *told;             /* facts whose cells were shown already */
};

/* The caller calls done in any case. */
int why_read(struct why *ret, const char *folder, struct error *err) MUST_USE;
void why_done(struct why *w);

/*
 * what: F12, K3, METRIC[@key=value,...] or report.md:LINE:COLUMN. -EINVAL: the report has none
 * such.
 */
int why_print(const struct why *w, const char *what, FILE *to, struct error *err) MUST_USE;
