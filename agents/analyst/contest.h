/* SPDX-License-Identifier: MIT */
/*
 * contest - agents alone and together: in which order they are measured, and what that comes to.
 *
 * Every round has each agent alone, one after the other, and all of them together; which of the
 * two comes first alternates in pairs whose first is drawn by the seed, and so does who begins. A
 * round counts only if every answer in it is good, so that both of its times are those of the same
 * work. What the agents have waited for is told by what of their calls has grown, never by the
 * efficiency, which is also low where one has more to write than another.
 */
#pragma once

#include "lib/base/arena.h"
#include "lib/evidence/dossier.h"
#include "lib/evidence/trials.h"

#define CONTEST_CONTENTION 0.75 /* of the efficiency: below, somebody waits for somebody */
#define CONTEST_SLOWED     1.1  /* times as long a token: less is no contention */
#define CONTEST_MATTERS    0.02 /* a difference of less is none */

/* What to measure after `done` trials; false: that was all. */
bool contest_next(struct trial_plan *ret, size_t done, size_t agents, unsigned runs, uint64_t seed);
/* How many there are. */
size_t contest_trials(size_t agents, unsigned runs);

/* each[].ignored is filled before; t is borrowed, and of all rounds or the first of them. */
int contest_figures(struct contest *ret, const struct trials *t, struct arena *arena,
                    struct error *err) MUST_USE;

/* Adds what it comes to, to the findings, and what to do about it to the recommendations; names
 * are the agents'. What no test bears out, it does not claim. */
int contest_finding(struct dossier *d, const struct contest *c, const char *const *names,
                    const char *today, struct error *err) MUST_USE;

/* The median of n >= 1 numbers, which are sorted, and its interval by order statistics. */
struct measured measured_of(double *x, size_t n);
