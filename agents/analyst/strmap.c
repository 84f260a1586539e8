/* SPDX-License-Identifier: MIT */
#include "agents/analyst/strmap.h"

#include <errno.h>

#define FIRST_CAP 32

struct strmap_slot {
	const char *text; /* NULL: free */
	size_t len, number;
	uint64_t hash;
};

/* FNV-1a, begun with an address, so that a file cannot be made to collide on purpose. */
static uint64_t hash_of(const struct strmap *m, struct str key)
{
	uint64_t h = 14695981039346656037u ^ (uint64_t)(uintptr_t)m->arena;

	for (size_t i = 0; i < key.len; i++)
		h = (h ^ (unsigned char)key.at[i]) * 1099511628211u;
	return h ^ (h >> 29);
}

static struct strmap_slot *slot_of(struct strmap_slot *slots, size_t cap, uint64_t hash,
                                   struct str key)
{
	size_t i = (size_t)hash & (cap - 1);

	while (slots[i].text &&
	       (slots[i].hash != hash || !str_eq((struct str){slots[i].text, slots[i].len}, key)))
		i = (i + 1) & (cap - 1);
	return &slots[i];
}

static int grow(struct strmap *m)
{
	size_t cap = m->cap ? m->cap * 2 : FIRST_CAP;
	struct strmap_slot *slots = arena_calloc(m->arena, cap, sizeof *slots);

	if (!slots)
		return -ENOMEM;
	for (size_t i = 0; i < m->cap; i++) {
		const struct strmap_slot *s = &m->slots[i];

		if (s->text)
			*slot_of(slots, cap, s->hash, (struct str){s->text, s->len}) = *s;
	}
	m->slots = slots;
	m->cap = cap;
	return 0;
}

int strmap_add(struct strmap *m, struct str key, size_t *ret)
{
	uint64_t hash = hash_of(m, key);
	struct strmap_slot *s;
	char *text;

	if (2 * (m->n + 1) > m->cap && grow(m) < 0)
		return -ENOMEM;
	s = slot_of(m->slots, m->cap, hash, key);
	if (!s->text) {
		text = arena_strndup(m->arena, key.at, key.len);
		if (!text)
			return -ENOMEM;
		*s = (struct strmap_slot){text, key.len, m->n++, hash};
	}
	*ret = s->number;
	return 0;
}

bool strmap_find(const struct strmap *m, struct str key, size_t *ret)
{
	const struct strmap_slot *s;

	if (!m->cap)
		return false;
	s = slot_of(m->slots, m->cap, hash_of(m, key), key);
	if (s->text)
		*ret = s->number;
	return s->text != NULL;
}
