/* SPDX-License-Identifier: MIT */
/*
 * csv_part - some records of a delimited text, cut into cells.
 *
 * A part has one owner and one thread, so that several can be cut at once. Its columns are either
 * codes into the part's own dictionary, or numbers that go straight to their place in the table.
 * csv_columns.h puts parts together, in order.
 */
#pragma once

#include "agents/collector/csv_dict.h"
#include "agents/collector/csv_sniff.h"

#define CSV_TEXT_PAD 32 /* bytes behind a part's text that may be read, whatever they are */

/* A cell of a MEASURED column that is no plain number. */
struct csv_other {
	uint32_t row; /* of the part, from 0 */
	struct str text;
};

struct csv_lane {
	double *numbers; /* MEASURED: the table's, from the part's first row on; else NULL */
	struct csv_other *others;
	size_t n_others, cap_others;
	struct csv_dict dict; /* CODED */
	uint32_t *codes;      /* a row each: word number, or 0 for an empty cell */
};

/* A record that is no row of the table. cells 0: it says the header again. */
struct csv_odd {
	uint32_t row; /* of the part, from 0 */
	uint32_t cells;
	unsigned line;
	bool comment; /* begins with a # and has not as many cells as a row */
};

struct csv_part {
	struct csv_lane *lanes; /* n_columns of them */
	size_t n_columns;
	size_t n_rows, cap_rows;
	size_t max_rows; /* the caller's: there is no room for more */
	bool overflow;   /* there were more */
	struct csv_odd *odd;
	size_t n_odd, cap_odd;
	unsigned open_quote; /* line of a quote that is never closed, 0: none */
	unsigned lines;      /* in its text */
	bool failed;         /* no memory */
};

/* What all parts of a table have in common. */
struct csv_form {
	const struct csv_dialect *dialect;
	const char *const *names; /* the header's cells; NULL without one */
};

int csv_part_init(struct csv_part *p, size_t n_columns) MUST_USE;
void csv_part_done(struct csv_part *p);
/* Ready for the next text. The caller sets lanes[].numbers where a column is MEASURED. */
void csv_part_clear(struct csv_part *p);

/*
 * Cuts the records of a text whose first line has the number `line`; CSV_TEXT_PAD bytes behind it
 * can be read. Without `last`, a record that may go on behind the text is left: returns how many
 * bytes were cut. Doubled quotes are made single in place, and the dictionaries and `others` refer
 * to the text. p->failed: no memory.
 */
size_t csv_part_cut(struct csv_part *p, const struct csv_form *form, char *text, size_t len,
                    unsigned line, bool last);
