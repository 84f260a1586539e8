/* SPDX-License-Identifier: MIT */
/*
 * job_json - a job as clients see it, and its request as the store keeps it.
 */
#pragma once

#include <jansson.h>

#include "daemon/store.h"

/* {id, pipeline, paths, subject, machine, state, step, ...}; times RFC 3339 or null. */
json_t *job_json(const struct job *j) MUST_USE; /* NULL: no memory */

bool job_ended(const struct job *j);
