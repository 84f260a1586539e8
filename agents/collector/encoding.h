/* SPDX-License-Identifier: MIT */
/*
 * encoding - the bytes of an artifact as UTF-8 without byte order mark and without NUL bytes.
 */
#pragma once

#include <stdint.h>

#include "lib/base/error.h"
#include "lib/base/str.h"

struct decoded {
	struct str utf8;
	char *owned;          /* where utf8 lies if it had to be converted, else NULL */
	unsigned latin1_line; /* from 1: the first byte that is not UTF-8; all was taken as Latin-1
	                       */
	unsigned char latin1_byte;
};

/*
 * UTF-8 stays where it is; UTF-16 with a byte order mark and Latin-1 are converted. -EILSEQ: none
 * of these (binary, NUL bytes, half a surrogate pair), with the line. -ENOMEM. encoding_done() also
 * after a failure.
 */
int encoding_decode(struct decoded *ret, const char *bytes, size_t len, struct error *err) MUST_USE;
void encoding_done(struct decoded *t);

/* Length of the longest valid UTF-8 prefix (no overlong forms, surrogates or beyond U+10FFFF). */
size_t encoding_valid_prefix(const char *bytes, size_t len);

/* Writes one code point; returns its bytes (1 to 4). */
size_t encoding_put(char ret[static 4], uint32_t code_point);

/* Line and column (in code points), both from 1, of a byte. */
void encoding_place(struct str text, size_t offset, unsigned *ret_line, unsigned *ret_column);
