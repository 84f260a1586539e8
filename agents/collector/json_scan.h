/* SPDX-License-Identifier: MIT */
/*
 * json_scan - where a token of JSON ends, eight bytes at a time. None of these reads beyond `end`.
 */
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define JSON_EACH(byte) (UINT64_C(0x0101010101010101) * (unsigned char)(byte))

/* The first byte is the lowest, so that the lowest bit of a mask is the first hit. */
static inline uint64_t json_word(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return le64toh(word);
}

static inline size_t json_first(uint64_t mask)
{
	return (size_t)__builtin_ctzll(mask) / 8;
}

/* High bits set where a byte is zero; exact up to the first one. */
static inline uint64_t json_zeros(uint64_t word)
{
	return (word - JSON_EACH(1)) & ~word & JSON_EACH(0x80);
}

/* The first quote, backslash or control character; `end` where there is none. */
static inline const char *json_string_stop(const char *at, const char *end)
{
	for (; end - at >= 8; at += 8) {
		uint64_t word = json_word(at);
		uint64_t hits = json_zeros(word ^ JSON_EACH('"')) |
		                json_zeros(word ^ JSON_EACH('\\')) |
		                ((word - JSON_EACH(' ')) & ~word & JSON_EACH(0x80));

		if (hits)
			return at + json_first(hits);
	}
	while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= ' ')
		at++;
	return at;
}

static inline const char *json_digits(const char *at, const char *end)
{
	for (; end - at >= 8; at += 8) {
		uint64_t word = json_word(at) ^ JSON_EACH('0');
		uint64_t others = ((word + JSON_EACH(0x76)) | word) & JSON_EACH(0x80);

		if (others)
			return at + json_first(others);
	}
	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return at;
}

/* NULL: no number of JSON begins here. *ret_plain: short enough to be finite for certain. */
static inline const char *json_number_end(const char *at, const char *end, bool *ret_plain)
{
	const char *start = at, *from;
	bool wild = false;

	at += at < end && *at == '-';
	from = at;
	at = json_digits(at, end);
	if (at == from || (*from == '0' && at > from + 1))
		return NULL;
	if (at < end && *at == '.') {
		from = ++at;
		at = json_digits(at, end);
		if (at == from)
			return NULL;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		at++;
		at += at < end && (*at == '+' || *at == '-');
		from = at;
		at = json_digits(at, end);
		if (at == from)
			return NULL;
		wild = at > from + 2;
	}
	*ret_plain = !wild && at - start < 100;
	return at;
}

/* Behind blanks and comments; at the slash of a comment that never ends. */
const char *json_skip(const char *at, const char *end);

static inline const char *json_skip_blanks(const char *at, const char *end)
{
	at += at < end && *at == ' ';
	if (at < end && (unsigned char)*at > ' ' && *at != '/')
		return at;
	return json_skip(at, end);
}
