/* SPDX-License-Identifier: MIT */
#include "lib/base/arena.h"

#include <stdio.h>
#include <sys/mman.h>

#define CHUNK_BYTES_MIN 2048        /* many an arena is for one small file, and all is zeroed */
#define CHUNK_BYTES     (64 * 1024) /* up to here each is as large as all before it */
#define CHUNK_BYTES_MAX (8u << 20)  /* up to here a quarter of that */
#define MAPPED_BYTES    (1u << 20)  /* from here on, huge pages save most of the page faults */
#define HUGE_BYTES      (2u << 20)  /* a huge page; Linux aligns mappings that are whole ones */
#define ROOM_FIRST      16          /* things in an array that begins to grow */
#define ALIGN           (_Alignof(max_align_t))

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

static struct chunk *chunk_new(size_t size)
{
	size_t all = sizeof(struct chunk) + size;
	struct chunk *c;

	if (all < size)
		return NULL;
	if (all < MAPPED_BYTES) {
		c = calloc(1, all);
	} else {
		c = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		c = c == MAP_FAILED ? NULL : c;
		if (c)
			(void)madvise(c, all, MADV_HUGEPAGE);
	}
	if (c)
		c->size = size;
	return c;
}

static void chunk_free(struct chunk *c)
{
	size_t all = sizeof *c + c->size;

	if (all < MAPPED_BYTES)
		free(c);
	else
		(void)munmap(c, all);
}

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

		chunk_free(a->chunks);
		a->chunks = next;
	}
	free(a);
}

static size_t usual_size(const struct arena *a)
{
	size_t size = CHUNK_BYTES_MIN;

	while (size < CHUNK_BYTES && size < a->used)
		size *= 2;
	while (size < CHUNK_BYTES_MAX && size < a->used / 4)
		size *= 2;
	if (size < MAPPED_BYTES)
		return size;
	return (size < HUGE_BYTES ? HUGE_BYTES : size) - sizeof(struct chunk);
}

static struct chunk *chunk_add(struct arena *a, size_t need)
{
	size_t usual = usual_size(a), size = need > usual ? need : usual;
	struct chunk *c = chunk_new(size);

	if (!c)
		return NULL;
	if (need > usual && a->chunks) { /* keep filling the half-empty one */
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

bool arena_room(struct arena *a, void *array, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap ? *cap * 2 : ROOM_FIRST;
	void *old, *p;

	if (n < *cap)
		return true;
	memcpy(&old, array, sizeof old); /* array is some T **: no aliasing as void ** */
	p = more > SIZE_MAX / size ? NULL : arena_grow(a, old, n * size, more * size);
	if (!p)
		return false;
	memcpy(array, &p, sizeof p);
	*cap = more;
	return true;
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

		chunk_free(c);
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

bool arena_charge(struct arena *a, uint64_t bytes)
{
	if (bytes > a->max_bytes - a->used) {
		a->refused = true;
		return false;
	}
	a->used += bytes;
	return true;
}
