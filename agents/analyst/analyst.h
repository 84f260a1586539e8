/* SPDX-License-Identifier: MIT */
/*
 * analyst - from tables to facts, groups, findings, recommendations and the verdict.
 *
 * Pure code: same tables, same result, byte for byte, with or without a model. Blocks; call it
 * from a worker. Fills the dossier; touches nothing of the inventory but artifact.status/.reason
 * (a table with failed rows is "partial").
 */
#pragma once

#include "lib/evidence/dossier.h"

struct expectation; /* lib/evidence/pipeline.h */
struct pipeline;
struct requirement;

struct analyst_rule {
	const char *pattern;   /* fnmatch(3) on the column's name */
	const char *role;      /* key metric covariate ignored; NULL: leave */
	const char *unit;      /* NULL: leave */
	const char *direction; /* higher lower none; NULL: leave */
};

struct analyst_settings {
	const struct analyst_rule *rules; /* from chimerad.yaml `columns` and `metrics`; for each
	                                     property the first that has it */
	size_t n_rules;
	const char *today;   /* "2026-11-21": since of findings that are new */
	const char *machine; /* "" when nobody said */
	double min_effect_pct;
	double q;         /* share of false alarms among suspicions of one night; 0: SUITE_Q */
	size_t max_facts; /* what does not fit is left out, and a gap finding says so */
	const struct expectation *expectations; /* the pipeline's; borrowed */
	size_t n_expectations;
	const struct pipeline *pipeline; /* whose options they are held against; NULL: no one's */
	const struct requirement *requirements; /* likewise */
	size_t n_requirements;
	size_t max_risks; /* rows of risks that code weighs; 0: no persona asks for any */
	int64_t now_s;    /* that the age of what is required is told at */
	unsigned threads; /* that may work on one large table; 0 counts as 1. The result is the same
	                   */
	int64_t as_of_s;  /* the tree is seen as it was then (as_of.h), and the dossier's inventory
	                     becomes a copy of that; 0: as it is */
};

/* The path with times, commits and numbers of runs as stars: the same in every run. NULL: the arena
 * is full. */
const char *analyst_path(struct arena *arena, const char *path);

int analyst_run(struct dossier *d, const struct analyst_settings *s, struct error *err) MUST_USE;

/* What was measured together: a series once, and nothing else for an hour and past midnight. */
struct analyst_night {
	int64_t first_s, last_s; /* last_s as as_of_s: the tree as it was after that night */
};

/* The nights of all that the inventory holds, by time; the caller frees them. -ENOMEM. */
int analyst_nights(struct analyst_night **ret, size_t *ret_n, const struct dossier *d,
                   const struct analyst_settings *s) MUST_USE;

struct inject_tally; /* inject.h */

/*
 * A step of `size` (.05: 5 %) for the worse in each series in turn: how many are found, and what is
 * found without it. Leaves facts and groups in the dossier, no findings.
 */
int analyst_inject(struct inject_tally *ret, struct dossier *d, const struct analyst_settings *s,
                   double size, struct error *err) MUST_USE;
