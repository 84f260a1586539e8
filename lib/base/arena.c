/* SPDX-License-Identifier: MIT */
#include "lib/base/arena.h"

#include <stdio.h>

#define CHUNK_BYTES (64 * 1024) /* small reviews fit a few; larger requests get their own */
#define ALIGN       (_Alignof(max_align_t))

struct chunk {
	struct chunk *next;
	size_t size, used;
	_Alignas(max_align_t) char bytes[];
};

struct arena {
	struct chunk *chunks; /* the first one is the one being filled */
	uint64_t used, max_bytes;
	bool refused;
};

struct arena *arena_new(uint64_t max_bytes)
{
	struct arena *a = calloc(1, sizeof *a);

	if (a)
		a->max_bytes = max_bytes;
	return a;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	while (a->chunks) {
		struct chunk *next = a->chunks->next;

		free(a->chunks);
		a->chunks = next;
	}
	free(a);
}

static struct chunk *chunk_add(struct arena *a, size_t need)
{
	size_t size = need > CHUNK_BYTES ? need : CHUNK_BYTES;
	struct chunk *c = calloc(1, sizeof *c + size);

	if (!c)
		return NULL;
	c->size = size;
	if (need > CHUNK_BYTES && a->chunks) { /* keep filling the half-empty one */
		c->next = a->chunks->next;
		a->chunks->next = c;
	} else {
		c->next = a->chunks;
		a->chunks = c;
	}
	return c;
}

static void *refuse(struct arena *a)
{
	a->refused = true;
	return NULL;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct chunk *c = a->chunks;
	size_t need;
	void *p;

	if (size > SIZE_MAX - ALIGN)
		return refuse(a);
	need = size ? (size + ALIGN - 1) / ALIGN * ALIGN : ALIGN;
	if (need > a->max_bytes - a->used)
		return refuse(a);
	if (!c || c->size - c->used < need)
		c = chunk_add(a, need);
	if (!c)
		return refuse(a);
	p = c->bytes + c->used;
	c->used += need;
	a->used += need;
	return p;
}

void *arena_calloc(struct arena *a, size_t n, size_t size)
{
	size_t all;

	return __builtin_mul_overflow(n, size, &all) ? NULL : arena_alloc(a, all);
}

void *arena_grow(struct arena *a, const void *old, size_t old_size, size_t new_size)
{
	void *p = arena_alloc(a, new_size);

	if (p && old)
		memcpy(p, old, old_size < new_size ? old_size : new_size);
	return p;
}

char *arena_strndup(struct arena *a, const char *text, size_t len)
{
	char *p = len < SIZE_MAX ? arena_alloc(a, len + 1) : NULL;

	if (p && len)
		memcpy(p, text, len);
	return p;
}

char *arena_strdup(struct arena *a, const char *text)
{
	return arena_strndup(a, text, strlen(text));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *p = NULL;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n >= 0)
		p = arena_alloc(a, (size_t)n + 1);
	if (p)
		(void)vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}

uint64_t arena_used(const struct arena *a)
{
	return a->used;
}

struct arena_mark arena_mark(const struct arena *a)
{
	struct chunk *c = a->chunks;

	return (struct arena_mark){c, c ? c->next : NULL, c ? c->used : 0, a->used};
}

static struct chunk *free_until(struct chunk *c, const void *end)
{
	while (c != end) {
		struct chunk *next = c->next;

		free(c);
		c = next;
	}
	return c;
}

/* New chunks came before the first of then, large ones right behind it. */
void arena_rewind(struct arena *a, const struct arena_mark *mark)
{
	struct chunk *c = free_until(a->chunks, mark->first);

	if (c) {
		c->next = free_until(c->next, mark->second);
		memset(c->bytes + mark->first_used, 0, c->used - mark->first_used);
		c->used = mark->first_used;
	}
	a->chunks = c;
	a->used = mark->used;
	a->refused = false;
}

bool arena_refused(const struct arena *a)
{
	return a->refused;
}
