/* SPDX-License-Identifier: MIT */
/*
 * null_api - an interface over a queue that knows one succeeded job, "20261121-023000-4f2a9c", and
 * accepts every submission, all without a store.
 */
#pragma once

#include "daemon/api.h"

struct null_api {
	uv_loop_t *loop;
	struct config *config;
	struct events *events;
	struct api *api;
	uv_async_t soon;
	struct null_answer *answers; /* to be given from the loop */
	char root[32];               /* the one configured root, removed at the end */
	char submitted[4096];        /* the request of the last submission */
};

#define NULL_API_JOB "20261121-023000-4f2a9c"

void null_api_init(struct null_api *n, uv_loop_t *loop);
void null_api_done(struct null_api *n); /* runs the loop until nothing is left on it */
