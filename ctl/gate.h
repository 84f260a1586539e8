/* SPDX-License-Identifier: MIT */
/* gate - which side of its threshold a gate of a finding passes on; its name tells. */
#pragma once

#include <stdbool.h>

enum gate_sense {
	GATE_AT_LEAST, /* the value, whatever its sign, reaches the threshold */
	GATE_AT_MOST,  /* a p value */
	GATE_WITHIN,   /* a deviation from what was expected */
	GATE_EQUAL,    /* an option that is run, and the one that is expected */
};

enum gate_sense gate_sense_of(const char *name);
bool gate_holds(enum gate_sense sense, double value, double threshold);
