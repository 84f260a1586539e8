/* SPDX-License-Identifier: MIT */
/*
 * html - report.html: report.md by cmark-gfm, in one file that needs nothing else.
 *
 * Raw HTML in the Markdown becomes a comment. The page forbids itself the network and all scripts
 * but one of ours, and can be read without it.
 */
#pragma once

#include "agents/writer/ink.h"
#include "agents/writer/writer.h"

/*
 * The page as it was printed, and the report.json that its numerals point into. Pictures that were
 * drawn stand where the page names them.
 */
int html_write(struct buf *ret, const struct report_meta *meta, const struct ink *ink,
               json_t *report, struct error *err) MUST_USE;

/* Markdown with GFM tables as a tree, for cmark_node_free(). */
struct cmark_node;
int html_parse(struct cmark_node **ret, const char *md, size_t len, struct error *err) MUST_USE;
