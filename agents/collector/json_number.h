/* SPDX-License-Identifier: MIT */
/*
 * json_number - numbers of JSON as most are written, eight digits at a time.
 */
#pragma once

#include "agents/collector/csv_number.h"
#include "agents/collector/reader.h"

#define JSON_NUMBER_BYTES 64 /* that may be read from the first one on */

/* mantissa * 10^exponent: all digits, so that it is what reader_number() makes of them. */
struct json_number {
	uint64_t mantissa;
	int exponent;
	bool negative;
};

/* Digits from p on behind those in *mantissa; NULL: too many for 64 bits. */
static inline const char *json_number_digits(const char *p, uint64_t *mantissa)
{
	static const uint64_t tens[] = {1,      10,      100,      1000,     10000,
	                                100000, 1000000, 10000000, 100000000};
	static const uint64_t most[] = {UINT64_MAX,
	                                UINT64_C(1000000000000000000),
	                                UINT64_C(100000000000000000),
	                                UINT64_C(10000000000000000),
	                                UINT64_C(1000000000000000),
	                                UINT64_C(100000000000000),
	                                UINT64_C(10000000000000),
	                                UINT64_C(1000000000000),
	                                UINT64_C(100000000000)};
	unsigned n = 8;

	for (int words = 0; n == 8; words++) {
		uint64_t t;

		n = csv_digits_at(p, &t);
		if (*mantissa >= most[n] || words == 3)
			return NULL;
		*mantissa = *mantissa * tens[n] + csv_value_of(t, n);
		p += n;
	}
	return p;
}

/* NULL: none, or more than two digits of it. */
static inline const char *json_number_exponent(const char *p, int *exponent)
{
	bool negative = *++p == '-';
	uint64_t t;
	unsigned n;

	p += negative || *p == '+';
	n = csv_digits_at(p, &t);
	if (n == 0 || n > 2)
		return NULL;
	*exponent += negative ? -(int)csv_value_of(t, n) : (int)csv_value_of(t, n);
	return p + n;
}

/*
 * What stands behind the number. NULL: no number of JSON begins here, or a longer one. So many
 * bytes as said above must be there from `p` on.
 */
static inline const char *json_number_read(const char *p, struct json_number *ret)
{
	bool negative = *p == '-';
	uint64_t mantissa = 0;
	const char *from, *point;
	int exponent = 0;

	from = p += negative;
	p = json_number_digits(p, &mantissa);
	if (!p || p == from || (*from == '0' && p > from + 1))
		return NULL;
	if (*p == '.') {
		point = ++p;
		p = json_number_digits(p, &mantissa);
		if (!p || p == point)
			return NULL;
		exponent = (int)(point - p);
	}
	if ((*p | 0x20) == 'e' && !(p = json_number_exponent(p, &exponent)))
		return NULL;
	*ret = (struct json_number){mantissa, exponent, negative};
	return p;
}

/* False: reader_number() must do it. */
static inline bool json_number_value(const struct json_number *n, double *ret)
{
	static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
	                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
	                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

	if (n->mantissa <= UINT64_C(1) << 53 && n->exponent <= 0 && n->exponent >= -22)
		*ret = (double)n->mantissa / tens[-n->exponent];
	else if (!reader_decimal(n->mantissa, n->exponent, ret))
		return false;
	*ret = n->negative ? -*ret : *ret;
	return true;
}
