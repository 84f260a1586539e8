/* SPDX-License-Identifier: MIT */
/* said - was it said before: by this model, by code in a finding, or in the question itself? */
#pragma once

#include "lib/claims/sentence.h"
#include "lib/evidence/dossier.h"

/* Among comments, recommendations, risks and findings; case, blanks and signs make no difference.
 */
bool said_before(const struct dossier *d, const struct text *t);

bool said_alike(const struct text *a, const struct text *b);

/* The words of a question, to find its echo in an answer. */
struct question {
	char (*words)[WORD_MAX_BYTES];
	size_t n;
};

/* `text` may be NULL: then nothing is an echo. -ENOMEM. */
int question_of(struct question *ret, struct arena *a, const char *text) MUST_USE;

/* Has the sentence a run of words in common with it that no chance explains? */
bool question_echoes(const struct question *q, const struct sentence *s);
