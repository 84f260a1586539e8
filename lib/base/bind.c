/* SPDX-License-Identifier: MIT */
#include "lib/base/bind.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>

#define BIND_MAX_DEPTH 16 /* an alias may point at its own parent: libyaml builds cyclic graphs */

#define FAIL(code, fmt, ...)                                                                     \
	error_set(err, (code), "%s:%zu: %s: " fmt, src->name, node->start_mark.line + 1, f->key, \
	          __VA_ARGS__)

static int bind_node(const struct bind_source *src, const yaml_node_t *node,
                     const struct bind_field *table, void *dst, unsigned depth, struct error *err);

static const char *scalar(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

static int bind_string(const struct bind_source *src, const yaml_node_t *node,
                       const struct bind_field *f, char **dst, struct error *err)
{
	size_t len = node->data.scalar.length;

	if (strlen(scalar(node)) != len)
		return FAIL(-EINVAL, "%s", "contains a NUL byte");
	if (len < f->min || len > f->max)
		return FAIL(-ERANGE, "length %zu is outside %" PRIu64 "..%" PRIu64, len, f->min,
		            f->max);
	assert(!*dst);
	*dst = strdup(scalar(node));
	return *dst ? 0 : FAIL(-ENOMEM, "%s", "out of memory");
}

static int bind_uint(const struct bind_source *src, const yaml_node_t *node,
                     const struct bind_field *f, uint64_t *dst, struct error *err)
{
	const char *s = scalar(node);
	uint64_t v;
	char *end;

	errno = 0;
	v = strtoull(s, &end, 10);
	if (*s < '0' || *s > '9' || *end || errno) /* strtoull() would take "-1" */
		return FAIL(-EINVAL, "\"%.40s\" is not a whole number", s);
	if (v < f->min || v > f->max)
		return FAIL(-ERANGE, "%" PRIu64 " is outside %" PRIu64 "..%" PRIu64, v, f->min,
		            f->max);
	*dst = v;
	return 0;
}

static int bind_enum(const struct bind_source *src, const yaml_node_t *node,
                     const struct bind_field *f, int *dst, struct error *err)
{
	for (int i = 0; f->names[i]; i++) {
		if (strcmp(f->names[i], scalar(node)) == 0) {
			*dst = i;
			return 0;
		}
	}
	return FAIL(-EINVAL, "\"%.40s\" is not one of the known names", scalar(node));
}

static int bind_value(const struct bind_source *src, const yaml_node_t *node,
                      const struct bind_field *f, void *dst, unsigned depth, struct error *err)
{
	void *slot = (char *)dst + f->offset;
	yaml_node_type_t want = f->type == BIND_MAP ? YAML_MAPPING_NODE : YAML_SCALAR_NODE;

	if (node->type != want)
		return FAIL(-EINVAL, "must be a %s", f->type == BIND_MAP ? "mapping" : "scalar");

	switch (f->type) {
	case BIND_STRING:
		return bind_string(src, node, f, slot, err);
	case BIND_UINT:
		return bind_uint(src, node, f, slot, err);
	case BIND_ENUM:
		return bind_enum(src, node, f, slot, err);
	case BIND_MAP:
		return bind_node(src, node, f->table, slot, depth + 1, err);
	}
	return -EINVAL; /* not reached: -Wswitch-enum keeps the list above complete */
}

static const struct bind_field *find(const struct bind_field *table, const yaml_node_t *key)
{
	if (key->type != YAML_SCALAR_NODE)
		return NULL;
	for (const struct bind_field *f = table; f->key; f++) {
		if (strcmp(f->key, scalar(key)) == 0)
			return f;
	}
	return NULL;
}

static int bind_node(const struct bind_source *src, const yaml_node_t *node,
                     const struct bind_field *table, void *dst, unsigned depth, struct error *err)
{
	uint64_t seen = 0;
	int r;

	if (depth > BIND_MAX_DEPTH)
		return error_set(err, -ELOOP, "%s:%zu: nested too deeply", src->name,
		                 node->start_mark.line + 1);

	for (const yaml_node_pair_t *p = node->data.mapping.pairs.start;
	     p < node->data.mapping.pairs.top; p++) {
		const yaml_node_t *key = yaml_document_get_node(src->doc, p->key);
		const yaml_node_t *value = yaml_document_get_node(src->doc, p->value);
		const struct bind_field *f = find(table, key);
		uint64_t bit;

		if (!f)
			return error_set(err, -EINVAL, "%s:%zu: unknown key \"%.40s\"", src->name,
			                 key->start_mark.line + 1,
			                 key->type == YAML_SCALAR_NODE ? scalar(key) : "?");

		assert(f - table < 64);
		bit = UINT64_C(1) << (f - table);
		if (seen & bit)
			return error_set(err, -EEXIST, "%s:%zu: %s: given twice", src->name,
			                 key->start_mark.line + 1, f->key);
		seen |= bit;

		r = bind_value(src, value, f, dst, depth, err);
		if (r < 0)
			return r;
	}

	for (const struct bind_field *f = table; f->key; f++) {
		if (f->required && !(seen & UINT64_C(1) << (f - table)))
			return FAIL(-ENODATA, "%s", "missing");
	}
	return 0;
}

int bind_map(const struct bind_source *src, const yaml_node_t *node, const struct bind_field *table,
             void *dst, struct error *err)
{
	if (!node || node->type != YAML_MAPPING_NODE)
		return error_set(err, -EINVAL, "%s: not a mapping", src->name);
	return bind_node(src, node, table, dst, 0, err);
}
