/* SPDX-License-Identifier: MIT */
#include "lib/evidence/table.h"

uint32_t column_code(const struct column *c, size_t row)
{
	switch (c->code_bytes) {
	case 1:
		return ((const uint8_t *)c->codes)[row];
	case 2:
		return ((const uint16_t *)c->codes)[row];
	}
	return ((const uint32_t *)c->codes)[row];
}

struct cell column_measured(const struct column *c, size_t row)
{
	size_t low = 0, high = c->n_others;
	double number = column_number(c, row);

	if (!isnan(number))
		return (struct cell){.kind = CELL_NUMBER, .text = "", .number = number};
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->others[middle].row < row)
			low = middle + 1;
		else
			high = middle;
	}
	return c->others[low].cell;
}

const char *table_row_note(const struct table *t, size_t row)
{
	size_t low = 0, high = t->n_notes;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->notes[middle].row < row)
			low = middle + 1;
		else
			high = middle;
	}
	return low < t->n_notes && t->notes[low].row == row ? t->notes[low].why : NULL;
}
