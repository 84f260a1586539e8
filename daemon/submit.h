/* SPDX-License-Identifier: MIT */
/*
 * submit - the body of POST /v1/jobs into a job, or the reason why not.
 */
#pragma once

#include "daemon/config.h"
#include "daemon/store.h"

#define SUBMIT_PATHS_MAX 64
#define SUBMIT_TEXT_MAX  256 /* bytes of subject, machine, model, endpoint */

/*
 * Fills pipeline, subject, machine and request (the body in one canonical form: members in order,
 * paths resolved) of *ret, which the caller frees with job_done(). Resolves paths and reads the
 * pipeline: blocks, call it from a worker. On failure *ret_status is the HTTP status to answer.
 */
int submit_parse(struct job *ret, unsigned *ret_status, const struct config *config,
                 const char *body, size_t len, struct error *err) MUST_USE;
