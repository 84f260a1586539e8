/* SPDX-License-Identifier: MIT */
/*
 * json_columns - the columns of a table of JSON rows, found by their pointer below a row.
 */
#pragma once

#include "lib/base/arena.h"

struct json_column {
	const char *pointer, *name; /* in the arena given to json_columns_find() */
	uint64_t hash;
	bool differs;     /* from the row's key, in some row */
	size_t in_table;  /* its place there */
	bool keyed, bare; /* of an object's pointer: see settle() in json.c */
};

struct json_columns {
	struct json_column *all; /* n of them, in order of appearance */
	size_t n, cap;
	uint32_t *slots; /* index + 1, by hash; a power of two of them */
	size_t n_slots;
	size_t next; /* rows mostly have the same members in the same order */
};

/* NULL when it is not there. */
struct json_column *json_columns_find(struct json_columns *c, const char *pointer);

/* Only after json_columns_find() said NULL. NULL: no memory. `name` is a member's, unescaped. */
struct json_column *json_columns_add(struct json_columns *c, const char *pointer, const char *name,
                                     struct arena *arena);
void json_columns_done(struct json_columns *c);
