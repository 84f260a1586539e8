/* SPDX-License-Identifier: MIT */
/*
 * files - whole files in, whole directories out.
 *
 * Everything here blocks: call it from a worker thread, not from the loop.
 */
#pragma once

#include <stdint.h>
#include <sys/stat.h>

#include "lib/base/error.h"

/*
 * Reads a regular file of at most max_bytes into malloc'd memory with a NUL behind it. Opens
 * without following a link at the end of path and without waiting on a FIFO. -EFBIG: too large;
 * -EINVAL: not a regular file; -ELOOP: a link. *ret_stat may be NULL.
 */
int files_read(char **ret, size_t *ret_len, struct stat *ret_stat, const char *path,
               uint64_t max_bytes, struct error *err) MUST_USE;

/* Negative errno, or how much there was at that place: less than len only at the end. */
ssize_t files_read_at(int fd, char *to, size_t len, uint64_t at) MUST_USE;

/* Creates or truncates dir/name, writes all of it and fsyncs it. */
int files_write(const char *dir, const char *name, const void *data, size_t len,
                struct error *err) MUST_USE;

/* mkdir -p with mode 0750, or the one given, for what is missing. */
int files_make_dirs(const char *path, struct error *err) MUST_USE;
int files_make_dirs_mode(const char *path, mode_t mode, struct error *err) MUST_USE;

int files_sync_dir(const char *path, struct error *err) MUST_USE;

/* rm -r; never follows a link. Missing is fine. */
int files_remove_tree(const char *path, struct error *err) MUST_USE;
