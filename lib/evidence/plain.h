/* SPDX-License-Identifier: MIT */
/*
 * plain - a sentence of the dossier as one line of text, for lists and databases.
 *
 * Figures have three significant digits or so: the report holds the exact ones. Foreign bytes come
 * out as UTF-8 without control characters.
 */
#pragma once

#include "lib/base/buf.h"
#include "lib/evidence/dossier.h"

/* Few digits, but never 1e+03. */
void plain_figure(struct buf *b, double value);
void plain_text(struct buf *b, const struct dossier *d, const struct text *t);
