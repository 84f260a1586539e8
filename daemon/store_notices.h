/* SPDX-License-Identifier: MIT */
/*
 * store_notices - what is to be told to the world outside, from the transaction that ends a review
 * until it is delivered.
 *
 * A notice is the JSON text of all transitions of one review (transition.h); its id is the job's,
 * and there is one row for each channel. It is delivered after the transaction and marked after
 * that: a process that dies between delivers it again under the same id.
 */
#pragma once

#include <jansson.h>

#include "daemon/store.h"

#define NOTICES_WAITING_MAX  1000 /* of a channel; the oldest ones are given up for later ones */
#define NOTICES_FINISHED_MAX 1000 /* delivered or given up ones that are remembered */
#define NOTICE_FINDINGS_MAX  100  /* in one notice; the others are counted */

enum notice_channel { NOTICE_WEBHOOK, NOTICE_COMMAND };
#define NOTICE_CHANNELS (NOTICE_COMMAND + 1)
const char *notice_channel_name(enum notice_channel c);

struct store_notices_settings {
	bool channels[NOTICE_CHANNELS]; /* for which there are to be notices */
	bool suspected;                 /* also of what is only suspected */
};

/* Before the store is used; what waited for a time is due at once. */
int store_notices_start(struct store *s, const struct store_notices_settings *settings,
                        struct error *err) MUST_USE;

struct notice {
	int64_t row; /* 0: none */
	char *id, *body;
	int64_t made_at, tries;
};
void notice_done(struct notice *n);

/* The first that is due; none: row 0, and *ret_next_ms when one will be, 0: never. */
int store_notices_next(struct store *s, struct notice *ret, int64_t *ret_next_ms,
                       enum notice_channel channel, int64_t now_ms, struct error *err) MUST_USE;

struct notice_outcome {
	bool delivered, given_up; /* neither: to be tried again ... */
	int64_t next_ms;          /* ... then */
	const char *why;          /* of what failed */
};
int store_notices_mark(struct store *s, int64_t row, const struct notice_outcome *o, int64_t now_ms,
                       struct error *err) MUST_USE;
