/* SPDX-License-Identifier: MIT */
/*
 * json_results - results that are arrays, whose places say what they are of: as asv and ClickBench
 * write them.
 *
 * {"result_columns": ["result", "params", ..., "samples"], "results": {"benchmark": [[1.5, 2.5],
 * [["100", "200"]], ..., [[1.4, 1.6], [2.5]]]}}: each value is a column of the document's row,
 * called by its benchmark and parameters, "benchmark(100)"; it stands at /results/benchmark/0/0.
 * Where its samples are there, they are the column instead.
 *
 * {"system": "...", "load_time": 1.5, "result": [[0.3, 0.1, 0.1], ...]}: the tries of each query
 * are a column of the document's row, called by its place, "result 0".
 */
#pragma once

#include "agents/collector/json_cells.h"

/* 0: there are none. What becomes columns is nothing else any more. */
size_t json_results_columns(struct json_node *document);
/* Whether each list of tries is complete: one with a null in it is no sample. */
bool json_results_whole(const struct json_node *document);
/* Names and fills all but the first `from` columns of *t, in its only row. False: no memory. */
bool json_results_fill(struct table *t, size_t from, const struct json_node *document,
                       struct json_text_pool *pool) MUST_USE;
