/* SPDX-License-Identifier: MIT */
#include "agents/analyst/quantities.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/util.h"

#define NAME_BYTES 256 /* of longer names the first 200 are looked at */

static bool has_spread(const char *text)
{
	return strstr(text, "±") || strstr(text, "+-") || strstr(text, "+/-");
}

static bool is_same(const struct cell_unit *a, const struct cell_unit *b)
{
	return a == b || (strcmp(a->text, b->text) == 0 && !(a->factor < b->factor) &&
	                  !(a->factor > b->factor));
}

void unit_tally_add(struct unit_tally *t, const struct cell *number)
{
	size_t i = 0;

	t->spread += number->unit && has_spread(number->text);
	if (!number->unit || !*number->unit->text) {
		t->bare++;
		t->scaled += number->unit && number->unit->factor > 1;
		return;
	}
	while (i < t->n_seen && !is_same(t->seen[i].as, number->unit))
		i++;
	if (i == UNIT_TALLY) {
		t->rest++;
		return;
	}
	t->seen[i].as = number->unit;
	t->seen[i].n++;
	t->n_seen += i == t->n_seen;
}

static const struct unit *unit_seen(const struct unit_tally *t, size_t i)
{
	return unit_find(str_of(t->seen[i].as->text));
}

/* "12.3MB" in a column of rates. */
static bool is_each_second(const struct unit *own, const struct unit *rate)
{
	size_t len = strlen(own->base);

	return strncmp(own->base, rate->base, len) == 0 && strcmp(rate->base + len, "/s") == 0;
}

static const struct unit *each_second(const struct unit *own)
{
	char text[NAME_BYTES];

	(void)snprintf(text, sizeof text, "%s/s", own->name);
	return unit_find(str_of(text));
}

/* "883.362M/s" is in whatever is counted a second: bytes, if the column is of bytes a second. */
static bool turns_into(const struct unit *own, const struct unit *unit)
{
	return strcmp(own->base, unit->base) == 0 || is_each_second(own, unit) ||
	       (strcmp(own->name, "/s") == 0 &&
	        (strcmp(unit->name, "bytes/s") == 0 || (unit->counts && unit->factor <= 1)));
}

/* How many cells are in a unit that turns into this one, or has this name. */
static size_t count_alike(const struct unit_tally *t, const struct unit *unit, bool by_name)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n_seen; i++) {
		const struct unit *u = unit_seen(t, i);

		if (u && (by_name ? strcmp(u->name, unit->name) == 0 : turns_into(u, unit)))
			n += t->seen[i].n;
	}
	return n;
}

/* Of the dimension of most cells the unit of most of them. */
static const struct unit *commonest(const struct unit_tally *t)
{
	const struct unit *best = NULL;
	size_t most = 0, most_named = 0;

	for (size_t i = 0; i < t->n_seen; i++) {
		const struct unit *u = unit_seen(t, i);
		size_t n = u ? count_alike(t, u, false) : 0;
		size_t named = u ? count_alike(t, u, true) : 0;

		if (n > most || (n && n == most && named > most_named)) {
			best = u;
			most = n;
			most_named = named;
		}
	}
	return best;
}

struct column_unit column_unit_of(const struct unit_tally *t, const char *told)
{
	const struct unit *by_header = told ? unit_find(str_of(told)) : NULL, *common;
	const struct unit *unit;
	size_t in_it, all = t->bare + t->rest;
	struct column_unit ret;

	common = commonest(t);
	if (told && common && strcmp(told, "/s") == 0)
		by_header = each_second(common);
	unit = by_header ? by_header : common;
	in_it = unit ? count_alike(t, unit, false) : 0;
	ret = (struct column_unit){.unit = unit, .bare = by_header || !unit};
	for (size_t i = 0; i < t->n_seen; i++)
		all += t->seen[i].n;
	if (!by_header && t->bare >= in_it && t->bare)
		ret = (struct column_unit){.bare = true};
	in_it = ret.unit ? in_it + (ret.bare ? t->bare : 0) : t->bare;
	ret.mixed = in_it * 2 <= all && all;
	return ret;
}

/* A thousandth as anybody writes it, and not the double beside it. */
static double quotient(double a, double b)
{
	char text[32];

	(void)snprintf(text, sizeof text, "%.15g", a / b);
	return strtod(text, NULL);
}

double column_unit_factor(const struct column_unit *u, const struct cell *number)
{
	double scale = number->unit ? number->unit->factor : 1;
	bool zero = !(number->number < 0) && !(number->number > 0);
	const struct unit *own;

	if (!number->unit || !*number->unit->text)
		return u->bare || zero ? scale : 0;
	own = u->unit ? unit_find(str_of(number->unit->text)) : NULL;
	if (!own || !turns_into(own, u->unit))
		return 0;
	if (strcmp(own->name, u->unit->name) == 0)
		return scale;
	return quotient(scale * own->factor, u->unit->factor);
}

/* The unit in brackets that says the same of a quantity: time per operation is time. */
static const char *bracket_of(const struct unit *u)
{
	size_t len = strlen(u->base);

	if (strncmp(u->base, "s/", 2) == 0)
		return "s";
	if (u->counts || strcmp(u->base, "bit/s") == 0 || strcmp(u->base, "FLOP/s") == 0)
		return "ops/s";
	return len > 2 && strcmp(u->base + len - 2, "/s") == 0 ? "MB/s" : u->name;
}

struct measure measure_in(const char *name, const char *parent, const struct unit *unit)
{
	const char *margin = name_is_error(name) ? " margin" : "";
	struct measure m;
	char text[NAME_BYTES];

	(void)snprintf(text, sizeof text, "%.200s%s [%s]", name, margin, bracket_of(unit));
	m = measure_of(text, parent);
	if (m.flow && strcmp(unit->name, "%") == 0) /* a share of a rate or of a time */
		m = (struct measure){.rank = RANK_UNKNOWN};
	m.known = !name_is_time(name) && !name_is_index(name);
	m.unit = unit->name;
	return m;
}

bool text_means_nothing(const char *text)
{
	static const char *const nothing[] = {"n/a",
	                                      "na",
	                                      "#n/a",
	                                      "[n/a]",
	                                      "-",
	                                      "--",
	                                      "–",
	                                      "—",
	                                      "?",
	                                      "nan",
	                                      "inf",
	                                      "+inf",
	                                      "-inf",
	                                      "infinity",
	                                      "-infinity",
	                                      "null",
	                                      "none",
	                                      "nil",
	                                      "[not supported]",
	                                      "not supported",
	                                      "<not supported>",
	                                      "<not counted>",
	                                      "[unknown error]",
	                                      "[insufficient permissions]"};

	for (size_t i = 0; i < ARRAY_LEN(nothing); i++)
		if (strcasecmp(text, nothing[i]) == 0)
			return true;
	return false;
}

bool text_is_unclear(const char *text)
{
	size_t first = strspn(text, "0123456789");

	return first >= 1 && first <= 3 && (text[first] == ',' || text[first] == '.') &&
	       strspn(text + first + 1, "0123456789") == 3;
}
