/* SPDX-License-Identifier: MIT */
/*
 * Numbers in texts, and whether a locator's factor fits the unit behind them. The units are spelled
 * out here once more: what the collector takes them for is what is checked.
 */
#include "ctl/verify_impl.h"

#define RELATIVE 1e-9

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* --- digits ------------------------------------------------------------------ */

/* Bytes of a mark that may stand between thousands; 0: none. */
static size_t mark_at(const char *c, char decimal)
{
	static const char *const wide[] = {"\302\240", "\342\200\211", "\342\200\257",
	                                   "\342\200\231"};

	if (*c == (decimal == ',' ? '.' : ',') || *c == '\'' || *c == ' ')
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(wide); i++) {
		if (strncmp(c, wide[i], strlen(wide[i])) == 0)
			return strlen(wide[i]);
	}
	return 0;
}

/* How many groups of three follow, each behind the same mark; 0 where one is of another length. */
static size_t groups_at(const char *c, char decimal, size_t mark)
{
	const char *first = c;
	size_t n = 0;

	for (; mark && strncmp(c, first, mark) == 0 && is_digit(c[mark]); n++) {
		for (size_t i = 0; i < 3; i++) {
			if (!is_digit(c[mark + i]))
				return 0;
		}
		c += mark + 3;
		if (is_digit(*c))
			return 0;
	}
	return *first == ' ' && !(*c == decimal && is_digit(c[1])) ? 0 : n;
}

struct copying {
	char text[80];
	size_t n;
};

static void put(struct copying *to, char c)
{
	if (to->n + 1 < sizeof to->text)
		to->text[to->n++] = c;
	to->text[to->n] = '\0';
}

static const char *copy_digits(struct copying *to, const char *c)
{
	for (; is_digit(*c); c++)
		put(to, *c);
	return c;
}

/* The digits before the decimal mark, without the marks between thousands. */
static const char *copy_whole(struct copying *to, const char *c, char decimal)
{
	const char *from = c;
	size_t mark, n;

	c = copy_digits(to, c);
	if (c == from || c - from > 3 || *from == '0')
		return c;
	mark = mark_at(c, decimal);
	for (n = groups_at(c, decimal, mark); n > 0; n--)
		c = copy_digits(to, c + mark);
	return c;
}

/* As strtod() reads it; returns where it ends. */
static const char *copy_number(struct copying *to, const char *c, char decimal)
{
	size_t sign;

	c = copy_whole(to, c, decimal);
	if (*c == decimal && (is_digit(c[1]) || to->n)) {
		put(to, '.');
		c = copy_digits(to, c + 1);
	}
	if (*c != 'e' && *c != 'E')
		return c;
	sign = c[1] == '-' || c[1] == '+';
	if (!is_digit(c[1 + sign]))
		return c;
	put(to, 'e');
	if (sign)
		put(to, c[1]);
	return copy_digits(to, c + 1 + sign);
}

static bool is_minus(const char *text, const char *at)
{
	static const char minus[] = "\342\210\222"; /* U+2212 */

	return (at > text && at[-1] == '-') ||
	       (at - text >= 3 && memcmp(at - 3, minus, sizeof minus - 1) == 0);
}

/* The first number; *behind is what stands after it, NULL when there is none. */
static double number_in(const char *text, char decimal, const char **behind)
{
	struct copying copy = {.n = 0};
	const char *at = text;
	double value;
	char *end;

	*behind = NULL;
	while (*at && !is_digit(*at))
		at++;
	if (!*at)
		return NO_NUMBER;
	if (at > text && at[-1] == decimal)
		at--;
	if (is_minus(text, at))
		put(&copy, '-');
	*behind = copy_number(&copy, at, decimal);
	value = strtod(copy.text, &end);
	return end != copy.text && isfinite(value) ? value : NO_NUMBER;
}

double verify_number_in(const char *text, char decimal)
{
	const char *behind;

	return number_in(text, decimal, &behind);
}

/* --- units -------------------------------------------------------------------- */

/* Base OPAQUE: a unit that turns into no other; NULL: no unit at all. */
struct meaning {
	const char *base;
	double one;   /* one of it in its base */
	double scale; /* how many are counted as one: 1000 for "4.2k" */
};
#define OPAQUE "?"

struct spelled {
	const char *texts; /* between blanks */
	const char *base;
	double one;
};

static const struct spelled units[] = {
	{" ps picoseconds ", "s", 1e-12},
	{" ns nsec nsecs nsecond nanosecond nanoseconds ", "s", 1e-9},
	{" us µs μs usec usecs usecond microsecond microseconds ", "s", 1e-6},
	{" ms msec msecs msecond millisecond milliseconds ", "s", 1e-3},
	{" s sec secs second seconds ", "s", 1},
	{" min mins minute minutes ", "s", 60},
	{" h hr hrs hour hours ", "s", 3600},
	{" B byte bytes Byte Bytes ", "byte", 1},
	{" KiB kiB ", "byte", 1024},
	{" MiB ", "byte", 1048576},
	{" GiB ", "byte", 1073741824},
	{" TiB ", "byte", 1099511627776},
	{" B/s B/sec bytes/s bytes/sec byte/s byte/second ", "byte/s", 1},
	{" KiB/s KiB/sec ", "byte/s", 1024},
	{" MiB/s MiB/sec ", "byte/s", 1048576},
	{" GiB/s GiB/sec ", "byte/s", 1073741824},
	{" TiB/s TiB/sec ", "byte/s", 1099511627776},
	{" KB kB kb Kbyte kbyte KBytes ", "KB", 1},
	{" MB mb Mbyte MBytes ", "MB", 1},
	{" GB gb Gbyte GBytes ", "GB", 1},
	{" TB tb Tbyte ", "TB", 1},
	{" KB/s KB/sec kB/s kB/sec Kbyte/s Kbyte/second ", "KB/s", 1},
	{" MB/s MB/sec Mbyte/s Mbyte/second ", "MB/s", 1},
	{" GB/s GB/sec Gbyte/s Gbyte/second ", "GB/s", 1},
	{" TB/s TB/sec Tbyte/s Tbyte/second ", "TB/s", 1},
	{" bit/s bits/s bits/sec bps ", "bit/s", 1},
	{" kbit/s Kbit/s Kbits/sec kbps Kbps ", "bit/s", 1e3},
	{" Mbit/s Mbits/s Mbits/sec Mbps Mb/s ", "bit/s", 1e6},
	{" Gbit/s Gbits/s Gbits/sec Gbps Gb/s ", "bit/s", 1e9},
	{" mW ", "W", 1e-3},
	{" W watt watts Watt Watts ", "W", 1},
	{" kW ", "W", 1e3},
	{" uJ µJ μJ ", "J", 1e-6},
	{" mJ ", "J", 1e-3},
	{" J joule joules Joule Joules ", "J", 1},
	{" kJ ", "J", 1e3},
	{" Wh ", "J", 3600},
	{" kWh ", "J", 3.6e6},
	{" Hz ", "Hz", 1},
	{" kHz KHz ", "Hz", 1e3},
	{" MHz Mhz ", "Hz", 1e6},
	{" GHz Ghz ", "Hz", 1e9},
	{" FLOP/s FLOPS FLOPs FLOPs/s Flop/s Flops ", "FLOP/s", 1},
	{" MFLOP/s MFLOPS MFLOPs MFLOPs/s MFlop/s MFlops ", "FLOP/s", 1e6},
	{" GFLOP/s GFLOPS GFLOPs GFLOPs/s GFlop/s GFlops ", "FLOP/s", 1e9},
	{" TFLOP/s TFLOPS TFLOPs TFLOPs/s TFlop/s TFlops ", "FLOP/s", 1e12},
	{" PFLOP/s PFLOPS PFLOPs PFLOPs/s PFlop/s PFlops ", "FLOP/s", 1e15},
	{" ops/s op/s ops/sec ops/second operations/s operations/sec iops IOPS ", "ops/s", 1},
	{" ops/ms op/ms ", "ops/s", 1e3},
	{" ops/us ops/µs ops/μs ", "ops/s", 1e6},
	{" ops/ns ", "ops/s", 1e9},
	{" s/op ", "s/op", 1},
	{" ms/op ", "s/op", 1e-3},
	{" us/op µs/op μs/op ", "s/op", 1e-6},
	{" ns/op ", "s/op", 1e-9},
	{" s/iter ", "s/iter", 1},
	{" ms/iter ", "s/iter", 1e-3},
	{" us/iter µs/iter μs/iter ", "s/iter", 1e-6},
	{" ns/iter ", "s/iter", 1e-9},
	{" s/token s/tok ", "s/token", 1},
	{" ms/token ms/tok ", "s/token", 1e-3},
	{" us/token us/tok µs/token µs/tok μs/token μs/tok ", "s/token", 1e-6},
	{" ns/token ns/tok ", "s/token", 1e-9},
};

static bool find_unit(struct str text, struct meaning *ret)
{
	char word[32];

	if (text.len == 0 || text.len + 3 > sizeof word || memchr(text.at, ' ', text.len))
		return false;
	(void)snprintf(word, sizeof word, " %.*s ", (int)text.len, text.at);
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (strstr(units[i].texts, word)) {
			*ret = (struct meaning){units[i].base, units[i].one, 1};
			return true;
		}
	}
	return false;
}

/* Blanks and what tells of a spread are cut off on both sides. */
static struct str cut_blanks(struct str s)
{
	static const char wide[] = "\302\240";

	s = str_trim(s);
	for (; s.len >= 2 && memcmp(s.at, wide, 2) == 0; s = str_trim(s))
		s.at += 2, s.len -= 2;
	for (; s.len >= 2 && memcmp(s.at + s.len - 2, wide, 2) == 0; s = str_trim(s))
		s.len -= 2;
	return s;
}

static const char *spread_in(const char *text)
{
	static const char *const signs[] = {"±", "+/-", "+-"};

	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		if (strstr(text, signs[i]))
			return strstr(text, signs[i]);
	}
	return NULL;
}

/* "41.3 ± 0.6 ms": the unit behind the spread is that of both. */
static struct str unit_text(const char *behind, char decimal)
{
	const char *spread = spread_in(behind), *after = NULL;
	struct str own = cut_blanks(
		(struct str){behind, spread ? (size_t)(spread - behind) : strlen(behind)});

	if (own.len && own.at[own.len - 1] == '(')
		own = cut_blanks((struct str){own.at, own.len - 1});
	if (spread && !own.len)
		(void)number_in(spread, decimal, &after);
	if (!after)
		return own;
	own = cut_blanks(str_of(after));
	own.len -= own.len && own.at[own.len - 1] == ')';
	return own;
}

static double scale_of(char c)
{
	switch (c) {
	case 'k':
	case 'K':
		return 1e3;
	case 'M':
		return 1e6;
	case 'G':
		return 1e9;
	case 'T':
		return 1e12;
	}
	return 0;
}

/* "tok/s", "fps", "ops/ms": what is counted is counted in thousands, too. */
static bool is_rate(struct str text)
{
	static const char *const ends[] = {"/s",  "/sec", "/second", "fps",  "FPS", "qps",
	                                   "QPS", "rps",  "RPS",     "iops", "IOPS"};
	struct meaning m;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		size_t n = strlen(ends[i]);

		if (text.len >= n && memcmp(text.at + text.len - n, ends[i], n) == 0)
			return !memchr(text.at, ' ', text.len);
	}
	return find_unit(text, &m) && strcmp(m.base, "ops/s") == 0;
}

static struct meaning meaning_of(struct str text)
{
	struct meaning m = {NULL, 1, 1};
	struct str rest;

	if (!text.len || find_unit(text, &m))
		return m;
	m.base = OPAQUE;
	rest = cut_blanks((struct str){text.at + 1, text.len - 1});
	if (!(scale_of(*text.at) > 0) || (rest.len && !is_rate(rest)))
		return m;
	if (!rest.len)
		m.base = NULL;
	else
		(void)find_unit(rest, &m);
	m.scale = scale_of(*text.at);
	return m;
}

static bool has_currency(const char *text)
{
	return strchr(text, '$') || strstr(text, "€") || strstr(text, "£");
}

/* --- factors ------------------------------------------------------------------- */

static bool is_as(double a, double b)
{
	return verify_close(a, b, RELATIVE);
}

/* "ttft_s", "Mean (ms)", "/run/+*\/time_ns" without the plus: the unit at the end of a name. */
static bool unit_in_name(const char *name, struct meaning *ret)
{
	struct str s = cut_blanks(str_of(name));
	size_t from;

	while (s.len > 2 && memcmp(s.at + s.len - 2, "/*", 2) == 0)
		s.len -= 2;
	s.len -= s.len && (s.at[s.len - 1] == ')' || s.at[s.len - 1] == ']');
	for (from = s.len; from > 0 && !strchr("_ ([", s.at[from - 1]); from--)
		;
	return find_unit((struct str){s.at + from, s.len - from}, ret);
}

bool verify_is_unit(const char *text)
{
	struct meaning m;

	return find_unit(str_of(text), &m);
}

bool verify_unit_explains(const char *text, double factor)
{
	struct meaning m;

	for (size_t i = 0; find_unit(str_of(text), &m) && i < ARRAY_LEN(units); i++) {
		if (strcmp(units[i].base, m.base) == 0 && is_as(m.one / units[i].one, factor))
			return true;
	}
	return false;
}

void verify_factor(struct verify_cells *c, const char *text, char decimal, double factor,
                   const char *name)
{
	const char *behind;
	struct meaning m;
	double scale;

	if (c->counted)
		return;
	(void)number_in(text, decimal, &behind);
	m = meaning_of(unit_text(behind ? behind : "", decimal));
	if (has_currency(text))
		m.base = OPAQUE;
	scale = m.scale;
	if (!m.base && !is_as(factor, scale) && unit_in_name(name, &m))
		m.scale = scale; /* seconds by the header, told in ms */
	if (!m.base || strcmp(m.base, OPAQUE) == 0) {
		if (!is_as(factor, m.scale))
			verify_cells_bad(c, "factor %s, but \"%.40s\" asks for %s",
			                 verify_real(factor).text, text, verify_real(m.scale).text);
		return;
	}
	m.one = m.scale * m.one / factor;
	if (c->base && (strcmp(c->base, m.base) != 0 || !is_as(c->one, m.one)))
		verify_cells_bad(c, "factor %s does not turn \"%.40s\" into what the others are in",
		                 verify_real(factor).text, text);
	c->base = m.base;
	c->one = m.one;
}

/* What a line calls so much a second may stand there without the second. */
static bool is_each_second(const char *base, const char *rate)
{
	size_t len = strlen(base);

	return strncmp(base, rate, len) == 0 && strcmp(rate + len, "/s") == 0;
}

const char *verify_unit_fault(const struct verify_cells *c, const char *unit)
{
	struct meaning m = meaning_of(str_of(unit));

	if (!c->base)
		return NULL;
	if (!m.base || (strcmp(m.base, c->base) != 0 && !is_each_second(c->base, m.base)))
		return "but the cells are in units that do not turn into it";
	return is_as(m.one, c->one) ? NULL : "but the factors turn the cells into another one";
}
