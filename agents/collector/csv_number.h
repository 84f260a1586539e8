/* SPDX-License-Identifier: MIT */
/*
 * csv_number - plainly written numbers, eight bytes at a time.
 *
 * Digits, at most one point, at most 15 digits in all: then the mantissa and the power of ten are
 * exact doubles, and one division rounds as strtod() does. What is written in another way is
 * reader_number()'s.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CSV_NUMBER_BYTES 32 /* that may be read from the first one on */

#define CSV_EACH_BYTE(b) (UINT64_C(0x0101010101010101) * (b))

/* Eight digits, 0 to 9, the first one in the lowest byte. */
static inline uint64_t csv_eight_digits(uint64_t v)
{
	v = v * 10 + (v >> 8);
	return (((v & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064)) +
	        (((v >> 16) & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x0000271000000001))) >>
	       32;
}

static inline uint64_t csv_eight_at(const char *at)
{
	uint64_t bytes;

	memcpy(&bytes, at, sizeof bytes);
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
	bytes = __builtin_bswap64(bytes);
#endif
	return bytes;
}

/* Bytes at p as digits: *ret has the n that stand at its front, n from 0 to 8. */
static inline unsigned csv_digits_at(const char *p, uint64_t *ret)
{
	uint64_t t = csv_eight_at(p) ^ CSV_EACH_BYTE('0'), other;

	other = (((t & CSV_EACH_BYTE(0x7F)) + CSV_EACH_BYTE(0x76)) | t) & CSV_EACH_BYTE(0x80);
	*ret = t;
	return other ? (unsigned)__builtin_ctzll(other) / 8 : 8;
}

/* The value of the first n digits of t, 0 to 8. */
static inline uint64_t csv_value_of(uint64_t t, unsigned n)
{
	return n ? csv_eight_digits(t << (64 - 8 * n)) : 0;
}

/* mantissa / 10^decimals */
struct csv_plain {
	uint64_t mantissa;
	unsigned decimals; /* as written, 0 to 7 */
	bool negative;
};

static inline double csv_plain_value(const struct csv_plain *n)
{
	static const double tens[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
	double value = (double)n->mantissa / tens[n->decimals];

	return n->negative ? -value : value;
}

/* The first byte behind the number; NULL: none that is written plainly. */
static inline const char *csv_number(const char *p, char point, struct csv_plain *ret)
{
	static const uint64_t whole_tens[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
	bool negative = *p == '-';
	uint64_t t, mantissa;
	unsigned n, decimals = 0;

	p += negative;
	n = csv_digits_at(p, &t);
	if (n == 0)
		return NULL;
	mantissa = csv_value_of(t, n);
	p += n;
	if (n == 8) { /* up to seven more */
		n = csv_digits_at(p, &t);
		if (n == 8)
			return NULL;
		mantissa = mantissa * whole_tens[n] + csv_value_of(t, n);
		p += n;
	}
	if (*p == point) {
		decimals = csv_digits_at(p + 1, &t);
		if (decimals == 8 || decimals == 0 || mantissa >= 100000000)
			return NULL;
		mantissa = mantissa * whole_tens[decimals] + csv_value_of(t, decimals);
		p += 1 + decimals;
	}
	*ret = (struct csv_plain){mantissa, decimals, negative};
	return p;
}

/* Whether a byte is no digit, of those that had '0' taken away by an exclusive or. */
static inline bool csv_not_digits(uint64_t t)
{
	return (t | (t + CSV_EACH_BYTE(0x76))) & CSV_EACH_BYTE(0x80);
}

/* The last eight bytes before `to` without the point among them; first: the eight before these. */
static inline uint64_t csv_without_point(uint64_t last, uint64_t first, unsigned decimals)
{
	uint64_t before = UINT64_MAX >> 8 * decimals; /* what stands before it takes its place */

	return (last & ~before) | ((last << 8 | first >> 56) & before);
}

/*
 * The number of up to eight digits between from and to, of which so many stand behind a point,
 * without that point; -1: there is none, or written in another way. Sixteen bytes before `to` can
 * be read.
 */
static inline int64_t csv_scaled(const char *from, const char *to, unsigned decimals, char point)
{
	size_t digits = (size_t)(to - from) - (decimals > 0);
	uint64_t last = csv_eight_at(to - 8);

	if (digits <= decimals || digits > 8 || (decimals && to[-(int)decimals - 1] != point))
		return -1;
	if (decimals)
		last = csv_without_point(last, csv_eight_at(to - 16), decimals);
	last = (last ^ CSV_EACH_BYTE('0')) & UINT64_MAX << (64 - 8 * digits);
	return csv_not_digits(last) ? -1 : (int64_t)csv_eight_digits(last);
}

/* The same for nine or ten digits. */
static inline int64_t csv_scaled_long(const char *from, const char *to, unsigned decimals,
                                      char point)
{
	size_t digits = (size_t)(to - from) - (decimals > 0), more = digits - 8;
	uint64_t last = csv_eight_at(to - 8), first = csv_eight_at(to - 16);

	if (digits <= 8 || digits > 10 || (decimals && to[-(int)decimals - 1] != point))
		return -1;
	if (decimals) {
		last = csv_without_point(last, first, decimals);
		first <<= 8;
	}
	last ^= CSV_EACH_BYTE('0');
	first = (first ^ CSV_EACH_BYTE('0')) & UINT64_MAX << (64 - 8 * more);
	if (csv_not_digits(last) || csv_not_digits(first))
		return -1;
	return (int64_t)(csv_eight_digits(last) + (first >> 56) * 100000000 +
	                 (first >> 48 & 0xFF) * 1000000000);
}
