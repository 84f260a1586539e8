/* SPDX-License-Identifier: MIT */
/*
 * tracks - what one series measured in each of its runs: those of the tree, and those that only
 * earlier reviews saw. A track is one configuration and metric; its points are in order of time
 * and the present run's comes last.
 */
#pragma once

#include "agents/analyst/work.h"

#define TRACK_RUNS 120 /* the latest ones; older ones say little about tonight's noise */

struct track_point {
	double x; /* median of the run */
	int64_t time_s;
	uint32_t run; /* of the series' runs, by time */
	struct cells cells;
	unsigned fact;                 /* of this run alone; 0: none yet */
	const struct view *view;       /* NULL: only an earlier review tells it */
	uint64_t content;              /* of the view's artifact: as in struct past_point */
	const struct past_point *past; /* NULL: no earlier review knows it */
};

struct track {
	const char *key; /* series, metric, unit and configuration: the same every night */
	size_t configuration, metric; /* of the group */
	struct track_point *points;
	size_t n;
	bool is_new;   /* no earlier review knows the present run */
	bool has_past; /* an earlier review knows a run of it */
	struct fact_of of;
	unsigned tonight; /* fact: the present run's value */
};

struct tracks {
	struct series *series;
	const struct group *group;
	const char *key; /* of the series, as every store can hold it */
	struct track *at;
	size_t n, n_runs; /* runs: of any track */
	size_t n_in_tree; /* runs that the tree holds */
	size_t vanished;  /* values of the run before in the tree that the present one lacks */
};

/* Of the metrics that are followed, where the present run has a value. */
void tracks_read(struct work *w, struct tracks *ret, struct series *s);
bool track_is_followed(const struct group_metric *m);
/* The next review is told of the present run, and of runs of the tree that are facts. */
void track_remember(struct work *w, const struct track *t, const struct track_point *p,
                    unsigned fact);
/* Metric, unit and configuration, as they follow the series in a key. */
const char *track_suffix(struct work *w, const struct group *g, size_t configuration,
                         size_t metric);
