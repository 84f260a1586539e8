/* SPDX-License-Identifier: MIT */
#include "ctl/calendar.h"

#include <stdio.h>
#include <strings.h>

#include "lib/base/buf.h"
#include "lib/base/str.h"

#define TEXT_BYTES_MAX 200
#define DAYS_BACK_MAX  3660
#define DAY_S          86400
#define MINUTES_A_DAY  1440

/* Bits from `first` to `last`. */
static uint64_t bits(unsigned first, unsigned last)
{
	return (UINT64_C(2) << last) - (UINT64_C(1) << first);
}

#define ALL_MINUTES  bits(0, 59)
#define ALL_HOURS    bits(0, 23)
#define ALL_DAYS     bits(1, 31)
#define ALL_WEEKDAYS bits(0, 6)

static bool has(uint64_t set, unsigned i)
{
	return i < 64 && (set >> i & 1);
}

/* --- words ---------------------------------------------------------------- */

/* Up to the next of `ends`; *at moves behind it. */
static struct str next(const char **at, const char *ends)
{
	struct str s = {*at, strcspn(*at, ends)};

	*at += s.len;
	*at += **at != '\0';
	return s;
}

static bool number(unsigned *ret, struct str s)
{
	unsigned v = 0;

	if (s.len < 1 || s.len > 2)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] < '0' || s.at[i] > '9')
			return false;
		v = v * 10 + (unsigned)(s.at[i] - '0');
	}
	*ret = v;
	return true;
}

static bool weekday(unsigned *ret, struct str s)
{
	static const char *const names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
	                                    "Thursday", "Friday", "Saturday"};

	for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
		if ((s.len == 3 || s.len == strlen(names[i])) &&
		    strncasecmp(s.at, names[i], s.len) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

/* Where ".." stands in it; its length, if nowhere. */
static size_t dots(struct str s)
{
	for (size_t i = 0; i + 1 < s.len; i++) {
		if (s.at[i] == '.' && s.at[i + 1] == '.')
			return i;
	}
	return s.len;
}

typedef bool value_fn(unsigned *ret, struct str s);

/* "4", "4..7" by value(). A range may go over the end of the week: Sat..Mon. */
static bool add_range(uint64_t *set, struct str s, uint64_t all, value_fn *value)
{
	size_t at = dots(s);
	unsigned first, last;

	if (!value(&first, (struct str){s.at, at}) || !has(all, first))
		return false;
	last = first;
	if (at < s.len &&
	    (!value(&last, (struct str){s.at + at + 2, s.len - at - 2}) || !has(all, last)))
		return false;
	*set |= first <= last ? bits(first, last) : all & ~bits(last + 1, first - 1);
	return first <= last || all == ALL_WEEKDAYS;
}

/* Each `step` from the first on. */
static bool keep_steps(uint64_t *set, uint64_t all, struct str first, struct str step)
{
	unsigned from = all & 1 ? 0 : 1, by;

	if (!str_is(first, "*") && !number(&from, first))
		return false;
	if (!number(&by, step) || by == 0 || !has(all, from))
		return false;
	for (unsigned i = from; i < 64; i += by)
		*set |= all & UINT64_C(1) << i;
	return true;
}

static bool add_item(uint64_t *set, struct str s, uint64_t all, value_fn *value)
{
	const char *slash = memchr(s.at, '/', s.len);

	if (slash && value == number)
		return keep_steps(set, all, (struct str){s.at, (size_t)(slash - s.at)},
		                  (struct str){slash + 1, (size_t)(s.at + s.len - slash - 1)});
	if (str_is(s, "*") && value == number) {
		*set |= all;
		return true;
	}
	return add_range(set, s, all, value);
}

/* A list of items with commas between. */
static bool field(uint64_t *ret, struct str s, uint64_t all, value_fn *value)
{
	uint64_t set = 0;

	for (size_t at = 0; at <= s.len;) {
		const char *comma = memchr(s.at + at, ',', s.len - at);
		size_t len = comma ? (size_t)(comma - s.at) - at : s.len - at;

		if (!add_item(&set, (struct str){s.at + at, len}, all, value))
			return false;
		at += len + 1;
	}
	*ret = set;
	return true;
}

/* --- the whole ------------------------------------------------------------ */

static bool is_zero(struct str s)
{
	return str_is(s, "0") || str_is(s, "00");
}

/* "HH:MM" or "HH:MM:00". */
static bool time_of_day(struct calendar *c, struct str s)
{
	const char *first = memchr(s.at, ':', s.len), *second;
	struct str rest;

	if (!first)
		return false;
	rest = (struct str){first + 1, (size_t)(s.at + s.len - first - 1)};
	second = memchr(rest.at, ':', rest.len);
	if (second && !is_zero((struct str){second + 1, (size_t)(s.at + s.len - second - 1)}))
		return false;
	if (second)
		rest.len = (size_t)(second - rest.at);
	return field(&c->hours, (struct str){s.at, (size_t)(first - s.at)}, ALL_HOURS, number) &&
	       field(&c->minutes, rest, ALL_MINUTES, number);
}

/* "*-*-DAYS" or "*-DAYS": of each month. */
static bool date(struct calendar *c, struct str s)
{
	size_t skip = s.len > 4 && memcmp(s.at, "*-*-", 4) == 0 ? 4 : 2;

	if (s.len <= skip || memcmp(s.at, "*-", 2) != 0)
		return false;
	return field(&c->days, (struct str){s.at + skip, s.len - skip}, ALL_DAYS, number);
}

static bool by_word(struct calendar *c, const char *text)
{
	const struct {
		const char *name;
		struct calendar means;
	} words[] = {{"hourly", {1, ALL_HOURS, ALL_DAYS, ALL_WEEKDAYS}},
	             {"daily", {1, 1, ALL_DAYS, ALL_WEEKDAYS}},
	             {"weekly", {1, 1, ALL_DAYS, UINT64_C(1) << 1}},
	             {"monthly", {1, 1, UINT64_C(1) << 1, ALL_WEEKDAYS}}};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcasecmp(text, words[i].name) == 0) {
			*c = words[i].means;
			return true;
		}
	}
	return false;
}

/* [WEEKDAYS] [DATE] [TIME], of which at least one. */
static bool by_parts(struct calendar *c, const char *text)
{
	const char *at = text;
	struct str s = next(&at, " ");
	bool any = false;

	*c = (struct calendar){1, 1, ALL_DAYS, ALL_WEEKDAYS};
	if (field(&c->weekdays, s, ALL_WEEKDAYS, weekday)) {
		s = next(&at, " ");
		any = true;
	}
	if (s.len && date(c, s)) {
		s = next(&at, " ");
		any = true;
	}
	if (s.len == 0)
		return any && !*at;
	return time_of_day(c, s) && !*at;
}

bool calendar_parse(struct calendar *ret, const char *text)
{
	struct calendar c;

	if (!by_word(&c, text) && !by_parts(&c, text))
		return false;
	*ret = c;
	return true;
}

const char *calendar_check(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789*:~.,/+_- ";
	size_t len = strlen(text);

	if (len > TEXT_BYTES_MAX || text[strspn(text, allowed)] || len == 0 || text[0] == ' ' ||
	    text[0] == '-')
		return "is no calendar event such as \"02:30\" or \"Mon..Fri 06:30\" "
		       "(man systemd.time)";
	return NULL;
}

/* --- what it says ----------------------------------------------------------- */

static void add_field(struct buf *b, uint64_t set, uint64_t all)
{
	const char *comma = "";

	if (set == all) {
		buf_puts(b, "*");
		return;
	}
	for (unsigned i = 0; i < 64; i++) {
		if (!has(set, i))
			continue;
		buf_printf(b, "%s%u", comma, i);
		comma = ",";
	}
}

bool calendar_cron(const struct calendar *c, char ret[static CALENDAR_CRON_BYTES])
{
	struct buf b = BUF_INIT(CALENDAR_CRON_BYTES - 1);
	bool good = c->days == ALL_DAYS || c->weekdays == ALL_WEEKDAYS;

	add_field(&b, c->minutes, ALL_MINUTES);
	buf_putc(&b, ' ');
	add_field(&b, c->hours, ALL_HOURS);
	buf_putc(&b, ' ');
	add_field(&b, c->days, ALL_DAYS);
	buf_puts(&b, " * ");
	add_field(&b, c->weekdays, ALL_WEEKDAYS);
	good = good && !b.failed;
	if (good)
		(void)snprintf(ret, CALENDAR_CRON_BYTES, "%s", buf_text(&b));
	buf_done(&b);
	return good;
}

/* The last minute of a day, at or before `minute`; -1: none. */
static int last_minute(const struct calendar *c, int minute)
{
	while (minute >= 0 && !(c->hours >> (minute / 60) & c->minutes >> (minute % 60) & 1))
		minute--;
	return minute;
}

bool calendar_due(const struct calendar *c, const struct tm *now,
                  char ret[static CALENDAR_DUE_BYTES])
{
	struct tm noon = {.tm_year = now->tm_year,
	                  .tm_mon = now->tm_mon,
	                  .tm_mday = now->tm_mday,
	                  .tm_hour = 12};
	time_t day = timegm(&noon); /* days are counted without a zone: none is 23 hours long */

	for (int back = 0; back < DAYS_BACK_MAX; back++, day -= DAY_S) {
		int minute = back ? MINUTES_A_DAY - 1 : now->tm_hour * 60 + now->tm_min;
		struct tm tm;

		if (!gmtime_r(&day, &tm))
			return false;
		if (!(c->days >> tm.tm_mday & c->weekdays >> tm.tm_wday & 1))
			continue;
		minute = last_minute(c, minute);
		if (minute < 0)
			continue;
		tm.tm_hour = minute / 60, tm.tm_min = minute % 60;
		return strftime(ret, CALENDAR_DUE_BYTES, "%Y-%m-%dT%H:%M", &tm) > 0;
	}
	return false;
}
