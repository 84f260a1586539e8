/* SPDX-License-Identifier: MIT */
/*
 * markdown_memory - what cmark-gfm allocates for one document, given back as a whole.
 *
 * A document is thousands of small pieces, most of which cmark-gfm gives back soon. malloc() alone
 * took a third of the time that reading Markdown takes.
 */
#pragma once

#include <cmark-gfm.h>

#include "lib/base/arena.h"

#define MARKDOWN_MEMORY_SIZES 128

struct markdown_memory {
	struct arena *arena;
	struct markdown_piece *given_back[MARKDOWN_MEMORY_SIZES];
};

/*
 * Until markdown_memory_done(), what this thread allocates with *ret is of this memory; nothing of
 * it need be freed. One at a time in a thread. It aborts when the machine's memory ends, which is
 * all that cmark-gfm can take. -ENOMEM.
 */
int markdown_memory_init(struct markdown_memory *m, cmark_mem **ret) MUST_USE;
void markdown_memory_done(struct markdown_memory *m);
