/* SPDX-License-Identifier: MIT */
/*
 * workloads - which configurations of a group did the same work.
 *
 * A column that says what was run (benchmark, test, query ...) tells apart what is not comparable;
 * an option (threads, batch, model, backend) tells apart what is, also where it stands in the name
 * ("Encode/format=json"). Configurations are ranked among those of the same work.
 */
#pragma once

#include "agents/analyst/work.h"

/* Fills g's works; none where all of it is one work. */
void workloads_split(struct work *w, struct group *g, const struct series *s);
/* Those of one work as a group, not ranked; false: it is one alone, or no memory. */
bool workloads_part(struct work *w, struct group *ret, const struct group *g, size_t work) MUST_USE;
