/* SPDX-License-Identifier: MIT */
/*
 * reading - how a fact reads inside of a sentence: the same on a page, in a list, on a terminal.
 */
#pragma once

#include "lib/evidence/dossier.h"
#include "lib/evidence/number.h"

struct reading {
	enum number_kind kind;
	double scale;
	const char *unit; /* NULL: it has none, or the sentence tells it elsewhere */
	bool unsigned_;   /* the words have told the sign */
};

/* Of a fact that stands for itself. */
struct reading reading_of_fact(const struct fact *f);
/* Of the fact that segment i of a sentence cites as value or size, and which is there. */
struct reading reading_of_segment(const struct dossier *d, const struct text *t, size_t i);

/* "rose", "fell", "did not change"; NULL: the fact is no difference. */
const char *reading_direction(const struct fact *f);

/*
 * What the fact is of, spoken: "time to first token" for time_to_first_token. false: the column's
 * name has to do.
 */
#define READING_NAME_BYTES 64
bool reading_quantity(char ret[static READING_NAME_BYTES], const struct fact *f);
