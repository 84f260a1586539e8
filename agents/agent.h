/* SPDX-License-Identifier: MIT */
/*
 * agent - one task of a review, as its model sees it: what to ask, and about which ids.
 *
 * The code part of each task has its own header (collector.h, analyst.h, writer.h); this is the
 * part that talks. An ask holds facts and findings as compact text, in order of importance, and
 * fits max_prompt_bytes: what does not fit is left out, least important first, and counted.
 */
#pragma once

#include "lib/claims/claims.h"
#include "lib/evidence/pipeline.h"

struct ask {
	const char *title;  /* for progress lines: "group 3: reports/x.csv"; no meaning beyond */
	const char *system; /* the persona's, byte for byte */
	const char *user;   /* task, facts, findings, format of the answer; ids as in ids.h */
	struct claims_scope scope; /* ids of the dossier */
	size_t omitted;            /* facts and findings that did not fit */
};

struct ask_limits {
	size_t max_prompt_bytes; /* system + user */
	size_t max_asks;
};

struct agent {
	enum task task;
	/*
	 * The questions of one step, from what the dossier holds by then, allocated in `arena`.
	 * None is a good answer: then nothing is asked. Pure; same dossier, same asks.
	 */
	int (*ask)(const struct dossier *d, const struct persona *p, enum for_each for_each,
	           const struct ask_limits *limits, struct arena *arena, struct ask **ret,
	           size_t *ret_n, struct error *err);
};

const struct agent *agent_of(enum task t);

/* The schema of an answer to it. */
int ask_schema(json_t **ret, const struct ask *a, struct error *err) MUST_USE;

/* claims_check() of what a model answered; the complaint speaks of the ids of the question. */
int ask_check(struct dossier *d, const struct ask *a, const char *step, const char *answer,
              size_t len, struct claims_outcome *ret, struct error *err) MUST_USE;
