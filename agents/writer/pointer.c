/* SPDX-License-Identifier: MIT */
#include "agents/writer/pointer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "agents/writer/glyph.h"

#define MAX_TOKEN 256 /* the writer's own pointers are far shorter */

static bool token_next(const char **at, char ret[static MAX_TOKEN])
{
	const char *s = *at + 1; /* behind the slash */
	size_t n = 0;

	while (*s && *s != '/' && n + 1 < MAX_TOKEN) {
		bool escaped = s[0] == '~' && (s[1] == '0' || s[1] == '1');

		ret[n++] = !escaped ? s[0] : s[1] == '0' ? '~' : '/';
		s += escaped ? 2 : 1;
	}
	ret[n] = '\0';
	*at = s;
	return *s == '\0' || *s == '/';
}

static json_t *step_into(json_t *node, const char *token)
{
	char *end;
	unsigned long i;

	if (json_is_object(node))
		return json_object_get(node, token);
	if (!json_is_array(node) || token[0] < '0' || token[0] > '9')
		return NULL;
	i = strtoul(token, &end, 10);
	return *end ? NULL : json_array_get(node, i);
}

json_t *pointer_get(json_t *root, const char *pointer)
{
	char token[MAX_TOKEN];

	while (root && *pointer == '/') {
		if (!token_next(&pointer, token))
			return NULL;
		root = step_into(root, token);
	}
	return *pointer ? NULL : root;
}

json_t *pointer_text(const char *text)
{
	CLEANUP(arena_freep) struct arena *a = NULL;
	json_t *ret;
	char *clean;

	if (!text)
		return json_null();
	ret = json_string(text);
	if (ret)
		return ret;
	a = arena_new(UINT64_MAX);
	clean = a ? glyph_clean(a, text) : NULL;
	return clean ? json_string(clean) : NULL;
}

json_t *pointer_number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}
