/* SPDX-License-Identifier: MIT */
#include "agents/collector/json_pairs.h"

#include <stdio.h>

#include "agents/collector/json_names.h"
#include "agents/collector/json_shape.h"
#include "agents/collector/reader.h"

struct unfolding {
	struct json_names names;
	struct arena *arena;
	bool failed; /* no memory */
};

static bool is_pair(const struct json_node *node)
{
	return node->type == DOM_ARRAY && node->n == 2 && node->items[0].type == DOM_STRING &&
	       node->items[1].type == DOM_OBJECT;
}

/* [{"Julia": ..., "BenchmarkTools": ...}, [pair, ...]] */
static bool is_of_benchmark_tools(const struct json_node *root)
{
	const struct json_node *versions = root->items, *list;
	size_t named = 0;

	if (root->type != DOM_ARRAY || root->n != 2 || versions->type != DOM_OBJECT)
		return false;
	list = &root->items[1];
	for (uint32_t i = 0; i < versions->n; i++)
		named += strcmp(versions->items[i].key, "Julia") == 0 ||
		         strcmp(versions->items[i].key, "BenchmarkTools") == 0;
	for (uint32_t i = 0; list->type == DOM_ARRAY && i < list->n; i++)
		if (!is_pair(&list->items[i]))
			return false;
	return named == 2 && list->type == DOM_ARRAY;
}

static void call_by_places(struct unfolding *u, struct json_node *array)
{
	array->type = DOM_OBJECT;
	for (uint32_t i = 0; i < array->n && !u->failed; i++) {
		char digits[16];
		int len = snprintf(digits, sizeof digits, "%u", i);
		struct json_name *name = json_names_add(&u->names, digits, (size_t)len, u->arena);

		u->failed |= !name;
		array->items[i].key = name ? name->text : "";
	}
}

/* All members of a group are benchmarks or groups, however few there are. */
static bool holds_pairs_only(const struct json_node *object)
{
	for (uint32_t i = 0; i < object->n; i++)
		if (!is_pair(&object->items[i]))
			return false;
	return object->n > 0;
}

static void unfold(struct unfolding *u, struct json_node *node, unsigned depth)
{
	if (depth >= READER_DEPTH_MAX || u->failed)
		return;
	if (is_pair(node))
		call_by_places(u, node);
	else if (node->type == DOM_OBJECT && holds_pairs_only(node))
		node->mark = SHAPE_KEYED;
	for (uint32_t i = 0; node->type == DOM_OBJECT && i < node->n; i++)
		unfold(u, &node->items[i], depth + 1);
}

bool json_pairs_unfold(struct json_node *root, struct arena *arena)
{
	struct unfolding u = {.arena = arena};

	if (!is_of_benchmark_tools(root))
		return true;
	if (json_names_init(&u.names) < 0)
		return false;
	call_by_places(&u, root);
	call_by_places(&u, &root->items[1]);
	root->items[1].mark = SHAPE_PLAIN;
	for (uint32_t i = 0; i < root->items[1].n; i++)
		unfold(&u, &root->items[1].items[i], 1);
	json_names_done(&u.names);
	return !u.failed;
}
