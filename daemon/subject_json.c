/* SPDX-License-Identifier: MIT */
#include "daemon/subject_json.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define NAMED "subject "

/* "roots PIPELINE", and a line for each of them. */
static json_t *paths_of(const char *subject)
{
	json_t *paths = json_array();
	const char *at = strchr(subject, '\n');

	while (at) {
		size_t n = strcspn(at + 1, "\n");

		(void)json_array_append_new(paths, json_stringn(at + 1, n));
		at = at[1 + n] ? at + 1 + n : NULL;
	}
	return paths;
}

int subject_json(json_t *o, const char *subject)
{
	size_t n = strlen(NAMED);
	bool named = strncmp(subject, NAMED, n) == 0;
	json_t *name = named ? json_string(subject + n) : json_null();

	if (json_object_set_new(o, "subject", name ? name : json_null()) < 0 ||
	    json_object_set_new(o, "paths", named ? json_array() : paths_of(subject)) < 0)
		return -ENOMEM;
	return 0;
}
