/* SPDX-License-Identifier: MIT */
#include "ctl/gate.h"

#include <math.h>
#include <string.h>

static bool is_p(const char *name)
{
	for (const char *at = name; (at = strchr(at, 'p')); at++) {
		bool before = at == name || at[-1] == ' ' || at[-1] == '_';

		if (before && (!at[1] || at[1] == ' ' || at[1] == '_' || at[1] == ','))
			return true;
	}
	return strstr(name, "p value") != NULL;
}

enum gate_sense gate_sense_of(const char *name)
{
	if (strncmp(name, "equal to ", strlen("equal to ")) == 0)
		return GATE_EQUAL;
	if (is_p(name))
		return GATE_AT_MOST;
	return strncmp(name, "deviation from ", strlen("deviation from ")) == 0 ? GATE_WITHIN
	                                                                        : GATE_AT_LEAST;
}

bool gate_holds(enum gate_sense sense, double value, double threshold)
{
	switch (sense) {
	case GATE_AT_MOST:
		return value <= threshold;
	case GATE_WITHIN:
		return fabs(value) <= threshold;
	case GATE_EQUAL:
		return !(value < threshold || value > threshold);
	case GATE_AT_LEAST:
		break;
	}
	return fabs(value) >= fabs(threshold);
}
