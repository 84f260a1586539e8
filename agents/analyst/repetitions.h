/* SPDX-License-Identifier: MIT */
/*
 * repetitions - findings about the values of one configuration in the order in which one run
 * measured them: a cold first one, two modes, outliers, a drift. What tells them apart later is the
 * name of their first gate.
 */
#pragma once

#include "agents/analyst/work.h"

#define REPETITIONS_COLD  "first value, scaled deviations from the others"
#define REPETITIONS_MODES "widest gap over the next"

/* Of all groups but those of tables in prose; fills w->explained. */
void findings_repetitions(struct work *w);

static inline bool repetitions_are(const struct finding *f, const char *gate)
{
	return f->n_gates && strcmp(f->gates[0].name, gate) == 0;
}
