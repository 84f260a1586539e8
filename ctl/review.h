/* SPDX-License-Identifier: MIT */
/*
 * review - what the commands review and watch share: a job that has ended, told to a person.
 */
#pragma once

#include "ctl/ci.h"
#include "ctl/client.h"
#include "ctl/fail_on.h"

struct review_end {
	const char *command;           /* for messages */
	const char *out;               /* -o DIR or NULL */
	const struct fail_on *fail_on; /* NULL: not asked */
	enum ci_format format;         /* of what is printed in place of a summary */
	bool json;                     /* print the job instead of a summary */
	const char *takes_up; /* a ranking is wanted: how keys of jobs for it begin; NULL: not */
};

struct private_daemon;

/*
 * Submits a review, with a key unless that is NULL, follows it to its end and does what
 * review_finish() does; d: the private daemon behind c, or NULL. Returns a ctl_exit code.
 */
int review_submit(struct client *c, const json_t *body, const char *key, struct private_daemon *d,
                  const struct review_end *end);

/* Fetches the report, copies it, prints the summary; returns a ctl_exit code. */
int review_finish(struct client *c, const json_t *job, const struct review_end *end);
