/* SPDX-License-Identifier: MIT */
/*
 * trends - the runs of series over reviews, with the changes of their levels.
 *
 * Reads the store's file by a connection of its own, as history_reader does; blocks: on a worker.
 */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "lib/base/error.h"

#define TRENDS_SERIES_MAX 100 /* in one answer */

struct trends_query {
	const char *metric;  /* a whole part of the series' key between slashes; NULL: any */
	const char *subject; /* as it was named; NULL: any */
	int64_t since_s;     /* runs before it are not listed; INT64_MIN: all are */
	uint64_t after;      /* so many series were on the pages before: `next` of the last one */
};

/*
 * {series: [{subject, paths, series, unit, level, points: [{time, value, n, review, fact}],
 * changes: [{time, before, after, effect_pct, p}]}], omitted, next}, what the latest reviews
 * measured first. Changes are looked for in all runs that are known, by the series alone.
 */
int trends_find(json_t **ret, const char *store_path, const struct trends_query *q,
                struct error *err) MUST_USE;
