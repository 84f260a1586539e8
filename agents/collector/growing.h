/* SPDX-License-Identifier: MIT */
/*
 * growing - one column of a table while its rows come.
 *
 * It begins as CODED. When it turns out to hold more numbers than can be codes of anything it
 * becomes MEASURED, without a dictionary. lib/evidence/table.h says what these are.
 */
#pragma once

#include "agents/collector/csv_dict.h"
#include "agents/collector/csv_numbers.h"
#include "lib/base/arena.h"
#include "lib/evidence/table.h"

#define GROWING_WORDS 1024 /* so many different ones tell no configurations apart */

struct growing {
	struct arena *arena;
	struct csv_dict dict; /* CODED */
	struct cell *values;  /* CODED, with their room: a word's number is its cell's */
	size_t cap_values, looked_at;
	size_t cap_rows;
	void *codes;
	uint8_t code_bytes;
	bool measured;
	double most;                /* larger numbers keep their text */
	struct csv_numbers numbers; /* MEASURED */
	struct other_cell *others;
	size_t n_others, cap_others;
};

/* With room for so many rows, all EMPTY as far as they are codes. False, here as below: no memory.
 */
bool growing_init(struct growing *g, struct arena *arena, size_t rows, double most) MUST_USE;
void growing_done(struct growing *g);
/* Room for more rows than the n that are there. */
bool growing_resize(struct growing *g, size_t n_rows, size_t cap) MUST_USE;

/* Makes the codes of n rows wide enough for all words. */
bool growing_widen(struct growing *g, size_t n_rows) MUST_USE;
uint32_t growing_code(const struct growing *g, size_t row);

static inline void growing_put_code(const struct growing *g, size_t row, uint32_t code)
{
	if (g->code_bytes == 1)
		((uint8_t *)g->codes)[row] = (uint8_t)code;
	else if (g->code_bytes == 2)
		((uint16_t *)g->codes)[row] = (uint16_t)code;
	else
		((uint32_t *)g->codes)[row] = code;
}

/* Whether the words are numbers, and too many: asked when there is a new one, it is cheap. */
bool growing_measures(struct growing *g);
bool growing_measure(struct growing *g, size_t n_rows) MUST_USE;

/* To a MEASURED column, in the order of rows; NAN is the number of one that is in `others`. */
bool growing_put_number(struct growing *g, size_t row, double number) MUST_USE;
bool growing_add_other(struct growing *g, size_t row, const struct cell *cell) MUST_USE;
bool growing_put_cell(struct growing *g, size_t row, const struct cell *cell) MUST_USE;

/* Fills the table's column, but for its name. */
void growing_finish(const struct growing *g, struct column *to);
