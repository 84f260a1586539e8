/* SPDX-License-Identifier: MIT */
/*
 * csv_part - some records of a delimited text, cut into cells.
 *
 * A part has one owner and one thread, so that several can be cut at once. Its columns are either
 * codes into the part's own dictionary, or numbers. csv_columns.h puts parts together, in order.
 */
#pragma once

#include "agents/collector/csv_dict.h"
#include "agents/collector/csv_numbers.h"
#include "agents/collector/csv_sniff.h"

#define CSV_TEXT_PAD 64 /* bytes behind a part's text that may be read, whatever they are */

/* A cell of a MEASURED column that is no plain number. */
struct csv_other {
	uint32_t row; /* of the part, from 0 */
	struct str text;
};

struct csv_lane {
	uint32_t *codes;      /* CODED: a row each: word number, or 0 for an empty cell */
	struct csv_dict dict; /* CODED */
	bool measured;
	struct csv_numbers numbers; /* MEASURED: in the room of the codes, or in `wide` */
	double *wide;
	struct csv_other *others;
	size_t n_others, cap_others;
};

/* A record that is no row of the table. cells 0: it says the header again. */
struct csv_odd {
	uint32_t row; /* of the part, from 0 */
	uint32_t cells;
	unsigned line; /* of the part, from 1 */
	bool comment;  /* begins with a # and has not as many cells as a row */
};

struct csv_part {
	struct csv_lane *lanes; /* n_columns of them */
	size_t n_columns;
	size_t n_rows, cap_rows;
	size_t max_rows; /* the caller's: it ends there */
	struct csv_odd *odd;
	size_t n_odd, cap_odd;
	unsigned open_quote; /* line, as above, of a quote that is never closed; 0: none */
	unsigned lines;      /* in what was cut of its text */
	bool failed;         /* no memory */
};

/* What all parts of a table have in common. */
struct csv_form {
	const struct csv_dialect *dialect;
	const char *const *names; /* the header's cells; NULL without one */
};

int csv_part_init(struct csv_part *p, size_t n_columns) MUST_USE;
void csv_part_done(struct csv_part *p);
/* Ready for the next text; all columns are CODED. */
void csv_part_clear(struct csv_part *p);
/* Where a column is MEASURED by now, with how it is kept: the part's numbers will often suit. */
void csv_part_measure(struct csv_part *p, size_t column, const struct csv_numbers *as);

/*
 * Cuts the records of a text; CSV_TEXT_PAD bytes behind it can be read. Without `last`, a record
 * that may go on behind the text is left, as are those beyond max_rows: returns how many bytes were
 * cut. Doubled quotes are made single in place, and the dictionaries and `others` refer to the
 * text. p->failed: no memory.
 */
size_t csv_part_cut(struct csv_part *p, const struct csv_form *form, char *text, size_t len,
                    bool last);
