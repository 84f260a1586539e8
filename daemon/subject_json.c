/* SPDX-License-Identifier: MIT */
#include "daemon/subject_json.h"

#include <errno.h>
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

const char *subject_name(const char *subject)
{
	return strncmp(subject, NAMED, strlen(NAMED)) == 0 ? subject + strlen(NAMED) : NULL;
}

int subject_json(json_t *o, const char *subject)
{
	const char *named = subject_name(subject);
	json_t *name = named ? json_string(named) : json_null();

	if (json_object_set_new(o, "subject", name ? name : json_null()) < 0 ||
	    json_object_set_new(o, "paths", named ? json_array() : paths_of(subject)) < 0)
		return -ENOMEM;
	return 0;
}
