/* SPDX-License-Identifier: MIT */
/*
 * ranking - which configurations of a sweep cannot be told from its best one, by one metric.
 *
 * The score is the median. A rival is in the tie set when the one-sided exact Mann-Whitney test
 * against the best, adjusted for their number (Holm 1979), does not reject, or when the interval
 * of the Hodges-Lehmann ratio touches what is too small to matter. Where so few repetitions can
 * decide nothing, the tie set is a band below the best: what matters, or what the noise of medians
 * makes of equals, whichever is wider.
 */
#pragma once

#include "agents/analyst/two_sample.h"
#include "agents/analyst/work.h"

#define RANKING_LEAST 4 /* repetitions on each side of a test */
#define RANKING_ALPHA .05
#define RANKING_MANY  10 /* configurations beyond which the best of them is also the luckiest */

struct rival {
	size_t configuration, n;
	double value;  /* its median */
	double behind; /* how far it lies behind the best, share of that */
	bool tested, tied;
	bool has_ratio;    /* all numbers are positive: of.ratio is one; else a difference over the
	                      median */
	double p;          /* one-sided: half of two_sample's where the best is better */
	double p_adjusted; /* one-sided; NAN where not tested */
	struct two_sample of; /* the best against it; where tested. The first alone has a ratio */
	double band;          /* up to which `behind` is a tie; where not tested */
};

struct ranking {
	const char *key; /* the finding's: the same pointer; NULL: there is no best of all */
	bool part;       /* of a sweep that is looked at as a whole, too */
	const struct series *series;
	const struct group *group;
	size_t metric, best, best_n;
	struct rival *rivals; /* the nearest median first */
	size_t n_rivals, n_tied, n_tested;
	size_t most_n;       /* repetitions of the configuration that has most */
	double noise;        /* standard deviation of the logarithm of one value; 0: unknown */
	bool alike;          /* all of them, within what matters: there is nothing to choose */
	bool conflict;       /* by another metric others are best: set by pareto.c */
	bool lucky;          /* the lead is what the luckiest of so many equals would have */
	size_t best_by_mean; /* the configuration that leads by its mean; `best` where that does */
};

/* False: there is nothing to rank, or no memory (w->failed). */
bool ranking_of(struct work *w, struct ranking *ret, const struct series *s, const struct group *g,
                size_t metric) MUST_USE;

/* How far the interval of the ratio keeps from no difference, as a share; 0: it does not. */
double rival_distance(const struct rival *r, enum better better);

/* Which configuration is preferred is a choice, none of them is other work. */
bool ranking_is_choice(const struct group *g);

/* The key of a finding: "best:" and its series, or what the names of its files have in common. */
const char *ranking_key(struct work *w, const struct series *s, const struct group *g,
                        const char *what);

/* The metric that a group is ranked by first: the nearest that has a best. */
bool ranking_primary(const struct group *g, size_t *ret);
