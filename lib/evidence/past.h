/* SPDX-License-Identifier: MIT */
/*
 * past - what earlier reviews of the same subject knew: one value a run of each series.
 *
 * The subject is the pipeline and its roots, or a name that was given. The analyst asks for a
 * series by its key; who answers (the daemon's store, a test) is not its business. What it learns
 * of new runs goes into the dossier's `history`, for the next review.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/util.h"

#define PAST_RUNS_MAX 400 /* of a series that are kept: more than a year of nights */

struct past_point {
	int64_t time_s;     /* of the run */
	double value;       /* of its repetitions the median, in the unit of the key */
	uint64_t n;         /* repetitions */
	const char *review; /* the job that published it ... */
	unsigned fact;      /* ... as this fact */
	uint64_t content;   /* tells the artifact's bytes from others; 0: not known */
};

/* A finding that somebody knows of, and that shall alarm nobody. */
struct past_ack {
	const char *key;
	const char *reason; /* as it was typed; NULL: none was given */
	const char
		*until;   /* "2026-12-24", the last day on which it holds; NULL: till it recovers */
	const char *made; /* the day on which it was; NULL: not known */
};

/* A change that the last review suspected. */
struct past_suspicion {
	const char *key;   /* of the finding, or of its group */
	const char *since; /* "2026-11-20", the run that it began with */
};

/* Something else that was told of a run: a driver, a commit. */
struct past_condition {
	const char *name; /* of a column, the same in every run */
	const char *text;
};
#define PAST_CONDITIONS_MAX 32 /* of a run that are kept */

struct past {
	const char *review; /* the last finished one, or the one that was chosen; NULL: none */
	bool against;       /* it was: its own run of each series is the reference, no other */
	int64_t finished_at_s;
	/* The runs of a series, oldest first, in the arena; none is no error. */
	int (*points)(void *arg, struct arena *arena, const char *series, struct past_point **ret,
	              size_t *ret_n);
	/* The series that the last review measured, in the arena; in no order. */
	int (*series)(void *arg, struct arena *arena, const char ***ret, size_t *ret_n);
	/* Of one run of a table (the key of its series), in the arena; the function may be NULL:
	 * nothing is known. */
	int (*conditions)(void *arg, struct arena *arena, const char *table, int64_t time_s,
	                  struct past_condition **ret, size_t *ret_n);
	/* What is acknowledged, in the arena; the function may be NULL: nothing is. */
	int (*acks)(void *arg, struct arena *arena, struct past_ack **ret, size_t *ret_n);
	/* What the last review suspected, in the arena; the function may be NULL: nothing. */
	int (*suspicions)(void *arg, struct arena *arena, struct past_suspicion **ret,
	                  size_t *ret_n);
	void *arg;
};

/* One run of one series that this review measured: to be told to the next. */
struct history_point {
	const char *series;
	int64_t time_s;
	unsigned fact; /* its value and n; 0: the series is still there, but this run is known */
	uint64_t content;
};

/* Between the runs on both sides of a shift that series have in common. */
struct condition_difference {
	const char *name; /* of the column */
	const char *before, *since;
};

/* One condition of such a run; those of one run stand one after the other. */
struct history_condition {
	const char *table;
	int64_t time_s;
	struct past_condition condition;
};
