/* SPDX-License-Identifier: MIT */
/*
 * events - what happened to each job, kept for a while, as server-sent events.
 *
 * One channel a job. Numbers grow within a job, also over a restart of the daemon, so that a
 * client that comes back with Last-Event-ID misses nothing that is still kept. When a channel is
 * full its oldest `call` or `progress` goes first: those only tell how far something is.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/source.h"
#include "lib/base/error.h"

#define EVENTS_KEPT_MAX  1024              /* events of one job */
#define EVENTS_BYTES_MAX ((size_t)1 << 20) /* and their text */
#define EVENTS_ENDED_MAX 64                /* jobs that have ended and can still be replayed */
#define EVENTS_LISTENERS 1024 /* at once: fewer than connections, so that somebody else gets in */

struct events;

int events_new(struct events **ret, struct error *err) MUST_USE;
void events_free(struct events *e); /* after every source of it is closed */
DEFINE_CLEANUP(struct events *, events_free)

/* data is borrowed. Wakes whoever listens. Without memory the event is lost, nothing else. */
void events_publish(struct events *e, const char *job, const char *event, const json_t *data);

/* Behind its last event: who listens is told all, then the end. */
void events_end(struct events *e, const char *job);

bool events_known(const struct events *e, const char *job);

/* Events of a known job numbered above `after`. NULL: not known, too many listen, no memory. */
struct source *events_listen(struct events *e, const char *job, uint64_t after) MUST_USE;

/* Every listener reads the end, now: for shutdown. */
void events_stop(struct events *e);
