/* SPDX-License-Identifier: MIT */
/*
 * error - a failure with a sentence in it.
 *
 * Functions return 0 or a negative errno. Where a person will read the reason,
 * they also take a struct error, last. It lives on the caller's stack and owns
 * no memory, so it works when malloc() does not and can never leak.
 */
#pragma once

#include "lib/base/util.h"

struct error {
	int code;       /* negative errno, 0 while unset */
	char text[504]; /* one line, no newline; cut short rather than refused */
};

/* Sets *err and returns code, so a failing path is one statement. err may be NULL. */
int error_set(struct error *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Puts "fmt: " in front of *err, which must be set, and returns its code. */
int error_wrap(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
