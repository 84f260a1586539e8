/* SPDX-License-Identifier: MIT */
/*
 * csv_scan - cut delimited text (RFC 4180 and its relatives) into records and cells.
 *
 * Nothing is copied: a cell is a span of the text, still with its doubled quotes.
 */
#pragma once

#include "lib/base/str.h"

struct csv_scan {
	const char *at, *end;
	char delimiter;
	unsigned line;        /* of `at`, from 1 */
	unsigned record_line; /* where the record of the last cell began */
	unsigned open_quote;  /* line of a quote that is never closed, 0: none */
};

/* How a cell ended. */
enum csv_end { CSV_DELIMITER, CSV_RECORD, CSV_FILE };

struct csv_span {
	struct str raw; /* trimmed; without the quotes around it */
	bool doubled;   /* "" within it stands for one quote */
};

static inline struct csv_scan csv_scan_of(struct str text, char delimiter)
{
	return (struct csv_scan){text.at, text.at + text.len, delimiter, 1, 1, 0};
}

/* Moves over blank lines to the next record. False at the end of the text. */
bool csv_next_record(struct csv_scan *s);

/* The next cell of the record; call until it does not return CSV_DELIMITER. */
enum csv_end csv_next_cell(struct csv_scan *s, struct csv_span *ret);

/* Writes the cell's text with a NUL behind it; `to` has raw.len + 1 bytes. Returns its length. */
size_t csv_unquote(char *to, const struct csv_span *span);
