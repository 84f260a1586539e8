/* SPDX-License-Identifier: MIT */
#include "lib/base/bind_tell.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "lib/base/bind_scalar.h"

#define PATH_BYTES  1024
#define VALUE_BYTES 64

struct teller {
	yaml_document_t *doc;
	bind_told_fn *fn;
	void *arg;
};

static void tell_table(const struct teller *t, const char *path, const yaml_node_t *map,
                       const struct bind_field *table, const char *src);

/* What does not fit is cut: it is for reading. */
static void go_down(char ret[static PATH_BYTES], const char *path, const char *part)
{
	if (snprintf(ret, PATH_BYTES, "%s%s%s", path, *path ? "/" : "", part) >= PATH_BYTES)
		ret[PATH_BYTES - 1] = '\0';
}

static const yaml_node_t *member(const struct teller *t, const yaml_node_t *map, const char *key)
{
	if (!map || map->type != YAML_MAPPING_NODE)
		return NULL;
	for (const yaml_node_pair_t *p = map->data.mapping.pairs.start;
	     p < map->data.mapping.pairs.top; p++) {
		const yaml_node_t *k = yaml_document_get_node(t->doc, p->key);

		if (k->type == YAML_SCALAR_NODE && strcmp(bind_chars(k), key) == 0)
			return yaml_document_get_node(t->doc, p->value);
	}
	return NULL;
}

static const yaml_node_t *entry(const struct teller *t, const yaml_node_t *list, size_t i)
{
	const yaml_node_item_t *items;

	if (!list || list->type != YAML_SEQUENCE_NODE)
		return NULL;
	items = list->data.sequence.items.start;
	return items + i < list->data.sequence.items.top ? yaml_document_get_node(t->doc, items[i])
	                                                 : NULL;
}

static void tell(const struct teller *t, const char *path, const yaml_node_t *node,
                 const char *value)
{
	const struct bind_told told = {.path = path,
	                               .value = value ? value : "",
	                               .line = node ? node->start_mark.line + 1 : 0,
	                               .column = node ? node->start_mark.column + 1 : 0};

	t->fn(t->arg, &told);
}

/* In the largest unit of which it is a whole number. */
static void print_units(char ret[static VALUE_BYTES], uint64_t v, const uint64_t *sizes,
                        const char *const *units)
{
	size_t i = 0;

	while (sizes[i] > 1 && (v == 0 || v % sizes[i]))
		i++;
	(void)snprintf(ret, VALUE_BYTES, "%" PRIu64 "%s", v / sizes[i], units[i]);
}

static void print_duration(char ret[static VALUE_BYTES], uint64_t ms)
{
	static const uint64_t sizes[] = {86400000, 3600000, 60000, 1000, 1};
	static const char *const units[] = {"d", "h", "m", "s", "ms"};

	print_units(ret, ms, sizes, units);
}

static void print_size(char ret[static VALUE_BYTES], uint64_t bytes)
{
	static const uint64_t sizes[] = {UINT64_C(1) << 30, 1 << 20, 1 << 10, 1};
	static const char *const units[] = {"GiB", "MiB", "KiB", ""};

	print_units(ret, bytes, sizes, units);
}

/* Numbers that stand for "not given" are no value: those that the file could not say. */
static const char *scalar_text(char room[static VALUE_BYTES], const struct bind_field *f,
                               const char *slot)
{
	const char *text = room;
	uint64_t u;
	int64_t i;
	double d;
	int e;

	room[0] = '\0';
	if (f->type == BIND_STRING) {
		memcpy(&text, slot, sizeof text);
	} else if (f->type == BIND_DOUBLE) {
		memcpy(&d, slot, sizeof d);
		if (isfinite(d))
			(void)snprintf(room, VALUE_BYTES, "%.15g", d);
	} else if (f->type == BIND_INT) {
		memcpy(&i, slot, sizeof i);
		if ((f->low == 0 && f->high == 0) || (double)i >= f->low)
			(void)snprintf(room, VALUE_BYTES, "%" PRId64, i);
	} else if (f->type == BIND_BOOL) {
		text = *(const bool *)(const void *)slot ? "true" : "false";
	} else if (f->type == BIND_ENUM) {
		memcpy(&e, slot, sizeof e);
		text = f->names[e];
	} else {
		memcpy(&u, slot, sizeof u);
		if (f->type == BIND_DURATION)
			print_duration(room, u);
		else if (f->type == BIND_SIZE)
			print_size(room, u);
		else
			(void)snprintf(room, VALUE_BYTES, "%" PRIu64, u);
	}
	return text && *text && f->hidden ? "hidden" : text;
}

static void tell_pair(const struct teller *t, const char *path, const yaml_node_t *pairs,
                      const struct bind_field *table, const char *element)
{
	const yaml_node_t *value;
	char below[PATH_BYTES];
	const char *key;

	memcpy(&key, element + table[0].offset, sizeof key);
	value = member(t, pairs, key);
	go_down(below, path, key);
	if (value && value->type == YAML_MAPPING_NODE)
		tell_table(t, below, value, table + 1, element);
	else if (table[1].type == BIND_STRING || table[1].type == BIND_ENUM ||
	         table[1].type == BIND_UINT) {
		char room[VALUE_BYTES];

		tell(t, below, value, scalar_text(room, &table[1], element + table[1].offset));
	}
}

static void tell_list(const struct teller *t, const char *path, const yaml_node_t *node,
                      const struct bind_field *f, const char *src)
{
	const char *array, *text;
	char below[PATH_BYTES], room[VALUE_BYTES];
	size_t n;

	memcpy(&array, src + f->offset, sizeof array);
	memcpy(&n, src + f->count_offset, sizeof n);
	if (n == 0)
		tell(t, path, node, f->type == BIND_PAIRS ? "{}" : "[]");
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(room, sizeof room, "%zu", i);
		go_down(below, path, room);
		if (f->type == BIND_PAIRS) {
			tell_pair(t, path, node, f->table, array + i * f->element_bytes);
		} else if (f->type == BIND_MAPS) {
			tell_table(t, below, entry(t, node, i), f->table,
			           array + i * f->element_bytes);
		} else if (f->type == BIND_STRINGS) {
			memcpy(&text, array + i * sizeof text, sizeof text);
			tell(t, below, entry(t, node, i), f->hidden ? "hidden" : text);
		} else {
			const struct bind_field number = {.type = BIND_UINT};

			tell(t, below, entry(t, node, i),
			     scalar_text(room, &number, array + i * sizeof(uint64_t)));
		}
	}
}

static void tell_table(const struct teller *t, const char *path, const yaml_node_t *map,
                       const struct bind_field *table, const char *src)
{
	for (const struct bind_field *f = table; f->key; f++) {
		const yaml_node_t *node = member(t, map, f->key);
		char below[PATH_BYTES], room[VALUE_BYTES];

		go_down(below, path, f->key);
		switch (f->type) {
		case BIND_MAP:
			tell_table(t, below, node, f->table, src + f->offset);
			break;
		case BIND_STRINGS:
		case BIND_UINTS:
		case BIND_MAPS:
		case BIND_PAIRS:
			tell_list(t, below, node, f, src);
			break;
		case BIND_STRING:
		case BIND_UINT:
		case BIND_INT:
		case BIND_DOUBLE:
		case BIND_BOOL:
		case BIND_ENUM:
		case BIND_DURATION:
		case BIND_SIZE:
			tell(t, below, node, scalar_text(room, f, src + f->offset));
			break;
		case BIND_ANY:
		case BIND_REFUSED:
			break;
		}
	}
}

int bind_tell(const char *source, const char *text, size_t len, const struct bind_field *table,
              const void *src, bind_told_fn *fn, void *arg, struct error *err)
{
	CLEANUP(yaml_document_delete) yaml_document_t doc = {0};
	const struct teller t = {.doc = &doc, .fn = fn, .arg = arg};
	int r = yaml_text_load(&doc, source, text, len, err);

	if (r == 0)
		tell_table(&t, "", yaml_document_get_root_node(&doc), table, src);
	return r;
}
