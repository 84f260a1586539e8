/* SPDX-License-Identifier: MIT */
/* shifts - the present run of each series against its earlier ones, the most telling first. */
#pragma once

#include "lib/base/arena.h"
#include "lib/evidence/dossier.h"

struct shift {
	const struct chart_shift *chart;
	const struct fact *delta;
	double size; /* in widths of the series' noise: beyond 1 it tells something */
};

/* In the arena; NULL: no memory. */
struct shift *shifts_in_order(struct arena *arena, const struct dossier *d, size_t *ret_n);
