/* SPDX-License-Identifier: MIT */
/*
 * gap - findings about what is broken or missing, as they are put together.
 *
 * gaps.c calls one function for each sort of gap. At most one finding comes of a sort and series,
 * or of a sort and directory; the rest is folded into it. Keys stay the same over nights.
 */
#pragma once

#include "agents/analyst/work.h"

#define GAP_ALONE 6 /* findings of one sort before the rest is folded */
#define GAP_SAID  5 /* files, configurations or columns named in one sentence */

struct gap {
	struct finding finding;
	struct sentence text;
	unsigned *artifacts, *facts; /* the finding's */
	size_t cap_artifacts, cap_facts;
};

/* Cells from many files, as a fact counts them. */
struct gap_cells {
	struct cells cells;
	size_t cap;
};

struct gap gap_new(enum severity severity);
/* Names the artifact unless it was the last one named. */
void gap_artifact(struct work *w, struct gap *g, unsigned id);
/* One cell a row: rows[i] of the view, in column columns[i]. */
void gap_cells(struct work *w, struct gap_cells *c, const struct view *v, const uint32_t *rows,
               const int *columns, size_t n);
/* The number of cells, as a fact of the finding, and in its sentence; 0: no room, nothing said. */
unsigned gap_count(struct work *w, struct gap *g, const char *label, const struct gap_cells *c);
void gap_fact(struct work *w, struct gap *g, unsigned fact);
/* The text is whole; key lives in the arena. */
bool gap_is_told(const struct work *w, const char *key); /* a finding has the key */
const struct finding *gap_add(struct work *w, struct gap *g, const char *key);

/* Findings of one sort: the first few speak for themselves, the rest is one that names its files.
 */
struct gap_fold {
	const char *key;   /* of the one for the rest, "gap:frozen" */
	const char *words; /* "Repetitions are all the same in " */
	size_t n;
	struct gap rest;
};
void gap_add_folded(struct work *w, struct gap_fold *f, struct gap *g, const char *key);
void gap_fold_end(struct work *w, struct gap_fold *f);

/* "`a`, `b` and `c`", "`a`, `b`, ... and others": name by name, n in all. */
void gap_name(struct sentence *s, const char *name, size_t i, size_t n);

/* The paths of the artifacts that it concerns. */
void gap_files(struct work *w, struct gap *g);

/* The number has digits enough that no coarse clock made it, and nobody set it. */
bool gap_is_exact(double x);

/* Prose about measurements is none itself, but for what a tool printed. */
static inline bool is_measured(const struct view *v)
{
	return v->artifact->format != FORMAT_MARKDOWN || v->parts[0].table->schema;
}

/* gaps_files.c: directories of which nothing was read, files gone, copied runs, stale files. */
void gaps_in_files(struct work *w);
/* gaps_runs.c: configurations that lack a metric or repetitions, repetitions without variance. */
void gaps_in_runs(struct work *w);
/* gaps_values.c: numbers that cannot be, and columns in several units. */
void gaps_in_values(struct work *w);
/* gaps_facts.c: what the limit on facts has no room for. */
void gaps_in_facts(struct work *w);
/* gaps_conditions.c: debug builds, clocks that vary, thresholds that were missed. */
void gaps_in_conditions(struct work *w);
