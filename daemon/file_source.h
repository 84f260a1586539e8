/* SPDX-License-Identifier: MIT */
/*
 * file_source - a file as a source, read on the thread pool.
 */
#pragma once

#include <stdbool.h>
#include <uv.h>

#include "daemon/source.h"
#include "lib/base/error.h"

/*
 * Opens a regular file, without following a link at its end. Blocks: call it from a worker; the
 * source itself then lives on the loop. It breaks if the file gets shorter meanwhile.
 */
int file_source_open(struct source **ret, int64_t *ret_size, uv_loop_t *loop, const char *path,
                     struct error *err) MUST_USE;
