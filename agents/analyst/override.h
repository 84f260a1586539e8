/* SPDX-License-Identifier: MIT */
/*
 * override - what the configuration says of a column (`columns:`, `metrics:`), over what its shape
 * and its tool say.
 */
#pragma once

#include "agents/analyst/profile.h"

void override_apply(struct work *w, struct column_role *r, const struct profile *p,
                    const char *name);
