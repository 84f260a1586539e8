/* SPDX-License-Identifier: MIT */
/*
 * pretty_impl - what the parts of pretty share. Nobody else includes it.
 *
 * Styled text is foreign text made harmless, in which no control character is left: so these mark
 * where a style begins and ends, and take no column.
 */
#pragma once

#include <cmark-gfm.h>

#include "ctl/pretty.h"

#define PRETTY_BYTES_MAX ((size_t)64 << 20)

enum pretty_mark {
	PRETTY_STRONG = 1,
	PRETTY_STRONG_END,
	PRETTY_CODE,
	PRETTY_CODE_END,
	PRETTY_FAINT,
	PRETTY_FAINT_END
};

/* Text that is printed in more than one line: what of it is left, and the styles that are on. */
struct pretty_flow {
	const char *at;
	bool strong, code, faint;
};

/* The text of a node's children, in one line. */
void pretty_inlines(struct buf *ret, const struct pretty *p, cmark_node *node);

size_t pretty_columns(const char *styled);

/* The next line of at most so many columns; returns how many it has. */
size_t pretty_line(struct buf *out, const struct pretty *p, struct pretty_flow *f, size_t columns);

/* A table, each of its lines behind so many blanks. */
void pretty_table(struct buf *out, const struct pretty *p, cmark_node *table, size_t indent);

void pretty_blanks(struct buf *out, size_t n);
