/* SPDX-License-Identifier: MIT */
#include "agents/analyst/stamp.h"

#include <stdio.h>

#include "lib/base/clock.h"
#include "lib/base/util.h"

#define EPOCH_FIRST  1000000000 /* 2001: shorter numbers are no times */
#define EPOCH_LAST   4102444800 /* 2100 */
#define THOUSAND     1000
#define COMMIT_LEAST 7
#define COMMIT_FULL  40
#define ZONE_HOURS   14

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool hex(char c)
{
	return digit(c) || (c >= 'a' && c <= 'f');
}

size_t digits_at(const char *s)
{
	size_t n = 0;

	while (digit(s[n]))
		n++;
	return n;
}

static int number(const char *s, size_t n)
{
	int v = 0;

	for (size_t i = 0; i < n; i++)
		v = v * 10 + (s[i] - '0');
	return v;
}

struct stamp {
	int year, month, day, hour, minute, second, zone_s;
};

static bool valid_date(const struct stamp *t)
{
	return t->year >= 1990 && t->year < 2100 && t->month >= 1 && t->month <= 12 &&
	       t->day >= 1 && t->day <= 31;
}

/* "20251002", "2025-10-02", "2025_10_02", "2025/10/02": its length, 0 for none. */
static size_t read_date(const char *s, struct stamp *t)
{
	size_t n = digits_at(s);

	if (n == 8 || n == 14) {
		*t = (struct stamp){
			.year = number(s, 4), .month = number(s + 4, 2), .day = number(s + 6, 2)};
		return valid_date(t) ? 8 : 0;
	}
	if (n != 4 || !s[4] || !strchr("-_/.", s[4]) || digits_at(s + 5) != 2 || s[7] != s[4] ||
	    digits_at(s + 8) != 2)
		return 0;
	*t = (struct stamp){
		.year = number(s, 4), .month = number(s + 5, 2), .day = number(s + 8, 2)};
	return valid_date(t) ? 10 : 0;
}

/* "15-18-24", "15:18", "3:00:00": its length, 0 for none. */
static size_t read_parted_clock(const char *s, struct stamp *t)
{
	size_t hours = digits_at(s), used;
	char gap = s[hours];

	if (hours < 1 || hours > 2 || !gap || !strchr("-_:.", gap) || (hours == 1 && gap != ':') ||
	    digits_at(s + hours + 1) != 2)
		return 0;
	t->hour = number(s, hours);
	t->minute = number(s + hours + 1, 2);
	used = hours + 3;
	if (s[used] == gap && digits_at(s + used + 1) == 2) {
		t->second = number(s + used + 1, 2);
		used += 3;
	}
	return used;
}

/* What may follow a date: "-151824", "T15:18:24", "_15-18", "151824". */
static size_t read_clock(const char *s, struct stamp *t)
{
	size_t skip = *s && strchr("-_T. ", *s) ? 1 : 0, n = digits_at(s + skip), used = 0;

	if (n == 6 || n == 4) {
		t->hour = number(s + skip, 2);
		t->minute = number(s + skip + 2, 2);
		t->second = n == 6 ? number(s + skip + 4, 2) : 0;
		used = n;
	} else if (skip) {
		used = read_parted_clock(s + skip, t);
	}
	if (used && t->hour <= 23 && t->minute <= 59 && t->second <= 60)
		return skip + used;
	t->hour = t->minute = t->second = 0;
	return 0;
}

/* "+0100", "-04:00" */
static size_t read_offset(const char *s, struct stamp *t)
{
	size_t n = *s == '+' || *s == '-' ? digits_at(s + 1) : 0, colon;
	int hours, minutes;

	if (n != 2 && n != 4)
		return 0;
	colon = n == 2 && s[3] == ':' ? 1 : 0;
	if (digits_at(s + 3 + colon) != 2)
		return 0;
	hours = number(s + 1, 2);
	minutes = number(s + 3 + colon, 2);
	if (hours > ZONE_HOURS || minutes % 15 != 0 || minutes > 45)
		return 0;
	t->zone_s = (*s == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
	return 5 + colon;
}

/* Behind a clock: "Z"; behind "T15:18:24" also an offset, which elsewhere may be another number. */
static size_t read_zone(const char *s, bool iso, struct stamp *t)
{
	if (*s == 'Z' && !letter(s[1]))
		return 1;
	return iso ? read_offset(s, t) : 0;
}

static bool seconds_of(const struct stamp *t, int64_t *ret_s)
{
	char text[64];

	(void)snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", t->year, t->month,
	               t->day, t->hour, t->minute, t->second > 59 ? 59 : t->second);
	if (!clock_parse(str_of(text), ret_s))
		return false;
	*ret_s -= t->zone_s;
	return true;
}

bool stamp_of_number(double v, int64_t *ret_s)
{
	while (v > (double)EPOCH_LAST)
		v /= THOUSAND;
	if (!(v >= EPOCH_FIRST))
		return false;
	*ret_s = (int64_t)v;
	return true;
}

/* Seconds to nanoseconds since 1970, alone among digits. */
static size_t read_epoch(const char *s, int64_t *ret_s)
{
	size_t n = digits_at(s);
	int64_t v = 0;

	if (n != 10 && n != 13 && n != 16 && n != 19)
		return 0;
	for (size_t i = 0; i < 10; i++)
		v = v * 10 + (s[i] - '0');
	if (v < EPOCH_FIRST || v > EPOCH_LAST)
		return 0;
	*ret_s = v;
	return n;
}

size_t stamp_in_name(const char *s, int64_t *ret_s)
{
	struct stamp t;
	size_t n = read_epoch(s, ret_s), clock;

	if (n)
		return n;
	n = read_date(s, &t);
	if (!n)
		return 0;
	clock = read_clock(s + n, &t);
	if (clock)
		clock += read_zone(s + n + clock, s[n] == 'T', &t);
	return seconds_of(&t, ret_s) ? n + clock : 0;
}

bool stamp_of_text(struct str text, int64_t *ret_s)
{
	char s[64];
	struct stamp t;
	size_t n, clock;

	text = str_trim(text);
	if (clock_parse(text, ret_s))
		return true;
	if (!text.len || text.len >= sizeof s || memchr(text.at, '\0', text.len))
		return false;
	memcpy(s, text.at, text.len);
	s[text.len] = '\0';
	n = read_date(s, &t);
	if (!n)
		return false;
	clock = read_clock(s + n, &t);
	n += clock;
	if (clock && s[n] == '.' && digits_at(s + n + 1))
		n += 1 + digits_at(s + n + 1);
	if (clock && s[n] == ' ' && s[n + 1])
		n++;
	if (clock)
		n += read_zone(s + n, true, &t);
	return n == text.len && seconds_of(&t, ret_s);
}

/* Hexadecimal digits in groups of 8, 4, 4, 4 and 12. */
static size_t read_uuid(const char *s)
{
	static const size_t groups[] = {8, 4, 4, 4, 12};
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		if (i && s[at++] != '-')
			return 0;
		for (size_t k = 0; k < groups[i]; k++)
			if (!hex(s[at++]))
				return 0;
	}
	return at;
}

size_t commit_in_name(const char *s)
{
	static const char *const dirty[] = {"-dirty", "_dirty"};
	size_t n = read_uuid(s), digits = 0;

	if (!n) {
		for (; n <= COMMIT_FULL && hex(s[n]); n++)
			digits += digit(s[n]);
		if (n < COMMIT_LEAST || n > COMMIT_FULL ||
		    (n < COMMIT_FULL && (!digits || digits == n)))
			return 0;
	}
	if (digit(s[n]) || letter(s[n]))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(dirty); i++)
		if (strncmp(s + n, dirty[i], strlen(dirty[i])) == 0 &&
		    !letter(s[n + strlen(dirty[i])]))
			return n + strlen(dirty[i]);
	return n;
}

size_t run_word_in_name(const char *s)
{
	static const char *const words[] = {"run",   "iteration", "iter",  "rep",
	                                    "trial", "attempt",   "night", "build"};
	int64_t time_s;

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t n = strlen(words[i]), gap;

		if (strncmp(s, words[i], n) != 0)
			continue;
		gap = n + (s[n] && strchr("-_ ", s[n]) ? 1 : 0);
		if (digits_at(s + gap) > 0) /* "run-2025-10-02" has no number but a time */
			return stamp_in_name(s + gap, &time_s) ? 0 : gap;
	}
	return 0;
}

size_t counter_in_name(const char *s)
{
	static const char *const none = "unversioned_";

	if (digits_at(s) != 4 || s[4] != '_')
		return 0;
	return commit_in_name(s + 5) || strncmp(s + 5, none, strlen(none)) == 0 ? 4 : 0;
}
