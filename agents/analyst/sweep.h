/* SPDX-License-Identifier: MIT */
/*
 * sweep - the variants of a matrix: which to measure next, and which is best.
 *
 * Successive halving: every variant is measured once, then the better half again, and so on, three
 * at least, until `runs` runs. So the hopeless ones cost one run and the best ones get them all.
 * Who had no good answer, or options that the server did not honour, is not measured again. The
 * winner is the fastest, or of those who are as fast by the noise of all the one whose words stand.
 * The order within a round is drawn by the seed. What was stopped early is not called worse than
 * the best for that: only where it is outside of what the noise of all allows, with its own few
 * runs.
 */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/error.h"
#include "lib/evidence/trials.h"

/* What to measure after these; false: that was all. -ENOMEM. */
int sweep_next(bool *ret_more, struct trial_plan *ret, const struct trials *t, unsigned runs,
               uint64_t seed) MUST_USE;
/* How many trials it takes at most, the warm-up included. */
size_t sweep_trials(size_t variants, unsigned runs);

/* variants[].ignored is filled before; t is borrowed. */
int sweep_figures(struct tuning *s, const struct trials *t, struct arena *arena,
                  struct error *err) MUST_USE;
