/* SPDX-License-Identifier: MIT */
#include "agents/writer/html_figures.h"

#include <errno.h>

static const struct plot *plot_of(const struct plots *plots, const char *url)
{
	for (size_t i = 0; url && i < plots->n; i++)
		if (plots->at[i].body && strcmp(plots->at[i].file, url) == 0)
			return &plots->at[i];
	return NULL;
}

/* The image of a paragraph that holds nothing else; NULL: it is another. */
static cmark_node *only_image(cmark_node *paragraph)
{
	cmark_node *image = cmark_node_first_child(paragraph);

	return cmark_node_get_type(paragraph) == CMARK_NODE_PARAGRAPH && image &&
	                       cmark_node_get_type(image) == CMARK_NODE_IMAGE &&
	                       !cmark_node_next(image)
	               ? image
	               : NULL;
}

/* What a figure is made with. */
struct figures {
	const struct dossier *d;
	cmark_mem *memory;
	struct buf *scratch;
};

static cmark_node *new_figure(const struct plot *plot, const struct figures *f)
{
	cmark_node *figure = cmark_node_new_with_mem(CMARK_NODE_CUSTOM_BLOCK, f->memory);
	struct buf *b = f->scratch;

	if (!figure)
		return NULL;
	b->len = 0;
	buf_puts(b, "<figure>\n");
	plot_write(b, plot, f->d, false);
	buf_puts(b, "<figcaption>\n");
	if (!b->failed && cmark_node_set_on_enter(figure, buf_text(b)) &&
	    cmark_node_set_on_exit(figure, "</figcaption>\n</figure>"))
		return figure;
	cmark_node_free(figure);
	return NULL;
}

/* The image goes, and its text stays as the paragraph's. */
static void unwrap(cmark_node *image)
{
	for (cmark_node *n = cmark_node_first_child(image), *next; n; n = next) {
		next = cmark_node_next(n);
		(void)cmark_node_insert_before(image, n);
	}
	cmark_node_free(image);
}

static int put_figure(cmark_node *paragraph, cmark_node *image, const struct plot *plot,
                      const struct figures *f)
{
	cmark_node *figure = new_figure(plot, f);

	if (!figure)
		return -ENOMEM;
	if (!cmark_node_replace(paragraph, figure)) {
		cmark_node_free(figure);
		return -ENOMEM;
	}
	unwrap(image);
	(void)cmark_node_append_child(figure, paragraph);
	return 0;
}

int html_figures_put(cmark_node *doc, const struct plots *plots, const struct dossier *d,
                     cmark_mem *memory, struct buf *scratch)
{
	const struct figures f = {d, memory, scratch};

	for (cmark_node *n = cmark_node_first_child(doc), *next; n; n = next) {
		cmark_node *image = only_image(n);
		const struct plot *plot = image ? plot_of(plots, cmark_node_get_url(image)) : NULL;

		next = cmark_node_next(n);
		if (plot && put_figure(n, image, plot, &f) < 0)
			return -ENOMEM;
	}
	return 0;
}
