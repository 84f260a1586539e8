/* SPDX-License-Identifier: MIT */
/*
 * csv_source - a delimited text piece by piece: from memory, or from a file that nobody has to
 * hold as a whole.
 */
#pragma once

#include <stdint.h>

#include "lib/base/error.h"
#include "lib/base/str.h"
#include "lib/base/util.h"

struct csv_source {
	struct str text; /* in memory, valid UTF-8; or */
	int fd;          /* a regular file, where text.at is NULL */
	uint64_t size;   /* of either, in bytes */
};

/* A piece of the text in a buffer that is used again for the next one. */
struct csv_window {
	char *data; /* malloc'd; CSV_TEXT_PAD bytes more than len can be read */
	size_t len, cap;
};

/*
 * Up to len bytes from `at` on, fewer only at the end. -ENOMEM; -EIO with *err: the file cannot be
 * read, or is shorter than it was.
 */
int csv_source_read(const struct csv_source *s, uint64_t at, size_t len, struct csv_window *ret,
                    struct error *err) MUST_USE;
void csv_window_done(struct csv_window *w);
