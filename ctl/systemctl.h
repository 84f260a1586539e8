/* SPDX-License-Identifier: MIT */
/*
 * systemctl - systemd's own programs, run without a shell, for a limited time.
 */
#pragma once

#include <stddef.h>

#include "ctl/program.h"

#define SYSTEMCTL_WORDS_MAX 6
#define SYSTEMCTL(...)      ((const char *const[SYSTEMCTL_WORDS_MAX + 1]){__VA_ARGS__})

/* systemctl with these words, a NULL behind them; -EIO: it failed, and says why. */
int systemctl_do(const char *const words[], struct error *err) MUST_USE;

/* `systemctl show` of these properties ("A,B") of a unit. */
int systemctl_show(char ret[static PROGRAM_OUTPUT_BYTES], const char *unit, const char *properties,
                   struct error *err) MUST_USE;

/* What "KEY=" has behind it in such an output, cut to size; "" where there is no such line. */
void systemctl_value(char *ret, size_t size, const char *output, const char *key);

/* By systemd-analyze, where that is. -EINVAL: its words, or that the time never comes. */
int systemctl_check_calendar(const char *at, struct error *err) MUST_USE;
