/* SPDX-License-Identifier: MIT */
#include "agents/collector/json_paths.h"

#define FIRST_SLOTS 64

void json_paths_init(struct json_paths *p, struct arena *arena)
{
	*p = (struct json_paths){.arena = arena};
}

void json_paths_done(struct json_paths *p)
{
	free(p->slots);
	p->slots = NULL;
}

static size_t hash_of(const struct json_path *parent, const char *key)
{
	uint64_t hash = (uintptr_t)parent * UINT64_C(0x9E3779B97F4A7C15) + (uintptr_t)key;

	hash *= UINT64_C(0xD6E8FEB86659FD93);
	return (size_t)(hash ^ hash >> 32);
}

static struct json_path **slot_of(const struct json_paths *p, const struct json_path *parent,
                                  const char *key)
{
	size_t i = hash_of(parent, key) & (p->n_slots - 1);
	const struct json_path *path;

	while ((path = p->slots[i]) != NULL && (path->parent != parent || path->key != key))
		i = (i + 1) & (p->n_slots - 1);
	return &p->slots[i];
}

static bool grow(struct json_paths *p)
{
	struct json_paths bigger = {.n_slots = p->n_slots ? 2 * p->n_slots : FIRST_SLOTS};

	bigger.slots = calloc(bigger.n_slots, sizeof(struct json_path *));
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < p->n_slots; i++) {
		struct json_path *path = p->slots[i];

		if (path)
			*slot_of(&bigger, path->parent, path->key) = path;
	}
	free(p->slots);
	p->slots = bigger.slots;
	p->n_slots = bigger.n_slots;
	return true;
}

struct json_path *json_paths_look_up(struct json_paths *p, struct json_path *parent,
                                     const char *key)
{
	struct json_path **slot;

	if (2 * p->n >= p->n_slots && !grow(p))
		return NULL;
	slot = slot_of(p, parent, key);
	if (*slot)
		return *slot;
	*slot = arena_calloc(p->arena, 1, sizeof **slot);
	if (!*slot)
		return NULL;
	(*slot)->parent = parent;
	(*slot)->key = key;
	p->n++;
	return *slot;
}

void json_path_token(struct buf *pointer, const char *key)
{
	buf_putc(pointer, '/');
	for (; *key; key++) {
		if (*key == '~' || *key == '/')
			buf_puts(pointer, *key == '~' ? "~0" : "~1");
		else
			buf_putc(pointer, *key);
	}
}

/* As deep as the tree is read. */
void json_path_print(struct buf *pointer, const struct json_path *path)
{
	if (!path->parent)
		return;
	json_path_print(pointer, path->parent);
	json_path_token(pointer, path->key);
}
