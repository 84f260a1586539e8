/* SPDX-License-Identifier: MIT */
/*
 * jobs_query - what clients ask of the queue, answered from the store. Blocks: on a worker.
 */
#pragma once

#include <jansson.h>

#include "daemon/store.h"
#include "daemon/store_findings.h"

enum jobs_op {
	JOBS_ADD,      /* job: -EEXIST, -EAGAIN as store_add() */
	JOBS_GET,      /* id: -ENOENT, -ENOTUNIQ as store_get() */
	JOBS_LIST,     /* after, max */
	JOBS_CANCEL,   /* id: -EALREADY when it has ended; a running one is given as it is */
	JOBS_RETRY,    /* id: a new job with the request of an ended one; -EBUSY when it has not */
	JOBS_ACCEPT,   /* id: as store_accept() */
	JOBS_FINDINGS, /* json: as store_findings_list() */
	JOBS_COUNT,    /* json: as store_findings_count() */
	JOBS_ACK,      /* ack; json: as store_ack() */
	JOBS_PROBE,    /* that a write becomes durable; nothing is told */
};

struct jobs_query { /* borrowed until the answer has come */
	enum jobs_op op;
	const char *id; /* a prefix or "latest" will do */
	const char *after;
	size_t max;
	uint64_t skip;         /* JOBS_FINDINGS: those of the pages before */
	const struct job *job; /* pipeline, subject, machine, request and key count */
	struct ack ack;
};

struct jobs_result {
	int status; /* 0 or -errno, then error says why */
	struct error error;
	struct job *jobs;
	size_t n;
	json_t *json; /* of operations that are not about jobs */
	bool existed; /* JOBS_ADD: the key was known, with the same body */
};

void jobs_query_run(struct jobs_result *ret, struct store *s, const struct jobs_query *q,
                    uint64_t max_queued);
void jobs_result_done(struct jobs_result *r); /* frees what it holds */

/* Makes the result this one job, taken over, or the failure that status says. */
void jobs_result_give(struct jobs_result *r, int status, struct job *job);

struct jobs_counts {
	uint64_t by_state[JOB_CANCELLED + 1];
	int64_t succeeded_at; /* the last one that did, in seconds; 0: none has */
};
uint64_t jobs_counts_ended(const struct jobs_counts *c); /* well or not */
