/* SPDX-License-Identifier: MIT */
/*
 * markdown_lines - the lines of a Markdown text, to find what looks like a table and is none:
 * two pipes or more, or a "---|---", where cmark-gfm sees neither a table nor a code block.
 */
#pragma once

#include "lib/base/str.h"

struct markdown_line {
	struct str text;
	bool taken; /* by a table or a code block */
};

struct markdown_lines {
	struct markdown_line *all; /* line 1 is all[0] */
	size_t n;
	size_t most_pipes; /* of one line */
	size_t images;     /* "![" anywhere */
};

struct markdown_lookalikes {
	size_t n;            /* places: neighbouring lines are one */
	unsigned first_line; /* of the first place, from 1 */
};

int markdown_lines_init(struct markdown_lines *ret, struct str text);
void markdown_lines_done(struct markdown_lines *l);

void markdown_mark(struct markdown_lines *l, unsigned first, unsigned last);
/* "|---|:-:|", from 1; false beyond the end. */
bool markdown_is_delimiter_row(const struct markdown_lines *l, unsigned line);
struct markdown_lookalikes markdown_find_lookalikes(const struct markdown_lines *l);
