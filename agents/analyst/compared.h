/* SPDX-License-Identifier: MIT */
/* compared - the series with their earlier runs while findings are made of them (history.c). */
#pragma once

#include "agents/analyst/suite.h"
#include "agents/analyst/tracks.h"

struct compared_series {
	struct tracks tracks;
	struct suite suite; /* one series for each track */
};

/* One track as findings see it. */
struct outcome {
	struct work *w;
	const struct compared_series *of;
	const struct track *track;
	const struct suite_verdict *verdict;
};

/* [first, end) of a track's points. */
struct stretch_of_runs {
	size_t first, end;
};

/* Facts over two stretches; 0: none. */
struct pair {
	unsigned now, reference, delta, ratio; /* delta: in % */
};
struct pair pair_of_runs(const struct outcome *o, struct stretch_of_runs reference,
                         struct stretch_of_runs now);

/* changes.c: facts over the runs, and findings of what changed. */
void changes_tell(const struct outcome *o);
/* The largest differences that could not be tested, of all that changes_tell() was asked about. */
void changes_tell_untested(struct work *w);
/* environment.c: what the series of a table have in common. */
void environment_tell(struct work *w, const struct compared_series *c);

/* vanished.c: series of the last review that are not there any more; counts them. */
void vanished_tell(struct work *w);

/* "2026-11-20" of a run. */
const char *day_of_run(struct work *w, int64_t time_s);
