/* SPDX-License-Identifier: MIT */
/*
 * cache_file - a SQLite file that may be lost: written without fsync, thrown away when damaged.
 *
 * What stands in it can be had again by asking or reading again. Connections belong to one thread
 * at a time; another process that writes is waited for a second.
 */
#pragma once

#include "daemon/store_sql.h"

struct cache_layout {
	const char *sql; /* makes the tables */
	int64_t version; /* of that; a file of another version is -EBADMSG */
};

/* s->path is set. On failure s->db is NULL. -EBADMSG: throw it away. */
int cache_file_open(struct store *s, const struct cache_layout *layout, struct error *err) MUST_USE;
/* The same, but what is damaged or of another version makes room for an empty file. */
int cache_file_open_anew(struct store *s, const struct cache_layout *layout,
                         struct error *err) MUST_USE;
void cache_file_close(struct store *s);

/* Throws the file away, with its journal, which would be rolled back into the next one. */
void cache_file_discard(const char *path);

/* A value of a statement: a text, or a number where text is NULL. */
struct cache_value {
	const char *text;
	int64_t number;
};

/* One statement to its first row: 1, or 0 when there is none. */
int cache_file_run(const struct store *s, const char *sql, const struct cache_value *values,
                   size_t n, struct error *err) MUST_USE;
