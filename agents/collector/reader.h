/* SPDX-License-Identifier: MIT */
/*
 * reader - what the ways of reading an artifact share. Internal to the collector.
 *
 * Each *_read() fills tables, n_tables and, where something had to be left out, status and reason
 * of *a. `text` is valid UTF-8 without NUL bytes (encoding.h) and is not needed afterwards:
 * everything kept is copied into the arena. -EINVAL: the content is nothing of the kind; *err says
 * why and where. -ENOMEM: the arena or the machine is full. *a is untouched then.
 */
#pragma once

#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/error.h"
#include "lib/base/str.h"
#include "lib/evidence/table.h"

#define READER_COLUMNS_MAX 10000 /* a wider table is no table of benchmarks */
#define READER_TABLES_MAX  1000
#define READER_DEPTH_MAX   64
#define READER_QUOTE_BYTES 80 /* of the artifact's own text within a reason */

int csv_read(struct artifact *a, struct str text, struct arena *arena, struct error *err) MUST_USE;
/* The same, so many bytes at a time and by several threads; the table does not depend on either. */
int csv_read_by(struct artifact *a, struct str text, size_t stretch_bytes, unsigned threads,
                struct arena *arena, struct error *err) MUST_USE;
/*
 * A regular file that is not held in memory, by up to `threads` threads, if it is a table that
 * nobody would doubt; its bytes are added to `digest` unless that is NULL. -EINVAL: it is none;
 * -EILSEQ: it is not plain UTF-8, and must be decoded first; -EIO: it cannot be read, or changed
 * meanwhile.
 */
int csv_read_file(struct artifact *a, int fd, uint64_t size, unsigned threads,
                  struct digest *digest, struct arena *arena, struct error *err) MUST_USE;
/* Only a table that nobody would doubt: a header, equal rows, numbers. For files named .txt. */
int csv_read_clear(struct artifact *a, struct str text, struct arena *arena,
                   struct error *err) MUST_USE;
int json_read(struct artifact *a, struct str text, struct arena *arena, struct error *err) MUST_USE;
/* The same; texts of fewer bytes have no rows read straight into columns: the cells are the same.
 */
int json_read_by(struct artifact *a, struct str text, size_t records_bytes, struct arena *arena,
                 struct error *err) MUST_USE;
/* Text of tools that text_tools.h knows; its cells have places. */
int text_read(struct artifact *a, struct str text, struct arena *arena, struct error *err) MUST_USE;
/* The same where it stands piece by piece in lines of JSON. */
int text_read_in_json(struct artifact *a, struct str text, struct arena *arena,
                      struct error *err) MUST_USE;
int markdown_read(struct artifact *a, struct str text, struct arena *arena,
                  struct error *err) MUST_USE;
/* The same of a tool that prints such tables among other lines. -EINVAL: there is none. */
int markdown_read_in_text(struct artifact *a, struct str text, struct arena *arena,
                          struct error *err) MUST_USE;

/* Lowers the status to partial; a second reason is put behind the first. */
void reader_partial(struct artifact *a, struct arena *arena, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/*
 * One finite decimal number and nothing else: optional sign, digits, `decimal`, digits, exponent.
 * No hexadecimal, no inf, no unit, no blanks.
 */
bool reader_number(struct str text, char decimal, double *ret) MUST_USE;

/* mantissa * 10^exponent as strtod() rounds it; false: strtod() must do it. */
bool reader_decimal(uint64_t mantissa, int exponent, double *ret) MUST_USE;

/*
 * A cell from trimmed, NUL-terminated text that lives as long as the cell. One with anything but a
 * plain number in it has a unit, if only an empty one.
 */
void reader_cell(struct cell *c, const char *text, size_t len, char decimal);
/* Makes a TEXT cell a NUMBER if its text is a quantity. */
bool reader_quantity(struct cell *c, struct str text, char decimal);

/* Of a table that was read with points: reads it again with commas if more of its cells say so. */
void reader_find_decimal(struct table *t);

/*
 * Once all cells are read: makes "1,234" text again in the columns where nothing tells whether the
 * mark stands between thousands or before a fraction.
 */
void reader_settle(struct table *t);

/* PLAIN columns for n_columns and n_rows of *t, all cells zero. False: no memory. */
bool reader_make_columns(struct table *t, struct arena *arena) MUST_USE;

/* Column names from `names`, which may hold empty and equal ones: "column 3", "name#2". */
int reader_name_columns(struct column *columns, const char *const *names, size_t n,
                        struct arena *arena) MUST_USE;

/* FNV-1a; start with READER_HASH and go on with what it returned. */
#define READER_HASH UINT64_C(14695981039346656037)
static inline uint64_t reader_hash(uint64_t hash, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
	return hash;
}
