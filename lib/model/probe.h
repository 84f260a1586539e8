/* SPDX-License-Identifier: MIT */
/*
 * probe - asks a server what it is and how many requests it serves at a time.
 *
 * GET /api/version tells Ollama, /props with total_slots llama-server, /v1/models any other that
 * is OpenAI-compatible. A server that is loading its model is asked again until first_token_ms.
 */
#pragma once

#include "lib/model/failure.h"

struct probe;

/*
 * Called once, from the loop; the probe is freed when it returns. f->class is FAILURE_NONE when
 * endpoint_learn() has been called.
 */
typedef void probe_done_fn(void *arg, struct endpoint *ep, const struct failure *f);

int probe_start(struct probe **ret, uv_loop_t *loop, struct http *http, struct endpoint *ep,
                probe_done_fn *done, void *arg, struct error *err) MUST_USE;
void probe_cancel(struct probe *p); /* done() gets -ECANCELED. Idempotent. */
