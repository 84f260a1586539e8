/* SPDX-License-Identifier: MIT */
/* sentence - a text of the analyst, with the figures of its facts put in. */
#pragma once

#include "lib/base/buf.h"
#include "lib/evidence/dossier.h"

/* Foreign text stays as it is: for a terminal it is made harmless where it is printed. */
void sentence_add(struct buf *b, const struct dossier *d, const struct text *t);
