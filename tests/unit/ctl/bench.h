/* SPDX-License-Identifier: MIT */
/*
 * bench - a small true report that the tests may spoil: copied to a folder of its own, changed,
 * sealed as the writer does it, verified.
 */
#pragma once

#include <jansson.h>

#include "ctl/verify.h"

struct bench {
	char folder[64]; /* holds artifacts/ */
	json_t *report;
	char *md, *samples;
	bool unsealed, resealed; /* set by a test: no seal, or a fresh one after its changes */
	struct verify_result result;
	char *output; /* what verify printed */
};

void bench_init(struct bench *b);
void bench_done(struct bench *b);

/* Replaces the first `from` in one of the texts or in an artifact; it must be there. */
void bench_replace(char **text, const char *from, const char *to);
void bench_replace_in_artifact(struct bench *b, const char *name, const char *from, const char *to);

/* The node at a JSON pointer of the report; it must be there. */
json_t *bench_at(struct bench *b, const char *pointer);
void bench_set(struct bench *b, const char *pointer, const char *key, json_t *value);

/* Seals what there is now; later changes are those of a forger. */
void bench_seal(struct bench *b);

/* Returns the number of mismatches. */
unsigned long bench_verify(struct bench *b);
bool bench_says(const struct bench *b, const char *words);
