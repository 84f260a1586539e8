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

#define JSON_DIGITS_READ 24 /* at most, whole ones or of a fraction */
#define JSON_DIGITS_MAX  19 /* for which 64 bits have room, whatever they are */

/* Digits from p on behind those in *mantissa, which wraps where there are too many; how many. */
static inline unsigned json_number_digits(const char *p, uint64_t *mantissa)
{
	static const uint64_t tens[] = {1,      10,      100,      1000,     10000,
	                                100000, 1000000, 10000000, 100000000};
	unsigned n, all = 0;
	uint64_t t;

	do {
		n = csv_digits_at(p + all, &t);
		*mantissa = *mantissa * tens[n] + csv_value_of(t, n);
		all += n;
	} while (n == 8 && all < JSON_DIGITS_READ);
	return all;
}

/* Whether so many digits are what the mantissa says; zeros before the first other one are none. */
static inline bool json_number_fits(const char *p, unsigned whole, unsigned fraction)
{
	unsigned digits = whole + fraction;

	if (digits <= JSON_DIGITS_MAX)
		return true;
	if (*p != '0' || fraction == JSON_DIGITS_READ)
		return false;
	for (p += 2, digits--; *p == '0'; p++)
		digits--;
	return digits <= JSON_DIGITS_MAX;
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
	unsigned whole, fraction = 0;
	int exponent;
	const char *from;

	from = p += negative;
	if (p[1] == '.') { /* mostly so, and one digit needs no arithmetic */
		whole = *p >= '0' && *p <= '9';
		mantissa = (uint64_t)(*p - '0');
	} else {
		whole = json_number_digits(p, &mantissa);
	}
	p += whole;
	if (*p == '.') {
		fraction = json_number_digits(++p, &mantissa);
		p += fraction;
	}
	if (whole == 0 || (*from == '0' && whole > 1) || p[-1] == '.' ||
	    !json_number_fits(from, whole, fraction))
		return NULL;
	exponent = -(int)fraction;
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
