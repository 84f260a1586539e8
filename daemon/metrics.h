/* SPDX-License-Identifier: MIT */
/*
 * metrics - what happened since the daemon started, as Prometheus reads it: how long things took,
 * in histograms of fixed buckets, and how often they ended in which way.
 *
 * Counts only: whoever takes part in the work tells it. On the loop's thread; no allocation.
 */
#pragma once

#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/evidence/dossier.h"
#include "lib/model/model.h"

enum metrics_time {
	METRICS_QUEUE_WAIT, /* of a job, from its submission to its start */
	METRICS_INGEST,
	METRICS_ANALYSIS,
	METRICS_REPORT,
	METRICS_REVIEW, /* the whole of it */
	METRICS_CALL,   /* of the model, from being asked for to its end */
	METRICS_CALL_QUEUE,
	METRICS_TTFT,
	METRICS_STORE, /* one piece of work of the store's thread, waiting for the disk included */
	METRICS_LOOP_LAG,
	METRICS_TIMES
};

#define METRICS_BUCKETS 16 /* the last one has no bound */

struct metrics {
	struct metrics_histogram {
		uint64_t in[METRICS_BUCKETS]; /* not cumulative */
		double sum;
	} times[METRICS_TIMES];
	uint64_t verdicts[VERDICT_NO_NEW_DATA + 1]; /* of published reviews */
	uint64_t calls[2];                          /* that failed, that succeeded */
	uint64_t prompt_tokens, output_tokens;
};

/* What is not finite or below 0 was not measured, and counts for nothing. m may be NULL. */
void metrics_observe(struct metrics *m, enum metrics_time what, double seconds);
void metrics_call(struct metrics *m, const struct model_record *record, bool succeeded);

/* "# HELP", "# TYPE" of a metric whose name goes behind "chimerad_". */
void metrics_head(struct buf *b, const char *name, const char *type, const char *help);
/* A label's value: quotes, backslashes and line ends are escaped. */
void metrics_label(struct buf *b, const char *text);
/* All of the above as text. */
void metrics_print(struct buf *b, const struct metrics *m);
