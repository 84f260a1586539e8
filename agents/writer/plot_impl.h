/* SPDX-License-Identifier: MIT */
/*
 * plot_impl - a script for gnuplot as it grows, for the files that decide what is drawn.
 *
 * sketch_put() takes words of ours and numbers; sketch_label() is the only way for a foreign text,
 * and what it puts into the script is a token of our own characters.
 */
#pragma once

#include "agents/writer/plot.h"
#include "agents/writer/plot_svg.h"
#include "lib/evidence/number.h"

#define PLOT_WIDTH  500 /* pixels, as are all heights */
#define LABEL_CHARS 30  /* a longer one is cut */
#define AXIS_CHARS  24  /* of what stands along the height of a plot */

struct sketch {
	struct arena *arena;
	const struct dossier *d;
	const struct report_meta *meta;
	struct plots *plots;
	struct plot plot; /* the one that is being made */
	struct buf script;
	struct segment title[8];
	unsigned *facts;
	size_t cap_facts;
	unsigned of_kind[PLOT_TIMELINE + 1]; /* so many are made */
	bool failed;                         /* no memory, or a script too long */
};

/*
 * False: there is no room for another one. The height is without the key above it, which has so
 * many rows, 0: none, and columns.
 */
struct key_size {
	unsigned rows, columns;
};
bool sketch_begin(struct sketch *s, enum plot_kind kind, unsigned height, struct key_size key);
/* Adds it to the plots. */
void sketch_end(struct sketch *s);

size_t sketch_chars(const char *text);
void sketch_put(struct sketch *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* 'text', as a token */
void sketch_label(struct sketch *s, const char *text);
/* "x y" and so on, as gnuplot reads numbers, with a blank behind each */
void sketch_number(struct sketch *s, double x);
/* "lc rgb '#0000a5'" */
void sketch_ink(struct sketch *s, enum plot_ink ink);
/* It shows this fact. */
void sketch_fact(struct sketch *s, unsigned fact);

void sketch_words(struct sketch *s, const char *words); /* of the title; static, no digits */
void sketch_name(struct sketch *s, const char *foreign);
/* " of key=value, ...", or nothing where that is too much for a title */
void sketch_subject(struct sketch *s, unsigned fact);

/* The unit that values up to `largest` are drawn in, and an axis ('x' or 'y') named so. */
struct number_unit sketch_axis(struct sketch *s, char axis, const char *name, const char *unit,
                               double largest);
/*
 * Of a set of labels, "a, b", in LABEL_CHARS: what is longer loses the middle of its longest parts,
 * since names tell themselves apart at both ends. In the arena; "": no memory, which is noted.
 */
const char *sketch_configuration(struct sketch *s, const struct label *labels, size_t n,
                                 bool with_names);

/* What is worth a picture, each of its kind; they know what they need of the dossier. */
void plot_histories(struct sketch *s);
void plot_shifts(struct sketch *s);
void plot_sweeps(struct sketch *s);
void plot_fronts(struct sketch *s);
void plot_timeline(struct sketch *s);
