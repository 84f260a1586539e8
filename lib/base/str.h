/* SPDX-License-Identifier: MIT */
/*
 * str - a piece of text that somebody else owns, with its length.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
	const char *at; /* not NUL-terminated; may be NULL when len is 0 */
	size_t len;
};

static inline struct str str_of(const char *text)
{
	return (struct str){text, strlen(text)};
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool str_is(struct str a, const char *text)
{
	return str_eq(a, str_of(text));
}

/* Without the blanks, tabs and line ends on both sides. */
static inline struct str str_trim(struct str s)
{
	while (s.len && strchr(" \t\r\n", s.at[0]) && s.at[0])
		s.at++, s.len--;
	while (s.len && s.at[s.len - 1] && strchr(" \t\r\n", s.at[s.len - 1]))
		s.len--;
	return s;
}
