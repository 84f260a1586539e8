/* SPDX-License-Identifier: MIT */
#include "agents/analyst/bounds.h"

#include <string.h>

#include "agents/analyst/words.h"

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static bool is_difference(const struct words *w)
{
	return words_any(w, LIST("delta", "Δ", "δ", "diff", "difference", "change", "improvement",
	                         "gain", "growth", "saved", "saving", "overhead", "leak", "offset",
	                         "skew", "drift", "lag", "slack", "remaining", "eta", "speedup"));
}

static bool is_deviation(const struct words *w)
{
	return words_any(w,
	                 LIST("std", "stdev", "stddev", "sd", "stderr", "variance", "iqr", "mad"));
}

bool bounds_no_negative(const struct measure *m, const char *name)
{
	struct words w = words_of(name);
	const char *quantity = m->quantity ? m->quantity : "";

	if (!m->known || is_difference(&w))
		return false;
	return m->spread ? is_deviation(&w)
	                 : m->flow || strcmp(quantity, "memory") == 0 ||
	                           strcmp(quantity, "power") == 0 ||
	                           strcmp(quantity, "energy") == 0 ||
	                           strcmp(quantity, "utilization") == 0;
}

bool bounds_no_more_than_all(const struct measure *m, const char *name)
{
	struct words w = words_of(name);

	return m->known && m->unit && strcmp(m->unit, "%") == 0 && !is_difference(&w) &&
	       !words_has(&w, "cpu") &&
	       words_any(&w, LIST("success", "hit", "accuracy", "acc", "pass", "passed",
	                          "availability", "memory", "mem", "vram", "gpu"));
}
