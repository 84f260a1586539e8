/* SPDX-License-Identifier: MIT */
/*
 * chart - what of the findings a picture shows better than words: the analyst says which facts
 * belong together, the writer draws them. Everything lives in the dossier's arena.
 */
#pragma once

#include <stdbool.h>

#include "lib/evidence/fact.h"

struct chart_run {
	int64_t time_s;
	unsigned fact;
};

/* The runs of one series, oldest first, behind a finding that it changed or drifts. */
struct chart_line {
	const char *key; /* the finding's: the same pointer */
	const struct chart_run *runs;
	size_t n;
	size_t first;       /* of the runs of the level that it is held against */
	unsigned reference; /* fact: that level */
	size_t since;       /* the first run that differs; n: none does */
	double limit;       /* so far from the level, as a share, a run tells nothing; NAN */
};

/* The present run of one series against what it is held against. */
struct chart_shift {
	unsigned delta;              /* fact, in % */
	unsigned present;            /* fact: the value of the present run */
	double limit_pct;            /* a smaller difference tells nothing */
	const struct label *subject; /* what tells it from the others of its table */
	size_t n_subject;
};

struct chart_choice {
	const struct label *subject; /* what tells it from the others */
	size_t n_subject;
	unsigned x, y; /* facts */
	bool on_front;
};

/* The configurations behind a finding about a Pareto front, by its first two metrics. */
struct chart_front {
	const char *key; /* the finding's: the same pointer */
	const struct chart_choice *choices;
	size_t n;
	bool is_whole; /* there is no third metric that decides as well */
};

struct charts {
	struct chart_line *lines; /* of the findings that matter most, in their order */
	size_t n_lines;
	struct chart_shift *shifts;
	size_t n_shifts;
	struct chart_front *fronts;
	size_t n_fronts;
};
