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
/* CSV_NO_WORD: it is not there. */
uint32_t csv_dict_find(const struct csv_dict *d, const struct csv_word *word);
/* Forgets the words that came last. */
void csv_dict_truncate(struct csv_dict *d, size_t n);
/* Forgets all of them, and keeps the room. */
void csv_dict_clear(struct csv_dict *d);
void csv_dict_done(struct csv_dict *d);

/* Mixes in what is neither head nor tail. */
uint64_t csv_word_hash_long(struct str text, uint64_t hash);

static inline uint64_t csv_eight_at(const char *at)
{
	uint64_t bytes;

	memcpy(&bytes, at, sizeof bytes);
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
	bytes = __builtin_bswap64(bytes);
#endif
	return bytes;
}

static inline struct csv_word csv_word_of(struct str text)
{
	struct csv_word w = {.at = text.at, .len = (uint32_t)text.len};
	uint64_t hash;

	if (text.len > 8)
		w.tail = csv_eight_at(text.at + text.len - 8);
	if (text.len)
		w.head = csv_eight_at(text.at);
	if (text.len < 8)
		w.head = text.len ? w.head << (64 - 8 * text.len) : 0;
	hash = (w.head ^ (w.tail << 1 | w.tail >> 63) ^ text.len) * UINT64_C(0x9E3779B97F4A7C15);
	if (text.len > 16)
		hash = csv_word_hash_long(text, hash);
	w.hash = (uint32_t)(hash >> 32 ^ hash >> 51); /* low bits that depend on all of the text */
	return w;
}

static inline uint32_t csv_dict_number(struct csv_dict *d, struct str text)
{
	struct csv_word word = csv_word_of(text);
	uint32_t found = d->n_slots ? d->slots[word.hash & (d->n_slots - 1)] : 0;
	const struct csv_word *there = found ? &d->words[found - 1] : NULL;

	if (there && there->head == word.head && there->tail == word.tail &&
	    there->len == word.len && word.len <= 16)
		return found - 1;
	return csv_dict_add(d, &word);
}
