/* SPDX-License-Identifier: MIT */
#include "agents/collector/csv_dict.h"

#include <string.h>

#define SLOTS_FIRST 64
#define WORDS_FIRST 32
#define HASH_FACTOR UINT64_C(0x9E3779B97F4A7C15) /* 2^64 over the golden ratio: Knuth's */

static uint64_t eight_at(const char *at)
{
	uint64_t bytes;

	memcpy(&bytes, at, sizeof bytes);
	return bytes;
}

/* Little-endian machines have a text's first byte in the lowest place; others order the bits. */
static uint64_t head_of(struct str text)
{
	uint64_t head = 0;

	if (text.len >= sizeof head)
		return eight_at(text.at);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	head = text.len ? eight_at(text.at) & (UINT64_MAX >> (64 - 8 * text.len)) : 0;
#else
	memcpy(&head, text.at, text.len);
#endif
	return head;
}

/* Of long texts every eighth byte counts, too, and the end, where such names differ. */
static uint32_t hash_of(struct str text, uint64_t head)
{
	uint64_t hash = (head ^ text.len) * HASH_FACTOR;

	for (size_t i = sizeof head; i < text.len; i += sizeof head) {
		size_t from = i + sizeof head <= text.len ? i : text.len - sizeof head;

		hash = ((hash ^ hash >> 32) ^ eight_at(text.at + from)) * HASH_FACTOR;
	}
	return (uint32_t)(hash >> 32 ^ hash >> 51); /* its upper bits depend on all of the text */
}

static bool same(const struct csv_word *a, const struct csv_word *b)
{
	return a->head == b->head && a->len == b->len &&
	       (a->len <= sizeof a->head || memcmp(a->at, b->at, a->len) == 0);
}

static bool grow_slots(struct csv_dict *d)
{
	size_t n = d->n_slots ? 2 * d->n_slots : SLOTS_FIRST;
	uint32_t *slots = calloc(n, sizeof *slots);

	if (!slots)
		return false;
	for (size_t i = 0; i < d->n; i++) {
		size_t at = d->words[i].hash & (n - 1);

		while (slots[at])
			at = (at + 1) & (n - 1);
		slots[at] = (uint32_t)i + 1;
	}
	free(d->slots);
	d->slots = slots;
	d->n_slots = n;
	return true;
}

static bool make_room(struct csv_dict *d)
{
	if (d->n == d->cap) {
		size_t cap = d->cap ? 2 * d->cap : WORDS_FIRST;
		struct csv_word *more = reallocarray(d->words, cap, sizeof *more);

		if (!more)
			return false;
		d->words = more;
		d->cap = cap;
	}
	return d->n * 2 < d->n_slots || grow_slots(d);
}

/* The slot of the word, or the free one where it would be put. */
static inline size_t slot_of(const struct csv_dict *d, const struct csv_word *word)
{
	size_t mask = d->n_slots - 1, at = word->hash & mask;

	while (d->slots[at] && !same(&d->words[d->slots[at] - 1], word))
		at = (at + 1) & mask;
	return at;
}

uint32_t csv_dict_find(const struct csv_dict *d, const struct csv_word *word)
{
	uint32_t found = d->n_slots ? d->slots[slot_of(d, word)] : 0;

	return found ? found - 1 : CSV_NO_WORD;
}

uint32_t csv_dict_number_of(struct csv_dict *d, const struct csv_word *word)
{
	uint32_t number = csv_dict_find(d, word);

	if (number != CSV_NO_WORD)
		return number;
	if (d->n + 1 >= CSV_NO_WORD || !make_room(d))
		return CSV_NO_WORD;
	d->words[d->n] = *word;
	d->slots[slot_of(d, word)] = (uint32_t)++d->n;
	return (uint32_t)d->n - 1;
}

uint32_t csv_dict_number(struct csv_dict *d, struct str text)
{
	uint64_t head = head_of(text);
	struct csv_word word = {head, text.at, (uint32_t)text.len, hash_of(text, head)};

	return csv_dict_number_of(d, &word);
}

/* No word that stays has a place behind one that came later. */
void csv_dict_truncate(struct csv_dict *d, size_t n)
{
	while (d->n > n) {
		size_t at = d->words[d->n - 1].hash & (d->n_slots - 1);

		while (d->slots[at] != d->n)
			at = (at + 1) & (d->n_slots - 1);
		d->slots[at] = 0;
		d->n--;
	}
}

void csv_dict_clear(struct csv_dict *d)
{
	if (d->n_slots)
		memset(d->slots, 0, d->n_slots * sizeof *d->slots);
	d->n = 0;
}

void csv_dict_done(struct csv_dict *d)
{
	free(d->words);
	free(d->slots);
	*d = (struct csv_dict){0};
}
