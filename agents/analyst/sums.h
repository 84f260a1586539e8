/* SPDX-License-Identifier: MIT */
/*
 * sums - the cells of each configuration and metric, and what they come to.
 */
#pragma once

#include "agents/analyst/work.h"

struct summed {
	struct cells cells;
	struct summary sum; /* where cells.n > 0 */
	bool gathered;      /* by sums_of_columns() */
};

/*
 * All of a group: ret[configuration * n_metrics + metric], metrics as s->metrics has them. Columns
 * of numbers by the million are summed by several threads; the others wait for sums_of_cell().
 */
void sums_of_columns(struct work *w, struct summed *ret, const struct series *s,
                     const struct view *v);
/* One that sums_of_columns() has left. */
void sums_of_cell(struct work *w, struct summed *ret, const struct series *s, const struct view *v,
                  size_t configuration, size_t metric);
