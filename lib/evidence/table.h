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

#include <math.h>
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

/* What stands behind the number in a cell: "ms" of "12.3 ms", the thousand of "4.2k". */
struct cell_unit {
	const char *text; /* as written, "" for none */
	double factor;    /* the cell's number = the digits in it times this: 1000 for "4.2k" */
};

/*
 * EMPTY: nothing there (CSV "", JSON member missing). NULL: JSON null. NUMBER: one finite number,
 * with a unit behind it or without. LIST: a JSON array of at least one number and nothing else
 * (samples). TEXT: everything else, also "nan", nested JSON (printed short).
 */
enum cell_kind { CELL_EMPTY, CELL_NULL, CELL_BOOL, CELL_NUMBER, CELL_LIST, CELL_TEXT };

struct cell {
	enum cell_kind kind;
	uint32_t n_numbers;    /* LIST only */
	const char *text;      /* as written, blanks trimmed; "" for EMPTY, LIST and MEASURED */
	double number;         /* NUMBER: its value; BOOL: 0 or 1 */
	const double *numbers; /* LIST only */
	const struct cell_unit *unit; /* NUMBER: what stands behind the digits; NULL: nothing */
};

/* Where a cell of a tool's text stands: line and column from 1, in code points. */
struct text_place {
	uint32_t line, column, length;
};

enum better { BETTER_NONE, BETTER_HIGHER, BETTER_LOWER };

/* Of an ignored column that tells whether its row failed: by a code, or as its name says. */
#define QUANTITY_ERROR_CODE "error_code"
#define QUANTITY_OUTCOME    "outcome"

/*
 * Of columns that count what a row sums up: how much of it failed, how much did not, all of it; and
 * which share did not. Where half of it failed, or there is nothing else, the row did.
 */
#define QUANTITY_ERRORS       "errors"
#define QUANTITY_PASSED       "passed"
#define QUANTITY_ATTEMPTS     "attempts"
#define QUANTITY_SUCCESS_RATE "success_rate"

/* What the schema of a recognised tool says of a column. */
struct column_meaning {
	enum { MEANS_ANYTHING, MEANS_KEY, MEANS_METRIC, MEANS_COVARIATE, MEANS_IGNORED } role;
	const char *quantity, *unit; /* NULL: the name tells, or nothing does */
	enum better better;          /* of a METRIC */
	bool restates;               /* a METRIC computed from samples that are there, too */
	const char *why;             /* "repetitions, by the schema of hyperfine" */
};

/*
 * How the cells of a column are kept. PLAIN: a cell a row. CODED: a code a row, of `code_bytes`
 * bytes, into the distinct cells; code 0 is EMPTY. MEASURED: many different numbers, without
 * their printed text; where the row has another cell it is in `others`, sorted by row. Numbers
 * that all are whole multiples of 10^-decimals, and small enough, are kept as such.
 */
enum column_store { STORE_PLAIN, STORE_CODED, STORE_MEASURED };

#define SCALED_NONE         INT32_MIN /* another cell */
#define SCALED_DECIMALS_MAX 7

struct other_cell {
	uint32_t row;
	struct cell cell;
};

struct column {
	const char *name;    /* header, trimmed; second of a name "name#2"; none: "column 1"; JSON:
	                        last key */
	const char *pointer; /* JSON: below one row, "/benchmark/mean_time_ms"; "" for the row
	                        itself; else NULL */
	bool is_nested;      /* JSON: its lists are lists of lists, put together */
	bool is_row_key; /* JSON object of objects: this column is the member's name, no cell has it
	                  */
	uint8_t store;   /* enum column_store */
	uint8_t code_bytes;                   /* CODED: 1, 2 or 4 */
	uint8_t decimals;                     /* MEASURED, scaled */
	const struct column_meaning *meaning; /* NULL: no schema knows it */
	const char *split; /* one of several columns at one place: the unit of its cells; or NULL */
	struct cell *values;             /* PLAIN: one a row; CODED: the distinct ones */
	size_t n_values;                 /* CODED */
	const void *codes;               /* CODED */
	const double *numbers;           /* MEASURED: NAN for another cell; NULL: scaled has them */
	const int32_t *scaled;           /* MEASURED: the number times 10^decimals; NULL: numbers */
	const struct other_cell *others; /* MEASURED */
	size_t n_others;
	const struct text_place *places; /* text of a recognised tool: one a row; else NULL */
};

struct row_note {
	uint32_t row;
	const char *why;
};

/*
 * JSON becomes tables like this. An array of objects, and an object of at least two objects of
 * one shape ("keyed by configuration"), is a table whose base ends in a star (/backends/+*, without
 * the +); scalars and lists of numbers below a row, through plain objects, are its columns. All
 * scalars outside of such tables form one table of a single row with base "". Tables inside a row's
 * elements have a base with that row's index or member in it, and the row's text scalars in
 * `context`. A cell of row i (from 0) of a table whose base ends in "*": the base with the star
 * replaced by the i-th element's index or member name, then column.pointer.
 *
 * A document that is a list of numbers is one cell, of the column "value" with the pointer "".
 * Arrays of arrays of numbers are rows, too, with the columns "column 1" and on. Arrays side by
 * side may be columns (agents/collector/json_columnar.h says when): then the table is `columnar`,
 * and the star of its base stands for nothing: a cell of row i is the base without its last two
 * bytes, then column.pointer, then i.
 */
struct table {
	const struct artifact *artifact;
	unsigned number;      /* from 1, in document order, as in locators of CSV and Markdown */
	unsigned header_line; /* from 1; 0: no header (and always 0 for JSON) */
	char decimal;         /* '.' or ',' */
	const char *base;     /* JSON: absolute pointer of the rows; NULL for CSV and Markdown */
	bool columnar;        /* JSON: rows are the elements of the columns, see above */
	const char *schema;   /* the recognised tool: "hyperfine"; NULL: none. Static */
	struct column *columns;
	size_t n_columns;
	size_t n_rows;
	const struct row_note *notes; /* the rows that the reader excludes, ascending */
	size_t n_notes;
	struct label *context; /* text that holds for every row: from enclosing objects, headings */
	size_t n_context;
	const struct column_meaning *const *context_meanings; /* one each; NULL: no schema */
};

uint32_t column_code(const struct column *c, size_t row); /* CODED */

static inline double scaled_unit(unsigned decimals)
{
	static const double tens[SCALED_DECIMALS_MAX + 1] = {1e0, 1e1, 1e2, 1e3,
	                                                     1e4, 1e5, 1e6, 1e7};

	return tens[decimals];
}

/* One division of exact numbers: what strtod() makes of the number as it was written. */
static inline double scaled_number(int32_t scaled, unsigned decimals)
{
	return scaled == SCALED_NONE ? (double)NAN : (double)scaled / scaled_unit(decimals);
}

/* Of a MEASURED column; NAN: the row has another cell. */
static inline double column_number(const struct column *c, size_t row)
{
	return c->numbers ? c->numbers[row] : scaled_number(c->scaled[row], c->decimals);
}

struct cell column_measured(const struct column *c, size_t row);

static inline struct cell table_cell(const struct table *t, size_t row, size_t column)
{
	const struct column *c = &t->columns[column];

	switch ((enum column_store)c->store) {
	case STORE_PLAIN:
		return c->values[row];
	case STORE_CODED:
		return c->values[column_code(c, row)];
	case STORE_MEASURED:
		break;
	}
	return column_measured(c, row);
}

/* Why the reader excludes the row: "ragged: 5 of 7 cells"; NULL: it does not. */
const char *table_row_note(const struct table *t, size_t row);

/* What tells that a file changed, as it was when it was read. */
struct file_stamp {
	uint64_t inode;
	int64_t modified_ns, changed_ns; /* since 1970: content, then content or attributes */
};

struct artifact {
	unsigned id;      /* from 1: A1 ... in order of root, then path by bytes */
	unsigned root;    /* index into inventory.roots */
	const char *path; /* below the root; the file's own name when the root is a file */
	enum artifact_format format;
	uint64_t bytes;
	int64_t modified_s;
	struct file_stamp stamp;
	char digest[DIGEST_TEXT_BYTES]; /* "" when it could not be read */
	const char *machine;            /* what it says it was measured on; NULL: nothing */
	struct table *tables;
	size_t n_tables;
	const struct table *prose; /* Markdown: the numbers that its sentences state (with places),
	                              and the sentences; none of `tables`. NULL: none */
	enum artifact_status status;
	const char *reason;    /* one line, NULL when ok */
	unsigned duplicate_of; /* id of the first artifact with the same bytes, 0: none. Its tables
	                          are not read */
};

/* What was an artifact at the last review of the same roots, and is not there any more. */
struct gone_artifact {
	unsigned root; /* index into inventory.roots */
	const char *path;
	enum artifact_format format;
};

struct inventory {
	const char **roots; /* absolute */
	size_t n_roots;
	struct artifact *artifacts;
	size_t n_artifacts;
	uint64_t bytes;  /* of all artifacts */
	size_t n_other;  /* regular files below the roots that are no artifacts by their name:
	                    counted only */
	size_t n_reused; /* artifacts not read again: unchanged since an earlier review */
	const struct gone_artifact *gone; /* in order of root, then path by bytes */
	size_t n_gone;
};
