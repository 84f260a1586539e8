/* SPDX-License-Identifier: MIT */
/* store_bench - what tests of the store share: jobs that run, and a file as an old version left it.
 */
#pragma once

#include "daemon/store.h"

/* A job of that id, claimed. */
void store_bench_begin(struct store *s, const char *id);
/* Statements on a connection of their own; the file is made where there is none. */
void store_bench_sql(const char *path, const char *text);
/* What version 4 made of an empty file, letter by letter. */
extern const char store_bench_version_4[];
