/* SPDX-License-Identifier: MIT */
/*
 * suite - the series of one table over its runs: which of them changed, since when, how surely.
 *
 * The datum is one value a run. What all series of a suite have in common in a run (the machine
 * throttled, a driver came) is taken out of each that follows it, and judged as a series of its
 * own. What is left is judged twice: the latest run against the level before it, with the noise of
 * the series moderated by that of its siblings (moderated.h); and all runs for changes of level
 * (change_points.h), each of which must hold against the number of series that are looked at. A
 * change of level is the reference of what comes after it; the noise is carried over.
 *
 * Pure numbers: no facts, no names. Nothing is drawn at random.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/util.h"

#define SUITE_RUNS   8   /* fewer do not tell the noise of a series ... */
#define SUITE_SERIES 20  /* ... but so many series tell that of each other */
#define SUITE_Q      .05 /* share of false alarms among the suspicions of one night */
#define SUITE_STAYED 3   /* runs in a row on the other side of as many are no accident */

enum suite_state {
	SUITE_STEADY,
	SUITE_SUSPECTED, /* the latest run, or the latest two */
	SUITE_CONFIRMED,
	SUITE_SPIKE,     /* was suspected in the run before, and is not any more */
	SUITE_RECOVERED, /* was confirmed, and the level is back */
};

/* One change of a series. Indexes are into its values; the reference is [before, since). */
struct suite_change {
	enum suite_state state;
	int turn;          /* +1: the value rose, -1: it fell; 0: steady */
	size_t before;     /* first run of the level that it changed from ... */
	size_t since;      /* ... and first run that differs */
	double p;          /* two-sided; NAN: not tested */
	double p_adjusted; /* by suite_settle(); NAN where it does not look */
};

/* How one series stands after its latest run. */
struct suite_verdict {
	bool tested;               /* there is an estimate of its noise */
	bool shares;               /* its direction is known: it tells of what all have in common */
	struct suite_change run;   /* of the latest run, against the level that it is in, which
	                              begins with `before` also where nothing changed */
	struct suite_change level; /* of the levels: the worst that is open, or what is new */
	struct suite_change latest; /* a step in the latest runs that is likely, not sure */
	size_t streak;              /* runs at the end beyond the limit, the latest included */
	size_t references;          /* runs that the latest one was held against */
	double distance, limit;     /* of the latest run from these, relative: .02 is 2 % */
	double sd, df;              /* of one run about its level, as logarithms; 0: not tested */
	double noticed;        /* the smallest change seen with a power of 80 %, relative; NAN */
	size_t best, best_end; /* runs of the best level there was; both 0: it is in it */
	bool drifts;           /* slowly, with no step since the last change of level */
	double drift, drift_p; /* relative, over the runs since then */
};

struct suite_series {
	const double *x;     /* finite, oldest first; the last is the present run's */
	const uint32_t *run; /* of the suite's runs, in order; some may share one */
	size_t n;            /* >= 1 */
	int better;          /* +1: higher is, -1: lower is, 0: nobody knows */
	struct suite_verdict v;
};

struct suite {
	struct suite_series *series;
	size_t n;
	size_t runs;         /* in all; the present is the last */
	double min_effect;   /* .02: 2 % */
	size_t family;       /* series that the review looks at in all, this suite's included */
	const double *given; /* by run: what others tell of the machine, where these are too few to
	                        tell it; NULL: nothing */
	/* What comes out beside the verdicts. */
	double alpha;                /* that the p of a change of level must be below */
	bool has_common;             /* its series are enough to tell what they share */
	struct suite_verdict common; /* of the shift that the series share, better being higher */
	double *shift;               /* by run, relative to its middle, logarithms; owned */
};

/* Fills the verdicts. -ENOMEM. */
int suite_judge(struct suite *s) MUST_USE;
/* Only what the series have in common. -ENOMEM. */
int suite_judge_common(struct suite *s) MUST_USE;
/* Of all suites of a review: what is suspected must hold against their number (Benjamini and
 * Hochberg at q), else it is steady. -ENOMEM. */
int suite_settle(struct suite *const *suites, size_t n, double q) MUST_USE;
void suite_done(struct suite *s);
