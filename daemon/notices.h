/* SPDX-License-Identifier: MIT */
/*
 * notices - tells the world outside what became of findings, by a webhook and by a command. (What
 * is told to the service manager is notify.h's.)
 *
 * The store holds what is to be told (store_notices.h); here it is delivered, one notice at a time
 * for each channel, and tried again with growing pauses for three days. No review ever waits.
 *
 *   IDLE -> ASKING -> DELIVERING -> MARKING -> ASKING ...
 *             \-> WAITING for a time, or IDLE
 */
#pragma once

#include "daemon/config.h"
#include "daemon/log.h"
#include "daemon/store_queue.h"

struct notices;

/*
 * What the configuration wants is told to the store, which nobody uses yet. config, store queue and
 * log are borrowed until stopped() was called. Without channels there is nothing to do.
 */
int notices_new(struct notices **ret, uv_loop_t *loop, const struct config *config, struct store *s,
                struct store_queue *queue, const struct log *log, struct error *err) MUST_USE;

void notices_kick(struct notices *n); /* there may be something to tell */

/*
 * What is under way is finished, nothing more begun; then stopped(), once, never from inside (NULL:
 * nobody is told). notices_hurry() gives that up: it is delivered at the next start.
 */
void notices_stop(struct notices *n, void (*stopped)(void *arg), void *arg);
void notices_hurry(struct notices *n);
void notices_free(struct notices *n); /* after stopped(), or of one that nothing was begun with */
