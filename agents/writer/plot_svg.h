/* SPDX-License-Identifier: MIT */
/*
 * plot_svg - from the SVG of gnuplot's terminal to one that may stand in a page.
 *
 * A reader of exactly what that terminal writes for our scripts: what is not on its lists is an
 * error, not left out. The result has no ids, no links, no styles and no colours, only the classes
 * k0 and on of plot_style().
 */
#pragma once

#include "lib/base/buf.h"
#include "lib/base/error.h"

struct plot_svg {
	unsigned width, height;
	struct buf body; /* what is within the svg element */
};

/* A label: text that is put in, escaped, for "@1____@"; the fill makes the token as wide. */
int plot_svg_read(struct plot_svg *ret, const char *svg, size_t len, const char *const *labels,
                  size_t n_labels, struct error *err) MUST_USE;

/* A colour of a script is "#0000a0" plus the number of its class, whose colours plot.css has. */
enum plot_ink {
	PLOT_PAPER,
	PLOT_INK,
	PLOT_DIM,
	PLOT_RULE,
	PLOT_BAND,
	PLOT_MAIN,
	PLOT_WORSE,
	PLOT_BETTER,
	PLOT_OTHER,
	PLOT_HEAT,
	PLOT_HOTTEST = PLOT_HEAT + 6
};
#define PLOT_INKS       (PLOT_HOTTEST + 1)
#define PLOT_INK_COLOUR 0xa0 /* blue of number 0; red and green are none */
