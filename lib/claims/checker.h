/* SPDX-License-Identifier: MIT */
/* checker - what the check of one answer knows; between the files of this folder only. */
#pragma once

#include "lib/claims/names.h"
#include "lib/claims/said.h"

#define MAX_CLAIMS    16
#define MAX_SENTENCES 6   /* of one text */
#define MAX_IDS       16  /* of one claim, named and cited */
#define MAX_STRIKES   256 /* kept of one answer: more than its tokens can make */

struct claim {
	unsigned facts[MAX_IDS], findings[MAX_IDS];
	size_t n_facts, n_findings;
};

struct checker {
	struct dossier *d;
	const struct claims_scope *scope;
	const char *step;
	struct claims_outcome outcome;
	const struct names *names;
	struct question question;
	size_t strikes; /* kept */
	size_t words;   /* of what stands */
	struct error *err;
};

int checker_no_memory(struct checker *c);

/* Keeps what was refused, with the reason. `valid`: the text is UTF-8. Errors: memory. */
int checker_strike(struct checker *c, const char *reason, struct str text, bool valid) MUST_USE;

/* The ids of a claim or recommendation; false with the reason when one is none of the scope's. */
bool checker_about(struct claim *ret, const struct checker *c, const json_t *list, char *reason,
                   size_t size);
void claim_add_fact(struct claim *c, unsigned id);

/* A sentence that stands; `text` is its segments. Returns what checker_text() is to return. */
typedef int sentence_fn(void *arg, const struct sentence *s, const struct text *text);

/*
 * Takes a text apart and strikes what may not be said; fn gets the rest in its order, and answers
 * 1 for a sentence that it refused itself, 0, or an error.
 */
int checker_text(struct checker *c, struct str text, const struct claim *about, sentence_fn *fn,
                 void *arg) MUST_USE;

/* A copy of ids in the dossier's arena, NULL without memory. */
const unsigned *checker_ids(struct checker *c, const unsigned *ids, size_t n);

/* One member of "recommendations", of "risks". */
int advice_take(struct checker *c, const json_t *item) MUST_USE;
int risk_take(struct checker *c, const json_t *item) MUST_USE;
