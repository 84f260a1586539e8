/* SPDX-License-Identifier: MIT */
/*
 * preflight - could each configured model server write a report now?
 *
 * It asks every server what it is and, if told to, lets each write one short answer under a schema,
 * which shows whether the server keeps to it and how fast it is. That loads the model.
 */
#pragma once

#include <jansson.h>
#include <uv.h>

#include "daemon/config.h"
#include "lib/model/model.h"

/*
 * An array with one object for each endpoint that talks to a server, as docs/openapi.yaml has it.
 * The receiver owns it.
 */
typedef void preflight_done_fn(void *arg, json_t *report);

struct preflight_env {
	uv_loop_t *loop;
	struct model *model;
	const struct config *config; /* only while it starts */
};

/* done() runs once, after a minute at the latest: from the loop, or at once when there is none. */
int preflight_start(const struct preflight_env *env, bool generate, preflight_done_fn *done,
                    void *arg, struct error *err) MUST_USE;
