/* SPDX-License-Identifier: MIT */
/* sparkline - numbers as a line of block characters. */
#pragma once

#include "lib/base/buf.h"

/*
 * At most max characters from the lowest block for the least to the highest for the largest; more
 * numbers share one, by their mean. What is all the same lies in the middle; nothing finite prints
 * nothing. Returns how many characters it is. ascii: _.-:=+*# in place of blocks.
 */
size_t sparkline_add(struct buf *b, const double *x, size_t n, size_t max, bool ascii);

/* Which character stands for number i of n. */
size_t sparkline_at(size_t i, size_t n, size_t max);
