/* SPDX-License-Identifier: MIT */
#include "ctl/ctl_json.h"

#include <errno.h>
#include <stdio.h>

const char *ctl_json_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

int ctl_json_print(json_t *o)
{
	CLEANUP(freep) char *text = o ? json_dumps(o, JSON_INDENT(1)) : NULL;

	json_decref(o);
	if (text)
		(void)puts(text);
	return text ? 0 : -ENOMEM;
}
