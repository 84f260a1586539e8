/* SPDX-License-Identifier: MIT */
#include "ctl/ctl_json.h"

#include <errno.h>
#include <stdio.h>

const char *ctl_json_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

json_t *ctl_json_lines(const char *text, const char *beginning)
{
	json_t *list = json_array();
	size_t skip = strlen(beginning), n;

	for (; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		if (n >= skip && memcmp(text, beginning, skip) == 0)
			(void)json_array_append_new(list, json_stringn(text + skip, n - skip));
	}
	return list;
}

int ctl_json_print(json_t *o)
{
	CLEANUP(freep) char *text = o ? json_dumps(o, JSON_INDENT(1)) : NULL;

	json_decref(o);
	if (text)
		(void)puts(text);
	return text ? 0 : -ENOMEM;
}
