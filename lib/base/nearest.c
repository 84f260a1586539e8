/* SPDX-License-Identifier: MIT */
#include "lib/base/nearest.h"

#define LONGEST 64 /* longer words are not compared: no name or key of ours is */

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/*
 * Edits between a and b, or one more than the edits between a and the best beginning of b (or b
 * and the best beginning of a), whichever is less.
 */
static unsigned distance(struct str a, struct str b)
{
	unsigned d[LONGEST + 1][LONGEST + 1];
	unsigned best;

	for (size_t i = 0; i <= a.len; i++)
		d[i][0] = (unsigned)i;
	for (size_t j = 0; j <= b.len; j++)
		d[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a.len; i++) {
		for (size_t j = 1; j <= b.len; j++) {
			unsigned char x = lower(a.at[i - 1]), y = lower(b.at[j - 1]);

			d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1,
			                d[i - 1][j - 1] + (x != y));
			if (i > 1 && j > 1 && x == lower(b.at[j - 2]) && y == lower(a.at[i - 2]))
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	best = d[a.len][b.len];
	for (size_t j = 3; j < b.len && a.len >= 3; j++)
		best = least(best, d[a.len][j] + 1);
	for (size_t i = 3; i < a.len && b.len >= 3; i++)
		best = least(best, d[i][b.len] + 1);
	return best;
}

const char *nearest(struct str word, const char *const *words, size_t n)
{
	unsigned limit = 1 + (unsigned)word.len / 4;
	const char *ret = NULL;

	if (word.len == 0 || word.len > LONGEST)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		unsigned d;

		if (!words[i] || strlen(words[i]) > LONGEST)
			continue;
		d = distance(word, str_of(words[i]));
		if (d > limit || d >= word.len || (ret && d == limit))
			continue;
		limit = d;
		ret = words[i];
	}
	return ret;
}
