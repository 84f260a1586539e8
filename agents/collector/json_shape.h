/* SPDX-License-Identifier: MIT */
/*
 * json_shape - what a node of a JSON tree is to a table: a cell, a row's part, or a table itself.
 */
#pragma once

#include "agents/collector/json_dom.h"

enum json_shape {
	SHAPE_SCALAR = 1,
	SHAPE_PLAIN,   /* an object whose members belong to the row that holds it */
	SHAPE_KEYED,   /* an object of alike objects, keyed by configuration: a table */
	SHAPE_RECORDS, /* an array of objects (null stands for a missing one): a table */
	SHAPE_LIST,    /* an array of numbers */
	SHAPE_LISTS,   /* an array of such arrays */
	SHAPE_MIXED,   /* an array of scalars, at least one of them a number */
	SHAPE_OTHER,   /* an array of anything else, also an empty one: nothing that is a cell */
	SHAPE_TAKEN,   /* an array whose elements are columns already: json_results.h */
	/* Only outside of rows: json_columnar.h. */
	SHAPE_COLUMNAR, /* a plain object, some of whose members are the columns of a table */
	SHAPE_COLUMN,   /* one of these */
	SHAPE_GRID      /* an array of equally long arrays: the rows of a table */
};

/* Remembered in node->mark. `depth` of the node in its document. */
enum json_shape json_shape(struct json_node *node, unsigned depth);
