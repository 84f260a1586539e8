/* SPDX-License-Identifier: MIT */
/*
 * json_names - the names of members, each kept once, so that equal names have one address.
 *
 * Rows have the same members in the same order, so each name remembers which one came next, and
 * which one came first in its object: mostly the next name need only be compared.
 */
#pragma once

#include <stdint.h>

#include "agents/collector/json_scan.h"
#include "lib/base/arena.h"
#include "lib/base/util.h"

struct json_name {
	struct json_name *next, *inner; /* guesses; NULL: none */
	uint64_t hash;
	uint32_t len;
	uint32_t seen, twice;    /* the last object that had it, and had it twice */
	bool as_written;         /* printed without an escape, it looks as it is */
	_Alignas(8) char text[]; /* NUL-terminated; zeros up to a full word */
};

struct json_names {
	struct json_name **slots; /* malloc'd; a power of two of them, never more than half full */
	size_t n, n_slots;
	uint64_t seed; /* nobody can write names that all fall into one slot */
};

static inline struct json_name *json_name_of(const char *text)
{
	return (struct json_name *)(void *)((char *)(uintptr_t)text -
	                                    offsetof(struct json_name, text));
}

/* Whether the name and a closing quote stand at `at`, which is behind the opening one. */
static inline bool json_name_is_at(const struct json_name *name, const char *at, const char *end)
{
	const char *text = name->text;
	size_t left = name->len;

	if ((size_t)(end - at) < left + 8 || !name->as_written)
		return false;
	for (; left >= 8; left -= 8, at += 8, text += 8)
		if (json_word(at) != json_word(text))
			return false;
	return ((json_word(at) ^ json_word(text)) & ((UINT64_C(1) << 8 * left) - 1)) == 0 &&
	       at[left] == '"';
}

int json_names_init(struct json_names *n) MUST_USE;
void json_names_done(struct json_names *n); /* the names stay in their arena */

/* NULL: no memory. */
struct json_name *json_names_add(struct json_names *n, const char *text, size_t len,
                                 struct arena *arena) MUST_USE;
