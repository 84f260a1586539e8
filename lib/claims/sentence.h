/* SPDX-License-Identifier: MIT */
/*
 * sentence - one sentence of a model, read and judged by itself.
 *
 * Plain prose is an allow-list: Latin letters, blanks and , . ; : ' ( ) - with the dashes and
 * apostrophe of typography. So a digit of whatever script, markup and control characters fall out
 * without a list of them. What a sentence says of facts is judged in agree.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"
#include "lib/claims/words.h"
#include "lib/evidence/fact.h"

#define SENTENCE_MIN_WORDS 4
#define SENTENCE_MAX_WORDS 60
#define SENTENCE_MAX_BYTES 1000
#define WORD_MAX_BYTES     32

/* A word, or a placeholder: then fact is not 0. */
struct token {
	struct str text;             /* as written, in the sentence's text */
	char folded[WORD_MAX_BYTES]; /* lower case, accents and apostrophes taken off; "" of facts
	                              */
	unsigned classes;
	unsigned fact;
	enum segment_as as;
};

struct sentence {
	struct str text; /* borrowed */
	struct token tokens[SENTENCE_MAX_WORDS];
	size_t n;
	bool hypothesis;  /* names a cause or a mechanism, or guesses */
	char reason[160]; /* why it is struck, "" while it stands */
};

/* Cuts the next sentence, trimmed, off *rest; false at the end. Its full stop is part of it. */
bool sentence_next(struct str *ret, struct str *rest);

/* Reads and judges. False: struck, with the reason. `text` must be valid UTF-8. */
bool sentence_read(struct sentence *s, struct str text);

/* What the words alone give away; of a sentence whose tokens are there. */
bool sentence_judge(struct sentence *s);

/* Sets the reason and returns false. */
bool sentence_refuse(struct sentence *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Has any word of it one of these classes? */
bool sentence_has(const struct sentence *s, unsigned classes);

static inline bool token_is_figure(const struct token *t)
{
	return t->fact && (t->as == AS_VALUE || t->as == AS_SIZE);
}

/* "F12" with letter 'F': 12. 0 for anything else: a sign, a leading zero, ten digits. */
unsigned id_read(struct str text, char letter);

/* Lower case of a word's letters without accents and apostrophes; longer ones are cut. */
void word_fold(char ret[static WORD_MAX_BYTES], struct str word);

/* Cuts the next run of letters off *rest, whatever stands before it; false where none is left. */
bool letters_next(struct str *ret, struct str *rest);

/* A code point of valid UTF-8 at s.at[i], i < s.len; returns its bytes. */
size_t code_point_at(uint32_t *ret, struct str s, size_t i);

/* The letter a-z that a Latin letter is a form of, 0 for anything else. */
char letter_of(uint32_t cp);
