/* SPDX-License-Identifier: MIT */
#include "agents/writer/markdown.h"

#include <errno.h>

/*
 * From plenty to little: what goes first is what report.json has as well (evidence, roles), last
 * the findings. The last level fits whatever the dossier holds.
 */
static const struct page_limits levels[] = {
	/* groups rows findings comments problems directories evidence roles advice prompt_lines
           plots by_table */
	{8, 8, 20, 10, 10, 12, 90, 10, 10, 80, 16, false},
	{8, 8, 20, 10, 10, 10, 60, 8, 10, 80, 16, false},
	{8, 8, 20, 10, 10, 8, 40, 6, 10, 80, 14, true},
	{8, 8, 16, 8, 8, 8, 30, 4, 8, 60, 12, true},
	{7, 8, 14, 8, 8, 6, 24, 4, 8, 60, 10, true},
	{6, 6, 12, 6, 6, 6, 18, 3, 6, 50, 8, true},
	{5, 6, 11, 5, 5, 5, 15, 2, 5, 45, 6, true},
	{4, 6, 10, 5, 5, 4, 12, 2, 5, 40, 4, true},
	{2, 5, 8, 4, 4, 3, 9, 0, 4, 30, 2, true},
};

static void write_all(struct page *p)
{
	page_header(p);
	page_summary(p);
	page_ingestion(p);
	page_performance(p);
	page_findings(p);
	page_recommendations(p);
	page_expected(p);
	page_appendix(p);
	page_agents(p);
	page_sweep(p);
	page_about(p);
}

static void end_of_page(struct page *p)
{
	struct buf *b = &p->ink.out;

	while (b->len > 1 && b->data[b->len - 2] == '\n') /* the blank line behind the last block */
		b->data[--b->len] = '\0';
}

static unsigned lines_of(const struct page *p)
{
	unsigned n = 0;

	for (size_t i = 0; i < p->ink.out.len; i++)
		n += p->ink.out.data[i] == '\n';
	return n;
}

int markdown_write(struct page *ret, const struct dossier *d, const struct report_meta *meta,
                   json_t *report, struct error *err)
{
	int r;

	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		r = page_init(ret, d, meta, report, &levels[i], err);
		if (r < 0)
			return r;
		write_all(ret);
		end_of_page(ret);
		if (ret->failed)
			r = error_set(err, -ENOMEM, "report.md: no memory");
		else
			r = ink_check(&ret->ink, err);
		if (r == 0 && lines_of(ret) <= PAGE_MAX_LINES)
			return 0;
		page_done(ret);
		if (r < 0)
			return r;
	}
	return error_set(err, -EPROTO, "report.md: does not fit %d lines (a fault of the writer)",
	                 PAGE_MAX_LINES);
}
