/* SPDX-License-Identifier: MIT */
/*
 * quantity - a number as people and tools print it: "12.3 ms", "4.2k", "1,234.5", "41.3 ± 0.6 s".
 *
 * Not of interest for plain numbers, which reader_number() reads. What stands behind a number must
 * be a unit that is known; bounds ("<0.1"), ranges, dates and versions are no quantities.
 */
#pragma once

#include "lib/base/str.h"
#include "lib/evidence/table.h"

struct quantity {
	double number; /* the digits times unit->factor */
	/* Static, never NULL. Text "": no unit; factor 1000: "4.2k". */
	const struct cell_unit *unit;
};

/* `text` is trimmed. Of "41.3 ± 0.6" the quantity is 41.3. */
bool quantity_parse(struct quantity *ret, struct str text, char decimal) MUST_USE;

/*
 * What one cell says of the decimal mark. Digits in groups of three with one mark ("1,234") may be
 * thousands or a fraction: the *_MAYBE ones.
 */
enum decimal_hint { HINT_NONE, HINT_POINT, HINT_COMMA, HINT_POINT_MAYBE, HINT_COMMA_MAYBE };

enum decimal_hint quantity_hint(struct str text);

/* Counts of such hints, of a column or a table. */
struct decimal_hints {
	size_t n[HINT_COMMA_MAYBE + 1];
};

/* '.' or ','; 0: they do not tell, or contradict each other. */
char quantity_decimal(const struct decimal_hints *h);
