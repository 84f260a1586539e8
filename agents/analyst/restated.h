/* SPDX-License-Identifier: MIT */
/*
 * restated - a table that says again what another one says: `x_summary.csv` or `x.md` beside
 * `x.csv`. The same configurations and metrics are held against each other; a mean by its name
 * ("mean_tokens_s", "tokens_s_mean") against the mean of the values, and so on. A number written
 * with few digits agrees within half a unit of the last of them.
 */
#pragma once

#include "agents/analyst/work.h"

enum restated { RESTATED_VALUE, RESTATED_MEAN, RESTATED_MEDIAN, RESTATED_MIN, RESTATED_MAX };

/* The same directory, and the same name but for more words or another extension. */
bool restated_file(const struct group *summary, const struct group *raw);
/* The metric of `raw` that is meant by one of a summary, in the same unit, and as what. */
bool restated_metric(const struct group *raw, const struct group_metric *m, size_t *ret,
                     enum restated *as);
/* For each configuration of s the only one of r that has all that tells it, else -1. NULL: no
 * memory. */
int *restated_configurations(struct work *w, const struct group *s, const struct group *r);
unsigned restated_fact(const struct group_cell *c, enum restated as);
bool restated_agrees(double written, double computed);

/* Notes of each group that it says nothing but what one before it says, to the last number. */
void restated_find(struct work *w);
