/* SPDX-License-Identifier: MIT */
/*
 * transition - what became of a finding since it was told of last. Pure: words and a table.
 *
 * Of each finding of a subject one level is remembered, from its first review on until one that
 * looked does not find it any more. A night on which the benchmark did not run changes nothing.
 */
#pragma once

#include <stdbool.h>

enum told_level {
	TOLD_NONE,      /* it is not there; or nobody was told of it yet */
	TOLD_SUSPECTED, /* it may be an accident */
	TOLD_OPEN,      /* it is confirmed, or of a kind that is so at once */
	TOLD_QUIET,     /* it is acknowledged */
};

enum transition {
	TRANSITION_NONE,
	TRANSITION_SUSPECTED,
	TRANSITION_CONFIRMED,
	TRANSITION_APPEARED, /* what needs no confirmation */
	TRANSITION_MISSING,  /* a series that the pipeline requires */
	TRANSITION_RECOVERED,
};

struct told {
	const char *kind, *key;
	const char *state; /* suspected, confirmed or acknowledged; NULL: of a kind without */
};

const char *transition_name(enum transition t);
enum told_level told_level_of(const struct told *now);
/* The level to remember, of one that was at `before` and is at `now` (both not NONE). */
enum told_level told_level_after(enum told_level before, enum told_level now);
/* now TOLD_NONE: a review that looked has not found it. */
enum transition transition_of(enum told_level before, enum told_level now,
                              const struct told *finding);
/* Whether it is told of where suspicions are (`suspected`) or are not. */
bool transition_is_wanted(enum transition t, enum told_level before, bool suspected);
