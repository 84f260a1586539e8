/* SPDX-License-Identifier: MIT */
/*
 * conditions - under which the runs of a table were measured: its columns that are neither key nor
 * metric and have one text in all rows of a run (driver, commit, clock). Those of earlier runs
 * whose files are gone are known from the review that saw them.
 */
#pragma once

#include "agents/analyst/compared.h"

/* One run of a table. */
struct run_at {
	const struct view *view; /* NULL: only an earlier review knows it */
	int64_t time_s;
};

#define MAX_DIFFERENCES 4 /* conditions that a sentence names */
struct differences {
	const char *names[MAX_DIFFERENCES];
	size_t n;
};

/* "; what differs between the two runs: driver was 535.1 and is 550.2", but those named already.
 * The dossier notes them. */
void conditions_say(struct work *w, struct sentence *s, const struct tracks *t,
                    const struct run_at runs[static 2], struct differences *d);

/* The next review is told those of runs that no earlier one knows. */
void conditions_remember(struct work *w);
