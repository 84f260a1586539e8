/* SPDX-License-Identifier: MIT */
/*
 * csv_source - a delimited text piece by piece: from memory, or from a file that nobody has to
 * hold as a whole.
 */
#pragma once

#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/base/error.h"
#include "lib/base/str.h"
#include "lib/base/util.h"

struct csv_source {
	struct str text;       /* in memory, valid UTF-8; or */
	int fd;                /* a regular file, where text.at is NULL */
	uint64_t size;         /* of either, in bytes */
	struct digest *digest; /* of the file, while it is surveyed; NULL: nobody asks for it */
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

/*
 * Where a text can be cut so that several parts of it can be read at once. A text is plain when no
 * quote and no lone carriage return is in it, and no line is longer than a stretch: then every line
 * feed ends a record. Others are read from the front to the end.
 */
struct csv_stretch {
	uint64_t from;  /* the first byte of its first record */
	size_t records; /* that begin in it; blank lines are none */
	size_t lines;
};

struct csv_survey {
	bool plain;
	struct csv_stretch *stretches; /* plain: n of them, malloc'd */
	size_t n;
	uint64_t line_ends; /* no text has more records than these and one */
};

/* Of the text from `at` on, which is where a record begins, in stretches of so many bytes. */
int csv_survey_take(struct csv_survey *ret, const struct csv_source *s, uint64_t at, size_t bytes,
                    char delimiter, struct error *err) MUST_USE;
void csv_survey_done(struct csv_survey *s);
