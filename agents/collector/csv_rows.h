/* SPDX-License-Identifier: MIT */
/*
 * csv_rows - all records of a delimited text behind its header, read by one thread or by several.
 *
 * Memory beside the columns is a few windows, however long the text is.
 */
#pragma once

#include "agents/collector/csv_columns.h"
#include "agents/collector/csv_source.h"
#include "lib/base/digest.h"

#define CSV_STRETCH_BYTES ((size_t)2 << 20) /* fits a core's own cache, and takes a few ms */

struct csv_rows {
	struct csv_source source;
	struct csv_form form;
	uint64_t at;       /* where the next record begins */
	unsigned line;     /* its number */
	struct str sample; /* what stands there, or its beginning: tells how much memory to take */
	unsigned threads;
	struct digest *digest; /* of what is read; or NULL */
	uint64_t digested;     /* up to where, once reading has begun */
	size_t stretch_bytes;  /* read at a time; more where a record is longer */
	size_t n_columns;
	bool checked;            /* the text is known to be UTF-8 without NUL bytes */
	unsigned ret_open_quote; /* line of a quote that is never closed, 0: none */
};

/*
 * *ret is ready for csv_columns_finish(); csv_columns_done() also after a failure. -ENOMEM;
 * -EINVAL: no table after all; -EILSEQ: no UTF-8, or NUL bytes; -EIO: the file cannot be read.
 */
int csv_rows_read(struct csv_columns *ret, struct csv_rows *rows, struct arena *arena,
                  struct error *err) MUST_USE;
