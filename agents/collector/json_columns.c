/* SPDX-License-Identifier: MIT */
#include "agents/collector/json_columns.h"

#include "agents/collector/reader.h"

static bool is_at(const struct json_columns *c, size_t i, uint64_t hash, const char *pointer)
{
	return i < c->n && c->all[i].hash == hash && strcmp(c->all[i].pointer, pointer) == 0;
}

struct json_column *json_columns_find(struct json_columns *c, const char *pointer)
{
	uint64_t hash = reader_hash(READER_HASH, pointer, strlen(pointer));

	if (c->next >= c->n)
		c->next = 0;
	if (is_at(c, c->next, hash, pointer))
		return &c->all[c->next++];
	for (size_t slot = hash & (c->n_slots - 1); c->n_slots && c->slots[slot];
	     slot = (slot + 1) & (c->n_slots - 1)) {
		size_t i = c->slots[slot] - 1;

		if (is_at(c, i, hash, pointer)) {
			c->next = i + 1;
			return &c->all[i];
		}
	}
	return NULL;
}

static void put(struct json_columns *c, size_t i)
{
	size_t slot = c->all[i].hash & (c->n_slots - 1);

	while (c->slots[slot])
		slot = (slot + 1) & (c->n_slots - 1);
	c->slots[slot] = (uint32_t)i + 1;
}

static bool grow(struct json_columns *c)
{
	size_t cap = c->cap ? c->cap * 2 : 32;
	struct json_column *all = reallocarray(c->all, cap, sizeof *all);

	if (!all)
		return false;
	c->all = all;
	c->cap = cap;
	free(c->slots);
	c->n_slots = 2 * cap; /* never more than half full */
	c->slots = calloc(c->n_slots, sizeof *c->slots);
	if (!c->slots) {
		c->n_slots = 0;
		return false;
	}
	for (size_t i = 0; i < c->n; i++)
		put(c, i);
	return true;
}

struct json_column *json_columns_add(struct json_columns *c, const char *pointer, const char *name,
                                     struct arena *arena)
{
	struct json_column column = {.hash = reader_hash(READER_HASH, pointer, strlen(pointer))};

	column.pointer = arena_strdup(arena, pointer);
	column.name = arena_strdup(arena, name);
	if (!column.pointer || !column.name || (c->n == c->cap && !grow(c)))
		return NULL;
	c->all[c->n] = column;
	put(c, c->n);
	c->next = c->n + 1;
	return &c->all[c->n++];
}

void json_columns_done(struct json_columns *c)
{
	free(c->all);
	free(c->slots);
	*c = (struct json_columns){0};
}
