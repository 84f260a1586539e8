/* SPDX-License-Identifier: MIT */
#include "lib/base/clock.h"

#include <stdio.h>
#include <time.h>

int64_t clock_now_ms(void)
{
	struct timespec ts = {0};

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_now_s(void)
{
	return clock_now_ms() / 1000;
}

uint64_t clock_mono_ns(void)
{
	struct timespec ts = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

void clock_text(char ret[static CLOCK_TEXT_BYTES], int64_t unix_s)
{
	static const int64_t first = -62135596800, last = 253402300799; /* years 1 and 9999 */
	struct tm tm = {0};
	time_t t = (time_t)(unix_s < first ? first : unix_s > last ? last : unix_s);

	(void)gmtime_r(&t, &tm);
	/* glibc's %Y is "1" in the year 1; the moduli tell gcc that nothing is cut */
	(void)snprintf(ret, CLOCK_TEXT_BYTES, "%04u-%02u-%02uT%02u:%02u:%02uZ",
	               (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)(tm.tm_mon + 1) % 100,
	               (unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100,
	               (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
}

/* Exactly n digits at *s; moves on. */
static bool digits(struct str *s, size_t n, int *ret)
{
	int v = 0;

	if (s->len < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->at[i] < '0' || s->at[i] > '9')
			return false;
		v = v * 10 + (s->at[i] - '0');
	}
	s->at += n;
	s->len -= n;
	*ret = v;
	return true;
}

static bool one_of(struct str *s, const char *set, char *ret)
{
	if (!s->len || !s->at[0] || !strchr(set, s->at[0]))
		return false;
	*ret = s->at[0];
	s->at++;
	s->len--;
	return true;
}

/* "", "Z", "+02:00", "-0400" */
static bool zone(struct str *s, int64_t *ret_s)
{
	int h, m;
	char c, colon;

	*ret_s = 0;
	if (!s->len)
		return true;
	if (one_of(s, "Zz", &c))
		return s->len == 0;
	if (!one_of(s, "+-", &c) || !digits(s, 2, &h))
		return false;
	(void)one_of(s, ":", &colon);
	if (!digits(s, 2, &m) || s->len || h > 23 || m > 59)
		return false;
	*ret_s = (c == '-' ? -1 : 1) * (h * 3600 + m * 60);
	return true;
}

static int days_of(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month] + (month == 1 && leap);
}

bool clock_parse(struct str text, int64_t *ret_unix_s)
{
	struct str s = str_trim(text);
	struct tm tm = {0};
	int64_t off;
	int year, skip;
	char c;

	if (!digits(&s, 4, &year) || !one_of(&s, "-", &c) || !digits(&s, 2, &tm.tm_mon) ||
	    !one_of(&s, "-", &c) || !digits(&s, 2, &tm.tm_mday) || !one_of(&s, "Tt ", &c) ||
	    !digits(&s, 2, &tm.tm_hour) || !one_of(&s, ":", &c) || !digits(&s, 2, &tm.tm_min))
		return false;
	if (one_of(&s, ":", &c) && !digits(&s, 2, &tm.tm_sec))
		return false;
	if (one_of(&s, ".,", &c)) {
		if (!digits(&s, 1, &skip))
			return false;
		while (digits(&s, 1, &skip))
			;
	}
	s = str_trim(s);
	if (tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31 ||
	    tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60 || !zone(&s, &off))
		return false;
	tm.tm_year = year - 1900;
	tm.tm_mon -= 1;
	if (tm.tm_mday > days_of(year, tm.tm_mon))
		return false;
	*ret_unix_s = (int64_t)timegm(&tm) - off;
	return true;
}
