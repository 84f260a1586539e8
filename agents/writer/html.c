/* SPDX-License-Identifier: MIT */
#include "agents/writer/html.h"

#include <errno.h>

#include "agents/writer/html_body.h"
#include "agents/writer/html_figures.h"
#include "agents/writer/html_frame.h"
#include "lib/base/markdown_memory.h"

#define MAX_MARKED_BYTES ((size_t)16 << 20)
#define MAX_TITLE_BYTES  4096

/* NULL: no tables in cmark-gfm. */
static cmark_node *parse(const char *md, size_t len, cmark_mem *memory)
{
	cmark_parser *parser = cmark_parser_new_with_mem(CMARK_OPT_DEFAULT, memory);
	cmark_syntax_extension *tables = markdown_tables();
	cmark_node *doc = NULL;

	if (tables && cmark_parser_attach_syntax_extension(parser, tables)) {
		cmark_parser_feed(parser, md, len);
		doc = cmark_parser_finish(parser);
	}
	cmark_parser_free(parser);
	return doc;
}

int html_parse(struct cmark_node **ret, const char *md, size_t len, struct error *err)
{
	*ret = parse(md, len, cmark_get_default_mem_allocator());
	return *ret ? 0 : error_set(err, -ENOTSUP, "report.md: cmark-gfm has no tables");
}

struct rendering {
	const struct buf *md;
	const struct dossier *d;
	const struct plots *plots;
	cmark_mem *memory;
	struct buf scratch;
	char *page; /* the memory's */
};

/* cmark-gfm without its "unsafe" option: raw HTML becomes a comment. */
static void render_in(void *arg)
{
	struct rendering *r = arg;
	cmark_node *doc = parse(buf_text(r->md), r->md->len, r->memory);

	if (doc && r->plots && html_figures_put(doc, r->plots, r->d, r->memory, &r->scratch) < 0)
		doc = NULL;
	if (doc)
		r->page = cmark_render_html_with_mem(doc, CMARK_OPT_DEFAULT, NULL, r->memory);
}

static int render(char **ret, const struct buf *md, const struct dossier *d,
                  const struct report_meta *meta, struct error *err)
{
	CLEANUP(markdown_memory_done) struct markdown_memory memory = {0};
	struct rendering r = {
		.md = md, .d = d, .plots = meta->plots, .scratch = BUF_INIT(HTML_FIGURE_BYTES)};

	if (markdown_memory_init(&memory, &r.memory) < 0 ||
	    markdown_memory_run(&memory, render_in, &r) < 0)
		r.page = NULL;
	buf_done(&r.scratch);
	*ret = r.page ? strdup(r.page) : NULL;
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
