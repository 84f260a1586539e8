/* SPDX-License-Identifier: MIT */
/*
 * store_findings - what the last review of each subject found open, and what of it somebody has
 * acknowledged.
 *
 * Findings come into the store with the history of their review (store_history.h) and stand until
 * the next one of the same subject. An acknowledgement is a subject's and a key's: it holds until
 * its last day, or until a review that measured the series does not find it any more.
 */
#pragma once

#include <jansson.h>

#include "daemon/store.h"

#define STORE_FINDINGS_MAX 1000 /* in one list; acknowledgements of one subject, too */
#define ACK_REASON_MAX     1000 /* bytes */

/*
 * {findings: [{key, id, kind, severity, state, since, age_days, text, effect, subject, paths, job,
 * acknowledged}], omitted, next}, the most severe ones first, then the oldest; without the first
 * `after`, which were on the pages before: `next` of the last one, null where it was the last.
 */
int store_findings_list(struct store *s, json_t **ret, uint64_t after, struct error *err) MUST_USE;

/*
 * How many there are, by kind, state ("open" where the finding has none) and subject, for
 * /metrics: {counts: [{kind, state, subject, paths, n}], omitted}, the most first; omitted: how
 * many findings are counted in none.
 */
int store_findings_count(struct store *s, json_t **ret, struct error *err) MUST_USE;

struct ack {
	const char *finding; /* its key, or its id in the latest report: "K3" */
	const char *job;     /* of whose subject; NULL: all that have it. "latest", prefixes */
	const char *reason;  /* NULL: none given */
	const char *until;   /* "2026-12-24"; NULL: until it recovers */
};

/*
 * Durable when it returns; *ret lists the findings as above. -ENOENT: none is open with this key
 * (the nearest ones are named), or there is no such job.
 */
int store_ack(struct store *s, json_t **ret, const struct ack *ack, struct error *err) MUST_USE;
