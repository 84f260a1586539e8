/* SPDX-License-Identifier: MIT */
/*
 * json_store - the cells of many alike rows, column by column.
 *
 * Columns are CODED by the text that stands in the file; where numbers are too many for that,
 * MEASURED; where other texts are, or lists of numbers, PLAIN.
 */
#pragma once

#include "agents/collector/growing.h"
#include "agents/collector/json_cells.h"
#include "agents/collector/json_paths.h"
#include "agents/collector/json_value.h"

struct json_column {
	struct growing growing;
	struct cell *cells; /* of a PLAIN one; else NULL */
	size_t filled;      /* so many rows; those behind are as the last one is */
	const struct json_path *path;
};

struct json_store {
	struct json_text_pool pool;  /* for what stays */
	struct arena *scratch;       /* for the time of reading */
	struct json_column *columns; /* malloc'd */
	size_t n, cap;
	size_t cap_rows, cells_max;
	const char *end; /* of the text */
};

void json_store_done(struct json_store *s);

/*
 * Room for so many rows instead of the `rows` that there are, before the next one is put. False: no
 * memory, or too many cells.
 */
bool json_store_make_rows(struct json_store *s, size_t rows, size_t cap) MUST_USE;

/*
 * The value of a row that the earlier ones do not have; rows come in order, and so do their values
 * within them: the first one at a path that is a cell makes a column. -EINVAL: no string of JSON;
 * -ENOMEM; -E2BIG: too many columns for so many rows.
 */
int json_store_put(struct json_store *s, struct json_path *path, size_t row,
                   const struct json_value *value, const struct json_values *of) MUST_USE;
/* The path is not there in this row. */
int json_store_put_nothing(struct json_store *s, struct json_path *path, size_t row) MUST_USE;

/* The columns of so many rows, named, s->n of them. NULL: no memory. */
struct column *json_store_finish(struct json_store *s, size_t n_rows);
