/* SPDX-License-Identifier: MIT */
/*
 * store_queue - the one way from the loop to the store: work in order, one item in flight, or
 * several that become durable at once.
 *
 * work() runs on a worker thread with the store to itself; after() runs on the loop once it has
 * returned, in the order of the calls. Neither ever runs from inside store_queue_run().
 */
#pragma once

#include <uv.h>

#include "daemon/store.h"

struct store_queue;

typedef void store_work_fn(struct store *s, void *arg);
typedef void store_after_fn(void *arg);

/* The store is borrowed and must outlive the queue. */
int store_queue_new(struct store_queue **ret, uv_loop_t *loop, struct store *s,
                    struct error *err) MUST_USE;
/* after may be NULL. Fails only for want of memory; then neither runs. */
int store_queue_run(struct store_queue *q, store_work_fn *work, store_after_fn *after,
                    void *arg) MUST_USE;
/*
 * The same for work that may become durable together with its neighbours (store_group_begin()).
 * Where that fails undo(arg) takes back what work() left in arg, and work() runs once more.
 */
int store_queue_join(struct store_queue *q, store_work_fn *work, void (*undo)(void *arg),
                     store_after_fn *after, void *arg) MUST_USE;
/* Called on the loop with the seconds that each piece of work took on its worker. */
void store_queue_watch(struct store_queue *q, void (*took)(void *arg, double seconds), void *arg);
/* Runs what is queued, then frees itself from the loop and calls closed (may be NULL). */
void store_queue_close(struct store_queue *q, void (*closed)(void *arg), void *arg);
