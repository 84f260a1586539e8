/* SPDX-License-Identifier: MIT */
/*
 * quantities - the one unit in which the numbers of a column are told, and the factor by which the
 * digits of a cell become a number in it.
 */
#pragma once

#include "agents/analyst/units.h"
#include "lib/evidence/unit.h"

#define UNIT_TALLY 16 /* spellings and scales in one column, counted no further */

/* What stands behind the numbers of one column. */
struct unit_tally {
	struct {
		const struct cell_unit *as;
		size_t n;
	} seen[UNIT_TALLY];
	size_t n_seen, rest;
	size_t bare;   /* numbers without a unit */
	size_t scaled; /* of them, those of so many thousands: "4.2k" */
	size_t spread; /* numbers with their spread behind them: "41.3 ± 0.6" */
};

void unit_tally_add(struct unit_tally *t, const struct cell *number);

struct column_unit {
	const struct unit *unit; /* what every number is turned into; NULL: no cell names one */
	bool bare;               /* numbers without a unit are in it, or in none */
	bool mixed;              /* most numbers are in other units, which do not turn into it */
};

/* told: the unit that the header names, NULL for none. */
struct column_unit column_unit_of(const struct unit_tally *t, const char *told);
/* The digits of the cell times this are in the column's unit; 0: nothing turns them into it. */
double column_unit_factor(const struct column_unit *u, const struct cell *number);

/* A unit in the cells says as much as one in the header: "Mean" of "506.6 ns" is "Mean [ns]". */
struct measure measure_in(const char *name, const char *parent, const struct unit *unit);

/* "N/A", "-", "[Not Supported]": a text that says there is no value. */
bool text_means_nothing(const char *text);
/* "1,234" in a column where nothing tells whether the comma is a decimal mark. */
bool text_is_unclear(const char *text);
