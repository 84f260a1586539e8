/* SPDX-License-Identifier: MIT */
/*
 * bench - runs functions until their time can be trusted and prints Google Benchmark's JSON, with
 * the counter peak_rss_bytes: the process's, while that repetition ran.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct bench {
	const char *name;       /* "CsvRead/rows:100000" */
	void (*run)(void *arg); /* once */
	void *arg;
	uint64_t bytes; /* that one run works through; 0: not told */
};

/* Each one `repetitions` times, for at least min_ms each. filter: part of a name, NULL for all. */
int bench_run(const struct bench *list, size_t n, const char *filter, unsigned repetitions,
              uint64_t min_ms);
