/* SPDX-License-Identifier: MIT */
/*
 * plot - the pictures of a report: what is worth one, as scripts for gnuplot, and what is made of
 * the SVG that comes back.
 *
 * Nothing of foreign origin gets into a script: where a name belongs there is a token, and the name
 * takes its place, escaped, once the picture is drawn. Of gnuplot's SVG only elements, attributes
 * and characters that are on a list go on; colours become classes, for light and dark pages.
 */
#pragma once

#include "agents/writer/writer.h"

#define PLOTS_MAX       20
#define PLOT_SVG_BYTES  ((size_t)2 << 20) /* a picture of ours has some 20 kB */
#define PLOT_LABELS_MAX 64

enum plot_kind { PLOT_HISTORY, PLOT_SHIFTS, PLOT_SWEEP, PLOT_FRONT, PLOT_TIMELINE };

struct plot {
	enum plot_kind kind;
	const char *file;  /* "plots/history-a.svg" */
	struct text title; /* its alternative, too */
	unsigned finding;  /* that it shows; 0: none */
	size_t group;      /* of a sweep: index into groups */
	const unsigned *facts;
	size_t n_facts;
	const char *script;
	size_t script_len;
	const char **labels; /* foreign; token n stands for label n */
	size_t n_labels;
	unsigned width, height;
	const char *body; /* what is in the SVG; NULL: not drawn */
	size_t body_len;
};

struct plots {
	struct plot at[PLOTS_MAX];
	size_t n;
};

/* What is drawn of a dossier, most important first. All of it lives in the arena. -ENOMEM. */
int plots_plan(struct plots *ret, struct arena *arena, const struct dossier *d,
               const struct report_meta *meta, struct error *err) MUST_USE;

/* Takes what gnuplot has drawn. -EPROTO: that is no picture of ours, and `plot` is as it was. */
int plot_take(struct plot *plot, struct arena *arena, const char *svg, size_t len,
              struct error *err) MUST_USE;

/* The title without Markdown. */
void plot_title(struct buf *to, const struct plot *p, const struct dossier *d);
/* A file of its own, or, with `alone` false, an element of a page that has the style. */
void plot_write(struct buf *to, const struct plot *p, const struct dossier *d, bool alone);
/* The rules of CSS that all of them need. */
void plot_style(struct buf *to);
