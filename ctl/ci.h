/* SPDX-License-Identifier: MIT */
/*
 * ci - what a review or a comparison found, as other programs show it: JUnit's XML, or the
 * commands of a GitHub workflow.
 *
 * One entry for each finding of the kinds that were asked for. Texts are foreign; they are made
 * harmless where they are printed.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "ctl/compare.h"
#include "ctl/fail_on.h"
#include "lib/base/arena.h"

enum ci_format { CI_NONE, CI_JUNIT, CI_GITHUB };

struct ci_entry {
	const char *kind;    /* "regression"; NULL: nothing was found, and that is told */
	const char *name;    /* the same every night */
	const char *message; /* a sentence */
	const char *place;   /* "rows 1-5 of tokens_s"; NULL: none */
	const char *file;    /* NULL: none */
	long line;           /* of the file; 0: not known */
	bool fails;          /* else it is told and no more */
};

struct ci_list {
	struct arena *arena;
	const char *title, *verdict;
	const char *time; /* RFC 3339; NULL: none */
	double seconds;
	struct ci_entry *entries;
	size_t n, cap;
	bool failed; /* no memory */
};

/* -EINVAL: none of them. text NULL: CI_NONE. */
int ci_format_parse(enum ci_format *ret, const char *text, struct error *err) MUST_USE;

/* f NULL: regressions. The list borrows from the report, or the sides. done in any case. */
int ci_of_report(struct ci_list *ret, const json_t *report, const struct fail_on *f,
                 struct error *err) MUST_USE;
int ci_of_sides(struct ci_list *ret, const struct compared_sides *c, const struct fail_on *f,
                struct error *err) MUST_USE;
void ci_done(struct ci_list *l);

/* On standard output. */
int ci_print(const struct ci_list *l, enum ci_format format, struct error *err) MUST_USE;
int ci_text(struct buf *ret, const struct ci_list *l, enum ci_format format) MUST_USE;

/*
 * Appends Markdown to the summary of the workflow's step, where $GITHUB_STEP_SUMMARY names one;
 * what is too long for one is cut at a line.
 */
int ci_summary(const char *md, size_t len, struct error *err) MUST_USE;

/* --- for those who make lists ---------------------------------------------- */

int ci_begin(struct ci_list *l, struct error *err) MUST_USE;
void ci_add(struct ci_list *l, const struct ci_entry *e);
/* The path from here, where it lies below. */
const char *ci_path(struct ci_list *l, const char *root, const char *path);
int ci_end(struct ci_list *l, const struct fail_on *f, struct error *err) MUST_USE;
