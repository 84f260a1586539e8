/* SPDX-License-Identifier: MIT */
/*
 * plain - a sentence of the dossier as one line of text, for lists and databases.
 *
 * Figures read as on the page (reading.h): the report holds the exact ones. Foreign bytes come out
 * as UTF-8 without control characters.
 */
#pragma once

#include "lib/base/buf.h"
#include "lib/evidence/dossier.h"
#include "lib/evidence/number.h"

void plain_figure(struct buf *b, double value, double scale, enum number_kind kind);
/* Value and unit of a fact that stands for itself. */
void plain_fact(struct buf *b, const struct fact *f);
void plain_text(struct buf *b, const struct dossier *d, const struct text *t);
