/* SPDX-License-Identifier: MIT */
/*
 * json_dom - the JSON that benchmark tools write, as a tree in an arena.
 *
 * Unlike a JSON library it keeps what evidence needs: the order of members, the text of numbers,
 * and the tokens NaN and Infinity that Python and C++ print. It passes over comments and a comma
 * behind the last item, which tools write, too. It refuses what would make a locator ambiguous: a
 * name that comes twice in one object, invalid UTF-8, nesting beyond JSON_DOM_DEPTH_MAX. Errors
 * read "line 3 column 14: what". It reads text of less than 4 GiB, as encoding_decode() gives it:
 * whoever resolves a locator decodes the file first, then parses it with a ret_cut, and so has the
 * very tree that the collector made tables of.
 *
 * The tree points into the text, which must live as long as it does: only names and strings with
 * escapes are copied. Nothing but a name ends in a NUL.
 */
#pragma once

#include <stdint.h>

#include "agents/collector/json_records.h"
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
	DOM_OBJECT,
	DOM_NUMBERS, /* an array of numbers and nothing else, each of them finite: samples */
	DOM_RECORDS  /* an array of objects that are columns: only where there is room for them */
};

struct json_node {
	const char *key; /* of a member, unescaped; NULL for elements and the root. Equal names have
	                    one address */
	union {
		const char *text; /* scalars: as printed, strings unescaped; "true", "null" */
		struct json_node *items; /* ARRAY and OBJECT: n of them, in order */
		const struct json_records *records;
	};
	uint32_t n;      /* bytes of text; or items, or rows; or NUMBERS, see json_dom_numbers() */
	uint32_t offset; /* where it, or its name, begins in the text */
	uint8_t type;    /* enum dom_type */
	uint8_t mark;    /* for the owner of the tree; 0 at first */
};

/* Whether it has items. */
static inline bool json_dom_is_container(const struct json_node *node)
{
	return node->type == DOM_ARRAY || node->type == DOM_OBJECT;
}

static inline bool json_dom_is_array(const struct json_node *node)
{
	return node->type == DOM_ARRAY || node->type == DOM_NUMBERS;
}

static inline struct str json_dom_text(const struct json_node *scalar)
{
	return (struct str){scalar->text, scalar->n};
}

/* The numbers of a DOM_NUMBERS, one after the other; false behind the last. */
struct json_numbers {
	const char *at;
	uint32_t left;
};
static inline struct json_numbers json_dom_numbers(const struct json_node *numbers)
{
	return (struct json_numbers){numbers->text, numbers->n};
}
bool json_dom_next_number(struct json_numbers *n, struct str *ret);

/*
 * Several documents, one behind the other or one a line, come out as one array of them. Where a
 * later one is broken, those before it are kept and *ret_cut says what is wrong with it. Of a text
 * that ends too early, what is whole is kept: in objects that did not end their members, in an
 * array of arrays or objects that did not end its elements. An array of scalars that did not end
 * goes, as does an object within an array, unless such an array is below it. Of a name that comes
 * twice in an object no member is kept, and *ret_cut says so with -EEXIST. With ret_cut NULL all
 * that is a failure. Lines before the first that begins with { or [ are skipped where there are
 * such lines (a tool's greeting). -EINVAL: no JSON; -ENOMEM.
 */
int json_dom_parse(struct json_node **ret, struct error *ret_cut, struct arena *arena,
                   struct str text, struct error *err) MUST_USE;

/*
 * The same of valid UTF-8. With a room, regular rows outside of other arrays are DOM_RECORDS, in
 * the room's arena; NULL: all is a tree.
 */
int json_dom_parse_records(struct json_node **ret, struct error *ret_cut, struct arena *arena,
                           const struct json_records_room *room, struct str text,
                           struct error *err) MUST_USE;

/* A copy of the node. RFC 6901: "" is the root, "/a/0/b~1c" a descendant. False: there is none. */
bool json_dom_get(struct json_node *ret, const struct json_node *root, const char *pointer);

/*
 * Calls fn for each node that the pointer matches, in order; "*" stands for every element of an
 * array or member of an object. `row` is the place, from 1, within the first "*" (0: there is
 * none); nodes that a row does not have are passed over. `node` is valid during the call: an
 * element of a DOM_NUMBERS has no other. Returns fn's first non-zero answer, else
 * 0; -ENOENT: nothing matched; -EINVAL: no pointer. As many stars as there are levels are fine.
 */
typedef int json_dom_fn(void *arg, const struct json_node *node, size_t row);
int json_dom_resolve(const struct json_node *root, const char *pointer, json_dom_fn *fn,
                     void *arg) MUST_USE;
