/* SPDX-License-Identifier: MIT */
/*
 * review - what the commands review and watch share: a job that has ended, told to a person.
 */
#pragma once

#include "ctl/client.h"
#include "ctl/fail_on.h"

struct review_end {
	const char *command;           /* for messages */
	const char *out;               /* -o DIR or NULL */
	const struct fail_on *fail_on; /* NULL: not asked */
	bool json;                     /* print the job instead of a summary */
};

/* Fetches the report, copies it, prints the summary; returns a ctl_exit code. */
int review_finish(struct client *c, const json_t *job, const struct review_end *end);
