/* SPDX-License-Identifier: MIT */
#include "agents/collector/csv_numbers.h"

static const int32_t tens[SCALED_DECIMALS_MAX + 1] = {1,     10,     100,     1000,
                                                      10000, 100000, 1000000, 10000000};

/* False: not exactly. A zero with a sign is none. */
static bool scale(double number, unsigned decimals, int32_t *ret)
{
	double most = number * tens[decimals], back;

	if (!(fabs(most) < INT32_MAX))
		return false;
	*ret = (int32_t)(most + (most < 0 ? -.5 : .5));
	back = scaled_number(*ret, decimals);
	return memcmp(&back, &number, sizeof back) == 0;
}

/* False: one of them becomes too large, and none is changed. */
static bool raise_decimals(struct csv_numbers *x, size_t n, unsigned decimals)
{
	int32_t factor = tens[decimals - x->decimals], most = INT32_MAX / factor;

	for (size_t i = 0; i < n; i++)
		if (x->scaled[i] != SCALED_NONE && (x->scaled[i] > most || x->scaled[i] < -most))
			return false;
	for (size_t i = 0; i < n; i++)
		if (x->scaled[i] != SCALED_NONE)
			x->scaled[i] *= factor;
	x->decimals = decimals;
	return true;
}

bool csv_numbers_put(struct csv_numbers *x, size_t n, double number)
{
	unsigned decimals = x->decimals;
	int32_t scaled = SCALED_NONE;

	if (x->doubles) {
		x->doubles[n] = number;
		return true;
	}
	while (!isnan(number) && !scale(number, decimals, &scaled))
		if (decimals++ == SCALED_DECIMALS_MAX)
			return false;
	if (decimals > x->decimals && !raise_decimals(x, n, decimals))
		return false;
	x->scaled[n] = scaled;
	return true;
}

void csv_numbers_widen(struct csv_numbers *x, size_t n, double *room)
{
	for (size_t i = 0; i < n; i++)
		room[i] = scaled_number(x->scaled[i], x->decimals);
	x->doubles = room;
}
