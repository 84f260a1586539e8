/* SPDX-License-Identifier: MIT */
/*
 * ping - asks a server that has been silent for a while whether it is still there.
 *
 * Whatever HTTP it answers is a sign of life and becomes endpoint.heard; silence changes nothing.
 */
#pragma once

#include "lib/model/endpoint.h"
#include "lib/model/http.h"

struct ping;

/* Called once, from the loop, after ep->ping is NULL again. */
typedef void ping_done_fn(void *arg);

/* At most one of an endpoint: nothing while there is one. Want of memory is silence too. */
void ping_start(struct endpoint *ep, uv_loop_t *loop, struct http *http, ping_done_fn *done,
                void *arg);
void ping_cancel(struct ping *p); /* done() is still called. Idempotent; NULL is fine. */
