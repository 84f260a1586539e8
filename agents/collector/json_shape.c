/* SPDX-License-Identifier: MIT */
#include "agents/collector/json_shape.h"

#include "agents/collector/reader.h"

/*
 * The paths within one member of an object that may be keyed, as hashes: of its scalars and
 * arrays, and of the objects right below it.
 */
struct paths {
	uint64_t *hash;
	size_t n, cap;
	bool failed; /* no memory, or far too many: then it is not keyed */
};

#define PATHS_MAX 1000000

static void add(struct paths *p, uint64_t hash)
{
	if (p->n == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 64;
		uint64_t *bigger = cap > PATHS_MAX ? NULL
		                                   : reallocarray(p->hash, cap, sizeof *bigger);

		p->failed |= !bigger;
		if (p->failed)
			return;
		p->hash = bigger;
		p->cap = cap;
	}
	p->hash[p->n++] = hash;
}

static void collect(struct paths *p, const struct json_node *object, uint64_t hash, unsigned depth)
{
	for (uint32_t i = 0; i < object->n && !p->failed; i++) {
		const struct json_node *member = &object->items[i];
		uint64_t path = reader_hash(reader_hash(hash, "/", 1), member->key,
		                            strlen(member->key));

		if (member->type != DOM_OBJECT)
			add(p, path);
		else if (depth < READER_DEPTH_MAX)
			collect(p, member, path, depth + 1);
	}
}

/* Objects right below a member count by their name, whatever is in them. */
static void collect_objects(struct paths *p, const struct json_node *object)
{
	for (uint32_t i = 0; i < object->n && !p->failed; i++)
		if (object->items[i].type == DOM_OBJECT)
			add(p, reader_hash(READER_HASH, object->items[i].key,
			                   strlen(object->items[i].key)));
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Of a sorted list the first that is not smaller. */
static size_t lower_bound(const struct paths *p, uint64_t hash, bool beyond)
{
	size_t low = 0, high = p->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->hash[middle] < hash || (p->hash[middle] == hash && beyond))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static size_t times(const struct paths *all, uint64_t hash)
{
	return lower_bound(all, hash, true) - lower_bound(all, hash, false);
}

/* How many of a member's paths at least `often` members have. */
static bool shares_half(const struct paths *all, const struct paths *own, size_t often)
{
	size_t common = 0;

	for (size_t i = 0; i < own->n; i++)
		common += times(all, own->hash[i]) >= often;
	return own->n > 0 && common * 2 >= own->n;
}

static bool shares_object(const struct paths *all, const struct paths *own, size_t members)
{
	for (size_t i = 0; i < own->n; i++)
		if (times(all, own->hash[i]) >= members)
			return true;
	return false;
}

static bool all_objects(const struct json_node *object)
{
	for (uint32_t i = 0; i < object->n; i++)
		if (object->items[i].type != DOM_OBJECT)
			return false;
	return object->n >= 2;
}

static void collect_all(const struct json_node *object, struct paths *leaves, struct paths *objects)
{
	for (uint32_t i = 0; i < object->n; i++) {
		collect(leaves, &object->items[i], READER_HASH, 0);
		collect_objects(objects, &object->items[i]);
	}
	if (leaves->n)
		qsort(leaves->hash, leaves->n, sizeof *leaves->hash, by_value);
	if (objects->n)
		qsort(objects->hash, objects->n, sizeof *objects->hash, by_value);
}

static bool alike(const struct json_node *object, const struct paths *leaves,
                  const struct paths *objects, const struct json_node *member)
{
	struct paths own = {0}, below = {0};
	bool yes;

	collect(&own, member, READER_HASH, 0);
	collect_objects(&below, member);
	yes = shares_half(leaves, &own, (object->n + 1) / 2 > 1 ? (object->n + 1) / 2 : 2) ||
	      shares_object(objects, &below, object->n);
	free(own.hash);
	free(below.hash);
	return yes;
}

/*
 * Two in three members of one shape are enough: the configuration that failed often has nothing
 * but an error in it, and belongs to the others all the same.
 */
static bool is_keyed(const struct json_node *object)
{
	struct paths leaves = {0}, objects = {0};
	size_t n = 0;
	bool yes;

	if (!all_objects(object))
		return false;
	collect_all(object, &leaves, &objects);
	for (uint32_t i = 0; i < object->n && !leaves.failed; i++)
		n += alike(object, &leaves, &objects, &object->items[i]);
	yes = n >= 2 && n * 3 >= (size_t)object->n * 2 && !leaves.failed;
	free(leaves.hash);
	free(objects.hash);
	return yes;
}

static bool is_finite(const struct json_node *node)
{
	double value;

	return node->type == DOM_NUMBER && reader_number(json_dom_text(node), '.', &value);
}

static bool is_list(const struct json_node *array)
{
	if (array->type != DOM_ARRAY)
		return array->type == DOM_NUMBERS;
	for (uint32_t i = 0; i < array->n; i++)
		if (!is_finite(&array->items[i]))
			return false;
	return array->n > 0;
}

static enum json_shape shape_of_array(const struct json_node *array)
{
	size_t objects = 0, nulls = 0, finite = 0, numbers = 0, containers = 0, lists = 0;

	if (array->type == DOM_NUMBERS)
		return SHAPE_LIST;
	for (uint32_t i = 0; i < array->n; i++) {
		const struct json_node *item = &array->items[i];

		objects += item->type == DOM_OBJECT;
		containers += json_dom_is_container(item) || item->type == DOM_NUMBERS ||
		              item->type == DOM_RECORDS;
		lists += is_list(item);
		nulls += item->type == DOM_NULL;
		finite += is_finite(item);
		numbers += item->type == DOM_NUMBER || item->type == DOM_NONFINITE;
	}
	if (objects && objects + nulls == array->n)
		return SHAPE_RECORDS;
	if (lists && lists == array->n)
		return SHAPE_LISTS;
	if (containers || !numbers)
		return SHAPE_OTHER;
	return finite == array->n ? SHAPE_LIST : SHAPE_MIXED;
}

enum json_shape json_shape(struct json_node *node, unsigned depth)
{
	if (node->mark)
		return node->mark;
	if (json_dom_is_array(node))
		node->mark = (uint8_t)shape_of_array(node);
	else if (node->type == DOM_RECORDS)
		node->mark = SHAPE_RECORDS;
	else if (node->type == DOM_OBJECT)
		node->mark = depth < READER_DEPTH_MAX && is_keyed(node) ? SHAPE_KEYED : SHAPE_PLAIN;
	else
		node->mark = SHAPE_SCALAR;
	return node->mark;
}
