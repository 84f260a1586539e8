/* SPDX-License-Identifier: MIT */
#include "agents/collector/encoding.h"

#include <errno.h>

#include "lib/base/utf8.h"

#define BLOCK_BYTES 128

static bool is_ascii(const char *at)
{
	uint64_t eight;

	memcpy(&eight, at, sizeof eight);
	return !(eight & UINT64_C(0x8080808080808080));
}

/* Most artifacts are plain ASCII: blocks of it, which compilers look at as wide as they can. */
static size_t skip_ascii(const char *bytes, size_t len, size_t i)
{
	for (; len - i >= BLOCK_BYTES; i += BLOCK_BYTES) {
		char any = 0;

		for (size_t k = 0; k < BLOCK_BYTES; k++)
			any = (char)(any | bytes[i + k]);
		if ((unsigned char)any >= 0x80)
			break;
	}
	return i;
}

size_t encoding_valid_prefix(const char *bytes, size_t len)
{
	size_t i = 0;

	while (i < len) {
		size_t n;

		if (len - i >= sizeof(uint64_t) && is_ascii(bytes + i)) {
			i = skip_ascii(bytes, len, i + sizeof(uint64_t));
			continue;
		}
		n = utf8_length(bytes + i, len - i);
		if (n == 0)
			break;
		i += n;
	}
	return i;
}

size_t encoding_put(char ret[static 4], uint32_t c)
{
	if (c < 0x80) {
		ret[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		ret[0] = (char)(0xC0 | c >> 6);
		ret[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		ret[0] = (char)(0xE0 | c >> 12);
		ret[1] = (char)(0x80 | (c >> 6 & 0x3F));
		ret[2] = (char)(0x80 | (c & 0x3F));
		return 3;
	}
	ret[0] = (char)(0xF0 | c >> 18);
	ret[1] = (char)(0x80 | (c >> 12 & 0x3F));
	ret[2] = (char)(0x80 | (c >> 6 & 0x3F));
	ret[3] = (char)(0x80 | (c & 0x3F));
	return 4;
}

void encoding_place(struct str text, size_t offset, unsigned *ret_line, unsigned *ret_column)
{
	const char *at = text.at, *stop = text.at + (offset < text.len ? offset : text.len);
	const char *start = at;

	*ret_line = *ret_column = 1;
	while (at < stop) {
		const char *nl = memchr(at, '\n', (size_t)(stop - at));

		if (!nl)
			break;
		++*ret_line;
		start = at = nl + 1;
	}
	for (at = start; at < stop; at++)
		*ret_column += ((unsigned char)*at & 0xC0) != 0x80;
}

static uint32_t unit16(const char *bytes, size_t i, bool big)
{
	unsigned char a = (unsigned char)bytes[2 * i], b = (unsigned char)bytes[2 * i + 1];

	return big ? (uint32_t)(a << 8 | b) : (uint32_t)(b << 8 | a);
}

/* The code point at unit *i, which moves behind it; 0 for NUL and half a surrogate pair. */
static uint32_t next16(const char *bytes, size_t n, size_t *i, bool big)
{
	uint32_t c = unit16(bytes, (*i)++, big), low;

	if (c < 0xD800 || c > 0xDFFF)
		return c;
	if (c > 0xDBFF || *i >= n)
		return 0;
	low = unit16(bytes, (*i)++, big);
	return low < 0xDC00 || low > 0xDFFF ? 0 : 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
}

static int from_utf16(struct decoded *ret, const char *bytes, size_t len, bool big,
                      struct error *err)
{
	size_t n = len / 2, out = 0, i = 0;
	unsigned line = 1;

	if (len % 2)
		return error_set(err, -EILSEQ,
		                 "UTF-16 text with an odd number of bytes: cut short");
	ret->owned = malloc(n * 3 + 1); /* 4 bytes need two units, so 3 a unit is enough */
	if (!ret->owned)
		return error_set(err, -ENOMEM, "out of memory");
	while (i < n) {
		uint32_t c = next16(bytes, n, &i, big);
		char utf8[4];
		size_t bytes_of;

		if (c == 0)
			return error_set(err, -EILSEQ, "line %u: broken UTF-16", line);
		line += c == '\n';
		bytes_of = encoding_put(utf8, c);
		memcpy(ret->owned + out, utf8, bytes_of);
		out += bytes_of;
	}
	ret->utf8 = (struct str){ret->owned, out};
	return 0;
}

static int from_latin1(struct decoded *ret, struct str s, size_t bad, struct error *err)
{
	unsigned line, column;
	size_t out = 0;

	encoding_place(s, bad, &line, &column);
	/* 0x80 to 0x9F are control characters: real Latin-1 has none, binary data has plenty */
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.at[i] >= 0x80 && (unsigned char)s.at[i] < 0xA0)
			return error_set(err, -EILSEQ,
			                 "line %u column %u: byte 0x%02X is not UTF-8", line,
			                 column, (unsigned)(unsigned char)s.at[bad]);
	ret->owned = malloc(s.len * 2 + 1);
	if (!ret->owned)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < s.len; i++) {
		char utf8[4];
		size_t n = encoding_put(utf8, (unsigned char)s.at[i]);

		memcpy(ret->owned + out, utf8, n);
		out += n;
	}
	ret->latin1_line = line;
	ret->latin1_byte = (unsigned char)s.at[bad];
	ret->utf8 = (struct str){ret->owned, out};
	return 0;
}

int encoding_decode(struct decoded *ret, const char *bytes, size_t len, struct error *err)
{
	struct str s = {bytes, len};
	unsigned line, column;
	const char *nul;
	size_t valid;

	*ret = (struct decoded){0};
	if (len >= 2 && (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0))
		return from_utf16(ret, bytes + 2, len - 2, bytes[0] == '\xFE', err);
	if (len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
		s.at += 3, s.len -= 3;
	nul = s.len ? memchr(s.at, '\0', s.len) : NULL;
	if (nul) {
		encoding_place(s, (size_t)(nul - s.at), &line, &column);
		return error_set(err, -EILSEQ,
		                 "line %u column %u: NUL byte: binary, or UTF-16 whose byte order "
		                 "mark is missing or mangled",
		                 line, column);
	}
	valid = encoding_valid_prefix(s.at, s.len);
	if (valid < s.len)
		return from_latin1(ret, s, valid, err);
	ret->utf8 = s;
	return 0;
}

void encoding_done(struct decoded *t)
{
	free(t->owned);
	*t = (struct decoded){0};
}
