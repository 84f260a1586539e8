/* SPDX-License-Identifier: MIT */
/*
 * html_figures - pictures in the place of the images that name them.
 */
#pragma once

#include <cmark-gfm.h>

#include "agents/writer/plot.h"

/*
 * A paragraph that holds nothing but the image of a picture that was drawn becomes a figure: the
 * picture itself, and the image's text as its caption. -ENOMEM.
 */
int html_figures_put(cmark_node *doc, const struct plots *plots, const struct dossier *d) MUST_USE;
