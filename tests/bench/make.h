/* SPDX-License-Identifier: MIT */
/*
 * make - what tools/bench reads: files as benchmark tools write them, of any size, the same in
 * every run.
 */
#pragma once

#include <stdint.h>

#include "lib/base/error.h"

/* At least `bytes`, then the end of the row. Ten columns: six of numbers, four of short texts, of
 * which two make the 24 configurations. */
int make_csv(const char *path, uint64_t bytes, struct error *err) MUST_USE;

/* shape: google-benchmark, pytest-benchmark, hyperfine, llama-bench, k6. -EINVAL: no such. */
int make_json(const char *path, const char *shape, uint64_t bytes, struct error *err) MUST_USE;

/* Small CSV, JSON and Markdown files below `dir`, which must not be there yet. */
int make_tree(const char *dir, unsigned folders, unsigned files, struct error *err) MUST_USE;
