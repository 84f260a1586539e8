/* SPDX-License-Identifier: MIT */
/*
 * json_columnar - tables that are no arrays of objects: arrays side by side, and arrays of arrays.
 *
 * Arrays side by side, {"batch": [1, 2, 4], "ms": [3.1, 4.2, 7.9]}, may be the columns of a table
 * or several sets of samples. They are columns where all arrays of scalars in the object that have
 * more than one element have the same number of them, and
 * - one of them says what the others are about: texts (three of them at least, unless it is named
 *   like a label: "name", "model"; never what is named like a list of things: "tags", "errors"), or
 *   numbers under the name of an axis: "batch", "threads", "timestamps";
 * - another one holds numbers;
 * - no number beside them summarises them: "mean", "p99_ms".
 *
 * Arrays of arrays are rows where there are at least two of them, all with the same number of
 * elements (2 to 64), which are numbers and nulls, but for each row at least one in all a number.
 *
 * Both only outside of the rows of other tables: there, numbers side by side are samples.
 */
#pragma once

#include "agents/collector/json_cells.h"

/* Remembered in the marks of the object and its columns, or of the array. */
bool json_columnar(struct json_node *object);
bool json_is_grid(struct json_node *array);

/* How many columns and rows a table of such a node has. */
size_t json_columnar_columns(const struct json_node *node);
size_t json_columnar_rows(const struct json_node *node);

/* Names and fills the columns of *t, which are there. False: no memory. */
bool json_columnar_fill(struct table *t, const struct json_node *node,
                        struct json_text_pool *pool) MUST_USE;
