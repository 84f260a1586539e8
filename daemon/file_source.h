/* SPDX-License-Identifier: MIT */
/*
 * file_source - a file as a source, read on the thread pool.
 */
#pragma once

#include <stdbool.h>
#include <uv.h>

#include "daemon/source.h"
#include "lib/base/error.h"

struct file_about {
	int64_t bytes, modified_s, modified_ns; /* ns: of its second */
	uint64_t inode;
};

/*
 * Opens a regular file, without following a link at its end. Blocks: call it from a worker; the
 * source itself then lives on the loop. It breaks if the file gets shorter meanwhile.
 */
int file_source_open(struct source **ret, struct file_about *ret_about, uv_loop_t *loop,
                     const char *path, struct error *err) MUST_USE;
