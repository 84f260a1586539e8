/* SPDX-License-Identifier: MIT */
#include "ctl/row_range.h"

#include <stdint.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool row_range_next(const char **from, size_t *lo, size_t *hi, bool *bad)
{
	size_t ends[2] = {0, 0};
	const char *c = *from;
	int n = 0;

	if (!*c)
		return false;
	for (n = 0; n < 2; n++) {
		if (!is_digit(*c) || *c == '0')
			break;
		for (; is_digit(*c) && ends[n] < SIZE_MAX / 100; c++)
			ends[n] = ends[n] * 10 + (size_t)(*c - '0');
		if (n == 0 && *c == '-')
			c++;
		else
			break;
	}
	if (n == 0)
		ends[1] = ends[0];
	*bad = ends[0] == 0 || ends[1] < ends[0] || (*c != '\0' && (*c != ',' || !c[1]));
	*from = c + (*c == ',');
	*lo = ends[0];
	*hi = ends[1];
	return !*bad;
}
