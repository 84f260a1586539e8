/* SPDX-License-Identifier: MIT */
/*
 * draft - the text of one question, filled in order of importance until it is full.
 *
 * begin, then findings and facts, the most important first, then end. Whatever does not fit any
 * more is counted in `omitted`, and so is all that comes after it, so that what is left out is
 * always the least important. Text of artifacts is quoted data: see draft_quote().
 */
#pragma once

#include "agents/agent.h"
#include "lib/base/buf.h"

#define DRAFT_MAX_FACTS    40 /* small models choose worse from many */
#define DRAFT_MAX_FINDINGS 16

struct draft {
	const struct dossier *d;
	const struct persona *persona;
	struct arena *arena;
	const char *task; /* as draft_begin() was told it */
	struct buf text;  /* freed by draft_done() */
	size_t max_bytes; /* of the data; the closing words are already taken off */
	unsigned facts[DRAFT_MAX_FACTS], findings[DRAFT_MAX_FINDINGS];
	size_t n_facts, n_findings, omitted;
	const struct fact *row; /* the last line is a row of its table; NULL: of none */
	size_t max_claims, max_advice, max_risks; /* set before draft_begin() */
	bool summary;                             /* likewise: the claims are one of all */
	bool full;
};

/* The task in our words, a literal; max_prompt_bytes as in struct ask_limits. */
void draft_begin(struct draft *dr, const char *task, size_t max_prompt_bytes);
void draft_done(struct draft *dr);

/* A line of ours with data in it, "Benchmark file: " and the path; text may be NULL. */
void draft_note(struct draft *dr, const char *words, const char *text);

/* A finding with the facts that it stands on. */
void draft_finding(struct draft *dr, const struct finding *f);

/* A fact of its own; note (may be NULL) is ours. Id 0 and facts already there are no work. */
void draft_fact(struct draft *dr, unsigned id, const char *note);

/* One that may stand in a table with others, which is told once of what all of them are. */
void draft_row(struct draft *dr, unsigned id);

/* 1: *ret is a question; 0: nothing fitted, so there is none; -ENOMEM. */
int draft_end(struct draft *dr, const char *title, struct ask *ret);

/* Foreign text in double quotes: one line, no braces, no turn marks of a chat, at most 120 bytes.
 */
void draft_quote(struct buf *b, const char *text);
