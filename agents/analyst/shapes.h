/* SPDX-License-Identifier: MIT */
/* shapes - which tables of one artifact are parts of one logical table. */
#pragma once

#include "agents/analyst/work.h"

struct shape {
	const char *text; /* "/metrics/+*\/gpu/+*" without the signs; equal texts are one view */
	const struct label *labels; /* what the tables around it say: columns to add */
	size_t n_labels;
};

void bases_of(struct work *w, const struct artifact *a, struct strmap *ret);
void shape_of(struct work *w, struct shape *ret, const struct table *t, const struct strmap *bases);
