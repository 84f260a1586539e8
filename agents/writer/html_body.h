/* SPDX-License-Identifier: MIT */
/*
 * html_body - the page's Markdown as HTML in which every number points to its evidence.
 *
 * Before cmark-gfm reads the Markdown, each numeral is put between two noncharacters of Unicode,
 * which mean nothing to it; behind it they become links. Tables get a box to scroll in, headings
 * of sections a name, and what is long is folded.
 */
#pragma once

#include "agents/writer/html_evidence.h"

/* A copy of the page with its marks. */
void html_mark(struct buf *ret, const struct html_evidence *e, const struct ink *ink);

/* What cmark-gfm made of that copy, on its way out. */
void html_body_write(struct buf *ret, const struct html_evidence *e, const struct ink *ink,
                     const char *html);
