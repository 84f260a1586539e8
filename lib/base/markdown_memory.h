/* SPDX-License-Identifier: MIT */
/*
 * markdown_memory - what cmark-gfm allocates for one document, given back as a whole.
 *
 * A document is thousands of small pieces, most of which cmark-gfm gives back soon. malloc() alone
 * took a third of the time that reading Markdown takes.
 */
#pragma once

#include <cmark-gfm-core-extensions.h>
#include <setjmp.h>

#include "lib/base/arena.h"

#define MARKDOWN_MEMORY_SIZES 128

struct markdown_memory {
	struct arena *arena;
	struct markdown_piece *given_back[MARKDOWN_MEMORY_SIZES];
	jmp_buf start;
	bool running;
};

/*
 * Until markdown_memory_done(), what this thread allocates with *ret is of this memory; nothing of
 * it need be freed. One at a time in a thread. -ENOMEM.
 */
int markdown_memory_init(struct markdown_memory *m, cmark_mem **ret) MUST_USE;
/*
 * Calls cmark-gfm with it. When memory ends it is left where it stands, which is all that cmark-gfm
 * can take: work() owns nothing else then. -ENOMEM.
 */
int markdown_memory_run(struct markdown_memory *m, void (*work)(void *arg), void *arg) MUST_USE;
void markdown_memory_done(struct markdown_memory *m);

/* GFM's tables. The first call aborts where there is no memory for cmark-gfm's list of them. */
cmark_syntax_extension *markdown_tables(void);
