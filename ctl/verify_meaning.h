/* SPDX-License-Identifier: MIT */
/*
 * verify_meaning - does one numeral mean what it says: fact, figure, date, name, id or heading?
 */
#pragma once

#include "ctl/verify_page.h"

/* The texts of a report that a name on the page may be copied from. */
struct meanings;

/*
 * Every text of the report but its sentences; of those of builtin, the foreign words in them that
 * are found in an artifact. NULL: no memory.
 */
struct meanings *meanings_new(struct verify *v);
void meanings_free(struct meanings *m);

/* [from, to): bytes of the line. false: `why` says what was expected and found. */
bool meaning_holds(struct verify *v, const struct meanings *m, const json_t *numeral,
                   const struct page_line *line, size_t from, size_t to, char *why, size_t size);

/*
 * Is `text`, as printed, this value rounded to the digits printed? `negative` says that a minus
 * sign stands before it. bound: '<', '>' or 0.
 */
bool meaning_rounds(struct str text, bool negative, double value, char bound);
