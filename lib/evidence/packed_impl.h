/* SPDX-License-Identifier: MIT */
/*
 * packed_impl - the pieces of a packed artifact. pack.c writes and unpack.c reads them in this
 * order, each at a multiple of 8:
 *
 *   packed, then for each table:
 *     packed_table, its notes, its context, with has_context_meanings for each of the context
 *     a number and, where it is 1, packed_meaning; then for each column:
 *       packed_column, packed_meaning if it has one, then
 *       PLAIN: a cell a row. CODED: the values, the codes. MEASURED: the numbers, the others;
 *       the places if it has them
 *   the texts, which begin and end with a NUL
 *
 * A cell is packed_cell, then its number, its packed_unit, its list, whichever it has. An other
 * cell has its row before it. A text is an offset into the texts, or PACKED_NONE.
 */
#pragma once

#include "lib/evidence/packed.h"

struct packed_table {
	uint32_t number, header_line, base, schema, n_columns, n_notes, n_context;
	uint8_t decimal, columnar, has_context_meanings, unused;
	uint64_t n_rows;
};

struct packed_note {
	uint32_t row, why;
};

struct packed_label {
	uint32_t name, text;
};

struct packed_column {
	uint32_t name, pointer, split;
	uint8_t is_row_key, store, code_bytes;
	uint8_t has_meaning : 1, has_places : 1, is_nested : 1, is_scaled : 1;
	uint64_t n_values, n_others;
	uint32_t decimals, unused;
};

struct packed_meaning {
	uint8_t role, better, restates, unused;
	uint32_t quantity, unit, why;
};

struct packed_cell {
	uint8_t kind, has_number, has_unit, unused;
	uint32_t text;
};

struct packed_unit {
	double factor;
	uint32_t text, unused;
};
