/* SPDX-License-Identifier: MIT */
/*
 * words - a column's name cut into lower-case words: "p95_ms" and "Mean (ms)", "scoreUnit".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define WORDS_MAX       16
#define WORD_BYTES      24
#define WORD_UNIT_BYTES 16

struct words {
	char word[WORDS_MAX][WORD_BYTES]; /* longer ones are cut */
	size_t n;
	char unit[WORD_UNIT_BYTES]; /* the text in the last brackets, lower case; "" for none */
};

struct words words_of(const char *name);

bool words_has(const struct words *w, const char *word);
/* One of the words is in the NULL-terminated list. */
bool words_any(const struct words *w, const char *const *list);
const char *words_last(const struct words *w); /* "" when there is none */
/* All words joined with "_" equal `text`. */
bool words_are(const struct words *w, const char *text);
bool words_are_any(const struct words *w, const char *const *list);
