/* SPDX-License-Identifier: MIT */
#include "agents/writer/html.h"

#include <cmark-gfm-core-extensions.h>
#include <errno.h>
#include <pthread.h>

#include "agents/writer/html_body.h"
#include "agents/writer/html_figures.h"
#include "agents/writer/html_frame.h"

#define MAX_MARKED_BYTES ((size_t)16 << 20)
#define MAX_TITLE_BYTES  4096

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

int html_parse(struct cmark_node **ret, const char *md, size_t len, struct error *err)
{
	CLEANUP(parser_freep) cmark_parser *parser = cmark_parser_new(CMARK_OPT_DEFAULT);
	cmark_syntax_extension *table = table_extension();

	if (!parser || !table || !cmark_parser_attach_syntax_extension(parser, table))
		return error_set(err, -ENOTSUP, "report.md: cmark-gfm has no tables");
	cmark_parser_feed(parser, md, len);
	*ret = cmark_parser_finish(parser);
	return *ret ? 0 : error_set(err, -ENOMEM, "report.md: no memory");
}

/* cmark-gfm without its "unsafe" option: raw HTML becomes a comment. */
static int render(char **ret, const struct buf *md, const struct dossier *d,
                  const struct report_meta *meta, struct error *err)
{
	CLEANUP(node_freep) cmark_node *doc = NULL;
	int r = html_parse(&doc, buf_text(md), md->len, err);

	if (r < 0)
		return r;
	if (meta->plots && html_figures_put(doc, meta->plots, d) < 0)
		return error_set(err, -ENOMEM, "report.html: no memory");
	*ret = cmark_render_html(doc, CMARK_OPT_DEFAULT, NULL);
	return *ret ? 0 : error_set(err, -ENOMEM, "report.html: no memory");
}

static int write_title(struct buf *ret, const char *title, struct error *err)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(MAX_TITLE_BYTES);

	buf_printf(&b, "Technical Report: %s", title);
	return html_begin(ret, buf_text(&b), err);
}

int html_write(struct buf *ret, const struct report_meta *meta, const struct ink *ink,
               json_t *report, struct error *err)
{
	CLEANUP(html_evidence_freep) struct html_evidence *evidence = NULL;
	CLEANUP(buf_done) struct buf md = BUF_INIT(MAX_MARKED_BYTES);
	CLEANUP(freep) char *body = NULL;
	int r = html_evidence_new(&evidence, ink, report, err);

	if (r < 0)
		return r;
	html_mark(&md, evidence, ink);
	r = md.failed ? error_set(err, -EFBIG, "report.html: too large")
	              : render(&body, &md, ink->d, meta, err);
	if (r == 0)
		r = write_title(ret, meta->title, err);
	if (r < 0)
		return r;
	html_body_write(ret, evidence, ink, body);
	html_evidence_write(evidence, ret);
	html_end(ret);
	return ret->failed ? error_set(err, -EFBIG, "report.html: larger than %zu bytes", ret->max)
	                   : 0;
}
