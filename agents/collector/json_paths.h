/* SPDX-License-Identifier: MIT */
/*
 * json_paths - where in its row a value stands, each place kept once.
 *
 * Rows have the same members in the same order, so each place remembers which one came behind it,
 * and which one came first within it: mostly two addresses are compared, and no text.
 */
#pragma once

#include "agents/collector/json_dom.h"
#include "lib/base/buf.h"

struct json_path {
	struct json_path *parent;       /* NULL: the row itself */
	const char *key;                /* of the tree, not copied */
	struct json_path *next, *first; /* guesses; NULL: none */
	bool is_column, differs;        /* some row has another text here than its own key */
	bool nested;                    /* some row has lists of lists here */
	uint32_t in_table;              /* a column's place there; JSON_NO_COLUMN: left out */
	uint32_t round;                 /* of settling: when these two were found out */
	bool keyed, bare;
};

#define JSON_NO_COLUMN UINT32_MAX

struct json_paths {
	struct json_path root;
	struct json_path **slots; /* malloc'd; a power of two of them, never more than half full */
	size_t n, n_slots;
	struct arena *arena;
};

void json_paths_init(struct json_paths *p, struct arena *arena);
void json_paths_done(struct json_paths *p);

/* Added where it is new. NULL: no memory. */
struct json_path *json_paths_look_up(struct json_paths *p, struct json_path *parent,
                                     const char *key) MUST_USE;

/* `guess`: &parent->first, then &its->next of each that came before. */
static inline struct json_path *json_paths_below(struct json_paths *p, struct json_path *parent,
                                                 const char *key, struct json_path **guess)
{
	if (!*guess || (*guess)->key != key)
		*guess = json_paths_look_up(p, parent, key);
	return *guess;
}

/* Appends one token, or all of a path: "/stats/p~150". */
void json_path_token(struct buf *pointer, const char *key);
void json_path_print(struct buf *pointer, const struct json_path *path);
