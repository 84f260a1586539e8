/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "agents/collector/quantity.h"
#include "agents/collector/reader.h"

#define NUMBER_BYTES_MAX 127 /* a longer run of digits measures nothing */

void reader_partial(struct artifact *a, struct arena *arena, const char *fmt, ...)
{
	char text[sizeof((struct error *)NULL)->text];
	const char *both;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	for (char *c = text; *c; c++) /* foreign, and quoted letter by letter in sentences */
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	both = a->reason ? arena_printf(arena, "%s; %s", a->reason, text)
	                 : arena_strdup(arena, text);
	if (both || !a->reason)
		a->reason = both ? both : "something was left out";
	a->status = STATUS_PARTIAL;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The decimal number as written: mantissa * 10^exponent, or too long for that to be exact. */
struct decimal {
	uint64_t mantissa;
	int exponent;
	bool negative, inexact;
};

static size_t take_digits(struct str s, size_t i, struct decimal *d, bool fraction)
{
	for (; i < s.len && digit(s.at[i]); i++) {
		if (d->mantissa >= UINT64_C(100000000000000000)) {
			d->inexact = true;
			continue;
		}
		d->mantissa = d->mantissa * 10 + (uint64_t)(s.at[i] - '0');
		d->exponent -= fraction;
	}
	return i;
}

/* Index behind the exponent, or 0 when there is an "e" and no digits. */
static size_t take_exponent(struct str s, size_t i, struct decimal *d)
{
	bool negative = false;
	int value = 0;
	size_t from;

	if (i >= s.len || (s.at[i] != 'e' && s.at[i] != 'E'))
		return i;
	i++;
	if (i < s.len && (s.at[i] == '+' || s.at[i] == '-'))
		negative = s.at[i++] == '-';
	from = i;
	for (; i < s.len && digit(s.at[i]); i++)
		value = value < 100000 ? value * 10 + (s.at[i] - '0') : value;
	d->exponent += negative ? -value : value;
	return i > from ? i : 0;
}

static bool decimal_scan(struct decimal *d, struct str s, char point)
{
	size_t i = 0, from, digits;

	if (s.len == 0 || s.len > NUMBER_BYTES_MAX)
		return false;
	if (s.at[0] == '+' || s.at[0] == '-')
		d->negative = s.at[i++] == '-';
	from = i;
	i = take_digits(s, i, d, false);
	digits = i - from;
	if (i < s.len && s.at[i] == point) {
		from = ++i;
		i = take_digits(s, i, d, true);
		digits += i - from;
	}
	return digits > 0 && take_exponent(s, i, d) == s.len;
}

static double slowly(struct str s, char point)
{
	char copy[NUMBER_BYTES_MAX + 1];

	memcpy(copy, s.at, s.len);
	copy[s.len] = '\0';
	for (size_t i = 0; i < s.len; i++)
		if (copy[i] == point)
			copy[i] = '.';
	return strtod(copy, NULL);
}

__extension__ typedef unsigned __int128 wide;

/* value * 2^exponent, rounded once. `more`: the value is a little larger than that. */
static double rounded(wide value, int exponent, bool more)
{
	uint64_t high = (uint64_t)(value >> 64);
	int drop = high ? 64 - __builtin_clzll(high) : 0;
	uint64_t top = (uint64_t)(value >> drop);

	more |= (wide)top << drop != value;
	return ldexp((double)(top | more), exponent + drop);
}

bool reader_decimal(uint64_t mantissa, int exponent, double *ret)
{
	/* Both factors are exact doubles, so that the one rounding is the right one. */
	static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
	                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
	                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	uint64_t ten = 1, first;
	wide rest;
	int shift;

	if (mantissa <= UINT64_C(1) << 53 && exponent >= -22 && exponent <= 22) {
		*ret = exponent < 0 ? (double)mantissa / tens[-exponent]
		                    : (double)mantissa * tens[exponent];
		return true;
	}
	if (exponent < -19 || exponent > 19 || mantissa == 0)
		return false;
	for (int i = 0; i < exponent || i < -exponent; i++)
		ten *= 10;
	if (exponent >= 0) {
		*ret = rounded((wide)mantissa * ten, 0, false);
		return true;
	}
	shift = __builtin_clzll(mantissa);
	first = mantissa << shift;
	rest = (wide)(first % ten) << 64;
	*ret = rounded((wide)(first / ten) << 64 | rest / ten, -64 - shift, rest % ten != 0);
	return true;
}

bool reader_number(struct str s, char point, double *ret)
{
	struct decimal d = {0};
	double value;

	if (!decimal_scan(&d, s, point))
		return false;
	if (d.inexact || !reader_decimal(d.mantissa, d.exponent, &value))
		value = slowly(s, point);
	else if (d.negative)
		value = -value;
	if (!isfinite(value))
		return false;
	*ret = value;
	return true;
}

static bool is_bool(struct str s, double *ret)
{
	*ret = str_is(s, "true") || str_is(s, "True") || str_is(s, "TRUE");
	return *ret > 0 || str_is(s, "false") || str_is(s, "False") || str_is(s, "FALSE");
}

static bool may_be_quantity(char first)
{
	return digit(first) || (first && strchr("+-.~$", first)) || (unsigned char)first >= 0x80;
}

bool reader_quantity(struct cell *c, struct str s, char decimal)
{
	struct quantity q;

	if (!s.len || !may_be_quantity(s.at[0]) || !quantity_parse(&q, s, decimal))
		return false;
	c->kind = CELL_NUMBER;
	c->number = q.number;
	c->unit = q.unit;
	return true;
}

void reader_cell(struct cell *c, const char *text, size_t len, char decimal)
{
	struct str s = {text, len};

	*c = (struct cell){.kind = CELL_TEXT, .text = text};
	if (len == 0)
		c->kind = CELL_EMPTY;
	else if (reader_number(s, decimal, &c->number))
		c->kind = CELL_NUMBER;
	else if (len <= 5 && is_bool(s, &c->number))
		c->kind = CELL_BOOL;
	else
		(void)reader_quantity(c, s, decimal);
}

bool reader_make_columns(struct table *t, struct arena *arena)
{
	struct cell *cells = NULL;
	size_t n;

	if (!__builtin_mul_overflow(t->n_rows, t->n_columns, &n))
		cells = arena_calloc(arena, n, sizeof *cells);
	t->columns = arena_calloc(arena, t->n_columns, sizeof *t->columns);
	for (size_t i = 0; cells && t->columns && i < t->n_columns; i++)
		t->columns[i].values = cells + i * t->n_rows;
	return cells && t->columns;
}

static bool is_taken(const struct column *columns, size_t n, const char *name)
{
	for (size_t k = 0; k < n; k++)
		if (columns[k].name[0] == name[0] && strcmp(columns[k].name, name) == 0)
			return true;
	return false;
}

/* "name#2" for the second of a name, "column 3" for none; once more if somebody has that name. */
static const char *unique(struct column *columns, uint64_t *hashes, const char *const *names,
                          size_t i, struct arena *arena)
{
	const char *name = names[i];
	size_t nth = 1;

	for (size_t k = 0; k < i; k++)
		nth += hashes[k] == hashes[i] && strcmp(names[k], name) == 0;
	if (*name == '\0')
		name = arena_printf(arena, "column %zu", i + 1);
	else if (nth > 1)
		name = arena_printf(arena, "%s#%zu", name, nth);
	while (name && is_taken(columns, i, name))
		name = arena_printf(arena, "%s#2", name);
	return name;
}

int reader_name_columns(struct column *columns, const char *const *names, size_t n,
                        struct arena *arena)
{
	CLEANUP(freep) uint64_t *hashes = calloc(n ? n : 1, sizeof *hashes);

	if (!hashes)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		hashes[i] = reader_hash(READER_HASH, names[i], strlen(names[i]));
		columns[i].name = unique(columns, hashes, names, i, arena);
		if (!columns[i].name)
			return -ENOMEM;
	}
	return 0;
}
