/* SPDX-License-Identifier: MIT */
#include "lib/base/utf8.h"

static int is_continuation(unsigned char c)
{
	return (c & 0xC0) == 0x80;
}

size_t utf8_length(const char *text, size_t left)
{
	const unsigned char *at = (const unsigned char *)text;
	unsigned char c = left ? at[0] : 0xFF, low = 0x80, high = 0xBF;
	size_t n = c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;

	if (n <= 1 || n > left)
		return n == 1 ? 1 : 0;
	if (c == 0xE0)
		low = 0xA0;
	else if (c == 0xED)
		high = 0x9F;
	else if (c == 0xF0)
		low = 0x90;
	else if (c == 0xF4)
		high = 0x8F;
	if (at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++) {
		if (!is_continuation(at[i]))
			return 0;
	}
	return n;
}

size_t utf8_decode(uint32_t *ret, const char *at, size_t left)
{
	size_t n = utf8_length(at, left);
	uint32_t c;

	if (n == 0)
		return 0;
	c = n == 1 ? (unsigned char)at[0] : (unsigned char)at[0] & (0xFFu >> (n + 1));
	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)at[i] & 0x3F);
	*ret = c;
	return n;
}

size_t utf8_characters(const char *from, const char *to)
{
	size_t n = 0;

	for (; from < to; from++)
		n += !is_continuation((unsigned char)*from);
	return n;
}

size_t utf8_cut(const char *text, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && is_continuation((unsigned char)text[max]))
		max--;
	return max;
}
