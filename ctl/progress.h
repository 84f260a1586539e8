/* SPDX-License-Identifier: MIT */
/*
 * progress - the steps of a running review, on a terminal one line each, redrawn in place; else a
 * plain line when a step begins and ends.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/buf.h"

#define PROGRESS_STEPS_MAX 24
#define PROGRESS_CALLS_MAX 16 /* more at once share a place: it is only a display */
#define PROGRESS_NAME_MAX  48
#define PROGRESS_WHAT_MAX  160

struct progress_step {
	char id[PROGRESS_NAME_MAX], stage[PROGRESS_NAME_MAX];
	char what[PROGRESS_WHAT_MAX]; /* what it does now */
	bool done;
	uint64_t started_ns;
	double wall_ms; /* once done */
	uint64_t units_done, units_total;
	unsigned calls;
	uint64_t tokens;                      /* of the calls that have ended */
	uint64_t running[PROGRESS_CALLS_MAX]; /* of those that run, by their number */
	double tokens_per_s;
};

struct progress {
	FILE *to;
	bool live, colour;
	unsigned width;
	struct progress_step steps[PROGRESS_STEPS_MAX];
	size_t n_steps, drawn; /* drawn: lines on the screen that are ours */
	uint64_t drawn_ns;
	bool changed;
};

void progress_init(struct progress *p, FILE *to);

/* An event of GET /v1/jobs/ID/events. Unknown ones and wrong types are ignored. */
void progress_event(struct progress *p, const char *event, const json_t *data);

/* The events begin anew, after a lost connection: what they counted is counted again. */
void progress_restart(struct progress *p);

/* Redraws, at most ten times a second. */
void progress_tick(struct progress *p);

/* The last state stays on the screen; what is printed next begins below it. */
void progress_end(struct progress *p);

/* One step as a line, for the tests. */
void progress_line(struct buf *b, const struct progress_step *s, unsigned width, uint64_t now_ns);

/* "0.4 s", "12 s", "3 min 05 s" */
void progress_duration(struct buf *b, double ms);
