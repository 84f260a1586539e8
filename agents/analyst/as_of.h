/* SPDX-License-Identifier: MIT */
/*
 * as_of - a tree as it was in an earlier night: of its inventory a copy without the files, and the
 * rows of files that grow, that were measured later.
 *
 * A run counts by what tells it from others: the time in its path, else when it was measured, else
 * when its file was written. Where the runs of one series share the time in their paths, that says
 * nothing, and the other two count. Files that hold no measurement count by the time in their path,
 * else when they were written.
 */
#pragma once

#include "agents/analyst/analyst.h"

/*
 * Of d->inventory remains what was there at s->as_of_s. The artifacts and tables that it held stay
 * as they are; those of the copy live in d->arena and borrow from them. -ENOMEM.
 */
int as_of_cut(struct dossier *d, const struct analyst_settings *s) MUST_USE;
