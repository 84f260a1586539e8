/* SPDX-License-Identifier: MIT */
/*
 * html_figures - pictures in the place of the images that name them.
 */
#pragma once

#include <cmark-gfm.h>

#include "agents/writer/plot.h"

#define HTML_FIGURE_BYTES ((size_t)8 << 20)

/*
 * A paragraph that holds nothing but the image of a picture that was drawn becomes a figure: the
 * picture itself, and the image's text as its caption. memory is the document's; scratch is the
 * caller's, since cmark-gfm may leave us where we stand. -ENOMEM.
 */
int html_figures_put(cmark_node *doc, const struct plots *plots, const struct dossier *d,
                     cmark_mem *memory, struct buf *scratch) MUST_USE;
