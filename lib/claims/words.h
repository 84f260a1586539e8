/* SPDX-License-Identifier: MIT */
/*
 * words - what a single word of prose gives away.
 *
 * The lists err on the side of striking: a sentence lost costs nothing, a count or a direction
 * that nobody computed costs the reader's trust. Vague amounts (some, several, many, few, all,
 * each, every, multiple) pass; definite ones (both, single, none, majority) are counts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum word_class {
	WORD_NUMBER = 1 << 0,    /* twelve, half, percent, both, majority */
	WORD_DIRECTION = 1 << 1, /* fell, faster, best, than, significant, unchanged */
	WORD_ECHO = 1 << 2,      /* speaks of the question or of itself: instructions, I, okay */
	WORD_NEGATION = 1 << 3,  /* no, not, never, without */
	WORD_EVENT = 1 << 4,     /* what a denial would deny: change, failure, gap, regression */
	WORD_CAUSE = 1 << 5, /* names a cause or a mechanism, or guesses: because, may, driver of */
	WORD_BOUND = 1 << 6, /* bends the figure behind it: over, under, nearly */
	WORD_UNIT = 1 << 7,  /* would be a second unit behind a figure: ms, tokens */
	WORD_OPENER = 1 << 8,       /* leans on the sentence before: this, they, therefore */
	WORD_REGRESSION = 1 << 9,   /* the noun, which only a finding of that kind allows */
	WORD_IMPROVEMENT = 1 << 10, /* likewise */
	WORD_LACK = 1 << 11,    /* something is missing or broken: a finding of code, or nothing */
	WORD_DATA = 1 << 12,    /* what "no" in front of it would deny: data, files, results */
	WORD_TOTAL = 1 << 13,   /* makes a lack a total one: any, complete, impossible */
	WORD_DATE = 1 << 14,    /* a day or span that nobody computed: Monday, yesterday, weeks */
	WORD_CERTAIN = 1 << 15, /* clearly, proves, guaranteed: more than evidence can give */
	WORD_UNIVERSAL = 1 << 16, /* says a figure of more than its subject: every, always, only */
	WORD_MECHANISM = 1 << 17, /* what causes are made of: driver, cache, scheduler */
	WORD_ACTION = 1 << 18,    /* begins an advice: check, repeat, record */
	WORD_AVERAGE = 1 << 19,   /* average: a mean, or nothing */
	WORD_MIDDLE = 1 << 20,    /* median, typical */
	WORD_QUANTILE = 1 << 21,  /* percentile */
	WORD_SPREAD = 1 << 22,    /* deviation, variance */
};

/* The classes of a word in lower case, letters a-z only, or'ed; 0 for a plain word. */
unsigned word_classes(const char *word);

/* Is the word one of n? */
bool words_have(const char *const *words, size_t n, const char *word);
