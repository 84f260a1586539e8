/* SPDX-License-Identifier: MIT */
/* compared - the series with their earlier runs while findings are made of them (history.c). */
#pragma once

#include "agents/analyst/suite.h"
#include "agents/analyst/tracks.h"

/* A track's present run against that of one chosen review. */
struct against_one {
	bool there;         /* the review measured it */
	size_t at;          /* its point */
	double moved;       /* as logarithms, better being up; 0 where no direction is known */
	double own;         /* what is left of the difference without what all have in common */
	double limit;       /* that this must be beyond, relative */
	double p, adjusted; /* two-sided; NAN: not tested */
};

struct compared_series {
	struct tracks tracks;
	struct suite suite;          /* one series for each track */
	struct against_one *against; /* one for each track; NULL: against the history */
	double shift;                /* what they have in common against that review; 0: too few */
	double shift_limit, shift_p; /* relative: beyond it the machine is another one */
};

/* history.c: the tracks of all series that have a group, not judged yet. */
void compared_read(struct work *w);

/* One track as findings see it. */
struct outcome {
	struct work *w;
	const struct compared_series *of;
	const struct track *track;
	const struct suite_verdict *verdict;
};
struct outcome outcome_at(struct work *w, const struct compared_series *c, size_t i);

/* [first, end) of a track's points. */
struct stretch_of_runs {
	size_t first, end;
};

/* changes.c: of a stretch that has some */
double median_of_runs(const struct track *t, struct stretch_of_runs s);

/* changes.c: of one earlier run alone, told once */
unsigned fact_of_earlier(struct work *w, const struct track *t, struct track_point *p);

/* Facts over two stretches; 0: none. */
struct pair {
	unsigned now, reference, delta, ratio; /* delta: in % */
};
struct pair pair_of_runs(const struct outcome *o, struct stretch_of_runs reference,
                         struct stretch_of_runs now);

/* changes.c: facts over the runs, and which of them tell of a change. There is room for those. */
void changes_keep_room(const struct outcome *o);
void changes_tell(const struct outcome *o);
/* The largest differences that could not be tested, of all that changes_tell() was asked about. */
void changes_tell_untested(struct work *w);
unsigned change_best_fact(const struct outcome *o); /* the best level there was */

/* A change as it is found, until what belongs together is put together. */
struct told {
	struct outcome outcome;
	const struct suite_change *change; /* one of the verdict's */
	struct pair pair;
	bool also;   /* of the latest run, where the level has a finding of this kind already */
	bool behind; /* told by another one */
	bool alone;  /* acknowledged, which the rest of a group need not be */
	const struct told *with;  /* the next metric of this configuration */
	const struct told *alike; /* the next configuration in which this metric did the same */
};

/* change_groups.c: one finding for each event. */
void changes_find(struct work *w);

/* change_findings.c */
bool change_is_worse(const struct outcome *o, int turn);
/* "Throughput of num_gpu 60, num_ctx 2048 (`x.csv`) " */
void change_say_what(struct sentence *s, const struct outcome *o);
/* "fell by 7.9 %, from 110.6 to 101.9 tok/s" */
void change_say(struct sentence *s, const struct pair *p);
/* Its kind, key, effect and facts; severity info. */
struct finding change_finding(const struct outcome *o, const struct pair *p, int turn);
/* The key of the finding that tells it alone. */
const char *change_key(const struct told *t);
/* That of many configurations together: it stays, whichever of them is the worst tonight. */
const char *change_group_key(const struct told *t);
void change_find(const struct told *t);
void change_find_drift(const struct outcome *o, const struct pair *p);
void change_find_untested(const struct outcome *o, const struct pair *p);

/* reference.c: against the run of one review, where the pipeline says so */
bool reference_only(const struct work *w);
void references_judge(struct work *w); /* fills `against` of all that is compared */
const struct against_one *reference_of(const struct outcome *o); /* NULL: there is none */
bool reference_is_beyond(const struct outcome *o); /* it is a difference, and no accident */
void reference_tell(const struct outcome *o, const struct pair *p);

/* environment.c: what the series of a table have in common, or all of one machine; room for it. */
void environment_keep_room(struct work *w);
void environment_tell(struct work *w);

/* charts.c: what a picture will show */
/* The runs behind a finding of that key; `reference` is the fact of the level before. */
void chart_line(const struct outcome *o, const char *key, size_t first, unsigned reference,
                size_t since, double limit);
void chart_shift(const struct outcome *o, unsigned delta);

/* lapsed.c: what the last review suspected and this one, which measured it again, does not. */
void lapsed_tell(struct work *w);

/* vanished.c: series of the last review that are not there any more; counts them. */
void vanished_tell(struct work *w);

/* "2026-11-20" of a run. */
const char *day_of_run(struct work *w, int64_t time_s);
