/* SPDX-License-Identifier: MIT */
/*
 * fixture - dossiers made by hand, with names that try to break the page.
 */
#pragma once

#include "agents/writer/writer.h"

struct fixture {
	struct arena *arena;
	struct dossier d;
	struct report_meta meta;
};

void fixture_empty(struct fixture *f);
/* Two nasty groups, a regression, an improvement, a best, gaps, comments, calls. */
void fixture_full(struct fixture *f);
/* `groups` of ten configurations by eight metrics, a best finding and two comments each. */
void fixture_large(struct fixture *f, size_t groups);
void fixture_done(struct fixture *f);

/* Facts, findings: appended; the id is returned. */
unsigned fixture_fact(struct fixture *f, struct fact fact, const double *samples, size_t n);
unsigned fixture_finding(struct fixture *f, struct finding finding, const struct segment *text,
                         size_t n);

extern const char *const nasty_paths[];
#define NASTY_PATHS 10
