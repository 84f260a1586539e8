/* SPDX-License-Identifier: MIT */
#include "agents/writer/writer.h"

#include "agents/writer/html.h"
#include "agents/writer/json.h"
#include "agents/writer/markdown.h"
#include "agents/writer/samples.h"

#define MAX_HTML_BYTES ((size_t)32 << 20)
#define MAX_JSON_BYTES ((size_t)1 << 30)

void report_files_done(struct report_files *f)
{
	buf_done(&f->md);
	buf_done(&f->html);
	buf_done(&f->json);
	buf_done(&f->samples);
}

static void copy_page(struct buf *ret, const struct page *p)
{
	*ret = (struct buf)BUF_INIT(p->ink.out.len);
	buf_add(ret, p->ink.out.data, p->ink.out.len);
}

static int list_files(const struct report_files *f, const struct report_meta *meta, json_t *report,
                      struct error *err)
{
	const struct report_file html = {"report.html", f->html.data, f->html.len};
	int r = writer_json_files(report, &html, !meta->without_html, err);

	return r < 0 ? r : writer_json_files(report, meta->files, meta->n_files, err);
}

static int compose(struct report_files *f, struct page *page, const struct dossier *d,
                   const struct report_meta *meta, json_t *report, struct error *err)
{
	int r = writer_json_numerals(report, &page->ink, err);

	copy_page(&f->md, page);
	if (r == 0 && !meta->without_html)
		r = html_write(&f->html, meta, &page->ink, report, err);
	if (r == 0)
		r = list_files(f, meta, report, err);
	if (r == 0)
		r = samples_write(&f->samples, d, err);
	if (r == 0)
		r = writer_json_seal(&f->json, report, &f->md, &f->samples, err);
	return r;
}

int writer_compose(struct report_files *ret, const struct dossier *d,
                   const struct report_meta *meta, struct error *err)
{
	struct report_files f = {.html = BUF_INIT(MAX_HTML_BYTES),
	                         .json = BUF_INIT(MAX_JSON_BYTES),
	                         .samples = BUF_INIT(MAX_JSON_BYTES)};
	json_auto_t *report = NULL;
	struct page page;
	int r = writer_json_new(&report, d, meta, err);

	if (r == 0)
		r = markdown_write(&page, d, meta, report, err);
	if (r < 0)
		return r;
	r = compose(&f, &page, d, meta, report, err);
	page_done(&page);
	if (r < 0) {
		report_files_done(&f);
		return r;
	}
	*ret = f;
	return 0;
}
