/* SPDX-License-Identifier: MIT */
#include "agents/collector/json_text.h"

#include "agents/collector/encoding.h"
#include "agents/collector/json_scan.h"

static int hex4(const char *at, const char *end, uint32_t *ret)
{
	uint32_t value = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = at[i];
		char lower = (char)(c | 0x20);

		if (c >= '0' && c <= '9')
			value = value * 16 + (uint32_t)(c - '0');
		else if (lower >= 'a' && lower <= 'f')
			value = value * 16 + (uint32_t)(lower - 'a' + 10);
		else
			return -1;
	}
	*ret = value;
	return 0;
}

/* At the u of \u; moves to its last byte. 0: refused. */
static uint32_t escaped_code_point(const char **at, const char *end)
{
	uint32_t c, low;

	if (hex4(*at + 1, end, &c) < 0)
		return 0;
	*at += 4;
	if (c < 0xD800 || c > 0xDFFF)
		return c;
	if (c > 0xDBFF || end - *at < 7 || (*at)[1] != '\\' || (*at)[2] != 'u' ||
	    hex4(*at + 3, end, &low) < 0 || low < 0xDC00 || low > 0xDFFF)
		return 0xFFFD;
	*at += 6;
	return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
}

/* One escape behind its backslash; returns the bytes written, 0 if there is no such escape. */
static size_t unescape(char ret[static 4], const char **at, const char *end)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *known = **at ? strchr(from, **at) : NULL;
	uint32_t c;

	if (known) {
		ret[0] = to[known - from];
		return 1;
	}
	if (**at != 'u')
		return 0;
	c = escaped_code_point(at, end);
	return c ? encoding_put(ret, c) : 0;
}

const char *json_unescape(char *to, size_t *ret_len, const char *from, const char *end)
{
	char *start = to;

	while (from < end) {
		const char *backslash = memchr(from, '\\', (size_t)(end - from));
		const char *stop = backslash ? backslash : end;
		char utf8[4];
		size_t len;

		memcpy(to, from, (size_t)(stop - from));
		to += stop - from;
		if (!backslash)
			break;
		from = backslash + 1;
		len = unescape(utf8, &from, end);
		if (len == 0)
			return backslash;
		memcpy(to, utf8, len);
		to += len;
		from++;
	}
	*to = '\0';
	*ret_len = (size_t)(to - start);
	return NULL;
}

static const char *skip_comment(const char *at, const char *end)
{
	const char *close;

	if (end - at < 2 || (at[1] != '/' && at[1] != '*'))
		return at;
	if (at[1] == '/') {
		close = memchr(at, '\n', (size_t)(end - at));
		return close ? close + 1 : end;
	}
	close = end - at >= 4 ? memmem(at + 2, (size_t)(end - at) - 2, "*/", 2) : NULL;
	return close ? close + 2 : at;
}

const char *json_skip(const char *at, const char *end)
{
	while (at < end) {
		uint64_t others;

		if (*at == '/') {
			const char *behind = skip_comment(at, end);

			if (behind == at)
				return at;
			at = behind;
		} else if (*at == '\n' || *at == '\r' || *at == '\t') {
			at++;
		} else if (*at != ' ') {
			return at;
		} else if (end - at < 8) {
			at++;
		} else {
			others = json_word(at) ^ JSON_EACH(' ');
			at += others ? json_first(others) : 8;
		}
	}
	return at;
}
