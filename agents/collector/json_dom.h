/* SPDX-License-Identifier: MIT */
/*
 * json_dom - the JSON that benchmark tools write, as a tree in an arena.
 *
 * Unlike a JSON library it keeps what evidence needs: the order of members, the text of numbers,
 * and the tokens NaN and Infinity that Python and C++ print. It refuses what would make a locator
 * ambiguous: a name that comes twice, invalid UTF-8, nesting beyond JSON_DOM_DEPTH_MAX. Errors
 * read "line 3 column 14: what". It reads text of less than 4 GiB, as encoding_decode() gives it:
 * whoever resolves a locator decodes the file first, then parses it with a ret_cut, and so has
 * the very tree that the collector made tables of.
 */
#pragma once

#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/error.h"
#include "lib/base/str.h"

#define JSON_DOM_DEPTH_MAX 512

enum dom_type {
	DOM_NULL,
	DOM_BOOL,
	DOM_NUMBER,    /* may still be too large for a double: 1e999 */
	DOM_NONFINITE, /* NaN, Infinity, -Infinity and their relatives */
	DOM_STRING,
	DOM_ARRAY,
	DOM_OBJECT
};

struct json_node {
	const char *key; /* of a member, unescaped; NULL for elements and the root */
	union {
		const char *text; /* scalars: as printed, strings unescaped; "true", "null" */
		struct json_node *items; /* arrays and objects: n of them, in order */
	};
	uint32_t n;      /* items; or bytes of text */
	uint32_t offset; /* where it, or its name, begins in the text */
	uint8_t type;    /* enum dom_type */
	uint8_t mark;    /* for the owner of the tree; 0 at first */
};

static inline bool json_dom_is_container(const struct json_node *node)
{
	return node->type == DOM_ARRAY || node->type == DOM_OBJECT;
}

/*
 * Several documents, one behind the other or one a line, come out as one array of them. Where a
 * later one is broken, those before it are kept and *ret_cut says what is wrong with it; with
 * ret_cut NULL that is a failure. Lines before the first that begins with { or [ are skipped
 * where there are such lines (a tool's greeting). -EINVAL: no JSON; -ENOMEM.
 */
int json_dom_parse(struct json_node **ret, struct error *ret_cut, struct arena *arena,
                   struct str text, struct error *err) MUST_USE;

/* The member of an object, or NULL. */
struct json_node *json_dom_member(const struct json_node *object, const char *key);

/* RFC 6901: "" is the root, "/a/0/b~1c" a descendant. NULL: there is no such node. */
const struct json_node *json_dom_get(const struct json_node *root, const char *pointer);

/*
 * Calls fn for each node that the pointer matches, in order; "*" stands for every element of an
 * array or member of an object. `row` is the place, from 1, within the first "*" (0: there is
 * none); nodes that a row does not have are passed over. Returns fn's first non-zero answer, else
 * 0; -ENOENT: nothing matched; -EINVAL: no pointer. As many stars as there are levels are fine.
 */
typedef int json_dom_fn(void *arg, const struct json_node *node, size_t row);
int json_dom_resolve(const struct json_node *root, const char *pointer, json_dom_fn *fn,
                     void *arg) MUST_USE;
