/* SPDX-License-Identifier: MIT */
/* signs - the sign test: do more pairs go one way than chance would have it? */
#pragma once

#include <stddef.h>

/*
 * Two-sided and exact: how likely fair coins fall as unevenly as `up` against `down`, or more so.
 * Ties are left out before. 1 where there are none.
 */
double sign_test(size_t up, size_t down);
