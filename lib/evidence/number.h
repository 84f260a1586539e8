/* SPDX-License-Identifier: MIT */
/*
 * number - how many digits of a value are worth printing, and those digits exactly.
 *
 * Whoever rounds value * scale to the digits printed gets the printed figure, by any rule for
 * halves: a value that lies on the middle between two figures is given more digits instead.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/evidence/fact.h"

#define NUMBER_TEXT_BYTES 48

enum number_kind {
	NUMBER_MEASURE, /* three or four significant digits; whole numbers whole */
	NUMBER_PERCENT, /* one decimal */
	NUMBER_GIVEN,   /* as somebody wrote it: every digit, up to twelve decimals */
	NUMBER_P        /* a probability: two significant digits, "0.001" with a bound below that */
};

/* How a fact reads, by its statistic and its unit. */
enum number_kind number_kind_of(const struct fact *f);

#define NUMBER_ANY_DECIMALS (-1)

struct number {
	char text[NUMBER_TEXT_BYTES]; /* "-1,234.5": digits, a sign, commas, one point */
	char bound;                   /* '<' or '>': the value lies beyond text; else 0 */
};

void number_print(struct number *ret, double value, double scale, enum number_kind kind);
/* With so many decimals; more where the value lies on the middle between two figures. */
void number_print_decimals(struct number *ret, double value, double scale, int decimals);

/*
 * The decimals that a column of measures wants of which these are the largest and the smallest
 * size that is not nothing: four significant digits of the largest, at least two of the smallest.
 * NUMBER_ANY_DECIMALS where the two are too far apart for that.
 */
int number_decimals(double largest, double smallest);
/* Whether value * scale is what so many decimals print. */
bool number_is_exact(double value, double scale, int decimals);
/* Whether no rule for halves rounds it to another figure of so many decimals. */
bool number_is_clear(double value, double scale, int decimals);

/* The unit of the same family in which a magnitude reads best: 0.0042 s is 4.2 ms. */
struct number_unit {
	const char *unit; /* NULL: none */
	double scale;     /* what a value in the old unit is multiplied by */
};
struct number_unit number_unit_for(const char *unit, double magnitude);
