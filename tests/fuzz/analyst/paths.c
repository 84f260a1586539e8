/* SPDX-License-Identifier: MIT */
/* Any path: what is stripped is never longer, and a time that is found is stripped. */
#include <assert.h>
#include <stdint.h>

#include "agents/analyst/work.h"

#define MAX_INPUT 4096
#define MEMORY    (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(MEMORY);
	struct work w = {.arena = a};
	const char *path, *once;
	int64_t t = -1;
	bool in_name;

	if (!a || size > MAX_INPUT)
		return 0;
	path = arena_strndup(a, (const char *)data, size);
	once = path ? path_stripped(&w, path) : NULL;
	if (!once)
		return 0;
	assert(strlen(once) <= strlen(path));
	assert(!path_time(path, &t, &in_name) || strcmp(once, path) != 0);
	(void)measure_of(path, once);
	return 0;
}
