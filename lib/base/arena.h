/* SPDX-License-Identifier: MIT */
/*
 * arena - memory for everything that lives as long as one review, freed as a whole.
 *
 * One owner, one thread at a time. What it hands out is zeroed and aligned for any type. It never
 * hands out more than max_bytes in all: that limit is what keeps a hostile artifact from eating
 * the machine.
 */
#pragma once

#include <stdarg.h>
#include <stdint.h>

#include "lib/base/str.h"
#include "lib/base/util.h"

struct arena;

struct arena *arena_new(uint64_t max_bytes);
void arena_free(struct arena *a); /* NULL is fine */
DEFINE_CLEANUP(struct arena *, arena_free)

/* NULL when the limit or the machine's memory is reached. size 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t size) MUST_USE;
/* NULL also when n * size overflows. */
void *arena_calloc(struct arena *a, size_t n, size_t size) MUST_USE;
/* A bigger copy of an array; old may be NULL. The old one stays valid until the arena goes. */
void *arena_grow(struct arena *a, const void *old, size_t old_size, size_t new_size) MUST_USE;

/*
 * Room for one more in an array of n things of so many bytes, of which *cap fit; `array` is the
 * address of the pointer to it. False: no memory, and nothing is changed.
 */
bool arena_room(struct arena *a, void *array, size_t n, size_t *cap, size_t size) MUST_USE;

char *arena_strdup(struct arena *a, const char *text) MUST_USE;
char *arena_strndup(struct arena *a, const char *text, size_t len) MUST_USE;
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3) MUST_USE;

uint64_t arena_used(const struct arena *a);
/* Counts memory that lies elsewhere as if it had been handed out here. False: over the limit. */
bool arena_charge(struct arena *a, uint64_t bytes) MUST_USE;

/*
 * What was handed out since the mark is given back: for work that came to nothing. The latest mark
 * goes first, as on a stack.
 */
struct arena_mark {
	void *first, *second;
	size_t first_used;
	uint64_t used;
};
struct arena_mark arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, const struct arena_mark *mark);
bool arena_refused(const struct arena *a); /* NULL was handed out since the last rewind */
