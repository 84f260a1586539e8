/* SPDX-License-Identifier: MIT */
/*
 * utf8 - characters in bytes that may be anything (RFC 3629; table 3-7 of the Unicode standard).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at `at`, 0 where there is no well-formed one within `left`. */
size_t utf8_length(const char *at, size_t left);

/* The same, and its code point; *ret is untouched where it returns 0. */
size_t utf8_decode(uint32_t *ret, const char *at, size_t left);

/* How many characters well-formed text has from there to there. */
size_t utf8_characters(const char *from, const char *to);

/* The longest beginning of at most max bytes that ends between characters. */
size_t utf8_cut(const char *text, size_t len, size_t max);
