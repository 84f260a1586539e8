/* SPDX-License-Identifier: MIT */
/*
 * csv_dict - the distinct texts of a column, numbered in the order in which they came.
 *
 * Nothing is copied: the texts stay where they are as long as the dictionary is used. Whoever
 * looks one up must be able to read CSV_PAD bytes from its first one on.
 */
#pragma once

#include <stdint.h>

#include "lib/base/str.h"
#include "lib/base/util.h"

#define CSV_PAD 16 /* bytes behind a text that may be read, whatever they are */

struct csv_word {
	uint64_t head; /* its first eight bytes, zeros behind the last */
	const char *at;
	uint32_t len, hash;
};

struct csv_dict {
	struct csv_word *words; /* n of them; a word's number is its index */
	size_t n, cap;
	uint32_t *slots; /* number + 1, by hash; 0: free. A power of two of them */
	size_t n_slots;
};

/* The word's number, from 0; CSV_NO_WORD: no memory, or 2^32 words. */
#define CSV_NO_WORD UINT32_MAX
uint32_t csv_dict_number(struct csv_dict *d, struct str text);
uint32_t csv_dict_number_of(struct csv_dict *d, const struct csv_word *word);
/* CSV_NO_WORD: it is not there. */
uint32_t csv_dict_find(const struct csv_dict *d, const struct csv_word *word);
/* Forgets the words that came last. */
void csv_dict_truncate(struct csv_dict *d, size_t n);
/* Forgets all of them, and keeps the room. */
void csv_dict_clear(struct csv_dict *d);
void csv_dict_done(struct csv_dict *d);
