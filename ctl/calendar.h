/* SPDX-License-Identifier: MIT */
/*
 * calendar - the part of systemd's calendar events that cron can say, too.
 *
 * "02:30", "Mon..Fri 06:30", "*-*-1,15 02:30:00", "*:0/15", hourly, daily, weekly, monthly. What
 * else systemd knows (years, months, seconds, time zones) is no error, only none of this part.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "lib/base/util.h"

#define CALENDAR_CRON_BYTES 512
#define CALENDAR_DUE_BYTES  sizeof "2026-11-29T02:30"

struct calendar {                                /* bit i is set: then */
	uint64_t minutes, hours, days, weekdays; /* days from 1; weekdays from 0, Sunday */
};

/* false: it is none of this part. */
bool calendar_parse(struct calendar *ret, const char *text) MUST_USE;

/*
 * NULL, or why systemd's calendar would not take it at a glance: characters that none has. It may
 * stand in a unit file as it is.
 */
const char *calendar_check(const char *text);

/* The first five fields of a line of cron. false: cron says "or" where systemd says "and". */
bool calendar_cron(const struct calendar *c, char ret[static CALENDAR_CRON_BYTES]) MUST_USE;

/* The last time at or before `now`, both by the clock on the wall. false: none in ten years. */
bool calendar_due(const struct calendar *c, const struct tm *now,
                  char ret[static CALENDAR_DUE_BYTES]) MUST_USE;
