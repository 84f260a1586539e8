/* SPDX-License-Identifier: MIT */
/*
 * folder - the files of a published review: each of them, or copied elsewhere.
 */
#pragma once

#include <dirent.h>

#include "lib/base/error.h"

static inline void folder_closedirp(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

/* path is below the folder. What is not 0 ends the walk, which returns it. */
typedef int folder_file_fn(void *arg, const char *path, struct error *err);

/* Calls on_file for each regular file, in no order. Links and hidden files are passed over. */
int folder_walk(const char *from, folder_file_fn *on_file, void *arg, struct error *err) MUST_USE;

/*
 * Copies the regular files below `from` into `to`, which is made if it is missing; files there
 * with the same names are replaced. Links are not followed. -EACCES: `from` cannot be read.
 */
int folder_copy(const char *from, const char *to, struct error *err) MUST_USE;
