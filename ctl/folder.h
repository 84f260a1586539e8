/* SPDX-License-Identifier: MIT */
/*
 * folder - the files of a published review, copied elsewhere.
 */
#pragma once

#include "lib/base/error.h"

/*
 * Copies the regular files below `from` into `to`, which is made if it is missing; files there
 * with the same names are replaced. Links are not followed. -EACCES: `from` cannot be read.
 */
int folder_copy(const char *from, const char *to, struct error *err) MUST_USE;
