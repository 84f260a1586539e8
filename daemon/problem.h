/* SPDX-License-Identifier: MIT */
/*
 * problem - what went wrong, as application/problem+json (RFC 9457).
 */
#pragma once

#include <jansson.h>

#include "lib/base/util.h"

#define PROBLEM_TYPE "application/problem+json"

/* The reason phrase of a status, "Error" for one that is never sent. */
const char *problem_title(unsigned status);

/* {type, title, status, detail}; detail is one line. NULL: no memory. */
json_t *problem_new(unsigned status, const char *fmt, ...) PRINTF_LIKE(2, 3) MUST_USE;
