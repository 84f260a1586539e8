/* SPDX-License-Identifier: MIT */
/*
 * json_cells - a node of a JSON tree as the cell of a table.
 */
#pragma once

#include "agents/collector/json_shape.h"
#include "lib/evidence/table.h"

/* Of a scalar, a list or a mixed array. False: no memory. */
bool json_cell(struct cell *ret, const struct json_node *node, enum json_shape shape,
               struct arena *arena) MUST_USE;

/* A copy of at most 200 bytes: a log in a member is no key and no metric. NULL: no memory. */
const char *json_cell_text(struct str s, struct arena *arena) MUST_USE;
