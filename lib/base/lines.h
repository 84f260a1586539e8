/* SPDX-License-Identifier: MIT */
/*
 * lines - cut a byte stream into lines, with a limit.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/error.h"

struct lines {
	char *buf;
	size_t len, cap;
	size_t max; /* longest line accepted, without its newline */
};

/* line is NUL-terminated, without "\n" or "\r\n", and valid during the call. */
typedef int lines_fn(void *arg, char *line, size_t len);

/* The first non-zero return of fn stops and is returned; -EMSGSIZE: a line is too long. */
int lines_feed(struct lines *l, const char *bytes, size_t n, lines_fn *fn, void *arg) MUST_USE;

/* Bytes after the last newline. A stream that ends with some was cut short. */
static inline size_t lines_pending(const struct lines *l)
{
	return l->len;
}

void lines_free(struct lines *l); /* frees what it holds, not l */
