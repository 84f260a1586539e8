/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "agents/collector/json_dom.h"

struct resolving {
	json_dom_fn *fn;
	void *arg;
	bool matched;
};

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

bool json_dom_next_number(struct json_numbers *n, struct str *ret)
{
	const char *end;

	if (n->left == 0)
		return false;
	n->left--;
	while (*n->at != '-' && (*n->at < '0' || *n->at > '9'))
		n->at++;
	/* a bracket ends the last one */
	for (end = n->at; *end != ',' && *end != ']' && (unsigned char)*end > ' '; end++)
		;
	*ret = (struct str){n->at, (size_t)(end - n->at)};
	n->at = end;
	return true;
}

static struct json_node number_node(struct str text)
{
	return (struct json_node){.text = text.at, .n = (uint32_t)text.len, .type = DOM_NUMBER};
}

static bool index_of(struct str token, size_t *ret)
{
	size_t index = 0;

	if (token.len == 0 || token.len > 10 || (token.len > 1 && token.at[0] == '0'))
		return false;
	for (size_t i = 0; i < token.len; i++) {
		if (token.at[i] < '0' || token.at[i] > '9')
			return false;
		index = index * 10 + (size_t)(token.at[i] - '0');
	}
	*ret = index;
	return true;
}

static bool number_at(struct json_node *node, size_t index)
{
	struct json_numbers rest = json_dom_numbers(node);
	struct str text = {0};

	while (json_dom_next_number(&rest, &text) && index > 0)
		index--;
	*node = number_node(text);
	return true;
}

/* Goes down one level. */
static bool step(struct json_node *node, struct str token)
{
	size_t index;

	if (json_dom_is_array(node)) {
		if (!index_of(token, &index) || index >= node->n)
			return false;
		if (node->type == DOM_NUMBERS)
			return number_at(node, index);
		*node = node->items[index];
		return true;
	}
	for (uint32_t i = 0; node->type == DOM_OBJECT && i < node->n; i++) {
		if (token_is(token, node->items[i].key)) {
			*node = node->items[i];
			return true;
		}
	}
	return false;
}

/* The token behind the slash at *pointer, which moves behind the token. */
static struct str next_token(const char **pointer)
{
	struct str token = {*pointer + 1, strcspn(*pointer + 1, "/")};

	*pointer = token.at + token.len;
	return token;
}

bool json_dom_get(struct json_node *ret, const struct json_node *root, const char *pointer)
{
	*ret = *root;
	while (*pointer == '/')
		if (!step(ret, next_token(&pointer)))
			return false;
	return *pointer == '\0';
}

static int resolve(struct resolving *r, struct json_node node, const char *pointer, size_t row);

static int resolve_numbers(struct resolving *r, const struct json_node *numbers,
                           const char *pointer, size_t row)
{
	struct json_numbers rest = json_dom_numbers(numbers);
	struct str text;
	int answer = 0;

	for (size_t i = 1; !answer && json_dom_next_number(&rest, &text); i++)
		answer = resolve(r, number_node(text), pointer, row ? row : i);
	return answer;
}

/* Every step goes one level down, so this is no deeper than the tree. */
static int resolve(struct resolving *r, struct json_node node, const char *pointer, size_t row)
{
	int answer = 0;

	while (*pointer == '/') {
		struct str token = next_token(&pointer);

		if (!str_is(token, "*")) {
			if (!step(&node, token))
				return 0;
			continue;
		}
		if (node.type == DOM_NUMBERS)
			return resolve_numbers(r, &node, pointer, row);
		for (uint32_t i = 0; json_dom_is_container(&node) && i < node.n && !answer; i++)
			answer = resolve(r, node.items[i], pointer, row ? row : i + 1);
		return answer;
	}
	r->matched = true;
	return r->fn(r->arg, &node, row);
}

int json_dom_resolve(const struct json_node *root, const char *pointer, json_dom_fn *fn, void *arg)
{
	struct resolving r = {.fn = fn, .arg = arg};
	int answer;

	if (*pointer != '\0' && *pointer != '/')
		return -EINVAL;
	answer = resolve(&r, *root, pointer, 0);
	return answer || r.matched ? answer : -ENOENT;
}
