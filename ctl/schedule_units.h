/* SPDX-License-Identifier: MIT */
/*
 * schedule_units - where a schedule lies, and what systemd is told of it.
 *
 *   /etc/chimerad/reviews/NAME                                       the review (scheduled.h)
 *   /etc/systemd/system/chimerad-review@NAME.timer.d/schedule.conf   its calendar
 *   /etc/systemd/system/UNIT.d/chimerad-review-NAME.conf             UNIT's end starts it
 *
 * $CHIMERAD_ROOT stands before all of these, and before /run/systemd/system, which tells whether
 * systemd runs here; where it does not, only the review is written.
 */
#pragma once

#include <stdbool.h>

#include "ctl/scheduled.h"

#define SCHEDULE_PATH_BYTES 4096
#define SCHEDULE_TIME_BYTES 64

bool schedule_has_systemd(void);

/* name is one by bind_check_name(), here and below, or "": the directory of all. */
int schedule_path(char ret[static SCHEDULE_PATH_BYTES], const char *name,
                  struct error *err) MUST_USE;

/* -ENOENT: systemd knows no such unit. -EINVAL: one that never ends. */
int schedule_check_after(const char *unit, struct error *err) MUST_USE;

/* Writes the review and the units, and starts the timer: all of it or nothing. -EEXIST. */
int schedule_install(const char *name, const struct scheduled *s, struct error *err) MUST_USE;

/* Goes on after an error, and returns the first. Only files that schedule_install() wrote go. */
int schedule_uninstall(const char *name, struct error *err) MUST_USE;

struct schedule_times {
	char next[SCHEDULE_TIME_BYTES],
		last[SCHEDULE_TIME_BYTES]; /* as systemd prints them, or "" */
};
/* "" without systemd, without a timer, or where it does not answer. */
void schedule_times(struct schedule_times *ret, const char *name);
