/* SPDX-License-Identifier: MIT */
/* bind_scalar - single values of bind.h; for bind.c alone. */
#pragma once

#include <stdarg.h>

#include "lib/base/bind.h"

/* The value being bound: what every message needs. */
struct bind_at {
	const struct bind_source *src;
	const yaml_node_t *node;
	const char *key;
	struct error *err;
};

#define BIND_SHOWN_BYTES 48

/* Foreign text for a message: printable, on one line, cut short. */
const char *bind_shown(char ret[static BIND_SHOWN_BYTES], const char *text, size_t len);

#define BIND_LIST_BYTES 320 /* of the 500 that an error has */

/* "a, b, c" */
void bind_join(char ret[static BIND_LIST_BYTES], const char *const *words, size_t n);

int bind_complain(const struct bind_at *at, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
int bind_vcomplain(const struct bind_at *at, int code, const char *fmt, va_list ap)
	PRINTF_LIKE(3, 0);

static inline const char *bind_chars(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

/* Nothing written, or one of YAML's words for it. */
bool bind_is_null(const yaml_node_t *node);

/* at->node is a scalar. */
int bind_string(const struct bind_at *at, const struct bind_field *f, char **dst);
int bind_uint(const struct bind_at *at, const struct bind_field *f, uint64_t *dst);
int bind_int(const struct bind_at *at, const struct bind_field *f, int64_t *dst);
int bind_double(const struct bind_at *at, const struct bind_field *f, double *dst);
int bind_bool(const struct bind_at *at, bool *dst);
int bind_enum(const struct bind_at *at, const struct bind_field *f, int *dst);
int bind_duration(const struct bind_at *at, const struct bind_field *f, uint64_t *dst);
int bind_size(const struct bind_at *at, const struct bind_field *f, uint64_t *dst);
