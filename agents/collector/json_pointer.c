/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "agents/collector/json_dom.h"

struct resolving {
	json_dom_fn *fn;
	void *arg;
	bool matched;
};

struct json_node *json_dom_member(const struct json_node *object, const char *key)
{
	if (object->type != DOM_OBJECT)
		return NULL;
	for (uint32_t i = 0; i < object->n; i++)
		if (strcmp(object->items[i].key, key) == 0)
			return &object->items[i];
	return NULL;
}

/* Compares a name with a token of a pointer, in which ~1 is a slash and ~0 a tilde. */
static bool token_is(struct str token, const char *key)
{
	for (size_t i = 0; i < token.len; i++, key++) {
		char c = token.at[i];

		if (c == '~' && i + 1 < token.len)
			c = token.at[++i] == '1' ? '/' : '~';
		if (*key != c || c == '\0')
			return false;
	}
	return *key == '\0';
}

static const struct json_node *element(const struct json_node *array, struct str token)
{
	size_t index = 0;

	if (token.len == 0 || token.len > 9 || (token.len > 1 && token.at[0] == '0'))
		return NULL;
	for (size_t i = 0; i < token.len; i++) {
		if (token.at[i] < '0' || token.at[i] > '9')
			return NULL;
		index = index * 10 + (size_t)(token.at[i] - '0');
	}
	return index < array->n ? &array->items[index] : NULL;
}

static const struct json_node *child(const struct json_node *node, struct str token)
{
	if (node->type == DOM_ARRAY)
		return element(node, token);
	if (node->type != DOM_OBJECT)
		return NULL;
	for (uint32_t i = 0; i < node->n; i++)
		if (token_is(token, node->items[i].key))
			return &node->items[i];
	return NULL;
}

/* The token behind the slash at *pointer, which moves behind the token. */
static struct str next_token(const char **pointer)
{
	struct str token = {*pointer + 1, strcspn(*pointer + 1, "/")};

	*pointer = token.at + token.len;
	return token;
}

const struct json_node *json_dom_get(const struct json_node *root, const char *pointer)
{
	while (root && *pointer == '/')
		root = child(root, next_token(&pointer));
	return *pointer ? NULL : root;
}

static int resolve(struct resolving *r, const struct json_node *node, const char *pointer,
                   size_t row)
{
	int answer = 0;

	while (node && *pointer == '/') {
		struct str token = next_token(&pointer);

		if (!str_is(token, "*")) {
			node = child(node, token);
			continue;
		}
		/* every step goes one level down, so this is no deeper than the tree */
		for (uint32_t i = 0; json_dom_is_container(node) && i < node->n && !answer; i++)
			answer = resolve(r, &node->items[i], pointer, row ? row : i + 1);
		return answer;
	}
	if (!node)
		return 0;
	r->matched = true;
	return r->fn(r->arg, node, row);
}

int json_dom_resolve(const struct json_node *root, const char *pointer, json_dom_fn *fn, void *arg)
{
	struct resolving r = {.fn = fn, .arg = arg};
	int answer;

	if (*pointer != '\0' && *pointer != '/')
		return -EINVAL;
	answer = resolve(&r, root, pointer, 0);
	return answer || r.matched ? answer : -ENOENT;
}
