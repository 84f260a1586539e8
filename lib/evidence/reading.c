/* SPDX-License-Identifier: MIT */
#include "lib/evidence/reading.h"

#include <string.h>

/* Below this a fact tells neither of a rise nor of a fall. */
static double no_change(enum statistic s)
{
	return s == STAT_RATIO || s == STAT_HODGES_LEHMANN_RATIO || s == STAT_GEOMEAN_RATIO ? 1 : 0;
}

static bool is_difference(enum statistic s)
{
	return s == STAT_DELTA || s == STAT_DELTA_PCT || s == STAT_RATIO ||
	       s == STAT_HODGES_LEHMANN || s == STAT_HODGES_LEHMANN_RATIO ||
	       s == STAT_GEOMEAN_RATIO || s == STAT_THEIL_SEN || s == STAT_COMMON_SHIFT;
}

const char *reading_direction(const struct fact *f)
{
	double at = no_change(f->statistic);

	if (!is_difference(f->statistic))
		return NULL;
	return f->value > at ? "rose" : f->value < at ? "fell" : "did not change";
}

bool reading_quantity(char ret[static READING_NAME_BYTES], const struct fact *f)
{
	size_t n = f->quantity ? strlen(f->quantity) : 0;

	/* A digit in it is the column's, told letter by letter. */
	if (!n || n >= READING_NAME_BYTES || strpbrk(f->quantity, "0123456789"))
		return false;
	for (size_t i = 0; i <= n; i++)
		ret[i] = f->quantity[i] == '_' ? ' ' : f->quantity[i];
	return true;
}

/* A share without a unit (a cv is stdev over mean) is told in percent. */
static struct number_unit unit_of(const struct fact *f)
{
	if (f->statistic == STAT_CV && (!f->unit || !f->unit[0]))
		return (struct number_unit){"%", 100};
	return number_unit_for(f->unit, f->value);
}

struct reading reading_of_fact(const struct fact *f)
{
	struct number_unit u = unit_of(f);

	return (struct reading){.kind = number_kind_of(f),
	                        .scale = u.scale,
	                        .unit = u.unit && u.unit[0] ? u.unit : NULL};
}

/* Whether the sentence itself names the unit right behind the value. */
static bool unit_follows(const struct text *t, size_t i)
{
	const struct segment *next = i + 1 < t->n ? &t->segments[i + 1] : NULL;

	if (next && next->words && strspn(next->words, " ") == strlen(next->words))
		next = i + 2 < t->n ? &t->segments[i + 2] : NULL;
	return next && next->fact == t->segments[i].fact && next->as == AS_UNIT;
}

/* "from 110.6 to 101.9 tok/s": the unit once, where both have the same. */
static bool unit_comes_later(const struct dossier *d, const struct text *t, size_t i)
{
	const struct fact *f = dossier_fact(d, t->segments[i].fact), *g;
	struct number_unit a, b;

	if (i + 2 >= t->n || !t->segments[i + 1].words ||
	    strcmp(t->segments[i + 1].words, " to ") != 0 || t->segments[i + 2].as != AS_VALUE)
		return false;
	g = dossier_fact(d, t->segments[i + 2].fact);
	if (!f || !g)
		return false;
	a = unit_of(f);
	b = unit_of(g);
	return a.unit && b.unit && strcmp(a.unit, b.unit) == 0 && !unit_follows(t, i + 2);
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

/* "fell by -7.9 %" says it twice. */
static bool sign_is_said(const struct text *t, size_t i)
{
	static const char *const words[] = {"fell by ",  "dropped by ", "down by ",
	                                    "lower by ", "less by ",    "decreased by "};
	const struct segment *before = i ? &t->segments[i - 1] : NULL;

	for (size_t k = 0; before && before->words && k < ARRAY_LEN(words); k++)
		if (ends_with(before->words, words[k]))
			return true;
	return false;
}

struct reading reading_of_segment(const struct dossier *d, const struct text *t, size_t i)
{
	struct reading r = reading_of_fact(dossier_fact(d, t->segments[i].fact));

	r.unsigned_ = t->segments[i].as == AS_SIZE || sign_is_said(t, i);
	if (unit_follows(t, i)) /* as written, since that is how the sentence names it */
		r.scale = 1;
	if (unit_follows(t, i) || unit_comes_later(d, t, i))
		r.unit = NULL;
	return r;
}
