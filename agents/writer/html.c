/* SPDX-License-Identifier: MIT */
#include "agents/writer/html.h"

#include <cmark-gfm-core-extensions.h>
#include <errno.h>
#include <pthread.h>

#include "agents/writer/glyph.h"

static const char head[] =
	"<!doctype html>\n"
	"<html lang=\"en\">\n"
	"<head>\n"
	"<meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
	"style-src 'unsafe-inline'\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n";

static const char style[] =
	"<style>\n"
	":root{--ink:#1c2126;--dim:#5a6572;--paper:#fdfdfc;--rule:#d9dde2;--band:#f3f5f7;"
	"--mark:#8a5a00;--link:#0b57a4}\n"
	"@media(prefers-color-scheme:dark){:root{--ink:#dfe3e8;--dim:#9aa5b1;--paper:#15181c;"
	"--rule:#343b43;--band:#1e2328;--mark:#e0b060;--link:#7db4f0}}\n"
	"html{background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,sans-serif}\n"
	"main{max-width:64rem;margin:0 auto;padding:1.5rem 1.2rem 4rem}\n"
	"h1{font-size:1.7rem;line-height:1.25;margin:.4rem 0 1rem}\n"
	"h2{font-size:1.25rem;margin:2.4rem 0 .8rem;padding-bottom:.3rem;"
	"border-bottom:1px solid var(--rule)}\n"
	"h3{font-size:1.03rem;margin:1.8rem 0 .6rem;overflow-wrap:anywhere}\n"
	"p,ul{max-width:48rem;margin:.6rem 0}\n"
	"ul{padding-left:1.3rem}\n"
	"li{margin:.25rem 0;overflow-wrap:anywhere}\n"
	"table{display:block;overflow-x:auto;max-width:100%;width:max-content;"
	"border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;margin:.8rem "
	"0}\n"
	"th,td{text-align:left;vertical-align:top;padding:.32rem .8rem;"
	"border-bottom:1px solid var(--rule)}\n"
	"td{max-width:32rem}\n"
	"th{color:var(--dim);font-weight:600;white-space:nowrap}\n"
	"tbody tr:nth-child(even){background:var(--band)}\n"
	"code{font:.92em ui-monospace,monospace;background:var(--band);padding:.08em .3em;"
	"border-radius:3px;overflow-wrap:anywhere}\n"
	"td code,th code{background:none;padding:0;overflow-wrap:normal}\n"
	"pre{background:var(--band);padding:.8rem 1rem;white-space:pre-wrap;"
	"overflow-wrap:anywhere}\n"
	"pre code{background:none;padding:0}\n"
	"blockquote{margin:.7rem 0;padding:.1rem 1rem;border-left:3px solid var(--mark);"
	"color:var(--dim);max-width:48rem}\n"
	"blockquote strong{color:var(--mark)}\n"
	"</style>\n";

static void put_escaped(struct buf *b, const char *text)
{
	while (*text) {
		const char *from = text;
		uint32_t c = glyph_next(&text);

		if (c == '<')
			buf_puts(b, "&lt;");
		else if (c == '>')
			buf_puts(b, "&gt;");
		else if (c == '&')
			buf_puts(b, "&amp;");
		else if (glyph_is_hazard(c) || (c == GLYPH_REPLACEMENT && text == from + 1))
			buf_puts(b, "\xef\xbf\xbd");
		else
			buf_add(b, from, (size_t)(text - from));
	}
}

static void parser_freep(cmark_parser **p)
{
	if (*p)
		cmark_parser_free(*p);
}

static void node_freep(cmark_node **n)
{
	if (*n)
		cmark_node_free(*n);
}

/* cmark-gfm keeps its extensions in a list of the process, which must be filled once. */
static cmark_syntax_extension *table_extension(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	if (pthread_once(&once, cmark_gfm_core_extensions_ensure_registered) != 0)
		return NULL;
	return cmark_find_syntax_extension("table");
}

int html_write(struct buf *ret, const char *title, const struct buf *md, struct error *err)
{
	CLEANUP(parser_freep) cmark_parser *parser = cmark_parser_new(CMARK_OPT_DEFAULT);
	CLEANUP(node_freep) cmark_node *doc = NULL;
	CLEANUP(freep) char *body = NULL;
	cmark_syntax_extension *table = table_extension();

	if (!parser || !table || !cmark_parser_attach_syntax_extension(parser, table))
		return error_set(err, -ENOTSUP, "report.html: cmark-gfm has no tables");
	cmark_parser_feed(parser, buf_text(md), md->len);
	doc = cmark_parser_finish(parser);
	body = doc ? cmark_render_html(doc, CMARK_OPT_DEFAULT,
	                               cmark_parser_get_syntax_extensions(parser))
	           : NULL;
	if (!body)
		return error_set(err, -ENOMEM, "report.html: no memory");
	buf_puts(ret, head);
	buf_puts(ret, "<title>Technical Report: ");
	put_escaped(ret, title);
	buf_puts(ret, "</title>\n");
	buf_puts(ret, style);
	buf_puts(ret, "</head>\n<body>\n<main>\n");
	buf_puts(ret, body);
	buf_puts(ret, "</main>\n</body>\n</html>\n");
	return ret->failed ? error_set(err, -EFBIG, "report.html: larger than %zu bytes", ret->max)
	                   : 0;
}
