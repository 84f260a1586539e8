/* SPDX-License-Identifier: MIT */
#include "lib/base/bind.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "lib/base/bind_scalar.h"
#include "lib/base/nearest.h"

#define FIELDS_MAX 64 /* a table's keys are counted in the bits of a uint64_t */

static int bind_node(const struct bind_at *map, const struct bind_field *table, void *dst);
static int bind_value(const struct bind_at *at, const struct bind_field *f, void *dst);

static const char *form_of(const struct bind_field *f)
{
	if (f->form)
		return f->form;
	switch (f->type) {
	case BIND_MAP:
	case BIND_PAIRS:
		return "a mapping";
	case BIND_STRINGS:
	case BIND_UINTS:
	case BIND_MAPS:
		return "a list";
	case BIND_STRING:
	case BIND_UINT:
	case BIND_INT:
	case BIND_DOUBLE:
	case BIND_BOOL:
	case BIND_ENUM:
	case BIND_DURATION:
	case BIND_SIZE:
	case BIND_ANY:
	case BIND_REFUSED:
		return "a single value";
	}
	return "";
}

static yaml_node_type_t node_type_of(const struct bind_field *f)
{
	if (f->type == BIND_MAP || f->type == BIND_PAIRS)
		return YAML_MAPPING_NODE;
	if (f->type == BIND_STRINGS || f->type == BIND_UINTS || f->type == BIND_MAPS)
		return YAML_SEQUENCE_NODE;
	return YAML_SCALAR_NODE;
}

static size_t element_bytes(const struct bind_field *f)
{
	if (f->type == BIND_STRINGS)
		return sizeof(char *);
	return f->type == BIND_UINTS ? sizeof(uint64_t) : f->element_bytes;
}

static void *slot_of(const struct bind_field *f, void *dst)
{
	return (char *)dst + f->offset;
}

static size_t *count_of(const struct bind_field *f, void *dst)
{
	return (size_t *)(void *)((char *)dst + f->count_offset);
}

/* The array behind a list's slot. memcpy: the slot is a pointer of any type. */
static char *array_of(const struct bind_field *f, void *dst)
{
	char *array;

	memcpy(&array, slot_of(f, dst), sizeof array);
	return array;
}

static void free_list(const struct bind_field *f, void *dst)
{
	char *array = array_of(f, dst), *none = NULL;

	for (size_t i = 0; array && i < *count_of(f, dst); i++) {
		char *element = array + i * element_bytes(f);

		if (f->type == BIND_STRINGS)
			freep(element);
		else if (f->type != BIND_UINTS)
			bind_free(f->table, element);
	}
	free(array);
	memcpy(slot_of(f, dst), &none, sizeof none);
	*count_of(f, dst) = 0;
}

void bind_free(const struct bind_field *table, void *dst)
{
	for (const struct bind_field *f = table; f->key; f++) {
		switch (f->type) {
		case BIND_STRING:
			freep(slot_of(f, dst));
			memset(slot_of(f, dst), 0, sizeof(char *));
			break;
		case BIND_MAP:
			bind_free(f->table, slot_of(f, dst));
			break;
		case BIND_STRINGS:
		case BIND_UINTS:
		case BIND_MAPS:
		case BIND_PAIRS:
			free_list(f, dst);
			break;
		case BIND_UINT:
		case BIND_INT:
		case BIND_DOUBLE:
		case BIND_BOOL:
		case BIND_ENUM:
		case BIND_DURATION:
		case BIND_SIZE:
		case BIND_ANY:
		case BIND_REFUSED:
			break;
		}
	}
}

/* Replaces what the list held by n elements with their defaults. */
static int new_list(const struct bind_at *at, const struct bind_field *f, void *dst, size_t n)
{
	size_t max = f->max_count ? f->max_count : BIND_COUNT_MAX, size = element_bytes(f);
	char *array;

	if (n > max)
		return bind_complain(at, -E2BIG, "%zu entries, more than %zu", n, max);
	free_list(f, dst);
	if (n == 0)
		return 0;
	array = calloc(n, size);
	if (!array)
		return bind_complain(at, -ENOMEM, "out of memory");
	for (size_t i = 0; f->element && i < n; i++)
		memcpy(array + i * size, f->element, size);
	memcpy(slot_of(f, dst), &array, sizeof array);
	*count_of(f, dst) = n;
	return 0;
}

static int check_shape(const struct bind_at *at, const struct bind_field *f, yaml_node_type_t want)
{
	if (at->node->type == want)
		return 0;
	return bind_complain(at, -EINVAL, "must be %s",
	                     want == YAML_SCALAR_NODE ? "a single value" : form_of(f));
}

/* Element i is bound; is its text one that the list already has? */
static int check_once(const struct bind_at *at, char **strings, size_t i)
{
	char text[BIND_SHOWN_BYTES];

	for (size_t j = 0; j < i; j++)
		if (strcmp(strings[i], strings[j]) == 0)
			return bind_complain(at, -EEXIST, "\"%s\" is given twice",
			                     bind_shown(text, strings[i], strlen(strings[i])));
	return 0;
}

static int bind_element(const struct bind_at *at, const struct bind_field *f, char *array, size_t i)
{
	char *element = array + i * element_bytes(f);
	int r;

	if (f->type == BIND_MAPS)
		return at->node->type == YAML_MAPPING_NODE
		               ? bind_node(at, f->table, element)
		               : bind_complain(at, -EINVAL, "each entry must be a mapping");
	if (at->node->type != YAML_SCALAR_NODE || bind_is_null(at->node))
		return bind_complain(at, -EINVAL, "each entry must be a single value");
	if (f->type == BIND_UINTS)
		return bind_uint(at, f, (uint64_t *)(void *)element);
	r = bind_string(at, f, (char **)(void *)element);
	return r < 0 ? r : check_once(at, (char **)(void *)array, i);
}

static int bind_list(const struct bind_at *at, const struct bind_field *f, void *dst)
{
	const yaml_node_item_t *items = at->node->data.sequence.items.start;
	size_t n = (size_t)(at->node->data.sequence.items.top - items);
	int r = new_list(at, f, dst, n);

	for (size_t i = 0; i < n && r == 0; i++) {
		struct bind_at entry = *at;

		entry.node = yaml_document_get_node(at->src->doc, items[i]);
		r = bind_element(&entry, f, array_of(f, dst), i);
	}
	return r;
}

/* One "pattern: value" of the user's own: the key to the first field, the value to the others. */
static int bind_pair(const struct bind_at *at, const struct bind_field *f, const yaml_node_t *key,
                     const yaml_node_t *value, void *element)
{
	struct bind_at k = {at->src, key, at->key, at->err};
	struct bind_at v = {at->src, value, f->table[1].key, at->err};
	int r;

	if (key->type != YAML_SCALAR_NODE)
		return bind_complain(&k, -EINVAL, "a key must be a single value");
	r = bind_string(&k, &f->table[0], slot_of(&f->table[0], element));
	if (r < 0)
		return r;
	if (value->type == YAML_MAPPING_NODE)
		return bind_node(&v, f->table + 1, element);
	return bind_value(&v, &f->table[1], element);
}

static int check_pair_once(const struct bind_at *at, const struct bind_field *f, char *array,
                           size_t i)
{
	char *const *key = slot_of(&f->table[0], array + i * f->element_bytes);
	char text[BIND_SHOWN_BYTES];

	for (size_t j = 0; j < i; j++) {
		char *const *other = slot_of(&f->table[0], array + j * f->element_bytes);

		if (strcmp(*key, *other) == 0)
			return bind_complain(at, -EEXIST, "\"%s\" is given twice",
			                     bind_shown(text, *key, strlen(*key)));
	}
	return 0;
}

static int bind_pairs(const struct bind_at *at, const struct bind_field *f, void *dst)
{
	const yaml_node_pair_t *pairs = at->node->data.mapping.pairs.start;
	size_t n = (size_t)(at->node->data.mapping.pairs.top - pairs);
	int r = new_list(at, f, dst, n);

	for (size_t i = 0; i < n && r == 0; i++) {
		const yaml_node_t *key = yaml_document_get_node(at->src->doc, pairs[i].key);
		const yaml_node_t *value = yaml_document_get_node(at->src->doc, pairs[i].value);
		struct bind_at where = {at->src, key, at->key, at->err};

		r = bind_pair(at, f, key, value, array_of(f, dst) + i * f->element_bytes);
		if (r == 0)
			r = check_pair_once(&where, f, array_of(f, dst), i);
	}
	return r;
}

static int bind_refused(const struct bind_at *at)
{
	const yaml_node_t *node = at->node;

	if (bind_is_null(node) ||
	    (node->type == YAML_SEQUENCE_NODE &&
	     node->data.sequence.items.top == node->data.sequence.items.start) ||
	    (node->type == YAML_MAPPING_NODE &&
	     node->data.mapping.pairs.top == node->data.mapping.pairs.start))
		return 0;
	return bind_complain(at, -ENOTSUP, "not supported by this version; leave it out");
}

static int bind_value(const struct bind_at *at, const struct bind_field *f, void *dst)
{
	void *slot = slot_of(f, dst);
	int r;

	if (f->type == BIND_ANY)
		return 0;
	if (f->type == BIND_REFUSED)
		return bind_refused(at);
	if (bind_is_null(at->node))
		return bind_complain(at, -EINVAL,
		                     "has no value; leave the key out for its default");
	r = check_shape(at, f, node_type_of(f));
	if (r < 0)
		return r;

	switch (f->type) {
	case BIND_STRING:
		return bind_string(at, f, slot);
	case BIND_UINT:
		return bind_uint(at, f, slot);
	case BIND_INT:
		return bind_int(at, f, slot);
	case BIND_DOUBLE:
		return bind_double(at, f, slot);
	case BIND_BOOL:
		return bind_bool(at, slot);
	case BIND_ENUM:
		return bind_enum(at, f, slot);
	case BIND_DURATION:
		return bind_duration(at, f, slot);
	case BIND_SIZE:
		return bind_size(at, f, slot);
	case BIND_MAP:
		return bind_node(at, f->table, slot);
	case BIND_STRINGS:
	case BIND_UINTS:
	case BIND_MAPS:
		return bind_list(at, f, dst);
	case BIND_PAIRS:
		return bind_pairs(at, f, dst);
	case BIND_ANY:
	case BIND_REFUSED:
		break;
	}
	return 0;
}

static const struct bind_field *find(const struct bind_field *table, const yaml_node_t *key)
{
	for (const struct bind_field *f = table; f->key; f++) {
		if (strlen(f->key) == key->data.scalar.length &&
		    strcmp(f->key, bind_chars(key)) == 0)
			return f;
	}
	return NULL;
}

static int fail_unknown(const struct bind_at *at, const struct bind_field *table)
{
	struct bind_at key = {at->src, at->node, NULL, at->err};
	struct str word = {bind_chars(at->node), at->node->data.scalar.length};
	char text[BIND_SHOWN_BYTES], list[BIND_LIST_BYTES];
	const char *keys[FIELDS_MAX], *meant;
	size_t n = 0;

	for (; table[n].key; n++)
		keys[n] = table[n].key;
	bind_shown(text, word.at, word.len);
	meant = nearest(word, keys, n);
	if (meant)
		return bind_complain(&key, -EINVAL, "unknown key \"%s\"; did you mean \"%s\"?",
		                     text, meant);
	bind_join(list, keys, n);
	return bind_complain(&key, -EINVAL, "unknown key \"%s\"; known here: %s", text, list);
}

/* One "key: value" of a mapping; *seen has a bit for each field that has come. */
static int bind_member(const struct bind_at *map, const yaml_node_pair_t *pair,
                       const struct bind_field *table, void *dst, uint64_t *seen)
{
	const yaml_node_t *key = yaml_document_get_node(map->src->doc, pair->key);
	struct bind_at at = {map->src, key, map->key, map->err};
	const struct bind_field *f;
	uint64_t bit;

	if (key->type != YAML_SCALAR_NODE)
		return bind_complain(&at, -EINVAL, "a key must be a single value");
	f = find(table, key);
	if (!f)
		return fail_unknown(&at, table);
	at.key = f->key;
	assert(f - table < FIELDS_MAX);
	bit = UINT64_C(1) << (f - table);
	if (*seen & bit)
		return bind_complain(&at, -EEXIST, "given twice");
	*seen |= bit;
	at.node = yaml_document_get_node(map->src->doc, pair->value);
	return bind_value(&at, f, dst);
}

/* Depth is bounded by that of the tables, whatever the aliases of the text point at. */
static int bind_node(const struct bind_at *map, const struct bind_field *table, void *dst)
{
	uint64_t seen = 0;

	for (const yaml_node_pair_t *p = map->node->data.mapping.pairs.start;
	     p < map->node->data.mapping.pairs.top; p++) {
		int r = bind_member(map, p, table, dst, &seen);

		if (r < 0)
			return r;
	}
	for (const struct bind_field *f = table; f->key; f++) {
		struct bind_at at = {map->src, map->node, f->key, map->err};

		if (f->required && !(seen & UINT64_C(1) << (f - table)))
			return bind_complain(&at, -ENODATA, "missing");
	}
	return 0;
}

int bind_map(const struct bind_source *src, const yaml_node_t *node, const struct bind_field *table,
             void *dst, struct error *err)
{
	static const yaml_node_t empty = {.type = YAML_MAPPING_NODE};
	struct bind_at at = {src, node, NULL, err};

	if (!node || bind_is_null(node))
		at.node = &empty; /* nothing, or comments alone */
	else if (node->type != YAML_MAPPING_NODE)
		return bind_complain(&at, -EINVAL, "must be a mapping of keys to values");
	return bind_node(&at, table, dst);
}

int bind_text(const char *source, const char *text, size_t len, const struct bind_field *table,
              void *dst, bind_check_fn *check, const void *arg, struct error *err)
{
	CLEANUP(yaml_document_delete) yaml_document_t doc = {0};
	struct bind_source src = {.name = source, .doc = &doc};
	int r = yaml_text_load(&doc, source, text, len, err);

	if (r == 0)
		r = bind_map(&src, yaml_document_get_root_node(&doc), table, dst, err);
	if (r == 0 && check)
		r = check(&src, dst, arg, err);
	return r;
}

/* The node one part of a path further down, NULL when there is none. */
static const yaml_node_t *step_down(yaml_document_t *doc, const yaml_node_t *node, struct str part)
{
	if (node->type == YAML_SEQUENCE_NODE) {
		size_t n = (size_t)(node->data.sequence.items.top -
		                    node->data.sequence.items.start);
		size_t i = strtoul(part.at, NULL, 10);

		return i < n ? yaml_document_get_node(doc, node->data.sequence.items.start[i])
		             : NULL;
	}
	if (node->type != YAML_MAPPING_NODE)
		return NULL;
	for (const yaml_node_pair_t *p = node->data.mapping.pairs.start;
	     p < node->data.mapping.pairs.top; p++) {
		const yaml_node_t *key = yaml_document_get_node(doc, p->key);

		if (key->type == YAML_SCALAR_NODE && str_is(part, bind_chars(key)))
			return yaml_document_get_node(doc, p->value);
	}
	return NULL;
}

int bind_fail(const struct bind_source *src, const char *path, struct error *err, int code,
              const char *fmt, ...)
{
	static const yaml_node_t top = {.type = YAML_MAPPING_NODE};
	const yaml_node_t *node = yaml_document_get_root_node(src->doc);
	struct bind_at at = {src, node ? node : &top, NULL, err};
	char key[64] = "";
	va_list ap;

	while (*path) {
		struct str part = {path, strcspn(path, "/")};

		if (part.at[0] < '0' || part.at[0] > '9') {
			(void)snprintf(key, sizeof key, "%.*s", (int)part.len, part.at);
			at.key = key;
		}
		node = node ? step_down(src->doc, node, part) : NULL;
		at.node = node ? node : at.node;
		path += part.len + (path[part.len] == '/');
	}
	va_start(ap, fmt);
	(void)bind_vcomplain(&at, code, fmt, ap);
	va_end(ap);
	return code;
}

const char *bind_check_name(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t len = strlen(text);

	if (len == 0 || len > 64 || text[0] == '-' || strspn(text, letters) != len)
		return "is no name: a-z, 0-9 and -, at most 64, not beginning with -";
	return NULL;
}

const char *bind_check_absolute(const char *text)
{
	return text[0] == '/' ? NULL : "is not an absolute path";
}
