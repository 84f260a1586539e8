/* SPDX-License-Identifier: MIT */
/*
 * scheduled - a scheduled review: /etc/chimerad/reviews/NAME, YAML bound by a table.
 *
 *   pipeline   nightly-review
 *   paths      required: absolute, resolved by the daemon each night
 *   subject, machine, model, endpoint, fresh   as for `chimeractl review`
 *   fail_on    []: kinds of findings, untestable, no_new_data
 *   at, after  what the units were made from: a calendar event, a unit
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "ctl/fail_on.h"
#include "ctl/request.h"
#include "lib/base/bind_tell.h"

struct scheduled {
	char *pipeline, *subject, *machine, *model, *endpoint, *at, *after; /* NULL: not said */
	bool fresh;
	char **paths, **fail_on;
	size_t n_paths, n_fail_on;
};

int scheduled_parse(struct scheduled **ret, const char *source, const char *text, size_t len,
                    struct error *err) MUST_USE;
/* What it says in effect: parsed, then told value by value. */
int scheduled_tell(const char *source, const char *text, size_t len, bind_told_fn *fn, void *arg,
                   struct error *err) MUST_USE;
/* That the pipeline which a good one names is there: "FILE:LINE:COLUMN: pipeline: no pipeline ..."
 */
int scheduled_check_known(const char *source, const char *text, size_t len, const char *pipelines,
                          struct error *err) MUST_USE;
int scheduled_load(struct scheduled **ret, const char *path, struct error *err) MUST_USE;
void scheduled_free(struct scheduled *s);
DEFINE_CLEANUP(struct scheduled *, scheduled_free)

/* The file's text, which scheduled_parse() takes; the caller frees it. -EINVAL: it would not. */
int scheduled_text(char **ret, const struct scheduled *s, struct error *err) MUST_USE;

/* NULL, or what is wrong with it. */
const char *scheduled_check_unit(const char *text); /* "bench.service" */
const char *scheduled_check_text(const char *text); /* no control characters, some bytes */

/* What POST /v1/jobs is sent: its texts are borrowed from s. */
struct request scheduled_request(const struct scheduled *s);

/* false: nothing is asked for. */
bool scheduled_fail_on(struct fail_on *ret, const struct scheduled *s);

#define SCHEDULED_KEY_BYTES 256

struct scheduled_due {
	const char *invocation; /* of the unit whose end started it, 32 hex digits; NULL: none */
	const char *triggered;  /* when the timer last elapsed, as systemd prints it; NULL */
	struct tm now;          /* local */
};

/* Of all keys of this review: "schedule/NAME/". */
void scheduled_key_prefix(char ret[static SCHEDULED_KEY_BYTES], const char *name);

/*
 * The Idempotency-Key of this due time: the run of the unit, else the last calendar time (by `at`,
 * else by the timer), else the date; and a digest of the body, for a review that was changed is
 * another one.
 */
int scheduled_key(char ret[static SCHEDULED_KEY_BYTES], const char *name, const struct scheduled *s,
                  const struct scheduled_due *due, const json_t *body, struct error *err) MUST_USE;
