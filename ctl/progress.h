/* SPDX-License-Identifier: MIT */
/*
 * progress - the steps of a running review: on a terminal one line each, redrawn in place where it
 * changed; else a plain line when a step begins and ends.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/buf.h"

#define PROGRESS_STEPS_MAX 64
#define PROGRESS_CALLS_MAX 16 /* as many as a step of the daemon makes */
#define PROGRESS_NAME_MAX  48
#define PROGRESS_WHAT_MAX  160
#define PROGRESS_ROWS_MAX  (PROGRESS_STEPS_MAX + 1)

enum progress_call_state { PROGRESS_CALL_NONE, PROGRESS_CALL_QUEUED, PROGRESS_CALL_RUNNING };

struct progress_call {
	enum progress_call_state state;
	uint64_t tokens; /* so far */
};

struct progress_step {
	char id[PROGRESS_NAME_MAX], stage[PROGRESS_NAME_MAX];
	char what[PROGRESS_WHAT_MAX]; /* what its units are */
	bool done;
	uint64_t started_ns;
	double wall_ms; /* once done */
	uint64_t units_done, units_total;
	struct progress_call calls[PROGRESS_CALLS_MAX]; /* by their number */
	unsigned ended, failed;                         /* calls */
	uint64_t tokens;                                /* of those that have ended */
	double model_s;                                 /* in which they came, call by call */
	uint64_t rate_ns, rate_tokens;                  /* where the rate was last looked at */
	double rate;                                    /* tokens a second of all calls then */
};

struct progress_row {
	char *text; /* as it stands on the screen */
	size_t columns;
};

struct progress {
	FILE *to;
	bool live, colour, unicode;
	unsigned width, height;
	struct progress_step steps[PROGRESS_STEPS_MAX];
	size_t n_steps;
	char note[PROGRESS_WHAT_MAX]; /* below the steps; "": none */
	uint64_t note_ns;             /* since when */
	bool note_told;               /* as a plain line */
	struct progress_row rows[PROGRESS_ROWS_MAX];
	size_t drawn; /* lines on the screen that are ours: rows, and what wraps of them */
	size_t n_rows;
	uint64_t drawn_ns;
};

void progress_init(struct progress *p, FILE *to);

/* An event of GET /v1/jobs/ID/events. Unknown ones and wrong types are ignored. */
void progress_event(struct progress *p, const char *event, const json_t *data);

/*
 * A sentence below the steps, until another takes its place; "" takes it away. What is over in half
 * a second is never shown.
 */
void progress_note(struct progress *p, const char *text);

/* The events begin anew, after a lost connection: what they counted is counted again. */
void progress_restart(struct progress *p);

/* Redraws what changed, at most ten times a second. */
void progress_tick(struct progress *p);

/* The terminal has another size now. */
void progress_resize(struct progress *p);

/*
 * The last state stays on the screen, what is printed next begins below it, and so do the steps
 * when progress_tick() draws them again.
 */
void progress_end(struct progress *p);

/* One step as a line, without colours, no wider than the terminal. */
void progress_line(struct buf *b, const struct progress *p, const struct progress_step *s,
                   uint64_t now_ns);

/* "0.4 s", "12 s", "3 min 05 s" */
void progress_duration(struct buf *b, double ms);
