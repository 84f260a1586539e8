/* SPDX-License-Identifier: MIT */
#include "agents/collector/json_names.h"

#include <errno.h>
#include <sys/random.h>

#define FIRST_SLOTS 256

__extension__ typedef unsigned __int128 wide;

static uint64_t mix(uint64_t a, uint64_t b)
{
	wide product = (wide)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_of(const struct json_names *n, const char *text, size_t len)
{
	uint64_t hash = n->seed ^ len, last = 0;

	for (; len >= 8; len -= 8, text += 8)
		hash = mix(hash ^ json_word(text), UINT64_C(0x9E3779B97F4A7C15) ^ n->seed);
	for (size_t i = 0; i < len; i++)
		last = last << 8 | (unsigned char)text[i];
	return mix(hash ^ last, UINT64_C(0xD6E8FEB86659FD93) ^ n->seed);
}

int json_names_init(struct json_names *n)
{
	*n = (struct json_names){.n_slots = FIRST_SLOTS};
	if (getrandom(&n->seed, sizeof n->seed, GRND_NONBLOCK) != (ssize_t)sizeof n->seed)
		n->seed = (uintptr_t)n;
	n->slots = calloc(n->n_slots, sizeof(struct json_name *));
	return n->slots ? 0 : -ENOMEM;
}

void json_names_done(struct json_names *n)
{
	free(n->slots);
	*n = (struct json_names){0};
}

static struct json_name **slot_of(const struct json_names *n, uint64_t hash, const char *text,
                                  size_t len)
{
	size_t i = hash & (n->n_slots - 1);
	const struct json_name *name;

	while ((name = n->slots[i]) != NULL) {
		if (name->hash == hash && name->len == len && memcmp(name->text, text, len) == 0)
			break;
		i = (i + 1) & (n->n_slots - 1);
	}
	return &n->slots[i];
}

static bool grow(struct json_names *n)
{
	struct json_names bigger = {.n = n->n, .n_slots = 2 * n->n_slots, .seed = n->seed};

	bigger.slots = calloc(bigger.n_slots, sizeof(struct json_name *));
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < n->n_slots; i++) {
		struct json_name *name = n->slots[i];

		if (name)
			*slot_of(&bigger, name->hash, name->text, name->len) = name;
	}
	free(n->slots);
	*n = bigger;
	return true;
}

static struct json_name *new_name(uint64_t hash, const char *text, size_t len, struct arena *arena)
{
	struct json_name *name = arena_alloc(arena, sizeof *name + len / 8 * 8 + 8);

	if (!name)
		return NULL;
	name->hash = hash;
	name->len = (uint32_t)len;
	name->as_written = json_string_stop(text, text + len) == text + len;
	memcpy(name->text, text, len);
	return name;
}

struct json_name *json_names_add(struct json_names *n, const char *text, size_t len,
                                 struct arena *arena)
{
	uint64_t hash = hash_of(n, text, len);
	struct json_name **slot = slot_of(n, hash, text, len);

	if (*slot)
		return *slot;
	if (2 * n->n >= n->n_slots) {
		if (!grow(n))
			return NULL;
		slot = slot_of(n, hash, text, len);
	}
	*slot = new_name(hash, text, len, arena);
	n->n += *slot != NULL;
	return *slot;
}
