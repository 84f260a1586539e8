/* SPDX-License-Identifier: MIT */
/*
 * api - the interface of the daemon: a method, a path, headers and a body in; a status, headers
 * and a body out. Knows no socket. docs/openapi.yaml describes what clients see.
 */
#pragma once

#include <uv.h>

#include "daemon/config.h"
#include "daemon/events.h"
#include "daemon/http.h"
#include "daemon/jobs.h"
#include "daemon/metrics.h"

struct api;
struct api_call;

struct api_env { /* borrowed */
	uv_loop_t *loop;
	struct events *events;
	const struct log *log;
	const struct config *config; /* api_set_config() replaces it */
	/* jobs_ask(), jobs_counts() and model_status(), so that this needs none of them. */
	int (*ask)(void *arg, const struct jobs_query *q, jobs_done_fn *done, void *done_arg);
	struct jobs_counts (*counts)(void *arg);
	json_t *(*endpoints)(void *arg);
	const struct metrics *metrics;
	/* preflight_start() with the daemon's own. */
	int (*check_endpoints)(void *arg, bool generate,
	                       void (*done)(void *done_arg, json_t *report), void *done_arg,
	                       struct error *err);
	void *arg;
};

int api_new(struct api **ret, const struct api_env *env, struct error *err) MUST_USE;
void api_free(struct api *a); /* when no call is in flight */

/* Calls already begun keep the configuration that they began with. */
void api_set_config(struct api *a, const struct config *config);
void api_set_ready(struct api *a, bool ready); /* for /readyz; false also refuses new jobs */
size_t api_in_flight(const struct api *a);

/* The receiver takes over what reply holds. */
typedef void api_reply_fn(void *arg, struct http_reply *reply);

/*
 * reply() is called exactly once: before this returns (then it returns NULL) or later, from the
 * loop, unless api_forget() came first. request is borrowed for the call.
 */
struct api_call *api_handle(struct api *a, const struct http_request *request, api_reply_fn *reply,
                            void *arg);
void api_forget(struct api_call *c); /* the client has gone: what was begun ends by itself */

/* A problem as a reply, for those who must refuse before there is a call. */
void api_problem(struct http_reply *ret, unsigned status, const char *detail);
