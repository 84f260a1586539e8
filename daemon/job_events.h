/* SPDX-License-Identifier: MIT */
/*
 * job_events - the states of jobs as events of theirs.
 *
 * Events of a job are kept from its start on, or from when somebody follows it: many may wait.
 */
#pragma once

#include "daemon/events.h"
#include "daemon/store.h"

/* It is in this state now; where it has ended, so have its events. */
void job_events_state(struct events *e, const struct job *job);
/* It runs now; that it has waited is told before. */
void job_events_start(struct events *e, const struct job *job);
/* Somebody follows it, of which nothing may be kept: its state is. */
void job_events_followed(struct events *e, const struct job *job);
