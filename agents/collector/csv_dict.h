/* SPDX-License-Identifier: MIT */
/*
 * csv_dict - the distinct texts of a column, numbered in the order in which they came.
 *
 * Nothing is copied: the texts stay where they are as long as the dictionary is used. Whoever
 * looks one up must be able to read CSV_PAD bytes from its first one on.
 */
#pragma once

#include <stdint.h>

#include "agents/collector/csv_number.h"
#include "lib/base/str.h"
#include "lib/base/util.h"

#define CSV_PAD 16 /* bytes from a text's first one on that may be read, whatever they are */

/* A text of up to sixteen bytes is told by its length, its first eight and its last eight. */
struct csv_word {
	uint64_t head; /* zeros behind the last byte */
	uint64_t tail; /* 0 for texts of up to eight bytes */
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
uint32_t csv_dict_add(struct csv_dict *d, const struct csv_word *word);
uint32_t csv_dict_put(struct csv_dict *d, struct str text);
/* CSV_NO_WORD: it is not there. */
uint32_t csv_dict_find(const struct csv_dict *d, const struct csv_word *word);
/* Forgets the words that came last. */
void csv_dict_truncate(struct csv_dict *d, size_t n);
/* Forgets all of them, and keeps the room. */
void csv_dict_clear(struct csv_dict *d);
void csv_dict_done(struct csv_dict *d);

/* Mixes in what is neither head nor tail. */
uint64_t csv_word_hash_long(struct str text, uint64_t hash);

static inline struct csv_word csv_word_of(struct str text)
{
	struct csv_word w = {.at = text.at, .len = (uint32_t)text.len};
	uint64_t tail = -(uint64_t)(text.len > 8); /* no branches: lengths follow no pattern */
	uint64_t head = csv_eight_at(text.at), hash;

	w.tail = csv_eight_at(text.at + ((text.len - 8) & tail)) & tail;
	w.head = text.len < 8 ? head << 8 << 8 * (7 - (text.len & 7)) : head;
	hash = (w.head ^ (w.tail << 1 | w.tail >> 63) ^ text.len) * UINT64_C(0x9E3779B97F4A7C15);
	if (text.len > 16)
		hash = csv_word_hash_long(text, hash);
	w.hash = (uint32_t)(hash >> 32 ^ hash >> 51); /* low bits that depend on all of the text */
	return w;
}

/* A text of up to sixteen bytes that is there; CSV_NO_WORD: look with more care. */
static inline uint32_t csv_dict_short(const struct csv_dict *d, struct str text)
{
	const struct csv_word word = csv_word_of(text);
	size_t mask = d->n_slots - 1, at = word.hash & mask;

	for (uint32_t found; d->n && text.len <= 16 && (found = d->slots[at]) > 0;) {
		const struct csv_word *there = &d->words[found - 1];

		if (there->head == word.head && there->tail == word.tail && there->len == text.len)
			return found - 1;
		at = (at + 1) & mask;
	}
	return CSV_NO_WORD;
}

static inline uint32_t csv_dict_number(struct csv_dict *d, struct str text)
{
	uint32_t number = csv_dict_short(d, text);

	return number == CSV_NO_WORD ? csv_dict_put(d, text) : number;
}
