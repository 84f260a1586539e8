/* SPDX-License-Identifier: MIT */
/*
 * json_word - values that are words: null, true, and those that Python and C++ print for numbers
 * that are none.
 */
#pragma once

#include "agents/collector/json_dom.h"

static inline bool json_is_word_byte(char c)
{
	char lower = (char)(c | 0x20);

	return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z') || c == '+' || c == '-' ||
	       c == '.' || c == '_';
}

/* All bytes from `at` on that may be of one word. */
struct str json_word_at(const char *at, const char *end);
/* False: it is no value. */
bool json_word_type(struct str word, enum dom_type *ret);
