/* SPDX-License-Identifier: MIT */
/*
 * inject - steps of a known size, put into real series: how many would have been found, and how
 * soon?
 *
 * The step begins in the suite's eighth run before the end, or the ninth of all where there are
 * fewer, so that eight runs are before it and up to eight behind. Each series takes one in turn;
 * of a large suite up to one in twenty at once, as the others are what it is held against. All
 * suites are judged in the same night after the step, with the false alarms that the review would
 * have allowed for. What is found counts where it is told for the worse and since the step, give or
 * take two runs.
 */
#pragma once

#include "agents/analyst/suite.h"

#define INJECT_BEFORE 8 /* runs before the step, at least ... */
#define INJECT_AFTER  8 /* ... and since it, at most */

struct inject_found {
	size_t n;               /* series that have so many runs since the step */
	size_t told, confirmed; /* of them; told: suspected or confirmed */
};

struct inject_tally {
	size_t series;
	size_t too_short;                        /* too few runs before, or none since */
	size_t undirected;                       /* nobody knows what would be worse */
	struct inject_found after[INJECT_AFTER]; /* [0]: in the first night of the step */
	/* The same nights without any step. */
	size_t nights;    /* of all series together */
	size_t suspected; /* of these nights */
	size_t confirmed; /* series that are so in any of them */
};

/*
 * Of suites that are filled but not judged; `size`: .05 makes 100 to 95 or 105, as better is.
 * -ENOMEM.
 */
int inject_steps(struct inject_tally *ret, struct suite *const *suites, size_t n,
                 double size) MUST_USE;

/* Steps are put in and looked for after so many runs with them: after[runs - 1]. */
bool inject_asks(size_t runs);
