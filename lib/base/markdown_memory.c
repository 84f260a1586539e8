/* SPDX-License-Identifier: MIT */
#include "lib/base/markdown_memory.h"

#include <errno.h>
#include <pthread.h>

#define STEP        16   /* bytes between two small sizes */
#define SMALL_BYTES 1024 /* above, sizes are powers of two */
#define SMALL_SIZES (SMALL_BYTES / STEP)

struct markdown_piece {
	struct markdown_piece *next; /* when it was given back */
	size_t size;                 /* of the bytes */
	_Alignas(max_align_t) char bytes[];
};

/* cmark-gfm does not tell its allocator for whom it works, but it works in one thread. */
static _Thread_local struct markdown_memory *current;

/* cmark-gfm looks at no result: there is no way back through it. */
static _Noreturn void out_of_memory(void)
{
	if (!current->running)
		abort();
	longjmp(current->start, 1);
}

/* Rounds *size up. */
static size_t index_of(size_t *size)
{
	unsigned bits;

	if (*size <= SMALL_BYTES) {
		*size = *size ? (*size + STEP - 1) / STEP * STEP : STEP;
		return *size / STEP - 1;
	}
	if (*size > SIZE_MAX / 4)
		out_of_memory();
	bits = 64 - (unsigned)__builtin_clzll(*size - 1);
	*size = (size_t)1 << bits;
	return SMALL_SIZES + bits;
}

/* *ret_zeroed: what is new is zeroed. */
static struct markdown_piece *take(size_t size, bool *ret_zeroed)
{
	size_t i = index_of(&size);
	struct markdown_piece *p = current->given_back[i];

	*ret_zeroed = !p;
	if (p) {
		current->given_back[i] = p->next;
		return p;
	}
	p = arena_alloc(current->arena, sizeof *p + size);
	if (!p)
		out_of_memory();
	p->size = size;
	return p;
}

static struct markdown_piece *piece_of(void *bytes)
{
	return CONTAINER_OF(bytes, struct markdown_piece, bytes);
}

static void give_back(void *bytes)
{
	struct markdown_piece *p;
	size_t i;

	if (!bytes)
		return;
	p = piece_of(bytes);
	i = index_of(&p->size);
	p->next = current->given_back[i];
	current->given_back[i] = p;
}

static void *zeroed(size_t n, size_t size)
{
	struct markdown_piece *p;
	bool is_zeroed;

	if (__builtin_mul_overflow(n, size, &size))
		out_of_memory();
	p = take(size, &is_zeroed);
	return is_zeroed ? p->bytes : memset(p->bytes, 0, size);
}

static void *resized(void *old, size_t size)
{
	struct markdown_piece *from = old ? piece_of(old) : NULL, *to;
	bool is_zeroed;

	if (from && from->size >= size)
		return old;
	to = take(size, &is_zeroed);
	if (from)
		memcpy(to->bytes, from->bytes, from->size);
	give_back(old);
	return to->bytes;
}

int markdown_memory_init(struct markdown_memory *m, cmark_mem **ret)
{
	static cmark_mem functions = {zeroed, resized, give_back};

	*m = (struct markdown_memory){.arena = arena_new(UINT64_MAX)};
	if (!m->arena)
		return -ENOMEM;
	current = m;
	*ret = &functions;
	return 0;
}

int markdown_memory_run(struct markdown_memory *m, void (*work)(void *arg), void *arg)
{
	m->running = true;
	if (setjmp(m->start) != 0) {
		m->running = false;
		return -ENOMEM;
	}
	work(arg);
	m->running = false;
	return 0;
}

/* The registry is cmark-gfm's own and not safe to fill from two threads at once. */
cmark_syntax_extension *markdown_tables(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, cmark_gfm_core_extensions_ensure_registered);
	return cmark_find_syntax_extension("table");
}

void markdown_memory_done(struct markdown_memory *m)
{
	arena_free(m->arena);
	*m = (struct markdown_memory){0};
	current = NULL;
}
