/* SPDX-License-Identifier: MIT */
/*
 * bind - fill a struct from a YAML mapping, following a table.
 *
 * Everything that is not in the table is an error, and so is a key that comes
 * twice. Messages begin with "source:line: key: ".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <yaml.h>

#include "lib/base/error.h"

enum bind_type { BIND_STRING, BIND_UINT, BIND_ENUM, BIND_MAP };

struct bind_field {
	const char *key; /* NULL ends the table */
	enum bind_type type;
	size_t offset;
	bool required;
	uint64_t min, max;              /* BIND_UINT (uint64_t), BIND_STRING (length) */
	const char *const *names;       /* BIND_ENUM (int): NULL-terminated */
	const struct bind_field *table; /* BIND_MAP */
};

struct bind_source {
	const char *name; /* for messages: a path, or "request" */
	yaml_document_t *doc;
};

/*
 * Binds one mapping node into *dst, which the caller has filled with defaults.
 * Strings are allocated; whatever was bound before a failure stays in *dst for
 * the caller's destructor to free.
 */
int bind_map(const struct bind_source *src, const yaml_node_t *node, const struct bind_field *table,
             void *dst, struct error *err) MUST_USE;
