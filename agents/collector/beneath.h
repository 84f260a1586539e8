/* SPDX-License-Identifier: MIT */
/*
 * beneath - open what lies below a root, and nothing else, whatever is swapped meanwhile.
 *
 * No symbolic link is ever followed, on no part of a path. openat2() has the kernel see to that;
 * where it is missing or forbidden, the path is walked a step at a time. Both say -ELOOP for a
 * link on the way. Descriptors are close-on-exec.
 */
#pragma once

#include <sys/stat.h>

#include "lib/base/util.h"
#include "lib/evidence/table.h"

/*
 * An O_PATH descriptor of the directory, or of the one that holds the file, that a review was
 * asked for: path is resolved, so a link in it was put there since. *ret_file is the file's name
 * within path, NULL for a directory. Returns negative errno.
 */
int beneath_open_root(const char *path, const char **ret_file) MUST_USE;

/*
 * path is relative and has no empty part, "." or ".." (-EINVAL). A FIFO does not hold us, a
 * terminal does not become ours. Returns negative errno.
 */
int beneath_open(int root, const char *path) MUST_USE;

/* The same for a name in a directory that was opened so, which takes the kernel less. */
int beneath_open_here(int dir, const char *name) MUST_USE;

/* The step-by-step way, which beneath_open() falls back on. */
int beneath_walk(int root, const char *path) MUST_USE;

/* Where a link leads. UNKNOWN: this kernel cannot tell without leaving the root. */
enum beneath_target {
	BENEATH_FILE, /* anything but a directory */
	BENEATH_DIRECTORY,
	BENEATH_NOWHERE,
	BENEATH_ITSELF,
	BENEATH_OUTSIDE,
	BENEATH_UNKNOWN
};
/* Nothing outside of the root is looked at. path is of the link; *ret_dir is an O_PATH descriptor
 * of a DIRECTORY, else -1. */
enum beneath_target beneath_follow(int root, const char *path, int *ret_dir);

struct file_stamp beneath_stamp(const struct stat *st);
