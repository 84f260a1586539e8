/* SPDX-License-Identifier: MIT */
/* A byte for the decimal mark, then a cell's text. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "agents/collector/quantity.h"
#include "lib/base/util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whether three digits and no fourth stand `at` some mark's length from here. */
static size_t group(struct str s, size_t i, char decimal)
{
	static const char *const marks[] = {"'",           "’", " ", "\302\240", "\342\200\211",
	                                    "\342\200\257"};
	size_t n = s.at[i] == (decimal == '.' ? ',' : '.');

	for (size_t k = 0; !n && k < ARRAY_LEN(marks); k++)
		if (s.len - i > strlen(marks[k]) && !memcmp(s.at + i, marks[k], strlen(marks[k])))
			n = strlen(marks[k]);
	if (!n || i + n + 3 > s.len || !digit(s.at[i + n]) || !digit(s.at[i + n + 1]) ||
	    !digit(s.at[i + n + 2]) || (i + n + 3 < s.len && digit(s.at[i + n + 3])))
		return 0;
	return n;
}

/* The first number, read another way than the parser does: digit by digit from the left. */
static double first_number(struct str s, char decimal)
{
	char plain[256];
	size_t i = 0, n = 0;
	bool fraction = false, exponent = false;

	while (i < s.len && !digit(s.at[i]))
		i++;
	if (i && s.at[i - 1] == decimal)
		i--;
	if (i && (s.at[i - 1] == '-' || (i > 2 && !memcmp(s.at + i - 3, "\342\210\222", 3))))
		plain[n++] = '-';
	while (i < s.len && n < sizeof plain - 2) {
		bool next = i + 1 < s.len && digit(s.at[i + 1]);
		bool sign = i + 2 < s.len && (s.at[i + 1] == '-' || s.at[i + 1] == '+') &&
		            digit(s.at[i + 2]);

		if (digit(s.at[i])) {
			plain[n++] = s.at[i++];
		} else if (s.at[i] == decimal && next && !fraction && !exponent) {
			fraction = true;
			plain[n++] = '.', i++;
		} else if ((s.at[i] | 0x20) == 'e' && (next || sign) && !exponent) {
			exponent = true;
			plain[n++] = 'e', i++;
			if (sign)
				plain[n++] = s.at[i++];
		} else if (!fraction && !exponent && group(s, i, decimal)) {
			i += group(s, i, decimal);
		} else {
			break;
		}
	}
	plain[n] = '\0';
	return strtod(plain, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char decimal = size && data[0] == ',' ? ',' : '.';
	CLEANUP(freep) char *exact = NULL; /* so that the sanitizer sees a byte too many */
	struct quantity q;
	struct str text;
	double want;

	if (size < 2)
		return 0;
	exact = malloc(size - 1);
	if (!exact)
		return 0;
	memcpy(exact, data + 1, size - 1);
	text = str_trim((struct str){exact, size - 1});
	(void)quantity_hint(text);
	if (!quantity_parse(&q, text, decimal))
		return 0;
	assert(isfinite(q.number) && q.unit && q.unit->text && q.unit->factor > 0);
	want = first_number(text, decimal) * q.unit->factor;
	assert(fabs(q.number - want) <= 1e-15 * fabs(want));
	return 0;
}
