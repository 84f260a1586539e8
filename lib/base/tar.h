/* SPDX-License-Identifier: MIT */
/*
 * tar - the POSIX.1-2001 interchange format ("pax"), written.
 *
 * What is written depends on nothing but the arguments: no owner, no clock. Names are paths below
 * the archive as bytes; one that is longer than a header holds, or has more than ASCII in it, gets
 * an extended header.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "lib/base/util.h"

#define TAR_BYTES_MAX 077777777777 /* of one file: eleven octal digits, 8 GB */

/* Headers fail as `to` does: ferror() at the end tells. */
void tar_directory(FILE *to, const char *name, int64_t mtime_s);
void tar_file(FILE *to, const char *name, uint64_t bytes, int64_t mtime_s);
/* Behind the `bytes` of a file: up to the next block. */
void tar_pad(FILE *to, uint64_t bytes);
void tar_end(FILE *to);
