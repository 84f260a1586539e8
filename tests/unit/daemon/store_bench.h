/* SPDX-License-Identifier: MIT */
/* store_bench - what tests of the store share: jobs that run, and a file as an old version left it.
 */
#pragma once

#include "daemon/store.h"

/* A job of that id, claimed. */
void store_bench_begin(struct store *s, const char *id);
/* Statements on a connection of their own; the file is made where there is none. */
void store_bench_sql(const char *path, const char *text);

/* What each version did to a file of the one before, as those programs had it. */
#define STORE_BENCH_VERSIONS 7
extern const char *const store_bench_versions[STORE_BENCH_VERSIONS];
/* A file as that version left it, without a row. */
void store_bench_make(const char *path, size_t version);
void store_bench_mark(const char *path, size_t version); /* says only that it is of that version */
