/* SPDX-License-Identifier: MIT */
/*
 * samples - samples.json: fact id -> the numbers used, in the order of the fact's cells.
 *
 * Every statistic of a configuration lists them again, so that the lists of a CSV of millions of
 * rows would be larger than the file. Then the longest ones are left out, half as long each time,
 * until the rest has a bearable size; but none of up to SAMPLES_ALWAYS numbers. The facts that
 * have no list still have their cells, and verify reads those.
 */
#pragma once

#include "lib/base/buf.h"
#include "lib/evidence/dossier.h"

#define SAMPLES_ALWAYS 1000

/* Lists of more numbers are left out. */
size_t samples_listed_max(const struct dossier *d);
/* None is left out. */
bool samples_are_all(const struct dossier *d);

/* One fact a line. -EFBIG: larger than the buffer may be. */
int samples_write(struct buf *ret, const struct dossier *d, struct error *err) MUST_USE;
