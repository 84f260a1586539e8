/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>

#include "ctl/calendar.h"

static void cron_is(const char *text, const char *want)
{
	char got[CALENDAR_CRON_BYTES] = "none";
	struct calendar c;

	cr_expect_null(calendar_check(text), "%s", text);
	cr_assert(calendar_parse(&c, text), "%s", text);
	cr_expect_eq(calendar_cron(&c, got), want != NULL, "%s", text);
	cr_expect_str_eq(got, want ? want : "none");
}

Test(calendar, says_in_cron_what_systemd_means)
{
	cron_is("02:30", "30 2 * * *");
	cron_is("2:30:00", "30 2 * * *");
	cron_is("daily", "0 0 * * *");
	cron_is("hourly", "0 * * * *");
	cron_is("weekly", "0 0 * * 1");
	cron_is("monthly", "0 0 1 * *");
	cron_is("Mon..Fri 06:30", "30 6 * * 1,2,3,4,5");
	cron_is("sat..mon 06:30", "30 6 * * 0,1,6");
	cron_is("Sunday,Wed", "0 0 * * 0,3");
	cron_is("*-*-1,15 23:59", "59 23 1,15 * *");
	cron_is("*-*-* *:0/20", "0,20,40 * * * *");
	cron_is("*-1 4..6:00", "0 4,5,6 1 * *");
	cron_is("*-*-*/10 00:00", "0 0 1,11,21,31 * *");
}

/* cron fires on the first of a month or on a Monday, systemd on a Monday that is the first. */
Test(calendar, knows_what_cron_cannot_say)
{
	cron_is("Mon *-*-1 02:30", NULL);
}

Test(calendar, leaves_the_rest_to_systemd)
{
	static const char *const others[] = {
		"",           " ",          "02:30 UTC", "02:30 Europe/Prague",
		"2026-01-01", "*-6-1",      "02:30:15",  "02:30:*",
		"24:00",      "2:60",       "Mon",       "Mon..Fri..Sat 02:30",
		"Xyz 02:30",  "02:30,",     ",02:30",    "5..4:00",
		"*:0/0",      "*-*-0",      "*-*-32",    "yearly",
		"02:30  ",    "Mon  02:30", "02",        "*-*~1 02:30",
		"002:30",     "*-*-",       "02:30/",    "@1",
		"70/3:00",    "0:0..99",    "99:00"};
	struct calendar c;

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		bool known = strcmp(others[i], "Mon") == 0;

		cr_expect_eq(calendar_parse(&c, others[i]), known, "%s", others[i]);
	}
}

Test(calendar, lets_nothing_into_a_unit_file_that_it_would_expand_or_end)
{
	static const char *const bad[] = {"",    " 02:30", "-x",    "%h",    "02:30\n", "02:30;",
	                                  "a=b", "a\\n",   "\"a\"", "$HOME", "a#",      "\303\244"};
	char longest[300];

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		cr_expect_not_null(calendar_check(bad[i]), "%s", bad[i]);
	memset(longest, '1', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	cr_expect_not_null(calendar_check(longest));
	cr_expect_null(calendar_check("Mon *-*~07/1 02:30:00.5 America/Port-au-Prince"));
	cr_expect_null(calendar_check("02:30 Etc/GMT+5"));
}

static void due_is(const char *text, struct tm now, const char *want)
{
	char got[CALENDAR_DUE_BYTES] = "none";
	struct calendar c;

	cr_assert(calendar_parse(&c, text), "%s", text);
	now.tm_year -= 1900, now.tm_mon -= 1;
	cr_expect_eq(calendar_due(&c, &now, got), want != NULL, "%s", text);
	cr_expect_str_eq(got, want ? want : "none", "%s: %s", text, got);
}

Test(calendar, finds_the_last_time_that_was_due)
{
#define NOW(y, mo, d, h, mi) \
	((struct tm){.tm_year = y, .tm_mon = mo, .tm_mday = d, .tm_hour = h, .tm_min = mi})
	due_is("02:30", NOW(2026, 11, 29, 2, 30), "2026-11-29T02:30");
	due_is("02:30", NOW(2026, 11, 29, 2, 29), "2026-11-28T02:30");
	due_is("02:30", NOW(2026, 1, 1, 0, 0), "2025-12-31T02:30");
	due_is("hourly", NOW(2026, 11, 29, 23, 59), "2026-11-29T23:00");
	due_is("Mon..Fri 06:30", NOW(2026, 11, 29, 12, 0), "2026-11-27T06:30"); /* a Sunday */
	due_is("monthly", NOW(2026, 3, 31, 12, 0), "2026-03-01T00:00");
	due_is("*-*-29 00:00", NOW(2026, 3, 28, 12, 0), "2026-01-29T00:00");
	due_is("*:0/15", NOW(2026, 11, 29, 0, 14), "2026-11-29T00:00");
	due_is("*:10/15", NOW(2026, 11, 29, 0, 9), "2026-11-28T23:55");
#undef NOW
}
