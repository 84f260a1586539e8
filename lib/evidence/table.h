/* SPDX-License-Identifier: MIT */
/*
 * table - what was read: artifacts, their tables, and cells with the place they came from.
 *
 * The first station of the walk (artifact -> table -> fact -> finding -> claim -> sentence). The
 * collector fills these; the analyst only reads them, but for artifact.status and .reason, which
 * it lowers to "partial" when rows turn out to be failed runs. Everything lives in the arena of
 * the dossier that holds the inventory. Strings are NUL-terminated UTF-8 and never NULL unless
 * it says so.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"

enum artifact_format { FORMAT_CSV, FORMAT_JSON, FORMAT_MARKDOWN, FORMAT_TEXT, FORMAT_OTHER };
enum artifact_status { STATUS_OK, STATUS_PARTIAL, STATUS_UNREADABLE, STATUS_SKIPPED };

const char *artifact_format_name(enum artifact_format f); /* csv json markdown text other */
const char *artifact_status_name(enum artifact_status s); /* ok partial unreadable skipped */

/* A name and a text: part of a subject, or what a whole table has in common. */
struct label {
	const char *name, *text;
};

/*
 * EMPTY: nothing there (CSV "", JSON member missing). NULL: JSON null. NUMBER: one finite number,
 * without a unit behind it. LIST: a JSON array of at least one number and nothing else (samples).
 * TEXT: everything else, also "nan", "12 ms", nested JSON (printed short).
 */
enum cell_kind { CELL_EMPTY, CELL_NULL, CELL_BOOL, CELL_NUMBER, CELL_LIST, CELL_TEXT };

struct cell {
	enum cell_kind kind;
	uint32_t n_numbers;    /* LIST only */
	const char *text;      /* as written, blanks trimmed; "" for EMPTY and LIST */
	double number;         /* NUMBER: its value; BOOL: 0 or 1 */
	const double *numbers; /* LIST only */
};

struct column {
	const char *name;    /* header, trimmed; second of a name "name#2"; none: "column 1"; JSON:
	                        last key */
	const char *pointer; /* JSON: below one row, "/benchmark/mean_time_ms"; "" for the row
	                        itself; else NULL */
	bool is_row_key; /* JSON object of objects: this column is the member's name, no cell has it
	                  */
};

/*
 * JSON becomes tables like this. An array of objects, and an object of at least two objects of
 * one shape ("keyed by configuration"), is a table whose base ends in a star (/backends/+*, without
 * the +); scalars and lists of numbers below a row, through plain objects, are its columns. All
 * scalars outside of such tables form one table of a single row with base "". Tables inside a row's
 * elements have a base with that row's index or member in it, and the row's text scalars in
 * `context`. A cell of row i (from 0) of a table whose base ends in "*": the base with the star
 * replaced by the i-th element's index or member name, then column.pointer.
 */
struct table {
	const struct artifact *artifact;
	unsigned number;      /* from 1, in document order, as in locators of CSV and Markdown */
	unsigned header_line; /* from 1; 0: no header (and always 0 for JSON) */
	char decimal;         /* '.' or ',' */
	const char *base;     /* JSON: absolute pointer of the rows; NULL for CSV and Markdown */
	struct column *columns;
	size_t n_columns;
	struct cell *cells; /* row by row: cells[row * n_columns + column] */
	size_t n_rows;
	const char **row_notes; /* per row: why the reader excludes it ("ragged: 5 of 7 cells"), or
	                           NULL */
	struct label *context; /* text that holds for every row: from enclosing objects, headings */
	size_t n_context;
};

static inline const struct cell *table_cell(const struct table *t, size_t row, size_t column)
{
	return &t->cells[row * t->n_columns + column];
}

struct artifact {
	unsigned id;      /* from 1: A1 ... in order of root, then path by bytes */
	unsigned root;    /* index into inventory.roots */
	const char *path; /* below the root; the file's own name when the root is a file */
	enum artifact_format format;
	uint64_t bytes;
	int64_t modified_s;
	char digest[DIGEST_TEXT_BYTES]; /* "" when it could not be read */
	struct table *tables;
	size_t n_tables;
	enum artifact_status status;
	const char *reason;    /* one line, NULL when ok */
	unsigned duplicate_of; /* id of the first artifact with the same bytes, 0: none. Its tables
	                          are not read */
};

struct inventory {
	const char **roots; /* absolute */
	size_t n_roots;
	struct artifact *artifacts;
	size_t n_artifacts;
	uint64_t bytes; /* of all artifacts */
	size_t n_other; /* regular files below the roots that are no artifacts by their name:
	                   counted only */
};
