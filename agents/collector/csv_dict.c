/* SPDX-License-Identifier: MIT */
#include "agents/collector/csv_dict.h"

#include <string.h>

#define SLOTS_FIRST  64
#define SLOTS_SPARSE 4096 /* below, nearly every word is found at once: sixteen slots each */
#define SLOTS_A_LINE 16   /* of a cache: fewer words than lines are taken out one by one */
#define WORDS_FIRST  32
#define HASH_FACTOR  UINT64_C(0x9E3779B97F4A7C15) /* 2^64 over the golden ratio: Knuth's */

uint64_t csv_word_hash_long(struct str text, uint64_t hash)
{
	for (size_t i = 8; i + 8 < text.len; i += 8)
		hash = ((hash ^ hash >> 32) ^ csv_eight_at(text.at + i)) * HASH_FACTOR;
	return hash;
}

static bool same(const struct csv_word *a, const struct csv_word *b)
{
	return a->head == b->head && a->tail == b->tail && a->len == b->len &&
	       (a->len <= 16 || memcmp(a->at, b->at, a->len) == 0);
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
	return d->n * (d->n_slots < SLOTS_SPARSE ? 16 : 2) < d->n_slots || grow_slots(d);
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

uint32_t csv_dict_add(struct csv_dict *d, const struct csv_word *word)
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

uint32_t csv_dict_put(struct csv_dict *d, struct str text)
{
	const struct csv_word word = csv_word_of(text);

	return csv_dict_add(d, &word);
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
	if (d->n < d->n_slots / SLOTS_A_LINE)
		csv_dict_truncate(d, 0);
	else if (d->n_slots)
		memset(d->slots, 0, d->n_slots * sizeof *d->slots);
	d->n = 0;
}

void csv_dict_done(struct csv_dict *d)
{
	free(d->words);
	free(d->slots);
	*d = (struct csv_dict){0};
}
