/* SPDX-License-Identifier: MIT */
/*
 * buf - bytes that grow up to a maximum set at birth.
 *
 * A failed append (too large, no memory) sets `failed`, and everything after it is ignored, so
 * that a page of appends needs one check at its end. data is always NUL-terminated once anything
 * was appended.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/base/util.h"

struct buf {
	char *data; /* NULL until the first append */
	size_t len, cap, max;
	bool failed;
};

#define BUF_INIT(max_bytes)        \
	{                          \
		.max = (max_bytes) \
	}

void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_puts(struct buf *b, const char *text);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

/* The text so far, "" when empty. Borrowed until the next append. */
const char *buf_text(const struct buf *b);

/* Frees what it holds; the buf may be used again. */
void buf_done(struct buf *b);
