/* SPDX-License-Identifier: MIT */
/*
 * json_cells - a node of a JSON tree as the cell of a table.
 */
#pragma once

#include "agents/collector/json_shape.h"
#include "lib/base/arena.h"
#include "lib/evidence/table.h"

/* Short texts, close together: an arena rounds each up. */
struct json_text_pool {
	struct arena *arena;
	char *at;
	size_t left, block; /* of the latest piece of the arena */
};

/* Of a scalar, a list or a mixed array. False: no memory. */
bool json_cell(struct cell *ret, const struct json_node *node, enum json_shape shape,
               struct json_text_pool *pool) MUST_USE;

/* A copy of at most 200 bytes: a log in a member is no key and no metric. NULL: no memory. */
const char *json_cell_text(struct str s, struct json_text_pool *pool) MUST_USE;
