/* SPDX-License-Identifier: MIT */
/*
 * clock - the two clocks, and times as the report prints them (RFC 3339, UTC).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"
#include "lib/base/util.h"

#define CLOCK_TEXT_BYTES sizeof "2026-11-21T02:30:00Z"

int64_t clock_now_s(void);    /* seconds since 1970, for people */
int64_t clock_now_ms(void);   /* milliseconds since 1970 */
uint64_t clock_mono_ns(void); /* for measuring; never goes back */

/* "2026-11-21T02:30:00Z"; times outside the years 1 to 9999 are clamped to them. */
void clock_text(char ret[static CLOCK_TEXT_BYTES], int64_t unix_s);

/*
 * Reads RFC 3339 and its usual relatives: "2025-10-02T19:18:24.204845+00:00", a blank instead of
 * T, no zone (taken as UTC), "-0400". Returns false when text is anything else.
 */
bool clock_parse(struct str text, int64_t *ret_unix_s) MUST_USE;
