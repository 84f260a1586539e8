/* SPDX-License-Identifier: MIT */
/*
 * ctl_json - what the commands do with JSON again and again.
 */
#pragma once

#include <jansson.h>

#include "lib/base/util.h"

/* Of a member that is a text; "" when it is missing or of another type. Borrowed. */
const char *ctl_json_text(const json_t *object, const char *key);

/* The lines of a text that begin so, as a list of what stands behind that. */
json_t *ctl_json_lines(const char *text, const char *beginning);

/* Prints it on standard output and drops the reference. -ENOMEM, also for NULL. */
int ctl_json_print(json_t *o) MUST_USE;
