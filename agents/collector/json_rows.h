/* SPDX-License-Identifier: MIT */
/*
 * json_rows - one table of a JSON tree in the making: its rows, and the columns within them.
 *
 * Rows are walked several times: to find the columns, to fill the cells, and by whoever looks for
 * the tables within.
 */
#pragma once

#include "agents/collector/json_cells.h"
#include "agents/collector/json_paths.h"
#include "agents/collector/json_shape.h"

enum json_left_out {
	LEFT_TABLES = 1,
	LEFT_COLUMNS = 2,
	LEFT_DEEP = 4,
	LEFT_NAMES = 8,
	LEFT_UNLIKE = 16,
	LEFT_TRIES = 32
};

struct json_rows {
	struct json_text_pool *pool; /* for what stays */
	struct json_node *node;      /* rows are its items, or it is the only one */
	bool single;
	const char *row_key_name; /* keyed tables, else NULL */
	unsigned depth;
	struct json_paths paths;
	struct json_path **columns; /* malloc'd; in order of appearance */
	size_t n_columns, cap_columns;
	const struct json_node *element; /* the row that is being walked */
	bool nested;                     /* there are tables within its rows */
	bool keyed;                      /* one of them is keyed */
	unsigned left_out;               /* enum json_left_out */
	bool failed;                     /* no memory */
	struct json_filling *filling;
	enum { SETTLED, NOTING, MENDING } settling;
	uint32_t round;
	bool mended;
};

/* Called for what is no plain object. `path` is below the row, `depth` the node's. */
typedef void json_visit_fn(void *arg, struct json_node *node, struct json_path *path,
                           enum json_shape shape, unsigned depth);

/* `scratch` must live as long as *r. */
void json_rows_init(struct json_rows *r, struct json_text_pool *pool, struct arena *scratch);
void json_rows_done(struct json_rows *r);

static inline size_t json_rows_n(const struct json_rows *r)
{
	return r->single ? 1 : r->node->n;
}

static inline struct json_node *json_row(const struct json_rows *r, size_t i)
{
	return r->single ? r->node : &r->node->items[i];
}

static inline bool json_shape_is_table(enum json_shape shape)
{
	return shape == SHAPE_KEYED || shape == SHAPE_RECORDS || shape == SHAPE_GRID ||
	       shape == SHAPE_COLUMNAR;
}

void json_rows_walk(struct json_rows *r, size_t row, json_visit_fn *fn, void *arg);

/* Returns how many columns the table has; only with a row key, one says nothing. */
size_t json_rows_find_columns(struct json_rows *r);

/* Names and fills the columns of *t, which are there, and its notes. */
void json_rows_fill(struct json_rows *r, struct table *t);
