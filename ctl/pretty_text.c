/* SPDX-License-Identifier: MIT */
#include "ctl/pretty_impl.h"
#include "ctl/terminal.h"

void pretty_blanks(struct buf *out, size_t n)
{
	buf_printf(out, "%*s", (int)n, "");
}

/* --- styled text ------------------------------------------------------------ */

static void add_literal(struct buf *ret, cmark_node *node)
{
	const char *text = cmark_node_get_literal(node);

	terminal_add(ret, text ? text : "", 0);
}

/* Without colours it is told from words as Markdown does; so is what is strong. */
static void add_code(struct buf *ret, const struct pretty *p, cmark_node *node)
{
	buf_putc(ret, PRETTY_CODE);
	buf_puts(ret, p->colour ? "" : "`");
	add_literal(ret, node);
	buf_puts(ret, p->colour ? "" : "`");
	buf_putc(ret, PRETTY_CODE_END);
}

/* Where it leads, unless that is what it says. */
static void add_target(struct buf *ret, cmark_node *node, size_t from)
{
	CLEANUP(buf_done) struct buf url = BUF_INIT(PRETTY_BYTES_MAX);
	const char *target = cmark_node_get_url(node);

	terminal_add(&url, target ? target : "", 0);
	if (url.len == 0 || strcmp(buf_text(ret) + from, buf_text(&url)) == 0)
		return;
	buf_putc(ret, PRETTY_FAINT);
	buf_printf(ret, " <%s>", buf_text(&url));
	buf_putc(ret, PRETTY_FAINT_END);
}

static void add_inline(struct buf *ret, const struct pretty *p, cmark_node *node)
{
	cmark_node_type type = cmark_node_get_type(node);
	size_t from = ret->len;

	if (type == CMARK_NODE_TEXT || type == CMARK_NODE_HTML_INLINE) {
		add_literal(ret, node);
	} else if (type == CMARK_NODE_CODE) {
		add_code(ret, p, node);
	} else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK) {
		buf_putc(ret, ' ');
	} else if (type == CMARK_NODE_STRONG || type == CMARK_NODE_EMPH) {
		buf_putc(ret, PRETTY_STRONG);
		buf_puts(ret, p->colour ? "" : "*");
		pretty_inlines(ret, p, node);
		buf_puts(ret, p->colour ? "" : "*");
		buf_putc(ret, PRETTY_STRONG_END);
	} else if (type == CMARK_NODE_IMAGE) {
		buf_puts(ret, "Picture: ");
		pretty_inlines(ret, p, node);
		add_target(ret, node, from);
	} else {
		pretty_inlines(ret, p, node);
		if (type == CMARK_NODE_LINK)
			add_target(ret, node, from);
	}
}

void pretty_inlines(struct buf *ret, const struct pretty *p, cmark_node *node)
{
	buf_add(ret, "", 0);
	for (cmark_node *n = cmark_node_first_child(node); n; n = cmark_node_next(n))
		add_inline(ret, p, n);
}

static bool is_mark(char c)
{
	return c >= PRETTY_STRONG && c <= PRETTY_FAINT_END;
}

size_t pretty_columns(const char *styled)
{
	size_t marks = 0;

	for (const char *c = styled; *c; c++)
		marks += is_mark(*c);
	return terminal_columns(styled) - marks; /* which it counts as one each */
}

/* --- lines -------------------------------------------------------------------- */

static void put_pen(struct buf *out, const struct pretty *p, const struct pretty_flow *f)
{
	if (!p->colour)
		return;
	buf_puts(out, "\033[0m");
	buf_puts(out, f->strong ? "\033[1m" : "");
	buf_puts(out, f->code ? "\033[36m" : "");
	buf_puts(out, f->faint ? "\033[2m" : "");
}

static void turn_pen(struct pretty_flow *f, char mark)
{
	switch ((enum pretty_mark)mark) {
	case PRETTY_STRONG:
	case PRETTY_STRONG_END:
		f->strong = mark == PRETTY_STRONG;
		break;
	case PRETTY_CODE:
	case PRETTY_CODE_END:
		f->code = mark == PRETTY_CODE;
		break;
	case PRETTY_FAINT:
	case PRETTY_FAINT_END:
		f->faint = mark == PRETTY_FAINT;
		break;
	}
}

size_t pretty_line(struct buf *out, const struct pretty *p, struct pretty_flow *f, size_t columns)
{
	size_t n = terminal_line_length(f->at, columns), begun = out->len, marks = 0;
	CLEANUP(buf_done) struct buf plain = BUF_INIT(PRETTY_BYTES_MAX);

	if (f->strong || f->code || f->faint)
		put_pen(out, p, f);
	for (size_t i = 0; i < n; i++) {
		if (is_mark(f->at[i])) {
			turn_pen(f, f->at[i]);
			put_pen(out, p, f);
			marks++;
		} else {
			buf_putc(out, f->at[i]);
			buf_putc(&plain, f->at[i]);
		}
	}
	if (p->colour && out->len > begun && (marks || f->strong || f->code || f->faint))
		buf_puts(out, "\033[0m");
	f->at += n;
	f->at += strspn(f->at, " ");
	return terminal_columns(buf_text(&plain));
}
