/* SPDX-License-Identifier: MIT */
/* Pictures on the page: a line each, with its title as the text alternative. */
#include "agents/writer/page.h"

static void say_plot(struct page *p, const struct plot *plot)
{
	page_begin(p, "plot", "code");
	ink_words(&p->ink, "![");
	if (plot->finding) {
		ink_id(&p->ink, 'K', plot->finding);
		ink_words(&p->ink, ": ");
	}
	page_text(p, &plot->title);
	ink_words(&p->ink, "](");
	ink_words(&p->ink, plot->file);
	ink_words(&p->ink, ")");
	page_end(p);
}

static bool is_wanted(const struct page *p, size_t i, enum plot_kind kind, size_t group)
{
	const struct plot *plot = &p->meta->plots->at[i];

	return plot->body && !p->plotted[i] && plot->kind == kind &&
	       (group == PAGE_ANY_GROUP || plot->group == group);
}

bool page_has_plots(const struct page *p, enum plot_kind kind)
{
	const struct plots *plots = p->meta->plots;

	for (size_t i = 0; plots && i < plots->n && p->limits.plots; i++)
		if (is_wanted(p, i, kind, PAGE_ANY_GROUP))
			return true;
	return false;
}

void page_plots(struct page *p, enum plot_kind kind, size_t group)
{
	const struct plots *plots = p->meta->plots;

	for (size_t i = 0; plots && i < plots->n && p->limits.plots; i++) {
		if (!is_wanted(p, i, kind, group))
			continue;
		say_plot(p, &plots->at[i]);
		p->plotted[i] = true;
		p->limits.plots--;
	}
}
