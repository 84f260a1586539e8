/* SPDX-License-Identifier: MIT */
/*
 * json_records - an array of objects, or lines of them, read straight into columns.
 *
 * Tools write their rows with the same members in the same order: such rows need no tree. What is
 * not so regular is left to the tree of json_dom.h, from which the same cells come: a table within
 * a row, what may be one, a name that comes twice, rows of more shapes than JSON_SHAPES_MAX, text
 * that is no JSON or ends too early.
 */
#pragma once

#include <stdbool.h>

#include "lib/base/arena.h"
#include "lib/evidence/table.h"

#define JSON_SHAPES_MAX 32

struct json_records {
	struct column *columns;
	size_t n_columns, n_rows;
};

/* Where they are put. */
struct json_records_room {
	struct arena *arena;
	size_t cells_max; /* of one array */
};

/*
 * At the first row. Rows are separated by commas and end in a bracket, or, as `lines`, follow one
 * another up to `end`. Returns what is behind them; NULL: they are not read, for any of the reasons
 * above or for want of memory, and the arena is as it was. `scratch` always is.
 */
const char *json_records_read(struct json_records **ret, const struct json_records_room *room,
                              struct arena *scratch, const char *at, const char *end, bool lines);
