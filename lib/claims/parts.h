/* SPDX-License-Identifier: MIT */
/* parts - sentences that stand and are kept together as one text. In this folder only. */
#pragma once

#include "lib/claims/checker.h"

#define PARTS_SENTENCES (3 * MAX_SENTENCES)

struct parts {
	struct checker *c;
	struct text at[PARTS_SENTENCES + 4]; /* and some words of ours */
	size_t n, sentences;
};

/* The sentences of a member that stand; none of it being a text is no error. Errors: memory. */
int parts_take(struct parts *p, const json_t *item, const char *member,
               const struct claim *about) MUST_USE;
/* Words of ours: a literal. */
int parts_words(struct parts *p, const char *words) MUST_USE;
/* The parts as one text, a blank between them. */
int parts_join(struct text *ret, const struct parts *p) MUST_USE;
