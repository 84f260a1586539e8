/* SPDX-License-Identifier: MIT */
/*
 * json_text - strings of JSON without their escapes.
 */
#pragma once

#include "lib/base/str.h"

/*
 * Between the quotes; `to` has room for as many bytes and one more, for a NUL: what is unescaped is
 * never longer than its escape. Half a surrogate pair becomes U+FFFD. Returns NULL, or the
 * backslash of what is no escape, or is one of NUL.
 */
const char *json_unescape(char *to, size_t *ret_len, const char *from, const char *end);
