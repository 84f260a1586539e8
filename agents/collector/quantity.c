/* SPDX-License-Identifier: MIT */
#include "agents/collector/quantity.h"

#include <math.h>

#include "agents/collector/reader.h"
#include "lib/evidence/unit.h"

#define TEXT_BYTES_MAX 128 /* a longer cell is prose */

static const struct cell_unit scales[UNIT_SCALES] = {
	{"", 1}, {"", 1e3}, {"", 1e6}, {"", 1e9}, {"", 1e12}};

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool take(struct str *s, const char *prefix)
{
	size_t n = strlen(prefix);

	if (s->len < n || memcmp(s->at, prefix, n) != 0)
		return false;
	s->at += n;
	s->len -= n;
	return true;
}

static bool take_any(struct str *s, const char *const *prefixes)
{
	for (; *prefixes; prefixes++)
		if (take(s, *prefixes))
			return true;
	return false;
}

/* Blanks of any width: U+00A0, U+2009, U+202F. */
static struct str without_blanks(struct str s)
{
	static const char *const blanks[] = {" ", "\t", "\302\240", "\342\200\211", "\342\200\257",
	                                     NULL};

	while (take_any(&s, blanks))
		;
	return s;
}

/* --- digits -------------------------------------------------------------------- */

/* As reader_number() wants it: "-1234.5". */
struct plain {
	char text[TEXT_BYTES_MAX];
	size_t len;
};

static size_t digits_at(struct str s)
{
	size_t n = 0;

	while (n < s.len && digit(s.at[n]))
		n++;
	return n;
}

static void put(struct plain *p, struct str *s, size_t n)
{
	memcpy(p->text + p->len, s->at, n);
	p->len += n;
	s->at += n;
	s->len -= n;
}

static bool take_sign(struct str *s, struct plain *p)
{
	bool minus = take(s, "-") || take(s, "\342\210\222"); /* U+2212 */

	if (minus)
		p->text[p->len++] = '-';
	return minus || take(s, "+");
}

static const char *take_currency(struct str *s)
{
	static const char *const signs[] = {"$", "€", "£"};

	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (take(s, signs[i]))
			return signs[i];
	return NULL;
}

/* The mark between thousands that stands here, "": none. */
static const char *group_mark(struct str s, char decimal)
{
	static const char *const marks[] = {
		"'", "\342\200\231", "\302\240", "\342\200\211", "\342\200\257", " "};
	struct str rest = s;

	if (take(&rest, decimal == '.' ? "," : "."))
		return decimal == '.' ? "," : ".";
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (take(&rest, marks[i]))
			return marks[i];
	return "";
}

/* All groups that follow have three digits and the same mark; else none is taken. */
static bool take_groups(struct str *s, struct plain *p, char decimal)
{
	const char *mark = group_mark(*s, decimal);
	struct plain kept = *p;
	struct str rest = *s;

	while (*mark && take(&rest, mark)) {
		if (digits_at(rest) != 3) {
			*p = kept;
			return false;
		}
		put(p, &rest, 3);
	}
	/* "100 200" are two numbers to many: a plain blank needs a fraction behind the last group
	 */
	if (!*mark || (*mark == ' ' && (!rest.len || *rest.at != decimal))) {
		*p = kept;
		return false;
	}
	*s = rest;
	return true;
}

static void take_exponent(struct str *s, struct plain *p)
{
	size_t sign, n;

	if (!s->len || (*s->at != 'e' && *s->at != 'E'))
		return;
	sign = s->len > 1 && (s->at[1] == '-' || s->at[1] == '+');
	n = digits_at((struct str){s->at + 1 + sign, s->len - 1 - sign});
	if (n)
		put(p, s, 1 + sign + n);
}

/* Takes a number off the front of *s. */
static bool take_number(struct str *s, double *ret, char decimal)
{
	struct plain p = {.len = 0};
	size_t first;

	if (s->len >= sizeof p.text)
		return false;
	(void)take_sign(s, &p);
	first = digits_at(*s);
	if (first >= 1 && first <= 3 && *s->at != '0') {
		put(&p, s, first);
		(void)take_groups(s, &p, decimal);
	} else {
		put(&p, s, first);
	}
	if (s->len > 1 && *s->at == decimal && digit(s->at[1])) {
		p.text[p.len++] = '.';
		s->at++;
		s->len--;
		put(&p, s, digits_at(*s));
	}
	if (!p.len)
		return false;
	take_exponent(s, &p);
	return reader_number((struct str){p.text, p.len}, '.', ret);
}

/* --- units --------------------------------------------------------------------- */

static size_t scale_of(char c)
{
	const char *letters = "kMGT", *at = c ? strchr(letters, c == 'K' ? 'k' : c) : NULL;

	return at ? (size_t)(at - letters) + 1 : 0;
}

/* "7B" is the size of a model, "112 B" are bytes. */
static bool is_glued_b(struct str behind)
{
	return behind.len == 1 && *behind.at == 'B';
}

/* What stands behind the digits, NULL: no unit. */
static const struct cell_unit *unit_of(struct str behind)
{
	struct str text = without_blanks(behind);
	const struct unit *unit = unit_find(text);
	size_t scale;

	if (!text.len)
		return &scales[0];
	if (unit)
		return is_glued_b(behind) ? NULL : &unit->as[0];
	scale = scale_of(*text.at);
	text.at++;
	text.len--;
	if (!scale || !text.len)
		return scale ? &scales[scale] : NULL;
	unit = unit_find(without_blanks(text));
	return unit && unit->counts ? &unit->as[scale] : NULL;
}

static const struct cell_unit *currency_unit(const char *sign, struct str behind)
{
	const struct unit *unit = unit_find(str_of(sign));
	const struct cell_unit *scale = unit_of(behind);

	return unit && scale && !*scale->text ? &unit->as[scale - scales] : NULL;
}

/* --- "41.3 ± 0.6" --------------------------------------------------------------- */

static bool find_spread(struct str s, struct str *ret_before, struct str *ret_behind)
{
	static const char *const signs[] = {"±", "+/-", "+-", NULL};

	for (size_t i = 0; i < s.len; i++) {
		struct str rest = {s.at + i, s.len - i};

		if (!take_any(&rest, signs))
			continue;
		*ret_before = (struct str){s.at, i};
		*ret_behind = without_blanks(rest);
		return true;
	}
	return false;
}

static struct str trimmed(struct str s)
{
	s = str_trim(s);
	while (s.len >= 2 && memcmp(s.at + s.len - 2, "\302\240", 2) == 0)
		s.len -= 2;
	return s;
}

/* "0.12 (± 0.03)" -> "0.12 ", "0.03" */
static bool open_brackets(struct str *before, struct str *behind)
{
	bool open = before->len && before->at[before->len - 1] == '(';
	bool close = behind->len && behind->at[behind->len - 1] == ')';

	before->len -= open;
	behind->len -= close;
	*before = trimmed(*before);
	return open == close;
}

/*
 * The unit may stand behind both numbers, behind the first one, or behind the second one for both.
 * "12 ± 3%" is left alone: the percent may be of the twelve, or what both are told in.
 */
static const struct cell_unit *spread_unit(struct str before, struct str behind, char decimal)
{
	const struct cell_unit *own, *spread;
	double width;

	if (!open_brackets(&before, &behind) || !take_number(&behind, &width, decimal))
		return NULL;
	own = unit_of(before);
	spread = unit_of(behind);
	if (!own || !spread || spread == own)
		return own && spread ? own : NULL;
	if (own == &scales[0])
		return *spread->text && strcmp(spread->text, "%") != 0 ? spread : NULL;
	return spread == &scales[0] || strcmp(spread->text, "%") == 0 ? own : NULL;
}

/* --- all of it ------------------------------------------------------------------- */

bool quantity_parse(struct quantity *ret, struct str text, char decimal)
{
	static const char *const about[] = {"~", "≈", NULL};
	struct str s = text, before, behind;
	const struct cell_unit *unit;
	const char *currency;
	double number;

	if (!s.len || s.len >= TEXT_BYTES_MAX)
		return false;
	(void)take_any(&s, about);
	s = without_blanks(s);
	currency = take_currency(&s);
	s = currency ? without_blanks(s) : s;
	if (!take_number(&s, &number, decimal))
		return false;
	if (currency)
		unit = currency_unit(currency, s);
	else if (find_spread(s, &before, &behind))
		unit = spread_unit(before, behind, decimal);
	else
		unit = unit_of(s);
	if (!unit || !isfinite(number * unit->factor))
		return false;
	*ret = (struct quantity){number * unit->factor, unit};
	return true;
}

/* --- the decimal mark -------------------------------------------------------------- */

static bool is_read(struct str text, char decimal)
{
	struct quantity q;

	return reader_number(text, decimal, &q.number) || quantity_parse(&q, text, decimal);
}

/* It stands between thousands, or not at all: no unit has such a mark. NULL: it is not there. */
static bool may_group(struct str text, const char *mark)
{
	return !mark ||
	       digits_at((struct str){mark + 1, text.len - (size_t)(mark + 1 - text.at)}) == 3;
}

enum decimal_hint quantity_hint(struct str text)
{
	const char *comma = text.len ? memchr(text.at, ',', text.len) : NULL;
	const char *point = text.len ? memchr(text.at, '.', text.len) : NULL;
	bool by_point, by_comma;

	if (!comma && !point)
		return HINT_NONE;
	by_point = may_group(text, comma) && is_read(text, '.');
	by_comma = may_group(text, point) && is_read(text, ',');
	if (by_point != by_comma)
		return by_point ? HINT_POINT : HINT_COMMA;
	return !by_point ? HINT_NONE : comma ? HINT_COMMA_MAYBE : HINT_POINT_MAYBE;
}

char quantity_decimal(const struct decimal_hints *h)
{
	if (h->n[HINT_POINT] && h->n[HINT_COMMA])
		return 0;
	if (h->n[HINT_POINT] || h->n[HINT_COMMA])
		return h->n[HINT_POINT] ? '.' : ',';
	return h->n[HINT_POINT_MAYBE] && !h->n[HINT_COMMA_MAYBE] ? '.' : 0;
}
