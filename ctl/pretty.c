/* SPDX-License-Identifier: MIT */
#include "ctl/pretty.h"

#include <cmark-gfm-core-extensions.h>
#include <errno.h>

#include "agents/writer/html.h"
#include "ctl/pretty_impl.h"
#include "ctl/terminal.h"

#define PROSE_COLUMNS 100 /* longer lines are hard to read */
#define DEPTH_MAX     8   /* of lists in lists: deeper ones are not indented */
#define INDENT        2

static void add_blocks(struct buf *out, const struct pretty *p, cmark_node *parent, size_t indent);

/* Styled text in lines behind `indent`; the first begins where the line is, which is there. */
static void add_flow(struct buf *out, const struct pretty *p, const char *styled, size_t indent,
                     bool strong)
{
	size_t width = p->width < PROSE_COLUMNS ? p->width : PROSE_COLUMNS;
	struct pretty_flow f = {.at = styled, .strong = strong};

	do {
		(void)pretty_line(out, p, &f, width > indent + 20 ? width - indent : 20);
		buf_putc(out, '\n');
		if (*f.at)
			pretty_blanks(out, indent);
	} while (*f.at);
}

static void add_paragraph(struct buf *out, const struct pretty *p, cmark_node *node, size_t indent)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(PRETTY_BYTES_MAX);

	pretty_inlines(&text, p, node);
	out->failed = out->failed || text.failed;
	add_flow(out, p, buf_text(&text), indent, false);
}

static void add_heading(struct buf *out, const struct pretty *p, cmark_node *node, size_t indent)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(PRETTY_BYTES_MAX);
	int level = cmark_node_get_heading_level(node);

	if (!p->colour) { /* else it is seen by its weight */
		for (int i = 0; i < level; i++)
			buf_putc(&text, '#');
		buf_putc(&text, ' ');
	}
	pretty_inlines(&text, p, node);
	out->failed = out->failed || text.failed;
	buf_puts(out, p->colour && level == 1 ? "\033[4m" : "");
	add_flow(out, p, buf_text(&text), indent, true);
}

/* Line by line as it is: what is broken is no code any more. */
static void add_code(struct buf *out, cmark_node *node, size_t indent)
{
	const char *at = cmark_node_get_literal(node);
	bool first = true;

	for (at = at ? at : ""; *at;) {
		size_t n = strcspn(at, "\n");
		CLEANUP(freep) char *line = strndup(at, n);

		pretty_blanks(out, first ? INDENT : indent + INDENT);
		first = false;
		terminal_add(out, line ? line : "", 0);
		buf_putc(out, '\n');
		at += n;
		at += *at == '\n';
	}
	if (first)
		buf_putc(out, '\n');
}

static void add_list(struct buf *out, const struct pretty *p, cmark_node *list, size_t indent)
{
	int number = cmark_node_get_list_start(list);
	bool ordered = cmark_node_get_list_type(list) == CMARK_ORDERED_LIST;
	bool first = true;

	for (cmark_node *item = cmark_node_first_child(list); item; item = cmark_node_next(item)) {
		char mark[32] = "- ";

		if (ordered)
			(void)snprintf(mark, sizeof mark, "%d. ", number++);
		else if (p->unicode)
			(void)snprintf(mark, sizeof mark, "• ");
		if (!first)
			pretty_blanks(out, indent);
		first = false;
		buf_puts(out, mark);
		if (!cmark_node_first_child(item))
			buf_putc(out, '\n');
		add_blocks(out, p, item, indent + terminal_columns(mark));
	}
}

static void add_rule(struct buf *out, const struct pretty *p, size_t indent)
{
	for (size_t i = indent; i < p->width && i < PROSE_COLUMNS; i++)
		buf_puts(out, p->unicode ? "─" : "-");
	buf_putc(out, '\n');
}

/* The line has its blanks already. */
static void add_block(struct buf *out, const struct pretty *p, cmark_node *node, size_t indent)
{
	cmark_node_type type = cmark_node_get_type(node);

	if (type == CMARK_NODE_HEADING)
		add_heading(out, p, node, indent);
	else if (type == CMARK_NODE_PARAGRAPH)
		add_paragraph(out, p, node, indent);
	else if (type == CMARK_NODE_CODE_BLOCK || type == CMARK_NODE_HTML_BLOCK)
		add_code(out, node, indent);
	else if (type == CMARK_NODE_LIST)
		add_list(out, p, node, indent);
	else if (type == CMARK_NODE_THEMATIC_BREAK)
		add_rule(out, p, indent);
	else
		add_blocks(out, p, node, indent);
}

/* Between the items of a list that was written tight, no line is left empty. */
static bool is_tight(cmark_node *parent)
{
	cmark_node *list = cmark_node_get_type(parent) == CMARK_NODE_ITEM
	                           ? cmark_node_parent(parent)
	                           : NULL;

	return list && cmark_node_get_list_tight(list);
}

static bool is_table(cmark_node *node)
{
	return strcmp(cmark_node_get_type_string(node), "table") == 0;
}

static void add_blocks(struct buf *out, const struct pretty *p, cmark_node *parent, size_t indent)
{
	size_t own = indent < DEPTH_MAX * INDENT ? indent : DEPTH_MAX * INDENT;

	for (cmark_node *n = cmark_node_first_child(parent); n; n = cmark_node_next(n)) {
		bool first = !cmark_node_previous(n), table = is_table(n);

		if (!first && !is_tight(parent))
			buf_putc(out, '\n');
		if (table && first && own)
			buf_putc(out, '\n'); /* behind the mark of an item there is no room */
		if (!first && !table)
			pretty_blanks(out, own);
		if (table)
			pretty_table(out, p, n, own);
		else
			add_block(out, p, n, own);
	}
}

static void node_freep(cmark_node **n)
{
	if (*n)
		cmark_node_free(*n);
}

int pretty_markdown(struct buf *ret, const struct pretty *p, const char *text, size_t len,
                    struct error *err)
{
	CLEANUP(node_freep) cmark_node *doc = NULL;
	int r = html_parse(&doc, text, len, err);

	if (r < 0)
		return r;
	add_blocks(ret, p, doc, 0);
	return ret->failed ? error_set(err, -EMSGSIZE, "report.md: too large for a terminal") : 0;
}
