/* SPDX-License-Identifier: MIT */
/* rules - `columns` and `metrics` of a configuration, as the analyst takes them. */
#pragma once

#include "agents/analyst/analyst.h"
#include "daemon/config.h"
#include "lib/base/arena.h"

/* In the order of the file, columns first. Texts are borrowed from c. NULL: no memory. */
const struct analyst_rule *rules_of(const struct config *c, struct arena *arena,
                                    size_t *ret_n) MUST_USE;
