/* SPDX-License-Identifier: MIT */
/*
 * strmap - texts numbered in the order in which they were first seen.
 *
 * The numbering does not depend on the hash, so results stay the same from run to run. Lives in
 * an arena; zero it and set `arena`.
 */
#pragma once

#include "lib/base/arena.h"

struct strmap {
	struct arena *arena;
	struct strmap_slot *slots;
	size_t cap, n; /* n: texts held, and the number the next new one gets */
};

/* The number of key, a new one if it is new. The text is copied. -ENOMEM. */
int strmap_add(struct strmap *m, struct str key, size_t *ret) MUST_USE;

/* False when key is unknown. */
bool strmap_find(const struct strmap *m, struct str key, size_t *ret);
