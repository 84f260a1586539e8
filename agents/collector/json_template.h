/* SPDX-License-Identifier: MIT */
/*
 * json_template - rows that have the same members in the same order, one after the other.
 *
 * A row is compared with the text of the one before: what is the same needs no look at it, and
 * values are read only where the two differ.
 */
#pragma once

#include "agents/collector/json_names.h"
#include "agents/collector/json_paths.h"
#include "agents/collector/json_value.h"

struct json_step {
	struct json_path *path;
	bool object; /* always an empty one */
};

struct json_template {
	const char *row; /* the last one, from its brace on */
	uint32_t len;
	uint32_t n;
	struct json_step *steps; /* n of them, as of those below */
	uint32_t *from, *to;     /* where the last row has its values */
};

/* What the templates of one array share. */
struct json_templates {
	struct json_values values; /* of the row that was read last */
	struct json_names names;
	struct json_paths paths;
	struct arena *arena;
	uint32_t n; /* of templates made, for the paths' rounds */
};

/*
 * Of the object that begins there; its values are all of its own. Returns what is behind it. NULL:
 * no memory, or an object that makes no template: one with a table in it, or with what may be one,
 * with a name that comes twice or is long or escaped, too deep or too large.
 */
const char *json_template_make(struct json_template *ret, struct json_templates *all,
                               const char *at);

/*
 * Reads the row that begins there: its values are those that are not what they were in the row
 * before, or all. Returns what is behind it; NULL: it is no such row, and nothing is changed but
 * the values.
 */
const char *json_template_follow(const struct json_template *t, struct json_values *v,
                                 const char *at, bool all);
/* Makes the row that was followed the last one. */
void json_template_accept(struct json_template *t, const struct json_values *v, const char *row,
                          const char *behind);
