/* SPDX-License-Identifier: MIT */
#include "agents/writer/html_frame.h"

#include <errno.h>

#include "agents/writer/glyph.h"
#include "agents/writer/plot.h"
#include "html_assets.h"
#include "lib/base/digest.h"

static const char head[] = "<!doctype html>\n"
			   "<html lang=\"en\">\n"
			   "<head>\n"
			   "<meta charset=\"utf-8\">\n"
			   "<meta http-equiv=\"Content-Security-Policy\" content=\""
			   "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
			   "script-src 'sha256-";
static const char head_rest[] =
	"'\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n";

static int script_digest(char ret[static DIGEST_BASE64_BYTES], struct error *err)
{
	CLEANUP(digest_freep) struct digest *d = digest_new();

	if (!d)
		return error_set(err, -ENOMEM, "no memory for a page");
	digest_add(d, html_js, sizeof html_js - 1);
	return digest_base64(d, ret) ? 0 : error_set(err, -ENOMEM, "cannot digest a script");
}

int html_begin(struct buf *ret, const char *title, struct error *err)
{
	char digest[DIGEST_BASE64_BYTES];
	int r = script_digest(digest, err);

	if (r < 0)
		return r;
	buf_puts(ret, head);
	buf_puts(ret, digest);
	buf_puts(ret, head_rest);
	buf_puts(ret, "<title>");
	html_escape(ret, title);
	buf_puts(ret, "</title>\n<style>\n");
	buf_puts(ret, html_css);
	plot_style(ret);
	buf_puts(ret, "</style>\n</head>\n<body>\n<main>\n");
	return 0;
}

void html_end(struct buf *ret)
{
	buf_puts(ret, "</main>\n<script>");
	buf_puts(ret, html_js);
	buf_puts(ret, "</script>\n</body>\n</html>\n");
}

/* Characters that stand for no text in HTML: noncharacters are an error there. */
static bool is_unfit(uint32_t c)
{
	return glyph_is_hazard(c) || (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe;
}

void html_escape(struct buf *ret, const char *text)
{
	while (*text) {
		const char *from = text;
		uint32_t c = glyph_next(&text);

		if (c == '<')
			buf_puts(ret, "&lt;");
		else if (c == '>')
			buf_puts(ret, "&gt;");
		else if (c == '&')
			buf_puts(ret, "&amp;");
		else if (c == '"')
			buf_puts(ret, "&quot;");
		else if (is_unfit(c) || (c == GLYPH_REPLACEMENT && text == from + 1))
			buf_puts(ret, "\xef\xbf\xbd");
		else
			buf_add(ret, from, (size_t)(text - from));
	}
}
