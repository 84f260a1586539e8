/* SPDX-License-Identifier: MIT */
/*
 * claims - what a model may say, and what becomes of what it said.
 *
 * The model is asked for JSON: {"claims":[{"about":["K1","F3"],"text":"..."}]} and, where the
 * scope allows it, "recommendations":[{"findings":["K1"],"text":"...","effect":"...","risk":"...",
 * "effort":"rerun"}] and "risks":[{"findings":["K1"],"risk":"...","mitigation":"..."}]. Prose
 * cannot hold a digit; a figure is written {F12} (its value), {F12:direction}, {F12:size},
 * {F12:subject}, {F12:name}, {F12:unit}. The schema asks the server's grammar to enforce that;
 * claims_check() never relies on it.
 */
#pragma once

#include <jansson.h>

#include "lib/evidence/dossier.h"

/* The ids that one question is about; nothing else may be cited. Borrowed. */
struct claims_scope {
	const unsigned *facts;
	size_t n_facts;
	const unsigned *findings;
	size_t n_findings;
	size_t max_claims;          /* 1..16 */
	size_t max_recommendations; /* 0: none are asked for */
	size_t max_risks;           /* likewise */
	bool summary;               /* the claims are a summary of all, not words about each */
	size_t max_words;           /* of the whole answer, as the persona has it; 0: any number */
	const char *instructions;   /* what the model was told, to find its echo; NULL: nothing */
};

/* How much work an advice is: the key that the model chooses, and the words that are printed. */
#define CLAIMS_EFFORTS 4
struct claims_effort {
	const char *key, *words;
};
extern const struct claims_effort claims_efforts[CLAIMS_EFFORTS];

/* The JSON Schema for response_format / format, within every limit of llama.cpp's converter. */
int claims_schema(json_t **ret, const struct claims_scope *scope, struct error *err) MUST_USE;

/* Counts of one answer. rubbish: not one claim or recommendation was usable. */
struct claims_outcome {
	size_t accepted, struck;
	bool rubbish;
	char complaint[256]; /* the first reason, to tell the model when it is asked again */
};

/*
 * Checks every sentence of an answer. What stands is appended to d->comments (and
 * d->recommendations and d->risks, by_model), what does not to d->struck with the reason; ids are
 * dense. `answer` is hostile: any bytes, any length up to max_bytes of the model client. Errors:
 * memory.
 */
int claims_check(struct dossier *d, const struct claims_scope *scope, const char *step,
                 const char *answer, size_t len, struct claims_outcome *ret,
                 struct error *err) MUST_USE;
