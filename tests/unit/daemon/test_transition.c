/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "daemon/transition.h"

static const struct told regression = {"regression", "regression:x.csv/ms", "confirmed"};
static const struct told missed = {"expectation_missed", "expectation:ms", NULL};
static const struct told required = {"gap", "gap:required:*", NULL};
static const struct told vanished = {"vanished", "vanished", NULL};

Test(transition, the_level_is_that_of_the_state)
{
	cr_expect_eq(told_level_of(&regression), TOLD_OPEN);
	cr_expect_eq(told_level_of(&missed), TOLD_OPEN);
	cr_expect_eq(told_level_of(&(struct told){"changed", "k", "suspected"}), TOLD_SUSPECTED);
	cr_expect_eq(told_level_of(&(struct told){"changed", "k", "acknowledged"}), TOLD_QUIET);
}

/* Rows: before; columns: now. */
Test(transition, each_pair_of_levels_has_its_own)
{
	static const enum transition expected[4][4] = {
		[TOLD_NONE] = {TRANSITION_NONE, TRANSITION_SUSPECTED, TRANSITION_CONFIRMED,
	                       TRANSITION_NONE},
		[TOLD_SUSPECTED] = {TRANSITION_RECOVERED, TRANSITION_NONE, TRANSITION_CONFIRMED,
	                            TRANSITION_NONE},
		[TOLD_OPEN] = {TRANSITION_RECOVERED, TRANSITION_NONE, TRANSITION_NONE,
	                       TRANSITION_NONE},
		[TOLD_QUIET] = {TRANSITION_RECOVERED, TRANSITION_SUSPECTED, TRANSITION_CONFIRMED,
	                        TRANSITION_NONE},
	};

	for (int before = TOLD_NONE; before <= TOLD_QUIET; before++)
		for (int now = TOLD_NONE; now <= TOLD_QUIET; now++)
			cr_expect_eq(transition_of((enum told_level)before, (enum told_level)now,
			                           &regression),
			             expected[before][now], "%d to %d", before, now);
}

Test(transition, what_needs_no_confirmation_appears)
{
	cr_expect_eq(transition_of(TOLD_NONE, TOLD_OPEN, &missed), TRANSITION_APPEARED);
	cr_expect_eq(transition_of(TOLD_NONE, TOLD_OPEN, &required), TRANSITION_MISSING);
}

Test(transition, a_vanished_series_that_is_not_told_again_has_not_come_back)
{
	cr_expect_eq(transition_of(TOLD_NONE, TOLD_OPEN, &vanished), TRANSITION_APPEARED);
	cr_expect_eq(transition_of(TOLD_OPEN, TOLD_NONE, &vanished), TRANSITION_NONE);
}

Test(transition, what_was_confirmed_is_not_confirmed_once_more)
{
	enum told_level level = told_level_after(TOLD_OPEN, TOLD_SUSPECTED);

	cr_expect_eq(level, TOLD_OPEN);
	cr_expect_eq(transition_of(level, TOLD_OPEN, &regression), TRANSITION_NONE);
	cr_expect_eq(told_level_after(TOLD_OPEN, TOLD_QUIET), TOLD_QUIET);
	cr_expect_eq(told_level_after(TOLD_SUSPECTED, TOLD_OPEN), TOLD_OPEN);
}

Test(transition, of_a_suspicion_only_those_hear_who_want_to)
{
	cr_expect(transition_is_wanted(TRANSITION_SUSPECTED, TOLD_NONE, true));
	cr_expect_not(transition_is_wanted(TRANSITION_SUSPECTED, TOLD_NONE, false));
	cr_expect(transition_is_wanted(TRANSITION_RECOVERED, TOLD_SUSPECTED, true));
	cr_expect_not(transition_is_wanted(TRANSITION_RECOVERED, TOLD_SUSPECTED, false));
	cr_expect(transition_is_wanted(TRANSITION_RECOVERED, TOLD_OPEN, false));
	cr_expect(transition_is_wanted(TRANSITION_CONFIRMED, TOLD_SUSPECTED, false));
	cr_expect_not(transition_is_wanted(TRANSITION_NONE, TOLD_OPEN, true));
}

Test(transition, each_has_a_name)
{
	cr_expect_str_eq(transition_name(TRANSITION_SUSPECTED), "suspected");
	cr_expect_str_eq(transition_name(TRANSITION_MISSING), "missing");
	cr_expect_str_eq(transition_name(TRANSITION_RECOVERED), "recovered");
}
