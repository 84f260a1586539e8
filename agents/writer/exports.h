/* SPDX-License-Identifier: MIT */
/*
 * exports - what was measured of agents under the names that the Chimera harness gave its files and
 * fields, for scripts that read those: summary.json, summary.md, run_N/metrics.json.
 *
 * The first two agents are its "collector" and "insight". sequential_estimated_s is no estimate
 * here but measured, as sequential_measured_s beside it says to readers that know of it, and
 * resource_contention_detected is the review's contention, not a speedup below 1.5. Prompts and answers are not in them; they are the review's own.
 */
#pragma once

#include "agents/writer/writer.h"

/* The runs that count, from 0; the n-th's number is at[n]->run. */
size_t exports_runs(const struct report_meta *meta);
unsigned exports_run(const struct report_meta *meta, size_t i);

/* meta->contest is measured. */
int exports_summary_json(struct buf *b, const struct report_meta *meta, struct error *err) MUST_USE;
void exports_summary_md(struct buf *b, const struct report_meta *meta);
int exports_metrics(struct buf *b, const struct report_meta *meta, size_t i,
                    struct error *err) MUST_USE;
