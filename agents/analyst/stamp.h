/* SPDX-License-Identifier: MIT */
/*
 * stamp - times, commits and run numbers as they stand in names and cells.
 *
 * Only letters are looked at here; times.c decides what they are the time of. Times are seconds
 * since 1970; what tells no zone is taken as UTC.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"

/* "20251002-170837", "2025-10-02T17-08-37Z", "2025/10/02", "1759181419", seconds to nanoseconds:
 * the length of the time that s begins with; 0: none. */
size_t stamp_in_name(const char *s, int64_t *ret_s);

/* The whole text is a time: RFC 3339 and its relatives, "2024.01.01 3:00:00 +0100", "2025-10-02".
 */
bool stamp_of_text(struct str text, int64_t *ret_s);

/* Seconds, milli-, micro- or nanoseconds since 1970, between 2001 and 2100. */
bool stamp_of_number(double v, int64_t *ret_s);

/* A commit of 7 to 40 hexadecimal digits, or a UUID, at the beginning of a word: its length with
 * a "-dirty" behind it; 0: none. Digits alone, or letters alone, are commits only in full. */
size_t commit_in_name(const char *s);

/* "run_12", "night-3", "iter4": the length of what stands before the number; 0: none, also where a
 * time stands there. */
size_t run_word_in_name(const char *s);

/* "0012_" of pytest-benchmark, before a commit: the length of the number; 0: none. */
size_t counter_in_name(const char *s);

size_t digits_at(const char *s);
