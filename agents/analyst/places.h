/* SPDX-License-Identifier: MIT */
/* places - from rows of a view to the locators that report.json names them by. */
#pragma once

#include "agents/analyst/work.h"

#define ROWS_TEXT_LONG 256 /* beyond, rows are told by what stands in them if that can be */

/* Rows of one part and column that one locator can name. */
struct stretch {
	uint32_t part;
	int column; /* of the view */
	bool list;
	double factor;        /* from what stands in the cells to the numbers; 0: as it stands */
	const uint32_t *rows; /* of the table, from 0, ascending */
	size_t n;
};

/* p: the configuration whose usable rows these are, NULL: they are some rows of any. */
struct locator locate(struct work *w, const struct view *v, const struct stretch *s,
                      const struct picked *p);
/* Whether each cell has a locator of its own: those of a tool's text, named by line and column. */
bool are_placed(const struct view *v, const struct stretch *s);
/* Of the i-th row; where it has no such cell, its first one. */
struct locator locate_placed(const struct view *v, const struct stretch *s, size_t i);
/* The first of the rows whose text is no longer than ROWS_TEXT_LONG; n: those named. */
size_t rows_that_fit(const uint32_t *rows, size_t n);
