/* SPDX-License-Identifier: MIT */
/*
 * alike - most events of a stream are the one before them but for a word of the answer, and in
 * Ollama's the time. Such a one is compared with the last event that was parsed, and only the word
 * is read.
 *
 * What it reads, a parser would have read the same; whatever it is not sure of, it leaves alone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"

struct wire_event;

struct alike {
	struct buf model; /* the event that was parsed */
	struct {
		size_t from, to;
	} gaps[2];           /* the strings in it that may be others, in their order */
	size_t n_gaps, text; /* text: the gap that is the answer's */
	struct buf word;
};

#define ALIKE_INIT                                                                    \
	{                                                                             \
		.model = BUF_INIT(ALIKE_BYTES_MAX), .word = BUF_INIT(ALIKE_BYTES_MAX) \
	}
#define ALIKE_BYTES_MAX ((size_t)16 << 10)

/* ev is what a parser made of bytes[0..len). */
void alike_learn(struct alike *a, const char *bytes, size_t len, const struct wire_event *ev);

/* Sets ret->text and text_len, valid until the next one; false: it has to be parsed. */
bool alike_read(struct alike *a, const char *bytes, size_t len, struct wire_event *ret);

void alike_done(struct alike *a);
