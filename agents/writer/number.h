/* SPDX-License-Identifier: MIT */
/*
 * number - how many digits of a value are worth printing, and those digits exactly.
 *
 * Whoever rounds value * scale to the digits printed gets the printed figure, by any rule for
 * halves: a value that lies on the middle between two figures is given more digits instead.
 */
#pragma once

#include <stddef.h>

#define NUMBER_TEXT_BYTES 48

enum number_kind {
	NUMBER_MEASURE, /* three or four significant digits; whole numbers whole */
	NUMBER_PERCENT, /* one decimal */
	NUMBER_GIVEN,   /* as somebody wrote it: every digit, up to twelve decimals */
	NUMBER_P        /* a probability: two significant digits, "0.001" with a bound below that */
};

struct number {
	char text[NUMBER_TEXT_BYTES]; /* "-1,234.5": digits, a sign, commas, one point */
	char bound;                   /* '<' or '>': the value lies beyond text; else 0 */
};

void number_print(struct number *ret, double value, double scale, enum number_kind kind);

/* The unit of the same family in which a magnitude reads best: 0.0042 s is 4.2 ms. */
struct number_unit {
	const char *unit; /* NULL: none */
	double scale;     /* what a value in the old unit is multiplied by */
};
struct number_unit number_unit_for(const char *unit, double magnitude);
